"""Turns texts into vectors: one interface over the bundled model and over any sentence-transformers model.

:func:`load_embedder` is the only door. The bundled model needs `onnxruntime` and `tokenizers` to compute;
torch, transformers and sentence-transformers are imported only when another model is asked for.
"""

from __future__ import annotations

import hashlib
import math
import os
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from indexer.bundled_model import DOCUMENT_PREFIX, MODEL_ID, QUERY_PREFIX, BundledModel, ensure_bundled_model
from indexer.errors import EmbeddingError

Progress = Callable[[int], None]
Vectors = NDArray[np.float32]

BUNDLED: Final = "bundled"

# Tokens of one batch, padding included. Smaller batches leave the matrix products too thin, larger ones
# outgrow the processor's cache (measured at 50, 200 and 450 tokens a text).
BATCH_TOKENS: Final = 1024
# Real text has about four characters a token. What lies beyond this many could only be past the limit, so it
# is cut off before it costs time in the tokenizer.
CHARACTERS_PER_TOKEN: Final = 64

DOCUMENT_PROMPTS: Final = ("document", "passage", "corpus")  # encode_document takes the first that exists
TORCH_BATCH: Final = 32  # the default of sentence-transformers
TORCH_SLICE: Final = 256  # texts between two reports of progress
UNLIMITED_TOKENS: Final = 8192  # for models that state no limit (averages of word vectors)


