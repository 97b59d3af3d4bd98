"""Course material made from the text of the corpus: slides, handouts, a reader, a web page, a table of funding."""

from __future__ import annotations

from indexer.errors import IndexerError


class MediaError(IndexerError):
    """Course material cannot be made from the text, or a library for it is missing."""
