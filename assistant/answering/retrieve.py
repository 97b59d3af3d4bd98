"""Step 3: find passages by words and by meaning, and fuse what the arms found.

Four arms: BM25 over passages and over section questions, nearest vectors of passages and of section questions; the
nearest statement of a candidate re-ranks it. A fifth arm, the nearest statements of the whole corpus, added nothing to
these (docs/measurements.md). Scores are made comparable by z-score over the candidates of each arm, which needs no
knowledge of the embedding model and beat reciprocal rank fusion on every German set measured (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Context, Hit, Resources, SentenceHit
from assistant.answering.outcomes import Outcome
from indexer.analysis import terms
from indexer.vectors import Space

CANDIDATES: Final = 50
"""Depth of each arm; the z-score is taken over these."""
RERANKED: Final = 20
"""Passages that are fetched and re-ranked by their best sentence."""
KEPT: Final = 8
"""Passages that go on to judgement and composition."""


@dataclass(frozen=True)
class Weights:
    """How much each arm counts in the fused score."""

    lexical: float = 0.5
    lexical_questions: float = 0.25
    dense: float = 0.5
    dense_questions: float = 0.5
    best_statement: float = 5.0
    """Factor on the cosine of a passage's nearest statement when the first candidates are re-ranked."""


WEIGHTS: Final = Weights()


def retrieve(context: Context, resources: Resources) -> None:
    """Fill `query_vector` and `hits`, best first; end if the question holds nothing to search for."""
    if context.query_vector is None:
        context.query_vector = question_vector(context, resources)
    context.hits = search(" ".join((context.query, *context.added)), context.query_vector, resources)
    if not context.hits:
        context.outcome = Outcome.OUT_OF_SCOPE


def question_vector(context: Context, resources: Resources) -> NDArray[np.float32]:
    """Return the vector that is searched with: of the rewritten question, for a follow-up also of itself.

    The mean of both found a follow-up's passages best among nine rewrites (docs/measurements.md).
    """
    text = context.query
    if context.added:
        text = f"{text} ({', '.join(context.added)})"
    vector = resources.embedder.encode_query(text)
    if context.query == context.own_query:
        return vector
    both = vector + resources.embedder.encode_query(context.own_query)
    mean: NDArray[np.float32] = both / np.linalg.norm(both)
    return mean


def search(
    query: str,
    vector: NDArray[np.float32],
    resources: Resources,
    *,
    weights: Weights = WEIGHTS,
    without: frozenset[str] = frozenset(),
    kept: int = KEPT,
) -> list[Hit]:
    """Return the best `kept` passages for a query.

    `without` names questions (row ids) that must not help: calibration leaves out the question it asks.
    """
    generation = resources.generation
    store = generation.vectors
    query_terms = terms(query)
    count = min(CANDIDATES, generation.manifest.passages)
    questions = min(CANDIDATES + len(without), generation.manifest.questions)

    dense = {row: cosine for row, cosine, _ in store.nearest(Space.PASSAGES, vector, count)}
    by_question = _best(
        (row.rpartition("?")[0], cosine)
        for row, cosine, _ in (store.nearest(Space.QUESTIONS, vector, questions) if questions else [])
        if row not in without
    )
    lexical = dict(generation.lexical_passages.top(query_terms, count))
    lexical_questions = _best(
        (row.rpartition("?")[0], score)
        for row, score in (generation.lexical_questions.top(query_terms, questions) if questions else [])
        if row not in without
    )
    fused = fuse(
        (
            (lexical, weights.lexical),
            (lexical_questions, weights.lexical_questions),
            (dense, weights.dense),
            (by_question, weights.dense_questions),
        )
    )
    first = sorted(fused, key=lambda row: (-fused[row], row))[:RERANKED]
    # The nearest statement of each candidate re-ranks it; only what is kept is read from the catalogue.
    cosines = {row: generation.statement_vectors.group(generation.position[row]) @ vector for row in first}
    scores = {row: fused[row] + weights.best_statement * float(cosines[row].max(initial=0.0)) for row in first}
    first = sorted(first, key=lambda row: (-scores[row], row))[:kept]
    passages = generation.catalogue.passages(first)
    return [
        Hit(
            passages[row],
            scores[row],
            dense.get(row, 0.0),
            by_question.get(row, 0.0),
            lexical.get(row, 0.0),
            tuple(SentenceHit(number, float(cosine)) for number, cosine in enumerate(cosines[row])),
        )
        for row in first
    ]


def fuse(arms: Sequence[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Return the weighted sum of the arms' z-scores; what an arm did not find is as good as the last that it did."""
    fused: dict[str, float] = {}
    candidates = {row for arm, _ in arms for row in arm}
    for arm, weight in arms:
        scores = z_scores(arm)
        floor = min(scores.values(), default=0.0)
        for candidate in candidates:
            fused[candidate] = fused.get(candidate, 0.0) + weight * scores.get(candidate, floor)
    return fused


def z_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """Return the scores less their mean, in standard deviations; all 0 if they do not differ."""
    if not scores:
        return {}
    values = np.array(list(scores.values()))
    spread = float(values.std()) or 1.0
    mean = float(values.mean())
    return {key: (value - mean) / spread for key, value in scores.items()}


def _best(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the highest score of each key of (key, score) pairs."""
    best: dict[str, float] = {}
    for key, score in pairs:
        best[key] = max(score, best.get(key, score))
    return best
