"""The gate on the real path: kept as it is, and failed by every way of breaking it on purpose."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.answering.context import Context, Resources
from assistant.answering.outcomes import Outcome
from assistant.errors import InvalidRequest
from eval.dataset import Question, load_questions
from eval.gate import Threshold, Verdict, judge, load_thresholds
from eval.runner import ask, figures, run

if TYPE_CHECKING:
    from assistant.service import Service

Break = Callable[[Question, Resources], Context]


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    """Every question of the set: the gate is for all of them."""
    return load_questions()[0]


@pytest.fixture(scope="session")
def resources(service: Service) -> Resources:
    return service.resources()


_WALKED: dict[str, Context] = {}


def walked(question: Question, resources: Resources) -> Context:
    """Return the real answer to a question, walked once for all ways of breaking it, as a copy to be broken."""
    if question.id not in _WALKED:
        context = ask(question, resources)
        context.evidence, context.ranked = None, []  # a thousand of them would fill the memory
        _WALKED[question.id] = context
    return copy.copy(_WALKED[question.id])


def failed(questions: list[Question], resources: Resources, broken: Break | None = None) -> dict[str, Verdict]:
    """Return the thresholds that a path does not keep, by figure."""
    answer = broken or walked
    rows = run(questions, resources, answer=lambda question: answer(question, resources))
    verdicts = judge(figures(rows), load_thresholds())
    return {f"{v.threshold.figure} {v.threshold.split}": v for v in verdicts if not v.passed}


def test_the_path_as_it_is_keeps_every_threshold(questions: list[Question], resources: Resources) -> None:
    assert {name: str(verdict) for name, verdict in failed(questions, resources).items()} == {}


def broken_retriever(question: Question, resources: Resources) -> Context:
    """Finds the passages of another question: the text is turned round."""
    return ask(question.model_copy(update={"question": question.question[::-1], "history": []}), resources)


def shifted_citation(question: Question, resources: Resources) -> Context:
    """Every citation opens the passage after the right one."""
    context = walked(question, resources)
    names = [p.id for p in resources.generation.catalogue.all_passages()]
    context.citations = [
        dataclasses.replace(c, passage_id=names[(names.index(c.passage_id) + 1) % len(names)])
        for c in context.citations
    ]
    return context


def paraphraser(question: Question, resources: Resources) -> Context:
    """Says the same in other words."""
    context = walked(question, resources)
    context.statements = [
        dataclasses.replace(s, text=s.text.replace(" ist ", " sei ").replace(".", ", heißt es."))
        for s in context.statements
    ]
    return context


def always_answering(question: Question, resources: Resources) -> Context:
    """A judge that never refuses: whatever was found counts as the answer."""
    context = walked(question, resources)
    if context.outcome in (Outcome.UNANSWERABLE, Outcome.OUT_OF_SCOPE):
        context.outcome = Outcome.ANSWERED
    return context


def always_refusing(question: Question, resources: Resources) -> Context:
    """A judge that never answers."""
    context = walked(question, resources)
    context.outcome, context.statements, context.citations = Outcome.UNANSWERABLE, [], []
    return context


@pytest.mark.parametrize(
    ("broken", "figure"),
    [
        (broken_retriever, "retrieval.path.found@5"),
        (shifted_citation, "citation_precision"),
        (paraphraser, "quote_fidelity"),
        (always_answering, "false_answers"),
        (always_refusing, "false_refusals"),
    ],
)
def test_a_broken_path_fails_the_gate(
    questions: list[Question], resources: Resources, broken: Break, figure: str
) -> None:
    found = failed(questions, resources, broken)
    assert f"{figure} held-out" in found
    assert f"{figure} tune" in found


def test_a_threshold_that_was_not_measured_is_not_kept() -> None:
    threshold = Threshold(wert="fully_correct", teil="tune", mindestens=0.0)
    assert not threshold.keeps(None)
    assert threshold.keeps(0.0)
    assert not Threshold(wert="false_answers", teil="tune", hoechstens=0.1).keeps(0.2)


def test_a_faulty_gate_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text("- wert: fully_correct\n  teil: alles\n  mindestens: 0.5\n", encoding="utf-8")
    with pytest.raises(InvalidRequest) as caught:
        load_thresholds(path)
    assert "Zeile 2" in caught.value.message
