"""The documents of the corpus: front matter, sections, statements with their sources, and how they are read.

A document is a Markdown file that an editor writes (corpus/README.md explains the format). Its text is quoted word
by word, so parsing keeps statements (a sentence, a list item's sentence, a table row) together with the source
marks `[ID]` and validity marks `{…}` that follow them; the marks themselves never reach a reader.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, ValidationError

from indexer.errors import CorpusError

README_NAME: Final = "README.md"


class Kind(StrEnum):
    """What a document is; each kind has its folder."""

    GUIDANCE = "leitfaden"
    FUNDING = "foerderung"
    COURSE = "kurs"


class Status(StrEnum):
    """Whether what a document describes is in force."""

    VALID = "gültig"
    EXPIRED = "ausgelaufen"
    UNCLEAR = "unklar"


class BlockKind(StrEnum):
    """The shape of a piece of text on the page."""

    PARAGRAPH = "paragraph"
    ITEM = "item"
    STEP = "step"
    ROW = "row"


def _as_text(value: object) -> object:
    """YAML reads an unquoted date as a date; people mean the text."""
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, int) else value


class Source(BaseModel):
    """Where a statement comes from."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    title: str = Field(alias="titel", min_length=1)
    publisher: str = Field(alias="herausgeber", min_length=1)
    date: Annotated[str, BeforeValidator(_as_text)] = Field(alias="datum", min_length=1)
    url: HttpUrl


class FrontMatter(BaseModel):
    """The head of a document; the keys are German because editors write them."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    title: str = Field(alias="titel", min_length=3)
    kind: Kind = Field(alias="art")
    publisher: str = Field(alias="herausgeber", min_length=1)
    stand: dt.date
    valid_from: dt.date | None = Field(default=None, alias="gueltig_von")
    valid_until: dt.date | None = Field(default=None, alias="gueltig_bis")
    status: Status
    status_note: str = Field(default="", alias="status_hinweis")
    topics: list[str] = Field(default_factory=list, alias="themen")
    programmes: list[str] = Field(default_factory=list, alias="programme")
    sources: dict[str, Source] = Field(alias="quellen", min_length=1)


@dataclass(frozen=True)
class Statement:
    """A sentence or table row that may be quoted alone: its text without marks, its sources, its validity."""

    text: str
    source_ids: tuple[str, ...]
    validity: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or table row; `cells` are (header, text) pairs of a row, `caption` its table's."""

    kind: BlockKind
    statements: tuple[Statement, ...]
    cells: tuple[tuple[str, str], ...] = ()
    caption: str = ""


@dataclass
class Section:
    """A heading with what stands below it and the questions that it answers."""

    heading_path: tuple[str, ...]
    line: int
    blocks: list[Block] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """One document of the corpus; `digest` changes with any byte of its file."""

    id: str
    path: Path
    head: FrontMatter
    sections: tuple[Section, ...]
    digest: str


# A source mark: an id as the front matter declares it. „[…]" and Markdown links are no marks.
MARK: Final = re.compile(r"\s*\[([A-Za-zÄÖÜäöüß0-9][\wÄÖÜäöüß.\-]*)\](?!\()")
VALIDITY: Final = re.compile(r"\s*\{([^{}]+)\}")
_ANY_MARK: Final = re.compile(f"{MARK.pattern}|{VALIDITY.pattern}")
_MARKS_BEFORE_STOP: Final = re.compile(rf"((?:{MARK.pattern})+)([.!?])")
_FRONT: Final = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CAPTION: Final = "Tabelle:"
_QUESTIONS: Final = re.compile(r"(?:\*\*)?Fragen\b[^\n]*", re.IGNORECASE)


def corpus_files(corpus_dir: Path) -> list[Path]:
    """Return the files of the corpus in a fixed order; README files and hidden files are no documents."""
    found = (path for path in corpus_dir.rglob("*.md") if path.name != README_NAME)
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def corpus_digest(corpus_dir: Path) -> str:
    """Return a hexadecimal digest of names and bytes of all documents: what an index is stamped with."""
    digest = hashlib.sha256()
    for path in corpus_files(corpus_dir):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(corpus_dir).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def load_corpus(corpus_dir: Path) -> list[Document]:
    """Read every document below `corpus_dir`.

    Raises CorpusError that names all problems of all files at once, or that the folder holds no document.
    """
    documents: list[Document] = []
    problems: list[str] = []
    seen: dict[str, Path] = {}
    for path in corpus_files(corpus_dir):
        name = path.relative_to(corpus_dir).as_posix()
        try:
            document = read_document(path)
        except CorpusError as error:
            problems += [f"{name}: {line}" for line in error.message.splitlines()]
            continue
        if document.id in seen:
            problems.append(f"{name}: Die Kennung „{document.id}“ trägt schon {seen[document.id]}.")
        seen[document.id] = path.relative_to(corpus_dir)
        documents.append(document)
    if problems:
        raise CorpusError("\n".join(problems), "Bitte die genannten Dateien berichtigen (siehe corpus/README.md).")
    if not documents:
        raise CorpusError(
            f"Im Ordner {corpus_dir} liegt kein Dokument.",
            "Bitte Dokumente hineinlegen oder mit LOTSE_CORPUS_DIR einen anderen Ordner nennen.",
        )
    return documents


