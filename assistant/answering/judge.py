"""Step 3: is the question answerable from this evidence? A calibrated probability with its reasons.

A logistic regression over few signals: nearness in meaning, nearness in words, and how far the evidence covers the
question's specific words. A threshold on cosine alone is a trap (docs/adr/0004): refused questions score as high as
answered ones. The coefficients are fitted by `python -m eval.calibration` and lie beside this module.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources as package
from typing import Final

from assistant.answering.context import Context, Hit, Judgement, Resources
from assistant.answering.evidence import Coverage, coverage, idf_sum, passage_evidence, specific_words
from assistant.answering.names import named_places
from assistant.answering.outcomes import OUTCOME_TEXTS, Locale, Outcome
from indexer.lexical import K1, LexicalIndex

CALIBRATION_FILE: Final = "calibration.json"
EVIDENCE_PASSAGES: Final = 5
"""Passages that are judged; the statement must come from one of them."""

SIGNALS: Final = ("dense", "question", "sentence", "lexical", "coverage", "weakest", "missing")
"""In the order of the coefficients."""
SIGNALS_FOREIGN: Final = ("dense", "question", "sentence", "missing")
"""For questions in another language than the corpus, whose words cannot occur in it (names and numbers can)."""


@dataclass(frozen=True)
class Model:
    """Coefficients of one language: `p = sigmoid(intercept + Σ coefficient · signal)`."""

    signals: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float
    threshold: float
    """Below: not answered."""
    scope_threshold: float
    """Below: not even about the subject of the corpus."""


@dataclass(frozen=True)
class Calibration:
    """The fitted models and the embedding model whose cosines they know."""

    model_id: str
    models: dict[str, Model]


@cache
def load_calibration() -> Calibration:
    """Read the coefficients that are packaged with this module."""
    text = (package.files(__package__) / CALIBRATION_FILE).read_text(encoding="utf-8")
    record = json.loads(text)
    models = {
        language: Model(
            tuple(entry["signals"]),
            tuple(entry["coefficients"]),
            entry["intercept"],
            entry["threshold"],
            entry["scope_threshold"],
        )
        for language, entry in record["models"].items()
    }
    return Calibration(record["model_id"], models)


def judge(context: Context, resources: Resources) -> None:
    """Fill `judgement`; end the walk if the evidence does not answer the question."""
    values, missing = signals(context.query, context.language, context.hits, resources.generation.lexical_passages)
    model = resources.calibration.models[context.language]
    confidence = probability(model, values)
    # Near in style but without one word of the question („Wie wird das Wetter?") is not our subject either.
    # A town that it does not mention is: the question goes to an advisor then.
    strange = (
        bool(missing)
        and len(missing) == len(asked_words(context.query, context.language))
        and not named_places(context.query)
    )
    in_scope = confidence >= model.threshold or (confidence >= model.scope_threshold and not strange)
    context.judgement = Judgement(confidence, in_scope, values, missing)
    if confidence >= model.threshold:
        return
    context.outcome = Outcome.UNANSWERABLE if in_scope else Outcome.OUT_OF_SCOPE
    context.text = OUTCOME_TEXTS[context.outcome][context.language]
    context.suggestions = _suggestions(context.hits) if in_scope else []


def probability(model: Model, values: dict[str, float]) -> float:
    """Return the probability that the evidence answers, by the fitted model."""
    logit = model.intercept + sum(c * values[name] for name, c in zip(model.signals, model.coefficients, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def signals(
    query: str,
    language: Locale,
    hits: list[Hit],
    lexical: LexicalIndex,
    without: frozenset[str] = frozenset(),
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return every signal of the first passages and the words that none of them holds.

    `without` holds section questions that must not count as evidence (calibration asks them).
    """
    first = hits[:EVIDENCE_PASSAGES]
    possible = idf_sum(query, lexical.weight) * (K1 + 1)
    covered = best_coverage(query, language, first, lexical, without)
    values = {
        "dense": max(hit.dense for hit in first),
        "question": max(hit.question for hit in first),
        "sentence": max((s.cosine for hit in first for s in hit.sentences), default=0.0),
        "lexical": max(hit.lexical for hit in first) / possible if possible else 0.0,
        "coverage": covered.share,
        "weakest": covered.weakest,
        "missing": min(float(len(covered.missing)), 3.0),
    }
    return values, covered.missing


def best_coverage(
    query: str, language: Locale, hits: list[Hit], lexical: LexicalIndex, without: frozenset[str] = frozenset()
) -> Coverage:
    """Return the coverage of the question by the single passage that covers it best."""
    asked = asked_words(query, language)
    return max(
        (
            coverage(
                asked,
                passage_evidence(hit.passage.indexed_text, [q for q in hit.passage.questions if q not in without]),
                lexical.weight,
            )
            for hit in hits
        ),
        key=lambda found: (found.share, found.weakest),
    )


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


def _suggestions(hits: list[Hit], count: int = 3) -> list[str]:
    """Return questions that the corpus answers near what was asked, of different passages."""
    return [hit.passage.questions[0] for hit in hits if hit.passage.questions][:count]
