"""The answer path: its steps one by one, then over the whole shipped corpus and over any text at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.answering.annotate import document_notices, is_old, statement_notices
from assistant.answering.context import AnswerStatement, Chosen, Citation, Context, Hit
from assistant.answering.evidence import COVERED, Evidence, specific_words
from assistant.answering.names import asks_future, range_fit
from assistant.answering.outcomes import OUTCOME_TEXTS, SMALL_TALK_TEXTS, Outcome, SmallTalk
from assistant.answering.path import FIND, GIVE, READ, walk
from assistant.answering.reading import clean, is_about_past
from assistant.answering.retrieve import z_scores
from assistant.answering.understand import detect_language, small_talk, understand
from assistant.answering.verify import FLAG_DROPPED, verify
from assistant.service import Service
from indexer.analysis import words
from indexer.chunking import Passage
from indexer.dates import german_date
from indexer.documents import Kind, Status
from indexer.generation import Generation
from indexer.lexical import build_lexical, open_lexical
from indexer.records import DocumentRecord
from indexer.vocabulary import build_vocabulary, open_vocabulary

TODAY = dt.date(2026, 11, 24)
VOUCHER = "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"


# understand


@pytest.mark.parametrize(
    ("question", "fallback", "language"),
    [
        (VOUCHER, "de", "de"),
        (VOUCHER, "en", "de"),
        ("How much is the voucher per seminar day?", "de", "en"),
        ("What is the Digitalakademie?", "de", "en"),
        ("Was ist die Digitalakademie?", "en", "de"),
        ("digitallotsen voucher", "de", "de"),
        ("digitallotsen voucher", "en", "en"),
        ("", "de", "de"),
        ("südwestfalen it hack 2023", "de", "de"),
    ],
)
def test_language_is_told_by_function_words(question: str, fallback: Any, language: str) -> None:
    assert detect_language(words(question), fallback) == language


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Hallo!", SmallTalk.GREETING),
        ("Grüß Gott", SmallTalk.GREETING),
        ("Guten Morgen, lieber Lotse", SmallTalk.GREETING),
        ("Vielen Dank!", SmallTalk.THANKS),
        ("thank you very much", SmallTalk.THANKS),
        ("Tschüss", SmallTalk.FAREWELL),
        ("Auf Wiedersehen", SmallTalk.FAREWELL),
        ("Was kannst du?", SmallTalk.HELP),
        ("Wer bist du?", SmallTalk.HELP),
        ("Hallo, welchen Zuschuss gibt es?", None),
        ("Danke, und was kostet der Kurs?", None),
        ("Digitallotsen", None),
        ("?!", None),
        ("", None),
        ("danke " * 7, None),
    ],
)
def test_small_talk_is_only_what_holds_nothing_else(message: str, kind: SmallTalk | None) -> None:
    assert small_talk(words(message)) == kind


FIRST = "Was ist Future Communities?"


@pytest.mark.parametrize(
    ("question", "history", "expected"),
    [
        (VOUCHER, (), VOUCHER),
        (VOUCHER, (FIRST,), VOUCHER),
        ("Und in welchem Jahr?", (), "Und in welchem Jahr?"),
        ("Und für Landkreise?", (FIRST,), f"{FIRST} Und für Landkreise?"),
        ("Wie lange gilt das?", (FIRST,), f"{FIRST} Wie lange gilt das?"),
        ("Und wann?", (FIRST, "Und für Landkreise?"), f"{FIRST} Und für Landkreise? Und wann?"),
        ("Wer hilft bei IT-Sicherheit?", (FIRST,), "Wer hilft bei IT-Sicherheit?"),
        ("Und wann?", ("  ",), "Und wann?"),
    ],
)
def test_only_a_follow_up_takes_on_what_was_asked_before(
    question: str, history: tuple[str, ...], expected: str, service: Service
) -> None:
    context = Context(question, "de", history)
    understand(context, service.resources())
    assert context.query == expected
    assert context.own_query == question


@pytest.mark.parametrize(
    ("question", "past"),
    [
        ("Wie viele Projekte wurden 2017 gefördert?", True),
        ("Wer hat 2018 gewonnen?", True),
        ("Was gab es damals?", True),
        ("Which towns were funded?", True),
        ("Kann ich mich noch bei Future Communities bewerben?", False),
        ("Welchen Zuschuss gibt es 2026?", False),
        ("Welche Pläne gibt es für 2030?", False),
        ("Wie viel Zuschuss gibt es je Seminartag?", False),
    ],
)
def test_questions_about_the_past_are_recognised(question: str, past: bool) -> None:
    assert is_about_past(words(question), 2026) is past


@given(st.text())
def test_cleaned_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(character in cleaned for character in "\n\r\t\0")


def test_small_talk_ends_the_walk_without_search(service: Service) -> None:
    context = Context("  Guten\tTag!\n", "de")
    understand(context, service.resources())
    assert context.outcome is Outcome.SMALL_TALK
    assert context.text == SMALL_TALK_TEXTS[SmallTalk.GREETING]["de"]


# retrieve and judge


def test_z_scores_keep_the_order_and_are_comparable() -> None:
    scores = z_scores({"a": 1.0, "b": 2.0, "c": 6.0})
    assert sorted(scores, key=scores.__getitem__) == ["a", "b", "c"]
    assert sum(scores.values()) == pytest.approx(0)
    assert sum(value**2 for value in scores.values()) / 3 == pytest.approx(1)
    assert z_scores({"a": 100.0, "b": 200.0, "c": 600.0}) == pytest.approx(scores)


@pytest.mark.parametrize(
    ("scores", "expected"), [({}, {}), ({"a": 3.0}, {"a": 0.0}), ({"a": 2, "b": 2}, {"a": 0, "b": 0})]
)
def test_z_scores_of_what_does_not_differ_are_zero(scores: dict[str, float], expected: dict[str, float]) -> None:
    assert z_scores(scores) == expected


@given(st.dictionaries(st.text(), st.floats(-1e6, 1e6), max_size=50))
def test_z_scores_are_numbers_for_every_key(scores: dict[str, float]) -> None:
    result = z_scores(scores)
    assert result.keys() == scores.keys()
    assert all(math.isfinite(value) for value in result.values())


# evidence


@pytest.fixture
def held(tmp_path: Path) -> Callable[[Sequence[str], Sequence[str]], tuple[float, list[str]]]:
    """Hold asked words against texts by a real vocabulary and index; return their share and what is missing."""

    def compare(asked: Sequence[str], texts: Sequence[str]) -> tuple[float, list[str]]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        build_vocabulary(folder / "vocabulary", {f"p#{number}": text for number, text in enumerate(texts)})
        build_lexical(folder / "lexical", [str(number) for number in range(len(texts))], texts)
        indexed = SimpleNamespace(
            vocabulary=open_vocabulary(folder / "vocabulary"), lexical_passages=open_lexical(folder / "lexical")
        )
        evidence = Evidence(asked, cast("Generation", indexed))
        known = evidence.known()
        for number in range(len(texts)):
            assert evidence.share(evidence.row(f"p#{number}")) <= evidence.share(known) + 1e-6
        missing = [word for word, share in zip(asked, known, strict=True) if share < COVERED]
        return evidence.share(known), missing

    return compare


Held = Callable[[Sequence[str], Sequence[str]], tuple[float, list[str]]]


def test_evidence_counts_compounds_and_names_what_is_missing(held: Held) -> None:
    share, missing = held(["zuschuss", "schweiz"], ["Der Zuschuss beträgt 100 Euro."])
    assert missing == ["schweiz"]
    assert 0.1 < share < 0.6
    others = [f"Text Nummer {number}" for number in range(20)]  # among few texts every 4-gram is rare
    share, missing = held(["basisqualifizierung"], ["die Digitallotsen-Basisqualifizierungen", *others])
    assert missing == []
    assert share > 0.8


def test_evidence_wants_numbers_as_they_are(held: Held) -> None:
    assert held(["2019"], ["im Jahr 2019"])[1] == []
    assert held(["2019"], ["im Jahr 2018, 12019 Euro"]) == (0.0, ["2019"])


def test_evidence_does_not_gather_a_word_from_pieces_of_others(held: Held) -> None:
    share, _ = held(["seminartag"], ["seminar werktag artig"])
    assert share < 1
    assert held(["gemeinderatssitzung"], ["ratsam sitzung gemein"])[1] == ["gemeinderatssitzung"]


def test_evidence_of_nothing_asked_lacks_nothing(held: Held) -> None:
    assert held([], ["x"]) == (0.0, [])
    assert held(["zuschuss"], []) == held(["zuschuss"], [""]) == (0.0, ["zuschuss"])


def test_specific_words_leave_out_question_words() -> None:
    assert specific_words("Welchen Zuschuss gibt es? Zuschuss!") == ["zuschuss"]


# annotate


def document(**given: Any) -> DocumentRecord:
    record = DocumentRecord(
        id="d", title="Ein Programm", kind=next(iter(Kind)), publisher="Redaktion", stand=dt.date(2026, 11, 22),
        valid_from=None, valid_until=None, status=Status.VALID, status_note="", topics=(), programmes=(), sources={},
        digest="",
    )  # fmt: skip
    return dataclasses.replace(record, **given)


DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("given_document", "kind"),
    [
        (document(), None),
        (document(valid_from=TODAY), None),
        (document(valid_from=TODAY + DAY), "not_yet_valid"),
        (document(valid_until=TODAY), None),
        (document(valid_until=TODAY - DAY), "expired"),
        (document(status=Status.EXPIRED, status_note="Das Programm ist ausgelaufen."), "expired"),
        (document(status=Status.EXPIRED, valid_until=TODAY - DAY), "expired"),
        (document(status=Status.UNCLEAR, status_note="Ob es noch läuft, ist unklar."), "unclear"),
        (document(status=Status.UNCLEAR, status_note="Unklar.", valid_until=TODAY - DAY), "expired"),
    ],
)
def test_document_notices_compare_dates_with_today(given_document: DocumentRecord, kind: str | None) -> None:
    notices = document_notices(given_document, TODAY, "de", about_past=False)
    assert [notice.kind for notice in notices] == ([kind] if kind else [])
    assert all(notice.text for notice in notices)


def test_expired_document_without_note_or_date_is_still_marked() -> None:
    notices = document_notices(document(status=Status.EXPIRED), TODAY, "de", about_past=False)
    assert [notice.kind for notice in notices] == ["expired"]


def test_notice_names_title_and_date() -> None:
    ended = document(valid_until=dt.date(2019, 7, 31))
    (notice,) = document_notices(ended, TODAY, "de", about_past=False)
    assert notice.text == "„Ein Programm“ beschreibt etwas, das am 31. Juli 2019 abgelaufen ist."
    assert notice.leads
    (english,) = document_notices(ended, TODAY, "en", about_past=False)
    assert "expired" in english.text


def test_question_about_the_past_is_answered_before_the_notice() -> None:
    ended = document(valid_until=TODAY - DAY)
    (notice,) = document_notices(ended, TODAY, "de", about_past=True)
    assert not notice.leads


def citation(*validity: str) -> Citation:
    return Citation(
        id=1, document_id="d", passage_id="p", title="t", heading_path=(), quote="q", source_urls=(), sources=(),
        publisher="", stand=TODAY, valid_until=None, status="gültig", validity=validity,
    )  # fmt: skip


def test_marks_of_statements_become_notices() -> None:
    def kinds(*validity: str) -> list[str]:
        return [n.kind for n in statement_notices([citation(*validity)], [], TODAY, "de", about_past=False)]

    assert kinds() == []
    assert kinds("abgelaufen") == ["expired"]
    assert kinds("unklar") == ["unclear"]
    assert kinds("Stand: Mai 2021") == ["old"]
    assert kinds("Stand: Mai 2025") == []


@pytest.mark.parametrize(
    ("stand", "old"), [("2023", True), ("2024", False), ("Mai 2021 bis 2025", False), ("o. D.", False)]
)
def test_old_is_more_than_two_years_back(stand: str, old: bool) -> None:
    assert is_old(stand, TODAY) is old


def test_german_date() -> None:
    assert german_date(dt.date(2019, 3, 1)) == "1. März 2019"


# verify


def first_hit(service: Service) -> Hit:
    context = walk(VOUCHER, service.resources())
    assert context.outcome is Outcome.ANSWERED
    return context.chosen[0].hit


def number_of(passage: Passage, part: str) -> int:
    return next(n for n, s in enumerate(passage.sentences) if part in passage.text[s.start : s.end])


def tampered(hit: Hit, change: Callable[[Passage], Passage]) -> Hit:
    return dataclasses.replace(hit, passage=change(hit.passage))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: dataclasses.replace(p, text=p.text.replace("100 Euro", "900 Euro")),
        lambda p: dataclasses.replace(p, text=p.text.upper()),
        lambda p: dataclasses.replace(p, id="gibtesnicht"),
        lambda p: dataclasses.replace(p, text=" " * len(p.text)),
    ],
    ids=["figure", "letters", "passage", "blank"],
)
def test_tampered_quote_does_not_leave(change: Callable[[Passage], Passage], service: Service) -> None:
    hit = first_hit(service)
    number = number_of(hit.passage, "100 Euro")
    context = Context(VOUCHER, "de", chosen=[Chosen(tampered(hit, change), number, 1.0)])
    verify(context, service.resources())
    assert context.statements == []
    assert context.citations == []
    assert context.flags == [FLAG_DROPPED]
    assert context.outcome is Outcome.UNANSWERABLE
    assert context.text == OUTCOME_TEXTS[Outcome.UNANSWERABLE]["de"]


def test_cut_sentence_does_not_leave(service: Service) -> None:
    hit = first_hit(service)
    number = number_of(hit.passage, "100 Euro")
    whole = hit.passage.sentences[number]
    cut = dataclasses.replace(whole, end=whole.end - 12)
    sentences = tuple(cut if sentence is whole else sentence for sentence in hit.passage.sentences)
    false = tampered(hit, lambda p: dataclasses.replace(p, sentences=sentences))
    context = Context(VOUCHER, "de", chosen=[Chosen(false, number, 1.0)])
    verify(context, service.resources())
    assert [statement.text for statement in context.statements] == []
    assert context.flags == [FLAG_DROPPED]


def test_source_and_place_come_from_the_catalogue(service: Service) -> None:
    hit = first_hit(service)
    number = number_of(hit.passage, "100 Euro")
    sentences = tuple(dataclasses.replace(s, source_ids=("FALSCH",)) for s in hit.passage.sentences)
    false = tampered(hit, lambda p: dataclasses.replace(p, sentences=sentences, heading_path=("Erfunden",)))
    context = Context(VOUCHER, "de", chosen=[Chosen(false, number, 1.0)])
    verify(context, service.resources())
    for cited in context.citations:  # dropped or put right, but never cited with the false source
        assert cited.heading_path == hit.passage.heading_path
        assert [source.id for source in cited.sources] == list(hit.passage.sentences[number].source_ids)


def test_true_quote_stays_when_its_neighbour_is_dropped(service: Service) -> None:
    hit = first_hit(service)
    number = number_of(hit.passage, "100 Euro")
    false = tampered(hit, lambda p: dataclasses.replace(p, text=p.text.replace("100 Euro", "900 Euro")))
    context = Context(VOUCHER, "de", chosen=[Chosen(false, number, 2.0), Chosen(hit, number, 1.0)])
    verify(context, service.resources())
    assert context.outcome is None
    assert context.flags == [FLAG_DROPPED]
    assert context.statements == [AnswerStatement(Chosen(hit, number, 1.0).text, (1,))]
    assert [c.id for c in context.citations] == [1]
    assert context.citations[0].sources


# the whole path


def faults(context: Context, service: Service) -> list[str]:
    """Return what is unverifiable about an answer, by reading the catalogue again."""
    found = []
    citations = {citation.id: citation for citation in context.citations}
    catalogue = service.generation.catalogue
    for statement in context.statements:
        if not statement.text.strip() or not statement.citations:
            found.append(f"uncited: {statement.text}")
        for number in statement.citations:
            cited = citations[number]
            passage = catalogue.passages([cited.passage_id]).get(cited.passage_id)
            stored = {passage.text[s.start : s.end] for s in passage.sentences} if passage else set()
            if statement.text not in stored or cited.quote != statement.text:
                found.append(f"not stored: {statement.text}")
            if not cited.sources or not cited.publisher:
                found.append(f"no source: {statement.text}")
    if FLAG_DROPPED in context.flags:
        found.append("the verifier had to drop a quote")
    answered = context.outcome in (Outcome.ANSWERED, Outcome.PARTIAL)
    if answered is not bool(context.statements):
        found.append(f"{context.outcome} with {len(context.statements)} statements")
    if not context.text:
        found.append("no text")
    return found


SAMPLE = 1200
"""Section questions that are asked: every fifth or sixth, in the order of the documents."""


def test_questions_of_every_document_get_only_stored_sentences(service: Service) -> None:
    resources = service.resources()
    asked = [(q, passage) for passage in service.generation.catalogue.all_passages() for q in passage.questions]
    assert len(asked) > 6000
    sample = [asked[number * len(asked) // SAMPLE] for number in range(SAMPLE)]
    assert {p.document_id for _, p in sample} == {document.id for document in service.generation.catalogue.documents()}
    problems: list[str] = []
    refused: list[str] = []
    answered = right = first = 0
    for question, passage in sample:
        context = walk(question, resources)
        problems += [f"{question}: {fault}" for fault in faults(context, service)]
        if context.outcome in (Outcome.ANSWERED, Outcome.PARTIAL):
            answered += 1
        else:
            refused.append(f"{context.outcome}: {question}")
        cited = [citation.document_id for citation in context.citations]
        right += passage.document_id in cited
        first += cited[:1] == [passage.document_id]
    assert problems == []
    # Measured: 0.99, 0.98 and 0.97.
    assert answered >= 0.98 * SAMPLE, refused
    assert right >= 0.97 * SAMPLE, f"{right} of {SAMPLE} cite the document that the question belongs to"
    assert first >= 0.95 * SAMPLE, f"{first} of {SAMPLE} begin with the document that the question belongs to"


SUBJECTS = st.sampled_from(
    "Digitallotsen Future Communities Zuschuss Ludwigsburg 2017 Förderung wie viel wann how much Euro Städtetag und "
    "Voucher ?".split()
)


@settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    question=st.one_of(
        st.text(max_size=300), st.lists(st.one_of(SUBJECTS, st.text(max_size=8)), max_size=12).map(" ".join)
    ),
    locale=st.sampled_from(["de", "en"]),
    history=st.lists(st.text(max_size=60), max_size=3),
)
@example(question="", locale="de", history=[])
@example(question="?", locale="de", history=["", " "])
@example(question="\x00\u202e\ufeff", locale="en", history=[])
@example(question="🦄" * 300, locale="de", history=[])
@example(question="ß" * 2000, locale="de", history=[])
@example(question="'; DROP TABLE passages; --", locale="de", history=[])
@example(question="日本語の質問", locale="en", history=[])
def test_no_text_raises_or_gets_an_unverifiable_statement(
    service: Service, question: str, locale: Any, history: list[str]
) -> None:
    context = walk(question, service.resources(), locale=locale, history=tuple(history))
    assert faults(context, service) == []


def test_every_step_is_timed_and_the_same_question_is_answered_the_same(service: Service) -> None:
    one, other = walk(VOUCHER, service.resources()), walk(VOUCHER, service.resources())
    assert list(one.timings_ms) == list(dict.fromkeys(stage for stage, _ in (*READ, *FIND, *GIVE)))
    assert all(spent >= 0 for spent in one.timings_ms.values())
    assert one.text == other.text


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        (VOUCHER, "100 Euro"),
        ("Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?", "98"),
        ("wievil geld hat ludwigsburg bekomen", "106.150 Euro"),
        pytest.param(
            "How much is the voucher per seminar day?",
            "100 Euro",
            marks=pytest.mark.xfail(
                strict=True, reason="the judge refuses it (0.01): no word of the question is German or a name"
            ),
        ),
        ("What does the state pay per seminar day of the Digitallotsen Basisqualifizierung?", "100 Euro"),
    ],
)
def test_known_fact_is_stated_with_source_and_date(question: str, fact: str, service: Service) -> None:
    context = walk(question, service.resources())
    assert context.outcome is Outcome.ANSWERED, context.judgement
    stating = [statement for statement in context.statements if fact in statement.text]
    assert stating, [statement.text for statement in context.statements]
    cited = next(c for c in context.citations if c.id == stating[0].citations[0])
    assert cited.sources
    assert all(source.url.startswith("https://") and source.publisher for source in cited.sources)
    assert isinstance(cited.stand, dt.date)
    assert faults(context, service) == []


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        pytest.param(
            VOUCHER,
            "100 Euro",
            marks=pytest.mark.xfail(strict=True, reason="the sum for three days (300 Euro) is ranked before the day's"),
        ),
        ("Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?", "98"),
        ("wievil geld hat ludwigsburg bekomen", "106.150 Euro"),
        ("What does the state pay per seminar day of the Digitallotsen Basisqualifizierung?", "100 Euro"),
        ("Kann ich mich noch bei Future Communities bewerben?", "Nein"),
    ],
)
def test_the_direct_fact_leads(question: str, fact: str, service: Service) -> None:
    context = walk(question, service.resources())
    assert fact in context.statements[0].text, [statement.text for statement in context.statements]


def test_ended_programme_is_said_to_have_ended(service: Service) -> None:
    context = walk("Kann ich mich noch bei Future Communities bewerben?", service.resources())
    assert context.outcome is Outcome.ANSWERED
    assert "ausgelaufen" in context.text
    assert context.text.startswith(context.notices[0].text), "said before the statements"
    assert "expired" in {notice.kind for notice in context.notices}


@pytest.mark.parametrize(
    "question",
    [
        "Wie wird das Wetter morgen?",
        "Was kostet der Digitallotsen-Kurs in der Schweiz?",
    ],
)
def test_what_is_not_documented_is_not_answered(question: str, service: Service) -> None:
    context = walk(question, service.resources())
    assert context.outcome in (Outcome.UNANSWERABLE, Outcome.OUT_OF_SCOPE), [s.text for s in context.statements]
    assert context.statements == []
    assert context.citations == []
    assert context.text in OUTCOME_TEXTS[context.outcome].values()


@pytest.mark.parametrize(
    ("question", "statement", "fit"),
    [
        ("Wir haben 25.000 Einwohner", "Eine Gemeinde mit 10.000 bis 30.000 Einwohnern bekommt zwei", 1),
        ("Wir haben 25.000 Einwohner", "Ein Landkreis mit mehr als 175.000 Einwohnern bekommt fünf", -1),
        ("mit 8000 einwohner", "Eine Gemeinde mit bis zu 9.999 Einwohnern bekommt eine Person", 0.8),
        ("mit 8000 einwohner", "Es gibt bis zu 100 Euro", 0),
        ("Wie viele Einwohner?", "Eine Gemeinde mit bis zu 9.999 Einwohnern", 0),
    ],
)
def test_range_fit(question: str, statement: str, fit: float) -> None:
    assert range_fit(question, statement) == fit


def test_a_misspelt_programme_asks_for_no_future() -> None:
    assert not asks_future("Future Comunities 2018 wieviel prozent")
    assert asks_future("Wann ist das nächste Treffen?")
