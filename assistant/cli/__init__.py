"""The command `lotse`. Only typer is imported here; each command imports what it needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="lotse",
    help="Beantwortet Digitalisierungsfragen von Städten und Gemeinden, mit der Quelle an jedem Satz.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
corpus = typer.Typer(help="Die Dokumente prüfen, anlegen und überblicken.", no_args_is_help=True)
app.add_typer(corpus, name="corpus")
evaluation = typer.Typer(help="Die Antworten messen.", invoke_without_command=True)
app.add_typer(evaluation, name="eval")
benchmark = typer.Typer(help="Zeiten messen.", no_args_is_help=True)
app.add_typer(benchmark, name="bench")


@benchmark.command("answers")
def bench_answers(
    sizes: Annotated[list[int] | None, typer.Option("--abschnitte", help="Größe des Index, mehrfach möglich.")] = None,
) -> None:
    """Messen, was eine Antwort kostet: je Schritt, bei vielen Anfragen zugleich, aus dem Zwischenspeicher."""
    from assistant.cli.bench import answers

    answers(tuple(sizes) if sizes else None)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Adresse, an der der Dienst lauscht.")] = None,
    port: Annotated[int | None, typer.Option(help="Port, an dem der Dienst lauscht.")] = None,
) -> None:
    """Den Dienst mit Web-Chat und API starten."""
    from assistant.cli.serve import run

    run(host=host, port=port)


@app.command()
def index(
    force: Annotated[bool, typer.Option("--full", help="Auch bauen, wenn sich nichts geändert hat.")] = False,
) -> None:
    """Den Index aus den Dokumenten bauen, wenn sich etwas geändert hat."""
    from assistant.cli.index import run

    run(force=force)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Die Frage.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="In der Form der API ausgeben.")] = False,
    batch: Annotated[Path | None, typer.Option(help="Datei mit einer Frage als JSON je Zeile.")] = None,
    out: Annotated[Path | None, typer.Option(help="Datei für die Antworten, eine je Zeile.")] = None,
    locale: Annotated[str, typer.Option(help="Sprache der Begleittexte: de oder en.")] = "de",
) -> None:
    """Eine Frage beantworten, oder mit --batch eine ganze Datei."""
    from assistant.cli.ask import run

    run(question, as_json=as_json, batch=batch, out=out, locale=locale)


@app.command()
def doctor() -> None:
    """Prüfen, ob alles da ist, was ein Start braucht, und sagen, was zu tun ist."""
    from assistant.cli.doctor import run

    run()


@corpus.command("check")
def corpus_check() -> None:
    """Alle Dokumente lesen und jeden Fehler mit Datei und Zeile nennen."""
    from assistant.cli.corpus import check

    check()


@corpus.command("new")
def corpus_new(
    kind: Annotated[str, typer.Argument(metavar="ART", help="leitfaden, foerderung oder kurs.")],
    title: Annotated[str, typer.Argument(metavar="TITEL", help="Der Titel, so wie jemand danach suchen würde.")],
) -> None:
    """Eine ausgefüllte Vorlage für ein neues Dokument anlegen."""
    from assistant.cli.corpus import new

    new(kind, title)


@corpus.command("list")
def corpus_list(
    kind: Annotated[str | None, typer.Option("--art", help="Nur leitfaden, foerderung oder kurs.")] = None,
    days: Annotated[int, typer.Option("--tage", min=1, help="Was in so vielen Tagen abläuft.")] = 90,
) -> None:
    """Alle Dokumente mit Art, Stand, Gültigkeit und Umfang nennen, und was bald abläuft."""
    from assistant.cli.corpus import show

    show(kind, days)


@corpus.command("coverage")
def corpus_coverage(
    folder: Annotated[Path, typer.Argument(metavar="ORDNER", help="Ordner mit Fakten-Dossiers.")],
    least: Annotated[
        float, typer.Option("--mindestens", min=0, max=1, help="Bei einem kleineren Anteil endet der Befehl mit 1.")
    ] = 0,
) -> None:
    """Zeigen, welche Fakten (Zahlen, Daten, Namen) in keinem Dokument stehen."""
    from assistant.cli.corpus import coverage

    coverage(folder, least)


@corpus.command("build-media")
def corpus_build_media(
    check: Annotated[
        bool, typer.Option("--check", help="Nur sagen, welche Dateien nicht mehr zum Text passen.")
    ] = False,
) -> None:
    """Folien, Handouts, Teilnehmerunterlage, Webseite und Förderübersicht aus den Texten bauen."""
    from assistant.cli.media import build_media

    build_media(check=check)


@evaluation.callback()
def eval_run(context: typer.Context) -> None:
    """Alle Prüffragen stellen, mit Vergleichssystemen, und einen Bericht schreiben."""
    if context.invoked_subcommand is None:
        from assistant.cli.evaluate import run

        run()


@evaluation.command("gate")
def eval_gate() -> None:
    """Prüfen, ob alle Schwellen eingehalten sind."""
    from assistant.cli.evaluate import gate

    gate()


@evaluation.command("compare")
def eval_compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Ein früherer Lauf (JSON).")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Ein späterer Lauf (JSON).")],
) -> None:
    """Sagen, ob sich zwei Läufe mehr als zufällig unterscheiden."""
    from assistant.cli.evaluate import compare

    compare(first, second)


@evaluation.command("check")
def eval_check() -> None:
    """Die Prüffragen gegen die Dokumente halten."""
    from assistant.cli.evaluate import check

    check()


@evaluation.command("external")
def eval_external(
    folder: Annotated[Path, typer.Argument(metavar="ORDNER", help="Ordner mit xquad.de.json und gesetze.jsonl.gz.")],
) -> None:
    """Die Suche an fremden Daten messen: XQuAD zwischen Gesetzen, mit und ohne Tippfehler."""
    from assistant.cli.evaluate import external

    external(folder)


@evaluation.command("chunks")
def eval_chunks(
    folder: Annotated[
        Path | None, typer.Argument(metavar="ORDNER", help="Ordner mit xquad.de.json und gesetze.jsonl.gz.")
    ] = None,
) -> None:
    """Zuschnitte der Dokumente messen: wie viele Fakten in 200, 400 und 800 gezeigten Wörtern stehen."""
    from assistant.cli.evaluate import chunks

    chunks(folder)


@evaluation.command("add")
def eval_add(file: Annotated[Path, typer.Argument(metavar="DATEI", help="Geprüfte Fälle, JSON je Zeile.")]) -> None:
    """Geprüfte Fälle in die Prüffragen aufnehmen."""
    from assistant.cli.evaluate import add

    add(file)


def main() -> None:
    """Run the command line; an error that people can mend is one sentence and a hint, without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `lotse ask … | head`
        sys.exit(0)
    except Exception as error:
        # Recognised by shape: importing the error classes here would load the packages that define them.
        message = getattr(error, "message", None)
        if message is None or not hasattr(error, "hint"):
            raise
        typer.echo(f"Fehler: {message}", err=True)
        if error.hint:
            typer.echo(error.hint, err=True)
        sys.exit(1)
