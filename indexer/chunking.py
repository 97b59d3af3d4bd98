"""Cuts documents into passages: the author's sections, split only when long, at sentence ends, with overlap.

Measured on our own corpus (docs/measurements.md): author's sections hold more of the asked facts than any other cut at
every budget of words shown; on XQuAD they are as good as windows of 1000 characters. Long ones are split at about 150
words with 20–25 % overlap. `title > heading path` in front of the indexed text is worth four points on the own corpus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from indexer.analysis import fold
from indexer.documents import Block, BlockKind, Document, Section, Statement
from indexer.errors import CorpusError

CHUNKER_VERSION: Final = 3
MAX_WORDS: Final = 150
"""A section above this is split."""
OVERLAP: Final = 0.22
"""Share of a passage's words that its successor repeats."""
TOKEN_MARGIN: Final = 32
"""Tokens kept free below the embedder's limit (480 of 512): a truncated passage would lose its end silently."""
MAX_SLUG: Final = 60


@dataclass(frozen=True)
class Sentence:
    """A statement inside a passage: `text[start:end]` of the passage is the statement, character for character.

    `teaching` marks what a course says of itself (learning goals, exercises, their solutions): a source of it is the
    publisher's own.
    """

    start: int
    end: int
    source_ids: tuple[str, ...]
    validity: tuple[str, ...]
    teaching: bool = False


@dataclass(frozen=True)
class PassageBlock:
    """A paragraph, item, step or row of a passage as a span of its text."""

    kind: BlockKind
    start: int
    end: int
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Passage:
    """What is indexed, retrieved and quoted. `text` is stored as it is; `questions` are those of its section."""

    id: str
    document_id: str
    heading_path: tuple[str, ...]
    text: str
    blocks: tuple[PassageBlock, ...]
    sentences: tuple[Sentence, ...]
    questions: tuple[str, ...]
    title: str
    page: int | None = None

    @property
    def indexed_text(self) -> str:
        """The text that is embedded and analysed: `title > heading path` above the body."""
        return f"{' > '.join((self.title, *self.heading_path))}\n{self.text}"

    def sentence_texts(self) -> list[str]:
        """Return the statements of this passage."""
        return [self.text[sentence.start : sentence.end] for sentence in self.sentences]


def chunk(document: Document, count_tokens: Callable[[str], int], max_tokens: int) -> list[Passage]:
    """Cut `document` into passages whose indexed text stays below `max_tokens` less a margin.

    Raises CorpusError if a single statement is longer than that.
    """
    passages: list[Passage] = []
    taken: set[str] = set()
    for section in document.sections:
        for number, blocks in enumerate(_parts(section, document, count_tokens, max_tokens - TOKEN_MARGIN)):
            passage_id = _unique(f"{document.id}.{_slug(section.heading_path)}", taken)
            questions = tuple(section.questions) if number == 0 else ()
            passages.append(_passage(passage_id, document, section, blocks, questions))
    return passages


def _slug(heading_path: tuple[str, ...]) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", fold(heading_path[-1] if heading_path else "text")).strip("-")
    return slug[:MAX_SLUG].strip("-") or "abschnitt"


def _unique(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    taken.add(name)
    return name


def _parts(
    section: Section, document: Document, count_tokens: Callable[[str], int], limit: int
) -> Iterator[list[tuple[Block, list[Statement]]]]:
    """Yield the section in parts, each a list of (block, its statements in this part)."""
    units = [(block, statement) for block in section.blocks for statement in block.statements]
    prefix = count_tokens(" > ".join((document.head.title, *section.heading_path)) + "\n")
    sizes = [(len(statement.text.split()), count_tokens(statement.text)) for _, statement in units]
    for (_, statement), (_, tokens) in zip(units, sizes, strict=True):
        if prefix + tokens > limit:
            raise CorpusError(
                f"{document.path.name}: Der Satz „{statement.text[:60]} …“ ist zu lang ({tokens} Tokens).",
                "Bitte den Satz teilen.",
            )
    start = 0
    while start < len(units):
        end, words, tokens = start, 0, prefix
        while end < len(units) and (
            end == start or (words + sizes[end][0] <= MAX_WORDS and tokens + sizes[end][1] <= limit)
        ):
            words, tokens, end = words + sizes[end][0], tokens + sizes[end][1], end + 1
        part: list[tuple[Block, list[Statement]]] = []
        for block, statement in units[start:end]:
            if part and part[-1][0] is block:
                part[-1][1].append(statement)
            else:
                part.append((block, [statement]))
        yield part
        if end == len(units):
            return
        overlap, back = 0, end
        while back - 1 > start and overlap + sizes[back - 1][0] <= OVERLAP * MAX_WORDS:
            back -= 1
            overlap += sizes[back][0]
        start = back


def _passage(
    passage_id: str,
    document: Document,
    section: Section,
    parts: list[tuple[Block, list[Statement]]],
    questions: tuple[str, ...],
) -> Passage:
    text = ""
    blocks: list[PassageBlock] = []
    sentences: list[Sentence] = []
    for block, statements in parts:
        text += "\n" if text else ""
        begin = len(text)
        for number, statement in enumerate(statements):
            text += " " if number else ""
            start = len(text)
            text += statement.text
            teaching = any(document.head.sources[key].url is None for key in statement.source_ids)
            sentences.append(Sentence(start, len(text), statement.source_ids, statement.validity, teaching))
        blocks.append(PassageBlock(block.kind, begin, len(text), block.cells))
    return Passage(
        id=passage_id,
        document_id=document.id,
        heading_path=section.heading_path,
        text=text,
        blocks=tuple(blocks),
        sentences=tuple(sentences),
        questions=questions,
        title=document.head.title,
    )
