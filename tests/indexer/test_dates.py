"""Days and months that a text names, as Germans write them."""

from __future__ import annotations

import datetime as dt

import pytest

from indexer.dates import german_date, named_days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Frist endete am 31. Juli 2019.", [("2019-07-31", "31. Juli 2019")]),
        ("Stand: Februar 2028", [("2028-02-29", "Februar 2028")]),
        ("im Dezember 2026", [("2026-12-31", "Dezember 2026")]),
        ("vom 10. Juli bis 21. Oktober 2024", [("2024-10-21", "21. Oktober 2024")]),
        (
            "vom 1. März 2025 bis 5. Mai 2026",
            [("2025-03-01", "1. März 2025"), ("2026-05-05", "5. Mai 2026")],
        ),
        ("am 29. Februar 2028", [("2028-02-29", "29. Februar 2028")]),
        ("am 29. Februar 2027", []),
        ("am 31. April 2027", []),
        ("am 0. Mai 2027", []),
        ("im Mai 0000", []),
        ("Mai 20261", []),
        ("31.07.2019", []),
        ("im Mai", []),
        ("", []),
    ],
)
def test_named_days(text: str, expected: list[tuple[str, str]]) -> None:
    assert named_days(text) == [(dt.date.fromisoformat(day), written) for day, written in expected]


def test_every_day_is_read_as_it_is_written() -> None:
    for number in range(4 * 366):
        day = dt.date(2024, 1, 1) + dt.timedelta(days=number)
        written = german_date(day)
        assert named_days(f"Bis zum {written}, danach nicht mehr.") == [(day, written)]
