"""A unit of the course as data: what every format is made from, with numbered sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.documents import Document


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
class Question:
    """A question of the self-test and its answer."""

    text: str
    answer: Sentence


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
    """One unit of the course; `slug` begins the names of its files, `remark` stands above the exercises."""

    number: int
    slug: str
    title: str
    document: Document
    brief: Passage
    goals: tuple[Part, ...]
    chapters: tuple[Chapter, ...]
    exercises: tuple[Exercise, ...]
    remark: Passage
    test: tuple[Question, ...]
    terms: Table
    references: tuple[Reference, ...]

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


def refs_of(sentences: Iterable[Sentence]) -> tuple[int, ...]:
    """Return the numbers of all sources of sentences, each once, in order."""
    return tuple(dict.fromkeys(ref for sentence in sentences for ref in sentence.refs))


def part_refs(part: Part) -> tuple[int, ...]:
    """Return the numbers of all sources of a part, each once, in order."""
    match part:
        case Paragraph(sentences):
            return refs_of(sentences)
        case Points(items):
            return refs_of(sentence for item in items for sentence in item)
        case Table():
            return tuple(dict.fromkeys(ref for row in part.rows for ref in row.refs))
        case Subheading():
            return ()


def marks(refs: Iterable[int]) -> str:
    """Return „[1] [2]"."""
    return " ".join(f"[{ref}]" for ref in refs)
