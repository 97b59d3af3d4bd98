"""`lotse bench answers`: what an answer costs, in multiples of one query embedding."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from assistant.settings import load_settings


def answers(sizes: tuple[int, ...] | None) -> None:
    """Print start and memory, times by stage at each size, throughput, and what the cache saves."""
    from assistant.service import Service
    from eval.bench import CLIENTS, SIZES, by_size, cached, resident_mb, throughput
    from eval.dataset import Split, load_questions

    console = Console()
    settings = load_settings()
    started = time.perf_counter()
    service = Service(settings, remember=False)
    console.print(f"Laden: {time.perf_counter() - started:.2f} s, Speicher {resident_mb():.0f} MB")
    questions = [question for question in load_questions()[0] if question.split is Split.TUNE]
    table = Table(title="Zeit einer Antwort in Einbettungen einer Frage, Median (p95)")
    table.add_column("Schritt")
    columns = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task("Messen", total=None)
        for chunks in sizes or SIZES:
            columns.append(
                by_size(
                    settings,
                    service.embedder,
                    questions,
                    chunks,
                    lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
                )
            )
            table.add_column(f"{columns[-1].chunks} Abschnitte")
    for stage in columns[0].stages:
        table.add_row(stage, *(f"{c.stages[stage][0]:.2f} ({c.stages[stage][1]:.2f})" for c in columns))
    console.print(table)
    console.print("Eine Einbettung: " + ", ".join(f"{c.embedding_ms:.2f} ms" for c in columns))
    console.print(f"Wiederholte Frage: {cached(service, questions):.3f} der ersten Zeit")
    service.close()
    rates = {}
    for clients in CLIENTS:
        rates[clients] = throughput(Service(settings, remember=False), questions, clients)
        console.print(f"{clients} gleichzeitig: {rates[clients]:.0f} Antworten je Sekunde")
    console.print(f"Speicher danach: {resident_mb():.0f} MB")
