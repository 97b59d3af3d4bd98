"""Validity as data: the marks `{…}` behind a statement, and what they mean on a given day.

{Stand: Februar 2019}     the statement is known for that time
{abgelaufen}              it was true and is no longer
{unklar}                  nobody knows whether it is still true
{gültig ab: 2027-01-01}   it comes into force on that day
{gültig bis: 2026-12-31}  it ends after that day
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

EXPIRED: Final = "abgelaufen"
UNCLEAR: Final = "unklar"
STAND: Final = "Stand:"
FROM: Final = "gültig ab:"
UNTIL: Final = "gültig bis:"


@dataclass(frozen=True)
class Validity:
    """What the marks of one statement say; `stand` is in the words of the editor."""

    stand: str = ""
    expired: bool = False
    unclear: bool = False
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def ended(self, today: dt.date) -> bool:
        """Tell whether the statement no longer holds on `today`."""
        return self.expired or (self.valid_until is not None and self.valid_until < today)

    def not_yet(self, today: dt.date) -> bool:
        """Tell whether the statement does not hold yet on `today`."""
        return self.valid_from is not None and self.valid_from > today


def parse_validity(marks: Iterable[str]) -> Validity:
    """Return what `marks` (without braces) say; raises ValueError that names the first mark nobody can read."""
    stand = ""
    expired = unclear = False
    valid_from = valid_until = None
    for mark in marks:
        if mark == EXPIRED:
            expired = True
        elif mark == UNCLEAR:
            unclear = True
        elif mark.startswith(STAND) and mark.removeprefix(STAND).strip():
            stand = mark.removeprefix(STAND).strip()
        elif mark.startswith(FROM):
            valid_from = _day(mark, FROM)
        elif mark.startswith(UNTIL):
            valid_until = _day(mark, UNTIL)
        else:
            raise ValueError(mark)
    return Validity(stand, expired, unclear, valid_from, valid_until)


def _day(mark: str, prefix: str) -> dt.date:
    try:
        return dt.date.fromisoformat(mark.removeprefix(prefix).strip())
    except ValueError as error:
        raise ValueError(mark) from error
