"""`lotse corpus check`: every rule over the whole corpus, all problems at once.

A rule is a function from the corpus and today to problems; `RULES` lists them all. Rules that depend on the clock only
warn, so that a check that passed in the morning does not fail at midnight.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from indexer.analysis import content_words, fold
from indexer.documents import Document, Status
from indexer.editing.agreement import DATES, agreement, dates
from indexer.editing.figures import carried, figures
from indexer.editing.material import Metadata, load_material
from indexer.editing.templates import FOLDERS, PLACEHOLDER
from indexer.editing.wording import not_nfc, wording
from indexer.glossary import FILE as GLOSSARY
from indexer.glossary import Term, load_glossary
from indexer.problems import Problem, Severity
from indexer.programmes import Programme, load_programmes
from indexer.reading import README_NAME, survey
from indexer.record_pages import taken_ids
from indexer.validity import parse_validity

OPENING: Final = "Kurz gesagt"
QUESTIONS: Final = range(3, 21)
"""Questions of a section: three to eight."""
SHINGLE: Final = 5
NEAR_DUPLICATE: Final = 0.4
"""Share of common five-word runs above which two documents are the same text twice."""
LONG_SENTENCE: Final = 8
"""A sentence of so many content words or more that stands in two documents is a copy, not a coincidence."""


@dataclass(frozen=True)
class Corpus:
    """Everything in the folder that could be read."""

    root: Path
    documents: tuple[Document, ...]
    programmes: dict[str, Programme]
    terms: tuple[Term, ...]
    material: dict[Path, Metadata]

    def file(self, document: Document) -> str:
        """Return the name of a document's file relative to the corpus."""
        return unicodedata.normalize("NFC", document.path.relative_to(self.root).as_posix())


@dataclass(frozen=True)
class Report:
    """The corpus and what is wrong with it, in the order of files and lines."""

    corpus: Corpus
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that must be mended."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def check(corpus_dir: Path, today: dt.date) -> Report:
    """Read the whole corpus and apply every rule."""
    documents, problems = survey(corpus_dir)
    programmes, in_programmes = load_programmes(corpus_dir)
    terms, in_terms = load_glossary(corpus_dir)
    material, in_material = load_material(corpus_dir)
    corpus = Corpus(corpus_dir, tuple(documents), programmes, tuple(terms), material)
    problems = [*problems, *in_programmes, *in_terms, *in_material]
    problems += taken_ids(documents, programmes.values(), corpus_dir)
    for rule in RULES:
        problems += rule(corpus, today)
    return Report(corpus, tuple(sorted(set(problems))))


