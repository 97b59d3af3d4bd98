"""How documents are best cut: set-ups of chunks, measured by the facts within a budget of words shown.

Recall at a fixed number of chunks rewards long chunks. What a reader pays with is words, so the ranking is walked down
until 200, 400 or 800 words are shown, and the required facts among them are counted. Measured on the tune part of the
question set over the own corpus, and on XQuAD's German articles among federal law sections (eval/external.py). Every
set-up is searched alike: 4-gram BM25 and vectors, fused by z-score with equal weights.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.retrieve import CANDIDATES, RERANKED, WEIGHTS, fuse
from eval.baselines import CHUNK_CHARACTERS, CHUNK_OVERLAP
from eval.dataset import Question, Split
from eval.external import XQUAD, load_data
from eval.metrics import holds
from indexer.analysis import terms
from indexer.chunking import chunk
from indexer.documents import Block, BlockKind, Document, FrontMatter, Section, Statement
from indexer.embedding import Embedder, Vectors
from indexer.generation import Generation
from indexer.lexical import build_lexical, open_lexical
from indexer.sentences import split_sentences
from indexer.sync import Progress
from indexer.vectors import Space

BUDGETS: Final = (200, 400, 800)
"""Words shown: an answer with its surroundings, a screen, what a language model would be handed."""
TOP: Final = 5
"""Chunks shown for the figure that is usual elsewhere."""
DISTRACTORS: Final = 1500
LONGEST: Final = 80
"""Words of a law section that distracts: no set-up cuts one so short, so all are embedded once and distract alike."""


@dataclass(frozen=True)
class Chunk:
    """`text` is shown, `indexed` is searched; section questions and statements may help to find it."""

    text: str
    indexed: str
    questions: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


Cut = Callable[[Document, Embedder], Iterable[Chunk]]


@dataclass(frozen=True)
class SetUp:
    """A way to cut documents; `questions` adds the arm of section questions, `statements` re-ranks by the best one."""

    name: str
    cut: Cut
    questions: bool = False
    statements: bool = False


@dataclass(frozen=True)
class Wanted:
    """A question and the facts that must be shown for it, each with the forms that count."""

    question: str
    facts: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Collection:
    """Documents, what is asked about them, and documents that only distract."""

    name: str
    documents: Sequence[Document]
    wanted: Sequence[Wanted]
    distractors: Sequence[Document] = ()


@dataclass(frozen=True)
class Result:
    """`chunks` and `words` (their mean) leave out distractors; `found` is (questions, budgets and top five)."""

    setup: str
    chunks: int
    words: float
    facts: NDArray[np.int64]
    found: NDArray[np.int64]

    @property
    def recalls(self) -> list[float]:
        """The share of all facts that are shown within each budget, and in the top five."""
        shares: list[float] = (self.found.sum(axis=0) / self.facts.sum()).tolist()
        return shares


@dataclass
class Encoder:
    """Embeds each distinct text once; `known` holds what is embedded already."""

    embedder: Embedder
    known: dict[str, Vectors] = field(default_factory=dict)
    report: Progress = lambda stage, done, total: None

    def vectors(self, texts: Sequence[str], stage: str) -> Vectors:
        """Return (len(texts), dimension)."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            made = self.embedder.encode_documents(new, lambda done: self.report(stage, done, len(new)))
            self.known.update(zip(new, made, strict=True))
        return np.array([self.known[text] for text in texts], np.float32).reshape(-1, self.embedder.dimension)


def indexed_vectors(generation: Generation) -> dict[str, Vectors]:
    """Return the vectors of all passages, statements and section questions of an index by their texts."""
    known: dict[str, Vectors] = {}
    stored = generation.vectors.vectors(Space.PASSAGES, list(generation.position))
    for passage in generation.catalogue.all_passages():
        place = generation.position[passage.id]
        known[passage.indexed_text] = stored[passage.id]
        known.update(zip(passage.sentence_texts(), generation.statement_vectors.group(place), strict=True))
        known.update(zip(passage.questions, generation.question_vectors.group(place), strict=True))
    return known


def own(documents: Sequence[Document], questions: Iterable[Question]) -> Collection:
    """Return the corpus with the answerable questions of the tune part, each with its history in front."""
    wanted = [
        Wanted(" ".join((*question.history, question.question)), question.facts)
        for question in questions
        if question.split is Split.TUNE and question.expected.has_answer
    ]
    return Collection("Eigene Dokumente", documents, wanted)


