"""Fits the judge on the tune part of the question set: `python -m eval.calibration`.

Answerable are the questions that the corpus answers; not answerable are those near the subject that it does not cover
(label 0) and those of other subjects (label −1). The held-out part is never read here. Writes
assistant/answering/calibration.json; what it is worth is in docs/measurements.md.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any, Final

import numpy as np

from assistant.answering.context import Resources
from assistant.answering.judge import CALIBRATION_FILE, SIGNALS, SIGNALS_FOREIGN, load_calibration, signals
from assistant.answering.outcomes import Locale
from assistant.answering.retrieve import search
from assistant.answering.understand import detect_language, standalone
from assistant.clock import clock
from assistant.settings import load_settings
from eval.dataset import Expected, Question, Split, load_questions
from indexer.analysis import words
from indexer.embedding import load_embedder
from indexer.generation import Generation

FALSE_REFUSALS: Final = 0.06
"""Share of answerable questions that the threshold may refuse."""
SCOPE_REFUSALS: Final = 0.02
"""Share of in-domain questions, answerable or not, that may be called out of scope."""
FOLDS: Final = 5
SEED: Final = 20261124
ENOUGH: Final = 60
"""Questions of a language below which its model stays as it is."""

Row = tuple[Locale, dict[str, float], int]


def main() -> None:
    """Collect signals, fit one model a language by cross-validation, write coefficients and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assistant/answering") / CALIBRATION_FILE)
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, settings.models)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    resources = Resources(generation, embedder, load_calibration(), clock(settings.today)())
    questions, _ = load_questions()
    rows = [row for q in questions if q.split is Split.TUNE and (row := _row(q, resources)) is not None]
    models: dict[str, Any] = json.loads(arguments.out.read_text(encoding="utf-8"))["models"]
    for language, names in (("de", SIGNALS), ("en", SIGNALS_FOREIGN)):
        own = [row for row in rows if row[0] == language]
        if len(own) >= ENOUGH:
            models[language] = fit(own, names)
        else:
            print(f"{language}: {len(own)} questions are too few, the model stays as it is")
    arguments.out.write_text(
        json.dumps({"model_id": embedder.model_id, "models": models}, indent=1) + "\n", encoding="utf-8"
    )


def _row(question: Question, resources: Resources) -> Row | None:
    """Return the signals of a question with its label; small talk and hostile questions never reach the judge."""
    if question.expected.has_answer:
        label = 1
    elif question.expected in (Expected.UNANSWERABLE, Expected.OUT_OF_SCOPE):
        label = 0 if question.expected is Expected.UNANSWERABLE else -1
    else:
        return None
    query = standalone(question.question, tuple(question.history))
    language = detect_language(words(query), "de")
    hits = search(query, resources.embedder.encode_query(query), resources)
    if not hits:
        return None
    values, _ = signals(query, language, hits, resources.generation.lexical_passages)
    return language, values, label


def fit(rows: list[Row], names: tuple[str, ...]) -> dict[str, object]:
    """Return a fitted model as JSON; prints AUROC and the refusals at its threshold, out of sample."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random.Random(SEED).shuffle(rows)  # noqa: S311 - no secret
    x = np.array([[values[name] for name in names] for _, values, _ in rows])
    labels = np.array([label for _, _, label in rows])
    y = (labels == 1).astype(int)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    p = cross_val_predict(pipeline, x, y, cv=folds, method="predict_proba")[:, 1]
    threshold = float(np.quantile(p[y == 1], FALSE_REFUSALS))
    scope = float(np.quantile(p[labels >= 0], SCOPE_REFUSALS))
    print(
        f"{len(y)} questions, {int(y.sum())} answerable: AUROC {roc_auc_score(y, p):.3f}, threshold {threshold:.3f}: "
        f"refused answerable {np.mean(p[y == 1] < threshold):.3f}, "
        f"answered near {np.mean(p[labels == 0] >= threshold):.3f}, "
        f"answered far {np.mean(p[labels < 0] >= threshold) if (labels < 0).any() else float('nan'):.3f}; "
        f"single signals {[(n, round(roc_auc_score(y, x[:, i]), 3)) for i, n in enumerate(names)]}"
    )
    pipeline.fit(x, y)
    scaler, regression = pipeline[0], pipeline[1]
    coefficients = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - np.sum(coefficients * scaler.mean_))
    return {
        "signals": list(names),
        "coefficients": [round(float(c), 5) for c in coefficients],
        "intercept": round(intercept, 5),
        "threshold": round(threshold, 4),
        "scope_threshold": round(min(scope, threshold / 4), 4),
    }


if __name__ == "__main__":
    main()
