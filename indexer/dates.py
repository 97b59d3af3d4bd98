"""Dates as Germans write them."""

from __future__ import annotations

import datetime as dt
from typing import Final

MONTHS: Final = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def german_date(date: dt.date) -> str:
    """Return „31. Juli 2019"."""
    return f"{date.day}. {MONTHS[date.month - 1]} {date.year}"
