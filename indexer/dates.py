"""Dates as Germans write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final

MONTHS: Final = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def german_date(date: dt.date) -> str:
    """Return „31. Juli 2019"."""
    return f"{date.day}. {MONTHS[date.month - 1]} {date.year}"


_DAY: Final = re.compile(rf"(?:(\d{{1,2}})\. )?({'|'.join(MONTHS)}) ([1-9]\d{{3}})\b")


def named_days(text: str) -> list[tuple[dt.date, str]]:
    """Return the days and months that a text names as (last day, as it is written); a month ends with its last day."""
    found = []
    for match in _DAY.finditer(text):
        day, month, year = match.group(1), MONTHS.index(match.group(2)) + 1, int(match.group(3))
        last = calendar.monthrange(year, month)[1]
        if day is None or 1 <= int(day) <= last:
            found.append((dt.date(year, month, int(day) if day else last), match.group()))
    return found
