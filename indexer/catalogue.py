"""The texts of one generation: documents, passages, funding records and glossary in a SQLite file, written once.

Chroma and the lexical index hold ids; what is shown and quoted comes from here, so that a quote is compared with
one stored text. A funding record is stored as a document with one passage too (:mod:`indexer.record_pages`), so that
it is quoted and opened like any other; such pages are not searched and not listed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final

from cachetools import LRUCache

from indexer.chunking import Passage, PassageBlock, Sentence
from indexer.documents import BlockKind, Document, Kind, Status
from indexer.glossary import Term
from indexer.programmes import Programme
from indexer.record_pages import record_page
from indexer.records import DocumentRecord, SourceRecord

MAX_READ: Final = 2_000
"""Passages that are kept after reading: parsing one takes longer than finding it."""
_SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, record TEXT NOT NULL, listed INTEGER NOT NULL
);
CREATE TABLE passages (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
    listed INTEGER NOT NULL
);
CREATE INDEX passages_of_document ON passages (document_id, position);
CREATE TABLE programmes (id TEXT PRIMARY KEY, position INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE terms (position INTEGER PRIMARY KEY, record TEXT NOT NULL);
"""


def write_catalogue(
    path: Path,
    documents: Iterable[Document],
    passages: Iterable[Passage],
    programmes: Iterable[Programme] = (),
    terms: Iterable[Term] = (),
) -> None:
    """Write a new catalogue."""
    documents, programmes = list(documents), list(programmes)
    edited = max((document.head.stand for document in documents), default=date.min)
    pages = [record_page(programme, edited) for programme in programmes]
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, 1)",
            ((document.id, number, _dump(_document(document))) for number, document in enumerate(documents)),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, 1)",
            ((p.id, p.document_id, number, _dump(asdict(p))) for number, p in enumerate(passages)),
        )
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, 0)",
            ((document.id, number, _dump(asdict(document))) for number, (document, _) in enumerate(pages)),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, 0)",
            ((p.id, p.document_id, number, _dump(asdict(p))) for number, (_, p) in enumerate(pages)),
        )
        connection.executemany(
            "INSERT INTO programmes VALUES (?, ?, ?)",
            ((p.id, number, p.model_dump_json(by_alias=True)) for number, p in enumerate(programmes)),
        )
        connection.executemany(
            "INSERT INTO terms VALUES (?, ?)",
            ((number, term.model_dump_json(by_alias=True)) for number, term in enumerate(terms)),
        )
        connection.commit()
    finally:
        connection.close()


class Catalogue:
    """Reads documents and passages by id; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open an existing catalogue read-only; raises sqlite3.Error if it is missing or damaged."""
        # immutable: no lock files beside a generation that nobody changes.
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        self._connection.execute("SELECT count(*) FROM passages").fetchone()
        self._read: LRUCache[str, Passage] = LRUCache(MAX_READ)
        self._lock = Lock()

    def document(self, document_id: str) -> DocumentRecord | None:
        """Return a document."""
        row = self._connection.execute("SELECT record FROM documents WHERE id = ?", (document_id,)).fetchone()
        return _load_document(row[0]) if row else None

    def documents(self) -> list[DocumentRecord]:
        """Return all documents in the order of the corpus."""
        rows = self._connection.execute("SELECT record FROM documents WHERE listed ORDER BY position")
        return [_load_document(row[0]) for row in rows]

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages of `ids` that exist."""
        with self._lock:
            found = {name: self._read[name] for name in ids if name in self._read}
        wanted = [name for name in ids if name not in found]
        if wanted:
            slots = ", ".join("?" * len(wanted))
            rows = self._connection.execute(f"SELECT record FROM passages WHERE id IN ({slots})", wanted)  # noqa: S608 - question marks only
            fresh = {passage.id: passage for passage in (_load_passage(row[0]) for row in rows)}
            with self._lock:
                self._read.update(fresh)
            found |= fresh
        return found

    def passages_of(self, document_id: str) -> list[Passage]:
        """Return the passages of a document in reading order."""
        rows = self._connection.execute(
            "SELECT record FROM passages WHERE document_id = ? ORDER BY position", (document_id,)
        )
        return [_load_passage(row[0]) for row in rows]

    def all_passages(self) -> Iterable[Passage]:
        """Yield every passage in the order of the corpus."""
        for row in self._connection.execute("SELECT record FROM passages WHERE listed ORDER BY position"):
            yield _load_passage(row[0])

    def programmes(self) -> list[Programme]:
        """Return all funding records."""
        return list(self._programmes)

    @cached_property
    def _programmes(self) -> tuple[Programme, ...]:
        rows = self._connection.execute("SELECT record FROM programmes ORDER BY position")
        return tuple(Programme.model_validate_json(row[0]) for row in rows)

    def terms(self) -> list[Term]:
        """Return the glossary."""
        rows = self._connection.execute("SELECT record FROM terms ORDER BY position")
        return [Term.model_validate_json(row[0]) for row in rows]

    def counts(self) -> tuple[int, int]:
        """Return the number of documents and of passages."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM documents WHERE listed), (SELECT count(*) FROM passages WHERE listed)"
        ).fetchone()
        return row[0], row[1]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _dump(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, default=lambda value: value.isoformat())


def _document(document: Document) -> dict[str, Any]:
    head = document.head
    return {
        "id": document.id,
        "title": head.title,
        "kind": head.kind,
        "publisher": head.publisher,
        "stand": head.stand,
        "valid_from": head.valid_from,
        "valid_until": head.valid_until,
        "status": head.status,
        "status_note": head.status_note,
        "topics": head.topics,
        "programmes": head.programmes,
        "sources": {
            key: {"id": key, "title": s.title, "publisher": s.publisher, "date": s.date, "url": str(s.url or "")}
            for key, s in head.sources.items()
        },
        "digest": document.digest,
    }


def _load_document(text: str) -> DocumentRecord:
    record = json.loads(text)
    for key in ("stand", "valid_from", "valid_until"):
        record[key] = date.fromisoformat(record[key]) if record[key] else None
    record["kind"], record["status"] = Kind(record["kind"]), Status(record["status"])
    record["topics"], record["programmes"] = tuple(record["topics"]), tuple(record["programmes"])
    record["sources"] = {key: SourceRecord(**source) for key, source in record["sources"].items()}
    return DocumentRecord(**record)


def _load_passage(text: str) -> Passage:
    record = json.loads(text)
    record["heading_path"] = tuple(record["heading_path"])
    record["questions"] = tuple(record["questions"])
    record["blocks"] = tuple(
        PassageBlock(BlockKind(b["kind"]), b["start"], b["end"], tuple((h, t) for h, t in b["cells"]))
        for b in record["blocks"]
    )
    record["sentences"] = tuple(
        Sentence(s["start"], s["end"], tuple(s["source_ids"]), tuple(s["validity"]), s["teaching"])
        for s in record["sentences"]
    )
    return Passage(**record)
