"""The routes: answers (JSON or server-sent events), what a citation opens, examples, health."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

from assistant.answering.outcomes import STAGE_TEXTS, Stage
from assistant.api.errors import MEDIA_TYPE, problem
from assistant.api.schema import AnswerRequest, AnswerShape, DocumentShape, PassageShape, Problem
from assistant.errors import InternalError, LotseError
from assistant.service import Asked, Service

logger = logging.getLogger("lotse")

_PROBLEM: Final[dict[str, Any]] = {"model": Problem, "content": {MEDIA_TYPE: {}}}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    400: {**_PROBLEM, "description": "Kein JSON in UTF-8"},
    404: {**_PROBLEM, "description": "Nicht gefunden"},
    413: {**_PROBLEM, "description": "Zu groß"},
    422: {**_PROBLEM, "description": "Ungültige Angaben"},
    503: {**_PROBLEM, "description": "Noch nicht bereit"},
}

health_router = APIRouter(tags=["health"])
api_router = APIRouter(prefix="/api/v1", tags=["v1"], responses=PROBLEMS)


class Health(BaseModel):
    """Alive or ready."""

    status: str
    generation: str | None = None


class Examples(BaseModel):
    """Example questions."""

    examples: list[str]


def _service(request: Request) -> Service:
    service: Service = request.app.state.loader.service
    return service


@health_router.get("/healthz")
def healthz() -> Health:
    """The process runs."""
    return Health(status="ok")


@health_router.get("/readyz", responses={503: PROBLEMS[503]})
def readyz(request: Request) -> Health:
    """Model and index are loaded."""
    return Health(status="ready", generation=_service(request).generation.name)


@api_router.post("/answers", response_model=AnswerShape)
def post_answer(body: AnswerRequest, request: Request) -> Any:
    """Answer a question; with `stream` as server-sent events `status`, `notice`, `statement`, `citation`, `done`."""
    service = _service(request)
    asked = Asked(body.question, body.locale, tuple(body.history), body.conversation_id)
    if not body.stream:
        return service.answer(asked)
    # The first step runs before the headers go out, so an unknown conversation is still a 404.
    walk = service.walk(asked)
    first = next(walk)
    return EventSourceResponse(
        _events(first, walk, body), headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


def _events(first: Stage | AnswerShape, walk: Iterator[Stage | AnswerShape], body: AnswerRequest) -> Iterator[bytes]:
    """Yield the answer as it comes; an error on the way becomes an `error` event."""
    try:
        yield _status(first, body)
        for part in walk:
            if isinstance(part, Stage):
                yield _status(part, body)
                continue
            answer = part.model_dump(mode="json")
            for notice in answer["notices"]:
                yield _event("notice", notice)
            for citation in answer["citations"]:
                yield _event("citation", citation)
            for statement in answer["statements"]:
                yield _event("statement", statement)
            yield _event("done", answer)
    except LotseError as error:
        yield _event("error", problem(error).model_dump())
    except Exception:
        logger.exception("answer failed in mid-stream")
        failed = InternalError("Bei der Antwort ist ein Fehler aufgetreten.", "Bitte versuchen Sie es noch einmal.")
        yield _event("error", problem(failed).model_dump())


def _status(stage: Stage | AnswerShape, body: AnswerRequest) -> bytes:
    assert isinstance(stage, Stage)  # a walk begins with a stage
    return _event("status", {"stage": stage.value, "text": STAGE_TEXTS[stage][body.locale]})


def _event(name: str, data: Any) -> bytes:
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=name)


@api_router.get("/answers/{answer_id}")
def get_answer(answer_id: str, request: Request) -> AnswerShape:
    """Return an answer as it was given."""
    store = _service(request).conversations
    assert store is not None  # the server always remembers
    return AnswerShape.model_validate(store.answer(answer_id))


@api_router.get("/documents")
def get_documents(request: Request) -> list[DocumentShape]:
    """Return all documents."""
    return _service(request).documents()


@api_router.get("/documents/{document_id}")
def get_document(document_id: str, request: Request) -> DocumentShape:
    """Return a document with the ids of its passages."""
    return _service(request).document(document_id)


@api_router.get("/passages/{passage_id}")
def get_passage(passage_id: str, request: Request) -> PassageShape:
    """Return the passage that a citation opens."""
    return _service(request).passage(passage_id)


@api_router.get("/examples")
def get_examples(request: Request, count: Annotated[int, Query(ge=1, le=20)] = 6, locale: str = "de") -> Examples:
    """Return questions that the corpus can answer."""
    return Examples(examples=_service(request).examples(count))
