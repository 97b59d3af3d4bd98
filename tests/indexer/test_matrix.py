"""Vectors grouped by passage: every group is handed out as it was written, also an empty one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.matrix import VectorGroups, open_groups, write_groups

DIMENSION = 5


def written(folder: Path, sizes: list[int]) -> list[np.ndarray]:
    """Write groups of random vectors and return them."""
    chance = np.random.default_rng(7)
    groups = [chance.normal(size=(size, DIMENSION)).astype(np.float32) for size in sizes]
    write_groups(folder, np.concatenate([np.zeros((0, DIMENSION), np.float32), *groups]), sizes)
    return groups


def same(opened: VectorGroups, groups: list[np.ndarray]) -> bool:
    return len(opened.starts) == len(groups) + 1 and all(
        np.array_equal(opened.group(number), group) for number, group in enumerate(groups)
    )


@pytest.mark.parametrize("sizes", [[3, 1, 2], [0, 2, 0, 0, 4, 0], [0, 0], [1], []])
def test_groups_are_what_was_written(tmp_path: Path, sizes: list[int]) -> None:
    groups = written(tmp_path / "vectors", sizes)
    opened = open_groups(tmp_path / "vectors")
    assert same(opened, groups)
    assert [len(opened.group(number)) for number in range(len(sizes))] == sizes


def test_an_empty_group_can_be_multiplied(tmp_path: Path) -> None:
    written(tmp_path / "vectors", [2, 0])
    empty = open_groups(tmp_path / "vectors").group(1)
    assert empty.shape == (0, DIMENSION)
    assert (empty @ np.ones(DIMENSION, np.float32)).shape == (0,)


def test_vectors_stay_on_the_disk_in_single_precision(tmp_path: Path) -> None:
    write_groups(tmp_path / "vectors", np.ones((2, DIMENSION), np.float64), [2])
    opened = open_groups(tmp_path / "vectors")
    assert isinstance(opened.vectors.base, np.memmap)
    assert opened.vectors.dtype == np.float32


def test_groups_are_written_once(tmp_path: Path) -> None:
    written(tmp_path / "vectors", [1])
    with pytest.raises(FileExistsError):
        written(tmp_path / "vectors", [1])


@pytest.mark.parametrize("sizes", [[2], [2, 2], []])
def test_borders_that_do_not_fit_the_vectors_raise(tmp_path: Path, sizes: list[int]) -> None:
    write_groups(tmp_path / "vectors", np.ones((3, DIMENSION), np.float32), sizes)
    with pytest.raises(ValueError, match="differ"):
        open_groups(tmp_path / "vectors")


@pytest.mark.parametrize("file", ["vectors.npy", "starts.npy"])
def test_damaged_files_raise(tmp_path: Path, file: str) -> None:
    groups = written(tmp_path / "vectors", [2, 3])
    path = tmp_path / "vectors" / file
    whole = path.read_bytes()
    for content in (whole[:-1], b"", b"kaputt"):
        path.write_bytes(content)
        with pytest.raises((OSError, EOFError, ValueError)):
            open_groups(tmp_path / "vectors")
    path.write_bytes(whole)
    assert same(open_groups(tmp_path / "vectors"), groups)
    path.unlink()
    with pytest.raises(OSError, match=file):
        open_groups(tmp_path / "vectors")
