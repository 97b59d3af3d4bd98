"""`lotse doctor`: everything that a start needs, checked one by one, each with what to do."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from typing import Final

import typer

from assistant.errors import LotseError
from assistant.settings import Settings, load_settings, prepare_data_dir
from indexer.errors import IndexerError

NEEDED_BYTES: Final = 1_000_000_000
"""Free space for the converted model and two generations."""


def run() -> None:
    """Print a line a check; exit 1 if one fails."""
    settings = load_settings()
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("Python", _python),
        ("Datenordner", _data),
        ("Platz", _space),
        ("Dokumente", _corpus),
        ("Sprachmodell", _model),
        ("Index", _index),
        ("Datenbank", _database),
        ("Port", _port),
    )
    failed = False
    for name, check in checks:
        try:
            typer.echo(f"ok      {name}: {check(settings)}")
        except (LotseError, IndexerError) as error:
            failed = True
            typer.echo(f"FEHLER  {name}: {error.message}\n        {error.hint}")
    if failed:
        raise typer.Exit(1)


def _python(settings: Settings) -> str:
    return f"{platform.python_version()} ({sys.prefix})"


def _data(settings: Settings) -> str:
    prepare_data_dir(settings)
    return f"{settings.data_dir} ist beschreibbar"


def _space(settings: Settings) -> str:
    existing = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise LotseError(
            f"Nur {free // 1_000_000} MB frei in {existing}.",
            f"Bitte mindestens {NEEDED_BYTES // 1_000_000} MB frei machen oder LOTSE_DATA_DIR verlegen.",
        )
    return f"{free // 1_000_000_000} GB frei"


def _corpus(settings: Settings) -> str:
    from indexer.reading import load_corpus

    return f"{len(load_corpus(settings.corpus_dir))} Dokumente in {settings.corpus_dir}"


def _model(settings: Settings) -> str:
    from indexer.embedding import load_embedder

    embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
    embedder.encode_query("Probe")
    from assistant.answering.judge import load_calibration

    calibrated = load_calibration().model_id == embedder.model_id
    note = "" if calibrated else ", Antwortschwelle nicht für dieses Modell geeicht (python -m eval.calibration)"
    return f"{embedder.model_id}, {embedder.dimension} Dimensionen, {embedder.runtime}{note}"


def _index(settings: Settings) -> str:
    from indexer.embedding import load_embedder
    from indexer.generation import Generation

    embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    try:
        m = generation.manifest
        return f"{m.generation}: {m.documents} Dokumente, {m.passages} Abschnitte, {m.questions} Fragen"
    finally:
        generation.close()


def _database(settings: Settings) -> str:
    from assistant.state.conversations import Conversations

    Conversations(settings.database).close()
    return "SQLite" if settings.database.startswith("sqlite") else settings.database.split(":", 1)[0]


def _port(settings: Settings) -> str:
    from assistant.cli.serve import listen

    listen(settings).close()
    return f"{settings.host}:{settings.port} ist frei"
