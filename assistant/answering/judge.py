"""Step 5: is the question answerable from this evidence? A calibrated probability with its reasons.

A small network over visible signals: nearness in meaning and in words, the asked kind of value, whether the question's
specific words (names, places, years, numbers) stand in the evidence; and over the question's place in the vector space.
A threshold on cosine alone is a trap (docs/adr/0004): refused questions score as high as answered ones. The weights are
fitted by `python -m eval.calibration` and lie beside this module.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources as package
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Chosen, Context, Judgement, Resources
from assistant.answering.evidence import COVERED, lexical_ceiling
from assistant.answering.kinds import VALUES, Asked, asked_kinds, held_kinds
from assistant.answering.names import holds_place, named_places, named_years
from assistant.answering.outcomes import OUTCOME_TEXTS, Outcome
from assistant.answering.statements import FAR, HOME, Ranking
from indexer.analysis import fold
from indexer.lexical import K1

CALIBRATION_FILE: Final = "calibration.json"
JUDGE_FILE: Final = "judge.npz"
EVIDENCE_PASSAGES: Final = 5
"""Passages whose words count as evidence."""
EVIDENCE_STATEMENTS: Final = 3
"""Statements of which one must hold the asked kind of value."""
WHOLE_NUMBER: Final = 0.99
"""Share from which a number counts as present: it must stand there as it is."""
PART_THRESHOLD: Final = 0.6
"""Below: one part of a double question is not answered (best on the tune part)."""
NO_VALUE: Final = -8.0
"""`value_behind` where no statement holds the asked kind of value."""

Floats = NDArray[np.float64]

_KINDS: Final = (
    Asked.AMOUNT,
    Asked.COUNT,
    Asked.DATE,
    Asked.DURATION,
    Asked.PHONE,
    Asked.ADDRESS,
    Asked.PERSON,
    Asked.PLACE,
    Asked.DEFINITION,
    Asked.PROCEDURE,
    Asked.LIST,
    Asked.YES_NO,
)
_LACKING: Final = (Asked.AMOUNT, Asked.COUNT, Asked.DATE, Asked.DURATION, Asked.PHONE, Asked.ADDRESS)

SIGNALS: Final = (
    "best",
    "best_three",
    "above_median",
    "cosine",
    "cosine_best",
    "dense",
    "question",
    "lexical",
    "own",
    "framed",
    "framed_best",
    "asked",
    "passage",
    "passage_asked",
    "weakest",
    "weakest_asked",
    "missing",
    "missing_weight",
    "unknown",
    "missing_names",
    "missing_numbers",
    "no_value",
    "value",
    "value_behind",
    "same_words",
    "other_kind",
    "same_kind",
    "names_place",
    "place_lacks",
    "year_lacks",
    "year_lacks_best",
    "asked_words",
    "english",
    "first_behind_fifth",
    "nearer_than_usual",
    "question_nearer_than_usual",
    "same_passage",
    "same_document",
    "arms_agree",
    *(f"asks_{kind}" for kind in _KINDS),
    *(f"lacks_{kind}" for kind in _LACKING),
)
"""In the order of the coefficients; :func:`judge_signals` computes them."""
_TOKEN: Final = re.compile(r"\w+")
FLAG_UNSURE: Final = "unsure"
"""Of an answer, or of a refusal, that an advisor should look at."""


@dataclass(frozen=True)
class Networks:
    """Small networks over the signals and the question's place in the vector space; their mean is the judgement.

    `projection` (dimension, P) and `center` (dimension,) place the query vector; `means` and `scales` (S + P,)
    standardise; `hidden` (N, S + P, H), `hidden_bias` (N, H), `output` (N, H), `output_bias` (N,) are N networks.
    """

    projection: Floats
    center: Floats
    means: Floats
    scales: Floats
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats


@dataclass(frozen=True)
class Model:
    """The networks and what their probability means."""

    networks: Networks
    threshold: float
    """Below: not answered."""
    sure_threshold: float
    """Below: answered, and shown to an advisor."""
    scope_threshold: float
    """Below: not even about the subject of the corpus."""

    def probability(self, signals: Floats, vector: NDArray[np.float32]) -> float:
        """Return the probability that the evidence answers, for signals (len(SIGNALS),) and the query vector."""
        n = self.networks
        place = (vector - n.center) @ n.projection
        values = (np.concatenate([signals, place]) - n.means) / n.scales
        active = np.maximum(np.einsum("d,ndh->nh", values, n.hidden) + n.hidden_bias, 0.0)
        logit = float(((active * n.output).sum(axis=1) + n.output_bias).mean())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


ARRAYS: Final = ("projection", "center", "means", "scales", "hidden", "hidden_bias", "output", "output_bias")


@dataclass(frozen=True)
class Calibration:
    """The fitted models and the embedding model whose cosines they know."""

    model_id: str
    ranking: Ranking
    judge: Model


@cache
def load_calibration() -> Calibration:
    """Read the coefficients that are packaged with this module."""
    folder = package.files(__package__)
    record = json.loads((folder / CALIBRATION_FILE).read_text(encoding="utf-8"))
    with package.as_file(folder / JUDGE_FILE) as path, np.load(path) as stored:
        arrays = [stored[name].astype(float) for name in ARRAYS]
    thresholds = record["judge"]
    return Calibration(
        record["model_id"],
        Ranking(*(np.array(record["ranking"][name]) for name in ("weights", "means", "scales"))),
        Model(Networks(*arrays), thresholds["threshold"], thresholds["sure_threshold"], thresholds["scope_threshold"]),
    )


def judge(context: Context, resources: Resources) -> None:
    """Fill `judgement`; end the walk if the evidence does not answer the question."""
    model = resources.calibration.judge
    values, missing = judge_signals(context, resources)
    assert context.query_vector is not None
    confidence = model.probability(values, context.query_vector)
    # Near in style but without one word of the question („Wie wird das Wetter?") is not our subject either.
    # A town that it does not mention is: the question goes to an advisor then.
    asked = context.evidence.asked if context.evidence else ()
    strange = bool(missing) and len(missing) == len(asked) and not named_places(context.query)
    in_scope = confidence >= model.threshold or (confidence >= model.scope_threshold and not strange)
    reasons = {name: round(float(value), 4) for name, value in zip(SIGNALS, values, strict=True)}
    sure = confidence >= model.sure_threshold or not in_scope
    context.judgement = Judgement(confidence, in_scope, reasons, missing, sure)
    if not context.judgement.sure:
        context.flags.append(FLAG_UNSURE)
    if confidence >= model.threshold and not (context.is_part and _part_lacks(context, confidence)):
        return
    context.outcome = Outcome.UNANSWERABLE if in_scope else Outcome.OUT_OF_SCOPE
    context.text = OUTCOME_TEXTS[context.outcome][context.language]
    context.suggestions = suggestions(context) if in_scope else []


def _part_lacks(context: Context, confidence: float) -> bool:
    """Tell whether one of two questions in one lacks its value: near the other one's subject everything looks near."""
    kinds = context.kinds & VALUES
    top = context.ranked[:EVIDENCE_STATEMENTS]
    return confidence < PART_THRESHOLD or (bool(kinds) and not any(kinds & held_kinds(c.text) for c in top))


