"""Vectors of all statements (or all section questions) as one memory-mapped array, grouped by passage.

Chroma finds what is near; re-ranking then needs every vector of some twenty passages. Chroma reads those row by row
from its database, a memory-mapped array hands them out as slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_VECTORS: Final = "vectors.npy"
_STARTS: Final = "starts.npy"


@dataclass(frozen=True)
class VectorGroups:
    """`vectors` (N, dimension) float32; group g is `vectors[starts[g]:starts[g + 1]]`."""

    vectors: NDArray[np.float32]
    starts: NDArray[np.int64]

    def group(self, number: int) -> NDArray[np.float32]:
        """Return the vectors of a group, (n, dimension)."""
        return self.vectors[int(self.starts[number]) : int(self.starts[number + 1])]


def write_groups(folder: Path, vectors: NDArray[np.float32], sizes: Sequence[int]) -> None:
    """Write `vectors` (Σ sizes, dimension) and the borders of their groups into `folder`, which is created."""
    folder.mkdir(parents=True)
    np.save(folder / _VECTORS, vectors.astype(np.float32, copy=False))
    np.save(folder / _STARTS, np.cumsum([0, *sizes]).astype(np.int64))


def open_groups(folder: Path) -> VectorGroups:
    """Open groups memory-mapped; raises OSError, EOFError or ValueError if files are missing or damaged."""
    groups = VectorGroups(np.load(folder / _VECTORS, mmap_mode="r").view(np.ndarray), np.load(folder / _STARTS))
    if len(groups.vectors) != int(groups.starts[-1]):
        raise ValueError("vectors and groups differ")
    return groups
