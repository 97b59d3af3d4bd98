"""What an answer is measured by. Every figure is deterministic: no model judges here.

A *score* belongs to one question and one system; a *summary* to a set of scores. Rates are shares from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from assistant.answering.outcomes import Outcome
from eval.dataset import Expected, Question
from indexer.analysis import fold

ACCEPTED: Final[Mapping[Expected, frozenset[str]]] = {
    Expected.ANSWERED: frozenset({Outcome.ANSWERED}),
    Expected.PARTIAL: frozenset({Outcome.PARTIAL}),
    Expected.CLARIFY: frozenset({Outcome.CLARIFY}),
    Expected.EXPIRED: frozenset({Outcome.ANSWERED, Outcome.PARTIAL}),
    Expected.UNANSWERABLE: frozenset({Outcome.UNANSWERABLE}),
    # Whoever asks about the weather is served as well by „nothing documented".
    Expected.OUT_OF_SCOPE: frozenset({Outcome.OUT_OF_SCOPE, Outcome.UNANSWERABLE}),
    Expected.SMALL_TALK: frozenset({Outcome.SMALL_TALK}),
    Expected.BLOCKED: frozenset({Outcome.BLOCKED, Outcome.OUT_OF_SCOPE, Outcome.UNANSWERABLE}),
}
ANSWERING: Final = frozenset({Outcome.ANSWERED, Outcome.PARTIAL})
BINS: Final = 10
"""Bins of the calibration error."""
DEPTHS: Final = (1, 5, 10)


@dataclass(frozen=True)
class Given:
    """What a system gave for a question, in the form that is scored; baselines fill what they have.

    `statements` are (text, texts of the passages it cites); `ranking` are passage ids, best first, by arm.
    """

    outcome: str
    text: str
    confidence: float = 1.0
    statements: tuple[tuple[str, tuple[str, ...]], ...] = ()
    quotes_verbatim: bool = True
    cited: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    rankings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """How good one answer is. `failed_at` names the step that went wrong, or nothing."""

    facts: int
    facts_found: int
    forbidden: tuple[str, ...]
    outcome_right: bool
    correct: bool
    called_expired: bool | None
    statements: int
    statements_carried: int
    statements_cited: int
    verbatim: bool
    gold_cited: bool | None
    words: int
    failed_at: str


def holds(form: str, text: str) -> bool:
    """Tell whether `text` holds a surface form: folded, and a number never inside a longer one."""
    wanted, within = fold(form), fold(text)
    left = r"(?<![\d])(?<!\d[.,])" if wanted[:1].isdigit() else ""
    right = r"(?!\d|[.,]\d)" if wanted[-1:].isdigit() else ""
    return re.search(left + re.escape(wanted) + right, within) is not None


def score(question: Question, given: Given) -> Score:
    """Hold one answer against what the question requires."""
    answering = given.outcome in ANSWERING
    found = sum(any(holds(form, given.text) for form in forms) for forms in question.facts) if answering else 0
    forbidden = tuple(form for form in question.forbidden if answering and holds(form, given.text))
    expired = None
    if question.expected is Expected.EXPIRED:
        expired = answering and any(kind == "expired" for kind, _ in given.notices)
    right = given.outcome in ACCEPTED[question.expected] and expired is not False
    carried = sum(any(text in passage for passage in passages) for text, passages in given.statements)
    gold = None
    if question.passages and answering:
        gold = any(passage in question.passages for passage in given.cited)
    correct = right and found == len(question.facts) and not forbidden
    return Score(
        facts=len(question.facts),
        facts_found=found,
        forbidden=forbidden,
        outcome_right=right,
        correct=correct,
        called_expired=expired,
        statements=len(given.statements),
        statements_carried=carried,
        statements_cited=sum(bool(passages) for _, passages in given.statements),
        verbatim=given.quotes_verbatim,
        gold_cited=gold,
        words=len(given.text.split()),
        failed_at="" if correct else _failed_at(question, given, found, expired),
    )


def _failed_at(question: Question, given: Given, found: int, expired: bool | None) -> str:
    """Return the step that a wrong answer must be blamed on, from the first that lost it."""
    if given.outcome in (Outcome.SMALL_TALK, Outcome.BLOCKED) or question.expected is Expected.SMALL_TALK:
        return "understand"
    answering = given.outcome in ANSWERING
    if not question.expected.has_answer:
        return "judge"
    ranking = given.rankings.get("path", ())
    if not any(passage in question.passages for passage in ranking):
        return "retrieve"
    if "verifier_dropped" in given.flags:
        return "verify"
    if not answering:
        return "judge"
    if found < len(question.facts):
        return "compose"
    return "annotate" if expired is False else "judge"


def summarise(rows: Iterable[tuple[Question, Given, Score]]) -> dict[str, float]:
    """Return the figures of a set of answers; a figure without any question is left out."""
    rows = list(rows)
    figures: dict[str, float] = {"questions": len(rows)}

    def put(name: str, values: Sequence[float | bool]) -> None:
        if len(values):
            figures[name] = float(np.mean([float(value) for value in values]))

    answerable = [row for row in rows if row[0].expected.has_answer]
    refusable = [row for row in rows if row[0].expected in (Expected.UNANSWERABLE, Expected.OUT_OF_SCOPE)]
    put("fully_correct", [s.correct for _, _, s in rows])
    put("outcome_right", [s.outcome_right for _, _, s in rows])
    facts = sum(s.facts for _, _, s in answerable)
    if facts:
        figures["fact_recall"] = sum(s.facts_found for _, _, s in answerable) / facts
    put("forbidden", [bool(s.forbidden) for q, _, s in rows if q.forbidden])
    put("false_answers", [g.outcome in ANSWERING for _, g, _ in refusable])
    put("false_refusals", [g.outcome not in ANSWERING for _, g, _ in answerable])
    put("called_expired", [s.called_expired for _, _, s in rows if s.called_expired is not None])
    statements = sum(s.statements for _, _, s in rows)
    if statements:
        figures["citation_precision"] = sum(s.statements_carried for _, _, s in rows) / statements
        figures["citation_recall"] = sum(s.statements_cited for _, _, s in rows) / statements
    put("quote_fidelity", [s.verbatim for _, _, s in rows if s.statements])
    put("gold_cited", [s.gold_cited for _, _, s in answerable if s.gold_cited is not None])
    put("words", [s.words for _, g, s in rows if g.outcome in ANSWERING])
    labels = [1] * len(answerable) + [0] * len(refusable)
    confidences = [g.confidence for _, g, _ in (*answerable, *refusable)]
    if answerable and refusable and len(set(confidences)) > 1:
        figures["auroc"] = auroc(labels, confidences)
        figures["calibration_error"] = calibration_error(labels, confidences)
    return figures


def auroc(labels: Sequence[int], confidences: Sequence[float]) -> float:
    """Return the probability that an answerable question has the higher confidence (scikit-learn)."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, confidences))


