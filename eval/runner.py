"""Asks every question of the set along the real answer path, and the baselines in the same run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from assistant.answering.context import Context, Resources
from assistant.answering.path import walk
from eval.dataset import Question, Split
from eval.metrics import Given, Score, retrieval, score, shares, summarise
from indexer.analysis import terms
from indexer.vectors import Space

DEPTH: Final = 10
"""Length of a ranking."""
EMBEDDINGS: Final = 40
"""Query embeddings that are timed for the unit in which latencies are given."""

Walk = Callable[[Question], Context]
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Row:
    """One question with what a system gave for it and how good that is."""

    question: Question
    given: Given
    score: Score


def ask(question: Question, resources: Resources) -> Context:
    """Walk the answer path as a front end would, in the question's own words."""
    return walk(question.question, resources, history=tuple(question.history))


def run(
    questions: Sequence[Question], resources: Resources, *, answer: Walk | None = None, tick: Tick | None = None
) -> list[Row]:
    """Answer and score every question; `answer` replaces the path (tests break it on purpose)."""
    rows = []
    for number, question in enumerate(questions, start=1):
        context = answer(question) if answer else ask(question, resources)
        given = take(context, resources)
        rows.append(Row(question, given, score(question, given)))
        if tick is not None:
            tick(number, len(questions))
    return rows


def take(context: Context, resources: Resources) -> Given:
    """Return what is scored of a walked context; passages are read again from the catalogue."""
    cited = {citation.id: citation for citation in context.citations}
    stored = resources.generation.catalogue.passages([c.passage_id for c in context.citations])
    texts = {name: passage.text for name, passage in stored.items()}
    statements = tuple(
        (
            statement.text,
            tuple(
                texts[cited[number].passage_id]
                for number in statement.citations
                if number in cited and cited[number].passage_id in texts
            ),
        )
        for statement in context.statements
    )
    verbatim = all(
        citation.passage_id in stored and citation.quote in stored[citation.passage_id].sentence_texts()
        for citation in context.citations
    ) and all(
        any(statement.text == cited[number].quote for number in statement.citations if number in cited)
        for statement in context.statements
    )
    return Given(
        outcome=str(context.outcome),
        text=context.text,
        confidence=context.judgement.confidence if context.judgement else 0.0,
        statements=statements,
        quotes_verbatim=verbatim,
        cited=tuple(citation.passage_id for citation in context.citations),
        notices=tuple((notice.kind, notice.text) for notice in context.notices),
        rankings=_rankings(context, resources),
        timings_ms=dict(context.timings_ms),
        flags=tuple(context.flags),
    )


def _rankings(context: Context, resources: Resources) -> dict[str, list[str]]:
    """Return what each arm alone would put first, and the order in which the path used them."""
    if not context.query:
        return {}
    generation = resources.generation
    query = terms(context.query)
    # A double question is searched in two parts; its arms are measured with the whole.
    vector = (
        context.query_vector if context.query_vector is not None else resources.embedder.encode_query(context.query)
    )
    nearest = generation.vectors.nearest
    arms = {
        "lexical": [name for name, _ in generation.lexical_passages.top(query, DEPTH)],
        "dense": [name for name, _, _ in nearest(Space.PASSAGES, vector, DEPTH)],
        "sentences": _passages(nearest(Space.SENTENCES, vector, DEPTH * 4)),
        "path": [hit.passage.id for hit in context.hits],
    }
    if generation.manifest.questions:
        arms["questions"] = _passages(nearest(Space.QUESTIONS, vector, DEPTH * 4))
    return arms


def _passages(rows: Iterable[tuple[str, float, Any]]) -> list[str]:
    """Return the passages of sentence or question rows, each once, best first."""
    return list(dict.fromkeys(metadata["passage_id"] for _, _, metadata in rows))[:DEPTH]


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return every figure of a run: by split, kind and topic, retrieval by arm, latencies."""
    return {
        "all": _summary(rows),
        "split": {split.value: _summary([r for r in rows if r.question.split is split]) for split in Split},
        "kind": {kind: _summary(part) for kind, part in _by(rows, lambda row: row.question.kind.value)},
        "topic": {topic: _summary(part) for topic, part in _by(rows, lambda row: row.question.topic)},
        "retrieval": {
            split.value: retrieval((r.question, r.given) for r in rows if r.question.split is split) for split in Split
        },
        "latency_ms": {
            stage: shares([row.given.timings_ms[stage] for row in rows if stage in row.given.timings_ms])
            for stage in dict.fromkeys(stage for row in rows for stage in row.given.timings_ms)
        },
    }


def _summary(rows: Sequence[Row]) -> dict[str, float]:
    return summarise((row.question, row.given, row.score) for row in rows)


def _by(rows: Sequence[Row], key: Callable[[Row], str]) -> Iterator[tuple[str, list[Row]]]:
    for name in sorted({key(row) for row in rows}):
        yield name, [row for row in rows if key(row) == name]


def embedding_ms(questions: Sequence[Question], resources: Resources) -> float:
    """Return the median time of one query embedding: the unit of every latency, since machines differ."""
    import time

    import numpy as np

    spent = []
    for question in questions[:EMBEDDINGS]:
        started = time.perf_counter()
        resources.embedder.encode_query(question.question)
        spent.append((time.perf_counter() - started) * 1000)
    return float(np.median(spent))


def record(
    rows: Sequence[Row], systems: Mapping[str, Sequence[Row]], resources: Resources, unit_ms: float
) -> dict[str, Any]:
    """Return a run as JSON: figures of the path and of each baseline, and every answer of the path."""
    manifest = resources.generation.manifest
    return {
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "today": resources.today.isoformat(),
        "generation": manifest.generation,
        "model": manifest.model_id,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "embedding_ms": round(unit_ms, 3),
        "lotse": figures(rows),
        "baselines": {name: figures(part) for name, part in systems.items()},
        "answers": [_answer(row) for row in rows],
    }


def _answer(row: Row) -> dict[str, Any]:
    return {
        "id": row.question.id,
        "topic": row.question.topic,
        "split": row.question.split.value,
        "kind": row.question.kind.value,
        "expected": row.question.expected.value,
        "question": row.question.question,
        "history": row.question.history,
        "facts": row.question.facts,
        "gold": row.question.passages,
        "outcome": row.given.outcome,
        "confidence": round(row.given.confidence, 4),
        "text": row.given.text,
        "cited": list(row.given.cited),
        "ranking": list(row.given.rankings.get("path", ())),
        "score": asdict(row.score),
    }
