"""Fits the judge: `python -m eval.calibration --near FILE [--far FILE]` writes assistant/answering/calibration.json.

Answerable are the corpus's own section questions, each asked while it is taken out of the index and of the evidence.
Not answerable are questions of the same world that the corpus does not cover (`--near`: JSON lines with a field
`frage`) and questions of any other world (`--far`). The set that `lotse eval` will bring replaces both; until then
this is a first calibration, and its numbers are in docs/measurements.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from pathlib import Path
from typing import Final

import numpy as np

from assistant.answering.context import Resources
from assistant.answering.judge import CALIBRATION_FILE, SIGNALS, SIGNALS_FOREIGN, Calibration, signals
from assistant.answering.outcomes import Locale
from assistant.answering.retrieve import search
from assistant.answering.understand import detect_language
from assistant.settings import load_settings
from indexer.analysis import words
from indexer.embedding import load_embedder
from indexer.generation import Generation

FALSE_REFUSALS: Final = 0.06
"""Share of answerable questions that the threshold may refuse."""
SCOPE_REFUSALS: Final = 0.02
"""Share of in-domain questions, answerable or not, that may be called out of scope."""
FOLDS: Final = 5
SEED: Final = 20261124

Row = tuple[Locale, dict[str, float], int]


def main() -> None:
    """Collect signals, fit one model a language by cross-validation, write coefficients and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--near", type=Path, required=True, help="JSON lines: near the subject, not in the corpus")
    parser.add_argument("--far", type=Path, help="JSON lines: another subject")
    parser.add_argument("--out", type=Path, default=Path("assistant/answering") / CALIBRATION_FILE)
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, settings.models)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    resources = Resources(generation, embedder, Calibration("", {}), dt.date.today())
    rows = answerable(resources)
    rows += unanswerable(resources, arguments.near, 0)
    if arguments.far is not None:
        rows += unanswerable(resources, arguments.far, -1)
    models: dict[str, dict[str, object]] = {}
    for language, names in (("de", SIGNALS), ("en", SIGNALS_FOREIGN)):
        models[language] = fit([row for row in rows if row[0] == language], names)
    arguments.out.write_text(
        json.dumps({"model_id": embedder.model_id, "models": models}, indent=1) + "\n", encoding="utf-8"
    )


def answerable(resources: Resources) -> list[Row]:
    """Return the signals of every section question, asked without its own help."""
    rows: list[Row] = []
    for passage in resources.generation.catalogue.all_passages():
        for number, question in enumerate(passage.questions):
            rows.append(_row(question, resources, frozenset([f"{passage.id}?{number}"]), frozenset([question]), 1))
    return rows


def unanswerable(resources: Resources, file: Path, label: int) -> list[Row]:
    """Return the signals of the questions in `file`."""
    questions = [json.loads(line)["frage"] for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [_row(question, resources, frozenset(), frozenset(), label) for question in questions]


def _row(question: str, resources: Resources, ids: frozenset[str], texts: frozenset[str], label: int) -> Row:
    language = detect_language(words(question), "de")
    vector = resources.embedder.encode_query(question)
    hits = search(question, vector, resources, without=ids)
    values, _ = signals(question, language, hits, resources.generation.lexical_passages, texts)
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
