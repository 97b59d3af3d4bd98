"""`lotse eval …`: measure the answers, compare runs, keep the gate, check and extend the question set."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from assistant.answering.context import Resources
from assistant.answering.path import make_resources
from assistant.clock import clock
from assistant.errors import InvalidRequest
from assistant.settings import Settings, load_settings

PACKAGES: Final = ("ir_measures", "sklearn", "matplotlib", "bm25s", "snowballstemmer", "langchain_chroma", "jinja2")
RUNS: Final = "eval"
"""Folder below the data folder that keeps the recorded runs and their reports."""
SHOWN: Final = (
    "questions", "fully_correct", "fact_recall", "false_answers", "false_refusals", "auroc", "called_expired",
    "quote_fidelity", "citation_precision", "words",
)  # fmt: skip


def _need_packages() -> None:
    """Raise InvalidRequest if the packages that only measuring needs are not installed."""
    from importlib.util import find_spec

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InvalidRequest(
            f"Zum Messen fehlen Pakete ({', '.join(missing)}).", "Bitte pip install 'lotse[eval]' ausführen."
        )


def _resources(settings: Settings) -> Resources:
    from indexer.embedding import load_embedder
    from indexer.generation import Generation

    embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    return make_resources(generation, embedder, clock(settings.today)())


def run() -> None:
    """Ask the whole set and the baselines, print the figures, keep the run and its report."""
    _need_packages()
    from eval.baselines import systems
    from eval.report import write_report
    from eval.runner import embedding_ms, record
    from eval.runner import run as ask_all

    settings = load_settings()
    questions = _questions()
    resources = _resources(settings)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started = time.monotonic()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Fragen stellen", total=len(questions))
        rows = ask_all(questions, resources, tick=lambda done, total: bar.update(task, completed=done, total=total))
        spent = time.monotonic() - started
        other = bar.add_task("Vergleichssysteme", total=None)
        found = systems(questions, resources, lambda done, total: bar.update(other, completed=done, total=total))
    result = record(rows, found, resources, embedding_ms(questions, resources))
    folder = settings.data_dir / RUNS
    folder.mkdir(parents=True, exist_ok=True)
    earlier = sorted(folder.glob("*.json"))
    name = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    (folder / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    write_report(result, folder / f"{name}.html", _read(earlier[-1]) if earlier else None)
    _print(result)
    console.print(f"{spent / len(questions) * 100:.1f} Sekunden für 100 Fragen.")
    console.print(f"Bericht: {folder / f'{name}.html'}", soft_wrap=True)
    resources.generation.close()


def _print(result: dict[str, Any]) -> None:
    from eval.report import NAMES, SYSTEMS

    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    for split in ("tune", "held-out"):
        systems = {"lotse": result["lotse"], **result["baselines"]}
        table = Table("Messwert", *(SYSTEMS[name].split(" (")[0] for name in systems), title=split, box=None)
        for figure in SHOWN:
            values = [part["split"][split].get(figure) for part in systems.values()]
            table.add_row(NAMES[figure], *("–" if v is None else f"{v:.0f}" if v > 1 else f"{v:.3f}" for v in values))
        for arm, row in result["lotse"]["retrieval"][split].items():
            table.add_row(f"Fundstelle unter 5, {arm}", f"{row['found@5']:.3f}")
        console.print(table)


def gate() -> None:
    """Measure Lotse alone and hold it against every threshold; exit 1 if one is not kept."""
    _need_packages()
    from eval.gate import judge, load_thresholds
    from eval.runner import figures
    from eval.runner import run as ask_all

    thresholds = load_thresholds()
    resources = _resources(load_settings())
    verdicts = judge(figures(ask_all(_questions(), resources)), thresholds)
    resources.generation.close()
    for verdict in verdicts:
        typer.echo(str(verdict))
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed:
        raise InvalidRequest(
            f"{len(failed)} von {len(verdicts)} Schwellen sind nicht eingehalten.",
            "„lotse eval“ zeigt, welche Fragen falsch beantwortet werden.",
        )


def compare(first: Path, second: Path) -> None:
    """Tell whether the second run is better than the first by more than chance."""
    from eval.compare import compare as compare_runs

    result = compare_runs(_read(first), _read(second))
    typer.echo(
        f"{result.questions} gemeinsame Fragen. Ganz richtig: {result.first:.3f} → {result.second:.3f}, "
        f"Unterschied {result.second - result.first:+.3f} (95 Prozent: {result.low:+.3f} bis {result.high:+.3f})."
    )
    typer.echo("Der Unterschied ist größer als Zufall." if result.certain else "Der Unterschied kann Zufall sein.")
    for title, ids in (("Neu richtig", result.better), ("Neu falsch", result.worse)):
        typer.echo(f"{title} ({len(ids)}): {', '.join(ids) or '–'}")


def check() -> None:
    """Hold the question set against the documents; exit 1 if a fact is not where it should be."""
    from eval.dataset import check_questions

    settings = load_settings()
    questions = _questions()
    resources = _resources(settings)
    passages = {passage.id: passage for passage in resources.generation.catalogue.all_passages()}
    problems = check_questions(questions, passages)
    resources.generation.close()
    for problem in problems:
        typer.echo(f"[{problem.rule}] {problem}", err=True)
    if problems:
        raise InvalidRequest(f"{len(problems)} Fehler in {len(questions)} Fragen.", "Bitte eval/questions berichtigen.")
    tune = sum(question.split.value == "tune" for question in questions)
    typer.echo(f"{len(questions)} Fragen, {tune} zum Eichen, {len(questions) - tune} zurückgehalten: keine Fehler.")


def add(file: Path) -> None:
    """Add reviewed cases (JSON lines in the format of the set, with `thema`) to the set; all or none."""
    from eval.cases import add_cases

    added = add_cases(file)
    typer.echo(f"{added} Fragen aufgenommen. Bitte „lotse eval check“ aufrufen.")


def external(folder: Path) -> None:
    """Measure retrieval on XQuAD among law sections."""
    from eval.external import load_data, measure
    from indexer.embedding import load_embedder

    settings = load_settings()
    data = load_data(folder)
    embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Texte einbetten", total=None)
        found = measure(data, embedder, lambda done, total: bar.update(task, completed=done, total=total))
    console = Console()
    for title, table in (("ohne Tippfehler", found.clean), ("mit einem Tippfehler je Frage", found.typos)):
        figures = list(dict.fromkeys(figure for row in table.values() for figure in row))
        view = Table("Arm", *figures, title=f"{found.questions} Fragen an {found.passages} Texte, {title}", box=None)
        for arm, row in table.items():
            view.add_row(arm, *(f"{row[figure]:.3f}" if figure in row else "–" for figure in figures))
        console.print(view)


def chunks(folder: Path | None) -> None:
    """Measure set-ups of chunks by the facts within a budget of words, over the corpus and the data in `folder`."""
    _need_packages()
    from eval.chunks import BUDGETS, TOP, Encoder, Result, foreign, indexed_vectors, measure, own
    from indexer.reading import load_corpus

    settings = load_settings()
    collections = [own(load_corpus(settings.corpus_dir), _questions())]
    if folder is not None:
        collections.append(foreign(folder))
    resources = _resources(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    measured: list[list[Result]] = []
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Index lesen", total=None)
        encoder = Encoder(
            resources.embedder,
            indexed_vectors(resources.generation),
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )
        measured += (measure(collection, encoder) for collection in collections)
    resources.generation.close()
    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    for collection, results in zip(collections, measured, strict=True):
        title = f"{collection.name}: {len(collection.wanted)} Fragen, {results[0].facts.sum()} Fakten"
        budgets = (*(f"{budget} Wörter" for budget in BUDGETS), f"{TOP} Stücke")
        view = Table("Zuschnitt", "Stücke", "Wörter je Stück", *budgets, title=title, box=None)
        for row in results:
            view.add_row(row.setup, str(row.chunks), f"{row.words:.0f}", *(f"{share:.3f}" for share in row.recalls))
        console.print(view)


def _questions() -> list[Any]:
    from eval.dataset import FOLDER, load_questions

    questions, problems = load_questions()
    if problems:
        text = "\n".join(str(problem) for problem in problems)
        raise InvalidRequest(text, f"Bitte die Dateien in {FOLDER} berichtigen.")
    if not questions:
        raise InvalidRequest("Es gibt keine Prüffragen.", f"Erwartet werden YAML-Dateien in {FOLDER}.")
    return questions


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidRequest(
            f"Den Lauf {path} kann Lotse nicht lesen.", "Erwartet wird eine Datei, die „lotse eval“ geschrieben hat."
        ) from error
    if not isinstance(loaded, dict) or "answers" not in loaded:
        raise InvalidRequest(f"{path} ist kein Lauf.", "Erwartet wird eine Datei, die „lotse eval“ geschrieben hat.")
    return loaded
