"""Course material beside its metadata: a file `x.pptx` is described by `x.pptx.yaml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from indexer.documents import Kind
from indexer.problems import Problem
from indexer.reading import read_text
from indexer.typed_yaml import read_typed

SUFFIXES: Final = (".pptx", ".docx", ".pdf", ".xlsx", ".html")
MAX_BYTES: Final = 1_000_000
"""Above this a file is no handout for a clone and a mail any more."""
MISSING: Final = "metadaten-fehlen"


class Metadata(BaseModel):
    """What a file in an office format is, and from which documents of the corpus it was made."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    title: str = Field(alias="titel", min_length=3)
    kind: Kind = Field(alias="art")
    publisher: str = Field(alias="herausgeber", min_length=1)
    stand: dt.date
    topics: list[str] = Field(alias="themen", default_factory=list)
    made_from: list[Annotated[str, Field(min_length=1)]] = Field(alias="ausgabe_von", default_factory=list)
    digest: str = Field(alias="pruefsumme", default="")


_METADATA: Final = TypeAdapter(Metadata)


def material_files(corpus_dir: Path) -> list[Path]:
    """Return the office, PDF and HTML files of the corpus in a fixed order."""
    return sorted(path for path in corpus_dir.rglob("*") if path.suffix.lower() in SUFFIXES)


def load_material(corpus_dir: Path) -> tuple[dict[Path, Metadata], list[Problem]]:
    """Read the metadata of every file; a file without metadata, metadata without a file and giants are problems."""
    found: dict[Path, Metadata] = {}
    problems: list[Problem] = []
    for path in material_files(corpus_dir):
        file = path.relative_to(corpus_dir).as_posix()
        metadata_path = path.with_name(f"{path.name}.yaml")
        if not metadata_path.is_file():
            problems.append(Problem(file, 0, MISSING, f"Es fehlt die Datei {metadata_path.name} mit Titel und Stand."))
            continue
        if path.stat().st_size > MAX_BYTES:
            problems.append(
                Problem(file, 0, "datei-gross", "Die Datei ist größer als ein Megabyte; bitte verkleinern.")
            )
        text, unreadable = read_text(metadata_path, f"{file}.yaml")
        if text is None:
            problems += unreadable
            continue
        reading = read_typed(text, _METADATA, f"{file}.yaml")
        problems += reading.problems
        if reading.value is not None:
            found[path] = reading.value
    problems += _orphans(corpus_dir)
    return found, problems


def _orphans(corpus_dir: Path) -> Iterator[Problem]:
    for path in sorted(corpus_dir.rglob("*.yaml")):
        described = path.with_suffix("")
        if described.suffix.lower() in SUFFIXES and not described.is_file():
            file = path.relative_to(corpus_dir).as_posix()
            yield Problem(file, 0, MISSING, f"Die Datei {described.name}, die hier beschrieben wird, gibt es nicht.")