def _sources_used(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for document in corpus.documents:
        used = {
            key
            for section in document.sections
            for block in section.blocks
            for statement in block.statements
            for key in statement.source_ids
        }
        for key, source in document.head.sources.items():
            addressed = source.url is not None or source.publisher == document.head.publisher
            if key in used and addressed:
                continue
            line = _line(document, f"  {key}:")
            if key not in used:
                text = f"Die Quelle [{key}] kommt im Text nicht vor."
                yield Problem(corpus.file(document), line, "quelle-unbenutzt", text)
            if not addressed:
                text = f"Die Quelle [{key}] braucht eine Adresse; nur eigene Unterlagen haben keine."
                yield Problem(corpus.file(document), line, "quelle-ohne-adresse", text)


def _structure(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for document in corpus.documents:
        file = corpus.file(document)
        if document.path.relative_to(corpus.root).parts[0] != FOLDERS[document.head.kind]:
            text = f"„art: {document.head.kind}“ gehört in den Ordner {FOLDERS[document.head.kind]}/."
            yield Problem(file, _line(document, "art:"), "ordner", text)
        if document.sections[0].heading_path != (OPENING,):
            text = f"Das Dokument muss mit „## {OPENING}“ beginnen."
            yield Problem(file, document.sections[0].line, "aufbau", text)
        questions: dict[str, int] = defaultdict(int)
        lines: dict[str, int] = {}
        for section in document.sections:
            top = section.heading_path[0] if section.heading_path else ""
            questions[top] += len(section.questions)
            lines.setdefault(top, section.line)
        for top, count in questions.items():
            if count not in QUESTIONS:
                text = f"Der Abschnitt „{top}“ hat {count} Fragen; erlaubt sind {QUESTIONS[0]} bis {QUESTIONS[-1]}."
                yield Problem(file, lines[top], "fragen-anzahl", text)


def _questions_unique(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    seen: dict[str, tuple[Document, int]] = {}
    for document in corpus.documents:
        for section in document.sections:
            for question in section.questions:
                key = fold(question).strip(" ?.!")
                if key not in seen:
                    seen[key] = (document, section.line)
                    continue
                other, line = seen[key]
                same = other is document
                where = f"in Zeile {line}" if same else f"in {corpus.file(other)}"
                text = f"Die Frage „{question}“ steht auch {where}."
                severity = Severity.ERROR if same else Severity.WARNING
                yield Problem(corpus.file(document), section.line, "frage-doppelt", text, severity)


def _status(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for document in corpus.documents:
        head, file = document.head, corpus.file(document)
        line = _line(document, "status:")
        if head.status is not Status.VALID and not head.status_note:
            yield Problem(file, line, "status-hinweis", f"Zu „{head.status}“ fehlt „status_hinweis“ mit dem Grund.")
        if head.valid_from and head.valid_until and head.valid_from > head.valid_until:
            yield Problem(file, line, DATES, "„gueltig_bis“ liegt vor „gueltig_von“.")
        if head.valid_until and head.status is Status.VALID and head.valid_until < head.stand:
            yield Problem(file, line, DATES, "Der Status ist „gültig“, „gueltig_bis“ liegt aber vor dem Stand.")
        elif head.valid_until and head.status is Status.VALID and head.valid_until < today:
            text = "„gueltig_bis“ ist vorbei: Bitte Status und Text anpassen."
            yield Problem(file, line, DATES, text, Severity.WARNING)
        if head.valid_until and head.status is Status.EXPIRED and head.valid_until > head.stand:
            yield Problem(file, line, DATES, "Der Status ist „ausgelaufen“, „gueltig_bis“ liegt aber nach dem Stand.")
        if head.stand > today:
            yield Problem(file, line, DATES, "Der Stand liegt in der Zukunft.", Severity.WARNING)
        for section in document.sections:
            for block in section.blocks:
                for statement in block.statements:
                    validity = parse_validity(statement.validity)
                    if validity.expired and validity.valid_until and validity.valid_until >= head.stand:
                        text = f"„{statement.text[:60]}“ ist „abgelaufen“ und doch gültig bis {validity.valid_until}."
                        yield Problem(file, block.line, DATES, text)
    for programme in corpus.programmes.values():
        yield from dates(programme, today)


def _records_agree(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    yield from agreement(corpus.programmes, [(corpus.file(document), document) for document in corpus.documents])


def _wording(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for document in corpus.documents:
        yield from wording(document, corpus.file(document))


def _near_duplicates(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    runs: list[tuple[Document, set[tuple[str, ...]]]] = []
    sentences: dict[str, Document] = {}
    for document in corpus.documents:
        words: list[str] = []
        for section in document.sections:
            for block in section.blocks:
                for statement in block.statements:
                    own = content_words(statement.text)
                    words += own
                    other = sentences.setdefault(" ".join(own), document)
                    if other is not document and len(own) >= LONG_SENTENCE:
                        text = f"Der Satz „{statement.text[:70]} …“ steht auch in {corpus.file(other)}."
                        yield Problem(corpus.file(document), block.line, "satz-doppelt", text, Severity.WARNING)
        runs.append((document, {tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}))
    for (first, one), (second, two) in combinations(runs, 2):
        common = len(one & two)
        if common and common / min(len(one), len(two)) > NEAR_DUPLICATE:
            text = f"Das Dokument gleicht {corpus.file(first)} zu {common / min(len(one), len(two)):.0%}."
            yield Problem(corpus.file(second), 0, "dokument-doppelt", text)


def _links(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for document in corpus.documents:
        for line, target in document.links:
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            if not document.path.parent.joinpath(target.partition("#")[0]).exists():
                text = f"Der Verweis auf „{target}“ führt ins Leere."
                yield Problem(corpus.file(document), line, "verweis-tot", text)


def _normal_form(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for path in sorted(corpus.root.rglob("*")):
        if path.suffix not in (".md", ".yaml") or path.name == README_NAME:
            continue
        file = path.relative_to(corpus.root).as_posix()
        if not_nfc(path.read_bytes(), path.name):
            yield Problem(file, 0, "unicode", "Umlaute in Text oder Dateiname sind zerlegt gespeichert (nicht NFC).")


def _placeholders(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    for path in sorted(corpus.root.rglob("*")):
        if path.suffix not in (".md", ".yaml") or path.name == README_NAME:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        for number, line in enumerate(lines, start=1):
            if PLACEHOLDER in line:
                file = path.relative_to(corpus.root).as_posix()
                yield Problem(file, number, "vorlage", f"Hier steht noch der Text der Vorlage ({PLACEHOLDER}).")


def _glossary(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    by_id = {document.id: document for document in corpus.documents}
    for term in corpus.terms:
        missing = [name for name in term.documents if name not in by_id]
        if missing:
            text = f"„{term.term}“ nennt Dokumente, die es nicht gibt: {', '.join(missing)}."
            yield Problem(GLOSSARY, term.line, "verweis-tot", text)
        elif term.meaning:
            present = figures(" · ".join(by_id[name].path.read_text(encoding="utf-8") for name in term.documents))
            for figure in sorted(figures(term.meaning)):
                if not carried(figure, present):
                    text = (
                        f"Die Bedeutung von „{term.term}“ nennt {figure}; das steht in keinem der genannten Dokumente."
                    )
                    yield Problem(GLOSSARY, term.line, "glossar-unbelegt", text)


def _material(corpus: Corpus, today: dt.date) -> Iterator[Problem]:
    ids = {document.id for document in corpus.documents}
    for path, metadata in corpus.material.items():
        file = f"{path.relative_to(corpus.root).as_posix()}.yaml"
        missing = [name for name in metadata.made_from if name not in ids]
        if missing:
            text = f"„ausgabe_von“ nennt Dokumente, die es nicht gibt: {', '.join(missing)}."
            yield Problem(file, 0, "verweis-tot", text)


def _line(document: Document, start: str) -> int:
    """Return the line of the document's file that begins with `start`, or 0."""
    for number, line in enumerate(document.path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.startswith(start):
            return number
    return 0


Rule = Callable[[Corpus, dt.date], Iterator[Problem]]
RULES: Final[tuple[Rule, ...]] = (
    _sources_used,
    _structure,
    _questions_unique,
    _status,
    _records_agree,
    _wording,
    _near_duplicates,
    _links,
    _normal_form,
    _placeholders,
    _glossary,
    _material,
)
