"""The documents of the corpus: front matter, sections, and statements with their sources.

A document is a Markdown file that an editor writes (corpus/README.md explains the format, indexer/reading.py reads
it). Its text is quoted word by word, so a statement (a sentence, a list item's sentence, a table row) keeps the
source marks `[ID]` and validity marks `{…}` that follow it; the marks themselves never reach a reader.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl


class Kind(StrEnum):
    """What a document is; each kind has its folder."""

    GUIDANCE = "leitfaden"
    FUNDING = "foerderung"
    COURSE = "kurs"


class Status(StrEnum):
    """Whether what a document describes is in force."""

    VALID = "gültig"
    EXPIRED = "ausgelaufen"
    UNCLEAR = "unklar"


class BlockKind(StrEnum):
    """The shape of a piece of text on the page."""

    PARAGRAPH = "paragraph"
    ITEM = "item"
    STEP = "step"
    ROW = "row"


def as_text(value: object) -> object:
    """Return a number that YAML read from unquoted text (a year) as the text that people meant."""
    return str(value) if isinstance(value, int) else value


class Source(BaseModel):
    """Where a statement comes from; only the association's own material has no address."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    title: str = Field(alias="titel", min_length=1)
    publisher: str = Field(alias="herausgeber", min_length=1)
    date: Annotated[str, BeforeValidator(as_text)] = Field(alias="datum", min_length=1)
    url: HttpUrl | None = None


class FrontMatter(BaseModel):
    """The head of a document; the keys are German because editors write them."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    title: str = Field(alias="titel", min_length=3)
    kind: Kind = Field(alias="art")
    publisher: str = Field(alias="herausgeber", min_length=1)
    stand: dt.date
    valid_from: dt.date | None = Field(default=None, alias="gueltig_von")
    valid_until: dt.date | None = Field(default=None, alias="gueltig_bis")
    status: Status
    status_note: str = Field(default="", alias="status_hinweis")
    topics: list[str] = Field(default_factory=list, alias="themen")
    programmes: list[str] = Field(default_factory=list, alias="programme")
    sources: dict[str, Source] = Field(alias="quellen", min_length=1)


@dataclass(frozen=True)
class Statement:
    """A sentence or table row that may be quoted alone: its text without marks, its sources, its validity."""

    text: str
    source_ids: tuple[str, ...]
    validity: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or table row; `cells` are (header, text) pairs of a row, `caption` its table's.

    `line` is where it begins in the file.
    """

    kind: BlockKind
    statements: tuple[Statement, ...]
    cells: tuple[tuple[str, str], ...] = ()
    caption: str = ""
    line: int = 0


@dataclass
class Section:
    """A heading with what stands below it and the questions that it answers."""

    heading_path: tuple[str, ...]
    line: int
    blocks: list[Block] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """One document of the corpus; `digest` changes with its text, `links` are (line, target)."""

    id: str
    path: Path
    head: FrontMatter
    sections: tuple[Section, ...]
    digest: str
    links: tuple[tuple[int, str], ...] = ()
