"""What a user would build instead, asked the same questions in the same run.

Each baseline shows the texts that it found as its answer, as a pipeline without a language model does; none can refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from assistant.answering.context import Resources
from assistant.answering.outcomes import Outcome
from eval.dataset import Question
from eval.metrics import Given, score
from eval.runner import DEPTH, Row, Tick
from indexer.vectors import Space

if TYPE_CHECKING:
    from langchain_chroma import Chroma

TEXTBOOK: Final = "textbook"
CHUNK_CHARACTERS: Final = 1000
CHUNK_OVERLAP: Final = 200
SHOWN: Final = 4
"""Texts that a baseline shows: LangChain's default k."""

Find = Callable[[Question], tuple[list[str], list[str]]]
"""From a question to (passage ids in order, texts that are shown)."""


def systems(questions: Sequence[Question], resources: Resources, tick: Tick | None = None) -> dict[str, list[Row]]:
    """Return the rows of every baseline."""
    finders: dict[str, Find] = {
        TEXTBOOK: _textbook(resources),
        "bm25_stems": _stems(resources),
        "dense": _dense(resources),
    }
    found: dict[str, list[Row]] = {}
    total = len(finders) * len(questions)
    for number, (name, find) in enumerate(finders.items()):
        rows = []
        for position, question in enumerate(questions, start=1):
            ids, texts = find(question)
            text = "\n\n".join(texts)
            given = Given(Outcome.ANSWERED, text, cited=tuple(ids[:SHOWN]), rankings={"path": ids} if ids else {})
            rows.append(Row(question, given, score(question, given)))
            if tick is not None:
                tick(number * len(questions) + position, total)
        found[name] = rows
    return found


def _query(question: Question) -> str:
    """Return all turns in one line: the simplest way in which a pipeline without memory takes a follow-up."""
    return " ".join((*question.history, question.question))


def _textbook(resources: Resources) -> Find:
    """The pipeline of every tutorial: recursive splitter 1000/200, the same embedding model, Chroma, top 4."""
    store = _textbook_store(resources)

    def find(question: Question) -> tuple[list[str], list[str]]:
        return [], [document.page_content for document in store.similarity_search(_query(question), k=SHOWN)]

    return find


def _textbook_store(resources: Resources) -> Chroma:
    import chromadb
    from langchain_chroma import Chroma
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    catalogue = resources.generation.catalogue
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=CHUNK_OVERLAP)
    texts = []
    for document in catalogue.documents():
        parts = [f"{' > '.join(p.heading_path)}\n{p.text}" for p in catalogue.passages_of(document.id)]
        texts += splitter.split_text("\n\n".join((document.title, *parts)))
    store = Chroma(
        client=chromadb.EphemeralClient(),
        collection_name="textbook",
        embedding_function=resources.embedder,
        collection_configuration={"hnsw": {"space": "cosine"}},
    )
    store.reset_collection()
    store.add_texts(texts)
    return store


def _stems(resources: Resources) -> Find:
    """BM25 over Snowball stems of the same passages."""
    import bm25s
    import snowballstemmer

    passages = list(resources.generation.catalogue.all_passages())
    stemmer = snowballstemmer.stemmer("german")

    def tokens(text: str) -> list[str]:
        return [
            str(stem) for stem in stemmer.stemWords("".join(c if c.isalnum() else " " for c in text.lower()).split())
        ]

    index = bm25s.BM25()
    index.index([tokens(passage.indexed_text) for passage in passages], show_progress=False)

    def find(question: Question) -> tuple[list[str], list[str]]:
        rows, _ = index.retrieve([tokens(_query(question))], k=min(DEPTH, len(passages)), show_progress=False)
        best = [passages[int(row)] for row in rows[0]]
        return [passage.id for passage in best], [passage.text for passage in best[:SHOWN]]

    return find


def _dense(resources: Resources) -> Find:
    """The nearest passage vectors alone."""
    generation = resources.generation

    def find(question: Question) -> tuple[list[str], list[str]]:
        vector = resources.embedder.encode_query(_query(question))
        ids = [name for name, _, _ in generation.vectors.nearest(Space.PASSAGES, vector, DEPTH)]
        stored = generation.catalogue.passages(ids[:SHOWN])
        return ids, [stored[name].text for name in ids[:SHOWN]]

    return find
