"""The answer path on one page: steps over one context, each of which may end the walk with an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from assistant.answering.annotate import annotate
from assistant.answering.compose import compose
from assistant.answering.context import Context, Resources
from assistant.answering.judge import judge
from assistant.answering.outcomes import OUTCOME_TEXTS, Locale, Outcome, Stage
from assistant.answering.retrieve import retrieve
from assistant.answering.understand import understand
from assistant.answering.verify import verify

Step = Callable[[Context, Resources], None]

STEPS: Final[tuple[tuple[Stage, Step], ...]] = (
    (Stage.UNDERSTAND, understand),  # clean, language, small talk, follow-up to standalone question
    (Stage.RETRIEVE, retrieve),  # words and meaning, fused
    (Stage.JUDGE, judge),  # answerable from this evidence?
    (Stage.COMPOSE, compose),  # choose statements, the direct fact first
    (Stage.VERIFY, verify),  # quote equals stored text, or it does not leave
    (Stage.ANNOTATE, annotate),  # expired, unclear, old; the answer's text
)


def walk(question: str, resources: Resources, *, locale: Locale = "de", history: tuple[str, ...] = ()) -> Context:
    """Answer a question: run the steps until one sets an outcome."""
    context = Context(question, locale, history)
    for _ in steps(context, resources):
        pass
    return context


def steps(context: Context, resources: Resources) -> Iterator[Stage]:
    """Run the steps one by one, yielding each stage before it runs, for a status line."""
    for stage, step in STEPS:
        yield stage
        started = time.perf_counter()
        step(context, resources)
        context.timings_ms[stage] = round((time.perf_counter() - started) * 1000, 2)
        if context.outcome is not None:
            break
    if context.outcome is None:
        raise RuntimeError("the last step must set an outcome")
    if not context.text:
        context.text = OUTCOME_TEXTS.get(context.outcome, OUTCOME_TEXTS[Outcome.ERROR])[context.language]
