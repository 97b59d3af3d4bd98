"""Mistyped words are mended by the words of the corpus; real words, names and numbers stay as they were typed."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.answering.outcomes import Outcome
from assistant.answering.path import walk
from assistant.answering.spelling import known, mend
from assistant.service import Service
from indexer.analysis import fold


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Was kostet der Kuhrs?", "Was kostet der Kurs?"),
        ("Sollen wir das lösegelt zahlen?", "Sollen wir das Lösegeld zahlen?"),
        ("Hilfe für Startaps", "Hilfe für Startups"),
        ("Wer wird Digitallotze?", "Wer wird Digitallotse?"),
        ("Barierefreiheit der Website", "Barrierefreiheit der Website"),
        ("nach einem Cyberangrif", "nach einem Cyberangriff"),
    ],
)
def test_mistyped_word_becomes_the_word_of_the_corpus(typed: str, meant: str, service: Service) -> None:
    assert mend(typed, service.generation.vocabulary) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Welche Foerderung gibt es fuer Gemeinden?", "Welche Förderung gibt es für Gemeinden?"),
        ("Wie hoch ist der Fordersatz?", "Wie hoch ist der Fördersatz?"),
    ],
)
def test_umlauts_that_were_typed_away_are_given_back(typed: str, meant: str, service: Service) -> None:
    assert mend(typed, service.generation.vocabulary) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Wie lange dauert die Elternzeit?",
        "Was bekommt Rottweil?",
        "Wo beantrage ich Kindergeld und Wohngeld?",
        "Wann öffnet das Bürgerbüro in Muenster?",
        "Alles Gute und herzliche Gruesse aus der Grossstadt",
        "Was ändert NIS3?",
        "Was kostet kfw209 bei wifi5eu?",
        "2017, 106.150 Euro und 0711 137-99999",
        "xqzwv",
        "Zibbelkram Schnurzpiep Zwirbelbart Rumpelix",
        "",
        "?! – …",
    ],
)
def test_real_words_names_and_numbers_are_left_alone(question: str, service: Service) -> None:
    assert mend(question, service.generation.vocabulary) == question


@pytest.mark.parametrize(
    "question",
    ["How much fundng is there per vouchr?", "Is there a Kuhrs for Foerderung?", "What is the deadlin?"],
)
def test_english_question_is_not_mended_by_german_words(question: str, service: Service) -> None:
    assert mend(question, service.generation.vocabulary, german=False) == question


def test_the_path_mends_german_questions_only(service: Service) -> None:
    german = walk("Wie hoch ist der Zuschuss je Seminartach der Digitallotzen?", service.resources())
    assert german.rewrites["spelling"] == "Wie hoch ist der Zuschuss je Seminartag der Digitallotsen?"
    english = walk("How much is the vouchr for the digitallotzen?", service.resources())
    assert "spelling" not in english.rewrites


def test_only_the_mistyped_word_changes(service: Service) -> None:
    typed = "  Und der Kuhrs (2017) –\tkostet  1.000,50 €?!"
    assert mend(typed, service.generation.vocabulary) == typed.replace("Kuhrs", "Kurs")


def test_mistyped_question_is_answered_like_the_right_one(service: Service) -> None:
    resources = service.resources()
    right = walk("Wie hoch ist der Zuschuss je Seminartag der Digitallotsen?", resources)
    typed = walk("Wie hoch ist der Zuschuss je Seminartach der Digitallotzen?", resources)
    assert right.outcome is Outcome.ANSWERED
    assert [s.text for s in typed.statements] == [s.text for s in right.statements]


def test_no_word_of_the_corpus_becomes_another_word(service: Service) -> None:
    vocabulary = service.generation.vocabulary
    asked = [question for passage in service.generation.catalogue.all_passages() for question in passage.questions]
    assert len(asked) > 1000
    changed = [question for question in asked if fold(mend(question, vocabulary)) != fold(question)]
    assert changed == []


def test_most_long_words_are_found_again_after_one_typo(service: Service) -> None:
    vocabulary = service.generation.vocabulary
    chance = random.Random(7)
    long = [str(word) for word in vocabulary.words if len(word) >= 10 and word.isalpha()]
    typed = [(word, _with_typo(word, chance)) for word in chance.sample(long, 120)]
    strange = [(word, typo) for word, typo in typed if vocabulary.number(typo) is None and not known(typo)]
    assert len(strange) > 80
    found = [word for word, typo in strange if fold(mend(typo, vocabulary)) == word]
    assert len(found) >= 0.8 * len(strange), f"{len(found)} of {len(strange)}"


def _with_typo(word: str, chance: random.Random) -> str:
    """Return `word` with one letter left out, doubled or swapped with the next, inside the word."""
    place = chance.randrange(2, len(word) - 2)
    pieces = {
        "left out": word[:place] + word[place + 1 :],
        "doubled": word[:place] + word[place] + word[place:],
        "swapped": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    }
    return pieces[chance.choice(sorted(pieces))]


@pytest.mark.parametrize(
    ("word", "is_known"),
    [
        ("Elternzeit", True),
        ("elternzeit", True),
        ("Rottweil", True),
        ("Baeume", True),
        ("Gruesse", True),
        ("Kuhrs", False),
        ("lösegelt", False),
        ("xqzwv", False),
    ],
)
def test_known_words(word: str, is_known: bool) -> None:
    assert known(word) is is_known


@settings(
    max_examples=200, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    text=st.one_of(
        st.text(max_size=80),
        st.lists(st.text("abdefghilmnorstuäöüß0123456789", min_size=3, max_size=14), max_size=6).map(" ".join),
    )
)
@example(text="ﷺ ﹰ ½ ² Ⅷ ﬁnanzierung")
@example(text="h4x0r 5g-netz wifi5eu 2024er")
@example(text="日本語の質問 🦄 \x00\u202e")
def test_any_text_is_mended_and_keeps_its_digits(text: str, service: Service) -> None:
    vocabulary = service.generation.vocabulary
    mended = mend(text, vocabulary)
    assert re.findall(r"[0-9]+", mended) == re.findall(r"[0-9]+", text)
    assert len(re.findall(r"[^\W_]+", mended)) == len(re.findall(r"[^\W_]+", text))
    assert mend(mended, vocabulary) == mended
    assert mend(text, vocabulary, german=False) == text
