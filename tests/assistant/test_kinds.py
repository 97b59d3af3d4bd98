"""Which kind of value a question asks for, and which ones a statement holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.kinds import VALUES, Asked, asked_kinds, held_kinds
from indexer.analysis import fold


@pytest.mark.parametrize(
    ("question", "asked", "not_asked"),
    [
        ("Wie viel Zuschuss gibt es je Seminartag?", {Asked.AMOUNT}, {Asked.COUNT, Asked.DATE, Asked.PLACE}),
        ("Was kostet die Mitgliedschaft?", {Asked.AMOUNT}, {Asked.DEFINITION, Asked.DATE}),
        ("Wie viele Projekte wurden gefördert?", {Asked.COUNT}, {Asked.DATE, Asked.PERSON}),
        ("Bis wann müssen wir den Antrag stellen?", {Asked.DATE}, {Asked.AMOUNT, Asked.COUNT}),
        ("Wie lange dauert die Schulung?", {Asked.DURATION}, {Asked.DATE, Asked.AMOUNT}),
        ("Unter welcher Telefonnummer ist die CSBW zu erreichen?", {Asked.PHONE}, {Asked.ADDRESS, Asked.DATE}),
        ("Wie lautet die E-Mail-Adresse der Meldestelle?", {Asked.ADDRESS}, {Asked.PHONE, Asked.AMOUNT}),
        ("Wer leitet die Stabsstelle?", {Asked.PERSON}, {Asked.PLACE, Asked.YES_NO}),
        ("In welcher Stadt war das Treffen?", {Asked.PLACE}, {Asked.PERSON, Asked.DATE}),
        ("Welcher Paragraf regelt das?", {Asked.PARAGRAPH}, {Asked.AMOUNT}),
        ("Was ist ein Digitallotse?", {Asked.DEFINITION}, {Asked.AMOUNT, Asked.PROCEDURE}),
        ("Wie beantragen wir den Zuschuss?", {Asked.PROCEDURE}, {Asked.DATE, Asked.DEFINITION}),
        ("Nennen Sie alle Programme.", {Asked.LIST}, {Asked.YES_NO}),
        ("Worin liegt der Unterschied zwischen beiden Programmen?", {Asked.COMPARISON}, {Asked.DATE}),
        ("Müssen wir eine Datenpanne melden?", {Asked.YES_NO}, {Asked.DATE, Asked.AMOUNT}),
        ("Und darf man das?", {Asked.YES_NO}, {Asked.LIST}),
        ("How much is the voucher?", {Asked.AMOUNT}, {Asked.COUNT, Asked.DATE}),
        ("When does the call end?", {Asked.DATE}, {Asked.AMOUNT, Asked.PLACE}),
        ("How many towns were funded?", {Asked.COUNT}, {Asked.DATE}),
        ("Who may apply?", {Asked.PERSON}, {Asked.DATE, Asked.AMOUNT}),
        ("Wie viel kostet das und bis wann?", {Asked.AMOUNT, Asked.DATE}, {Asked.PLACE}),
    ],
)
def test_question_asks_for_its_kinds_and_no_others(question: str, asked: set[Asked], not_asked: set[Asked]) -> None:
    kinds = asked_kinds(question)
    assert asked <= kinds
    assert not kinds & not_asked


@pytest.mark.parametrize("question", ["", "?", "Digitallotsen", "Breitband im ländlichen Raum"])
def test_what_does_not_say_asks_for_nothing(question: str) -> None:
    assert asked_kinds(question) == frozenset()


@pytest.mark.parametrize(
    "question",
    [
        "Wie hoch ist die Fördersumme?",
        "Welcher Höchstbetrag gilt für Gemeinden?",
        "Müssen wir die Gebühr zahlen?",
        "Bis wann läuft die Frist?",
        "Wie heißt der Präsident?",
    ],
)
def test_capitals_and_lost_umlauts_change_no_kind(question: str) -> None:
    kinds = asked_kinds(question)
    assert kinds
    assert asked_kinds(question.upper()) == asked_kinds(question.lower()) == asked_kinds(fold(question)) == kinds
    spelled_out = question.replace("ö", "oe").replace("ü", "ue").replace("ä", "ae").replace("ß", "ss")
    assert asked_kinds(spelled_out) == kinds


@pytest.mark.parametrize(
    ("statement", "held", "not_held"),
    [
        ("Je Seminartag gibt es 100 Euro.", {Asked.AMOUNT, Asked.COUNT}, {Asked.DATE, Asked.PHONE}),
        ("Der Fördersatz beträgt 40 Prozent.", {Asked.AMOUNT}, {Asked.DATE, Asked.DURATION}),
        ("Die Schulung ist kostenlos.", {Asked.AMOUNT}, {Asked.COUNT, Asked.DATE}),
        ("Drei Gemeinden bekamen den Preis.", {Asked.COUNT}, {Asked.AMOUNT, Asked.DATE}),
        ("Die Frist endete am 15. Juli 2025.", {Asked.DATE}, {Asked.AMOUNT, Asked.PHONE}),
        ("Anträge sind jederzeit möglich.", {Asked.DATE}, {Asked.COUNT, Asked.AMOUNT}),
        ("Der Kurs dauert drei Tage.", {Asked.DURATION}, {Asked.AMOUNT, Asked.PHONE}),
        ("Die Hotline hat die Nummer 0711 137-99999.", {Asked.PHONE}, {Asked.AMOUNT, Asked.DURATION}),
        ("Schreiben Sie an hilfe@cybersicherheit.bwl.de.", {Asked.ADDRESS}, {Asked.PHONE, Asked.AMOUNT}),
        ("Das regelt § 3 Absatz 2.", {Asked.PARAGRAPH}, {Asked.AMOUNT, Asked.DATE}),
        ("Kein Antrag wurde bewilligt.", {Asked.COUNT}, {Asked.AMOUNT, Asked.DATE}),
        ("Die Gemeinde stellt den Antrag.", set(), set(VALUES)),
        ("Der Antrag kommt vor der Sitzung in den Rat.", set(), set(VALUES)),
    ],
)
def test_statement_holds_its_values_and_no_others(statement: str, held: set[Asked], not_held: set[Asked]) -> None:
    kinds = held_kinds(statement)
    assert held <= kinds
    assert not kinds & not_held


@pytest.mark.parametrize(
    ("question", "answer", "beside_it"),
    [
        ("Wie viel bekommt die Gemeinde?", "Sie bekommt 1.000 Euro.", "Sie bekommt einen Zuschuss vom Land."),
        ("Wann endet der Aufruf?", "Er endet am 31. März.", "Er endet mit der Preisverleihung."),
        ("Wie lange gilt die Zusage?", "Sie gilt drei Jahre.", "Sie gilt für Gemeinden und Städte."),
        ("Unter welcher Nummer ist die Stelle zu erreichen?", "0711 1234567", "Sie hilft nach einem Angriff."),
        ("Auf welcher Rechtsgrundlage?", "Nach Art. 33 DSGVO.", "Nach der Satzung der Gemeinde."),
        ("How much is the fee?", "Die Gebühr beträgt 25 Euro.", "Die Gebühr zahlt der Antragsteller."),
    ],
)
def test_what_is_asked_meets_what_the_answer_holds(question: str, answer: str, beside_it: str) -> None:
    asked = asked_kinds(question) & VALUES
    assert asked & held_kinds(answer)
    assert not asked & held_kinds(beside_it)


@given(st.text(max_size=200))
def test_any_text_has_kinds_and_holds_only_values(text: str) -> None:
    assert asked_kinds(text) <= frozenset(Asked)
    assert held_kinds(text) <= VALUES
