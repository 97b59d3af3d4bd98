"""The answer path on one page: steps over one context, each of which may end the walk with an outcome."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Final

from assistant.answering.annotate import annotate, full_text
from assistant.answering.clarify import clarify
from assistant.answering.compose import compose
from assistant.answering.context import Context, Resources
from assistant.answering.curated import curated
from assistant.answering.expand import Names
from assistant.answering.judge import judge, load_calibration
from assistant.answering.outcomes import OUTCOME_TEXTS, Locale, Outcome, Stage
from assistant.answering.parts import join, part_contexts
from assistant.answering.records import from_records
from assistant.answering.retrieve import retrieve
from assistant.answering.statements import rank
from assistant.answering.understand import understand
from assistant.answering.verify import verify
from indexer.embedding import Embedder
from indexer.generation import Generation

Step = Callable[[Context, Resources], None]

READ: Final[tuple[tuple[Stage, Step], ...]] = (
    (Stage.UNDERSTAND, understand),  # clean, language, small talk, spelling, names, follow-up, two questions in one
    (Stage.CURATED, curated),  # a reviewed answer to the same question wins
    (Stage.RETRIEVE, from_records),  # which programmes are open, how two differ: computed, not searched
)
FIND: Final[tuple[tuple[Stage, Step], ...]] = (  # for a double question once a part
    (Stage.RETRIEVE, retrieve),  # words and meaning, fused
    (Stage.RETRIEVE, clarify),  # a question without a subject is asked back
    (Stage.RANK, rank),  # every statement: how likely does it carry the answer?
    (Stage.JUDGE, judge),  # answerable from this evidence?
    (Stage.COMPOSE, compose),  # choose statements, the direct fact first
)
GIVE: Final[tuple[tuple[Stage, Step], ...]] = (
    (Stage.VERIFY, verify),  # quote equals stored text, or it does not leave
    (Stage.ANNOTATE, annotate),  # expired, unclear, old; the answer's text
)


def make_resources(generation: Generation, embedder: Embedder, today: dt.date) -> Resources:
    """Return what the steps need to answer from `generation` on the day `today`."""
    return Resources(generation, embedder, load_calibration(), today, Names(generation.catalogue.terms()))


def walk(question: str, resources: Resources, *, locale: Locale = "de", history: tuple[str, ...] = ()) -> Context:
    """Answer a question: run the steps until one sets an outcome."""
    context = Context(question, locale, history)
    for _ in steps(context, resources):
        pass
    return context


def steps(context: Context, resources: Resources) -> Iterator[Stage]:
    """Run the steps one by one, yielding each stage before it runs, for a status line."""
    yield from _run(READ, [context], context, resources)
    if context.outcome is None and context.parts:
        parts = part_contexts(context, resources)
        yield from _run(FIND, parts, context, resources)
        join(context, parts)
    if context.outcome is None and not context.chosen:
        yield from _run(FIND, [context], context, resources)
    if context.outcome is None:
        yield from _run(GIVE, [context], context, resources)
    if context.outcome is None:
        raise RuntimeError("the last step must set an outcome")
    if context.curated:
        context.text = full_text(context)
    if not context.text:
        context.text = OUTCOME_TEXTS.get(context.outcome, OUTCOME_TEXTS[Outcome.ERROR])[context.language]


def _run(
    chain: tuple[tuple[Stage, Step], ...], walking: list[Context], whole: Context, resources: Resources
) -> Iterator[Stage]:
    """Take each of `walking` through the steps of a chain until it has an outcome; times add up in `whole`."""
    for stage, step in chain:
        active = [context for context in walking if context.outcome is None]
        if not active:
            return
        yield stage
        started = time.perf_counter()
        for context in active:
            step(context, resources)
        spent = round((time.perf_counter() - started) * 1000, 2)
        whole.timings_ms[stage] = whole.timings_ms.get(stage, 0.0) + spent