def foreign(folder: Path) -> Collection:
    """Return XQuAD's articles, a paragraph as a section, among law sections; raises InvalidRequest without the data."""
    texts, _ = load_data(folder)
    articles = json.loads((folder / XQUAD).read_text(encoding="utf-8"))["data"]
    documents, wanted = [], []
    for article in articles:
        paragraphs = article["paragraphs"]
        title = article["title"].replace("_", " ")
        documents.append(_document(title, [((), paragraph["context"]) for paragraph in paragraphs]))
        wanted += [
            Wanted(entry["question"], [[answer["text"] for answer in entry["answers"]]])
            for paragraph in paragraphs
            for entry in paragraph["qas"]
        ]
    # What `load_data` returns begins with the paragraphs; a law section has its law and heading in the first line.
    laws = [text.partition("\n") for text in texts[sum(len(article["paragraphs"]) for article in articles) :]]
    short = [(head.partition(" > "), text) for head, _, text in laws if len(text.split()) <= LONGEST]
    distractors = [_document(law, [((heading,), text)]) for (law, _, heading), text in short[:DISTRACTORS]]
    return Collection("XQuAD zwischen Gesetzen", documents, wanted, distractors)


def _document(title: str, sections: Iterable[tuple[tuple[str, ...], str]]) -> Document:
    """Return plain text as a document: of its head only the title is read here."""
    made = []
    for heading_path, text in sections:
        statements = tuple(Statement(sentence, ()) for sentence in split_sentences(text))
        made.append(Section(heading_path, 0, [Block(BlockKind.PARAGRAPH, statements)]))
    head = FrontMatter.model_construct(title=title, sources={})
    return Document(title, Path(title), head, tuple(made), digest="")


def sections(*, prefix: bool) -> Cut:
    """Return Lotse's own way (indexer/chunking.py): the author's sections, with or without headings in front."""

    def cut(document: Document, embedder: Embedder) -> Iterator[Chunk]:
        for passage in chunk(document, embedder.count_tokens, embedder.max_tokens):
            indexed = passage.indexed_text if prefix else passage.text
            yield Chunk(passage.text, indexed, passage.questions, tuple(passage.sentence_texts()))

    return cut


def windows(size: int, overlap: float) -> Cut:
    """Return windows of `size` words that end with a statement but at no section; the first one's headings in front."""

    def cut(document: Document, embedder: Embedder) -> Iterator[Chunk]:
        units = [
            (section, block, statement.text)
            for section in document.sections
            for block in section.blocks
            for statement in block.statements
        ]
        sizes = [len(text.split()) for _, _, text in units]
        start = 0
        while start < len(units):
            end, words = start, 0
            while end < len(units) and (end == start or words + sizes[end] <= size):
                words, end = words + sizes[end], end + 1
            blocks = groupby(units[start:end], key=lambda unit: id(unit[1]))
            text = "\n".join(" ".join(statement for _, _, statement in block) for _, block in blocks)
            headings = " > ".join((document.head.title, *units[start][0].heading_path))
            yield Chunk(text, f"{headings}\n{text}")
            if end == len(units):
                return
            back, repeated = end, 0
            while back - 1 > start and repeated + sizes[back - 1] <= overlap * size:
                back -= 1
                repeated += sizes[back]
            start = back

    return cut


