"""Today, which decides whether a deadline has passed; a setting may replace it for reproducible answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
"""Deadlines end at midnight where the towns are, not where the server runs."""

Clock = Callable[[], dt.date]


def clock(fixed: dt.date | None = None) -> Clock:
    """Return a function that tells today's date in Baden-Württemberg, or always `fixed`."""
    return (lambda: fixed) if fixed is not None else (lambda: dt.datetime.now(BERLIN).date())
