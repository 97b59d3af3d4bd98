"""Funding records as pages: whole lines to quote, figures in words, and a status that follows the calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from indexer.documents import Status
from indexer.problems import Problem
from indexer.programmes import Availability, Programme, load_programmes
from indexer.reading import load_corpus
from indexer.record_pages import (
    HEADING,
    PASSAGE,
    PREFIX,
    ceiling,
    deadline,
    money,
    per_cent,
    record_page,
    share,
    taken_ids,
)
from tests.conftest import CORPUS, TODAY
from tests.indexer.test_documents import write
from tests.indexer.test_programmes import SOURCE, programme

EDITED = dt.date(2026, 11, 22)
DAYS = [dt.date(2024, 1, 1), TODAY, dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2031, 1, 1)]


@pytest.fixture(scope="module")
def shipped() -> list[Programme]:
    programmes, problems = load_programmes(CORPUS)
    assert problems == []
    return list(programmes.values())


def lines(**values: object) -> list[str]:
    return record_page(programme(**values), EDITED)[1].sentence_texts()


def test_every_quote_of_a_shipped_record_is_a_whole_line_that_names_its_programme(shipped: list[Programme]) -> None:
    for record in shipped:
        document, passage = record_page(record, EDITED)
        quotes = passage.sentence_texts()
        assert quotes == passage.text.split("\n"), record.id
        assert [(block.start, block.end) for block in passage.blocks] == [(s.start, s.end) for s in passage.sentences]
        assert all(quote.startswith(f"{record.name} – ") and quote == quote.strip() for quote in quotes)
        assert len(set(quotes)) == len(quotes)
        assert passage.document_id == document.id == f"{PREFIX}{record.id}"
        assert passage.id == f"{document.id}{PASSAGE}"
        assert passage.heading_path == (HEADING,)


def test_every_quote_of_a_shipped_record_has_its_sources(shipped: list[Programme]) -> None:
    for record in shipped:
        document, passage = record_page(record, EDITED)
        assert all(sentence.source_ids == tuple(document.sources) for sentence in passage.sentences)
        assert [(s.title, s.publisher, s.date, s.url) for s in document.sources.values()] == [
            (source.title, source.publisher, source.date, str(source.url)) for source in record.sources
        ]
        assert document.programmes == (record.id,)


def test_a_page_says_all_that_a_record_says_and_the_list_line_says_it_short() -> None:
    assert lines(
        name="WLAN-Zuschuss",
        gegenstand="WLAN am Markt.",
        antragsberechtigt=["Städte", "Landkreise"],
        foerderart="Zuschuss",
        foerderquote=40,
        hoechstbetrag=5000,
        mindestbetrag=1000,
        bagatellgrenze=500.5,
        frist="2026-12-31",
        laufzeit_text="Bis Ende 2026.",
        voraussetzungen=["Der Ort liegt im Land", "Das Netz ist offen"],
        antragsweg="Online.",
        kombinierbar="Ja.",
        ansprechstelle="Rathaus",
        hinweis="Nur einmal.",
    ) == [
        "WLAN-Zuschuss – WLAN am Markt; Fördergeber: Land; Wer es beantragen kann: Städte, Landkreise; "
        "Förderart: Zuschuss; Fördersatz: 40 Prozent; Höchstbetrag: 5.000 Euro; Frist: 31. Dezember 2026",
        "WLAN-Zuschuss – Fördergeber: Land",
        "WLAN-Zuschuss – Ebene: Land",
        "WLAN-Zuschuss – Was gefördert wird: WLAN am Markt.",
        "WLAN-Zuschuss – Wer es beantragen kann: Städte, Landkreise",
        "WLAN-Zuschuss – Förderart: Zuschuss",
        "WLAN-Zuschuss – Fördersatz: 40 Prozent",
        "WLAN-Zuschuss – Höchstbetrag: 5.000 Euro",
        "WLAN-Zuschuss – Mindestbetrag: 1.000 Euro",
        "WLAN-Zuschuss – Bagatellgrenze: 500,50 Euro",
        "WLAN-Zuschuss – Frist: 31. Dezember 2026",
        "WLAN-Zuschuss – Laufzeit: Bis Ende 2026.",
        "WLAN-Zuschuss – Voraussetzungen: Der Ort liegt im Land; Das Netz ist offen",
        "WLAN-Zuschuss – Antragsweg: Online.",
        "WLAN-Zuschuss – Kombinierbar: Ja.",
        "WLAN-Zuschuss – Ansprechstelle: Rathaus",
        "WLAN-Zuschuss – Hinweis: Nur einmal.",
        "WLAN-Zuschuss – Stand der Auskunft: Die Richtlinie gilt.",
    ]


def test_what_no_source_names_has_no_line() -> None:
    assert lines() == [
        "Probe – Probe; Fördergeber: Land",
        "Probe – Fördergeber: Land",
        "Probe – Ebene: Land",
        "Probe – Was gefördert wird: Probe",
        "Probe – Stand der Auskunft: Die Richtlinie gilt.",
    ]


def test_a_value_over_several_lines_is_one_quote() -> None:
    _, passage = record_page(programme(hinweis="Erst dies.\n\nDann  das.\n"), EDITED)
    assert "Probe – Hinweis: Erst dies. Dann das." in passage.sentence_texts()
    assert passage.sentence_texts() == passage.text.split("\n")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1_300_000, "1.300.000 Euro"),
        (999, "999 Euro"),
        (32_002.4, "32.002,40 Euro"),
        (0.5, "0,50 Euro"),
        (1_000.0, "1.000 Euro"),
    ],
)
def test_money_is_written_as_germans_write_it(amount: float, expected: str) -> None:
    assert money(amount) == expected


def test_a_rate_a_ceiling_and_a_deadline_are_given_in_words() -> None:
    assert (per_cent(40), per_cent(12.5), per_cent(100)) == ("40 Prozent", "12,5 Prozent", "100 Prozent")
    assert share(programme(foerderquote=40, foerderquote_text="40 bis 60 Prozent")) == "40 bis 60 Prozent"
    assert share(programme(foerderquote=40)) == "40 Prozent"
    assert ceiling(programme(hoechstbetrag=5000, hoechstbetrag_text="je Ort")) == "5.000 Euro (je Ort)"
    assert ceiling(programme(hoechstbetrag_text="je nach Lage")) == "je nach Lage"
    assert deadline(programme(frist="2026-03-01", frist_text="Poststempel")) == "1. März 2026 (Poststempel)"
    assert deadline(programme(frist_text="laufend")) == "laufend"
    nothing = programme()
    assert (share(nothing), ceiling(nothing), deadline(nothing)) == ("", "", "")


@pytest.mark.parametrize("values", [{"frist": "2026-11-24"}, {"laufzeit_bis": "2026-11-24"}])
def test_an_open_record_is_expired_once_its_last_day_has_passed(values: dict[str, object]) -> None:
    document, _ = record_page(programme(**values), EDITED)
    assert document.status_on(dt.date(2026, 11, 24)) is Status.VALID
    assert document.status_on(dt.date(2026, 11, 25)) is Status.EXPIRED
    assert document.status_note == ""


@pytest.mark.parametrize(("status", "expected"), [("unklar", Status.UNCLEAR), ("ausgelaufen", Status.EXPIRED)])
def test_what_the_editor_says_holds_on_any_day_and_has_its_reason(status: str, expected: Status) -> None:
    document, _ = record_page(programme(status=status, frist="2026-06-30", laufzeit_von="2026"), EDITED)
    assert {document.status_on(day) for day in DAYS} == {expected}
    assert document.status_note == "Die Richtlinie gilt."
    assert (document.valid_from, document.valid_until) == (None, None)


def test_an_open_record_that_begins_later_says_when() -> None:
    document, _ = record_page(programme(laufzeit_von="2027-02", laufzeit_bis="2028"), EDITED)
    assert (document.valid_from, document.valid_until) == (dt.date(2027, 2, 1), dt.date(2028, 12, 31))


def test_the_status_of_a_shipped_page_is_that_of_its_record_on_every_day(shipped: list[Programme]) -> None:
    same = {
        Availability.OPEN: Status.VALID,
        Availability.NOT_YET: Status.VALID,
        Availability.ENDED: Status.EXPIRED,
        Availability.UNCLEAR: Status.UNCLEAR,
    }
    for record in shipped:
        document, _ = record_page(record, EDITED)
        assert [document.status_on(day) for day in DAYS] == [same[record.status_on(day)] for day in DAYS], record.id


def test_a_page_is_as_old_as_its_status_or_its_latest_source(shipped: list[Programme]) -> None:
    def stand(*dates: str, **values: object) -> dt.date:
        sources = [{**SOURCE, "datum": date} for date in dates]
        return record_page(programme(quellen=sources, **values), EDITED)[0].stand

    assert stand("2026", status_stand="2025-03") == dt.date(2025, 3, 1)
    assert stand("o. D.", "Juli 2024", "2019-03-01") == dt.date(2024, 1, 1)
    assert stand("o. D.") == EDITED
    assert all(record_page(record, EDITED)[0].stand <= TODAY for record in shipped)


def test_a_document_must_not_bear_the_id_of_a_page(tmp_path: Path) -> None:
    for name in ("programm-probe.md", "programm-anderes.md", "probe.md"):
        write(tmp_path, "\n## Kurz\n\nEs gibt 100 Euro. [A-1]\n", name=name)
    problems = taken_ids(load_corpus(tmp_path), [programme()], tmp_path)
    text = "Die Kennung „programm-probe“ trägt schon der Steckbrief des Programms."
    assert problems == [Problem("programm-probe.md", 0, "kennung-doppelt", text)]
