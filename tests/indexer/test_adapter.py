"""The turned vector space: the formula, the identity, and the bundled embedder with the packaged matrices."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from indexer.adapter import AdaptedEmbedder, adapted_id, packaged, turn
from indexer.bundled_model import MODEL_ID
from indexer.embedding import BundledEmbedder, Vectors, bundled_id, load_embedder
from indexer.reading import load_corpus
from tests.conftest import CORPUS

DIMENSION, RANK = 6, 2
TEXTS = ["Die Gemeinde stellt den Antrag.", "Die Hundesteuer beträgt 96 Euro im Jahr.", ""]


def vectors(count: int, width: int, seed: int) -> Vectors:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


DOWN, UP = vectors(DIMENSION, RANK, 1), vectors(DIMENSION, RANK, 2)


@pytest.fixture(scope="module")
def embedder(model_dir: Path) -> AdaptedEmbedder:
    loaded = load_embedder("bundled", model_dir, threads=2)
    assert isinstance(loaded, AdaptedEmbedder)
    return loaded


def test_turning_is_what_a_plain_computation_says() -> None:
    given = vectors(5, DIMENSION, 3)
    for vector, turned in zip(given.tolist(), turn(given, DOWN, UP).tolist(), strict=True):
        narrow = [sum(vector[i] * float(DOWN[i, k]) for i in range(DIMENSION)) for k in range(RANK)]
        moved = [vector[i] + sum(narrow[k] * float(UP[i, k]) for k in range(RANK)) for i in range(DIMENSION)]
        length = math.sqrt(sum(value * value for value in moved))
        assert turned == pytest.approx([value / length for value in moved], abs=1e-5)


def test_matrices_of_zeros_change_no_direction() -> None:
    given = vectors(4, DIMENSION, 4)
    nothing = np.zeros((DIMENSION, RANK), np.float32)
    unit = given / np.linalg.norm(given, axis=1, keepdims=True)
    np.testing.assert_allclose(turn(given, nothing, nothing), unit, atol=1e-6)


def test_no_vectors_and_a_vector_of_zeros_can_be_turned() -> None:
    assert turn(vectors(0, DIMENSION, 5), DOWN, UP).shape == (0, DIMENSION)
    assert not turn(np.zeros((1, DIMENSION), np.float32), DOWN, UP).any()


def test_the_identity_changes_with_either_matrix_and_with_the_model() -> None:
    one_down, one_up = DOWN.copy(), UP.copy()
    one_down[-1, -1] += 1e-3
    one_up[0, 0] += 1e-3
    names = [
        adapted_id("modell", DOWN, UP),
        adapted_id("modell", one_down, UP),
        adapted_id("modell", DOWN, one_up),
        adapted_id("modell", UP, DOWN),
        adapted_id("anderes", DOWN, UP),
    ]
    assert len(set(names)) == len(names)
    assert names[0] == adapted_id("modell", DOWN.copy(), UP.copy())
    assert names[0].startswith("modell+")


def test_the_identity_is_known_without_loading_anything(embedder: AdaptedEmbedder) -> None:
    assert isinstance(embedder.base, BundledEmbedder)
    assert embedder.base.model_id == MODEL_ID
    assert bundled_id() == embedder.model_id != MODEL_ID
    other = AdaptedEmbedder(embedder.base, packaged()[0] * 0.5, packaged()[1])
    assert other.model_id not in (embedder.model_id, MODEL_ID)


def test_documents_and_queries_are_turned_alike_to_length_one(embedder: AdaptedEmbedder) -> None:
    seen: list[int] = []
    documents = embedder.encode_documents(TEXTS, seen.append)
    queries = np.stack([embedder.encode_query(text) for text in TEXTS])
    for turned, base in (
        (documents, embedder.base.encode_documents(TEXTS)),
        (queries, np.stack([embedder.base.encode_query(text) for text in TEXTS])),
    ):
        assert turned.shape == base.shape
        assert turned.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(turned, turn(base, *packaged()), atol=1e-5)
        assert np.abs(turned - base).max() > 0.01
    assert seen[-1] == len(TEXTS)


def test_everything_else_is_the_model_s(embedder: AdaptedEmbedder) -> None:
    base = embedder.base
    assert (embedder.dimension, embedder.max_tokens, embedder.runtime) == (
        base.dimension,
        base.max_tokens,
        base.runtime,
    )
    assert [embedder.count_tokens(text) for text in TEXTS] == [base.count_tokens(text) for text in TEXTS]


def test_the_packaged_matrices_fit_and_open_the_cone(embedder: AdaptedEmbedder) -> None:
    down, up = packaged()
    assert down.shape == up.shape
    assert down.shape[0] == embedder.dimension
    asked = [s.questions[:2] for d in load_corpus(CORPUS) for s in d.sections if len(s.questions) > 1]
    sample = random.Random(3).sample(asked, 60)
    one, two = (embedder.base.encode_documents([pair[place] for pair in sample]) for place in (0, 1))
    before, after = one @ two.T, turn(one, down, up) @ turn(two, down, up).T
    strangers = ~np.eye(len(sample), dtype=bool)
    # Questions of different sections lie apart, and still those of one section find each other.
    assert before[strangers].mean() > 0.8
    assert after[strangers].mean() < 0.6
    own = np.arange(len(sample))
    assert (after.argmax(axis=1) == own).sum() >= (before.argmax(axis=1) == own).sum() > 10
