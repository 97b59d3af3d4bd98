"""Fits the statement ranking and the judge on the tune part of the question set: `python -m eval.calibration`.

The ranking learns which statement carries a fact (listwise softmax over the statements of a question). The judge
learns from questions that the corpus answers (1), that only sound like it (0) and of other subjects (0): the tune
part, section questions asked without their own help, and `eval/unanswerable.jsonl`. It sees scores of a ranking that
was fitted without its question (cross-fitting), so it does not trust them too much. The held-out part is never read
here. Writes calibration.json and judge.npz; what they are worth is in docs/measurements.md.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering import judge as judging
from assistant.answering import statements
from assistant.answering.context import Chosen, Context, Resources
from assistant.answering.evidence import Evidence
from assistant.answering.expand import Names
from assistant.answering.retrieve import question_vector, search
from assistant.answering.statements import Ranking, rank_statements
from assistant.answering.understand import understand
from assistant.clock import clock
from assistant.settings import load_settings
from eval.dataset import Expected, Question, Split, load_questions
from eval.metrics import holds
from indexer.embedding import load_embedder
from indexer.generation import Generation

UNANSWERABLE: Final = Path("eval/unanswerable.jsonl")
"""Questions that sound like a document and are not answered (`dokument`), or have nothing to do with any (empty)."""
SECTION_QUESTIONS: Final = 900
"""Section questions that the judge learns from: as many as the others, or it would learn only their style."""
FOLDS: Final = 5
SEED: Final = 20261125
RANKING_DECAY: Final = 3.0
RANKING_STEPS: Final = 500
RANKING_RATE: Final = 0.05
OTHERS_WEIGHT: Final = 0.2
"""Weight of a question that is not of the tune part: they keep the judge from learning its authors' style."""
PLACES: Final = 48
"""Principal components of the query vectors."""
PLACE_WEIGHT: Final = 0.4
NETWORKS: Final = 8
HIDDEN: Final = 16
DROPOUT: Final = 0.3
EPOCHS: Final = 40
BATCH: Final = 64
RIGHT_IF_GIVEN: Final = 0.8
"""Share of answers that hold every fact when one is given."""
SCOPE_REFUSALS: Final = 0.02
"""Share of questions near the subject, answerable or not, that may be called out of scope."""
SURE: Final = 0.1
"""Share of the answered questions that are shown to an advisor because the judge is least sure of them."""

Floats = NDArray[np.float64]


@dataclass
class Sample:
    """One question with its statements, their signals, which of them carry a fact, and what it teaches the judge."""

    context: Context
    table: list[Chosen]
    signals: Floats
    gold: NDArray[np.bool_]
    label: int
    source: str
    topic: str
    without: frozenset[str] = frozenset()


