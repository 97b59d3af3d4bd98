"""Builds the next generation from the corpus: compare, chunk, embed, write, verify, flip, prune."""

from __future__ import annotations

import datetime as dt
import errno
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from indexer import generation as generations
from indexer.analysis import ANALYSER_VERSION
from indexer.catalogue import write_catalogue
from indexer.chunking import CHUNKER_VERSION, Passage, chunk
from indexer.documents import Document
from indexer.embedding import Embedder
from indexer.errors import GenerationError, IndexBroken, IndexerError
from indexer.glossary import load_glossary
from indexer.lexical import build_lexical
from indexer.matrix import write_groups
from indexer.programmes import load_programmes
from indexer.reading import corpus_digest, corpus_error, load_corpus
from indexer.record_pages import taken_ids
from indexer.vectors import Space, VectorStore
from indexer.vocabulary import build_vocabulary

LOCK: Final = "index.lock"


class Progress(Protocol):
    """Receives how far a stage is: `stage` in German, `done` of `total` pieces."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class SyncCounts:
    """How the corpus differs from the generation before, in documents."""

    created: int
    changed: int
    unchanged: int
    deleted: int


@dataclass(frozen=True)
class SyncResult:
    """What a run did; `rebuilt` is False if the served generation was current already."""

    generation: str
    counts: SyncCounts
    passages: int
    rebuilt: bool


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> SyncCounts:
    """Compare two sets of {document id: digest}."""
    common = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in common)
    return SyncCounts(len(after.keys() - common), changed, len(common) - changed, len(before.keys() - common))


def up_to_date(data_dir: Path, corpus_dir: Path, model_id: str) -> generations.Manifest | None:
    """Return the manifest of the served generation if it needs no rebuild for this corpus and model."""
    try:
        manifest = generations.read_manifest(data_dir)
    except GenerationError:
        return None
    folder = generations.index_dir(data_dir) / manifest.generation
    complete = all(
        (folder / part).exists()
        for part in (
            generations.CATALOGUE,
            f"{generations.CHROMA}/chroma.sqlite3",
            generations.LEXICAL_PASSAGES,
            generations.LEXICAL_QUESTIONS,
            generations.VOCABULARY,
            generations.STATEMENT_VECTORS,
            generations.QUESTION_VECTORS,
        )
    )
    same = (
        complete
        and manifest.model_id == model_id
        and (manifest.analyser, manifest.chunker) == (ANALYSER_VERSION, CHUNKER_VERSION)
        and manifest.corpus_digest == corpus_digest(corpus_dir)
    )
    return manifest if same else None


def build(
    data_dir: Path,
    corpus_dir: Path,
    load: Callable[[], Embedder],
    now: dt.datetime,
    progress: Progress | None = None,
) -> SyncResult:
    """Build a generation from the corpus and make it the served one.

    Raises IndexerError: the corpus is faulty, another run is active, the disk is full, or verification failed. The
    served generation stays as it was in all these cases.
    """
    folder = generations.index_dir(data_dir)
    report = progress or (lambda stage, done, total: None)
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0)
        try:
            with lock:
                return _build(data_dir, corpus_dir, load, now, report)
        except Timeout as error:
            raise IndexerError(
                "Ein anderer Lauf baut gerade den Index.",
                "Bitte warten, bis er fertig ist, und es noch einmal versuchen.",
            ) from error


def _build(
    data_dir: Path, corpus_dir: Path, load: Callable[[], Embedder], now: dt.datetime, report: Progress
) -> SyncResult:
    digest = corpus_digest(corpus_dir)
    documents = load_corpus(corpus_dir)
    programmes, faults = load_programmes(corpus_dir)
    glossary, more = load_glossary(corpus_dir)
    problems = [*faults, *more, *taken_ids(documents, programmes.values(), corpus_dir)]
    if problems:
        raise corpus_error(problems)
    digests = {document.id: document.digest for document in documents}
    embedder = load()
    try:
        before = generations.read_manifest(data_dir).document_digests
    except GenerationError:
        before = {}
    passages = [
        passage for document in documents for passage in chunk(document, embedder.count_tokens, embedder.max_tokens)
    ]
    name = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    target = generations.index_dir(data_dir) / name
    target.mkdir()
    try:
        manifest = write_generation(target, documents, passages, embedder, name, now, digest, digests, report)
        write_catalogue(target / generations.CATALOGUE, documents, passages, programmes.values(), glossary)
        generations.write_manifest(target, manifest)
        _verify(data_dir, name, embedder, passages)
    except BaseException:
        # Also on Ctrl-C: an unfinished generation is of no use to anybody.
        shutil.rmtree(target, ignore_errors=True)
        raise
    generations.activate(data_dir, name)
    generations.prune(data_dir)
    return SyncResult(name, diff(before, digests), len(passages), rebuilt=True)


def write_generation(
    target: Path,
    documents: list[Document],
    passages: list[Passage],
    embedder: Embedder,
    name: str,
    now: dt.datetime,
    digest: str,
    digests: dict[str, str],
    report: Progress,
) -> generations.Manifest:
    """Write everything of a generation but its manifest, which is returned."""
    rows: dict[Space, tuple[list[str], list[str], list[dict[str, str | int]]]] = {
        space: ([], [], []) for space in Space
    }

    def add(space: Space, row: str, text: str, passage: Passage) -> None:
        ids, texts, metadata = rows[space]
        ids.append(row)
        texts.append(text)
        metadata.append({"passage_id": passage.id, "document_id": passage.document_id})

    for passage in passages:
        add(Space.PASSAGES, passage.id, passage.indexed_text, passage)
        for number, sentence in enumerate(passage.sentence_texts()):
            add(Space.SENTENCES, f"{passage.id}#{number}", sentence, passage)
        for number, question in enumerate(passage.questions):
            add(Space.QUESTIONS, f"{passage.id}?{number}", question, passage)
    total = sum(len(ids) for ids, _, _ in rows.values())
    store = VectorStore(target / generations.CHROMA)
    try:
        done = 0
        for space, (ids, texts, metadata) in rows.items():
            base = done
            vectors = embedder.encode_documents(
                texts,
                lambda count, base=base: report("Texte einbetten", base + count, total),  # type: ignore[misc]
            )
            store.create(space)
            store.add(space, ids, vectors, metadata)
            if space is Space.SENTENCES:
                sizes = [len(passage.sentences) for passage in passages]
                write_groups(target / generations.STATEMENT_VECTORS, vectors, sizes)
            elif space is Space.QUESTIONS:
                sizes = [len(passage.questions) for passage in passages]
                write_groups(target / generations.QUESTION_VECTORS, vectors, sizes)
            done += len(ids)
        report("Texte einbetten", total, total)
    finally:
        store.close()
    ids, texts, _ = rows[Space.PASSAGES]
    build_lexical(target / generations.LEXICAL_PASSAGES, ids, texts)
    ids, texts, _ = rows[Space.QUESTIONS]
    build_lexical(target / generations.LEXICAL_QUESTIONS, ids, texts)
    build_vocabulary(target / generations.VOCABULARY, _texts(passages))
    return generations.Manifest(
        generation=name,
        created=now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        model_id=embedder.model_id,
        dimension=embedder.dimension,
        corpus_digest=digest,
        documents=len(documents),
        passages=len(passages),
        sentences=len(rows[Space.SENTENCES][0]),
        questions=len(rows[Space.QUESTIONS][0]),
        document_digests=digests,
    )


def _texts(passages: list[Passage]) -> dict[str, str]:
    """Return the rows of the vocabulary: title and headings of a passage, each statement, each question."""
    rows: dict[str, str] = {}
    for passage in passages:
        rows[passage.id] = " ".join((passage.title, *passage.heading_path))
        for number, sentence in enumerate(passage.sentence_texts()):
            rows[f"{passage.id}#{number}"] = sentence
        for number, question in enumerate(passage.questions):
            rows[f"{passage.id}?{number}"] = question
    return rows


def _verify(data_dir: Path, name: str, embedder: Embedder, passages: list[Passage]) -> None:
    """Open the new generation as a server would and find a passage by its own text."""
    opened = generations.Generation(data_dir, model_id=embedder.model_id, name=name)
    try:
        probe = passages[len(passages) // 2]
        vector = embedder.encode_documents([probe.indexed_text])[0]
        found = {row for row, _, _ in opened.vectors.nearest(Space.PASSAGES, vector, 3)}
        if probe.id not in found:
            raise IndexBroken("Der neue Index findet eine Probestelle nicht; der bisherige bleibt in Betrieb.")
    finally:
        opened.close()


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into one German sentence."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise IndexerError(
                "Auf dem Datenträger ist kein Platz mehr; der bisherige Index bleibt in Betrieb.",
                f"Bitte Platz schaffen ({folder}) und „lotse index“ noch einmal ausführen.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT):
            raise IndexerError(
                f"In den Ordner {folder} kann Lotse nicht schreiben ({error.strerror}).",
                "Bitte Schreibrechte geben oder mit LOTSE_DATA_DIR einen anderen Ordner nennen.",
            ) from error
        raise
