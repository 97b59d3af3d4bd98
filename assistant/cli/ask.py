"""`lotse ask`: one answer for people or as JSON, or a whole file of questions, without a server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from rich.console import Console
from rich.progress import track

from assistant.api.errors import explain
from assistant.api.schema import AnswerRequest, AnswerShape, Question
from assistant.errors import InvalidRequest
from assistant.service import Asked, Service
from assistant.settings import load_settings
from indexer.dates import german_date

EXIT_BAD_LINES: Final = 2
_MARKS: Final = {"expired": "Achtung", "not_yet_valid": "Achtung", "unclear": "Hinweis", "old": "Hinweis"}


class BatchLine(BaseModel):
    """A line of a batch file: `{"id", "frage", "verlauf": [earlier questions]}`."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, StringConstraints(min_length=1)] | int
    frage: Question
    verlauf: list[Question] = Field(default_factory=list)


def run(question: str | None, *, as_json: bool, batch: Path | None, out: Path | None, locale: str) -> None:
    """Answer `question`, or every line of `batch` into `out`."""
    if (question is None) == (batch is None):
        raise InvalidRequest("Bitte eine Frage stellen oder mit --batch eine Datei nennen.", 'Beispiel: lotse ask "…"')
    if batch is not None:
        if out is None:
            raise InvalidRequest("Bitte mit --out die Datei für die Antworten nennen.")
        _batch(batch, out)
        return
    try:
        request = AnswerRequest(question=question or "", locale=locale, channel="cli")  # type: ignore[arg-type]
    except ValidationError as error:
        raise explain(error.errors()) from error
    service = Service(load_settings(), remember=False)
    try:
        answer = service.answer(Asked(request.question, request.locale))
    finally:
        service.close()
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _print(answer)


def _print(answer: AnswerShape) -> None:
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if not answer.statements:
        console.print(answer.text, markup=False)
        for suggestion in answer.suggestions:
            console.print(f"  – {suggestion}", markup=False)
        return
    for notice in answer.notices:
        console.print(f"{_MARKS.get(notice.kind, 'Hinweis')}: {notice.text}\n", markup=False)
    for statement in answer.statements:
        numbers = "".join(f"[{number}]" for number in statement.citations)
        console.print(f"{statement.text} {numbers}", markup=False)
    console.print("\nQuellen", markup=False)
    for citation in answer.citations:
        place = " > ".join((citation.title, *citation.heading_path))
        stand = german_date(citation.stand)
        console.print(f"[{citation.id}] {place} (Stand {stand}, {citation.status})", markup=False)
        for source in citation.sources:
            console.print(f"    {source.publisher}: {source.title}, {source.date}", markup=False)
            if source.url:
                console.print(f"    {source.url}", markup=False)


def _batch(batch: Path, out: Path) -> None:
    """Answer a file line by line; a bad line is reported with its number and the rest goes on."""
    try:
        total = sum(1 for _ in batch.open("rb"))
    except OSError as error:
        raise InvalidRequest(f"Die Datei {batch} lässt sich nicht lesen ({error.strerror}).") from error
    service = Service(load_settings(), remember=False)
    console = Console(stderr=True)
    bad = done = 0
    # Written beside and renamed at the end: a file under this name is always whole.
    temporary = out.with_name(f"{out.name}.{os.getpid()}.new")
    try:
        with temporary.open("w", encoding="utf-8") as target:
            for number, line in track(
                _lines(batch), "Fragen beantworten", total=total, console=console, disable=not console.is_terminal
            ):
                if not line.strip():
                    continue
                try:
                    asked = _parse(line)
                except ValueError as error:
                    bad += 1
                    console.print(f"Zeile {number}: {error}", markup=False)
                    continue
                answer = service.answer(Asked(asked.frage, "de", tuple(asked.verlauf)))
                record: dict[str, Any] = {"id": asked.id, **answer.model_dump(mode="json")}
                target.write(json.dumps(record, ensure_ascii=False) + "\n")
                done += 1
        os.replace(temporary, out)
    except OSError as error:
        raise InvalidRequest(f"In die Datei {out} lässt sich nicht schreiben ({error.strerror}).") from error
    finally:
        service.close()
        temporary.unlink(missing_ok=True)
    console.print(f"{done} Fragen beantwortet, {bad} Zeilen unlesbar: {out}", markup=False)
    if bad:
        raise typer.Exit(EXIT_BAD_LINES)


def _lines(batch: Path) -> Iterator[tuple[int, bytes]]:
    with batch.open("rb") as file:
        yield from enumerate(file, start=1)


def _parse(line: bytes) -> BatchLine:
    """Return a batch line; raises ValueError with a German sentence."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("Die Zeile ist nicht in UTF-8.") from error
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ValueError("Die Zeile ist kein gültiges JSON.") from error
    try:
        return BatchLine.model_validate(data)
    except ValidationError as error:
        names = ", ".join(f"„{found['loc'][0] if found['loc'] else 'Zeile'}“" for found in error.errors())
        raise ValueError(f"{names} fehlt oder hat nicht die erwartete Form.") from error
