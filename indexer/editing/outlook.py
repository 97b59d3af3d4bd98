"""What of the corpus ends soon: documents, statements and funding programmes with a last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.editing.checks import Corpus
from indexer.programmes import Availability
from indexer.validity import parse_validity


@dataclass(frozen=True, order=True)
class Ending:
    """Something with its last day, where it stands and in which line."""

    day: dt.date
    file: str
    line: int
    what: str


def endings(corpus: Corpus, today: dt.date, days: int) -> list[Ending]:
    """Return what ends from `today` within `days` days, soonest first."""
    last = today + dt.timedelta(days=days)
    return sorted(ending for ending in _all(corpus, today) if today <= ending.day <= last)


def _all(corpus: Corpus, today: dt.date) -> Iterator[Ending]:
    for document in corpus.documents:
        file = corpus.file(document)
        if document.head.valid_until:
            yield Ending(document.head.valid_until, file, 0, document.head.title)
        for section in document.sections:
            for block in section.blocks:
                for statement in block.statements:
                    until = parse_validity(statement.validity).valid_until
                    if until:
                        yield Ending(until, file, block.line, statement.text)
    for programme in corpus.programmes.values():
        day = programme.last_day_to_apply()
        if day and programme.status_on(today) in (Availability.OPEN, Availability.NOT_YET):
            yield Ending(day, f"foerderung/programme/{programme.id}.yaml", 0, f"Letzter Tag: {programme.name}")
