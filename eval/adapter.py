"""Learns the adapter of the bundled model from the corpus's section questions: `python -m eval.adapter`.

Each section question shall lie nearer to its passage, and to the nearest statement of it, than to all others (softmax
over all passages, temperature 0.02). Half of the questions are seen with typing mistakes, in lower case or without
umlauts too, so that the space is calm where people type carelessly. No question of the evaluation set is seen;
recall on its tune part is printed.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.settings import load_settings
from eval.dataset import Split, load_questions
from eval.external import mistype
from indexer.adapter import FILE, turn
from indexer.bundled_model import ensure_bundled_model
from indexer.chunking import chunk
from indexer.embedding import BundledEmbedder
from indexer.reading import load_corpus

RANK: Final = 64
"""Columns of each matrix; 32 gave a point of recall less, 128 nothing more."""
EPOCHS: Final = 8
BATCH: Final = 256
RATE: Final = 2e-3
TEMPERATURE: Final = 0.02
DECAY: Final = 0.02
"""Weight of the squared size of the turn: it keeps the space of the model, which knows more than this corpus."""
NOISY: Final = 0.5
SEED: Final = 20261125

Floats = NDArray[np.float32]


def main() -> None:
    """Embed the corpus, learn, print recall before and after, write the matrices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("indexer") / FILE)
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = BundledEmbedder(ensure_bundled_model(settings.models))
    passages = [
        passage
        for document in load_corpus(settings.corpus_dir)
        for passage in chunk(document, embedder.count_tokens, embedder.max_tokens)
    ]
    owner = np.array([place for place, passage in enumerate(passages) for _ in passage.questions])
    holder = np.array([place for place, passage in enumerate(passages) for _ in passage.sentences])
    questions = [question for passage in passages for question in passage.questions]
    asked = np.array([embedder.encode_query(question) for question in questions])
    noisy = np.array([embedder.encode_query(text) for text in _noisy(questions)])
    texts = embedder.encode_documents([passage.indexed_text for passage in passages])
    statements = embedder.encode_documents([text for passage in passages for text in passage.sentence_texts()])
    down, up = learn(asked, noisy, owner, texts, statements, holder)
    tune = [q for q in load_questions()[0] if q.split is Split.TUNE and q.expected.has_answer and not q.history]
    place = {passage.id: number for number, passage in enumerate(passages)}
    queries = np.array([embedder.encode_query(question.question) for question in tune])
    gold = [{place[name] for name in question.passages} for question in tune]
    print("before:", recall(queries, texts, gold))
    print("after: ", recall(turn(queries, down, up), turn(texts, down, up), gold))
    np.savez_compressed(arguments.out, down=down.astype(np.float16), up=up.astype(np.float16))


def _noisy(questions: list[str]) -> list[str]:
    """Return each question as a careless typist would write it."""
    noise = random.Random(SEED)  # noqa: S311 - no secret
    ways = (
        lambda text: mistype(text, noise),
        lambda text: mistype(mistype(text, noise), noise).lower(),
        str.lower,
        lambda text: text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss"),
    )
    return [noise.choice(ways)(question) for question in questions]


def learn(
    asked: Floats, noisy: Floats, owner: NDArray[np.int64], texts: Floats, statements: Floats, holder: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return (down, up) for questions (Q, d) with the passage of each (Q,), passages (P, d), statements (S, d)."""
    import torch

    torch.manual_seed(SEED)
    down = (torch.randn(asked.shape[1], RANK) * 0.01).requires_grad_()
    up = (torch.randn(asked.shape[1], RANK) * 0.01).requires_grad_()
    optimiser = torch.optim.Adam([down, up], RATE)
    clean, careless, target = torch.tensor(asked), torch.tensor(noisy), torch.tensor(owner)
    passage, statement, holds = torch.tensor(texts), torch.tensor(statements), torch.tensor(holder)

    def turned(vectors: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(vectors + (vectors @ down) @ up.T, dim=1)

    for _ in range(EPOCHS):
        order = torch.randperm(len(clean))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            seen = torch.where(torch.rand(len(rows), 1) < NOISY, careless[rows], clean[rows])
            query = turned(seen)
            by_text = query @ turned(passage).T / TEMPERATURE
            by_statement = torch.full((len(rows), len(passage)), -1e9).scatter_reduce(
                1, holds.expand(len(rows), -1), query @ turned(statement).T / TEMPERATURE, "amax"
            )
            loss = torch.nn.functional.cross_entropy(by_text, target[rows])
            loss = loss + torch.nn.functional.cross_entropy(by_statement, target[rows])
            loss = loss + DECAY * (up @ down.T).square().sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return down.detach().numpy(), up.detach().numpy()


def recall(queries: Floats, texts: Floats, gold: list[set[int]]) -> dict[str, float]:
    """Return how many queries find one of their passages among the first 1, 5 and 8."""
    order = np.argsort(-(queries @ texts.T), axis=1)
    return {
        f"recall@{depth}": round(
            float(np.mean([bool(set(row[:depth]) & wanted) for row, wanted in zip(order, gold, strict=True)])), 3
        )
        for depth in (1, 5, 8)
    }


if __name__ == "__main__":
    main()
