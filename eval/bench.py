"""Measures what an answer costs: by stage at growing size, with many clients at once, and from the cache.

Sizes beyond the shipped corpus are copies of it with jittered vectors, so the neighbours of a question are many and the
index is as large as it says; their texts are the same, so the figures speak of time alone. Every time is given as a
multiple of one query embedding of the same run, because machines differ and this one is noisy.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from assistant.answering.path import make_resources, walk
from assistant.service import Asked, Service
from assistant.settings import Settings
from eval.dataset import Question
from indexer import generation as generations
from indexer.catalogue import write_catalogue
from indexer.chunking import Passage, chunk
from indexer.embedding import Embedder, Progress, Vectors
from indexer.generation import Generation
from indexer.reading import load_corpus
from indexer.sync import Progress as Tick
from indexer.sync import write_generation

SIZES: Final = (1_000, 10_000)
CLIENTS: Final = (1, 8, 32)
JITTER: Final = 0.02
"""Standard deviation of what is added to each component of a copy's vector: copies stay neighbours, none is equal."""
COPIED_QUESTIONS: Final = 2
"""Section questions that a copy keeps: as many vectors as most corpora have."""
ASKED: Final = 150
"""Questions that are timed at each size."""
SECONDS: Final = 8.0
"""How long each number of clients asks."""
KIB: Final = 1024


@dataclass(frozen=True)
class Timing:
    """p50 and p95 in multiples of one query embedding, by stage and `whole`."""

    chunks: int
    embedding_ms: float
    stages: dict[str, tuple[float, float]]


class JitteringEmbedder(Embedder):
    """Encodes queries with `base`; documents are looked up by their text and moved a little at each further sight."""

    def __init__(self, base: Embedder) -> None:
        """Wrap `base`."""
        self.base = base
        self.model_id, self.runtime = base.model_id, base.runtime
        self.dimension, self.max_tokens = base.dimension, base.max_tokens
        self._known: dict[str, np.ndarray] = {}
        self._noise = np.random.default_rng(0)

    def count_tokens(self, text: str) -> int:
        return self.base.count_tokens(text)

    def encode_query(self, text: str) -> Vectors:
        return self.base.encode_query(text)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, self.base.encode_documents(new, progress), strict=True))
        vectors = np.array([self._known[text] for text in texts], np.float32)
        first = {text: place for place, text in reversed(list(enumerate(texts)))}
        again = np.array([first[text] != place for place, text in enumerate(texts)], bool)
        vectors[again] += self._noise.normal(0, JITTER, vectors[again].shape).astype(np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def by_size(settings: Settings, embedder: Embedder, questions: Sequence[Question], chunks: int, tick: Tick) -> Timing:
    """Return the times of an answer over about `chunks` passages."""
    with _copies(settings, embedder, chunks, tick) as generation:
        resources = make_resources(generation, embedder, dt.date.today())
        texts = [question.question for question in questions if not question.history][:ASKED]
        for text in texts[:5]:
            walk(text, resources)
        stages: dict[str, list[float]] = {}
        embeddings = []
        for number, text in enumerate(texts):
            started = time.perf_counter()
            embedder.encode_query(text)
            embeddings.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            context = walk(text, resources)
            stages.setdefault("whole", []).append((time.perf_counter() - started) * 1000)
            for stage, spent in context.timings_ms.items():
                stages.setdefault(stage, []).append(spent)
            tick("Fragen stellen", number + 1, len(texts))
        unit = statistics.median(embeddings)
        return Timing(
            generation.manifest.passages,
            unit,
            {name: (statistics.median(v) / unit, float(np.percentile(v, 95)) / unit) for name, v in stages.items()},
        )


@contextmanager
def _copies(settings: Settings, embedder: Embedder, chunks: int, tick: Tick) -> Iterator[Generation]:
    """Yield a generation of about `chunks` passages in a temporary folder."""
    documents = load_corpus(settings.corpus_dir)
    own = [p for document in documents for p in chunk(document, embedder.count_tokens, embedder.max_tokens)]
    passages = list(own[:chunks])
    copy = 1
    while len(passages) < chunks:
        passages += [_copy(passage, copy) for passage in own[: chunks - len(passages)]]
        copy += 1
    now = dt.datetime.now(dt.UTC)
    name = f"{now:%Y%m%dT%H%M%SZ}-000000"
    with tempfile.TemporaryDirectory() as temporary:
        target = generations.index_dir(Path(temporary)) / name
        target.mkdir(parents=True)
        manifest = write_generation(target, documents, passages, JitteringEmbedder(embedder), name, now, "", {}, tick)
        write_catalogue(target / generations.CATALOGUE, documents, passages)
        generations.write_manifest(target, manifest)
        opened = Generation(Path(temporary), model_id=embedder.model_id, name=name)
        try:
            yield opened
        finally:
            opened.close()


def _copy(passage: Passage, number: int) -> Passage:
    return replace(passage, id=f"{passage.id}~{number}", questions=passage.questions[:COPIED_QUESTIONS])


def throughput(service: Service, questions: Sequence[Question], clients: int) -> float:
    """Return the answers a second that one process gives `clients` clients over HTTP on loopback, none from the
    cache."""
    import socket

    import httpx
    import uvicorn

    from assistant.app import create_app

    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = create_app(lambda: service)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        httpx.get(f"{address}/healthz", timeout=60).raise_for_status()
        app.state.loader.finished.wait(60)
        done = [0] * clients
        until = time.perf_counter() + SECONDS

        def ask(client: int) -> None:
            with httpx.Client(base_url=address, timeout=60) as connected:
                while time.perf_counter() < until:
                    text = questions[(client * 37 + done[client]) % len(questions)].question
                    # A number of its own keeps each question out of the cache.
                    body = {"question": f"{text} {client}{done[client]}"}
                    connected.post("/api/v1/answers", json=body).raise_for_status()
                    done[client] += 1

        asking = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
        started = time.perf_counter()
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        spent = time.perf_counter() - started
        server.should_exit = True
        thread.join()
    return sum(done) / spent


def cached(service: Service, questions: Sequence[Question]) -> float:
    """Return the median time of a repeated question as a share of its first time."""
    shares = []
    for question in questions[:ASKED]:
        times = []
        for _ in range(2):
            started = time.perf_counter()
            service.answer(Asked(question.question))
            times.append(time.perf_counter() - started)
        shares.append(times[1] / times[0])
    return statistics.median(shares)


def resident_mb() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / KIB / KIB