def calibration_error(labels: Sequence[int], confidences: Sequence[float]) -> float:
    """Return the expected calibration error over ten bins of equal width (Guo et al. 2017)."""
    truth, stated = np.array(labels, float), np.array(confidences, float)
    bins = np.minimum((stated * BINS).astype(int), BINS - 1)
    error = 0.0
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            error += float(inside.mean()) * abs(float(truth[inside].mean()) - float(stated[inside].mean()))
    return error


def retrieval(rows: Iterable[tuple[Question, Given]]) -> dict[str, dict[str, float]]:
    """Return recall@1/5/10, MRR@10 and nDCG@10 of every arm over the answerable questions (ir-measures)."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    kept = [(question, given) for question, given in rows if question.expected.has_answer]
    qrels = [
        ir_measures.Qrel(question.id, passage, 1)
        for question, _ in kept
        for passage in dict.fromkeys(question.passages)
    ]
    arms = dict.fromkeys(arm for _, given in kept for arm in given.rankings)
    # recall@k counts a question as found if any of its passages is: „Success" would need a second name for it.
    measures: list[Any] = [R @ depth for depth in DEPTHS] + [RR @ 10, nDCG @ 10]
    table: dict[str, dict[str, float]] = {}
    for arm in arms:
        run = [
            ir_measures.ScoredDoc(question.id, passage, float(-rank))
            for question, given in kept
            for rank, passage in enumerate(given.rankings.get(arm, ()))
        ]
        if not qrels or not run:
            continue
        table[arm] = {
            str(measure): value for measure, value in ir_measures.calc_aggregate(measures, qrels, run).items()
        }
        hits = [
            [any(p in question.passages for p in list(given.rankings.get(arm, ()))[:depth]) for depth in DEPTHS]
            for question, given in kept
        ]
        table[arm] |= {f"found@{depth}": float(np.mean([row[i] for row in hits])) for i, depth in enumerate(DEPTHS)}
    return table


def shares(values: Sequence[float], points: Sequence[float] = (50, 95)) -> dict[str, float]:
    """Return percentiles of `values` as {"p50": …, "p95": …}."""
    if not len(values):
        return {}
    return {f"p{point:g}": float(np.percentile(values, point)) for point in points}
