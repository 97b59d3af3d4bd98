"""Reviewed answers: the same question in other words gets them, a question about something else never does."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.context import AnswerStatement, Resources
from assistant.answering.curated import SAME_QUESTION, CuratedAnswer, CuratedIndex, CuratedStatement, same_key_terms
from assistant.answering.outcomes import Outcome
from assistant.answering.path import walk
from assistant.answering.verify import stored_statement
from assistant.service import Service

TODAY = dt.date(2026, 11, 24)
DAY = dt.timedelta(days=1)
ASKED = "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"


@pytest.fixture(scope="module")
def evidence(service: Service) -> tuple[str, int, str]:
    """A stored statement with the fact, as the review desk would cite it."""
    return next(
        (passage.id, number, text)
        for passage in service.generation.catalogue.all_passages()
        if passage.document_id == "digitallotsen-foerderung-je-seminartag"
        for number, text in enumerate(passage.sentence_texts())
        if "100 Euro" in text
    )


@pytest.fixture(scope="module")
def reviewed(evidence: tuple[str, int, str]) -> CuratedAnswer:
    return CuratedAnswer(
        "a1",
        (ASKED,),
        (
            CuratedStatement("Je Seminartag übernimmt das Land 100 Euro.", (evidence,)),
            CuratedStatement("Rufen Sie uns vor der Anmeldung an."),
        ),
        dt.date(2026, 10, 1),
        dt.date(2026, 12, 31),
    )


def having(service: Service, *answers: CuratedAnswer, today: dt.date = TODAY) -> Resources:
    return dataclasses.replace(service.resources(), curated=CuratedIndex(answers, service.embedder), today=today)


@pytest.mark.parametrize(
    "question",
    [
        ASKED,
        "Wieviel Zuschuss gibt es pro Seminartag der Digitallotsen-Basisqualifizierung?",
        "Welchen Zuschuss gibt es je Seminartag bei der Digitallotsen-Basisqualifizierung?",
        "wie viel zuschuss gibt es je seminartag der digitallotsen-basisqualifizierung",
        "Wie viel Zuschus gibt es je Seminartag der Digitallotsen-Basisqualifizierung",
        "Wie hoch ist der Zuschuss je Seminartag der Basisqualifizierung der Digitallotsen?",
    ],
)
def test_same_question_in_other_words_gets_the_reviewed_answer(
    question: str, service: Service, reviewed: CuratedAnswer
) -> None:
    context = walk(question, having(service, reviewed))
    assert context.curated == "a1"
    assert [statement.text for statement in context.statements] == [s.text for s in reviewed.statements]


def test_reviewed_answer_says_that_and_what_it_rests_on(
    service: Service, reviewed: CuratedAnswer, evidence: tuple[str, int, str]
) -> None:
    context = walk(ASKED, having(service, reviewed))
    assert context.outcome is Outcome.ANSWERED
    assert context.statements == [
        AnswerStatement("Je Seminartag übernimmt das Land 100 Euro.", (1,), verbatim=False),
        AnswerStatement("Rufen Sie uns vor der Anmeldung an.", (), verbatim=False),
    ]
    (citation,) = context.citations
    assert (citation.id, citation.passage_id, citation.quote) == (1, evidence[0], evidence[2])
    assert citation.document_id == "digitallotsen-foerderung-je-seminartag"
    assert citation.sources
    (notice,) = context.notices
    assert notice.kind == "curated"
    assert "1. Oktober 2026" in notice.text
    assert context.text.index(notice.text) < context.text.index("Je Seminartag übernimmt das Land 100 Euro. [1]")
    assert context.hits == []


@pytest.mark.parametrize(
    "question",
    [
        "Wie viel Zuschuss gibt es für zwei Seminartage der Digitallotsen-Basisqualifizierung?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung 2019?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung in Bayern?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung in Ulm?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung für Landkreise?",
        "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen-Aufbauschulung?",
        "Wann ist der nächste Seminartag der Digitallotsen-Basisqualifizierung?",
        "Was ist das OZG?",
    ],
)
def test_another_question_does_not_get_it(question: str, service: Service, reviewed: CuratedAnswer) -> None:
    with_it, without = walk(question, having(service, reviewed)), walk(question, service.resources())
    assert with_it.curated == ""
    assert with_it.text == without.text


SUBJECTS = ("Wie viel Zuschuss bekam {place} {year}?", "Was hat die Stadt {place} im Jahr {year} erhalten?")


@pytest.mark.parametrize("asked", SUBJECTS)
@pytest.mark.parametrize(
    ("place", "year"),
    [
        ("Plochingen", 2018),
        ("Ludwigsburg", 2017),
        ("Plochingen", 2016),
        ("Ulm", 2017),
        ("Aalen", 2018),
        ("Bayern", 2017),
    ],
)
def test_another_place_or_year_is_never_the_same_question(asked: str, place: str, year: int, service: Service) -> None:
    mine = asked.format(place="Plochingen", year=2017)
    other = asked.format(place=place, year=year)
    index = CuratedIndex([CuratedAnswer("a", (mine,), (), TODAY)], service.embedder)
    assert index.match(mine, service.embedder.encode_query(mine), TODAY) is not None
    assert not same_key_terms(mine, other)
    assert index.match(other, service.embedder.encode_query(other), TODAY) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gilt die Bagatellgrenze ab 1.000 Euro?", "Gilt die Bagatellgrenze ab 250 Euro?"),
        ("Wer bekam in der ersten Runde Geld?", "Wer bekam in der zweiten Runde Geld?"),
        ("Was gibt es für drei Seminartage?", "Was gibt es für fünf Seminartage?"),
        ("Was ist Teil A der Zukunftskommune?", "Was ist Teil B der Zukunftskommune?"),
        ("Wann findet der Kurs für Lotsen statt?", "Wo findet der Kurs für Lotsen statt?"),
        ("Gibt es Förderung mit Eigenanteil?", "Gibt es Förderung ohne Eigenanteil?"),
        ("Müssen wir E-Rechnungen annehmen?", "Müssen wir E-Rechnungen nicht annehmen?"),
        ("Was fördert der Bund bei Glasfaser?", "Was fördert das Land bei Glasfaser?"),
        ("Wie hoch ist der Mindestbetrag beim ELR?", "Wie hoch ist der Höchstbetrag beim ELR?"),
        ("Was regelt § 3 des Gesetzes?", "Was regelt § 5 des Gesetzes?"),
        ("Wie hoch sind die Zinsen bei der KfW?", "Wie hoch sind die Zinsen bei der L-Bank?"),
        ("Wann endet WiFi4EU?", "Wann endet LEADER?"),
        ("was bekam die stadt ulm 2017", "was bekam die stadt aalen 2017"),
        ("How much did Ulm get in the first round?", "How much did Ulm get in the second round?"),
    ],
)
def test_questions_that_differ_in_one_telling_word_are_different(one: str, other: str) -> None:
    assert same_key_terms(one, one)
    assert same_key_terms(other, other)
    assert not same_key_terms(one, other)
    assert not same_key_terms(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wie viel Zuschuss bekam Plochingen 2017?", "Wieviel Zuschuss hat Plochingen 2017 bekommen?"),
        ("Wann findet der Kurs statt?", "An welchem Tag findet der Kurs statt?"),
        ("Was kostet die Mitgliedschaft im KommunalCampus?", "was kostet eine mitgliedschaft im kommunalcampus"),
        ("Wer bekam in der ersten Runde Geld?", "Wer bekam Geld in der ersten Runde?"),
        ("Bekommen wir keinen Zuschuss?", "Bekommen wir keine Zuschüsse?"),
        ("Wie lautet die Frist der Datenpanne?", "Welche Frist gilt bei Datenpannen?"),
    ],
)
def test_reworded_questions_keep_their_key_terms(one: str, other: str) -> None:
    assert same_key_terms(one, other)
    assert same_key_terms(other, one)


@given(st.text(max_size=60), st.text(max_size=60))
def test_key_terms_of_any_texts_compare_alike_both_ways(one: str, other: str) -> None:
    assert same_key_terms(one, one)
    assert same_key_terms(one, other) is same_key_terms(other, one)


# what no longer stands


@pytest.mark.parametrize(("days", "given_answer"), [(0, True), (1, False), (400, False)])
def test_answer_is_given_until_the_end_of_its_last_day(
    days: int, given_answer: bool, service: Service, reviewed: CuratedAnswer
) -> None:
    assert reviewed.valid_until is not None
    context = walk(ASKED, having(service, reviewed, today=reviewed.valid_until + days * DAY))
    assert bool(context.curated) is given_answer


def test_answer_without_an_end_is_always_given(service: Service, reviewed: CuratedAnswer) -> None:
    endless = dataclasses.replace(reviewed, valid_until=None)
    assert walk(ASKED, having(service, endless, today=TODAY + 4000 * DAY)).curated == "a1"


def test_newer_answer_is_given_in_place_of_one_that_ran_out(service: Service, reviewed: CuratedAnswer) -> None:
    old = dataclasses.replace(reviewed, id="alt", valid_until=TODAY - DAY)
    assert walk(ASKED, having(service, old, reviewed)).curated == "a1"


@pytest.mark.parametrize("change", ["text", "number", "passage"])
def test_answer_whose_evidence_changed_is_not_given(
    change: str, service: Service, reviewed: CuratedAnswer, evidence: tuple[str, int, str]
) -> None:
    passage_id, number, text = evidence
    changed = {
        "text": (passage_id, number, text.replace("100 Euro", "90 Euro")),
        "number": (passage_id, 999, text),
        "passage": ("gibtesnicht", number, text),
    }[change]
    stale = dataclasses.replace(
        reviewed,
        statements=(*reviewed.statements, CuratedStatement("Noch ein Satz.", (changed,))),
    )
    context = walk(ASKED, having(service, stale))
    assert context.curated == ""
    assert context.citations
    assert "curated" not in {notice.kind for notice in context.notices}
    for citation in context.citations:  # answered from the documents instead
        passage = service.generation.catalogue.passages([citation.passage_id])[citation.passage_id]
        assert citation.quote in {stored_statement(passage, n) for n in range(len(passage.sentences))}


def test_any_of_its_questions_leads_to_an_answer(service: Service, reviewed: CuratedAnswer) -> None:
    twice = dataclasses.replace(reviewed, questions=("Was kostet die Mitgliedschaft im KommunalCampus?", ASKED))
    index = CuratedIndex([twice], service.embedder)
    for question in twice.questions:
        assert index.match(question, service.embedder.encode_query(question), TODAY) is twice


def test_nearest_question_wins(service: Service) -> None:
    near = CuratedAnswer("nah", (ASKED,), (), TODAY)
    far = CuratedAnswer(
        "fern", ("Welchen Zuschuss gibt es je Seminartag bei der Digitallotsen-Basisqualifizierung?",), (), TODAY
    )
    vector = service.embedder.encode_query(ASKED)
    assert float(service.embedder.encode_query(far.questions[0]) @ vector) > SAME_QUESTION
    for order in ((near, far), (far, near)):
        assert CuratedIndex(order, service.embedder).match(ASKED, vector, TODAY) is near


def test_without_reviewed_answers_nothing_matches(service: Service) -> None:
    assert CuratedIndex([], service.embedder).match(ASKED, service.embedder.encode_query(ASKED), TODAY) is None


def test_question_in_everyday_words_is_matched_as_it_was_asked(service: Service) -> None:
    question = "Was kostet uns das Bürgertelefon?"
    index = having(service, CuratedAnswer("115", (question,), (CuratedStatement("Nichts."),), TODAY))
    context = walk(question, index)
    assert context.added
    assert context.curated == "115"


def test_follow_up_is_matched_with_what_it_leans_on(service: Service) -> None:
    whole = "Was ist der DigitalPakt 2.0? Und bis wann läuft er?"
    index = having(service, CuratedAnswer("pakt", (whole,), (CuratedStatement("Bis 2030."),), TODAY))
    history = ("Was ist der DigitalPakt 2.0?",)
    assert walk("Und bis wann läuft er?", index, history=history).curated == "pakt"
    assert walk("Und bis wann läuft er?", index, history=("Was ist WiFi4EU?",)).curated == ""