def read_document(path: Path) -> Document:
    """Read one Markdown document; raises CorpusError with one problem a line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"Die Datei lässt sich nicht lesen ({error.strerror}).") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"Die Datei ist nicht in UTF-8 gespeichert (Byte {error.start}).") from error
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    match = _FRONT.match(text)
    if match is None:
        raise CorpusError("Zeile 1: Der Kopf zwischen zwei Zeilen „---“ fehlt.")
    head = _front_matter(match.group(1))
    document_id = unicodedata.normalize("NFC", path.stem)
    problems: list[str] = []
    if not _ID.fullmatch(document_id):
        problems.append("Der Dateiname darf nur Kleinbuchstaben, Ziffern und Bindestriche enthalten.")
    offset = text[: match.end()].count("\n")
    sections = _sections(text[match.end() :], offset, set(head.sources), problems)
    if not any(section.blocks for section in sections):
        problems.append("Das Dokument hat keinen Text.")
    if problems:
        raise CorpusError("\n".join(problems))
    digest = hashlib.sha256(raw).hexdigest()
    return Document(document_id, path, head, tuple(section for section in sections if section.blocks), digest)


def _front_matter(text: str) -> FrontMatter:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"Zeile {mark.line + 2}: " if mark is not None else ""
        problem = getattr(error, "problem", None) or "unlesbar"
        raise CorpusError(f"{line}Der Kopf ist kein gültiges YAML ({problem}).") from error
    if not isinstance(data, dict):
        raise CorpusError("Zeile 2: Der Kopf muss aus Zeilen „schlüssel: wert“ bestehen.")
    try:
        return FrontMatter.model_validate(data)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            lines.append(f"Zeile {_line_of(text, problem['loc'])}: Kopf, „{where}“: {_explain(problem)}")
        raise CorpusError("\n".join(lines)) from error


def _line_of(text: str, location: tuple[int | str, ...]) -> int:
    """Return the line of the deepest key of `location` that the head contains; 2 is its first line."""
    lines = text.split("\n")
    found = 0
    for part in location:
        for number in range(found, len(lines)):
            if lines[number].lstrip().startswith(f"{part}:"):
                found = number
                break
    return found + 2


def _explain(problem: Any) -> str:
    kind = problem["type"]
    if kind == "missing":
        return "Die Angabe fehlt."
    if kind == "extra_forbidden":
        return "Diese Angabe kennt Lotse nicht (Tippfehler?)."
    if kind == "enum":
        return f"Erlaubt ist {problem['ctx']['expected'].replace(' or ', ' oder ')}."
    if kind.startswith("date"):
        return "Erwartet wird ein Datum wie 2026-11-22."
    if kind.startswith("url"):
        return "Erwartet wird eine Adresse, die mit https:// oder http:// beginnt."
    return str(problem["msg"])


def _sections(body: str, offset: int, sources: set[str], problems: list[str]) -> list[Section]:
    """Walk the block structure of `body`; `offset` lines precede it in the file."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    section = Section((), offset + 1)
    sections = [section]
    path: list[str] = []
    caption = ""
    lists: list[bool] = []
    quote = 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        line = offset + 1 + (token.map[0] if token.map else 0)
        if token.type == "heading_open":
            level = int(token.tag[1])
            path = [*path[: max(level - 2, 0)], _plain(tokens[index + 1].children or [])]
            section = Section(tuple(path), line)
            sections.append(section)
            index += 2
        elif token.type in ("blockquote_open", "blockquote_close"):
            quote += 1 if token.type.endswith("open") else -1
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token.type.startswith("ordered"))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "table_open":
            index = _table(tokens, index, caption, section, sources, problems, offset)
            caption = ""
        elif token.type == "inline":
            text = _plain(token.children or [])
            if quote:
                if not _QUESTIONS.fullmatch(text):
                    section.questions.append(text)
            elif text.startswith(_CAPTION) and not lists:
                caption = text.removeprefix(_CAPTION).strip()
            else:
                kind = BlockKind.PARAGRAPH
                if lists:
                    kind = BlockKind.STEP if lists[-1] else BlockKind.ITEM
                statements = _statements(text, sources, problems, line)
                if statements:
                    section.blocks.append(Block(kind, statements))
        elif token.type in ("html_block", "fence", "code_block", "hr"):
            problems.append(f"Zeile {line}: HTML, Code und Trennlinien gehören nicht in ein Dokument.")
        index += 1
    return sections


