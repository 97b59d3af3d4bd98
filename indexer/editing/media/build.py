"""Builds the course material: which files there are, from which text, and whether they still fit it.

A file's metadata hold a digest of the text that it was made from and of the version of this program, so that a check
needs neither the libraries nor a build. A file whose metadata hold such a digest was made here and is removed when its
text is gone; anything else in the folder is left alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import yaml

from indexer.documents import Document, Kind
from indexer.editing.material import Metadata, load_material
from indexer.editing.media import MediaError, style
from indexer.editing.media.course import units
from indexer.editing.media.outline import Unit
from indexer.programmes import FOLDER, Programme, load_programmes
from indexer.reading import corpus_error, load_corpus

MATERIAL: Final = "kurse/material"
VERSION: Final = "1"
"""To be raised with every change of this package that makes other files of the same text."""
LIBRARIES: Final = {
    "pptx": "python-pptx",
    "docx": "python-docx",
    "openpyxl": "openpyxl",
    "reportlab": "reportlab",
    "jinja2": "jinja2",
}
MISSING: Final = "fehlt"
STALE: Final = "passt nicht mehr zum Text"
LEFT_OVER: Final = "hat keinen Text mehr"


@dataclass(frozen=True)
class Product:
    """A file to be made: its name, its metadata, and how it is made."""

    name: str
    metadata: Metadata
    make: Callable[[], bytes]


@dataclass(frozen=True)
class Built:
    """What a build did with a file of `size` bytes; one that was removed has none."""

    path: Path
    size: int
    changed: bool


def products(corpus_dir: Path) -> list[Product]:
    """Return all files that the corpus should have; raises CorpusError or MediaError if its text cannot be read."""
    documents = load_corpus(corpus_dir)
    course = units(documents)
    programmes, problems = load_programmes(corpus_dir)
    if problems:
        raise corpus_error(problems)
    found = [product for unit in course for product in _of_unit(unit)]
    if course:
        found += _of_course(course)
    if programmes:
        found.append(_of_funding(corpus_dir, programmes, documents))
    if not found:
        raise MediaError(
            "Im Korpus liegt weder eine Lerneinheit noch ein Förderprogramm.",
            "Lerneinheiten heißen corpus/kurse/lerneinheit-1-thema.md.",
        )
    return found


def build(corpus_dir: Path) -> list[Built]:
    """Make every file and write those that changed, each before its metadata; remove what has no text any more."""
    _need_libraries()
    folder = corpus_dir / MATERIAL
    wanted = products(corpus_dir)
    # Everything is made before anything is written: a fault leaves the folder as it was.
    made = [(product, product.make()) for product in wanted]
    folder.mkdir(parents=True, exist_ok=True)
    done: list[Built] = []
    for product, content in made:
        path = folder / product.name
        changed = _write(path, content)
        changed = _write(_metadata_path(path), _metadata_text(product.metadata)) or changed
        done.append(Built(path, len(content), changed))
    for path in _left_over(corpus_dir, wanted):
        path.unlink()
        _metadata_path(path).unlink()
        done.append(Built(path, 0, True))
    return done


def outdated(corpus_dir: Path) -> list[tuple[Path, str]]:
    """Return the files that a build would change, and why."""
    found, _ = load_material(corpus_dir)
    wanted = products(corpus_dir)
    faults: list[tuple[Path, str]] = []
    for product in wanted:
        path = corpus_dir / MATERIAL / product.name
        if path not in found:
            faults.append((path, MISSING))
        elif found[path] != product.metadata:
            faults.append((path, STALE))
    return faults + [(path, LEFT_OVER) for path in _left_over(corpus_dir, wanted)]


def _of_unit(unit: Unit) -> list[Product]:
    def slides() -> bytes:
        from indexer.editing.media import slides

        return slides.build(unit)

    def handout() -> bytes:
        from indexer.editing.media import handout

        return handout.build(unit)

    describe = partial(_course_metadata, units=(unit,))
    return [
        Product(f"{unit.slug}-folien.pptx", describe(f"Folien zu {unit.name}: {unit.title}"), slides),
        Product(f"{unit.slug}-handout.docx", describe(f"Handout zu {unit.name}: {unit.title}"), handout),
    ]


def _of_course(course: tuple[Unit, ...]) -> list[Product]:
    def reader() -> bytes:
        from indexer.editing.media import reader

        return reader.build(course)

    def page() -> bytes:
        from indexer.editing.media import page

        return page.build(course)

    describe = partial(_course_metadata, units=course)
    return [
        Product("grundkurs-teilnehmerunterlage.pdf", describe(f"{style.COURSE}: Teilnehmerunterlage"), reader),
        Product("grundkurs.html", describe(f"{style.COURSE}: alle Lerneinheiten auf einer Seite"), page),
    ]


def _of_funding(corpus_dir: Path, programmes: dict[str, Programme], documents: Iterable[Document]) -> Product:
    about = [document for document in documents if document.head.programmes]
    # Without a document about them the records' own dates must do.
    dates = [document.head.stand for document in about] or [max(_status_dates(programmes.values()))]
    stand = max(dates)

    def overview() -> bytes:
        from indexer.editing.media import overview

        return overview.build(list(programmes.values()), stand)

    texts = [path.read_bytes() for path in sorted((corpus_dir / FOLDER).glob("*.y*ml"))]
    metadata = Metadata(
        titel="Förderübersicht: Programme für Städte und Gemeinden",
        art=Kind.FUNDING,
        herausgeber=style.PUBLISHER,
        stand=stand,
        themen=["foerderung", "foerderprogramme", "fristen"],
        ausgabe_von=[document.id for document in about],
        pruefsumme=_digest(hashlib.sha256(text).hexdigest() for text in texts),
    )
    return Product("foerderuebersicht.xlsx", metadata, overview)


def _status_dates(programmes: Iterable[Programme]) -> list[dt.date]:
    from indexer.programmes import last_day

    return [last_day(p.status_as_of) for p in programmes if p.status_as_of] or [dt.date(1980, 1, 1)]


def _course_metadata(title: str, units: tuple[Unit, ...]) -> Metadata:
    return Metadata(
        titel=title,
        art=Kind.COURSE,
        herausgeber=style.PUBLISHER,
        stand=max(unit.stand for unit in units),
        themen=list(dict.fromkeys(topic for unit in units for topic in unit.document.head.topics)),
        ausgabe_von=[unit.document.id for unit in units],
        pruefsumme=_digest(unit.document.digest for unit in units),
    )


def _digest(digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join([VERSION, *digests]).encode()).hexdigest()


def _metadata_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.yaml")


def _metadata_text(metadata: Metadata) -> bytes:
    data = metadata.model_dump(by_alias=True)
    data["art"] = metadata.kind.value
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120).encode()


def _write(path: Path, content: bytes) -> bool:
    if path.is_file() and path.read_bytes() == content:
        return False
    draft = path.with_name(f".{path.name}.neu")
    draft.write_bytes(content)
    draft.replace(path)
    return True


def _left_over(corpus_dir: Path, wanted: Iterable[Product]) -> list[Path]:
    found, _ = load_material(corpus_dir)
    names = {product.name for product in wanted}
    folder = corpus_dir / MATERIAL
    return [path for path, data in found.items() if path.parent == folder and data.digest and path.name not in names]


def _need_libraries() -> None:
    missing = [library for module, library in LIBRARIES.items() if find_spec(module) is None]
    if missing:
        raise MediaError(
            f"Zum Bauen des Kursmaterials fehlt: {', '.join(missing)}.",
            "Bitte einmal ausführen: pip install -e '.[media]'",
        )
