"""`lotse corpus …`: check, start, list and measure the documents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from assistant.clock import clock
from assistant.errors import InvalidRequest
from assistant.settings import load_settings
from indexer.dates import german_date
from indexer.documents import Document, Kind, Status
from indexer.errors import CorpusError
from indexer.problems import Problem, Severity

OUTPUT_WIDTH = 120
"""Columns of a table where the output is no terminal."""


def check() -> None:
    """Apply every rule to the corpus and print each problem as „file:line"; exit 1 if there is an error."""
    from indexer.editing import checks

    settings = load_settings()
    report = checks.check(settings.corpus_dir, clock(settings.today)())
    for problem in report.problems:
        typer.echo(_line(problem), err=problem.severity is Severity.ERROR)
    documents = report.corpus.documents
    if not documents and not report.problems:
        raise CorpusError(
            f"Im Ordner {settings.corpus_dir} liegt kein Dokument.",
            "Bitte Dokumente hineinlegen oder mit LOTSE_CORPUS_DIR einen anderen Ordner nennen.",
        )
    sections = [section for document in documents for section in document.sections]
    questions = sum(len(section.questions) for section in sections)
    summary = (
        f"{len(documents)} Dokumente, {len(sections)} Abschnitte, {questions} Fragen, "
        f"{len(report.corpus.programmes)} Förderprogramme, {len(report.corpus.terms)} Begriffe, "
        f"{len(report.corpus.material)} Kursunterlagen"
    )
    warnings = len(report.problems) - len(report.errors)
    if report.errors:
        rules = ", ".join(f"{rule} {count}" for rule, count in Counter(p.rule for p in report.errors).most_common())
        raise CorpusError(
            f"{summary}: {len(report.errors)} Fehler ({rules}), {warnings} Hinweise.",
            "Bitte die genannten Stellen berichtigen (siehe corpus/README.md).",
        )
    typer.echo(f"{summary}: keine Fehler, {warnings} Hinweise.")


def _line(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return f"{place}: {problem.severity} [{problem.rule}] {problem.text}"


def new(kind: str, title: str) -> None:
    """Write a template and say what comes next."""
    from indexer.editing.templates import PLACEHOLDER, write_template

    settings = load_settings()
    files = write_template(settings.corpus_dir, _kind(kind), title, clock(settings.today)())
    for path in files:
        typer.echo(f"Angelegt: {path}")
    typer.echo(f"Bitte alles ersetzen, was {PLACEHOLDER} heißt, und dann „lotse corpus check“ aufrufen.")


def show(kind: str | None, days: int) -> None:
    """Print a table of the documents and what ends within `days` days."""
    from indexer.editing.checks import check as check_corpus
    from indexer.editing.outlook import endings

    settings = load_settings()
    today = clock(settings.today)()
    report = check_corpus(settings.corpus_dir, today)
    wanted = _kind(kind) if kind is not None else None
    documents = [document for document in report.corpus.documents if wanted in (None, document.head.kind)]
    console = Console()
    if not console.is_terminal:
        console = Console(width=OUTPUT_WIDTH)
    table = Table("Dokument", "Art", "Stand", "Status", "Gültig bis", "Wörter", box=None, pad_edge=False)
    for document in documents:
        head = document.head
        ended = head.valid_until is not None and head.valid_until < today
        status = Status.EXPIRED if ended else head.status
        until = head.valid_until.isoformat() if head.valid_until else ""
        table.add_row(document.id, head.kind, head.stand.isoformat(), status, until, str(_words(document)))
    console.print(table)
    kinds = Counter(document.head.kind for document in documents)
    total = ", ".join(f"{count} {name}" for name, count in sorted(kinds.items()))
    console.print(f"\n{len(documents)} Dokumente ({total}), {sum(map(_words, documents))} Wörter.")
    soon = endings(report.corpus, today, days)
    console.print(f"\nIn den nächsten {days} Tagen läuft ab:" if soon else f"\nIn {days} Tagen läuft nichts ab.")
    for ending in soon:
        place = f"{ending.file}:{ending.line}" if ending.line else ending.file
        console.print(f"{german_date(ending.day)}  {ending.what}\n    {place}", markup=False, highlight=False)
    unreadable = len({problem.file for problem in report.errors if problem.rule == "schema"})
    if unreadable:
        typer.echo(f"{unreadable} Dateien sind nicht lesbar und fehlen hier: lotse corpus check", err=True)


def coverage(folder: Path, least: float) -> None:
    """Print what no document carries of the dossiers in `folder`; exit 1 below the share `least`."""
    from indexer.editing.coverage import measure, read_facts
    from indexer.reading import load_corpus

    documents = load_corpus(load_settings().corpus_dir)
    result = measure(read_facts(folder), documents)
    for gap in result.gaps:
        missing = [str(figure) for figure in gap.figures] + [f"„{name}“" for name in gap.names]
        missing += ["keine Aussage nennt die Quelle"] if gap.uncited else []
        typer.echo(f"{gap.fact.dossier}:{gap.fact.line}: Es fehlt: {', '.join(missing)}\n    {gap.fact.text}")
    for fact in result.excused:
        typer.echo(f"{fact.dossier}:{fact.line}: ausgenommen ({fact.excused})\n    {fact.text}")
    names = result.names_carried / result.names if result.names else 1.0
    typer.echo(
        f"{result.facts} Fakten, {len(result.excused)} ausgenommen. Zahlen, Daten und Beträge: "
        f"{result.figures_carried} von {result.figures} ({_percent(result.share)}). "
        f"Namen und Abkürzungen: {result.names_carried} von {result.names} ({_percent(names)})."
    )
    if result.share < least:
        raise CorpusError(
            f"Der Anteil {_percent(result.share)} liegt unter {_percent(least)}.",
            "Bitte die genannten Fakten in ein Dokument aufnehmen.",
        )


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".replace(".", ",") + " Prozent"


def _words(document: Document) -> int:
    return sum(
        len(statement.text.split())
        for section in document.sections
        for block in section.blocks
        for statement in block.statements
    )


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        raise InvalidRequest(
            f"Die Art „{text}“ gibt es nicht.", "Erlaubt sind leitfaden, foerderung und kurs."
        ) from error
