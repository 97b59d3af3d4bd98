"""The errors of the indexer that people read: one German sentence and what to do about it."""

from __future__ import annotations


class IndexerError(Exception):
    """What went wrong (`message`) and what to do (`hint`), both in German and fit to be shown as they are."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class EmbeddingError(IndexerError):
    """An embedding model is missing, broken or cannot be set up."""
