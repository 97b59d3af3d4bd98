"""Building, opening and refusing generations, on a real Chroma with the real model."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer import generation as generations
from indexer.analysis import fold, grams, terms
from indexer.chunking import MAX_WORDS, chunk
from indexer.embedding import Embedder, load_embedder
from indexer.errors import CorpusError, IndexBroken, IndexerError, IndexMismatch, IndexMissing
from indexer.generation import Generation
from indexer.lexical import build_lexical, open_lexical
from indexer.reading import load_corpus
from indexer.sync import build, diff, up_to_date
from indexer.vectors import Space
from tests.indexer.test_documents import HEAD

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def embedder(model_dir: Path) -> Embedder:
    return load_embedder("bundled", model_dir)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in (("eins", "Es gibt 100 Euro je Tag."), ("zwei", "Der Lehrgang dauert drei Tage.")):
        body = f"\n## Kurz gesagt\n\n{text} [B]\n\n> Fragen:\n> - Wie viel?\n"
        (folder / f"{name}.md").write_text(HEAD + body, encoding="utf-8")
    return folder


def test_builds_opens_and_counts(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    result = build(data, corpus, lambda: embedder, NOW)
    assert (result.counts.created, result.passages) == (2, 2)
    opened = Generation(data, model_id=embedder.model_id)
    vector = embedder.encode_query("Wie lange geht der Kurs?")
    assert opened.vectors.nearest(Space.PASSAGES, vector, 1)[0][0] == "zwei.kurz-gesagt"
    passage = opened.catalogue.passages(["eins.kurz-gesagt"])["eins.kurz-gesagt"]
    assert passage.text == "Es gibt 100 Euro je Tag."
    stored = opened.vectors.vectors(Space.SENTENCES, ["eins.kurz-gesagt#0"])["eins.kurz-gesagt#0"]
    np.testing.assert_allclose(stored, embedder.encode_documents([passage.text])[0], atol=1e-3)
    opened.close()
    assert up_to_date(data, corpus, embedder.model_id) is not None
    (corpus / "eins.md").unlink()
    assert up_to_date(data, corpus, embedder.model_id) is None
    again = build(data, corpus, lambda: embedder, NOW + dt.timedelta(minutes=1))
    assert (again.counts.deleted, again.counts.unchanged) == (1, 1)
    third = build(data, corpus, lambda: embedder, NOW + dt.timedelta(minutes=2))
    kept = [path.name for path in generations.index_dir(data).iterdir() if path.is_dir()]
    assert sorted(kept) == [again.generation, third.generation]
    # What was deleted is gone from the disk once its generations are pruned.
    held = [path for path in generations.index_dir(data).rglob("*") if path.is_file()]
    assert not any(b"Es gibt 100 Euro" in path.read_bytes() for path in held)


def test_a_failed_run_leaves_the_served_generation(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    served = build(data, corpus, lambda: embedder, NOW).generation
    (corpus / "zwei.md").write_text("kaputt", encoding="utf-8")
    with pytest.raises(CorpusError):
        build(data, corpus, lambda: embedder, NOW + dt.timedelta(minutes=1))
    assert generations.current_name(data) == served
    Generation(data, model_id=embedder.model_id).close()


def test_two_runs_at_once(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"

    def second() -> Embedder:
        build(data, corpus, lambda: embedder, NOW)
        return embedder

    with pytest.raises(IndexerError, match="Ein anderer Lauf"):
        build(data, corpus, second, NOW)


def test_refuses_what_it_cannot_serve(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    data = tmp_path / "data"
    with pytest.raises(IndexMissing) as missing:
        Generation(data, model_id=embedder.model_id)
    assert "lotse index" in missing.value.hint
    name = build(data, corpus, lambda: embedder, NOW).generation
    with pytest.raises(IndexMismatch, match="anderes-modell") as mismatch:
        Generation(data, model_id="anderes-modell")
    assert "lotse index" in mismatch.value.hint
    shutil.rmtree(generations.index_dir(data) / name / generations.LEXICAL_PASSAGES)
    with pytest.raises(IndexBroken):
        Generation(data, model_id=embedder.model_id)


def test_every_passage_of_the_corpus_fits_the_model(embedder: Embedder, request: pytest.FixtureRequest) -> None:
    corpus_dir = request.config.rootpath / "corpus"
    passages = [p for d in load_corpus(corpus_dir) for p in chunk(d, embedder.count_tokens, embedder.max_tokens)]
    assert len({p.id for p in passages}) == len(passages) > 100
    for passage in passages:
        assert embedder.count_tokens(passage.indexed_text) <= 480
        assert len(passage.text.split()) <= MAX_WORDS or len(passage.sentences) == 1
        assert all(text == text.strip() and text for text in passage.sentence_texts())


def test_long_sections_are_split_with_overlap(tmp_path: Path, embedder: Embedder) -> None:
    sentences = " ".join(f"Der Satz mit der Nummer {n} hat genau zehn Wörter, immer. [B]" for n in range(40))
    (tmp_path / "lang.md").write_text(HEAD + f"\n## Lang\n\n{sentences}\n", encoding="utf-8")
    passages = chunk(load_corpus(tmp_path)[0], embedder.count_tokens, embedder.max_tokens)
    assert len(passages) > 2
    for one, two in itertools.pairwise(passages):
        assert set(one.sentence_texts()) & set(two.sentence_texts())
    assert {s for p in passages for s in p.sentence_texts()} == {
        f"Der Satz mit der Nummer {n} hat genau zehn Wörter, immer." for n in range(40)
    }


def test_folding_and_grams() -> None:
    assert fold("Förderung") == fold("Foerderung") == fold("FORDERUNG") == "forderung"
    assert fold("Straße") == fold("STRASSE")
    assert grams("ki") == ("_ki_",)
    assert grams("106.150") == ("_106.150_",)
    assert terms("Fördermittelantrag")["_for"] == 1


def test_bm25_finds_compounds_and_typos(tmp_path: Path) -> None:
    build_lexical(tmp_path / "lexical", ["a", "b"], ["Der Fördermittelantrag ist digital.", "Das Wetter ist schön."])
    index = open_lexical(tmp_path / "lexical")
    assert [row for row, _ in index.top(terms("Antrag"), 2)] == ["a"]
    assert [row for row, _ in index.top(terms("foerdermitel"), 2)] == ["a"]
    assert index.top(terms("xyzzy"), 2) == []


def test_diff_counts() -> None:
    counts = diff({"a": "1", "b": "1", "c": "1"}, {"b": "1", "c": "2", "d": "1", "e": "1"})
    assert (counts.created, counts.changed, counts.unchanged, counts.deleted) == (2, 1, 1, 1)
