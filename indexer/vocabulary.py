"""The words of a generation: which texts hold which words, and which words are alike by their 4-grams.

Coverage asks for every word of a question how much of it one word of a statement holds. Compared word by word that was
most of an answer's time; here the question's few words are compared once with the whole vocabulary, and statements are
rows of word numbers. Plain numpy arrays that open memory-mapped.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import fold, grams, surface_words, words

_ARRAYS: Final = (
    "words",
    "surfaces",
    "texts_with",
    "gram_terms",
    "gram_starts",
    "gram_words",
    "row_starts",
    "row_words",
)
_ROWS: Final = "rows.json"


@dataclass(frozen=True)
class Vocabulary:
    """An opened vocabulary.

    `words` (W,) sorted, folded; `surfaces` (W,) as they are mostly written; `texts_with` (W,) in how many rows a word
    stands; `gram_terms` (G,) sorted with `gram_starts`
    (G+1,) into `gram_words` (P,); `row_starts` (R+1,) into `row_words`: the distinct word numbers of each row.
    """

    rows: Mapping[str, int]
    words: NDArray[np.str_]
    surfaces: NDArray[np.str_]
    texts_with: NDArray[np.int32]
    gram_terms: NDArray[np.str_]
    gram_starts: NDArray[np.int64]
    gram_words: NDArray[np.int32]
    row_starts: NDArray[np.int64]
    row_words: NDArray[np.int32]

    def row(self, name: str) -> NDArray[np.int32]:
        """Return the distinct word numbers of a row; none for a name that is not there."""
        number = self.rows.get(name)
        if number is None:
            return np.zeros(0, np.int32)
        return self.row_words[int(self.row_starts[number]) : int(self.row_starts[number + 1])]

    def number(self, word: str) -> int | None:
        """Return the number of a folded word, or None if no text holds it."""
        found = int(np.searchsorted(self.words, word))
        return found if found < len(self.words) and self.words[found] == word else None

    def shares(self, wanted: Sequence[str], weights: Sequence[float]) -> NDArray[np.float32]:
        """Return for every word (W,) the share of the weighted 4-grams `wanted` that it holds, from 0 to 1."""
        shares = np.zeros(len(self.words), np.float32)
        full = sum(weights)
        if not full or not len(self.gram_terms):
            return shares
        places = np.minimum(np.searchsorted(self.gram_terms, np.array(wanted)), len(self.gram_terms) - 1)
        for place, gram, weight in zip(places, wanted, weights, strict=True):
            if self.gram_terms[place] == gram:
                span = slice(int(self.gram_starts[place]), int(self.gram_starts[place + 1]))
                shares[self.gram_words[span]] += weight / full
        return shares


def build_vocabulary(folder: Path, texts: Mapping[str, str]) -> None:
    """Analyse `texts` (row name to text) and write their vocabulary into `folder`, which is created."""
    held = [sorted(set(words(text))) for text in texts.values()]
    written: dict[str, Counter[str]] = {}
    for text in texts.values():
        for surface in surface_words(text):
            written.setdefault(fold(surface), Counter())[surface] += 1
    vocabulary = sorted({word for row in held for word in row})
    number = {word: place for place, word in enumerate(vocabulary)}
    by_gram: dict[str, list[int]] = {}
    for place, word in enumerate(vocabulary):
        for gram in dict.fromkeys(grams(word)):
            by_gram.setdefault(gram, []).append(place)
    gram_terms = sorted(by_gram)
    flat = np.array([number[word] for row in held for word in row], np.int32)
    folder.mkdir(parents=True)
    arrays = {
        "words": np.array(vocabulary, dtype=np.str_),
        "surfaces": np.array([_usual(written.get(word), word) for word in vocabulary], dtype=np.str_),
        "texts_with": np.bincount(flat, minlength=len(vocabulary)).astype(np.int32),
        "gram_terms": np.array(gram_terms, dtype=np.str_),
        "gram_starts": np.cumsum([0, *(len(by_gram[gram]) for gram in gram_terms)]).astype(np.int64),
        "gram_words": np.array([place for gram in gram_terms for place in by_gram[gram]], np.int32),
        "row_starts": np.cumsum([0, *(len(row) for row in held)]).astype(np.int64),
        "row_words": flat,
    }
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", arrays[name])
    (folder / _ROWS).write_text(json.dumps(list(texts), ensure_ascii=False), encoding="utf-8")


def _usual(written: Counter[str] | None, word: str) -> str:
    """Return the most frequent way in which a word is written; among equals the first in the alphabet."""
    return min(written, key=lambda surface: (-written[surface], surface)) if written else word


def open_vocabulary(folder: Path) -> Vocabulary:
    """Open a vocabulary memory-mapped; raises OSError, EOFError or ValueError if files are missing or damaged."""
    rows = json.loads((folder / _ROWS).read_text(encoding="utf-8"))
    # As plain arrays over the mapped memory: numpy's own class for it pays for every slice.
    arrays = [np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS]
    opened = Vocabulary({name: place for place, name in enumerate(rows)}, *arrays)
    counted = len(opened.words), len(opened.gram_terms), len(rows), len(opened.gram_words), len(opened.row_words)
    borders = len(opened.gram_starts) - 1, len(opened.row_starts) - 1, opened.gram_starts[-1], opened.row_starts[-1]
    if counted != (len(opened.texts_with), *borders) or len(opened.surfaces) != len(opened.words):
        raise ValueError("words, rows and their borders differ")
    return opened
