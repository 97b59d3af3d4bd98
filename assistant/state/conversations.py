"""Conversations and their answers in a SQL database: SQLite by default, any URL that SQLAlchemy knows.

SQLite runs in WAL mode and every transaction begins IMMEDIATE: with SQLAlchemy's default, eight threads lost 690 of
800 updates without an error.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any, Final

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.errors import NotFound, StateError

BUSY_MS: Final = 5000
ID_BYTES: Final = 16
"""128 bits: an id is what protects a conversation from being read by others."""

metadata = MetaData()
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False),
)
answers = Table(
    "answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("question", Text, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("record", Text, nullable=False),
)


def new_id() -> str:
    """Return a fresh unguessable id."""
    return secrets.token_hex(ID_BYTES)


class Conversations:
    """The store of conversations."""

    def __init__(self, url: str) -> None:
        """Open the database and create missing tables; raises StateError with a hint."""
        try:
            self._engine = create_engine(url, pool_pre_ping=True)
            if self._engine.dialect.name == "sqlite":
                event.listen(self._engine, "connect", _prepare_sqlite)
                event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            metadata.create_all(self._engine)
        except (SQLAlchemyError, ImportError) as error:
            raise StateError(
                "Die Datenbank der Gespräche lässt sich nicht öffnen.",
                "Bitte LOTSE_DATABASE_URL und die Rechte am Datenordner prüfen.",
            ) from error

    def questions(self, conversation_id: str) -> tuple[str, ...]:
        """Return the questions of a conversation, oldest first; raises NotFound."""
        try:
            with self._engine.begin() as connection:
                known = connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id))
                if known.first() is None:
                    raise NotFound(
                        "Dieses Gespräch gibt es nicht (mehr).",
                        "Bitte die Frage ohne „conversation_id“ stellen, dann beginnt ein neues Gespräch.",
                    )
                rows = connection.execute(
                    select(answers.c.question)
                    .where(answers.c.conversation_id == conversation_id)
                    .order_by(answers.c.created)
                )
                return tuple(row.question for row in rows)
        except SQLAlchemyError as error:
            raise StateError("Das Gespräch lässt sich gerade nicht lesen.", "Bitte noch einmal versuchen.") from error

    def record(self, conversation_id: str, answer_id: str, question: str, answer: dict[str, Any]) -> None:
        """Store an answer, and its conversation if it is the first."""
        now = dt.datetime.now(dt.UTC)
        try:
            with self._engine.begin() as connection:
                known = connection.execute(select(conversations.c.id).where(conversations.c.id == conversation_id))
                if known.first() is None:
                    connection.execute(conversations.insert().values(id=conversation_id, created=now))
                connection.execute(
                    answers.insert().values(
                        id=answer_id,
                        conversation_id=conversation_id,
                        created=now,
                        question=question,
                        outcome=answer["outcome"],
                        record=json.dumps(answer, ensure_ascii=False),
                    )
                )
        except SQLAlchemyError as error:
            raise StateError(
                "Die Antwort lässt sich gerade nicht speichern.", "Bitte noch einmal versuchen."
            ) from error

    def answer(self, answer_id: str) -> dict[str, Any]:
        """Return an answer as it was given; raises NotFound."""
        try:
            with self._engine.begin() as connection:
                row = connection.execute(select(answers.c.record).where(answers.c.id == answer_id)).first()
        except SQLAlchemyError as error:
            raise StateError("Die Antwort lässt sich gerade nicht lesen.", "Bitte noch einmal versuchen.") from error
        if row is None:
            raise NotFound("Diese Antwort gibt es nicht (mehr).")
        record: dict[str, Any] = json.loads(row.record)
        return record

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