def main() -> None:
    """Collect, cross-fit, print the figures, write the coefficients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assistant/answering") / judging.CALIBRATION_FILE)
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, settings.models)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    nothing = Ranking(*(np.zeros(len(statements.SIGNALS)) for _ in range(3)))
    none = judging.Model(judging.Networks(*(np.zeros(0) for _ in judging.ARRAYS)), 0.0, 0.0, 0.0)
    resources = Resources(
        generation,
        embedder,
        judging.Calibration(embedder.model_id, nothing, none),
        clock(settings.today)(),
        Names(generation.catalogue.terms()),
    )
    samples = [*_tune(resources), *_sections(resources), *_unanswerable(resources)]
    ranking = fit_ranking([s for s in samples if s.gold.any()])
    print({name: round(float(w), 2) for name, w in zip(statements.SIGNALS, ranking.weights, strict=True)})
    values = _cross_ranked(samples, resources)
    record = fit_judge(samples, values, arguments.out.with_name(judging.JUDGE_FILE))
    arguments.out.write_text(
        json.dumps({"model_id": embedder.model_id, "ranking": _plain(ranking), "judge": record}, indent=1) + "\n",
        encoding="utf-8",
    )


def _plain(ranking: Ranking) -> dict[str, list[float]]:
    return {
        name: [round(float(x), 5) for x in values]
        for name, values in (("weights", ranking.weights), ("means", ranking.means), ("scales", ranking.scales))
    }


def _tune(resources: Resources) -> Iterator[Sample]:
    """Yield the tune part; small talk, hostile and vague questions teach nothing here."""
    for question in load_questions()[0]:
        if question.split is not Split.TUNE:
            continue
        if question.expected in (Expected.SMALL_TALK, Expected.BLOCKED, Expected.CLARIFY):
            continue
        context = Context(question.question, "de", tuple(question.history))
        label = 1 if question.expected.has_answer else -1 if question.expected is Expected.OUT_OF_SCOPE else 0
        sample = _sample(context, resources, label, "tune", question.topic)
        if sample is not None:
            sample.gold = _gold(question, sample.table)
            yield sample


def _gold(question: Question, table: Sequence[Chosen]) -> NDArray[np.bool_]:
    """Return which statements carry a required fact, of the passages that the question names."""
    forms = [form for fact in question.facts for form in fact]
    return np.array(
        [c.hit.passage.id in question.passages and any(holds(form, c.text) for form in forms) for c in table], bool
    )


def _sections(resources: Resources) -> Iterator[Sample]:
    """Yield section questions, each asked as if it did not stand in the corpus."""
    rows = [
        (f"{passage.id}?{number}", question, passage.document_id)
        for passage in resources.generation.catalogue.all_passages()
        for number, question in enumerate(passage.questions)
    ]
    for row, question, document in random.Random(SEED).sample(rows, min(SECTION_QUESTIONS, len(rows))):  # noqa: S311
        sample = _sample(Context(question, "de"), resources, 1, "section", document, frozenset({row}))
        if sample is not None:
            yield sample


def _unanswerable(resources: Resources) -> Iterator[Sample]:
    if not UNANSWERABLE.is_file():
        return
    for line in UNANSWERABLE.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        context = Context(case["frage"], "de", tuple(case.get("verlauf", ())))
        label, source = (0, "unanswerable") if case["dokument"] else (-1, "foreign")
        sample = _sample(context, resources, label, source, case["dokument"])
        if sample is not None:
            yield sample


def _sample(
    context: Context, resources: Resources, label: int, source: str, topic: str, without: frozenset[str] = frozenset()
) -> Sample | None:
    understand(context, resources)
    if context.outcome is not None:
        return None
    assert isinstance(context.evidence, Evidence)
    if without:
        context.evidence = context.evidence.leaving_out(without)
    context.query_vector = question_vector(context, resources)
    text = " ".join((context.query, *context.added))
    context.hits = search(text, context.query_vector, resources, without=without)
    if not context.hits:
        return None
    table, values = rank_statements(context, resources, without)
    return Sample(context, table, values, np.zeros(len(table), bool), label, source, topic, without)


def fit_ranking(samples: Sequence[Sample]) -> Ranking:
    """Return the weights under which the carrying statements of each sample come first."""
    import torch

    torch.set_num_threads(1)
    every = np.concatenate([sample.signals for sample in samples])
    means, scales = every.mean(axis=0), _scales(every)
    data = [(torch.tensor((s.signals - means) / scales, dtype=torch.float32), torch.tensor(s.gold)) for s in samples]
    weights = torch.zeros(every.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([weights], RANKING_RATE)
    for _ in range(RANKING_STEPS):
        loss = RANKING_DECAY * weights.square().sum()
        for values, gold in data:
            scores = values @ weights
            loss = loss + torch.logsumexp(scores, 0) - torch.logsumexp(scores[gold], 0)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return Ranking(weights.detach().numpy().astype(float), means, scales)


def _scales(values: Floats) -> Floats:
    """Return the standard deviation of each column, 1 for one that never changes."""
    spread = values.std(axis=0)
    return np.where(spread > 1e-6, spread, 1.0)


def _folds(samples: Sequence[Sample]) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(0, FOLDS, len(samples))


def _cross_ranked(samples: Sequence[Sample], resources: Resources) -> Floats:
    """Return the judge's signals (n, len(SIGNALS)), each from a ranking that did not learn from the question."""
    fold = _folds(samples)
    values = np.zeros((len(samples), len(judging.SIGNALS)))
    for number in range(FOLDS):
        ranking = fit_ranking([s for s, own in zip(samples, fold, strict=True) if own != number and s.gold.any()])
        for place in np.flatnonzero(fold == number):
            sample = samples[int(place)]
            sample.context.ranked = statements.in_rank(sample.table, sample.signals, ranking)
            values[place], _ = judging.judge_signals(sample.context, resources, sample.without)
    return values


