"""The texts of a generation: what is written is read back, and pages of records are opened but not listed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.catalogue import Catalogue, write_catalogue
from indexer.chunking import Passage, chunk
from indexer.documents import Document
from indexer.glossary import Term, load_glossary
from indexer.programmes import Programme, load_programmes
from indexer.reading import load_corpus
from indexer.record_pages import PASSAGE, PREFIX, record_page
from tests.conftest import CORPUS

ELR = f"{PREFIX}elr"


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return load_corpus(CORPUS)


@pytest.fixture(scope="module")
def passages(documents: list[Document]) -> list[Passage]:
    # Words instead of tokens: what is stored does not depend on where passages end.
    return [passage for document in documents for passage in chunk(document, lambda text: len(text.split()), 512)]


@pytest.fixture(scope="module")
def programmes() -> list[Programme]:
    return list(load_programmes(CORPUS)[0].values())


@pytest.fixture(scope="module")
def glossary() -> list[Term]:
    return load_glossary(CORPUS)[0]


@pytest.fixture(scope="module")
def catalogue(
    tmp_path_factory: pytest.TempPathFactory,
    documents: list[Document],
    passages: list[Passage],
    programmes: list[Programme],
    glossary: list[Term],
) -> Iterator[Catalogue]:
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    write_catalogue(path, documents, passages, programmes, glossary)
    opened = Catalogue(path)
    yield opened
    opened.close()


def test_passages_are_read_back_as_they_were_written(catalogue: Catalogue, passages: list[Passage]) -> None:
    assert list(catalogue.all_passages()) == passages
    some = passages[::40]
    assert catalogue.passages([passage.id for passage in some]) == {passage.id: passage for passage in some}
    of_one = [passage for passage in passages if passage.document_id == passages[0].document_id]
    assert catalogue.passages_of(passages[0].document_id) == of_one


def test_records_and_glossary_are_read_back_as_they_were_written(
    catalogue: Catalogue, programmes: list[Programme], glossary: list[Term]
) -> None:
    assert catalogue.programmes() == programmes
    assert [term.model_dump() for term in catalogue.terms()] == [term.model_dump() for term in glossary]


def test_pages_of_records_are_not_listed_and_not_counted(
    catalogue: Catalogue, documents: list[Document], passages: list[Passage]
) -> None:
    assert [document.id for document in catalogue.documents()] == [document.id for document in documents]
    assert catalogue.counts() == (len(documents), len(passages))
    assert not any(passage.document_id.startswith(PREFIX) for passage in catalogue.all_passages())


def test_pages_of_records_are_opened_like_any_other(
    catalogue: Catalogue, programmes: list[Programme], documents: list[Document]
) -> None:
    edited = max(document.head.stand for document in documents)
    for programme in programmes:
        document, passage = record_page(programme, edited)
        assert catalogue.document(document.id) == document
        assert catalogue.passages([passage.id]) == {passage.id: passage}
        assert catalogue.passages_of(document.id) == [passage]
    mixed = catalogue.passages([f"{ELR}{PASSAGE}", next(iter(catalogue.all_passages())).id, "gibt-es-nicht"])
    assert len(mixed) == 2


def test_what_is_not_there_is_none(catalogue: Catalogue) -> None:
    assert catalogue.document(f"{PREFIX}gibt-es-nicht") is None
    assert catalogue.passages([]) == {}
    assert catalogue.passages_of("gibt-es-nicht") == []


def test_a_corpus_without_records_has_no_pages(
    tmp_path: Path, documents: list[Document], passages: list[Passage]
) -> None:
    write_catalogue(tmp_path / "catalogue.db", documents, passages)
    opened = Catalogue(tmp_path / "catalogue.db")
    assert (opened.programmes(), opened.terms(), opened.document(ELR)) == ([], [], None)
    assert opened.counts() == (len(documents), len(passages))
    opened.close()


def test_a_missing_or_damaged_file_raises(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        Catalogue(tmp_path / "fehlt.db")
    (tmp_path / "kaputt.db").write_bytes(b"kaputt" * 1000)
    with pytest.raises(sqlite3.Error):
        Catalogue(tmp_path / "kaputt.db")