class Embedder(Embeddings):
    """Vectors of length 1 for documents and queries, as LangChain's `Embeddings` and as numpy arrays.

    `model_id` is the identity that an index stamps: vectors of two embedders may be compared only if it is
    equal. `runtime` says in words for people what computes. `dimension` is the length of a vector.
    `max_tokens` is the longest text in tokens, prefix and special tokens included; what is longer is
    truncated.
    """

    model_id: str
    runtime: str
    dimension: int
    max_tokens: int

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text` as a document, prefix and special tokens included, not truncated."""

    @abstractmethod
    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return (len(texts), dimension) in the order of `texts`.

        `progress` receives the number of texts done so far, after every batch.
        """

    @abstractmethod
    def encode_query(self, text: str) -> Vectors:
        """Return (dimension,)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for :meth:`encode_documents`."""
        vectors: list[list[float]] = self.encode_documents(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for :meth:`encode_query`."""
        vector: list[float] = self.encode_query(text).tolist()
        return vector


def load_embedder(
    model: str, model_dir: Path, *, threads: int | None = None, report: Callable[[str], None] | None = None
) -> Embedder:
    """Return the embedder for `model`: "bundled", a folder, or a name on the model hub.

    The bundled model is converted under `model_dir` the first time, `report` then receives German sentences
    about it. `threads` defaults to the processors that this process may use. Raises EmbeddingError with a
    remedy.
    """
    if model == BUNDLED:
        from indexer.adapter import AdaptedEmbedder, packaged

        return AdaptedEmbedder(BundledEmbedder(ensure_bundled_model(model_dir, report), threads=threads), *packaged())
    return SentenceTransformersEmbedder(model, threads=threads)


def bundled_id() -> str:
    """Return the `model_id` of the bundled embedder without loading it."""
    from indexer.adapter import adapted_id, packaged

    return adapted_id(MODEL_ID, *packaged())


def available_processors() -> int:
    """Return the number of processors that this process may use, which containers and `taskset` restrict."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def encodable(text: str) -> str:
    """Return `text` with lone surrogates replaced by "?": they have no UTF-8 form, which tokenizers need."""
    return text.encode("utf-8", "replace").decode("utf-8")


class BundledEmbedder(Embedder):
    """multilingual-e5-small on ONNX Runtime (see :mod:`indexer.bundled_graph` for its precision)."""

    model_id = MODEL_ID
    dimension = 384
    max_tokens = 512

    def __init__(self, model: BundledModel, *, threads: int | None = None) -> None:
        """Load the converted `model` and run it once, so that the first query is as fast as the second."""
        import onnxruntime  # ships no types
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or available_processors()
        options.inter_op_num_threads = 1
        # The graph is written with the operators that run fastest; the further fusions would undo that.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3  # errors; warnings speak to ONNX Runtime's developers
        try:
            self._session = onnxruntime.InferenceSession(
                os.fspath(model.graph), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(os.fspath(model.tokenizer))
        except Exception as error:  # both libraries raise bare or undocumented exceptions for broken files
            raise EmbeddingError(
                f"Das eingerichtete Sprachmodell in {model.folder} lässt sich nicht laden ({error}).",
                "Bitte diesen Ordner löschen; er wird beim nächsten Start neu angelegt.",
            ) from error
        self._padding = self._tokenizer.token_to_id("<pad>")
        self.runtime = f"ONNX Runtime {onnxruntime.__version__} int8"
        self.encode_query("Aufwärmen")

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(encodable(DOCUMENT_PREFIX + text)).ids)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        tokens = [self._tokens(DOCUMENT_PREFIX + text) for text in texts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        done = 0
        for batch in batches_by_length([len(ids) for ids in tokens], BATCH_TOKENS):
            vectors[batch] = self._run([tokens[index] for index in batch])
            done += len(batch)
            if progress is not None:
                progress(done)
        return vectors

    def encode_query(self, text: str) -> Vectors:
        vector: Vectors = self._run([self._tokens(QUERY_PREFIX + text)])[0]
        return vector

    def _tokens(self, text: str) -> list[int]:
        """Return the token ids of a text that has its prefix, at most `max_tokens`, the end token kept."""
        text = encodable(text[: CHARACTERS_PER_TOKEN * self.max_tokens])
        # One text at a time: encode_batch would start threads of its own beside those that were asked for.
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]

    def _run(self, batch: Sequence[Sequence[int]]) -> Vectors:
        """Return (len(batch), dimension) for token ids, padded to the longest of the batch."""
        shape = (len(batch), max(map(len, batch)))
        ids = np.full(shape, self._padding, np.int64)
        mask = np.zeros(shape, np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def batches_by_length(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the indices of `lengths` in batches of similar length, each at most `budget` tokens with padding.

    Longest first, so that the memory which a run needs is taken at its start. A text longer than the budget
    is a batch of its own.
    """
    batch: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch and (len(batch) + 1) * longest > budget:
            yield batch
            batch = []
        longest = longest if batch else lengths[index]
        batch.append(index)
    if batch:
        yield batch


class SentenceTransformersEmbedder(Embedder):
    """Any model for sentence-transformers, by its encode_query and encode_document, so with prompts."""

    def __init__(self, model: str, *, threads: int | None = None) -> None:
        """Load `model`, a folder or a hub name, onto the device that torch prefers.

        Raises EmbeddingError if it is not on this machine (and may not be fetched) or cannot be loaded.
        """
        # Before the first import of the hub's client, which reads it once: unless it is set, even a local
        # folder is looked up on the hub.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        folder = Path(model).expanduser().resolve()
        local = folder.is_dir()
        if not local:
            _require_obtainable(model)
        import sentence_transformers
        import torch
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its bars would fill log files
        torch.set_num_threads(threads or available_processors())
        try:
            self._model: Any = sentence_transformers.SentenceTransformer(str(folder) if local else model)
            # A snapshot of the hub is named by its commit, which says more than any digest.
            version = folder_digest(folder) if local else _snapshot(model).name
            self.model_id = f"{folder.name if local else model}/{version[:12]}"
        # Models may bring code of their own, and the libraries raise all kinds of errors for broken files.
        except Exception as error:
            raise EmbeddingError(
                f"Das Sprachmodell „{model}“ lässt sich nicht laden ({error}).",
                "Bitte prüfen, ob LOTSE_EMBEDDING_MODEL ein Modell für sentence-transformers nennt.",
            ) from error
        library, torch_version = sentence_transformers.__version__, torch.__version__
        self.runtime = f"sentence-transformers {library} (torch {torch_version})"
        dimension = self._model.get_embedding_dimension()
        self.dimension = int(dimension if dimension is not None else self.encode_query("Länge").shape[0])
        limit = self._model.max_seq_length
        self.max_tokens = int(limit) if limit is not None and math.isfinite(limit) else UNLIMITED_TOKENS
        prompts: dict[str, str | None] = self._model.prompts or {}
        found = (prompts[name] for name in DOCUMENT_PROMPTS if name in prompts)
        self._document_prompt = next(found, None) or ""

    def count_tokens(self, text: str) -> int:
        tokenizer: Any = self._model.tokenizer
        text = encodable(self._document_prompt + text)
        if not callable(tokenizer):  # models of static vectors carry a bare one of the tokenizers library
            return len(tokenizer.encode(text).ids)
        # verbose=False: a text beyond the limit is what one counts for, not something to warn about.
        return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        for start in range(0, len(order), TORCH_SLICE):
            part = order[start : start + TORCH_SLICE]
            vectors[part] = self._model.encode_document(
                [encodable(texts[index]) for index in part],
                batch_size=TORCH_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if progress is not None:
                progress(start + len(part))
        return vectors

    def encode_query(self, text: str) -> Vectors:
        vector: Vectors = self._model.encode_query(encodable(text), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, np.float32)


def _snapshot(model: str) -> Path:
    """Return the folder of a hub model in the hub's cache on this machine; raises OSError or ValueError."""
    from huggingface_hub import snapshot_download

    # Of all its files only this one is asked for, since sentence-transformers fetches but those that it
    # needs.
    return Path(snapshot_download(model, local_files_only=True, allow_patterns=["modules.json"]))


def _require_obtainable(model: str) -> None:
    """Raise EmbeddingError if `model` is no folder, not in the hub's cache and not to be fetched."""
    if Path(model).is_absolute() or model.startswith(("~", ".")):
        raise EmbeddingError(f"Den Modellordner {model} gibt es nicht.", "Bitte LOTSE_EMBEDDING_MODEL berichtigen.")
    from huggingface_hub.constants import HF_HUB_OFFLINE

    try:
        _snapshot(model)
    except (OSError, ValueError) as error:
        if HF_HUB_OFFLINE:
            raise EmbeddingError(
                f"Das Sprachmodell „{model}“ ist auf diesem Rechner nicht vorhanden.",
                "Bitte einmal mit HF_HUB_OFFLINE=0 starten, um es aus dem Netz zu laden, oder in "
                "LOTSE_EMBEDDING_MODEL einen Ordner mit dem Modell nennen.",
            ) from error


def folder_digest(folder: Path) -> str:
    """Return hexadecimal digits that change with the model's configuration, tokenizer or weights.

    Small files go in whole, of large ones the length and both ends: training changes every weight, and
    reading gigabytes at each start would cost more than it tells.
    """
    edge = 1 << 20
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(edge))
            if size > edge:
                file.seek(max(edge, size - edge))
                digest.update(file.read())
    return digest.hexdigest()
