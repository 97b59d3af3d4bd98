"""Set-ups of chunks: what a budget of words shows, how documents are cut, and what is counted as found."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eval.chunks import (
    BUDGETS,
    Collection,
    Encoder,
    SetUp,
    Wanted,
    facts_in,
    fixed,
    foreign,
    indexed_vectors,
    measure,
    own,
    sections,
    setups,
    shown,
    windows,
)
from indexer.chunking import MAX_WORDS
from indexer.documents import Document
from tests.assistant.test_cli import assert_refused
from tests.assistant.test_cli import run as lotse
from tests.eval.test_dataset import question

if TYPE_CHECKING:
    from assistant.service import Service

FILLER = "Der Verein der Kleingärtner pflegt Beete und Wege am Fluss. "
TAX = "Die Hundesteuer beträgt 96 Euro im Jahr."
POOL = "Das Freibad öffnet am 15. Mai."
LAW = "Die Rechtsfähigkeit des Menschen beginnt mit der Vollendung der Geburt. "


@pytest.fixture
def tiny(tmp_path: Path) -> Collection:
    """Two articles (the first tells of the tax behind some 300 words) and two laws, of which one is short."""
    asked = {"question": "Wie hoch ist die Hundesteuer?", "answers": [{"text": "96 Euro"}]}
    other = {"question": "Wann öffnet das Freibad?", "answers": [{"text": "15. Mai"}]}
    articles = [
        {
            "title": "Steuern_der_Stadt",
            "paragraphs": [
                {"context": f"Zur Hundesteuer. {FILLER * 30}", "qas": []},
                {"context": TAX, "qas": [asked]},
            ],
        },
        {"title": "Freibad", "paragraphs": [{"context": POOL, "qas": [other]}]},
    ]
    (tmp_path / "xquad.de.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
    with gzip.open(tmp_path / "gesetze.jsonl.gz", "wt", encoding="utf-8") as file:
        for times in (3, 30):
            file.write(json.dumps({"law": "BGB", "heading": f"§ {times}", "text": LAW * times}) + "\n")
    return foreign(tmp_path)


def test_a_budget_cuts_the_last_text_and_ends() -> None:
    texts = ["eins zwei\ndrei", "vier fünf", "sechs"]
    assert shown(texts, 4) == "eins zwei drei\nvier"
    assert shown(texts, 3) == "eins zwei drei"
    assert shown(texts, 99) == shown(texts, None) == "eins zwei drei\nvier fünf\nsechs"


@pytest.mark.parametrize(("budget", "count"), [(203, 0), (204, 1), (400, 1)])
def test_a_fact_outside_the_budget_does_not_count(budget: int, count: int) -> None:
    wanted = Wanted("Wie hoch ist die Hundesteuer?", [["96 Euro", "sechsundneunzig Euro"]])
    texts = ["Wort " * 199, TAX]  # „Euro" is the 204th word
    assert facts_in(wanted, shown(texts, budget)) == count


def test_a_fact_is_not_pieced_together_from_two_texts() -> None:
    assert facts_in(Wanted("?", [["96 Euro"]]), shown(["Es sind 96", "Euro sind Geld"], None)) == 0


def test_measuring_keeps_to_the_budget(service: Service, tiny: Collection) -> None:
    """The fact is in the second half of one long chunk: found among 400 words, not among the first 200."""
    whole = SetUp("ganz", windows(10_000, 0))
    first = replace(tiny, wanted=[wanted for wanted in tiny.wanted if "Hundesteuer" in wanted.question])
    (result,) = measure(first, Encoder(service.embedder), [whole])
    assert BUDGETS == (200, 400, 800)
    assert (result.chunks, result.facts.tolist(), result.found.tolist()) == (2, [1], [[0, 1, 1, 1]])
    assert result.recalls == [0.0, 1.0, 1.0, 1.0]


def test_every_set_up_measures_foreign_data_and_embeds_a_text_once(service: Service, tiny: Collection) -> None:
    assert [document.head.title for document in tiny.documents] == ["Steuern der Stadt", "Freibad"]
    assert len(tiny.distractors) == 1
    encoded: list[int] = []
    encoder = Encoder(service.embedder, report=lambda stage, done, total: encoded.append(done == total))
    results = measure(tiny, encoder)
    assert [row.setup[0] for row in results] == ["1", "2", "3", "4", "5", "7", "8"]  # no section questions here
    assert all(row.found[1].tolist() == [1, 1, 1, 1] for row in results)
    assert all(row.recalls[2] == 1.0 for row in results)
    known = len(encoder.known)
    measure(tiny, encoder)
    assert len(encoder.known) == known


def test_windows_cross_sections_and_overlap_and_sections_do_not(service: Service, tiny: Collection) -> None:
    document = tiny.documents[0]
    pieces = list(windows(80, 0.25)(document, service.embedder))
    assert all(len(piece.text.split()) <= 80 for piece in pieces)
    assert FILLER.strip() in pieces[-1].text
    assert TAX in pieces[-1].text
    assert pieces[0].indexed.startswith("Steuern der Stadt\nZur Hundesteuer.")
    assert sum(len(piece.text.split()) for piece in pieces) > _words(document) * 1.1
    cut = list(sections(prefix=True)(document, service.embedder))
    assert cut[-1].text == TAX
    assert all(len(piece.text.split()) <= MAX_WORDS for piece in cut)
    assert [piece.indexed for piece in sections(prefix=False)(document, service.embedder)] == [p.text for p in cut]
    assert all(len(piece.text) <= 1000 for piece in fixed(1000, 200)(document, service.embedder))


def test_the_own_corpus_is_asked_the_tune_part_and_its_index_is_used_again(service: Service, tiny: Collection) -> None:
    asked = [question(id=f"wlan-{n:03}", verlauf=["Was ist WLAN?"]) for n in range(5)]
    refused = question(id="wlan-005", erwartet="unanswerable", fakten=[], belege=[])
    collection = own(tiny.documents, [*asked, refused])
    assert [wanted.question for wanted in collection.wanted] == ["Was ist WLAN? Wie viel zahlt die Stadt dazu?"] * 3
    known = indexed_vectors(service.generation)
    passage = next(iter(service.generation.catalogue.all_passages()))
    for text in (passage.indexed_text, passage.sentence_texts()[0], passage.questions[0]):
        assert known[text] @ service.embedder.encode_documents([text])[0] == pytest.approx(1, abs=0.02)


def test_section_questions_help_where_there_are_any(service: Service, tiny: Collection) -> None:
    document = tiny.documents[0]
    document.sections[1].questions.append("Was kostet mein Bello die Stadtkasse?")
    collection = replace(tiny, wanted=[Wanted("Was kostet mein Bello?", [["96 Euro"]])])
    plain, helped = measure(collection, Encoder(service.embedder), [s for s in setups() if s.name[0] in "16"])
    assert helped.found[0, 0] == 1
    assert helped.found.sum() >= plain.found.sum()


def test_the_command_refuses_a_folder_without_the_data(tmp_path: Path) -> None:
    assert_refused(lotse("eval", "chunks", str(tmp_path)), "xquad.de.json")


def _words(document: Document) -> int:
    return sum(len(s.text.split()) for section in document.sections for b in section.blocks for s in b.statements)
