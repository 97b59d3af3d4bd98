"""Step 6, extractive: take the statements that answer, the direct fact first, every one word for word."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Chosen, Context, Resources
from assistant.answering.kinds import Asked
from assistant.answering.names import asks_future, holds_place, named_places, named_years
from assistant.answering.outcomes import FUTURE_DATE, OUTCOME_TEXTS, Outcome
from assistant.answering.statements import HOME
from indexer.analysis import fold

MAX_WORDS: Final = 120
MAX_STATEMENTS: Final = 8
MARGIN: Final = 4.5
"""A further statement may score this much below the first; what is farther is about something else."""
EQUAL: Final = 0.5
"""Statements of one passage this near in score answer equally well."""
SAME: Final = 0.9
"""Cosine from which two statements say the same."""
_LEANS: Final = re.compile(
    r"^(?:dies|diese[rsnm]?|das|dabei|davon|dafur|dazu|danach|daher|deshalb|sie|er|es|hierfur|hierzu|beide|zudem|ausserdem)\b"
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


def compose(context: Context, resources: Resources) -> None:
    """Fill `chosen`; end as unanswerable if no statement is about what was asked."""
    # What another town got, or another country pays, is no answer.
    places = [place for place in named_places(context.query) if place not in HOME]
    # Of a comparison each side is an answer.
    needed = any if Asked.COMPARISON in context.kinds and len(places) > 1 else all
    ranked = [c for c in context.ranked if needed(holds_place(framed(c), place) for place in places)]
    # A heading may name several towns; where sentences name the asked one, the others speak of its neighbours.
    ranked = [c for c in ranked if needed(holds_place(c.text, place) for place in places)] or ranked
    if not ranked:
        context.outcome = Outcome.UNANSWERABLE
        context.text = OUTCOME_TEXTS[context.outcome][context.language]
        return
    of_time, context.missing = _of_time(ranked, context, resources.today.year)
    context.chosen = readable(of_time, resources, MAX_WORDS // 2 if context.is_part else MAX_WORDS)


def _of_time(ranked: list[Chosen], context: Context, this_year: int) -> tuple[list[Chosen], list[str]]:
    """Return the statements about the asked time, and in words which future nothing is known about."""
    if not asks_future(context.query):
        return ranked, []
    ahead = [c for c in ranked if any(int(year) >= this_year for year in named_years(c.text))]
    if not ahead and any(named_years(chosen.text) for chosen in ranked[:3]):
        return ranked, [FUTURE_DATE[context.language]]
    return ahead or ranked, []


def framed(chosen: Chosen) -> str:
    """Return a statement with the title and headings above it, which name its subject."""
    return " ".join((chosen.text, chosen.hit.passage.title, *chosen.hit.passage.heading_path))


def readable(ranked: list[Chosen], resources: Resources, max_words: int) -> list[Chosen]:
    """Return the first statement and what belongs to it, without repetition, at most `max_words` words."""
    first = ranked[0]
    taken = [first]
    length = len(first.text.split())
    for candidate in ranked[1:]:
        if len(taken) >= MAX_STATEMENTS or candidate.score < first.score - MARGIN:
            break
        count = len(candidate.text.split())
        if length + count > max_words or any(_same(candidate, chosen, resources) for chosen in taken):
            continue
        taken.append(candidate)
        length += count
    taken += _needed(taken, ranked)
    return in_order(taken)


def in_order(taken: list[Chosen]) -> list[Chosen]:
    """Return the statements in reading order: the direct fact leads, its passage follows, then the others.

    What comes from one passage keeps the order in which its author told it, and so does the lead among equals: authors
    tell the rule before its exceptions.
    """
    best = max(taken, key=lambda chosen: chosen.score)
    lead = [c for c in taken if c.hit.passage.id == best.hit.passage.id and c.score >= best.score - EQUAL]
    first = min(lead, key=lambda chosen: chosen.number)
    by_passage: dict[str, float] = {}
    for chosen in taken:
        by_passage[chosen.hit.passage.id] = max(chosen.score, by_passage.get(chosen.hit.passage.id, chosen.score))
    rest = sorted(
        (c for c in taken if c is not first),
        key=lambda c: (c.hit.passage.id != first.hit.passage.id, -by_passage[c.hit.passage.id], c.number),
    )
    return [first, *rest]


def _needed(taken: list[Chosen], ranked: list[Chosen]) -> list[Chosen]:
    """Return the statements before those that begin by pointing back („Dabei …"), where they are not taken yet."""
    have = {(c.hit.passage.id, c.number) for c in taken}
    missing = {
        (c.hit.passage.id, c.number - 1)
        for c in taken
        if c.number and _LEANS.search(fold(c.text)) and (c.hit.passage.id, c.number - 1) not in have
    }
    return [c for c in ranked if (c.hit.passage.id, c.number) in missing]


def _same(one: Chosen, other: Chosen, resources: Resources) -> bool:
    if one.text == other.text:
        return True
    if set(_NUMBER.findall(one.text)) - set(_NUMBER.findall(other.text)):
        return False  # it brings a figure that the other does not have
    return float(_vector(one, resources) @ _vector(other, resources)) >= SAME


def _vector(chosen: Chosen, resources: Resources) -> NDArray[np.float32]:
    generation = resources.generation
    vector: NDArray[np.float32] = generation.statement_vectors.group(generation.position[chosen.hit.passage.id])[
        chosen.number
    ]
    return vector
