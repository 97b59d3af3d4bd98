"""What is stored of a document beside its passages, as readers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.documents import Kind, Status


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
