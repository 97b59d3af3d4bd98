"""Whether the prose about a funding programme and its typed record say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from indexer.dates import MONTHS, german_date
from indexer.documents import Document, Kind, Status
from indexer.editing.figures import Figure, carried, figures
from indexer.problems import Problem, Severity
from indexer.programmes import FOLDER, Programme, Recorded, first_day, last_day

RULE: Final = "widerspruch"
ORPHAN: Final = "programm-ohne-dokument"
UNKNOWN: Final = "programm-unbekannt"
DATES: Final = "datum-status"
KEY_TABLE: Final = "Eckdaten"
"""A table whose caption begins so lists a programme's data; in a document of one programme it must equal the record."""
_TYPED_ROWS: Final = ("förder", "höchst", "mindest", "bagatell", "frist", "laufzeit", "zuschuss", "quote", "rate")
_SAME: Final = {
    Recorded.OPEN: Status.VALID,
    Recorded.ENDED: Status.EXPIRED,
    Recorded.UNCLEAR: Status.UNCLEAR,
}


def agreement(programmes: Mapping[str, Programme], documents: Sequence[tuple[str, Document]]) -> Iterator[Problem]:
    """Yield where a record and the documents that name it differ; `documents` are (file, document)."""
    for file, document in documents:
        for name in document.head.programmes:
            if name not in programmes:
                yield Problem(file, 0, UNKNOWN, f"Das Programm „{name}“ hat keinen Datensatz unter {FOLDER}/.")
        known = [programmes[name] for name in document.head.programmes if name in programmes]
        if len(known) == 1:
            yield from _single(known[0], document, file)
    for programme in programmes.values():
        about = [document for _, document in documents if programme.id in document.head.programmes]
        file = f"{FOLDER}/{programme.id}.yaml"
        if not about:
            yield Problem(file, 1, ORPHAN, f"Kein Dokument nennt „{programme.id}“ unter „programme“.")
            continue
        present = figures(" · ".join(_text(document) for document in about))
        where = ", ".join(document.id for document in about)
        for key, figure, words in _values(programme):
            # A share or an amount needs its unit here: „50 Kommunen" is no rate of 50 per cent.
            if not (figure in present if figure.unit in ("%", "€") else carried(figure, present)):
                yield Problem(file, 1, RULE, f"„{key}“ ist {words}; das steht in keinem Dokument dazu ({where}).")


def dates(programme: Programme, today: dt.date) -> Iterator[Problem]:
    """Yield where a record's status and its dates contradict each other, or the clock has overtaken it."""
    file = f"{FOLDER}/{programme.id}.yaml"
    last = programme.last_day_to_apply()
    as_of = programme.status_as_of
    if programme.status is Recorded.ENDED and programme.deadline and as_of and last_day(as_of) < programme.deadline:
        day = german_date(programme.deadline)
        text = f"Der Status ist „ausgelaufen“ (Stand {as_of}), die Frist endet aber erst am {day}."
        yield Problem(file, 1, DATES, text)
    if programme.status is Recorded.OPEN and last is not None:
        if as_of and first_day(as_of) > last:
            text = (
                f"Der Status ist „offen“ (Stand {as_of}), der letzte Tag für Anträge war aber der {german_date(last)}."
            )
            yield Problem(file, 1, DATES, text)
        elif last < today:
            text = f"Am {german_date(last)} ausgelaufen: Bitte „status“ und die Dokumente dazu anpassen."
            yield Problem(file, 1, DATES, text, Severity.WARNING)


def _single(programme: Programme, document: Document, file: str) -> Iterator[Problem]:
    blocks = [block for section in document.sections for block in section.blocks]
    table = [block for block in blocks if block.caption.startswith(KEY_TABLE) and len(block.cells) > 1]
    # A report on one event of an ended programme may well be valid; who describes the programme must agree.
    describes = document.head.kind is Kind.FUNDING or table
    if describes and document.head.status is not _SAME[programme.status]:
        text = f"Das Dokument ist „{document.head.status}“, der Datensatz „{programme.id}“ aber „{programme.status}“."
        yield Problem(file, 0, RULE, text)
    record = figures(" · ".join(_record_text(programme)))
    for block in table:
        (_, label), (_, value) = block.cells[:2]
        if not label.lower().startswith(_TYPED_ROWS):
            continue
        for figure in sorted(figures(value)):
            if not carried(figure, record):
                text = f"„{label}: {value}“ steht so nicht im Datensatz „{programme.id}“ (dort fehlt {figure})."
                yield Problem(file, block.line, RULE, text)


def _values(programme: Programme) -> Iterator[tuple[str, Figure, str]]:
    """Yield (key, figure, words) of each typed value that the prose must name."""
    if programme.rate is not None:
        yield "foerderquote", Figure(_number(programme.rate), "%"), f"{_german(programme.rate)} Prozent"
    for key, amount in (
        ("hoechstbetrag", programme.cap),
        ("mindestbetrag", programme.minimum),
        ("bagatellgrenze", programme.threshold),
    ):
        if amount is not None:
            yield key, Figure(_number(amount), "€"), f"{_german(amount)} Euro"
    if programme.deadline is not None:
        yield "frist", Figure(programme.deadline.isoformat(), "Tag"), german_date(programme.deadline)
    for key, partial in (("laufzeit_von", programme.runs_from), ("laufzeit_bis", programme.runs_until)):
        if partial:
            unit = {10: "Tag", 7: "Monat", 4: ""}[len(partial)]
            yield key, Figure(partial, unit), partial
    for key, text in (
        ("foerderquote_text", programme.rate_text),
        ("hoechstbetrag_text", programme.cap_text),
        ("frist_text", programme.deadline_text),
        ("laufzeit_text", programme.runs_text),
        *(("voraussetzungen", text) for text in programme.conditions),
    ):
        for figure in sorted(figures(text)):
            yield key, figure, f"„{text}“ ({figure})"


def _record_text(programme: Programme) -> Iterator[str]:
    """Yield what the record says, in words that `figures` reads."""
    for _, figure, words in _values(programme):
        yield words
        if figure.unit == "Monat":
            year, month = figure.value.split("-")
            yield f"{MONTHS[int(month) - 1]} {year}"
        elif figure.unit == "Tag" and not figure.value.startswith("-"):
            yield german_date(dt.date.fromisoformat(figure.value))
    yield from (programme.object, programme.status_reason, programme.remark, programme.combinable)
    yield from (programme.how_to_apply, programme.form, programme.name)


def _text(document: Document) -> str:
    return " · ".join(
        " ".join((statement.text, *statement.validity))
        for section in document.sections
        for block in section.blocks
        for statement in block.statements
    )


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _german(value: float) -> str:
    whole, _, part = _number(value).partition(".")
    return f"{int(whole):,}".replace(",", ".") + (f",{part}" if part else "")
