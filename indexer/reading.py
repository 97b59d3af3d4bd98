"""Reads the corpus: Markdown with front matter becomes documents, and every fault is named with file and line."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from indexer.documents import Block, BlockKind, Document, FrontMatter, Section, Statement
from indexer.errors import CorpusError
from indexer.problems import Problem
from indexer.typed_yaml import SCHEMA, read_typed
from indexer.validity import parse_validity

README_NAME: Final = "README.md"
NO_SOURCE: Final = "ohne-quelle"
UNKNOWN_SOURCE: Final = "quelle-unbekannt"
DUPLICATE_ID: Final = "kennung-doppelt"
BAD_NAME: Final = "dateiname"
UNKNOWN_MARK: Final = "gueltigkeit"
MARKUP: Final = "auszeichnung"

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
    """Return a hexadecimal digest of names and bytes of all documents, funding records and the glossary.

    An index is stamped with it.
    """
    digest = hashlib.sha256()
    for path in (*corpus_files(corpus_dir), *sorted(corpus_dir.rglob("*.y*ml"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(corpus_dir).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def load_corpus(corpus_dir: Path) -> list[Document]:
    """Read every document below `corpus_dir`.

    Raises CorpusError that names all problems of all files at once, or that the folder holds no document.
    """
    documents, problems = survey(corpus_dir)
    if problems:
        raise corpus_error(problems)
    if not documents:
        raise CorpusError(
            f"Im Ordner {corpus_dir} liegt kein Dokument.",
            "Bitte Dokumente hineinlegen oder mit LOTSE_CORPUS_DIR einen anderen Ordner nennen.",
        )
    return documents


def survey(corpus_dir: Path) -> tuple[list[Document], list[Problem]]:
    """Read every document below `corpus_dir`; return those that can be read and all problems of the others."""
    documents: list[Document] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for path in corpus_files(corpus_dir):
        name = unicodedata.normalize("NFC", path.relative_to(corpus_dir).as_posix())
        try:
            document = read_document(path, name)
        except CorpusError as error:
            problems += error.problems
            continue
        if document.id in seen:
            text = f"Die Kennung „{document.id}“ trägt schon {seen[document.id]}."
            problems.append(Problem(name, 0, DUPLICATE_ID, text))
        seen[document.id] = name
        documents.append(document)
    return documents, problems


def corpus_error(problems: list[Problem]) -> CorpusError:
    """Return the error that names `problems`, one a line."""
    return CorpusError(
        "\n".join(str(problem) for problem in problems),
        "Bitte die genannten Dateien berichtigen (siehe corpus/README.md).",
        tuple(problems),
    )


def read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a file in NFC with plain line ends, or None and why it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(name, 0, SCHEMA, f"Die Datei lässt sich nicht lesen ({error.strerror}).")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Problem(name, 0, SCHEMA, f"Die Datei ist nicht in UTF-8 gespeichert (Byte {error.start}).")]
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")), []


def read_document(path: Path, name: str = "") -> Document:
    """Read one Markdown document, called `name` in problems; raises CorpusError with one problem a line."""

    text, unreadable = read_text(path, name)
    if text is None:
        raise corpus_error(unreadable)
    match = _FRONT.match(text)
    if match is None:
        raise corpus_error([Problem(name, 1, SCHEMA, "Der Kopf zwischen zwei Zeilen „---“ fehlt.")])
    head = read_typed(match.group(1), _HEAD, name, offset=1, where="Kopf, ")
    declared = head.data.get("quellen") if isinstance(head.data, dict) else None
    # A faulty head does not hide the faults of the text below it.
    reader = _Reader(name, text[: match.end()].count("\n"), set(declared) if isinstance(declared, dict) else set())
    reader.problems += head.problems
    document_id = unicodedata.normalize("NFC", path.stem)
    if not _ID.fullmatch(document_id):
        reader.report(0, BAD_NAME, "Der Dateiname darf nur Kleinbuchstaben, Ziffern und Bindestriche enthalten.")
    sections = reader.sections(text[match.end() :])
    if not any(section.blocks for section in sections):
        reader.report(0, SCHEMA, "Das Dokument hat keinen Text.")
    if reader.problems or head.value is None:
        raise corpus_error(sorted(reader.problems))
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = tuple(section for section in sections if section.blocks)
    return Document(document_id, path, head.value, kept, digest, tuple(reader.links))


_HEAD: Final = TypeAdapter(FrontMatter)


@dataclass
class _Reader:
    """Walks the block structure of one document's text, which `offset` lines precede in its file."""

    file: str
    offset: int
    sources: set[str]
    problems: list[Problem] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)

    def report(self, line: int, rule: str, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.file, line, rule, text))

    def sections(self, body: str) -> list[Section]:
        """Return the sections of `body`; the first is what stands before any heading."""
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark").enable("table").parse(body)
        section = Section((), self.offset + 1)
        sections = [section]
        path: list[str] = []
        caption = ""
        lists: list[bool] = []
        quote = 0
        index = 0
        while index < len(tokens):
            token = tokens[index]
            line = self._line(token)
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
                index = self._table(tokens, index, caption, section)
                caption = ""
            elif token.type == "inline":
                self._collect_links(token, line)
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
                    statements = self._statements(text, line)
                    if statements:
                        section.blocks.append(Block(kind, statements, line=line))
            elif token.type in ("html_block", "fence", "code_block", "hr"):
                self.report(line, MARKUP, "HTML, Code und Trennlinien gehören nicht in ein Dokument.")
            index += 1
        return sections

    def _line(self, token: Any) -> int:
        return self.offset + 1 + (token.map[0] if token.map else 0)

    def _collect_links(self, token: Any, line: int) -> None:
        for child in token.children or []:
            if child.type == "link_open":
                self.links.append((line, str(child.attrGet("href"))))
            elif child.type in ("image", "html_inline"):
                self.report(line, MARKUP, "Bilder und HTML gehören nicht in ein Dokument.")

    def _table(self, tokens: list[Any], index: int, caption: str, section: Section) -> int:
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
                line = self._line(token)
            elif token.type == "inline":
                self._collect_links(token, line)
                row.append(_plain(token.children or []))
            elif token.type == "tr_close" and not header:
                header = row
            elif token.type == "tr_close":
                section.blocks.append(self._row(header, row, caption, line))
            index += 1
        return index

    def _row(self, header: list[str], row: list[str], caption: str, line: int) -> Block:
        clean: list[str] = []
        source_ids: list[str] = []
        validity: list[str] = []
        for cell in row:
            text, marks = strip_marks(cell)
            clean.append(text)
            source_ids += [mark for _, mark, is_source in marks if is_source]
            validity += [mark for _, mark, is_source in marks if not is_source]
        self._check_marks(source_ids, validity, line)
        cells = tuple((name, text) for name, text in zip(header, clean, strict=False) if text)
        words = "; ".join(f"{name}: {text}" for name, text in cells)
        if not source_ids:
            self.report(line, NO_SOURCE, "Die Tabellenzeile nennt keine Quelle.")
        statement = Statement(
            f"{caption} – {words}" if caption else words, tuple(dict.fromkeys(source_ids)), tuple(validity)
        )
        return Block(BlockKind.ROW, (statement,), cells, caption, line)

    def _statements(self, text: str, line: int) -> tuple[Statement, ...]:
        """Split a paragraph into statements; a sentence without marks takes those of the next marked one."""
        from indexer.sentences import sentence_spans

        clean, marks = strip_marks(text)
        self._check_marks(
            [mark for _, mark, is_source in marks if is_source],
            [mark for _, mark, is_source in marks if not is_source],
            line,
        )
        found: list[tuple[str, list[str], list[str]]] = []
        position = 0
        for start, end in sentence_spans(clean):
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
                self.report(line, NO_SOURCE, f"Der Satz „{sentence[:60]}“ nennt keine Quelle.")
            statements.append(Statement(sentence, tuple(dict.fromkeys(following)), tuple(validity)))
        return tuple(reversed(statements))

    def _check_marks(self, source_ids: list[str], validity: list[str], line: int) -> None:
        for mark in source_ids:
            if mark not in self.sources:
                self.report(line, UNKNOWN_SOURCE, f"Die Quelle [{mark}] steht nicht unter „quellen“.")
        try:
            parse_validity(validity)
        except ValueError as error:
            text = f"Die Angabe {{{error}}} kennt Lotse nicht (erlaubt: corpus/README.md, „Wie aktuell ist der Satz?“)."
            self.report(line, UNKNOWN_MARK, text)


def _plain(children: list[Any]) -> str:
    """Return the words of inline tokens: emphasis and links lose their markup, line breaks become spaces."""
    pieces = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif child.type in ("text", "code_inline"):
            pieces.append(child.content)
    return re.sub(r"[ \t]+", " ", "".join(pieces)).strip()


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