def _plain(children: list[Any]) -> str:
    """Return the words of inline tokens: emphasis and links lose their markup, line breaks become spaces."""
    pieces = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif child.type in ("text", "code_inline"):
            pieces.append(child.content)
    return re.sub(r"[ \t]+", " ", "".join(pieces)).strip()


def _table(
    tokens: list[Any],
    index: int,
    caption: str,
    section: Section,
    sources: set[str],
    problems: list[str],
    offset: int,
) -> int:
    """Append a block for each row of the table that opens at `index`; return the index of its end.

    A row's statement reads „caption – header: cell; header: cell", so that it can be understood and quoted alone.
    """
    header: list[str] = []
    row: list[str] = []
    line = 0
    while tokens[index].type != "table_close":
        token = tokens[index]
        if token.type == "tr_open":
            row = []
            line = offset + 1 + (token.map[0] if token.map else 0)
        elif token.type == "inline":
            row.append(_plain(token.children or []))
        elif token.type == "tr_close" and not header:
            header = row
        elif token.type == "tr_close":
            clean: list[str] = []
            source_ids: list[str] = []
            validity: list[str] = []
            for cell in row:
                text, marks = strip_marks(cell)
                clean.append(text)
                source_ids += [mark for _, mark, is_source in marks if is_source]
                validity += [mark for _, mark, is_source in marks if not is_source]
            _check_marks(source_ids, sources, problems, line)
            cells = tuple((name, text) for name, text in zip(header, clean, strict=False) if text)
            words = "; ".join(f"{name}: {text}" for name, text in cells)
            statement = f"{caption} – {words}" if caption else words
            if not source_ids:
                problems.append(f"Zeile {line}: Die Tabellenzeile nennt keine Quelle.")
            section.blocks.append(
                Block(
                    BlockKind.ROW,
                    (Statement(statement, tuple(dict.fromkeys(source_ids)), tuple(validity)),),
                    cells,
                    caption,
                )
            )
        index += 1
    return index


def strip_marks(text: str) -> tuple[str, list[tuple[int, str, bool]]]:
    """Return `text` without marks and the marks as (offset in the clean text, mark, is a source)."""
    text = _MARKS_BEFORE_STOP.sub(lambda match: match.group(match.lastindex or 0) + match.group(1), text)
    clean: list[str] = []
    marks: list[tuple[int, str, bool]] = []
    length = end = 0
    for match in _ANY_MARK.finditer(text):
        clean.append(text[end : match.start()])
        length += match.start() - end
        end = match.end()
        marks.append((length, match.group(1) or match.group(2).strip(), match.group(1) is not None))
    clean.append(text[end:])
    joined = "".join(clean)
    return joined.rstrip(), marks


def _statements(text: str, sources: set[str], problems: list[str], line: int) -> tuple[Statement, ...]:
    """Split a paragraph into statements; a sentence without marks takes those of the next marked one."""
    from indexer.sentences import sentence_spans

    clean, marks = strip_marks(text)
    _check_marks([mark for _, mark, is_source in marks if is_source], sources, problems, line)
    spans = sentence_spans(clean)
    found: list[tuple[str, list[str], list[str]]] = []
    position = 0
    for start, end in spans:
        source_ids: list[str] = []
        validity: list[str] = []
        while position < len(marks) and marks[position][0] <= end:
            _, mark, is_source = marks[position]
            (source_ids if is_source else validity).append(mark)
            position += 1
        found.append((clean[start:end], source_ids, validity))
    following: list[str] = []
    statements: list[Statement] = []
    for sentence, source_ids, validity in reversed(found):
        following = source_ids or following
        if not following:
            problems.append(f"Zeile {line}: Der Satz „{sentence[:60]}“ nennt keine Quelle.")
        statements.append(Statement(sentence, tuple(dict.fromkeys(following)), tuple(validity)))
    return tuple(reversed(statements))


def _check_marks(marks: list[str], sources: set[str], problems: list[str], line: int) -> None:
    problems += [
        f"Zeile {line}: Die Quelle [{mark}] steht nicht unter „quellen“." for mark in marks if mark not in sources
    ]
