"""Metrics on cases small enough to be computed by hand, and the paired bootstrap."""

from __future__ import annotations

import pytest

from assistant.errors import InvalidRequest
from eval.compare import compare
from eval.metrics import Given, auroc, calibration_error, holds, retrieval, score, shares, summarise
from tests.eval.test_dataset import question

TEXT = "Neustadt zahlt 40 Prozent der Kosten."


def given(**values: object) -> Given:
    base: dict[str, object] = {"outcome": "answered", "text": TEXT, "statements": ((TEXT, (f"Davor. {TEXT}",)),)}
    return Given(**{**base, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("50 Euro", "150 Euro", False),
        ("50 Euro", "1.250 Euro", False),
        ("50 Euro", "es sind 50 Euro.", True),
        ("50", "50.000", False),
        ("2,5", "12,5", False),
        ("Gemeinderat", "des gemeinderats", True),
        ("Förderung", "Foerderung", True),
        ("31. Juli 2018", "am 31. Juli 2018.", True),
    ],
)
def test_a_form_is_found_but_not_inside_another_number(form: str, text: str, found: bool) -> None:
    assert holds(form, text) is found


@pytest.mark.parametrize(
    ("values", "answer", "correct", "step"),
    [
        ({}, {}, True, ""),
        ({}, {"text": "Neustadt zahlt 140 Prozent."}, False, "retrieve"),
        ({}, {"text": "Nichts.", "rankings": {"path": ["wlan.kurz-gesagt"]}}, False, "compose"),
        ({}, {"outcome": "unanswerable", "rankings": {"path": ["wlan.kurz-gesagt"]}}, False, "judge"),
        ({}, {"outcome": "small_talk"}, False, "understand"),
        ({"verboten": ["der Kosten"]}, {"rankings": {"path": ["wlan.kurz-gesagt"]}}, False, "judge"),
        ({"erwartet": "expired"}, {"rankings": {"path": ["wlan.kurz-gesagt"]}}, False, "annotate"),
        ({"erwartet": "expired"}, {"notices": (("expired", "Vorbei."),)}, True, ""),
        ({"erwartet": "unanswerable", "fakten": [], "belege": []}, {}, False, "judge"),
        ({"erwartet": "unanswerable", "fakten": [], "belege": []}, {"outcome": "unanswerable"}, True, ""),
        ({"erwartet": "out_of_scope", "fakten": [], "belege": []}, {"outcome": "unanswerable"}, True, ""),
    ],
)
def test_an_answer_is_right_only_with_all_facts_nothing_forbidden_and_the_right_outcome(
    values: dict[str, object], answer: dict[str, object], correct: bool, step: str
) -> None:
    result = score(question(**values), given(**answer))
    assert (result.correct, result.failed_at) == (correct, step)


def test_citations_are_held_against_the_cited_passage() -> None:
    shifted = given(statements=((TEXT, ("Etwas anderes.",)), ("Ohne Beleg.", ())))
    result = score(question(), shifted)
    assert (result.statements, result.statements_carried, result.statements_cited) == (2, 0, 1)


def test_a_summary_counts_what_it_should() -> None:
    refusal = question(id="wlan-002", erwartet="unanswerable", fakten=[], belege=[])
    rows = [
        (question(), given(confidence=0.9, cited=("wlan.kurz-gesagt",))),
        (question(id="wlan-003"), given(outcome="unanswerable", confidence=0.4)),
        (refusal, given(confidence=0.6)),
        (refusal, given(outcome="unanswerable", confidence=0.1)),
    ]
    figures = summarise((q, g, score(q, g)) for q, g in rows)
    assert figures["fully_correct"] == 0.5
    assert figures["fact_recall"] == 0.5
    assert figures["false_answers"] == 0.5
    assert figures["false_refusals"] == 0.5
    assert figures["auroc"] == 0.75
    assert figures["gold_cited"] == 1.0
    assert "called_expired" not in figures


def test_auroc_and_calibration_error() -> None:
    assert auroc([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1]) == 1.0
    assert calibration_error([1, 0], [1.0, 0.0]) == 0.0
    assert calibration_error([1, 0, 1, 0], [0.95, 0.95, 0.95, 0.95]) == pytest.approx(0.45)


def test_retrieval_by_a_library_agrees_with_the_hand() -> None:
    ranking = ["x.y", "wlan.kurz-gesagt", "z.y"]
    table = retrieval(
        [(question(), given(rankings={"path": ranking})), (question(id="b-1"), given(rankings={"path": []}))]
    )
    row = table["path"]
    assert row["R@1"] == 0.0
    assert row["R@5"] == row["found@5"] == 0.5
    assert row["RR@10"] == 0.25


def test_percentiles() -> None:
    assert shares([1.0, 2.0, 3.0]) == {"p50": 2.0, "p95": pytest.approx(2.9)}
    assert shares([]) == {}


def _run(correct: list[bool]) -> dict[str, object]:
    return {"answers": [{"id": f"q-{n}", "score": {"correct": value}} for n, value in enumerate(correct)]}


def test_the_bootstrap_tells_a_difference_from_chance() -> None:
    better = compare(_run([False] * 40 + [True] * 60), _run([True] * 100))
    assert better.certain
    assert better.low > 0
    assert len(better.better) == 40
    noise = compare(_run([True, False] * 50), _run([False, True] * 50))
    assert not noise.certain
    assert not compare(_run([True]), _run([True])).certain
    with pytest.raises(InvalidRequest):
        compare(_run([]), _run([True]))
