"""A question that points at something never named is asked back, with readings that have an answer."""

from __future__ import annotations

import pytest

from assistant.answering.clarify import is_vague
from assistant.answering.context import Context
from assistant.answering.outcomes import OUTCOME_TEXTS, Outcome
from assistant.answering.path import walk
from assistant.answering.understand import understand
from assistant.service import Service

VAGUE = [
    "Bis wann müssen wir das melden?",
    "Wo beantragen wir das?",
    "Wie viel kostet das?",
    "Wer bezahlt das?",
    "Wie lange gilt das?",
    "wann läuft es aus",
    "Gilt das auch für uns?",
    "Wer darf das?",
    "MÜSSEN WIR DAS MACHEN?",
]


@pytest.mark.parametrize("question", VAGUE)
def test_vague_question_is_asked_back_with_readings_that_are_answered(question: str, service: Service) -> None:
    resources = service.resources()
    context = walk(question, resources)
    assert context.outcome is Outcome.CLARIFY
    assert context.text == OUTCOME_TEXTS[Outcome.CLARIFY]["de"]
    assert context.statements == []
    owners = {
        asked: passage.document_id
        for passage in service.generation.catalogue.all_passages()
        for asked in passage.questions
    }
    assert 2 <= len(context.suggestions) <= 3
    assert all(reading.endswith("?") for reading in context.suggestions)
    assert len({owners[reading] for reading in context.suggestions}) == len(context.suggestions)
    outcomes = {reading: walk(reading, resources).outcome for reading in context.suggestions}
    assert set(outcomes.values()) <= {Outcome.ANSWERED, Outcome.PARTIAL}, outcomes


def test_readings_are_near_what_was_asked(service: Service) -> None:
    context = walk("Bis wann müssen wir das melden?", service.resources())
    first = context.hits[0].passage
    assert context.suggestions[0] in first.questions
    assert context.query_vector is not None
    vectors = service.generation.question_vectors.group(service.generation.position[first.id])
    near = dict(zip(first.questions, vectors @ context.query_vector, strict=True))
    assert near[context.suggestions[0]] > sorted(near.values())[len(near) // 2]
    assert any("meld" in reading.lower() for reading in context.suggestions)


def test_english_vague_question_is_asked_back_in_english(service: Service) -> None:
    context = walk("How much does it cost?", service.resources())
    assert context.outcome is Outcome.CLARIFY
    assert context.text == OUTCOME_TEXTS[Outcome.CLARIFY]["en"]


@pytest.mark.parametrize(
    "question",
    [
        "Was ist das OZG?",
        "was ist das ozg",
        "Was macht die Digitalakademie?",
        "was macht die digitalakademie",
        "Wer bekommt den Voucher?",
        "Sollen wir das lösegelt zahlen?",
        "Wie viele Gemeinden haben die 115?",
        "Gibt es Geld für unsere Dorfbücherei?",
        "Gibt es auch etwas für Dorfbüchereien?",
        "Muss die Gemeinde Umsatzsteuer zahlen?",
        "Was vergisst man oft in IT-Verträgen?",
        "EVB-IT für Gemeinden",
        "Are EVB-IT contracts mandatory for municipalities?",
        "Bis wann müssen wir eine Datenpanne melden?",
        "Uns ist beim Versand etwas passiert, und nun fragt der Bürgermeister, bis wann wir das melden müssen?",
    ],
)
def test_question_with_a_subject_is_not_vague(question: str, service: Service) -> None:
    context = Context(question, "de")
    understand(context, service.resources())
    assert not is_vague(context, service.generation.vocabulary)
    assert walk(question, service.resources()).outcome is not Outcome.CLARIFY


def test_hardly_any_section_question_is_asked_back(service: Service) -> None:
    asked = [
        question
        for passage in service.generation.catalogue.all_passages()
        for question in passage.questions
        if len(question.split()) <= 6
    ]
    assert len(asked) > 200
    vague = []
    for question in asked:
        context = Context(question, "de")
        understand(context, service.resources())
        if context.evidence is not None and is_vague(context, service.generation.vocabulary):
            vague.append(question)
    assert len(vague) <= 0.01 * len(asked), vague


def test_what_was_asked_before_is_the_subject(service: Service) -> None:
    history = ("Was ist bei einer Datenpanne zu tun?",)
    context = walk("Bis wann müssen wir das melden?", service.resources(), history=history)
    assert context.outcome is Outcome.ANSWERED
    assert "72 Stunden" in context.text


def test_in_a_conversation_nothing_is_asked_back(service: Service) -> None:
    context = walk("Bis wann müssen wir das melden?", service.resources(), history=("Gilt das?",))
    assert context.outcome is not Outcome.CLARIFY


def test_part_of_a_double_question_is_not_asked_back(service: Service) -> None:
    context = walk("Was ist eine Datenpanne und bis wann müssen wir die melden?", service.resources())
    assert len(context.parts) == 2
    assert context.outcome is not Outcome.CLARIFY
    assert context.suggestions == []
