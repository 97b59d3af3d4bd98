"""The signals of a statement, the order that they give, and the judge's probability."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.answering.context import Context, Resources
from assistant.answering.judge import SIGNALS as JUDGED
from assistant.answering.judge import Model, Networks, judge_signals, load_calibration
from assistant.answering.kinds import VALUES, held_kinds
from assistant.answering.path import walk
from assistant.answering.retrieve import retrieve
from assistant.answering.statements import BEHIND, COMPANY, FAR, SIGNALS, Ranking, in_rank, rank, rank_statements
from assistant.answering.understand import understand
from assistant.service import Service

VOUCHER = "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"
TOWN = "Wie viel Geld bekam die Stadt Ludwigsburg 2017 von Future Communities?"


def found(question: str, resources: Resources) -> Context:
    context = Context(question, "de")
    understand(context, resources)
    retrieve(context, resources)
    return context


def column(name: str, signals: NDArray[np.float64]) -> NDArray[np.float64]:
    return signals[:, SIGNALS.index(name)]


# signals


@pytest.mark.parametrize("question", [VOUCHER, TOWN, "Was ist das OZG?", "How much is the voucher?"])
def test_every_statement_of_every_hit_has_one_row_of_numbers(question: str, service: Service) -> None:
    context = found(question, service.resources())
    table, signals = rank_statements(context, service.resources())
    assert [(c.hit.passage.id, c.number) for c in table] == [
        (hit.passage.id, number) for hit in context.hits for number in range(len(hit.passage.sentences))
    ]
    assert signals.shape == (len(table), len(SIGNALS))
    assert np.isfinite(signals).all()
    calibration = load_calibration()
    assert len(calibration.ranking.weights) == len(SIGNALS)


def test_signals_stand_in_the_order_of_their_names(service: Service) -> None:
    context = found(TOWN, service.resources())
    table, signals = rank_statements(context, service.resources())
    cosines = [hit.sentences[c.number].cosine for c in table for hit in [c.hit]]
    assert column("cosine", signals) == pytest.approx(cosines)
    assert column("cosine_behind", signals) == pytest.approx(np.array(cosines) - max(cosines))
    places = {hit.passage.id: place for place, hit in enumerate(context.hits)}
    assert column("passage_rank", signals) == pytest.approx([1 / (1 + places[c.hit.passage.id]) for c in table])
    best = max(hit.score for hit in context.hits)
    assert column("passage_behind", signals) == pytest.approx([c.hit.score - best for c in table])
    assert column("position", signals) == pytest.approx([min(c.number, 6) / 6 for c in table])
    assert column("length", signals) == pytest.approx([min(len(c.text.split()), 40) / 40 for c in table])
    holds = [bool(held_kinds(c.text) & context.kinds & VALUES) for c in table]
    assert any(holds)
    assert not all(holds)
    assert column("value", signals) == pytest.approx(np.array(holds, float))
    assert column("no_value", signals) == pytest.approx(1 - np.array(holds, float))
    assert column("teaching", signals) == pytest.approx(
        [float(c.hit.passage.sentences[c.number].teaching) for c in table]
    )


def test_place_and_year_count_where_text_or_headings_name_them(service: Service) -> None:
    table, signals = rank_statements(found(TOWN, service.resources()), service.resources())
    framed = [" ".join((c.text, c.hit.passage.title, *c.hit.passage.heading_path)) for c in table]
    assert column("year", signals).tolist() == [float("2017" in text) for text in framed]
    in_place = column("place", signals)
    assert 0 < in_place.sum() < len(table)
    assert all(in_place[n] for n, text in enumerate(framed) if "Ludwigsburg" in text)


def test_words_held_grow_with_headings_and_section_questions(service: Service) -> None:
    _, signals = rank_statements(found(VOUCHER, service.resources()), service.resources())
    own, framed, asked = (column(name, signals) for name in ("own", "framed", "asked"))
    assert (own <= framed + 1e-6).all()
    assert (framed <= asked + 1e-6).all()
    assert (asked <= 1 + 1e-6).all()
    assert (own < asked).any()


def test_ended_mark_counts_for_questions_about_today_only(service: Service) -> None:
    marked = next(
        (passage, number)
        for passage in service.generation.catalogue.all_passages()
        for number, sentence in enumerate(passage.sentences)
        if "abgelaufen" in sentence.validity and passage.questions
    )
    passage, number = marked
    context = found(passage.sentence_texts()[number], service.resources())
    assert passage.id in {hit.passage.id for hit in context.hits}
    for about_past in (False, True):
        context.about_past = about_past
        table, signals = rank_statements(context, service.resources())
        row = next(n for n, c in enumerate(table) if (c.hit.passage.id, c.number) == (passage.id, number))
        assert column("ended", signals)[row] == float(not about_past)


def test_left_out_section_question_does_not_help_its_statement(service: Service) -> None:
    passage = next(
        p for p in service.generation.catalogue.all_passages() if p.questions[0].endswith("?") and len(p.sentences) > 1
    )
    context = found(passage.questions[0], service.resources())
    table, helped = rank_statements(context, service.resources())
    rows = frozenset(f"{passage.id}?{number}" for number in range(len(passage.questions)))
    _, alone = rank_statements(context, service.resources(), rows)
    mine = np.array([chosen.hit.passage.id == passage.id for chosen in table])
    assert mine.any()
    assert column("linked", helped)[mine].max() > FAR
    assert column("linked_behind", helped)[mine].max() == pytest.approx(0.0)
    assert column("linked", alone)[mine].tolist() == [FAR] * int(mine.sum())
    assert column("linked_behind", alone)[mine].tolist() == [BEHIND] * int(mine.sum())
    assert helped[~mine] == pytest.approx(alone[~mine])


def test_nothing_found_has_no_rows(service: Service) -> None:
    context = found(VOUCHER, service.resources())
    context.hits = []
    table, signals = rank_statements(context, service.resources())
    assert table == []
    assert signals.shape == (0, len(SIGNALS))
    assert in_rank(table, signals, service.resources().calibration.ranking) == []


# order


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (VOUCHER, "100 Euro"),
        (TOWN, "106.150 Euro"),
        ("Binnen wie vieler Stunden ist eine Datenpanne zu melden?", "72 Stunden"),
        ("Bis wann läuft der DigitalPakt 2.0?", "2030"),
        ("Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?", "98"),
    ],
)
def test_statement_with_the_asked_value_comes_first(question: str, value: str, service: Service) -> None:
    context = found(question, service.resources())
    rank(context, service.resources())
    scores = [chosen.score for chosen in context.ranked]
    assert scores == sorted(scores, reverse=True)
    assert value in " ".join(chosen.text for chosen in context.ranked[:3]), [c.text for c in context.ranked[:3]]


def test_of_two_equal_statements_the_one_with_the_asked_value_wins(service: Service) -> None:
    resources = service.resources()
    context = found(VOUCHER, resources)
    table, signals = rank_statements(context, resources)
    same = np.repeat(signals[:1], 2, axis=0)
    same[:, SIGNALS.index("value")] = [0.0, 1.0]
    same[:, SIGNALS.index("no_value")] = [1.0, 0.0]
    ranked = in_rank([table[0], table[0]], same, resources.calibration.ranking)
    assert [chosen.signals[SIGNALS.index("value")] for chosen in ranked] == [1.0, 0.0]


def test_scores_are_the_linear_model_with_the_company_of_the_passage(service: Service) -> None:
    resources = service.resources()
    context = found(TOWN, resources)
    table, signals = rank_statements(context, resources)
    model = resources.calibration.ranking
    plain = [
        sum(w * (x - m) / s for w, x, m, s in zip(model.weights, row, model.means, model.scales, strict=True))
        for row in signals
    ]
    masses: dict[str, float] = {}
    for chosen, score in zip(table, plain, strict=True):
        masses[chosen.hit.passage.id] = masses.get(chosen.hit.passage.id, 0.0) + math.exp(score)
    heaviest = max(masses.values())
    expected = {
        (chosen.hit.passage.id, chosen.number): score
        + COMPANY * (math.log(masses[chosen.hit.passage.id]) - math.log(heaviest))
        for chosen, score in zip(table, plain, strict=True)
    }
    ranked = in_rank(table, signals, model)
    assert len(ranked) == len(table)
    assert [c.score for c in ranked] == pytest.approx([expected[c.hit.passage.id, c.number] for c in ranked])


def test_company_lifts_a_statement_above_an_equal_lonely_one(service: Service) -> None:
    resources = service.resources()
    table, _ = rank_statements(found(VOUCHER, resources), resources)
    crowded = [c for c in table if c.hit.passage.id == table[0].hit.passage.id][:3]
    lonely = next(c for c in table if c.hit.passage.id != table[0].hit.passage.id)
    one = Ranking(np.array([1.0]), np.array([0.0]), np.array([1.0]))
    ranked = in_rank([lonely, *crowded], np.zeros((1 + len(crowded), 1)), one)
    assert len(crowded) > 1
    assert ranked[-1].hit.passage.id == lonely.hit.passage.id


# the judge's probability


def plain_probability(networks: Networks, signals: list[float], vector: list[float]) -> float:
    """The same in plain Python, one number at a time."""
    n = networks
    place = [
        sum((x - float(n.center[d])) * float(n.projection[d, p]) for d, x in enumerate(vector))
        for p in range(n.projection.shape[1])
    ]
    values = [(x - float(m)) / float(s) for x, m, s in zip([*signals, *place], n.means, n.scales, strict=True)]
    logits = []
    for number in range(len(n.hidden)):
        logit = float(n.output_bias[number])
        for unit in range(n.hidden.shape[2]):
            inside = sum(value * float(n.hidden[number, d, unit]) for d, value in enumerate(values))
            logit += max(inside + float(n.hidden_bias[number, unit]), 0.0) * float(n.output[number, unit])
        logits.append(logit)
    mean = sum(logits) / len(logits)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, mean))))


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.1, 1.0, 30.0]))
def test_probability_is_that_of_the_networks_in_plain_python(seed: int, scale: float) -> None:
    chance = np.random.default_rng(seed)
    dimension, places, signals, units, count = 7, 3, 5, 4, 3
    networks = Networks(
        projection=chance.normal(size=(dimension, places)),
        center=chance.normal(size=dimension),
        means=chance.normal(size=signals + places),
        scales=chance.uniform(0.5, 2.0, signals + places),
        hidden=scale * chance.normal(size=(count, signals + places, units)),
        hidden_bias=chance.normal(size=(count, units)),
        output=chance.normal(size=(count, units)),
        output_bias=chance.normal(size=count),
    )
    given_signals = chance.normal(size=signals)
    vector = chance.normal(size=dimension).astype(np.float32)
    probability = Model(networks, 0.5, 0.8, 0.2).probability(given_signals, vector)
    assert 0.0 < probability < 1.0
    assert probability == pytest.approx(plain_probability(networks, given_signals.tolist(), vector.tolist()), abs=1e-6)


@pytest.mark.parametrize("question", [VOUCHER, "Was kostet der Digitallotsen-Kurs in der Schweiz?"])
def test_fitted_judge_gives_the_probability_of_plain_python(question: str, service: Service) -> None:
    resources = service.resources()
    context = found(question, resources)
    rank(context, resources)
    signals, _ = judge_signals(context, resources)
    assert len(signals) == len(JUDGED)
    assert context.query_vector is not None
    model = resources.calibration.judge
    probability = model.probability(signals, context.query_vector)
    assert probability == pytest.approx(
        plain_probability(model.networks, signals.tolist(), context.query_vector.tolist()), abs=1e-6
    )
    judged = walk(question, resources).judgement
    assert judged is not None
    assert judged.confidence == pytest.approx(probability)
    assert list(judged.reasons) == list(JUDGED)


def test_thresholds_stand_in_their_order() -> None:
    model = load_calibration().judge
    assert 0 < model.scope_threshold < model.threshold < model.sure_threshold < 1


def test_judge_wants_the_asked_value_more_than_a_text_without_it(service: Service) -> None:
    resources = service.resources()
    context = found(VOUCHER, resources)
    rank(context, resources)
    whole, _ = judge_signals(context, resources)
    without = dataclasses.replace(context, ranked=[c for c in context.ranked if not held_kinds(c.text) & context.kinds])
    lacking, _ = judge_signals(without, resources)
    assert context.query_vector is not None
    model = resources.calibration.judge
    assert model.probability(lacking, context.query_vector) < model.probability(whole, context.query_vector)
    assert lacking[JUDGED.index("no_value")] == 1.0
    assert whole[JUDGED.index("no_value")] == 0.0
