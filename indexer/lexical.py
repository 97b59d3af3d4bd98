"""BM25 over padded character 4-grams as plain numpy arrays that open memory-mapped.

`score = Σ idf(t) · tf·(k1+1) / (tf + k1·(1 − b + b·length/average))` in the Lucene form of idf (Robertson and
Zaragoza 2009); the part that does not depend on the query is computed at build time, so a query is one sum of
columns.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import terms

# Chosen on 6,600 German passages: the optimum is flat, k1 0.9 and b 0.5 were best or near it on every set.
K1: Final = 0.9
B: Final = 0.5

_ARRAYS: Final = ("terms", "starts", "postings", "impacts", "idf")
_IDS: Final = "ids.json"


@dataclass(frozen=True)
class LexicalIndex:
    """An opened index: `scores` for a query over all texts, and the idf that measures coverage.

    `terms` (T,) sorted; `starts` (T+1,) into `postings` (P,) text numbers and `impacts` (P,) float32; `idf` (T,).
    """

    ids: list[str]
    terms: NDArray[np.str_]
    starts: NDArray[np.int64]
    postings: NDArray[np.int32]
    impacts: NDArray[np.float32]
    idf: NDArray[np.float32]

    def scores(self, query: Counter[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every text, (len(ids),)."""
        scores = np.zeros(len(self.ids), np.float32)
        for number in self._numbers(query):
            span = slice(int(self.starts[number]), int(self.starts[number + 1]))
            # A text stands at most once among the postings of a term, so plain indexing adds correctly.
            scores[self.postings[span]] += self.impacts[span]
        return scores

    def top(self, query: Counter[str], count: int) -> list[tuple[str, float]]:
        """Return the best texts as (id, score), best first, without those that share no term."""
        scores = self.scores(query)
        if not len(scores):
            return []
        best = np.argpartition(-scores, min(count, len(scores) - 1))[:count]
        best = best[np.lexsort((best, -scores[best]))]
        return [(self.ids[number], float(scores[number])) for number in best if scores[number] > 0]

    def weight(self, term: str) -> float:
        """Return the idf of a term; one that no text holds weighs as much as the rarest."""
        number = int(np.searchsorted(self.terms, term))
        if number < len(self.terms) and self.terms[number] == term:
            return float(self.idf[number])
        return float(np.log(1 + (len(self.ids) + 0.5) / 0.5))

    def _numbers(self, query: Counter[str]) -> list[int]:
        if not len(self.terms):
            return []
        wanted = np.array(list(query))
        found = np.minimum(np.searchsorted(self.terms, wanted), len(self.terms) - 1)
        return [int(number) for number in found[self.terms[found] == wanted]]


def build_lexical(folder: Path, ids: Sequence[str], texts: Sequence[str]) -> None:
    """Analyse `texts` and write their index into `folder`, which is created."""
    columns: dict[str, list[tuple[int, int]]] = {}
    lengths = np.zeros(len(texts), np.float64)
    for number, text in enumerate(texts):
        counts = terms(text)
        lengths[number] = sum(counts.values())
        for term, count in counts.items():
            columns.setdefault(term, []).append((number, count))
    vocabulary = sorted(columns)
    average = float(lengths.mean()) if len(lengths) and lengths.sum() else 1.0
    norm = K1 * (1 - B + B * lengths / average)
    sizes = [len(columns[term]) for term in vocabulary]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    frequency = np.array(sizes, np.float64)
    idf = np.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    flat = [pair for term in vocabulary for pair in columns[term]]
    postings = np.array([number for number, _ in flat], np.int32)
    counted = np.array([count for _, count in flat], np.float64)
    weights = np.repeat(idf, sizes) if sizes else np.zeros(0)
    impacts = (weights * counted * (K1 + 1) / (counted + norm[postings])).astype(np.float32)
    folder.mkdir(parents=True)
    arrays: tuple[NDArray[Any], ...] = (np.array(vocabulary, dtype=np.str_), starts, postings, impacts, idf)
    for name, array in zip(_ARRAYS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array)
    (folder / _IDS).write_text(json.dumps(list(ids), ensure_ascii=False), encoding="utf-8")


def open_lexical(folder: Path) -> LexicalIndex:
    """Open an index memory-mapped; raises OSError, EOFError or ValueError if files are missing or damaged."""
    ids = json.loads((folder / _IDS).read_text(encoding="utf-8"))
    arrays = [np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS]
    return LexicalIndex(ids, *arrays)
