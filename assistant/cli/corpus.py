"""`lotse corpus check`: read every document and name each problem."""

from __future__ import annotations

import typer

from assistant.settings import load_settings
from indexer.documents import load_corpus


def check() -> None:
    """Read the corpus; the command line turns CorpusError into its list of problems."""
    settings = load_settings()
    documents = load_corpus(settings.corpus_dir)
    sections = [section for document in documents for section in document.sections]
    questions = sum(len(section.questions) for section in sections)
    typer.echo(f"{len(documents)} Dokumente, {len(sections)} Abschnitte, {questions} Fragen: keine Fehler.")
