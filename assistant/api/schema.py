"""The shapes of the HTTP API, which the command line's JSON shares."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answering.context import Context
from assistant.answering.outcomes import Outcome
from indexer.chunking import Passage
from indexer.records import DocumentRecord

MAX_QUESTION: int = 2000
"""Characters; the longest real question seen has 400, and the embedder reads 512 tokens."""
MAX_HISTORY: int = 20

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION)]


class AnswerRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"}]
        },
    )
    question: Question
    conversation_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    history: list[Question] = Field(default_factory=list, max_length=MAX_HISTORY)
    channel: Literal["web", "telegram", "cli", "api"] = "api"
    locale: Literal["de", "en"] = "de"
    stream: bool = False


class SourceShape(BaseModel):
    """An original source."""

    id: str
    title: str
    publisher: str
    date: str
    url: str


class CitationShape(BaseModel):
    """What a citation number opens; `quote` stands in the passage character for character."""

    id: int
    document_id: str
    passage_id: str
    title: str
    heading_path: list[str]
    quote: str
    source_urls: list[str]
    sources: list[SourceShape]
    publisher: str
    stand: dt.date
    valid_until: dt.date | None
    status: str
    validity: list[str]
    page: int | None


class StatementShape(BaseModel):
    """A sentence of the answer."""

    text: str
    citations: list[int]
    verbatim: bool


class NoticeShape(BaseModel):
    """What a reader must know beside the answer."""

    kind: str
    text: str


class TraceShape(BaseModel):
    """How an answer came about, for advisors: what was read into the question, and the judge's signals."""

    query: str
    rewrites: dict[str, str]
    kinds: list[str]
    parts: list[str]
    missing: list[str]
    reasons: dict[str, float]


class AnswerShape(BaseModel):
    """An answer with everything that carries it."""

    answer_id: str
    conversation_id: str
    outcome: Outcome
    text: str
    statements: list[StatementShape]
    citations: list[CitationShape]
    notices: list[NoticeShape]
    suggestions: list[str]
    confidence: float
    flags: list[str]
    review_case_id: str | None = None
    generation: str
    mode: Literal["extractive"] = "extractive"
    timings_ms: dict[str, float]
    trace: TraceShape


class BlockShape(BaseModel):
    """A paragraph, item, step or row of a passage as a span of its text (in Unicode code points)."""

    kind: str
    start: int
    end: int
    cells: list[dict[str, str]] | None


class SentenceShape(BaseModel):
    """A quotable statement of a passage."""

    start: int
    end: int
    source_ids: list[str]
    validity: str | None


class PassageShape(BaseModel):
    """A passage as the panel shows it."""

    id: str
    document_id: str
    title: str
    heading_path: list[str]
    publisher: str
    stand: dt.date
    valid_until: dt.date | None
    status: str
    page: int | None
    text: str
    blocks: list[BlockShape]
    sentences: list[SentenceShape]
    sources: list[SourceShape]
    previous_id: str | None
    next_id: str | None


class DocumentShape(BaseModel):
    """A document with its passages in reading order."""

    id: str
    title: str
    kind: str
    publisher: str
    stand: dt.date
    valid_from: dt.date | None
    valid_until: dt.date | None
    status: str
    status_note: str
    topics: list[str]
    passages: list[str]


class Problem(BaseModel):
    """Problem details (RFC 9457); `detail` and `hint` are German sentences for people."""

    type: str
    title: str
    status: int
    detail: str
    hint: str


def answer_shape(context: Context, answer_id: str, conversation_id: str, generation: str) -> AnswerShape:
    """Return a walked context in the shape of the API."""
    return AnswerShape.model_validate(
        {
            "answer_id": answer_id,
            "conversation_id": conversation_id,
            "outcome": context.outcome,
            "text": context.text,
            "statements": context.statements,
            "citations": context.citations,
            "notices": context.notices,
            "suggestions": context.suggestions,
            "confidence": round(context.judgement.confidence, 4) if context.judgement else 0.0,
            "flags": context.flags,
            "generation": generation,
            "timings_ms": context.timings_ms,
            "trace": TraceShape(
                query=context.query,
                rewrites=context.rewrites,
                kinds=sorted(context.kinds),
                parts=list(context.parts),
                missing=[*context.missing, *(context.judgement.missing if context.judgement else ())],
                reasons=context.judgement.reasons if context.judgement else {},
            ),
        },
        from_attributes=True,
    )


def passage_shape(passage: Passage, document: DocumentRecord, siblings: list[str], today: dt.date) -> PassageShape:
    """Return a passage with its document's data; `siblings` are the ids of all passages in reading order."""
    position = siblings.index(passage.id)
    used = dict.fromkeys(key for sentence in passage.sentences for key in sentence.source_ids)
    return PassageShape(
        id=passage.id,
        document_id=document.id,
        title=document.title,
        heading_path=list(passage.heading_path),
        publisher=document.publisher,
        stand=document.stand,
        valid_until=document.valid_until,
        status=document.status_on(today).value,
        page=passage.page,
        text=passage.text,
        blocks=[
            BlockShape(
                kind=block.kind,
                start=block.start,
                end=block.end,
                cells=[{"header": header, "text": text} for header, text in block.cells] or None,
            )
            for block in passage.blocks
        ],
        sentences=[
            SentenceShape(
                start=s.start,
                end=s.end,
                source_ids=list(s.source_ids),
                validity=", ".join(s.validity).replace(":", "") or None,
            )
            for s in passage.sentences
        ],
        sources=[
            SourceShape.model_validate(document.sources[key], from_attributes=True)
            for key in used
            if key in document.sources
        ],
        previous_id=siblings[position - 1] if position else None,
        next_id=siblings[position + 1] if position + 1 < len(siblings) else None,
    )


def document_shape(document: DocumentRecord, passages: list[str], today: dt.date) -> DocumentShape:
    """Return a document with the ids of its passages."""
    return DocumentShape(
        id=document.id,
        title=document.title,
        kind=document.kind.value,
        publisher=document.publisher,
        stand=document.stand,
        valid_from=document.valid_from,
        valid_until=document.valid_until,
        status=document.status_on(today).value,
        status_note=document.status_note,
        topics=list(document.topics),
        passages=passages,
    )
