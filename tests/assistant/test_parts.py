"""Two questions in one: where they are cut, how each is answered, and what is said of the one without an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.answering.context import Context
from assistant.answering.outcomes import Outcome
from assistant.answering.parts import part_contexts, split
from assistant.answering.path import walk
from assistant.answering.understand import understand
from assistant.service import Service
from indexer.analysis import words

VOUCHER = "Wie viel Zuschuss gibt es je Seminartag der Digitallotsen?"
BREACH = "Bis wann müssen wir eine Datenpanne melden?"


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Was kostet die Mitgliedschaft im KommunalCampus und wie viel Zuschuss gibt es je Seminartag?",
            ("Was kostet die Mitgliedschaft im KommunalCampus?", "wie viel Zuschuss gibt es je Seminartag?"),
        ),
        (
            "Wir haben 8.000 Einwohner. Wie viel Zuschuss gibt es, und bis wann müssen wir ihn beantragen?",
            (
                "Wir haben 8.000 Einwohner. Wie viel Zuschuss gibt es?",
                "Wir haben 8.000 Einwohner. bis wann müssen wir ihn beantragen?",
            ),
        ),
        (
            "Uns wurde ein Laptop gestohlen. Ist das eine Datenpanne? Bis wann müssen wir sie melden?",
            (
                "Uns wurde ein Laptop gestohlen. Ist das eine Datenpanne?",
                "Uns wurde ein Laptop gestohlen. Bis wann müssen wir sie melden?",
            ),
        ),
        (
            "How much is the voucher and who can apply for it?",
            ("How much is the voucher?", "who can apply for it?"),
        ),
        (
            "Wie groß ist die Förderung für Straßen und Maßnahmen und wann endet die Frist?",
            ("Wie groß ist die Förderung für Straßen und Maßnahmen?", "wann endet die Frist?"),
        ),
    ],
)
def test_two_questions_are_cut_with_what_leads_to_them(question: str, parts: tuple[str, ...]) -> None:
    assert split(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "In welcher Stadt und in welchem Saal fand das Treffen statt?",
        "Müssen Städte und Gemeinden E-Rechnungen annehmen?",
        "Bekommen wir den Zuschuss, und wenn ja, wie viel?",
        "Wann und wo war das Treffen?",
        "Wann war das letzte Treffen und wo?",
        "Wir sind eine kleine Gemeinde. Wer hilft uns bei einem Cyberangriff?",
        "Was kostet der Kurs? Wer zahlt den Kurs? Wann endet der Kurs?",
        "Wir haben eine Datenpanne und müssen sie melden.",
        VOUCHER,
        "und wie?",
        "",
    ],
)
def test_one_question_stays_whole(question: str) -> None:
    assert split(question) == ()


@given(
    st.one_of(
        st.text(max_size=120), st.lists(st.sampled_from("wie was und , . ? ist ß ¨ Geld wir".split())).map(" ".join)
    )
)
@example("wie viel ¨ kostet der ¨ Kurs heute und wie lange dauert er?")
@example("wie viel ﷺ kostet der Kurs heute und wie lange dauert er?")
def test_any_text_is_cut_into_two_questions_of_its_own_words_or_none(text: str) -> None:
    parts = split(text)
    assert len(parts) in (0, 2)
    assert all(part.endswith("?") for part in parts)
    assert {word for part in parts for word in words(part)} <= set(words(text))


def test_both_parts_are_answered_one_after_the_other(service: Service) -> None:
    context = walk(f"{VOUCHER} {BREACH}", service.resources())
    assert context.parts == (VOUCHER, BREACH)
    assert context.outcome is Outcome.ANSWERED, context.missing
    quotes = [citation.quote for citation in context.citations]
    voucher = [place for place, quote in enumerate(quotes) if "Seminartag" in quote]
    breach = [place for place, quote in enumerate(quotes) if "Datenpanne" in quote]
    assert voucher
    assert breach
    assert max(voucher) < min(breach)


def test_what_answers_both_parts_is_said_once(service: Service) -> None:
    question = "Bis wann müssen wir eine Datenpanne melden und wem müssen wir eine Datenpanne melden?"
    context = walk(question, service.resources())
    assert len(context.parts) == 2
    assert len(context.statements) > 1
    texts = [statement.text for statement in context.statements]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    ("answered", "fact", "other", "name"),
    [
        (VOUCHER, "Euro", "Wie backt man einen Hefezopf?", "Wie backt man einen Hefezopf?"),
        (VOUCHER, "Euro", "Und was kostet ein Feuerwehrauto?", "Und was kostet ein Feuerwehrauto?"),
        (BREACH, "72 Stunden", "Wie wird das Wetter morgen in Hamburg?", "Wie wird das Wetter morgen in Hamburg?"),
        (BREACH[:-1], "72 Stunden", "und wie wird das Wetter in Hamburg?", "Wie wird das Wetter in Hamburg?"),
    ],
)
def test_half_answer_is_partial_and_names_what_is_missing(
    answered: str, fact: str, other: str, name: str, service: Service
) -> None:
    context = walk(f"{answered} {other}", service.resources())
    assert context.outcome is Outcome.PARTIAL, [s.text for s in context.statements]
    assert context.missing == [f"„{name}“"]
    assert fact in " ".join(statement.text for statement in context.statements)
    assert f"„{name}“" in context.notices[0].text
    assert context.text.startswith(context.notices[0].text)


def test_missing_part_is_named_without_the_sentences_that_lead_to_it(service: Service) -> None:
    question = f"Wir sind eine kleine Gemeinde. {BREACH} Wie backt man einen Hefezopf?"
    context = walk(question, service.resources())
    assert context.outcome is Outcome.PARTIAL
    assert context.missing == ["„Wie backt man einen Hefezopf?“"]


def test_double_question_without_any_answer_is_refused(service: Service) -> None:
    context = walk("Wie hoch ist der Eiffelturm und wie backt man einen Hefezopf?", service.resources())
    assert len(context.parts) == 2
    assert context.outcome in (Outcome.UNANSWERABLE, Outcome.OUT_OF_SCOPE)
    assert context.statements == []


def test_second_part_leans_on_the_first(service: Service) -> None:
    context = Context(
        "Was ist der DigitalPakt 2.0 eigentlich und bis wann müssen Anträge vollständig eingereicht sein?", "de"
    )
    understand(context, service.resources())
    first, second = part_contexts(context, service.resources())
    assert first.query == "Was ist der DigitalPakt 2.0 eigentlich?"
    assert second.query == f"{first.query} {second.own_query}"
    assert second.own_query == "bis wann müssen Anträge vollständig eingereicht sein?"
    assert first.is_part
    assert second.is_part


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    text=st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(["Was kostet das Ding", "und wie viel", "? ", ". ", "¨", "ß", "IT", "\u202e", "das"])
        ).map(" ".join),
    ),
    locale=st.sampled_from(["de", "en"]),
    history=st.lists(st.text(max_size=40), max_size=3).map(tuple),
)
def test_any_text_is_understood(service: Service, text: str, locale: Any, history: tuple[str, ...]) -> None:
    context = Context(text, locale, history)
    understand(context, service.resources())
    assert context.outcome is Outcome.SMALL_TALK or context.evidence is not None
    for part in part_contexts(context, service.resources()):
        assert part.evidence is not None
        assert part.query.endswith(part.own_query)
