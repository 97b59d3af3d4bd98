"""`lotse index`: build the next generation when the corpus, the model or the format changed."""

from __future__ import annotations

import datetime as dt

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assistant.settings import load_settings, prepare_data_dir


def run(*, force: bool) -> None:
    """Build unless the served generation is current; say what was done."""
    settings = load_settings()
    prepare_data_dir(settings)
    from indexer.embedding import BUNDLED, Embedder, bundled_id, load_embedder
    from indexer.sync import build, up_to_date

    console = Console(stderr=True)

    def load() -> Embedder:
        return load_embedder(settings.embedding_model, settings.models, threads=settings.threads, report=console.print)

    embedder = None
    if settings.embedding_model == BUNDLED:
        model_id = bundled_id()  # known without loading anything
    else:
        embedder = load()
        model_id = embedder.model_id
    current = None if force else up_to_date(settings.data_dir, settings.corpus_dir, model_id)
    if current is not None:
        console.print(
            f"Der Index ist aktuell: {current.documents} Dokumente, {current.passages} Abschnitte "
            f"({current.generation})."
        )
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Dokumente lesen", total=None)
        result = build(
            settings.data_dir,
            settings.corpus_dir,
            (lambda: embedder) if embedder is not None else load,
            dt.datetime.now(dt.UTC),
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )
    counts = result.counts
    console.print(
        f"Index {result.generation} gebaut: {result.passages} Abschnitte. Dokumente: {counts.created} neu, "
        f"{counts.changed} geändert, {counts.unchanged} unverändert, {counts.deleted} entfernt."
    )
