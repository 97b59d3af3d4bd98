"""How far a text covers the words of a question: the signal that keeps an answer from missing its subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from assistant.answering.names import is_generic
from indexer.analysis import grams, terms, words

COVERED: Final = 0.5
"""Share of a word's 4-grams, weighted by idf, from which the word counts as present: a typo costs up to half."""
MIN_LENGTH: Final = 2


@dataclass(frozen=True)
class Coverage:
    """`share` of the question's weight that the evidence holds, `weakest` word's share, words that are `missing`."""

    share: float
    weakest: float
    missing: tuple[str, ...]


def specific_words(text: str) -> list[str]:
    """Return the words of a question that name its subject: no stop words, no generic question words."""
    found = [w for w in words(text) if len(w) >= MIN_LENGTH and not is_generic(w)]
    return list(dict.fromkeys(found))


def coverage(asked: Iterable[str], evidence: Iterable[str], weight: Callable[[str], float]) -> Coverage:
    """Compare the folded words `asked` with the texts `evidence`; `weight` is the idf of a 4-gram.

    A word is covered as far as one single word of the evidence holds its 4-grams: grams strewn over many words are
    no evidence. Numbers must occur as they are.
    """
    vocabulary = {word for text in evidence for word in words(text)}
    held = [(word, frozenset(grams(word))) for word in vocabulary]
    total = covered = 0.0
    weakest = 1.0
    missing: list[str] = []
    for word in asked:
        wanted = grams(word)
        weights = [weight(gram) for gram in wanted]
        full = sum(weights)
        best = max(
            (sum(w for gram, w in zip(wanted, weights, strict=True) if gram in have) for _, have in held),
            default=0.0,
        )
        share = best / full if full else 0.0
        total += full / len(wanted)
        covered += share * full / len(wanted)
        weakest = min(weakest, share)
        if share < COVERED:
            missing.append(word)
    return Coverage(covered / total if total else 1.0, weakest, tuple(missing))


def passage_evidence(indexed_text: str, questions: Iterable[str]) -> list[str]:
    """Return the texts that count as evidence of a passage: title, headings, body, the questions it answers."""
    return [indexed_text, *questions]


def idf_sum(text: str, weight: Callable[[str], float]) -> float:
    """Return the highest BM25 score that a text could reach for a query, up to the factor k1 + 1."""
    return sum(weight(term) for term in terms(text))
