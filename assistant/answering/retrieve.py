"""Step 2: find passages by words and by meaning, and fuse what the arms found.

Five arms: BM25 over passages and over section questions, nearest vectors of passages, section questions and
sentences. Scores are made comparable by z-score over the candidates of each arm, which needs no knowledge of the
embedding model and beat reciprocal rank fusion on every German set measured (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

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
    lexical_questions: float = 0.15
    dense: float = 0.5
    dense_questions: float = 0.35
    dense_sentences: float = 0.4
    best_sentence: float = 10.0
    """Factor on the cosine of a passage's best sentence when the first candidates are re-ranked."""


WEIGHTS: Final = Weights()


def retrieve(context: Context, resources: Resources) -> None:
    """Fill `query_vector` and `hits`, best first; end if the question holds nothing to search for."""
    context.query_vector = resources.embedder.encode_query(context.query)
    context.hits = search(context.query, context.query_vector, resources)
    if not context.hits:
        context.outcome = Outcome.OUT_OF_SCOPE


def search(
    query: str,
    vector: np.ndarray,
    resources: Resources,
    *,
    weights: Weights = WEIGHTS,
    without: frozenset[str] = frozenset(),
) -> list[Hit]:
    """Return the best passages for a query.

    `without` names questions (row ids) that must not help: calibration leaves out the question it asks.
    """
    generation = resources.generation
    store = generation.vectors
    query_terms = terms(query)
    count = min(CANDIDATES, generation.manifest.passages)
    questions = min(CANDIDATES + len(without), generation.manifest.questions)
    sentences = min(CANDIDATES, generation.manifest.sentences)

    dense = {row: cosine for row, cosine, _ in store.nearest(Space.PASSAGES, vector, count)}
    by_question = _best(
        (metadata["passage_id"], cosine)
        for row, cosine, metadata in (store.nearest(Space.QUESTIONS, vector, questions) if questions else [])
        if row not in without
    )
    by_sentence = _best(
        (metadata["passage_id"], cosine)
        for _, cosine, metadata in (store.nearest(Space.SENTENCES, vector, sentences) if sentences else [])
    )
    lexical = dict(generation.lexical_passages.top(query_terms, count))
    lexical_questions = _best(
        (row.rpartition("?")[0], score)
        for row, score in (generation.lexical_questions.top(query_terms, questions) if questions else [])
        if row not in without
    )
    fused: dict[str, float] = {}
    arms: tuple[tuple[Mapping[str, float], float], ...] = (
        (lexical, weights.lexical),
        (lexical_questions, weights.lexical_questions),
        (dense, weights.dense),
        (by_question, weights.dense_questions),
        (by_sentence, weights.dense_sentences),
    )
    candidates = {row for arm, _ in arms for row in arm}
    for arm, weight in arms:
        scores = z_scores(arm)
        # What an arm did not find is at best as good as the last that it did.
        floor = min(scores.values(), default=0.0)
        for candidate in candidates:
            fused[candidate] = fused.get(candidate, 0.0) + weight * scores.get(candidate, floor)
    first = sorted(fused, key=lambda row: (-fused[row], row))[:RERANKED]
    passages = generation.catalogue.passages(first)
    rows = [f"{p}#{number}" for p in first for number in range(len(passages[p].sentences))]
    sentence_vectors = store.vectors(Space.SENTENCES, rows)
    hits = []
    for passage_id in first:
        passage = passages[passage_id]
        found = tuple(
            SentenceHit(number, float(stored @ vector), stored)
            for number in range(len(passage.sentences))
            if (stored := sentence_vectors.get(f"{passage_id}#{number}")) is not None
        )
        best = max((sentence.cosine for sentence in found), default=0.0)
        hits.append(
            Hit(
                passage,
                fused[passage_id] + weights.best_sentence * best,
                dense.get(passage_id, 0.0),
                by_question.get(passage_id, 0.0),
                lexical.get(passage_id, 0.0),
                found,
            )
        )
    hits.sort(key=lambda hit: (-hit.score, hit.passage.id))
    return hits[:KEPT]


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
