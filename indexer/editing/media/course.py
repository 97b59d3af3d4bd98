"""Reads the course: the documents `lerneinheit-N-…` become units with goals, chapters, exercises, test and terms.

Source marks become numbers in the order in which a unit first uses them; `Unit.references` resolves them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from indexer.dates import MONTHS, german_date
from indexer.documents import Block, BlockKind, Document, Section, Statement
from indexer.editing.media import MediaError
from indexer.editing.media.outline import (
    Chapter,
    Exercise,
    Paragraph,
    Part,
    Passage,
    Points,
    Question,
    Reference,
    Row,
    Sentence,
    Subheading,
    Table,
    Unit,
)
from indexer.validity import parse_validity

BRIEF: Final = "Kurz gesagt"
GOALS: Final = "Lernziele"
EXERCISES: Final = "Übungen"
TEST: Final = "Selbsttest"
TERMS: Final = "Begriffe"
FRAME: Final = (BRIEF, GOALS, EXERCISES, TEST, TERMS)
"""The sections that every unit has; all others are its chapters."""
_ID: Final = re.compile(r"lerneinheit-(\d+)(?:-(.+))?")
_EXERCISE: Final = re.compile(r"\bÜbung (\d+)\b")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def units(documents: Iterable[Document]) -> tuple[Unit, ...]:
    """Return the units among `documents` by number; raises MediaError that names every unit with a fault."""
    found: dict[int, Unit] = {}
    faults: list[str] = []
    for document in documents:
        match = _ID.fullmatch(document.id)
        if match is None:
            continue
        number = int(match[1])
        try:
            unit = _Reader(document, number, match[2] or "").unit()
        except MediaError as error:
            faults.append(error.message)
            continue
        if number in found:
            faults.append(f"Die Lerneinheit {number} gibt es zweimal: {found[number].document.id} und {document.id}.")
        found[number] = unit
    if faults:
        raise MediaError("\n".join(faults), "Bitte die genannten Dokumente unter corpus/kurse/ ergänzen.")
    return tuple(found[number] for number in sorted(found))


def source_date(date: str) -> str:
    """Return an ISO day, month or year in German words; anything else („o. D. (2017)") stays as it is."""
    match = _DATE.fullmatch(date)
    if match is None:
        return date
    try:
        day = dt.date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return date
    if match[3]:
        return german_date(day)
    return f"{MONTHS[day.month - 1]} {day.year}" if match[2] else date


def _note(marks: Sequence[str], text: str) -> str:
    """Return what validity marks say in words, without what `text` says itself."""
    validity = parse_validity(marks)
    notes = []
    if validity.stand and validity.stand not in text:
        notes.append(f"Stand: {validity.stand}")
    if validity.expired:
        notes.append("abgelaufen")
    if validity.unclear:
        notes.append("unklar")
    for word, day in (("ab", validity.valid_from), ("bis", validity.valid_until)):
        if day and german_date(day) not in text:
            notes.append(f"gültig {word} {german_date(day)}")
    return ", ".join(notes)


class _Reader:
    """Turns one document into a unit and numbers its sources on the way."""

    def __init__(self, document: Document, number: int, slug: str) -> None:
        self.document = document
        self.number = number
        self.slug = slug
        self.numbers: dict[str, int] = {}

    def unit(self) -> Unit:
        """Return the unit; sources are numbered as they appear, so everything is read in the order of the text."""
        sections = {
            title: [part for section in group for part in self._section(section)]
            for title, group in groupby(self.document.sections, lambda s: s.heading_path[0] if s.heading_path else "")
        }
        missing = [title for title in FRAME if title not in sections]
        if missing:
            raise MediaError(f"{self.document.id}: Es fehlt der Abschnitt „{'“, „'.join(missing)}“.")
        exercises, remark = self._exercises(sections[EXERCISES])
        return Unit(
            number=self.number,
            slug="-".join(filter(None, ("einheit", str(self.number), self.slug))),
            title=re.sub(r"^Lerneinheit \d+\s*[:–-]\s*", "", self.document.head.title),
            document=self.document,
            brief=_sentences(sections[BRIEF]),
            goals=tuple(sections[GOALS]),
            chapters=tuple(Chapter(title, tuple(parts)) for title, parts in sections.items() if title not in FRAME),
            exercises=exercises,
            remark=remark,
            test=self._test(sections[TEST]),
            terms=self._table(sections[TERMS], TERMS),
            references=self._references(),
        )

    def _section(self, section: Section) -> list[Part]:
        """Return the parts of a section: blocks of a list or table that follow each other become one part."""
        parts: list[Part] = [Subheading(section.heading_path[-1])] if len(section.heading_path) > 1 else []
        for (kind, caption), group in groupby(section.blocks, lambda block: (block.kind, block.caption)):
            blocks = list(group)
            if kind is BlockKind.ROW:
                parts.append(self._rows(caption, blocks))
            elif kind is BlockKind.PARAGRAPH:
                parts += [Paragraph(self._passage(block.statements)) for block in blocks]
            else:
                items = tuple(self._passage(block.statements) for block in blocks)
                parts.append(Points(items, ordered=kind is BlockKind.STEP))
        return parts

    def _rows(self, caption: str, blocks: Sequence[Block]) -> Table:
        # A row lacks its empty cells (the column of sources always), so the longest row leads.
        header: list[str] = []
        for block in sorted(blocks, key=lambda b: -len(b.cells)):
            header += [name for name, _ in block.cells if name not in header]
        rows = []
        for block in blocks:
            texts = dict(block.cells)
            cells = [texts.get(name, "") for name in header]
            note = _note(block.statements[0].validity, block.statements[0].text)
            if note:
                cells[-1] = f"{cells[-1]} ({note})".strip()
            rows.append(Row(tuple(cells), self._refs(block.statements[0])))
        return Table(caption, tuple(header), tuple(rows))

    def _passage(self, statements: Iterable[Statement]) -> Passage:
        return tuple(Sentence(s.text, self._refs(s), _note(s.validity, s.text)) for s in statements)

    def _refs(self, statement: Statement) -> tuple[int, ...]:
        return tuple(self.numbers.setdefault(key, len(self.numbers) + 1) for key in statement.source_ids)

    def _exercises(self, parts: Sequence[Part]) -> tuple[tuple[Exercise, ...], Passage]:
        """Return the steps as tasks, each with the sentences that name it („Übung 2"), and the remaining sentences."""
        tasks = [item for part in parts if isinstance(part, Points) and part.ordered for item in part.items]
        solutions: dict[int, list[Sentence]] = {}
        remark: list[Sentence] = []
        for sentence in _sentences(part for part in parts if not (isinstance(part, Points) and part.ordered)):
            match = _EXERCISE.search(sentence.text)
            named = int(match[1]) if match else 0
            (solutions.setdefault(named, []) if 1 <= named <= len(tasks) else remark).append(sentence)
        if not tasks:
            raise MediaError(f"{self.document.id}: Der Abschnitt „{EXERCISES}“ hat keine nummerierte Liste.")
        exercises = (Exercise(n, task, tuple(solutions.get(n, ()))) for n, task in enumerate(tasks, start=1))
        return tuple(exercises), tuple(remark)

    def _test(self, parts: Sequence[Part]) -> tuple[Question, ...]:
        rows = self._table(parts, TEST).rows
        return tuple(Question(row.cells[0], Sentence(row.cells[1], row.refs)) for row in rows)

    def _table(self, parts: Sequence[Part], title: str) -> Table:
        tables = [part for part in parts if isinstance(part, Table) and len(part.header) > 1]
        if not tables:
            raise MediaError(f"{self.document.id}: Der Abschnitt „{title}“ hat keine Tabelle mit zwei Spalten.")
        return tables[0]

    def _references(self) -> tuple[Reference, ...]:
        sources = self.document.head.sources
        return tuple(
            Reference(
                number,
                sources[key].title,
                sources[key].publisher,
                source_date(sources[key].date),
                str(sources[key].url or ""),
            )
            for key, number in self.numbers.items()
        )


def _sentences(parts: Iterable[Part]) -> Passage:
    found: list[Sentence] = []
    for part in parts:
        if isinstance(part, Paragraph):
            found += part.sentences
        elif isinstance(part, Points):
            found += [sentence for item in part.items for sentence in item]
    return tuple(found)
