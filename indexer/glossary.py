"""The glossary `glossar.yaml`: what people in town halls say, what it is called officially, and what it means."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter

from indexer.analysis import fold
from indexer.problems import Problem
from indexer.reading import DUPLICATE_ID, read_text
from indexer.typed_yaml import SCHEMA, read_typed

FILE: Final = "glossar.yaml"
Word = Annotated[str, Field(min_length=2)]


class TermKind(StrEnum):
    """What sort of word an entry explains."""

    ABBREVIATION = "abkürzung"
    PROGRAMME = "programm"
    INSTITUTION = "stelle"
    LAW = "recht"
    CONCEPT = "begriff"


class Term(BaseModel):
    """One thing with all its names; `meaning` is quotable, so the documents that carry it are named."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    term: Word = Field(alias="begriff")
    kind: TermKind = Field(alias="art")
    full: str = Field(alias="langform", default="")
    also: list[Word] = Field(alias="auch", default_factory=list)
    everyday: list[Word] = Field(alias="alltag", default_factory=list)
    english: list[Word] = Field(alias="englisch", default_factory=list)
    meaning: str = Field(alias="bedeutung", default="")
    documents: list[Word] = Field(alias="dokumente", default_factory=list)
    _line: int = PrivateAttr(default=0)

    @property
    def line(self) -> int:
        """Where the entry begins in the file."""
        return self._line

    def names(self) -> list[str]:
        """Return every name of the thing, the official one first."""
        return [self.term, *([self.full] if self.full else []), *self.also, *self.everyday, *self.english]


_TERMS: Final = TypeAdapter(list[Term])


def load_glossary(corpus_dir: Path) -> tuple[list[Term], list[Problem]]:
    """Read the glossary; no file is an empty glossary. An official name may stand for one thing only."""
    path = corpus_dir / FILE
    if not path.is_file():
        return [], []
    text, problems = read_text(path, FILE)
    if text is None:
        return [], problems
    reading = read_typed(text, _TERMS, FILE)
    terms, problems = reading.value or [], list(reading.problems)
    seen: dict[str, str] = {}
    # Entries that cannot be read leave no terms, so there may be more starts than terms.
    starts = [number for number, row in enumerate(text.split("\n"), start=1) if row.startswith("- ")]
    for entry, line in zip(terms, starts, strict=False):
        entry._line = line
        key = fold(entry.term)
        if key in seen:
            problems.append(Problem(FILE, line, DUPLICATE_ID, f"Den Begriff „{entry.term}“ gibt es schon."))
        seen[key] = entry.term
        if entry.meaning and not entry.documents:
            problems.append(
                Problem(FILE, line, SCHEMA, f"Die Bedeutung von „{entry.term}“ nennt kein Dokument, das sie trägt.")
            )
        own = [fold(name) for name in entry.names()]
        if len(set(own)) < len(own):
            problems.append(Problem(FILE, line, DUPLICATE_ID, f"„{entry.term}“ nennt einen Namen doppelt."))
    return terms, problems
