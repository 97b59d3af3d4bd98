"""The vocabulary of a generation: rows hold their words, shares are right, damage is noticed."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import grams, words
from indexer.reading import load_corpus
from indexer.vocabulary import Vocabulary, build_vocabulary, open_vocabulary
from tests.conftest import CORPUS

TEXTS = {
    "a": "Die Förderung der Gemeinde: Förderung heißt hier 1.300,50 Euro.",
    "a#0": "FÖRDERUNG für Glasfaser, Foerderung für WLAN.",
    "a?0": "",
    "b": "Glasfaser in der Straße",
}
FILES = [
    "words.npy", "surfaces.npy", "texts_with.npy", "gram_terms.npy", "gram_starts.npy", "gram_words.npy",
    "row_starts.npy", "row_words.npy", "rows.json",
]  # fmt: skip
DAMAGED = (OSError, EOFError, ValueError)


def built(folder: Path, texts: dict[str, str]) -> Vocabulary:
    build_vocabulary(folder, texts)
    return open_vocabulary(folder)


def held(vocabulary: Vocabulary, name: str) -> list[str]:
    return [str(vocabulary.words[number]) for number in vocabulary.row(name)]


@pytest.fixture
def small(tmp_path: Path) -> Vocabulary:
    return built(tmp_path / "vocabulary", TEXTS)


@pytest.fixture(scope="module")
def statements() -> dict[str, str]:
    """Every statement of the shipped corpus."""
    return {
        f"{document.id}#{number}": text
        for document in load_corpus(CORPUS)
        for number, text in enumerate(
            statement.text
            for section in document.sections
            for block in section.blocks
            for statement in block.statements
        )
    }


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, statements: dict[str, str]) -> Vocabulary:
    return built(tmp_path_factory.mktemp("shipped") / "vocabulary", statements)


def test_every_statement_is_found_with_all_its_words_and_no_others(
    shipped: Vocabulary, statements: dict[str, str]
) -> None:
    assert len(statements) > 3000
    for name, text in statements.items():
        assert held(shipped, name) == sorted(set(words(text))), name


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("aäAÄßeEoOß12.,:-_ \u0301\u0308²½\u00a0éз"), max_size=30), max_size=6))
def test_any_texts_are_found_with_all_their_words(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = {str(number): text for number, text in enumerate(texts)}
        vocabulary = built(Path(folder) / "vocabulary", rows)
        for name, text in rows.items():
            assert held(vocabulary, name) == sorted(set(words(text)))
        everything = [set(words(text)) for text in texts]
        counted = Counter(word for row in everything for word in row)
        assert dict(zip(vocabulary.words.tolist(), vocabulary.texts_with.tolist(), strict=True)) == counted


def test_shares_are_what_a_plain_computation_says(shipped: Vocabulary) -> None:
    chance = random.Random(11)
    vocabulary = shipped.words.tolist()
    asked = chance.sample(vocabulary, 25)
    for word in [*asked, *(word[:-1] + "x" + word[-1:] for word in asked), "aaaaaaaa", "xyzzy", "106.150"]:
        wanted = grams(word)
        weights = [chance.uniform(0.1, 9.0) for _ in wanted]
        expected = [
            sum(weight for gram, weight in zip(wanted, weights, strict=True) if gram in set(grams(other)))
            / sum(weights)
            for other in vocabulary
        ]
        shares = shipped.shares(wanted, weights)
        np.testing.assert_allclose(shares, expected, atol=1e-5)
        assert shares.max() <= 1 + 1e-5


def test_a_word_holds_itself_whole_and_a_compound_holds_its_part(small: Vocabulary) -> None:
    def share(word: str, other: str) -> float:
        number = small.number(other)
        assert number is not None
        return float(small.shares(grams(word), [1.0] * len(grams(word)))[number])

    assert share("glasfaser", "glasfaser") == pytest.approx(1)
    assert 0.5 < share("faser", "glasfaser") < 1
    assert share("faser", "euro") == 0


def test_nothing_wanted_or_without_weight_is_held_by_no_word(small: Vocabulary) -> None:
    for shares in (small.shares([], []), small.shares(["_gla"], [0.0]), small.shares(["zzzz"], [1.0])):
        assert shares.shape == small.words.shape
        assert not shares.any()


def test_words_have_numbers_and_unknown_ones_none(small: Vocabulary) -> None:
    assert [small.number(word) for word in small.words.tolist()] == list(range(len(small.words)))
    for word in ("glas", "glasfasern", "Glasfaser", "zzz", "0", ""):
        assert small.number(word) is None


def test_a_word_is_shown_as_it_is_mostly_written(tmp_path: Path, small: Vocabulary) -> None:
    def shown(vocabulary: Vocabulary, word: str) -> str:
        number = vocabulary.number(word)
        assert number is not None
        return str(vocabulary.surfaces[number])

    assert shown(small, "forderung") == "Förderung"  # twice, the other two ways once each
    assert shown(small, "strasse") == "Straße"
    assert shown(small, "1.300,50") == "1.300,50"
    equal = built(tmp_path / "equal", {"a": "wlan WLAN", "b": "q\u0302u"})
    assert shown(equal, "wlan") == "WLAN"  # as often as the other: the first in the alphabet
    assert shown(equal, "qu") == "qu"  # written in two pieces, so there is no word to show


def test_texts_are_counted_and_not_occurrences(small: Vocabulary) -> None:
    counts = dict(zip(small.words.tolist(), small.texts_with.tolist(), strict=True))
    assert (counts["forderung"], counts["glasfaser"], counts["euro"]) == (2, 2, 1)
    assert counts == Counter(word for text in TEXTS.values() for word in set(words(text)))


def test_a_row_without_words_and_an_unknown_row_are_empty(small: Vocabulary) -> None:
    assert len(small.row("a?0")) == 0
    assert len(small.row("c")) == 0
    assert len(small.row("b")) == 4


def test_no_texts_are_an_empty_vocabulary(tmp_path: Path) -> None:
    empty = built(tmp_path / "vocabulary", {})
    assert empty.number("haus") is None
    assert empty.shares(grams("haus"), [1.0] * 3).shape == (0,)
    assert len(empty.row("a")) == 0


def test_arrays_stay_on_the_disk(small: Vocabulary) -> None:
    assert isinstance(small.row_words.base, np.memmap)
    assert isinstance(small.gram_words.base, np.memmap)


@pytest.mark.parametrize("file", FILES)
def test_damaged_files_raise(tmp_path: Path, small: Vocabulary, file: str) -> None:
    folder = tmp_path / "vocabulary"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    other = tmp_path / "other"
    build_vocabulary(other, {**TEXTS, "c": "Ein ganz anderer Satz mit mehr Wörtern."})
    whole = (folder / file).read_bytes()
    for content in (whole[:-1], b"", b"kaputt", (other / file).read_bytes()):
        copy = shutil.copytree(folder, tmp_path / "copy")
        (copy / file).write_bytes(content)
        with pytest.raises(DAMAGED):
            open_vocabulary(copy)
        shutil.rmtree(copy)
    (folder / file).unlink()
    with pytest.raises(OSError, match=file):
        open_vocabulary(folder)
