"""How far texts hold the words of a question: the signals that keep an answer from missing its subject.

A word counts as held as far as one word of the text holds its 4-grams: a typo costs a part of it, grams strewn over
many words are no evidence. Everyday words are held by their official names too (:mod:`assistant.answering.expand`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Hit
from assistant.answering.names import is_generic
from assistant.answering.outcomes import Locale
from indexer.analysis import grams, terms, words
from indexer.generation import Generation
from indexer.lexical import LexicalIndex

COVERED: Final = 0.5
"""Share of a word's 4-grams, weighted by idf, from which the word counts as present: a typo costs up to half."""
NOISE: Final = 0.45
"""A smaller share is chance: „ung_" stands in half of all words."""
MIN_LENGTH: Final = 2
EARLIER: Final = 0.5
"""Weight of a word that comes from the question before, against 1 for those of the follow-up."""


@dataclass(frozen=True)
class Cover:
    """Shares of the question's weight: held by the statement itself, with its headings, with the section's
    questions."""

    own: float
    framed: float
    asked: float


@dataclass(frozen=True)
class PassageCover:
    """Per asked word, what a passage holds (W,) and what it holds with its section questions (W,)."""

    held: NDArray[np.float32]
    asked: NDArray[np.float32]


class Evidence:
    """The words of one question held against the vocabulary once, then against any statement by lookup."""

    def __init__(
        self,
        asked: Sequence[str],
        generation: Generation,
        *,
        earlier: frozenset[str] = frozenset(),
        names: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Compare the folded words `asked` with the vocabulary of `generation`.

        `earlier` are those that come from the question before, `names` other names of a word (folded, one phrase
        each).
        """
        self.asked = tuple(asked)
        self._vocabulary = generation.vocabulary
        self._without: frozenset[str] = frozenset()
        weight = generation.lexical_passages.weight
        shares, weights = [], []
        for word in self.asked:
            share, full = self._share(word, weight)
            for name in (names or {}).get(word, ()):
                # The name is held by a text that holds its rarest word.
                parts = [self._share(part, weight) for part in specific_words(name)]
                if parts:
                    share = np.maximum(share, max(parts, key=lambda part: part[1])[0])
            shares.append(share)
            weights.append(full * (EARLIER if word in earlier else 1.0))
        size = len(self._vocabulary.words)
        self._shares = np.array(shares, np.float32).reshape(len(self.asked), size)
        self._shares[self._shares < NOISE] = 0.0
        self.weights = np.array(weights, float)
        self._total = float(self.weights.sum()) or 1.0
        self._passages: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def leaving_out(self, rows: frozenset[str]) -> Evidence:
        """Return the same evidence for which the section questions `rows` do not count."""
        other = copy.copy(self)
        other._without, other._passages = rows, {}
        return other

    def _share(self, word: str, weight: Callable[[str], float]) -> tuple[NDArray[np.float32], float]:
        wanted = grams(word)
        weights = [weight(gram) for gram in wanted]
        return self._vocabulary.shares(wanted, weights), sum(weights) / len(wanted)

    def row(self, name: str) -> NDArray[np.float32]:
        """Return for each asked word how far a row of the vocabulary holds it, (W,)."""
        numbers = self._vocabulary.row(name)
        if not len(numbers) or not len(self.asked):
            return np.zeros(len(self.asked), np.float32)
        held: NDArray[np.float32] = self._shares[:, numbers].max(axis=1)
        return held

    def share(self, held: NDArray[np.float32]) -> float:
        """Return the share of the question's weight in what is held per word."""
        return float((held * self.weights).sum()) / self._total

    def _frame(self, passage_id: str, questions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if passage_id not in self._passages:
            asked = np.zeros(len(self.asked), np.float32)
            for number in range(questions):
                if f"{passage_id}?{number}" not in self._without:
                    asked = np.maximum(asked, self.row(f"{passage_id}?{number}"))
            self._passages[passage_id] = (self.row(passage_id), asked)
        return self._passages[passage_id]

    def prepare(self, hits: Sequence[Hit]) -> None:
        """Look up headings and section questions of the passages that will be asked about."""
        for hit in hits:
            self._frame(hit.passage.id, len(hit.passage.questions))

    def statement(self, passage_id: str, number: int) -> Cover:
        """Return how far a statement of a prepared passage covers the question."""
        own = self.row(f"{passage_id}#{number}")
        frame, asked = self._passages[passage_id]
        framed = np.maximum(own, frame)
        return Cover(self.share(own), self.share(framed), self.share(np.maximum(framed, asked)))

    def passage(self, hit: Hit) -> PassageCover:
        """Return what a whole passage holds."""
        frame, asked = self._frame(hit.passage.id, len(hit.passage.questions))
        held = frame
        for number in range(len(hit.passage.sentences)):
            held = np.maximum(held, self.row(f"{hit.passage.id}#{number}"))
        return PassageCover(held, np.maximum(held, asked))

    def known(self) -> NDArray[np.float32]:
        """Return how far any word of the corpus holds each asked word, (W,)."""
        if not len(self.asked) or not self._shares.shape[1]:
            return np.zeros(len(self.asked), np.float32)
        known: NDArray[np.float32] = self._shares.max(axis=1)
        return known

    def holds_numbers(self, passage_id: str, number: int, numbers: set[str]) -> bool:
        """Tell whether a statement holds all of the asked numbers as they are."""
        own = self.row(f"{passage_id}#{number}")
        return all(own[place] >= 1 for place, word in enumerate(self.asked) if word in numbers)


def specific_words(text: str) -> list[str]:
    """Return the words of a question that name its subject: no stop words, no generic question words."""
    found = [w for w in words(text) if len(w) >= MIN_LENGTH and not is_generic(w)]
    return list(dict.fromkeys(found))


def asked_words(query: str, language: Locale) -> list[str]:
    """Return the words of the question that evidence must hold; of a foreign one, names and numbers only."""
    if language == "de":
        return specific_words(query)
    # English writes only names large; the first word of a sentence tells nothing.
    named = [
        token
        for number, token in enumerate(query.replace("?", " ").split())
        if token[:1].isdigit() or (number > 0 and token[:1].isupper())
    ]
    return specific_words(" ".join(named))


def lexical_ceiling(text: str, lexical: LexicalIndex) -> float:
    """Return the sum of idf over the terms of a text: its highest BM25 score up to the factor k1 + 1."""
    return sum(lexical.weight(term) for term in terms(text))