def judge_signals(
    context: Context, resources: Resources, without: frozenset[str] = frozenset()
) -> tuple[Floats, tuple[str, ...]]:
    """Return the signals (len(SIGNALS),) and the asked words that the best passage does not hold.

    `without` holds section questions that must not count as evidence (calibration asks them).
    """
    evidence, ranked, hits = context.evidence, context.ranked, context.hits
    assert evidence is not None
    first = hits[:EVIDENCE_PASSAGES]
    covers = [evidence.passage(hit) for hit in first]
    asked_shares = [evidence.share(cover.asked) for cover in covers]
    best = covers[int(np.argmax(asked_shares))]
    missing = tuple(w for w, held in zip(evidence.asked, best.asked, strict=True) if held < COVERED)
    lost = sum(w for w, held in zip(evidence.weights, best.asked, strict=True) if held < COVERED)
    unknown = int((evidence.known() < COVERED).sum())
    named = _named(context.question)
    numbers = [place for place, word in enumerate(evidence.asked) if word[0].isdigit()]
    top = ranked[:EVIDENCE_STATEMENTS]
    scores = np.array([chosen.score for chosen in ranked])
    column = {name: np.array([c.signals[n] for c in ranked]) for n, name in enumerate(_RANKED)}
    lead = {name: values[:EVIDENCE_STATEMENTS] for name, values in column.items()}
    kinds = context.kinds & VALUES
    held = frozenset[Asked]().union(*(held_kinds(chosen.text) for chosen in top))
    holding = [chosen.score for chosen in ranked if kinds & held_kinds(chosen.text)] if kinds else []
    question, row = _nearest_question(context, resources, without)
    same = evidence.share(evidence.row(row)) if row else 0.0
    nearest_kinds = asked_kinds(question) & VALUES
    ceiling = lexical_ceiling(context.query, resources.generation.lexical_passages) * (K1 + 1)
    places = [place for place in named_places(context.query) if place not in HOME]
    years = named_years(context.query)
    values = [
        scores[0],
        float(np.mean(scores[:EVIDENCE_STATEMENTS])),
        float(scores[0] - np.median(scores)),
        float(column["cosine"].max()),
        float(lead["cosine"][0]),
        max(hit.dense for hit in first),
        max(hit.question for hit in first) or FAR,
        max(hit.lexical for hit in first) / ceiling if ceiling else 0.0,
        float(lead["own"].max()),
        float(lead["framed"].max()),
        float(lead["framed"][0]),
        float(column["asked"].max()),
        max(evidence.share(cover.held) for cover in covers),
        max(asked_shares),
        float(best.held.min()) if len(best.held) else 1.0,
        float(best.asked.min()) if len(best.asked) else 1.0,
        min(len(missing), 4),
        float(lost) / (float(evidence.weights.sum()) or 1.0),
        min(unknown, 3),
        min(sum(word in named for word in missing), 3),
        sum(best.asked[place] < WHOLE_NUMBER for place in numbers),
        float(bool(kinds) and not kinds & held),
        float(bool(kinds & held)),
        (max(holding) - scores[0] if holding else NO_VALUE) if kinds else 0.0,
        same,
        float(bool(kinds) and not kinds & nearest_kinds),
        float(bool(kinds & nearest_kinds)),
        float(bool(places)),
        float(bool(places) and not all(holds_place(_framed(top[0]), place) for place in places)),
        float(bool(years) and not any(all(year in _framed(chosen) for year in years) for chosen in ranked)),
        float(bool(years) and not all(year in _framed(top[0]) for year in years)),
        min(len(evidence.asked), 10),
        float(context.language == "en"),
        hits[0].score - hits[min(len(hits), EVIDENCE_PASSAGES) - 1].score,
        *_usual(context, resources, without),
        *_agreement(context, resources, without),
        *(float(kind in context.kinds) for kind in _KINDS),
        *(float(kind in context.kinds and kind not in held) for kind in _LACKING),
    ]
    return np.array(values, float), missing


