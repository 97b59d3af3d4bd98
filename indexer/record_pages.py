"""Funding records as pages: a document with one passage each, so that a value of a record is quoted like a sentence.

The first statement is the whole programme in one line, as lists show it; the others are its values one by one, each
with the programme's name, because a quote must be true without what stands around it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from indexer.chunking import Passage, PassageBlock, Sentence
from indexer.dates import german_date
from indexer.documents import BlockKind, Document, Kind, Status
from indexer.problems import Problem
from indexer.programmes import Level, Programme, Recorded, first_day
from indexer.reading import DUPLICATE_ID
from indexer.records import DocumentRecord, SourceRecord

PREFIX: Final = "programm-"
"""Before the id of a record: the id of its page as a document."""
PASSAGE: Final = ".steckbrief"
HEADING: Final = "Steckbrief"
LEVELS: Final = {Level.STATE: "Land", Level.FEDERAL: "Bund", Level.EU: "EU"}
_STATUS: Final = {
    Recorded.OPEN: Status.VALID,
    Recorded.ENDED: Status.EXPIRED,
    Recorded.UNCLEAR: Status.UNCLEAR,
}
_GERMAN: Final = str.maketrans(",.", ".,")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")


def record_page(programme: Programme, edited: dt.date) -> tuple[DocumentRecord, Passage]:
    """Return the page of a record; `edited` is its date if neither record nor sources name one."""
    page = f"{PREFIX}{programme.id}"
    is_open = programme.status is Recorded.OPEN
    keys = tuple(f"q{number}" for number in range(1, len(programme.sources) + 1))
    text = ""
    sentences: list[Sentence] = []
    blocks: list[PassageBlock] = []
    for written in _lines(programme):
        line = " ".join(written.split())  # a value over several lines is one statement too
        text += "\n" if text else ""
        sentences.append(Sentence(len(text), len(text) + len(line), keys, ()))
        blocks.append(PassageBlock(BlockKind.ITEM, len(text), len(text) + len(line)))
        text += line
    document = DocumentRecord(
        id=page,
        title=programme.name,
        kind=Kind.FUNDING,
        publisher=programme.funder,
        stand=_stand(programme, edited),
        valid_from=first_day(programme.runs_from) if programme.runs_from and is_open else None,
        valid_until=programme.last_day_to_apply() if is_open else None,
        status=_STATUS[programme.status],
        status_note="" if is_open else programme.status_reason,
        topics=(),
        programmes=(programme.id,),
        sources={
            key: SourceRecord(key, source.title, source.publisher, source.date, str(source.url or ""))
            for key, source in zip(keys, programme.sources, strict=True)
        },
        digest="",
    )
    passage = Passage(
        id=f"{page}{PASSAGE}",
        document_id=page,
        heading_path=(HEADING,),
        text=text,
        blocks=tuple(blocks),
        sentences=tuple(sentences),
        questions=(),
        title=programme.name,
    )
    return document, passage


def taken_ids(documents: Iterable[Document], programmes: Iterable[Programme], corpus_dir: Path) -> list[Problem]:
    """Return a problem for each document that bears the id of a record's page."""
    pages = {f"{PREFIX}{programme.id}" for programme in programmes}
    return [
        Problem(
            unicodedata.normalize("NFC", document.path.relative_to(corpus_dir).as_posix()),
            0,
            DUPLICATE_ID,
            f"Die Kennung „{document.id}“ trägt schon der Steckbrief des Programms.",
        )
        for document in documents
        if document.id in pages
    ]


def money(amount: float) -> str:
    """Return „1.300.000 Euro", with cents only if there are any."""
    return f"{amount:,.2f}".removesuffix(".00").translate(_GERMAN) + " Euro"


def per_cent(rate: float) -> str:
    """Return „40 Prozent"."""
    return f"{rate:g} Prozent".replace(".", ",")


def share(programme: Programme) -> str:
    """Return the rate in words, empty if no source names one."""
    return programme.rate_text or (per_cent(programme.rate) if programme.rate else "")


def ceiling(programme: Programme) -> str:
    """Return the highest amount in words, empty if no source names one."""
    if not programme.cap:
        return programme.cap_text
    return f"{money(programme.cap)} ({programme.cap_text})" if programme.cap_text else money(programme.cap)


def deadline(programme: Programme) -> str:
    """Return until when one can apply in words, empty if no source names a day."""
    if not programme.deadline:
        return programme.deadline_text
    day = german_date(programme.deadline)
    return f"{day} ({programme.deadline_text})" if programme.deadline_text else day


def _lines(programme: Programme) -> Iterator[str]:
    named = [
        ("Fördergeber", programme.funder),
        ("Ebene", LEVELS[programme.level]),
        ("Was gefördert wird", programme.object),
        ("Wer es beantragen kann", ", ".join(programme.applicants)),
        ("Förderart", programme.form),
        ("Fördersatz", share(programme)),
        ("Höchstbetrag", ceiling(programme)),
        ("Mindestbetrag", money(programme.minimum) if programme.minimum else ""),
        ("Bagatellgrenze", money(programme.threshold) if programme.threshold else ""),
        ("Frist", deadline(programme)),
        ("Laufzeit", programme.runs_text),
        ("Voraussetzungen", "; ".join(programme.conditions)),
        ("Antragsweg", programme.how_to_apply),
        ("Kombinierbar", programme.combinable),
        ("Ansprechstelle", programme.contact),
        ("Hinweis", programme.remark),
        ("Stand der Auskunft", programme.status_reason),
    ]
    short = [programme.object, *(f"{name}: {value}" for name, value in named if name in _SHORT and value)]
    yield f"{programme.name} – {'; '.join(part.rstrip('.') for part in short)}"
    for name, value in named:
        if value:
            yield f"{programme.name} – {name}: {value}"


_SHORT: Final = ("Fördergeber", "Wer es beantragen kann", "Förderart", "Fördersatz", "Höchstbetrag", "Frist")
"""What the line of a list names."""


def _stand(programme: Programme, edited: dt.date) -> dt.date:
    """Return the day of the record's status, or the first day of the latest year that its sources name."""
    if programme.status_as_of:
        return first_day(programme.status_as_of)
    years = [int(year) for source in programme.sources for year in _YEAR.findall(source.date)]
    return dt.date(max(years), 1, 1) if years else edited
