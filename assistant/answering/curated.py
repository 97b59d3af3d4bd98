"""Step 2: a reviewed answer to the same question wins.

The same question is one whose vector is near that of a reviewed question *and* whose key terms are equal: no number,
year, name or place may stand in one and not in the other. „Was bekam Plochingen 2018?" is near „Was bekam Plochingen
2017?" as vectors go. The review desk fills the index; an answer that has run out, or whose cited statements have
changed since, does not answer any more.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import AnswerStatement, Context, Judgement, Notice, Resources
from assistant.answering.evidence import specific_words
from assistant.answering.kinds import Asked, asked_kinds
from assistant.answering.names import named_places, named_years
from assistant.answering.outcomes import NOTICE_REVIEWED, Outcome
from assistant.answering.retrieve import question_vector
from assistant.answering.verify import cite, stored_statement
from indexer.analysis import fold, grams, words
from indexer.dates import german_date
from indexer.embedding import Embedder

SAME_QUESTION: Final = 0.93
"""Cosine from which two questions may be the same. No two different questions of the tune part with equal key terms
reach it; other wordings do not either, so a reviewed answer carries its variants (docs/measurements.md)."""
SAME_WORD: Final = 0.6
"""Share of 4-grams from which two words are the same, inflected or mistyped."""
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN: Final = re.compile(r"\w+")
_TELLING: Final = re.compile(
    r"(?:nicht|ohne|kein\w*|nie|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|not|no|without|two|three|four|five"
    r"|first|second|third|last|next|(?:erst|zweit|dritt|viert|funft|letzt|nachst|vorig)e[rnms]?)"
)
"""Small words that turn a question into another one: numbers, ordinals, negations."""
_ENDING: Final = re.compile(r"e[nrms]?$")
_STANDING_FOR: Final = frozenset({Asked.DATE, Asked.DURATION, Asked.PLACE, Asked.PERSON, Asked.COUNT, Asked.AMOUNT})
"""Kinds of which two questions must share one if both ask for any: „Wo findet das statt?" is not „Wann findet …?"."""


@dataclass(frozen=True)
class CuratedStatement:
    """A sentence of a reviewed answer: the statements that carry it as (passage id, number, text), or nothing.

    Without evidence it is the advisor's own word.
    """

    text: str
    evidence: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class CuratedAnswer:
    """A reviewed answer, the ways in which it is asked for, and until when it may be given."""

    id: str
    questions: tuple[str, ...]
    statements: tuple[CuratedStatement, ...]
    reviewed_on: dt.date
    valid_until: dt.date | None = None


class CuratedIndex:
    """The questions of all reviewed answers as vectors, (n, dimension)."""

    def __init__(self, answers: Sequence[CuratedAnswer], embedder: Embedder) -> None:
        """Embed the questions of `answers`."""
        self._rows = [(question, answer) for answer in answers for question in answer.questions]
        vectors = [embedder.encode_query(question) for question, _ in self._rows]
        self._vectors: NDArray[np.float32] = np.array(vectors, np.float32).reshape(-1, embedder.dimension)

    def match(self, query: str, vector: NDArray[np.float32], today: dt.date) -> CuratedAnswer | None:
        """Return the reviewed answer to the same question, or None."""
        if not self._rows:
            return None
        near = self._vectors @ vector
        for place in np.argsort(-near, kind="stable"):
            if near[place] < SAME_QUESTION:
                return None
            question, answer = self._rows[int(place)]
            if (answer.valid_until is None or answer.valid_until >= today) and same_key_terms(query, question):
                return answer
        return None


def curated(context: Context, resources: Resources) -> None:
    """End the walk with a reviewed answer to the same question, if there is one whose evidence still stands."""
    if resources.curated is None or context.chosen:
        return
    context.query_vector = question_vector(context, resources)
    vector = context.query_vector
    if context.added or context.query != context.own_query:  # the reviewed questions are embedded as they are asked
        vector = resources.embedder.encode_query(context.query)
    answer = resources.curated.match(context.query, vector, resources.today)
    if answer is None or not _stands(answer, resources):
        return
    for statement in answer.statements:
        numbers = []
        for passage_id, place, _ in statement.evidence:
            passage = resources.generation.catalogue.passages([passage_id])[passage_id]
            document = resources.generation.catalogue.document(passage.document_id)
            assert document is not None  # a passage has one
            numbers.append(len(context.citations) + 1)
            context.citations.append(cite(numbers[-1], passage, place, document, resources.today))
        context.statements.append(AnswerStatement(statement.text, tuple(numbers), verbatim=False))
    text = NOTICE_REVIEWED[context.language].format(date=german_date(answer.reviewed_on))
    context.notices.append(Notice("curated", text))
    context.judgement = Judgement(1.0, True, {"curated": 1.0}, ())
    context.curated = answer.id
    context.outcome = Outcome.ANSWERED


def _stands(answer: CuratedAnswer, resources: Resources) -> bool:
    """Tell whether every statement that the answer cites is still stored as it was when it was reviewed."""
    wanted = [evidence for statement in answer.statements for evidence in statement.evidence]
    stored = resources.generation.catalogue.passages(list({passage for passage, _, _ in wanted}))
    return all(
        passage in stored and stored_statement(stored[passage], number) == text for passage, number, text in wanted
    )


def same_key_terms(one: str, other: str) -> bool:
    """Tell whether two questions name the same numbers, years, places and names, and share their subject words."""
    if set(_NUMBER.findall(one)) != set(_NUMBER.findall(other)) or set(named_years(one)) != set(named_years(other)):
        return False
    if set(named_places(one)) != set(named_places(other)) or _telling(one) != _telling(other):
        return False
    kinds, kinds_other = asked_kinds(one) & _STANDING_FOR, asked_kinds(other) & _STANDING_FOR
    if kinds and kinds_other and not kinds & kinds_other:
        return False
    first, second = specific_words(one), specific_words(other)
    names_one, names_other = _names(one), _names(other)
    return _within(names_one, second) and _within(names_other, first)


def _telling(question: str) -> set[str]:
    """Return numbers, ordinals and negations in words (without endings), and large single letters: „Teil A"."""
    found = {_ENDING.sub("", word) for word in words(question) if _TELLING.fullmatch(word)}
    return found | {token for token in _TOKEN.findall(question) if len(token) == 1 and token.isupper()}


def _names(question: str) -> list[str]:
    """Return the folded words that are written large inside a sentence and say something of the subject."""
    tokens = _TOKEN.findall(question)
    large = {fold(token) for place, token in enumerate(tokens) if place > 0 and token[:1].isupper()}
    return [word for word in specific_words(question) if word in large]


def _within(wanted: list[str], held: list[str]) -> bool:
    """Tell whether every wanted word is among the held ones, inflected or mistyped."""
    for word in wanted:
        parts = set(grams(word))
        if not any(len(parts & set(grams(other))) >= SAME_WORD * len(parts) for other in held):
            return False
    return True
