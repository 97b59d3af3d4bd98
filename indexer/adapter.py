"""A learned low-rank turn of the vector space towards the corpus's language: v ← normalise(v + V·Uᵀ·v).

The bundled model knows all subjects; here all texts are about one, and its vectors crowd in a narrow cone. Two thin
matrices, learned from the corpus's own section questions (`python -m eval.adapter`: a question shall lie nearer to its
section than to the others), open the cone. They cost 50 kB and no time, are applied to every vector alike, and were
learned from no question of the evaluation set (docs/adr/0008).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import resources as package
from typing import Final

import numpy as np

from indexer.embedding import Embedder, Progress, Vectors

FILE: Final = "adapter.npz"


class AdaptedEmbedder(Embedder):
    """An embedder whose vectors are turned; `model_id` names the adapter too, because both make a vector."""

    def __init__(self, base: Embedder, down: Vectors, up: Vectors) -> None:
        """Turn the vectors of `base` by `down` and `up`, both (dimension, rank)."""
        self.base = base
        self._down, self._up = down.astype(np.float32), up.astype(np.float32)
        self.model_id = adapted_id(base.model_id, down, up)
        self.runtime, self.dimension, self.max_tokens = base.runtime, base.dimension, base.max_tokens

    def count_tokens(self, text: str) -> int:
        return self.base.count_tokens(text)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return turn(self.base.encode_documents(texts, progress), self._down, self._up)

    def encode_query(self, text: str) -> Vectors:
        vector: Vectors = turn(self.base.encode_query(text)[None, :], self._down, self._up)[0]
        return vector


def adapted_id(base_id: str, down: Vectors, up: Vectors) -> str:
    """Return the identity of a model with an adapter: other matrices make other vectors."""
    content = down.astype(np.float32).tobytes() + up.astype(np.float32).tobytes()
    return f"{base_id}+{hashlib.sha256(content).hexdigest()[:8]}"


def turn(vectors: Vectors, down: Vectors, up: Vectors) -> Vectors:
    """Return the turned unit vectors of `vectors` (n, dimension)."""
    turned = vectors + (vectors @ down) @ up.T
    unit: Vectors = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
    return unit


def packaged() -> tuple[Vectors, Vectors]:
    """Return the matrices that are packaged with this module."""
    with package.as_file(package.files(__package__) / FILE) as path, np.load(path) as stored:
        return stored["down"].astype(np.float32), stored["up"].astype(np.float32)