def fit_judge(samples: Sequence[Sample], values: Floats, out: Path) -> dict[str, float]:
    """Write the fitted networks to `out`, print their cross-validated figures, return the thresholds."""
    from sklearn.decomposition import PCA
    from sklearn.metrics import roc_auc_score

    vectors = np.array([sample.context.query_vector for sample in samples], float)
    places = PCA(PLACES, random_state=0).fit(vectors)
    center, projection = places.mean_, places.components_.T
    table = np.hstack([values, (vectors - center) @ projection])
    means, scales = table.mean(axis=0), _scales(table)
    # The place in the space speaks more softly than the signals: it has most columns.
    scales[len(judging.SIGNALS) :] /= PLACE_WEIGHT
    table = (table - means) / scales
    labels = np.array([sample.label for sample in samples])
    answerable = labels == 1
    tune = np.array([sample.source == "tune" for sample in samples])
    weights = np.where(tune, 1.0, OTHERS_WEIGHT)
    fold, predicted = _folds(samples), np.zeros(len(samples))
    for number in range(FOLDS):
        part = fold == number
        networks = _networks(table[~part], answerable[~part], weights[~part])
        predicted[part] = _probabilities(table[part], networks)
    for source in dict.fromkeys(sample.source for sample in samples):
        own = np.array([sample.source == source for sample in samples])
        print(f"{source}: {int((own & answerable).sum())} answerable, {int((own & ~answerable).sum())} not")
    print(f"AUROC on tune, cross-validated: {roc_auc_score(answerable[tune], predicted[tune]):.3f}")
    others = np.array([sample.source in ("section", "unanswerable") for sample in samples])
    print(
        f"AUROC of section questions against unanswerable: {roc_auc_score(answerable[others], predicted[others]):.3f}"
    )
    threshold = _best_threshold(predicted[tune], answerable[tune])
    for label, name in ((True, "false refusals"), (False, "false answers")):
        rows = predicted[tune & (answerable == label)]
        print(f"{name} at {threshold:.3f}: {float(np.mean((rows < threshold) == label)):.3f}")
    near = np.sort(predicted[tune & (labels >= 0)])
    answered = np.sort(predicted[tune & (predicted >= threshold)])
    arrays = dict(
        zip(("hidden", "hidden_bias", "output", "output_bias"), _networks(table, answerable, weights), strict=True)
    )
    arrays |= {"projection": projection, "center": center, "means": means, "scales": scales}
    np.savez_compressed(out, **{name: array.astype(np.float32) for name, array in arrays.items()})  # type: ignore[arg-type]
    return {
        "threshold": round(threshold, 4),
        "sure_threshold": round(float(answered[int(SURE * len(answered))]), 4),
        "scope_threshold": round(min(float(near[int(SCOPE_REFUSALS * len(near))]), threshold), 4),
    }


def _networks(table: Floats, answerable: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return (hidden, hidden bias, output, output bias) of networks that differ by their random start."""
    import torch

    values = torch.tensor(table, dtype=torch.float32)
    wanted = torch.tensor(answerable, dtype=torch.float32)
    share = torch.tensor(weights / weights.mean(), dtype=torch.float32)
    torch.set_num_threads(1)  # the networks are so small that threads only wait for each other
    layers = []
    for number in range(NETWORKS):
        torch.manual_seed(SEED + number)
        first, second = torch.nn.Linear(values.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, 1)
        network = torch.nn.Sequential(
            torch.nn.Dropout(DROPOUT / 2), first, torch.nn.ReLU(), torch.nn.Dropout(DROPOUT), second
        )
        optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=0.05)
        for _ in range(EPOCHS):
            order = torch.randperm(len(values))
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                loss = torch.nn.functional.binary_cross_entropy_with_logits(
                    network(values[rows])[:, 0], wanted[rows], weight=share[rows]
                )
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        layers.append((first.weight.T, first.bias, second.weight[0], second.bias[0]))
    hidden, hidden_bias, output, output_bias = (
        np.stack([layer[part].detach().numpy() for layer in layers]).astype(float) for part in range(4)
    )
    return hidden, hidden_bias, output, output_bias


def _probabilities(table: Floats, networks: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    hidden, hidden_bias, output, output_bias = networks
    active = np.maximum(np.einsum("sd,ndh->snh", table, hidden) + hidden_bias, 0.0)
    probabilities: Floats = 1 / (1 + np.exp(-((active * output).sum(axis=2) + output_bias).mean(axis=1)))
    return probabilities


def _best_threshold(predicted: Floats, answerable: NDArray[np.bool_]) -> float:
    """Return the threshold with the fewest wrong answers and refusals.

    A false refusal counts as much as an answer is right when it is given, a false answer counts whole.
    """
    candidates = np.unique(predicted)
    wrong = [
        RIGHT_IF_GIVEN * int(((predicted < t) & answerable).sum()) + int(((predicted >= t) & ~answerable).sum())
        for t in candidates
    ]
    return float(candidates[int(np.argmin(wrong))])


if __name__ == "__main__":
    main()
