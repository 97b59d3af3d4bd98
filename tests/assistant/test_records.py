"""Lists and comparisons of funding programmes, computed over the records and quoted from their pages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest

from assistant.answering.context import Context, Resources
from assistant.answering.outcomes import Outcome
from assistant.answering.path import walk
from assistant.answering.records import COMPARED, MAX_LINES, asks_for_list, matching, named_programmes
from assistant.answering.understand import understand
from assistant.service import Service
from indexer.analysis import fold
from indexer.programmes import Availability, Level, Programme
from indexer.record_pages import PASSAGE, PREFIX

TODAY = dt.date(2026, 11, 24)
OPEN = "Welche Förderprogramme sind gerade offen?"
ENDED = "Welche Förderprogramme sind ausgelaufen?"


def programme(name: str, **given: Any) -> Programme:
    record = {
        "id": re.sub(r"[^a-z0-9]+", "-", fold(name)),
        "name": name,
        "foerdergeber": "Land",
        "ebene": "land",
        "gegenstand": "Vorhaben",
        "status": "offen",
        "status_begruendung": "So steht es da.",
        "quellen": [{"titel": "Quelle", "herausgeber": "Land", "datum": "2026", "url": "https://example.org"}],
    }
    return Programme.model_validate(record | given)


def on(day: dt.date, service: Service) -> Resources:
    return dataclasses.replace(service.resources(), today=day)


def understood(question: str, resources: Resources) -> Context:
    context = Context(question, "de")
    understand(context, resources)
    return context


def names(question: str, programmes: list[Programme], service: Service, day: dt.date = TODAY) -> list[str]:
    resources = on(day, service)
    return [found.name for found in matching(understood(question, resources), programmes, resources)]


# which programmes


DATED = [
    programme("fest", frist="2026-06-30"),
    programme("lang", laufzeit_von="2026-03-01", laufzeit_bis="2026"),
    programme("immer"),
    programme("zu", status="ausgelaufen"),
    programme("ungewiss", status="unklar"),
]


@pytest.mark.parametrize(
    ("day", "open_then", "ended_then"),
    [
        (dt.date(2026, 2, 28), ["fest", "immer"], ["zu"]),
        (dt.date(2026, 3, 1), ["fest", "lang", "immer"], ["zu"]),
        (dt.date(2026, 6, 30), ["fest", "lang", "immer"], ["zu"]),
        (dt.date(2026, 7, 1), ["lang", "immer"], ["fest", "zu"]),
        (dt.date(2026, 12, 31), ["lang", "immer"], ["fest", "zu"]),
        (dt.date(2027, 1, 1), ["immer"], ["fest", "lang", "zu"]),
    ],
)
def test_status_is_that_of_the_day(day: dt.date, open_then: list[str], ended_then: list[str], service: Service) -> None:
    assert names(OPEN, DATED, service, day) == open_then
    assert names(ENDED, DATED, service, day) == ended_then


def test_next_deadline_comes_first_and_no_deadline_last(service: Service) -> None:
    given = [
        programme("ohne Frist A"),
        programme("spät", frist="2027-12-31"),
        programme("bald", frist="2026-11-30"),
        programme("endet bald", laufzeit_bis="2026-12"),
    ]
    assert names(OPEN, given, service) == ["bald", "endet bald", "spät", "ohne Frist A"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Welche Förderprogramme vom Land sind offen?", ["Landestopf"]),
        ("Welche Landesprogramme sind derzeit offen?", ["Landestopf"]),
        ("Welche Bundesprogramme laufen noch?", ["Bundestopf"]),
        ("Welche Förderprogramme des Bundes sind offen?", ["Bundestopf"]),
        ("Welche EU-Programme sind offen?", ["Europatopf"]),
        ("Welche Programme von Bund und Land sind offen?", ["Bundestopf", "Landestopf"]),
        ("Which federal programmes are currently open?", ["Bundestopf"]),
        ("Welche Förderprogramme in Baden-Württemberg sind offen?", ["Bundestopf", "Europatopf", "Landestopf"]),
        (OPEN, ["Bundestopf", "Europatopf", "Landestopf"]),
    ],
)
def test_level_narrows_the_list(question: str, expected: list[str], service: Service) -> None:
    given = [
        programme("Landestopf"),
        programme("Bundestopf", ebene="bund", foerdergeber="Bund"),
        programme("Europatopf", ebene="eu", foerdergeber="EU"),
    ]
    assert names(question, given, service) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Welche Programme sind für eine Gemeinde mit 8.000 Einwohnern offen?", ["für alle", "klein"]),
        ("Welche Programme sind für eine Gemeinde mit 9.999 Einwohnern offen?", ["für alle", "klein"]),
        ("Welche Programme sind für eine Stadt mit 25.000 Einwohnern offen?", ["für alle", "mittel"]),
        ("Welche Programme sind für eine Stadt mit 200.000 Einwohnern offen?", ["für alle", "groß"]),
        ("Welche Programme sind für eine Gemeinde offen?", ["für alle", "groß", "klein", "mittel"]),
    ],
)
def test_inhabitants_narrow_the_list(question: str, expected: list[str], service: Service) -> None:
    given = [
        programme("klein", antragsberechtigt=["Gemeinden bis zu 9.999 Einwohnern"]),
        programme("mittel", antragsberechtigt=["Städte"], voraussetzungen=["10.000 bis 30.000 Einwohner"]),
        programme("groß", antragsberechtigt=["Städte mit mehr als 175.000 Einwohnern"]),
        programme("für alle", antragsberechtigt=["Kommunen"]),
    ]
    assert sorted(names(question, given, service)) == sorted(expected)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Welche Förderprogramme für Schulen sind offen?", ["Schultopf"]),
        ("Welche Förderprogramme für Glasfaser können wir noch beantragen?", ["Netztopf"]),
        ("Welche Kredite können wir gerade beantragen?", ["Baukredit"]),
        ("Welche Förderprogramme für Schwimmbäder sind offen?", []),
        ("Welche Förderprogramme sind abgelaufen?", ["Alttopf"]),
        ("Welche Förderprogramme sind bereits geschlossen?", ["Alttopf"]),
        ("Which funding programmes have expired?", ["Alttopf"]),
    ],
)
def test_topic_narrows_the_list_and_the_way_of_asking_does_not(
    question: str, expected: list[str], service: Service
) -> None:
    given = [
        programme("Schultopf", gegenstand="Ausstattung von Schulen"),
        programme("Netztopf", gegenstand="Ausbau von Glasfasernetzen"),
        programme("Baukredit", gegenstand="Neubau von Rathäusern", foerderart="Kredit"),
        programme("Alttopf", gegenstand="Ausstattung von Rathäusern", status="ausgelaufen"),
    ]
    assert names(question, given, service) == expected


@pytest.mark.parametrize(
    ("question", "is_list"),
    [
        (OPEN, True),
        (ENDED, True),
        ("Gibt es derzeit Zuschüsse für Schulen?", True),
        ("Welche Landesprogramme sind noch offen?", True),
        ("Which funding programmes are currently open?", True),
        ("Ist das Programm WiFi4EU noch offen?", False),
        ("Welche Unterlagen brauchen wir noch?", False),
        ("Welche Förderprogramme gab es damals?", False),
        ("Welche Zuschüsse bekam Ludwigsburg?", False),
    ],
)
def test_list_questions_are_told_from_others(question: str, is_list: bool, service: Service) -> None:
    assert asks_for_list(understood(question, service.resources())) is is_list


# list answers over the shipped records


def listed(context: Context) -> list[str]:
    return [citation.document_id.removeprefix(PREFIX) for citation in context.citations]


@pytest.mark.parametrize(
    "question",
    [
        OPEN,
        ENDED,
        "Welche Förderprogramme vom Land sind gerade offen?",
        "Welche Förderprogramme des Bundes sind noch offen?",
        "Welche Kredite können Gemeinden gerade beantragen?",
        "Which funding programmes are currently open?",
    ],
)
@pytest.mark.parametrize("day", [dt.date(2019, 6, 1), dt.date(2024, 7, 1), TODAY, dt.date(2027, 1, 1)])
def test_list_quotes_stored_lines_of_programmes_with_that_status(question: str, day: dt.date, service: Service) -> None:
    context = walk(question, on(day, service))
    assert context.judgement is not None
    assert "records" in context.judgement.reasons
    assert context.outcome is Outcome.ANSWERED
    programmes = {found.id: found for found in service.generation.catalogue.programmes()}
    wanted = Availability.ENDED if question == ENDED else Availability.OPEN
    assert [programmes[name].status_on(day) for name in listed(context)] == [wanted] * len(context.citations)
    for statement, citation in zip(context.statements, context.citations, strict=True):
        passage = service.generation.catalogue.passages([citation.passage_id])[citation.passage_id]
        assert statement.text == citation.quote == passage.sentence_texts()[0]
        assert citation.passage_id == f"{citation.document_id}{PASSAGE}"
        assert citation.quote.startswith(programmes[citation.document_id.removeprefix(PREFIX)].name)
        assert citation.sources


def test_list_on_a_later_day_drops_what_has_ended(service: Service) -> None:
    last_day = dt.date(2026, 12, 31)
    question = "Welche Förderprogramme vom Land sind gerade offen?"
    before = listed(walk(question, on(last_day, service)))
    after = listed(walk(question, on(last_day + dt.timedelta(days=1), service)))
    assert "regionalbudget-2026" in before
    assert set(before) - set(after) == {"regionalbudget-2026"}


def test_list_is_complete_for_its_level(service: Service) -> None:
    context = walk("Welche EU-Programme sind ausgelaufen?", service.resources())
    expected = {
        found.id
        for found in service.generation.catalogue.programmes()
        if found.level is Level.EU and found.status_on(TODAY) is Availability.ENDED
    }
    assert 0 < len(expected) <= MAX_LINES
    assert set(listed(context)) == expected


def test_long_list_says_how_many_more_there_are(service: Service) -> None:
    context = walk(ENDED, service.resources())
    every = [p for p in service.generation.catalogue.programmes() if p.status_on(TODAY) is Availability.ENDED]
    assert len(context.statements) == MAX_LINES < len(every)
    (more,) = [notice.text for notice in context.notices if notice.kind == "more"]
    assert str(len(every) - MAX_LINES) in more.split()
    assert more in context.text


def test_unclear_programmes_are_counted_but_not_listed(service: Service) -> None:
    context = walk("Welche Förderprogramme vom Land sind gerade offen?", service.resources())
    unclear = [p.id for p in service.generation.catalogue.programmes() if p.status_on(TODAY) is Availability.UNCLEAR]
    assert unclear
    assert not set(listed(context)) & set(unclear)
    assert [n.kind for n in context.notices if n.kind in ("unclear", "more")] == ["unclear"]


def test_list_is_the_same_after_another_question(service: Service) -> None:
    first = walk(OPEN, service.resources())
    later = walk(OPEN, service.resources(), history=("Wie viel Geld bekam Ludwigsburg 2017?",))
    assert listed(later) == listed(first)


def test_nothing_that_matches_is_left_to_the_search(service: Service) -> None:
    context = walk("Welche Förderprogramme für Schwimmbäder sind gerade offen?", service.resources())
    assert context.judgement is not None
    assert "records" not in context.judgement.reasons
    assert "more" not in {notice.kind for notice in context.notices}


# comparisons


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("Vergleiche WiFi4EU mit Digital aufs Amt", {"wifi4eu", "digital-aufs-amt"}),
        ("Was ist der Unterschied zwischen WiFi4EU und Regionale KI-Labs?", {"wifi4eu", "regionale-ki-labs"}),
        ("Wie unterscheiden sich Inhouse-Schulung und Kommunale Digitallotsen?",
         {"inhouse-schulung", "kommunale-digitallotsen"}),
    ],
)  # fmt: skip
def test_comparison_gives_both_sides_of_each_value(question: str, compared: set[str], service: Service) -> None:
    context = walk(question, service.resources())
    assert context.outcome is Outcome.ANSWERED
    assert set(listed(context)) == compared
    titles = {citation.document_id: citation.title for citation in context.citations}
    values = [
        (citation.quote.removeprefix(f"{titles[citation.document_id]} – ").partition(":")[0], citation.document_id)
        for citation in context.citations
    ]
    labels = [label for label, _ in values]
    assert labels[::2] == labels[1::2]
    assert len(labels[::2]) >= 3
    assert labels[::2] == [label for label in COMPARED if label in labels]
    sides = [document for _, document in values]
    assert set(sides[::2]).isdisjoint(sides[1::2])


@pytest.mark.parametrize(
    "question", ["Was ist besser als WiFi4EU?", "Worin unterscheiden sich Gemeinden und Landkreise beim Datenschutz?"]
)
def test_comparison_needs_two_programmes(question: str, service: Service) -> None:
    context = walk(question, service.resources())
    assert context.judgement is None or "records" not in context.judgement.reasons


def test_longer_name_wins_over_the_one_that_it_contains(service: Service) -> None:
    given = [programme("Städtetopf"), programme("Städtetopf Zukunft"), programme("Schultopf")]
    resources = service.resources()
    context = understood("Was unterscheidet Städtetopf Zukunft vom Schultopf?", resources)
    assert {found.name for found in named_programmes(context, given)} == {"Städtetopf Zukunft", "Schultopf"}
