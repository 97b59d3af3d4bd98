"""Every error that a person may see, as one tree; the fronts map it once each.

    LotseError                     message, hint (German), HTTP status, problem type
    ├── SettingsError              a setting is wrong (exit at start)
    ├── NotReady                   model or index are not loaded yet, or cannot be (503)
    ├── InvalidRequest             the request is malformed (400, 413, 422)
    ├── NotFound                   no such conversation, answer, document, passage (404)
    ├── StateError                 the database cannot be opened or written (503)
    └── InternalError              anything unforeseen (500)

Errors of the indexer (:mod:`indexer.errors`) are turned into `NotReady` at the service's border and printed as
they are by the command line.
"""

from __future__ import annotations

from typing import ClassVar


class LotseError(Exception):
    """One German sentence on what is wrong and one on what to do."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Unerwarteter Fehler"
    default_hint: ClassVar[str] = ""
    """What to do where the raiser knows nothing better."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class SettingsError(LotseError):
    """A setting cannot be used."""

    code = "settings"
    title = "Falsche Einstellung"


class NotReady(LotseError):
    """The service cannot answer yet, or not until somebody mends it."""

    status = 503
    code = "not-ready"
    title = "Lotse ist noch nicht bereit"


class InvalidRequest(LotseError):
    """The request cannot be understood."""

    status = 422
    code = "invalid-request"
    title = "Ungültige Anfrage"


class MalformedRequest(InvalidRequest):
    """The body is no JSON in UTF-8."""

    status = 400
    code = "malformed-request"


class RequestTooLarge(InvalidRequest):
    """The body is larger than any question needs."""

    status = 413
    code = "request-too-large"
    title = "Anfrage zu groß"


class NotFound(LotseError):
    """What was asked for does not exist (any more)."""

    status = 404
    code = "not-found"
    title = "Nicht gefunden"
    default_hint = "Bitte die Adresse prüfen; nach einem neuen Index können sich Kennungen geändert haben."


class StateError(LotseError):
    """The database of conversations cannot be used."""

    status = 503
    code = "state"
    title = "Speicher nicht verfügbar"


class InternalError(LotseError):
    """Something unforeseen; the log has the details."""
