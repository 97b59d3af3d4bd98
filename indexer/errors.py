"""The errors of the indexer that people read: one German sentence and what to do about it.

    IndexerError
    ├── CorpusError          a document cannot be read; lists every problem with file and line
    ├── EmbeddingError       an embedding model is missing, broken or cannot be set up
    └── GenerationError      the index is not usable
        ├── IndexMissing     there is none yet
        ├── IndexBroken      it is incomplete or damaged
        └── IndexMismatch    it was made with another model, analyser or format

The classes know nothing of HTTP or of the command line; each front maps them once.
"""

from __future__ import annotations

from indexer.problems import Problem


class IndexerError(Exception):
    """What went wrong (`message`) and what to do (`hint`), both in German and fit to be shown as they are."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CorpusError(IndexerError):
    """Documents of the corpus cannot be read; `message` names every problem, one a line, `problems` hold them."""

    def __init__(self, message: str, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint)
        self.problems = problems


class EmbeddingError(IndexerError):
    """An embedding model is missing, broken or cannot be set up."""


class GenerationError(IndexerError):
    """The index cannot be served."""


class IndexMissing(GenerationError):
    """No generation has been built yet."""


class IndexBroken(GenerationError):
    """A generation is incomplete, for example because files were deleted or copied by halves."""


class IndexMismatch(GenerationError):
    """A generation was made with another embedding model, analyser or format than this process uses."""
