"""Retrieval on data that nobody here wrote: XQuAD's German part, with and without typos, among federal law sections.

XQuAD (Artetxe, Ruder and Yogatama 2020, CC BY-SA 4.0) has 240 paragraphs and 1,190 questions; the law sections are
distractors. The data are read from a folder and never become part of the project.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.retrieve import CANDIDATES, z_scores
from assistant.errors import InvalidRequest
from indexer.analysis import STOP_WORDS, fold, terms
from indexer.embedding import Embedder
from indexer.lexical import build_lexical, open_lexical

XQUAD: Final = "xquad.de.json"
LAWS: Final = "gesetze.jsonl.gz"
DISTRACTORS: Final = 6000
SHORTEST: Final = 100
"""Characters of a law section below which it distracts nobody."""
SEED: Final = 20261125
TYPO_LENGTH: Final = 5
DEPTHS: Final = (1, 5, 10)

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class External:
    """Recall@1/5/10 and MRR@10 of each arm, for clean questions and for those with a typo."""

    passages: int
    questions: int
    clean: dict[str, dict[str, float]]
    typos: dict[str, dict[str, float]]


Data = tuple[list[str], list[tuple[str, int]]]


def measure(data: Data, embedder: Embedder, tick: Tick | None = None) -> External:
    """Measure both arms and their fusion on what `load_data` returned."""
    texts, questions = data
    vectors = embedder.encode_documents(texts, (lambda done: tick(done, len(texts))) if tick else None)
    with tempfile.TemporaryDirectory() as temporary:
        build_lexical(Path(temporary) / "lexical", [str(number) for number in range(len(texts))], texts)
        lexical = open_lexical(Path(temporary) / "lexical")

        def arms(question: str) -> dict[str, list[int]]:
            words = {int(name): score for name, score in lexical.top(terms(question), CANDIDATES)}
            cosines = vectors @ embedder.encode_query(question)
            best = np.argsort(-cosines)[:CANDIDATES]
            dense = {int(number): float(cosines[number]) for number in best}
            return {"lexical": list(words), "dense": list(dense), "fused": _fuse(words, dense)}

        clean = _figures([(arms(text), gold) for text, gold in questions])
        noise = random.Random(SEED)  # noqa: S311 - no secret
        typos = _figures([(arms(mistype(text, noise)), gold) for text, gold in questions])
    return External(len(texts), len(questions), clean, typos)


def load_data(folder: Path) -> Data:
    """Return the texts, and (question, number of its paragraph); raises InvalidRequest if the files are not there."""
    try:
        data = json.loads((folder / XQUAD).read_text(encoding="utf-8"))["data"]
        with gzip.open(folder / LAWS, "rt", encoding="utf-8") as lines:
            laws = [json.loads(line) for line in lines]
    except OSError as error:
        raise InvalidRequest(
            f"Im Ordner {folder} liegen die Vergleichsdaten nicht ({XQUAD}, {LAWS}).",
            "Ohne sie bleibt diese Messung aus; „lotse eval“ braucht sie nicht.",
        ) from error
    texts: list[str] = []
    questions: list[tuple[str, int]] = []
    for article in data:
        for paragraph in article["paragraphs"]:
            questions += [(entry["question"], len(texts)) for entry in paragraph["qas"]]
            texts.append(paragraph["context"])
    long = [f"{law['law']} > {law['heading']}\n{law['text']}" for law in laws if len(law["text"]) >= SHORTEST]
    return texts + random.Random(SEED).sample(long, min(DISTRACTORS, len(long))), questions  # noqa: S311 - no secret


def mistype(text: str, noise: random.Random) -> str:
    """Return `text` with one letter of one longer content word dropped, or two swapped."""
    words = text.split()
    able = [n for n, word in enumerate(words) if len(word) >= TYPO_LENGTH and fold(word) not in STOP_WORDS]
    if not able:
        return text
    chosen = noise.choice(able)
    word = words[chosen]
    place = noise.randrange(1, len(word) - 2)
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    words[chosen] = noise.choice([word[:place] + word[place + 1 :], swapped])
    return " ".join(words)


def _fuse(*arms: dict[int, float]) -> list[int]:
    """Return the candidates by the sum of z-scores, as the answer path fuses its arms with equal weights."""
    fused: dict[int, float] = {}
    candidates = {number for arm in arms for number in arm}
    for arm in arms:
        scores = {int(number): score for number, score in z_scores({str(n): s for n, s in arm.items()}).items()}
        floor = min(scores.values(), default=0.0)
        for number in candidates:
            fused[number] = fused.get(number, 0.0) + scores.get(number, floor)
    return sorted(fused, key=lambda number: (-fused[number], number))


def _figures(rows: Sequence[tuple[dict[str, list[int]], int]]) -> dict[str, dict[str, float]]:
    table = {}
    for arm in rows[0][0]:
        ranks: NDArray[np.float64] = np.array(
            [found[arm].index(gold) + 1 if gold in found[arm] else np.inf for found, gold in rows]
        )
        table[arm] = {f"recall@{depth}": float(np.mean(ranks <= depth)) for depth in DEPTHS}
        table[arm]["MRR@10"] = float(np.mean(np.where(ranks <= 10, 1 / ranks, 0.0)))
    return table
