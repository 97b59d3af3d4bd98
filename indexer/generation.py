"""Immutable index generations: where they lie, what they are stamped with, which one is served.

    <data>/index/current                     the name of the served generation, replaced atomically
    <data>/index/<generation>/manifest.json  written last: without it a generation does not exist
    <data>/index/<generation>/{chroma,lexical,vocabulary,vectors,catalogue.db}

An index run writes into a new directory and flips the pointer at the end; what is being served is never touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from indexer.analysis import ANALYSER_VERSION
from indexer.catalogue import Catalogue
from indexer.chunking import CHUNKER_VERSION
from indexer.errors import IndexBroken, IndexMismatch, IndexMissing
from indexer.lexical import LexicalIndex, open_lexical
from indexer.matrix import VectorGroups, open_groups
from indexer.vectors import Space, VectorStore
from indexer.vocabulary import Vocabulary, open_vocabulary

FORMAT: Final = 2
"""Layout of a generation; raise it when files or their meaning change."""
POINTER: Final = "current"
MANIFEST: Final = "manifest.json"
CATALOGUE: Final = "catalogue.db"
CHROMA: Final = "chroma"
LEXICAL_PASSAGES: Final = "lexical/passages"
LEXICAL_QUESTIONS: Final = "lexical/questions"
VOCABULARY: Final = "vocabulary"
STATEMENT_VECTORS: Final = "vectors/statements"
QUESTION_VECTORS: Final = "vectors/questions"
KEEP: Final = 2
"""Generations that stay on disk: the served one and the one before, to go back to."""

REBUILD: Final = "Bitte „lotse index“ ausführen."
_NAME: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True)
class Manifest:
    """What a generation was made of and with."""

    generation: str
    created: str
    model_id: str
    dimension: int
    corpus_digest: str
    documents: int
    passages: int
    sentences: int
    questions: int
    document_digests: dict[str, str]
    analyser: int = ANALYSER_VERSION
    chunker: int = CHUNKER_VERSION
    format: int = FORMAT
    chroma: str = metadata.version("chromadb")


def index_dir(data_dir: Path) -> Path:
    """Return the folder of all generations."""
    return data_dir / "index"


def current_name(data_dir: Path) -> str:
    """Return the name of the served generation; raises IndexMissing or IndexBroken."""
    pointer = index_dir(data_dir) / POINTER
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise IndexMissing("Es gibt noch keinen Index.", REBUILD) from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexBroken(f"Die Datei {pointer} lässt sich nicht lesen.", REBUILD) from error
    if not _NAME.fullmatch(name):
        raise IndexBroken(f"Die Datei {pointer} nennt keinen Index.", REBUILD)
    return name


def read_manifest(data_dir: Path, name: str | None = None) -> Manifest:
    """Return the manifest of a generation, by default the served one.

    Raises IndexMissing, IndexBroken, or IndexMismatch if it has another format.
    """
    name = name or current_name(data_dir)
    path = index_dir(data_dir) / name / MANIFEST
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise IndexMismatch("Der Index stammt aus einer anderen Fassung von Lotse.", REBUILD)
        return Manifest(**record)
    except FileNotFoundError as error:
        raise IndexBroken("Der Index ist unvollständig.", REBUILD) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexBroken(f"Die Datei {path} ist beschädigt.", REBUILD) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest durably: it says that everything beside it is complete."""
    _write_durably(folder / MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))


def activate(data_dir: Path, name: str) -> None:
    """Make `name` the served generation by one rename."""
    _write_durably(index_dir(data_dir) / POINTER, name + "\n")


def prune(data_dir: Path, keep: int = KEEP) -> list[str]:
    """Delete all but the newest `keep` generations, never the served one; return the names of the deleted.

    Unfinished directories of killed runs go too, so this must run under the index lock.
    """
    folder = index_dir(data_dir)
    served = current_name(data_dir)
    names = sorted((path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    complete = [name for name in names if (folder / name / MANIFEST).is_file()]
    kept = {served, *[name for name in complete if name != served][: keep - 1]}
    deleted = [name for name in names if name not in kept]
    for name in deleted:
        shutil.rmtree(folder / name)
    return deleted


class Generation:
    """An opened generation: vectors, lexical indexes, vocabulary, texts.

    `position` is the place of a passage: its group in `statement_vectors` and `question_vectors`.
    """

    def __init__(self, data_dir: Path, *, model_id: str, name: str | None = None) -> None:
        """Open the served generation (or `name`) for a process that embeds with `model_id`.

        Raises IndexMissing, IndexBroken or IndexMismatch, each with the command that mends it.
        """
        self.manifest = read_manifest(data_dir, name)
        self.name = self.manifest.generation
        if self.manifest.model_id != model_id:
            raise IndexMismatch(
                f"Der Index wurde mit dem Sprachmodell „{self.manifest.model_id}“ gebaut, "
                f"eingestellt ist „{model_id}“.",
                "Bitte „lotse index“ ausführen oder LOTSE_EMBEDDING_MODEL zurückstellen.",
            )
        if (self.manifest.analyser, self.manifest.chunker) != (ANALYSER_VERSION, CHUNKER_VERSION):
            raise IndexMismatch("Der Index stammt aus einer anderen Fassung von Lotse.", REBUILD)
        folder = index_dir(data_dir) / self.name
        broken = IndexBroken(f"Der Index {self.name} ist unvollständig oder beschädigt.", REBUILD)
        if not (folder / CHROMA / "chroma.sqlite3").is_file():
            raise broken
        from chromadb.errors import ChromaError

        try:
            self.catalogue = Catalogue(folder / CATALOGUE)
            self.lexical_passages: LexicalIndex = open_lexical(folder / LEXICAL_PASSAGES)
            self.lexical_questions: LexicalIndex = open_lexical(folder / LEXICAL_QUESTIONS)
            self.vocabulary: Vocabulary = open_vocabulary(folder / VOCABULARY)
            self.statement_vectors: VectorGroups = open_groups(folder / STATEMENT_VECTORS)
            self.question_vectors: VectorGroups = open_groups(folder / QUESTION_VECTORS)
            self.position = {name: number for number, name in enumerate(self.lexical_passages.ids)}
            self.vectors = VectorStore(folder / CHROMA)
            found = (*self.catalogue.counts(), *(self.vectors.count(space) for space in Space))
            for space in Space:
                self.vectors.probe(space)
        except (OSError, EOFError, ValueError, sqlite3.Error, ChromaError) as error:
            raise broken from error
        m = self.manifest
        groups = (self.statement_vectors, self.question_vectors)
        rows = len(self.vocabulary.rows)
        found = (*found, rows, *(len(part.vectors) for part in groups), *(len(part.starts) - 1 for part in groups))
        texts = (m.passages, m.sentences, m.questions)
        if found != (m.documents, m.passages, *texts, sum(texts), *texts[1:], m.passages, m.passages):
            self.close()
            raise broken

    def close(self) -> None:
        """Release the files."""
        self.vectors.close()
        self.catalogue.close()


def _write_durably(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
