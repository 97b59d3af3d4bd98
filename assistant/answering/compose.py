"""Step 4, extractive: choose the statements that answer, the direct fact first, every one word for word.

Scores a sentence by its cosine to the question, the question words it holds itself, an answer-type cue and its
passage's rank. On German reading comprehension these put the answer into the first three sentences in 92 of 100
questions (docs/adr/0005).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Chosen, Context, Resources
from assistant.answering.evidence import coverage
from assistant.answering.judge import EVIDENCE_PASSAGES, asked_words
from assistant.answering.names import asks_future, holds_place, named_places, named_years, range_fit
from assistant.answering.outcomes import FUTURE_DATE, OUTCOME_TEXTS, Outcome
from indexer.analysis import fold
from indexer.documents import BlockKind

COSINE: Final = 15.0
COVERAGE: Final = 1.5
CUE: Final = 0.5
PASSAGE: Final = 0.12
ROW: Final = 0.4
RANGE: Final = 1.0
ENDED: Final = 0.6
TEACHING: Final = 2.0
"""Weights of the signals; against a statement count a table row (longer to read than a sentence), what no longer
applies, and a learning goal or exercise, which states no fact: 15 scales the narrow band of e5's cosines to the
coverage's 0–1."""
_COURSE: Final = re.compile(r"\b(?:grundkurs|lerneinheit|lernziel|ubung|selbsttest|exercise|lesson)\w*")
EXPIRED_MARK: Final = "abgelaufen"
"""The validity mark of a statement that no longer applies (corpus/README.md)."""
MAX_STATEMENTS: Final = 3
MAX_WORDS: Final = 120
MARGIN: Final = 0.6
"""A further statement may score this much below the first; what is farther is about something else."""
HOME: Final = frozenset({"baden", "wurttemberg"})
"""The state that the whole corpus is about: it need not stand in every sentence."""
EQUAL: Final = 0.35
"""Statements of one passage this near in score answer equally well."""
SAME: Final = 0.955
"""Cosine from which two statements say the same."""

_CUES: Final[tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]] = (
    (
        re.compile(
            r"\b(?:wie ?viel\w*|wievil|wieviel\w*|hoch|hohe|kostet|kosten|betrag|summe|geld|how much|zuschuss|cost)\b"
        ),
        re.compile(r"\d[\d.,]*\s*(?:euro|prozent|millionen|mio|%)|\bkostenlos|\bkostenfrei", re.IGNORECASE),
    ),
    (re.compile(r"\b(?:wie ?viele?|wieviele?|anzahl|zahl|how many)\b"), re.compile(r"\d")),
    (
        re.compile(r"\b(?:wann|bis wann|seit wann|frist|datum|when|deadline|wie lange|how long)\b"),
        re.compile(r"\b(?:19|20)\d\d\b|\d+\.\s*[A-ZÄ]|\b(?:tage?n?|monate?n?|jahre?n?|wochen?|stunden?)\b"),
    ),
)


def compose(context: Context, resources: Resources) -> None:
    """Fill `chosen`; end as unanswerable if no statement holds what was asked for."""
    weight = resources.generation.lexical_passages.weight
    asked = asked_words(context.query, context.language)
    cue = _cue(context.query)
    about_course = _COURSE.search(fold(context.query)) is not None
    ranked: list[Chosen] = []
    for hit in context.hits[:EVIDENCE_PASSAGES]:
        # Title, headings and questions give a sentence its subject, so they count, but less than its own words.
        around = [" ".join((hit.passage.title, *hit.passage.heading_path))]
        for sentence in hit.sentences:
            candidate = Chosen(hit, sentence.number, 0.0)
            own = coverage(asked, [candidate.text], weight).share
            framed = coverage(asked, [candidate.text, *around], weight).share
            score = (
                COSINE * sentence.cosine
                + COVERAGE * (0.6 * own + 0.4 * framed)
                + (CUE if cue is not None and cue.search(candidate.text) else 0.0)
                + PASSAGE * hit.score
                + RANGE * range_fit(context.query, candidate.text)
                - (ROW if _is_row(candidate) else 0.0)
                - (ENDED if _has_ended(candidate) and not context.about_past else 0.0)
                - (TEACHING if hit.passage.sentences[sentence.number].teaching and not about_course else 0.0)
            )
            ranked.append(Chosen(hit, sentence.number, score))
    ranked.sort(key=lambda chosen: -chosen.score)
    # What another town got, or another country pays, is no answer.
    asked_places = [place for place in named_places(context.query) if place not in HOME]
    ranked = [chosen for chosen in ranked if all(holds_place(_framed(chosen), place) for place in asked_places)]
    if not ranked:
        context.outcome = Outcome.UNANSWERABLE
        context.text = OUTCOME_TEXTS[context.outcome][context.language]
        return
    of_year, context.missing = _of_time(ranked, context, resources.today.year)
    context.chosen = _readable(of_year)


