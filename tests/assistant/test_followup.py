"""Which questions need the one before them, how far back that reaches, and what the path makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.evidence import EARLIER
from assistant.answering.followup import leaning_on, leans
from assistant.answering.outcomes import Outcome
from assistant.answering.path import walk
from assistant.service import Service

TOWN = "Wie viel Geld bekam Ludwigsburg 2017?"
PACT = "Was ist der DigitalPakt 2.0?"
OFFICE = "Was macht die Stabsstelle Digitalisierung des Gemeindetags?"
BREACH = "Bis wann müssen wir eine Datenpanne der Aufsicht melden?"


@pytest.mark.parametrize(
    "question",
    [
        "Und Plochingen?",
        "und für Landkreise?",
        "Aber gilt die Pflicht auch für kleine Gemeinden?",
        "Wie erreiche ich die?",
        "Wie lange gilt das?",
        "Wer kann sich dort anmelden?",
        "Was kostet die Teilnahme daran für Beschäftigte?",
        "Bis wann?",
        "Noch mal zum Zuschuss bitte",
        "Also zahlt das Land alles?",
        "And in 2018?",
        "How do we apply for those vouchers?",
        "",
    ],
)
def test_follow_up_leans(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        BREACH,
        TOWN,
        "Welche Förderprogramme vom Land sind gerade offen?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen?",
        "Müssen Gemeinden E-Rechnungen annehmen?",
        "Unterliegen Stadtwerke der NIS-2-Richtlinie?",
        "How much is the voucher per seminar day?",
    ],
)
def test_question_on_its_own_feet_does_not_lean(question: str) -> None:
    assert not leans(question)


@pytest.mark.parametrize(
    ("question", "history", "leaning"),
    [
        ("Und Plochingen?", (), ()),
        ("Und Plochingen?", (TOWN,), (TOWN,)),
        ("Und 2018?", (TOWN, "Und Plochingen?"), (TOWN, "Und Plochingen?")),
        ("Wie erreiche ich die?", (TOWN, OFFICE), (OFFICE,)),
        ("Zurück zu Ludwigsburg, und 2018?", (TOWN, OFFICE), (TOWN, OFFICE)),
        (BREACH, (TOWN,), ()),
        (BREACH, (TOWN, "Und Plochingen?"), ()),
    ],
)
def test_it_leans_back_to_the_last_question_with_a_subject(
    question: str, history: tuple[str, ...], leaning: tuple[str, ...]
) -> None:
    assert leaning_on(question, history) == leaning


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=4).map(tuple))
def test_what_is_leaned_on_is_the_end_of_the_history(question: str, history: tuple[str, ...]) -> None:
    found = leaning_on(question, history)
    assert found == history[len(history) - len(found) :]
    assert bool(found) is bool(history and leans(question))


def test_follow_up_is_answered_from_what_was_talked_about(service: Service) -> None:
    alone = walk("Und bis wann?", service.resources())
    context = walk("Und bis wann?", service.resources(), history=(PACT,))
    assert context.rewrites["follow_up"] == context.query == f"{PACT} Und bis wann?"
    assert context.own_query == "Und bis wann?"
    assert context.outcome is Outcome.ANSWERED
    assert "2030" in " ".join(statement.text for statement in context.statements)
    assert context.citations[0].document_id.startswith("digitalpakt-2-0")
    assert [c.document_id for c in alone.citations] != [c.document_id for c in context.citations]


def test_contact_of_what_was_named_before_is_found(service: Service) -> None:
    context = walk("Wie erreiche ich die?", service.resources(), history=(TOWN, OFFICE))
    assert context.outcome is Outcome.ANSWERED
    assert context.citations[0].document_id == "stabsstelle-digitalisierung-gemeindetag"


def test_question_on_its_own_feet_is_answered_as_if_nothing_had_been_asked(service: Service) -> None:
    first = walk(BREACH, service.resources())
    later = walk(BREACH, service.resources(), history=(TOWN, PACT))
    assert later.query == BREACH
    assert "follow_up" not in later.rewrites
    assert later.text == first.text


def test_words_from_before_weigh_less_than_the_own_ones(service: Service) -> None:
    first = walk("Was kostet der Voucher?", service.resources())
    later = walk("Und die Basisqualifizierung?", service.resources(), history=("Was kostet der Voucher?",))
    assert first.evidence is not None
    assert later.evidence is not None
    assert first.evidence.asked == ("voucher",)
    assert later.evidence.asked == ("basisqualifizierung", "voucher")
    assert later.evidence.weights[1] == pytest.approx(EARLIER * first.evidence.weights[0])
    assert later.evidence.weights[0] > later.evidence.weights[1]


def test_only_the_last_questions_are_remembered(service: Service) -> None:
    asked = (TOWN, "Und Plochingen?", "Und Aalen?", "Und Ulm?")
    context = walk("Und Rottweil?", service.resources(), history=asked)
    assert "Ludwigsburg" not in context.query
    assert "Und Plochingen? Und Aalen? Und Ulm?" in context.query
