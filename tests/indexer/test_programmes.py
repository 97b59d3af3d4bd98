"""Funding records: what they may hold, and what their dates say on a given day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from indexer.editing.outlook import endings
from indexer.programmes import Availability, Programme, first_day, last_day, load_programmes
from indexer.validity import Validity, parse_validity
from tests.conftest import CORPUS, TODAY

SOURCE = {"titel": "Richtlinie", "herausgeber": "Land", "datum": "2026", "url": "https://example.org/a"}


def programme(**values: object) -> Programme:
    """A record with what every record has, and `values`."""
    base: dict[str, object] = {
        "id": "probe",
        "name": "Probe",
        "foerdergeber": "Land",
        "ebene": "land",
        "gegenstand": "Probe",
        "status": "offen",
        "status_begruendung": "Die Richtlinie gilt.",
        "quellen": [SOURCE],
    }
    return Programme.model_validate({**base, **values})


@pytest.mark.parametrize(
    ("values", "today", "expected"),
    [
        ({}, "2026-11-25", Availability.OPEN),
        ({"frist": "2026-11-25"}, "2026-11-25", Availability.OPEN),
        ({"frist": "2026-11-24"}, "2026-11-25", Availability.ENDED),
        ({"laufzeit_bis": "2026"}, "2026-12-31", Availability.OPEN),
        ({"laufzeit_bis": "2026"}, "2027-01-01", Availability.ENDED),
        ({"laufzeit_bis": "2026-02"}, "2026-02-28", Availability.OPEN),
        ({"laufzeit_bis": "2026-02"}, "2026-03-01", Availability.ENDED),
        ({"frist": "2026-06-30", "laufzeit_bis": "2030"}, "2026-07-01", Availability.ENDED),
        ({"laufzeit_von": "2027-01"}, "2026-12-31", Availability.NOT_YET),
        ({"laufzeit_von": "2027-01"}, "2027-01-01", Availability.OPEN),
        ({"status": "unklar", "frist": "2020-01-01"}, "2026-11-25", Availability.UNCLEAR),
        ({"status": "ausgelaufen"}, "2026-11-25", Availability.ENDED),
    ],
)
def test_status_is_computed_from_dates_and_the_clock(
    values: dict[str, object], today: str, expected: Availability
) -> None:
    assert programme(**values).status_on(dt.date.fromisoformat(today)) is expected


def test_partial_dates_have_a_first_and_a_last_day() -> None:
    assert (first_day("2028"), last_day("2028")) == (dt.date(2028, 1, 1), dt.date(2028, 12, 31))
    assert (first_day("2028-02"), last_day("2028-02")) == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    assert first_day("2028-02-03") == last_day("2028-02-03") == dt.date(2028, 2, 3)


@pytest.mark.parametrize(
    "values",
    [
        {"foerderquote": 101},
        {"foerderquote": -1},
        {"hoechstbetrag": "viel"},
        {"laufzeit_von": "2027", "laufzeit_bis": "2026"},
        {"laufzeit_von": "bald"},
        {"laufzeit_bis": "2026-13"},
        {"laufzeit_von": "2027-02-29"},
        {"status_stand": "0000"},
        {"quellen": []},
        {"foerdersatz": 50},
        {"id": "Mit Leerzeichen"},
    ],
)
def test_a_record_refuses_what_no_programme_can_have(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        programme(**values)


def test_the_shipped_records_can_be_read_and_each_has_a_source_with_an_address() -> None:
    programmes, problems = load_programmes(CORPUS)
    assert problems == []
    assert len(programmes) >= 57
    for record in programmes.values():
        assert all(source.url for source in record.sources), record.id


def test_what_ends_soon_is_listed_with_its_day(tmp_path: Path) -> None:
    from indexer.editing.checks import check

    report = check(CORPUS, TODAY)
    soon = endings(report.corpus, TODAY, 90)
    assert soon == sorted(soon)
    assert soon
    assert all(TODAY <= ending.day <= TODAY + dt.timedelta(days=90) for ending in soon)
    assert any(ending.file.endswith("regionalbudget-2026.yaml") for ending in soon)
    assert endings(report.corpus, dt.date(2100, 1, 1), 90) == []


def test_validity_marks_become_data() -> None:
    marks = ("Stand: Februar 2019", "abgelaufen", "gültig ab: 2027-01-01", "gültig bis: 2027-12-31", "unklar")
    first, last = dt.date(2027, 1, 1), dt.date(2027, 12, 31)
    assert parse_validity(marks) == Validity("Februar 2019", True, True, first, last)
    dated = parse_validity(("gültig ab: 2027-01-01", "gültig bis: 2027-12-31"))
    assert dated.not_yet(dt.date(2026, 12, 31))
    assert not dated.not_yet(first)
    assert not dated.ended(last)
    assert dated.ended(dt.date(2028, 1, 1))


@pytest.mark.parametrize("mark", ["gültig bis: 2027-13-01", "gültig", "Stand:", "abgelaufen 2019", ""])
def test_an_unreadable_mark_is_named(mark: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is the mark
        parse_validity((mark,))
    assert str(caught.value) == mark