def _cue(query: str) -> re.Pattern[str] | None:
    """Return the pattern of the kind of value that the question asks for."""
    folded = fold(query)
    return next((value for asks, value in _CUES if asks.search(folded)), None)


def _of_time(ranked: list[Chosen], context: Context, this_year: int) -> tuple[list[Chosen], list[str]]:
    """Return the statements of the asked years, and in words which time nothing is known about."""
    missing = []
    for year in named_years(context.query):
        holding = [chosen for chosen in ranked if year in _framed(chosen)]
        if holding:
            ranked = holding
        else:
            missing.append(year)
    if asks_future(context.query) and not missing:
        ahead = [c for c in ranked if any(int(year) >= this_year for year in named_years(c.text))]
        if not ahead and any(named_years(chosen.text) for chosen in ranked[:MAX_STATEMENTS]):
            missing.append(FUTURE_DATE[context.language])
        ranked = ahead or ranked
    return ranked, missing


def _framed(chosen: Chosen) -> str:
    """Return a statement with the title and headings above it, which name its subject."""
    return " ".join((chosen.text, chosen.hit.passage.title, *chosen.hit.passage.heading_path))


def _has_ended(chosen: Chosen) -> bool:
    return EXPIRED_MARK in chosen.hit.passage.sentences[chosen.number].validity


def _is_row(chosen: Chosen) -> bool:
    sentence = chosen.hit.passage.sentences[chosen.number]
    return any(b.kind is BlockKind.ROW and b.start <= sentence.start < b.end for b in chosen.hit.passage.blocks)


def _readable(ranked: list[Chosen]) -> list[Chosen]:
    """Return the first statement and what belongs to it, without repetition, at most 120 words."""
    first = ranked[0]
    taken = [first]
    length = len(first.text.split())
    for candidate in ranked[1:]:
        if len(taken) == MAX_STATEMENTS or candidate.score < first.score - MARGIN:
            break
        count = len(candidate.text.split())
        if length + count > MAX_WORDS or any(_same(candidate, chosen) for chosen in taken):
            continue
        taken.append(candidate)
        length += count
    # The direct fact leads; what comes from one passage keeps the order in which its author told it, and so does
    # the lead itself among equals: authors tell the rule before its exceptions.
    lead = [c for c in taken if c.hit.passage.id == first.hit.passage.id and c.score >= first.score - EQUAL]
    first = min(lead, key=lambda c: c.number)
    taken = [first, *(c for c in taken if c is not first)]
    rest = sorted(taken[1:], key=lambda c: (c.hit.passage.id != first.hit.passage.id, -c.hit.score, c.number))
    return [first, *rest]


def _same(one: Chosen, other: Chosen) -> bool:
    if one.text == other.text:
        return True
    numbers = [set(re.findall(r"\d+(?:[.,]\d+)*", chosen.text)) for chosen in (one, other)]
    if numbers[0] - numbers[1]:
        return False  # it brings a figure that the other does not have
    return float(_vector(one) @ _vector(other)) >= SAME


def _vector(chosen: Chosen) -> NDArray[np.float32]:
    return next(s.vector for s in chosen.hit.sentences if s.number == chosen.number)
