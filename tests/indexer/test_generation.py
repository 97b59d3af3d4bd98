"""Generations of format 2: words, vectors and passages agree, records count as corpus, damage has a remedy."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexer import generation as generations
from indexer.analysis import words
from indexer.bundled_model import MODEL_ID
from indexer.embedding import Embedder, load_embedder
from indexer.errors import CorpusError, IndexBroken, IndexMismatch
from indexer.generation import Generation
from indexer.reading import corpus_digest
from indexer.sync import build, up_to_date
from tests.indexer.test_checks import DOC, DOCUMENT, GLOSSARY, REC, RECORD

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=1)
PLAIN = DOCUMENT.partition("> Fragen:")[0]
"""A document without a section question."""
PARTS = [generations.VOCABULARY, generations.STATEMENT_VECTORS, generations.QUESTION_VECTORS]
ARRAYS = [f"{generations.VOCABULARY}/row_words.npy", *(f"{part}/vectors.npy" for part in PARTS[1:])]


def write_corpus(folder: Path) -> Path:
    for name, text in {
        DOC: DOCUMENT,
        "foerderung/ohne-fragen.md": PLAIN,
        REC: RECORD,
        "glossar.yaml": GLOSSARY,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def embedder(model_dir: Path) -> Embedder:
    return load_embedder("bundled", model_dir, threads=2)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("built-once")
    build(folder / "data", write_corpus(folder / "corpus"), lambda: embedder, NOW)
    return folder / "data"


@pytest.fixture
def data(tmp_path: Path, built_once: Path) -> Path:
    """A copy of a data folder, to be damaged."""
    return shutil.copytree(built_once, tmp_path / "data")


def served(data: Path) -> Path:
    return generations.index_dir(data) / generations.current_name(data)


def test_words_vectors_and_passages_agree(built_once: Path, embedder: Embedder) -> None:
    opened = Generation(built_once, model_id=embedder.model_id)
    passages = list(opened.catalogue.all_passages())
    assert sorted(len(passage.questions) for passage in passages) == [0, 3, 3]
    assert [opened.position[passage.id] for passage in passages] == list(range(len(passages)))
    for passage in passages:
        place = opened.position[passage.id]
        texts = {passage.id: " ".join((passage.title, *passage.heading_path))}
        for sign, group, said in (
            ("#", opened.statement_vectors.group(place), passage.sentence_texts()),
            ("?", opened.question_vectors.group(place), list(passage.questions)),
        ):
            assert group.shape == (len(said), embedder.dimension)
            np.testing.assert_allclose(group, embedder.encode_documents(said), atol=2e-2)
            texts.update({f"{passage.id}{sign}{number}": text for number, text in enumerate(said)})
        for name, text in texts.items():
            held = [str(opened.vocabulary.words[number]) for number in opened.vocabulary.row(name)]
            assert held == sorted(set(words(text))), name
    opened.close()


@pytest.mark.parametrize("part", PARTS)
def test_a_generation_without_a_part_is_broken_and_says_what_to_do(
    data: Path, corpus: Path, embedder: Embedder, part: str
) -> None:
    assert up_to_date(data, corpus, embedder.model_id) is not None
    shutil.rmtree(served(data) / part)
    with pytest.raises(IndexBroken, match="unvollständig oder beschädigt") as broken:
        Generation(data, model_id=embedder.model_id)
    assert broken.value.hint == generations.REBUILD
    assert up_to_date(data, corpus, embedder.model_id) is None


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("harm", [lambda whole: b"", lambda whole: whole[:-1], lambda whole: b"kaputt"])
def test_a_generation_with_a_damaged_array_is_broken(
    data: Path, embedder: Embedder, array: str, harm: Callable[[bytes], bytes]
) -> None:
    path = served(data) / array
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(IndexBroken) as broken:
        Generation(data, model_id=embedder.model_id)
    assert broken.value.hint == generations.REBUILD


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_generation_is_noticed(data: Path, corpus: Path, embedder: Embedder, part: str) -> None:
    whole = served(data)
    (corpus / "foerderung/ohne-fragen.md").unlink()
    build(data, corpus, lambda: embedder, LATER)
    shutil.rmtree(whole / part)
    shutil.copytree(served(data) / part, whole / part)
    with pytest.raises(IndexBroken):
        Generation(data, model_id=embedder.model_id, name=whole.name)
    Generation(data, model_id=embedder.model_id).close()


def test_the_format_before_is_refused_and_built_anew(data: Path, corpus: Path, embedder: Embedder) -> None:
    assert up_to_date(data, corpus, embedder.model_id) is not None
    manifest = served(data) / generations.MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "format": 1}), encoding="utf-8")
    with pytest.raises(IndexMismatch, match="anderen Fassung") as mismatch:
        Generation(data, model_id=embedder.model_id)
    assert mismatch.value.hint == generations.REBUILD
    assert up_to_date(data, corpus, embedder.model_id) is None
    build(data, corpus, lambda: embedder, LATER)
    Generation(data, model_id=embedder.model_id).close()


def test_vectors_that_were_not_turned_are_refused(data: Path, corpus: Path, embedder: Embedder) -> None:
    assert embedder.model_id.startswith(f"{MODEL_ID}+")
    with pytest.raises(IndexMismatch, match="Sprachmodell"):
        Generation(data, model_id=MODEL_ID)
    assert up_to_date(data, corpus, MODEL_ID) is None


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [(REC, "hoechstbetrag: 5000", "hoechstbetrag: 6000"), ("glossar.yaml", "Internet am Markt", "Netz am Markt")],
)
def test_a_changed_record_or_glossary_is_a_changed_corpus(
    data: Path, corpus: Path, embedder: Embedder, file: str, old: str, new: str
) -> None:
    before = corpus_digest(corpus)
    assert up_to_date(data, corpus, embedder.model_id) is not None
    path = corpus / file
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    assert corpus_digest(corpus) != before
    assert up_to_date(data, corpus, embedder.model_id) is None
    result = build(data, corpus, lambda: embedder, LATER)
    assert (result.rebuilt, result.counts.unchanged, result.counts.changed) == (True, 2, 0)
    assert up_to_date(data, corpus, embedder.model_id) is not None
    opened = Generation(data, model_id=embedder.model_id)
    page = opened.catalogue.passages(["programm-wlan-neustadt.steckbrief"])["programm-wlan-neustadt.steckbrief"]
    assert ("Höchstbetrag: 6.000 Euro" in page.text) is (file == REC)
    assert opened.catalogue.terms()[0].everyday == ["Netz am Markt" if file != REC else "Internet am Markt"]
    opened.close()


def test_a_new_a_renamed_and_a_deleted_record_change_the_digest(corpus: Path) -> None:
    digests = [corpus_digest(corpus)]
    (corpus / REC).rename(corpus / REC.replace(".yaml", ".yml"))
    digests.append(corpus_digest(corpus))
    (corpus / REC).write_text(RECORD, encoding="utf-8")
    digests.append(corpus_digest(corpus))
    for path in (corpus / REC).parent.iterdir():
        path.unlink()
    digests.append(corpus_digest(corpus))
    assert len(set(digests)) == 4


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        (REC, RECORD.replace("ebene: land", "ebene: dorf"), f"{REC}: Zeile 4"),
        (REC, RECORD.replace('"2026-03"', '"2026-13"', 1), "2026-13"),
        ("glossar.yaml", "- begriff: WLAN\n  art: wort\n", "glossar.yaml: Zeile 2"),
        ("foerderung/programm-wlan-neustadt.md", PLAIN, "trägt schon der Steckbrief"),
    ],
)
def test_a_fault_beside_the_documents_leaves_the_served_generation(
    data: Path, corpus: Path, embedder: Embedder, file: str, text: str, named: str
) -> None:
    before = generations.current_name(data)
    (corpus / file).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=named):
        build(data, corpus, lambda: embedder, LATER)
    assert generations.current_name(data) == before
    Generation(data, model_id=embedder.model_id).close()


def test_a_corpus_without_any_question_and_record_can_be_served(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "eins.md").write_text(PLAIN, encoding="utf-8")
    build(tmp_path / "data", tmp_path / "corpus", lambda: embedder, NOW)
    opened = Generation(tmp_path / "data", model_id=embedder.model_id)
    assert opened.question_vectors.group(0).shape == (0, embedder.dimension)
    assert (opened.catalogue.programmes(), opened.catalogue.terms()) == ([], [])
    opened.close()
