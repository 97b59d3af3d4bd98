"""The one place where errors become HTTP: problem details (RFC 9457) with a German sentence and a hint."""

from __future__ import annotations

import logging
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.schema import MAX_HISTORY, MAX_QUESTION, Problem
from assistant.errors import (
    InternalError,
    InvalidRequest,
    LotseError,
    MalformedRequest,
    NotFound,
    RequestTooLarge,
)

logger = logging.getLogger("lotse")

MEDIA_TYPE: Final = "application/problem+json"
MAX_BODY: Final = 262_144
"""Bytes; the longest allowed question with a full history stays below half of it."""

_FIELDS: Final = {
    "question": "Die Frage",
    "conversation_id": "Die Gesprächsnummer",
    "history": "Der Verlauf",
    "channel": "Der Kanal",
    "locale": "Die Sprache",
    "stream": "Die Angabe „stream“",
}


def problem(error: LotseError) -> Problem:
    """Return an error as problem details."""
    return Problem(
        type=f"urn:lotse:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.message,
        hint=error.hint,
    )


def problem_response(error: LotseError) -> JSONResponse:
    """Return an error as an HTTP response."""
    headers = {"Retry-After": "2"} if error.status == 503 else {}
    return JSONResponse(problem(error).model_dump(), error.status, headers, MEDIA_TYPE)


def install_errors(app: FastAPI) -> None:
    """Make every error of `app` a problem response."""

    @app.exception_handler(LotseError)
    async def known(_: Request, error: LotseError) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(explain(error.errors()))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:
            return problem_response(MalformedRequest("Die Anfrage ist nicht lesbar.", "Erwartet wird JSON in UTF-8."))
        if error.status_code == 404:
            return problem_response(NotFound("Diese Adresse gibt es nicht."))
        refused = LotseError("Diese Anfrage ist hier nicht möglich.", f"HTTP {error.status_code}: {error.detail}")
        body = problem(refused).model_copy(update={"status": error.status_code, "title": "Nicht möglich"})
        return JSONResponse(body.model_dump(), error.status_code, error.headers, MEDIA_TYPE)

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        logger.exception("unexpected error", exc_info=error)
        return problem_response(
            InternalError("Bei der Antwort ist ein Fehler aufgetreten.", "Bitte versuchen Sie es noch einmal.")
        )

    app.add_middleware(BodyLimit)


def explain(problems: Any) -> InvalidRequest:
    """Return validation errors as one German sentence a field."""
    sentences = []
    for found in problems:
        kind = found["type"]
        if (kind in ("json_invalid", "missing") and tuple(found["loc"]) in (("body",),)) or kind == "json_invalid":
            return MalformedRequest(
                "Die Anfrage ist kein gültiges JSON.",
                'Erwartet wird zum Beispiel {"question": "Läuft das Programm noch?"}.',
            )
        name = next((str(part) for part in found["loc"] if part in _FIELDS), str(found["loc"][-1]))
        label = _FIELDS.get(name, f"Die Angabe „{name}“")
        if kind == "missing":
            sentences.append(f"{label} fehlt.")
        elif kind == "string_too_short":
            sentences.append(f"{label} ist leer.")
        elif kind == "string_too_long":
            limit = MAX_QUESTION if name in ("question", "history") else found["ctx"]["max_length"]
            sentences.append(f"{label} ist zu lang ({len(found['input'])} Zeichen, erlaubt sind {limit}).")
        elif kind == "too_long":
            sentences.append(f"{label} ist zu lang (erlaubt sind {MAX_HISTORY} Fragen).")
        elif kind == "extra_forbidden":
            sentences.append(f"{label} kennt Lotse nicht.")
        elif kind == "string_unicode":
            sentences.append(f"{label} enthält Zeichen, die es in Unicode nicht gibt.")
        else:
            sentences.append(f"{label} hat nicht die erwartete Form.")
    return InvalidRequest(" ".join(dict.fromkeys(sentences)), "Bitte die Angaben berichtigen und noch einmal senden.")


class BodyLimit:
    """Refuses bodies above `MAX_BODY` before they fill the memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        refused = problem_response(
            RequestTooLarge(
                "Die Anfrage ist zu groß.",
                f"Erlaubt sind {MAX_BODY // 1024} KB; eine Frage hat höchstens {MAX_QUESTION} Zeichen.",
            )
        )
        if declared.isdigit() and int(declared) > MAX_BODY:
            await refused(scope, receive, send)
            return
        # Read here and handed on: an error raised inside `receive` would reach people as „not readable".
        messages: list[Message] = []
        received = 0
        while True:
            message = await receive()
            messages.append(message)
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                await refused(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body", False):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)
