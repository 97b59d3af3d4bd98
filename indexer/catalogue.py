"""The texts of one generation: documents and passages in a SQLite file that is written once and then only read.

Chroma and the lexical index hold ids; what is shown and quoted comes from here, so that a quote is compared with
one stored text.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from indexer.chunking import Passage, PassageBlock, Sentence
from indexer.documents import BlockKind, Document, Kind, Status

_SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, position INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE passages (
    id TEXT PRIMARY KEY, document_id TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX passages_of_document ON passages (document_id, position);
"""


@dataclass(frozen=True)
class SourceRecord:
    """A source as readers see it."""

    id: str
    title: str
    publisher: str
    date: str
    url: str


@dataclass(frozen=True)
class DocumentRecord:
    """What is stored of a document beside its passages."""

    id: str
    title: str
    kind: Kind
    publisher: str
    stand: date
    valid_from: date | None
    valid_until: date | None
    status: Status
    status_note: str
    topics: tuple[str, ...]
    programmes: tuple[str, ...]
    sources: dict[str, SourceRecord]
    digest: str

    def status_on(self, today: date) -> Status:
        """Return the status on `today`: a last day that has passed outweighs what the editor wrote."""
        return Status.EXPIRED if self.valid_until is not None and self.valid_until < today else self.status


def write_catalogue(path: Path, documents: Iterable[Document], passages: Iterable[Passage]) -> None:
    """Write a new catalogue."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?)",
            ((document.id, number, _dump(_document(document))) for number, document in enumerate(documents)),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)",
            ((p.id, p.document_id, number, _dump(asdict(p))) for number, p in enumerate(passages)),
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

    def document(self, document_id: str) -> DocumentRecord | None:
        """Return a document."""
        row = self._connection.execute("SELECT record FROM documents WHERE id = ?", (document_id,)).fetchone()
        return _load_document(row[0]) if row else None

    def documents(self) -> list[DocumentRecord]:
        """Return all documents in the order of the corpus."""
        rows = self._connection.execute("SELECT record FROM documents ORDER BY position")
        return [_load_document(row[0]) for row in rows]

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages of `ids` that exist."""
        slots = ", ".join("?" * len(ids))
        rows = self._connection.execute(f"SELECT record FROM passages WHERE id IN ({slots})", list(ids))  # noqa: S608 - question marks only
        return {passage.id: passage for passage in (_load_passage(row[0]) for row in rows)}

    def passages_of(self, document_id: str) -> list[Passage]:
        """Return the passages of a document in reading order."""
        rows = self._connection.execute(
            "SELECT record FROM passages WHERE document_id = ? ORDER BY position", (document_id,)
        )
        return [_load_passage(row[0]) for row in rows]

    def all_passages(self) -> Iterable[Passage]:
        """Yield every passage in the order of the corpus."""
        for row in self._connection.execute("SELECT record FROM passages ORDER BY position"):
            yield _load_passage(row[0])

    def counts(self) -> tuple[int, int]:
        """Return the number of documents and of passages."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
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
