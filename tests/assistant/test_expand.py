"""Names of the glossary: which ones a question uses, and which official ones it is searched and compared with."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.answering.evidence import Evidence
from assistant.answering.expand import MAX_TERMS, Names, added_names
from assistant.answering.names import is_generic
from assistant.answering.outcomes import Outcome
from assistant.answering.path import walk
from assistant.service import Service
from indexer.analysis import words
from indexer.glossary import Term


def term(name: str, *, full: str = "", everyday: tuple[str, ...] = (), english: tuple[str, ...] = ()) -> Term:
    return Term.model_validate(
        {"begriff": name, "art": "begriff", "langform": full, "alltag": list(everyday), "englisch": list(english)}
    )


NUMBER = term("115", full="Behördennummer 115", everyday=("Bürgertelefon",))
ACCESS = term("OZG", full="Onlinezugangsgesetz", english=("Online Access Act",))
FILE = term("E-Akte", everyday=("digitale Akte", "elektronische Akte"))
FUNDING = term("Förderaufruf", everyday=("wann gibt es wieder Geld",))
NAMES = Names([NUMBER, ACCESS, FILE, FUNDING])


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Wer bezahlt das Bürgertelefon?", ["115"]),
        ("Wer zahlt für unsere Bürgertelefone?", ["115"]),
        ("Was regelt das Onlinezugangsgesetz?", ["OZG"]),
        ("What does the Online Access Act say?", ["OZG"]),
        ("Wie führen wir eine elektronische Akte ein?", ["E-Akte"]),
        ("Wie führen wir elektronische Rechnungen ein?", []),
        ("Wer bezahlt das Telefon?", []),
        ("Wann gibt es wieder Geld?", []),
        ("", []),
    ],
)
def test_name_is_used_if_all_its_words_are(question: str, found: list[str]) -> None:
    assert [name.term.term for name in NAMES.used(question)] == found


def test_each_term_is_found_once_and_the_longest_name_first() -> None:
    used = NAMES.used("Bürgertelefon, Behördennummer 115 oder elektronische Akte?")
    assert [name.term.term for name in used].count("115") == 1
    lengths = [len(name.words) for name in used]
    assert lengths == sorted(lengths, reverse=True)
    assert {name.term.term for name in used} == {"115", "E-Akte"}


def test_name_says_whether_it_is_official() -> None:
    (everyday,) = NAMES.used("das Bürgertelefon")
    (official,) = NAMES.used("das Onlinezugangsgesetz")
    assert (everyday.official, official.official) == (False, True)


@pytest.mark.parametrize(
    ("question", "added"),
    [
        ("Was kostet das Bürgertelefon?", ["Behördennummer 115", "115"]),
        ("Was kostet das Bürgertelefon 115?", ["Behördennummer 115"]),
        ("Was kostet die Behördennummer 115?", []),
        ("Was regelt das OZG?", ["Onlinezugangsgesetz"]),
    ],
)
def test_only_official_names_that_the_question_lacks_are_added(question: str, added: list[str]) -> None:
    (name,) = NAMES.used(question)
    assert added_names(name, words(question)) == added


def test_every_telling_name_of_the_glossary_leads_to_its_term(service: Service) -> None:
    names = service.resources().names
    missed = [
        (name, entry.term)
        for entry in service.generation.catalogue.terms()
        for name in entry.names()
        if any(not is_generic(word) for word in words(name))
        and entry.term not in {used.term.term for used in names.used(f"Was bedeutet {name}?")}
    ]
    assert missed == []


def test_word_that_the_corpus_lacks_is_searched_by_its_official_name(service: Service) -> None:
    assert service.generation.vocabulary.number("burgertelefon") is None
    context = walk("Was kostet uns das Bürgertelefon?", service.resources())
    assert context.rewrites["glossary"] == "Behördennummer 115, 115"
    assert context.added == ("Behördennummer 115", "115")
    assert context.outcome is Outcome.ANSWERED
    assert context.citations[0].document_id == "behoerdennummer-115-beteiligung-kosten"


def test_word_that_the_corpus_holds_is_searched_as_it_is(service: Service) -> None:
    assert service.generation.vocabulary.number("hackerangriff") is not None
    context = walk("Wen rufen wir nach einem Hackerangriff an?", service.resources())
    assert [name.term.term for name in service.resources().names.used(context.query)] == ["Cyberangriff"]
    assert context.added == ()
    assert "glossary" not in context.rewrites


def test_a_question_is_expanded_by_few_terms(service: Service) -> None:
    entries = service.generation.catalogue.terms()
    lacking = {
        entry.term: name
        for entry in entries
        for name in entry.everyday
        if len(words(name)) == 1 and service.generation.vocabulary.number(words(name)[0]) is None
    }
    asked = f"Was ist {', '.join([*lacking.values()][:8])}?"
    assert len(service.resources().names.used(asked)) > MAX_TERMS
    context = walk(asked, service.resources())
    assert 0 < len(context.added) <= 2 * MAX_TERMS


def test_evidence_with_the_official_name_holds_the_everyday_word(service: Service) -> None:
    generation = service.generation
    passages = list(generation.catalogue.all_passages())
    holding = next(
        f"{passage.id}#{number}"
        for passage in passages
        for number, text in enumerate(passage.sentence_texts())
        if "behordennummer" in words(text)
    )
    plain = Evidence(["burgertelefon"], generation)
    named = Evidence(["burgertelefon"], generation, names={"burgertelefon": ["behordennummer 115"]})
    assert plain.row(holding) < 0.5
    assert named.row(holding) == pytest.approx(1.0)
    lacking = next(f"{p.id}#0" for p in passages if p.document_id == "wifi4eu-wlan-gutscheine")
    assert np.all(named.row(lacking) < 0.5)