def fixed(characters: int, overlap: int) -> Cut:
    """Return the cut of every tutorial: LangChain's recursive splitter; titles and headings are lines of the text."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=characters, chunk_overlap=overlap)

    def cut(document: Document, embedder: Embedder) -> Iterator[Chunk]:
        parts = [document.head.title]
        for section in document.sections:
            lines = (" ".join(statement.text for statement in block.statements) for block in section.blocks)
            parts.append("\n".join((" > ".join(section.heading_path), *lines)).strip())
        for text in splitter.split_text("\n\n".join(parts)):
            yield Chunk(text, text)

    return cut


def setups() -> list[SetUp]:
    """Return what is compared; 8 is the size of 1 without its borders, 9 is what the answer path does."""
    lotse = sections(prefix=True)
    return [
        SetUp("1 Abschnitte, Überschriften davor", lotse),
        SetUp("2 Abschnitte ohne Überschriften", sections(prefix=False)),
        SetUp("3 80 Wörter, 25 % Überlappung", windows(80, 0.25)),
        SetUp("4 250 Wörter, 15 % Überlappung", windows(250, 0.15)),
        SetUp("5 1000 Zeichen, 200 Überlappung", fixed(CHUNK_CHARACTERS, CHUNK_OVERLAP)),
        SetUp("6 wie 1, mit Abschnittsfragen", lotse, questions=True),
        SetUp("7 wie 1, nach bester Aussage", lotse, statements=True),
        SetUp("8 150 Wörter, 22 % Überlappung", windows(150, 0.22)),
        SetUp("9 wie 1, mit 6 und 7", lotse, questions=True, statements=True),
    ]


def measure(collection: Collection, encoder: Encoder, compared: Sequence[SetUp] | None = None) -> list[Result]:
    """Measure each set-up; those with section questions only where the documents have any."""
    asked = any(section.questions for document in collection.documents for section in document.sections)
    queries: list[tuple[Counter[str], Vectors]] = []
    for wanted in collection.wanted:
        queries.append((terms(wanted.question), encoder.embedder.encode_query(wanted.question)))
        encoder.report("Fragen", len(queries), len(collection.wanted))
    results = []
    facts = np.array([len(wanted.facts) for wanted in collection.wanted])
    for setup in compared or setups():
        if setup.questions and not asked:
            continue
        chunks = [piece for document in collection.documents for piece in setup.cut(document, encoder.embedder)]
        others = [piece for document in collection.distractors for piece in setup.cut(document, encoder.embedder)]
        found = []
        rankings = _rank(setup, [*chunks, *others], queries, encoder)
        for wanted, ranking in zip(collection.wanted, rankings, strict=True):
            views = [shown((piece.text for piece in ranking), budget) for budget in BUDGETS]
            views.append(shown((piece.text for piece in ranking[:TOP]), None))
            found.append([facts_in(wanted, view) for view in views])
        words = float(np.mean([len(piece.text.split()) for piece in chunks]))
        results.append(Result(setup.name, len(chunks), words, facts, np.array(found)))
    return results


def shown(texts: Iterable[str], budget: int | None) -> str:
    """Return the texts, a line each, until `budget` words stand there; the last one is cut, None cuts nowhere."""
    lines: list[str] = []
    left = budget
    for text in texts:
        if left == 0:
            break
        words = text.split()[:left]
        lines.append(" ".join(words))
        left = None if left is None else left - len(words)
    return "\n".join(lines)


def facts_in(wanted: Wanted, view: str) -> int:
    """Return how many of the wanted facts `view` holds; a form has no line break, so none is pieced from two chunks."""
    return sum(any(holds(form, view) for form in forms) for forms in wanted.facts)


def _rank(
    setup: SetUp, chunks: Sequence[Chunk], queries: Sequence[tuple[Counter[str], Vectors]], encoder: Encoder
) -> list[list[Chunk]]:
    """Return the chunks for each query, best first; arms, weights and depths are those of the answer path."""
    names = [str(number) for number in range(len(chunks))]
    vectors = encoder.vectors([piece.indexed for piece in chunks], setup.name)
    owners = [name for name, piece in zip(names, chunks, strict=True) for _ in piece.questions]
    texts = [question for piece in chunks for question in piece.questions] if setup.questions else []
    questions = encoder.vectors(texts, setup.name)
    scores: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        build_lexical(Path(temporary) / "lexical", names, [piece.indexed for piece in chunks])
        lexical = open_lexical(Path(temporary) / "lexical")
        for query, vector in queries:
            arms: list[tuple[Mapping[str, float], float]] = [
                (dict(lexical.top(query, CANDIDATES)), WEIGHTS.lexical),
                (_nearest(vectors @ vector, names), WEIGHTS.dense),
            ]
            if setup.questions:
                arms.append((_nearest(questions @ vector, owners), WEIGHTS.dense_questions))
            scores.append(fuse(arms))
    rankings = [sorted(fused, key=lambda name: (-fused[name], name)) for fused in scores]
    if setup.statements:
        _rerank(rankings, scores, chunks, queries, encoder, setup.name)
    return [[chunks[int(name)] for name in ranking] for ranking in rankings]


def _nearest(cosines: NDArray[np.float32], owners: Sequence[str]) -> dict[str, float]:
    """Return the owners of the highest cosines, each with its best."""
    best: dict[str, float] = {}
    for number in np.argsort(-cosines, kind="stable")[:CANDIDATES]:
        best.setdefault(owners[number], float(cosines[number]))
    return best


def _rerank(
    rankings: list[list[str]],
    scores: Sequence[Mapping[str, float]],
    chunks: Sequence[Chunk],
    queries: Sequence[tuple[Counter[str], Vectors]],
    encoder: Encoder,
    stage: str,
) -> None:
    """Put the first candidates of each ranking in the order of score plus weighted cosine of the best statement."""
    needed = sorted({name for ranking in rankings for name in ranking[:RERANKED]}, key=int)
    encoder.vectors([text for name in needed for text in chunks[int(name)].statements], stage)
    groups = {name: encoder.vectors(chunks[int(name)].statements, stage) for name in needed}
    for ranking, fused, (_, vector) in zip(rankings, scores, queries, strict=True):
        value = {
            name: fused[name] + WEIGHTS.best_statement * float((groups[name] @ vector).max(initial=0.0))
            for name in ranking[:RERANKED]
        }
        ranking[:RERANKED] = sorted(value, key=lambda name: (-value[name], name))
