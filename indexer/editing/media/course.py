"""The course as data: the documents `lerneinheit-N-…` become units with goals, chapters, exercises, test and terms.

Source marks become numbers in the order in which a unit first uses them; `Unit.references` resolves them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from indexer.documents import Block, BlockKind, Document, Section, Statement
from indexer.editing.agreement import german_day
from indexer.editing.figures import MONTHS
from indexer.editing.media import MediaError
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


@dataclass(frozen=True)
class Sentence:
    """A sentence with the numbers of its sources; `note` says what its validity marks say."""

    text: str
    refs: tuple[int, ...] = ()
    note: str = ""

    @property
    def words(self) -> str:
        """The sentence as people read it, without its sources."""
        return f"{self.text} ({self.note})" if self.note else self.text

    @property
    def marked(self) -> str:
        """The sentence with its sources, for places without superscript."""
        return " ".join([self.words, *(f"[{ref}]" for ref in self.refs)])


Passage = tuple[Sentence, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    sentences: Passage


@dataclass(frozen=True)
class Points:
    """A list; steps are `ordered`."""

    items: tuple[Passage, ...]
    ordered: bool


@dataclass(frozen=True)
class Subheading:
    """A heading within a chapter."""

    text: str


@dataclass(frozen=True)
class Row:
    """A row of a table: one text for each column, and the numbers of its sources."""

    cells: tuple[str, ...]
    refs: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A table; its column of sources is not among `header`, but in the rows' `refs`."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


Part = Paragraph | Points | Subheading | Table


@dataclass(frozen=True)
class Chapter:
    """A section of a unit that teaches something."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Exercise:
    """A task and what a good solution contains."""

    number: int
    task: Passage
    solution: Passage


@dataclass(frozen=True)
class Reference:
    """An entry of the list of sources; the course's own material has no address."""

    number: int
    title: str
    publisher: str
    date: str
    url: str

    @property
    def text(self) -> str:
        """The entry in one line, without number and address."""
        return f"{self.title}. {self.publisher}, {self.date}"


@dataclass(frozen=True)
class Unit:
    """One unit of the course; `slug` names its files."""

    number: int
    slug: str
    title: str
    document: Document
    brief: Passage
    goals: tuple[Part, ...]
    chapters: tuple[Chapter, ...]
    exercises: tuple[Exercise, ...]
    exercise_notes: tuple[Part, ...]
    test: Table
    terms: Table
    references: tuple[Reference, ...] = field(default=())

    @property
    def name(self) -> str:
        """„Lerneinheit 1": what a reader calls the unit."""
        return f"Lerneinheit {self.number}"

    @property
    def stand(self) -> dt.date:
        """The day on which the editor last looked at the unit."""
        return self.document.head.stand

    def sources(self, numbers: Iterable[int]) -> tuple[Reference, ...]:
        """Return the entries of `numbers` in order."""
        wanted = set(numbers)
        return tuple(reference for reference in self.references if reference.number in wanted)


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


def refs_of(passage: Iterable[Sentence]) -> tuple[int, ...]:
    """Return the numbers of all sources of a passage, each once, in order."""
    return tuple(dict.fromkeys(ref for sentence in passage for ref in sentence.refs))


def german_date(date: str) -> str:
    """Return an ISO day, month or year in German words; anything else („o. D. (2017)") stays as it is."""
    match = _DATE.fullmatch(date)
    if match is None or (match[2] and not 1 <= int(match[2]) <= len(MONTHS)):
        return date
    if match[3]:
        return german_day(dt.date.fromisoformat(date))
    return f"{MONTHS[int(match[2]) - 1]} {match[1]}" if match[2] else date


def _note(marks: Sequence[str]) -> str:
    validity = parse_validity(marks)
    notes = [f"Stand: {validity.stand}"] if validity.stand else []
    notes += ["abgelaufen"] if validity.expired else []
    notes += ["unklar, ob das noch gilt"] if validity.unclear else []
    notes += [f"gültig ab {german_day(validity.valid_from)}"] if validity.valid_from else []
    notes += [f"gültig bis {german_day(validity.valid_until)}"] if validity.valid_until else []
    return ", ".join(notes)


class _Reader:
    """Turns one document into a unit and numbers its sources on the way."""

    def __init__(self, document: Document, number: int, slug: str) -> None:
        self.document = document
        self.number = number
        self.slug = slug
        self.numbers: dict[str, int] = {}

    def unit(self) -> Unit:
        groups = {
            title: tuple(sections)
            for title, sections in groupby(
                self.document.sections, lambda s: s.heading_path[0] if s.heading_path else ""
            )
        }
        missing = [title for title in FRAME if title not in groups]
        if missing:
            raise MediaError(f"{self.document.id}: Es fehlt der Abschnitt „{'“, „'.join(missing)}“.")
        # Sources are numbered as they appear, so the parts are read in the order of the document.
        parts = {title: self._parts(sections) for title, sections in groups.items() if title != EXERCISES}
        exercises, notes = self._exercises(groups[EXERCISES])
        brief = [part for part in parts[BRIEF] if isinstance(part, Paragraph)]
        title = re.sub(r"^Lerneinheit \d+\s*[:–-]\s*", "", self.document.head.title)
        return Unit(
            self.number,
            "-".join(filter(None, ("einheit", str(self.number), self.slug))),
            title,
            self.document,
            tuple(sentence for part in brief for sentence in part.sentences),
            parts[GOALS],
            tuple(Chapter(title, found) for title, found in parts.items() if title not in FRAME),
            exercises,
            notes,
            self._table(parts[TEST], TEST),
            self._table(parts[TERMS], TERMS),
            self._references(),
        )