_RANKED: Final = ("cosine", "cosine_behind", "own", "framed", "asked")
"""The first signals of a ranked statement, by their place in `statements.SIGNALS`."""


def _named(question: str) -> frozenset[str]:
    """Return the folded words of a question that are written like names: large inside a sentence, or with a digit."""
    tokens = _TOKEN.findall(question)
    return frozenset(
        fold(token) for n, token in enumerate(tokens) if token[:1].isdigit() or (n > 0 and token[:1].isupper())
    )


def _nearest_question(context: Context, resources: Resources, without: frozenset[str]) -> tuple[str, str]:
    """Return the section question nearest to the query among the first passages, and its row."""
    assert context.query_vector is not None
    found, best = ("", ""), -1.0
    for hit in context.hits[:EVIDENCE_PASSAGES]:
        vectors = resources.generation.question_vectors.group(resources.generation.position[hit.passage.id])
        for number, cosine in enumerate(vectors @ context.query_vector):
            row = f"{hit.passage.id}?{number}"
            if cosine > best and row not in without:
                found, best = (hit.passage.questions[number], row), float(cosine)
    return found


def _usual(context: Context, resources: Resources, without: frozenset[str]) -> tuple[float, float]:
    """Return how much nearer the query is to the first statement, and to the nearest section question, than usual.

    Usual is the mean nearness of the section questions to that statement, and among each other: some texts are near to
    everything.
    """
    assert context.query_vector is not None
    chosen, generation = context.ranked[0], resources.generation
    number = generation.position[chosen.hit.passage.id]
    statement = generation.statement_vectors.group(number)[chosen.number]
    questions = generation.question_vectors.group(number)
    kept = [n for n in range(len(questions)) if f"{chosen.hit.passage.id}?{n}" not in without]
    if not kept:
        return 0.0, 0.0
    own = np.asarray(questions)[kept]
    nearest = np.sort(own @ statement)[-USUAL:]
    nearer = float(statement @ context.query_vector) - float(nearest.mean())
    if len(kept) < 2:
        return nearer, 0.0
    among = own @ own.T
    np.fill_diagonal(among, -1.0)
    return nearer, float((own @ context.query_vector).max()) - float(among.max(axis=1).mean())


USUAL: Final = 2
"""Section questions nearest to a statement that say how near its questions usually are."""


def _agreement(context: Context, resources: Resources, without: frozenset[str]) -> tuple[float, float, float]:
    """Return which share of the nearest section questions belongs to one passage and to one document, and how many of
    the three arms have the same first passage."""
    assert context.query_vector is not None
    nearest: list[tuple[float, str, str]] = []
    for hit in context.hits:
        vectors = resources.generation.question_vectors.group(resources.generation.position[hit.passage.id])
        nearest += [
            (float(cosine), hit.passage.id, hit.passage.document_id)
            for n, cosine in enumerate(vectors @ context.query_vector)
            if f"{hit.passage.id}?{n}" not in without
        ]
    nearest.sort(reverse=True)
    first = nearest[:NEAREST]
    if not first:
        return 0.0, 0.0, 0.0
    passages = [passage for _, passage, _ in first]
    documents = [document for _, _, document in first]
    leaders = {
        max(context.hits, key=lambda hit: hit.dense).passage.id,
        max(context.hits, key=lambda hit: hit.lexical).passage.id,
        first[0][1],
    }
    return (
        max(map(passages.count, passages)) / len(first),
        max(map(documents.count, documents)) / len(first),
        3.0 - len(leaders),
    )


NEAREST: Final = 8
"""Section questions whose passages are compared."""


def _framed(chosen: Chosen) -> str:
    """Return a statement with the title and headings above it, which name its subject."""
    return " ".join((chosen.text, chosen.hit.passage.title, *chosen.hit.passage.heading_path))


def suggestions(context: Context, count: int = 3) -> list[str]:
    """Return questions that the corpus answers near what was asked, of different passages."""
    return [hit.passage.questions[0] for hit in context.hits if hit.passage.questions][:count]
