"""What goes along the answer path: the question, what each step adds, and the typed result."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.answering.kinds import Asked
from assistant.answering.outcomes import Locale, Outcome
from indexer.chunking import Passage
from indexer.embedding import Embedder
from indexer.generation import Generation
from indexer.records import SourceRecord

if TYPE_CHECKING:
    from assistant.answering.curated import CuratedIndex
    from assistant.answering.evidence import Evidence
    from assistant.answering.expand import Names
    from assistant.answering.judge import Calibration


@dataclass(frozen=True)
class Resources:
    """What the steps use and never change: one generation, its names, the embedder, the calibration, today, and the
    reviewed answers, if there are any."""

    generation: Generation
    embedder: Embedder
    calibration: Calibration
    today: dt.date
    names: Names
    curated: CuratedIndex | None = None


@dataclass(frozen=True)
class SentenceHit:
    """A statement of a retrieved passage with its cosine to the question."""

    number: int
    cosine: float


@dataclass(frozen=True)
class Hit:
    """A retrieved passage: fused score and what each arm saw; 0.0 where an arm did not find it."""

    passage: Passage
    score: float
    dense: float
    question: float
    lexical: float
    sentences: tuple[SentenceHit, ...]


@dataclass(frozen=True)
class Judgement:
    """Whether the evidence answers the question: a probability and the signals behind it."""

    confidence: float
    in_scope: bool
    reasons: dict[str, float]
    missing: tuple[str, ...]
    sure: bool = True


@dataclass(frozen=True)
class Chosen:
    """A statement that was chosen for the answer: sentence `number` of a retrieved passage."""

    hit: Hit
    number: int
    score: float
    signals: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)

    @property
    def text(self) -> str:
        """The statement, character for character as stored."""
        sentence = self.hit.passage.sentences[self.number]
        return self.hit.passage.text[sentence.start : sentence.end]


@dataclass(frozen=True)
class Citation:
    """What a number behind a statement opens."""

    id: int
    document_id: str
    passage_id: str
    title: str
    heading_path: tuple[str, ...]
    quote: str
    source_urls: tuple[str, ...]
    sources: tuple[SourceRecord, ...]
    publisher: str
    stand: dt.date
    valid_until: dt.date | None
    status: str
    validity: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True)
class AnswerStatement:
    """A sentence of the answer and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]
    verbatim: bool = True


@dataclass(frozen=True)
class Notice:
    """What a reader must know beside the answer; `leads` says that it changes it and stands first."""

    kind: str
    text: str
    leads: bool = True


@dataclass
class Context:
    """One question on its way. A step that sets `outcome` ends the walk.

    `query` is the question on its own feet (mended, with what it leans on), `own_query` without what came before,
    `added` official names of what it calls otherwise, `rewrites` what was changed and why.
    """

    question: str
    locale: Locale
    history: tuple[str, ...] = ()
    language: Locale = "de"
    about_past: bool = False
    kinds: frozenset[Asked] = frozenset()
    parts: tuple[str, ...] = ()
    is_part: bool = False
    query: str = ""
    own_query: str = ""
    added: tuple[str, ...] = ()
    rewrites: dict[str, str] = field(default_factory=dict)
    query_vector: NDArray[np.float32] | None = None
    hits: list[Hit] = field(default_factory=list)
    evidence: Evidence | None = None
    ranked: list[Chosen] = field(default_factory=list)
    judgement: Judgement | None = None
    missing: list[str] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)
    statements: list[AnswerStatement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    curated: str = ""
    listed: bool = False
    outcome: Outcome | None = None
    text: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)
