"""The question set: its schema, its stable split, and its check against the documents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.errors import InvalidRequest
from eval.cases import add_cases
from eval.dataset import Expected, Kind, Question, Split, check_questions, load_questions
from indexer.chunking import Passage, PassageBlock, Sentence
from indexer.documents import BlockKind

if TYPE_CHECKING:
    from assistant.service import Service

MOST = 0.75
LEAST = 0.45
NEAR_QUESTIONS = 90
QUESTIONS = 360


def passage(name: str, text: str) -> Passage:
    """A passage of one sentence."""
    blocks = (PassageBlock(BlockKind.PARAGRAPH, 0, len(text)),)
    return Passage(
        name, name.partition(".")[0], ("Kurz gesagt",), text, blocks, (Sentence(0, len(text), ("A",), ()),), (), "WLAN"
    )


def question(**values: object) -> Question:
    """A question about the passage `wlan.kurz-gesagt`, with `values`."""
    base: dict[str, object] = {
        "id": "wlan-001",
        "frage": "Wie viel zahlt die Stadt dazu?",
        "art": "betrag",
        "wer": "kaemmerei",
        "erwartet": "answered",
        "fakten": [["40 Prozent"]],
        "belege": ["wlan.kurz-gesagt"],
    }
    made = Question.model_validate({**base, **values})
    made._topic = "wlan"
    return made


PASSAGES = {"wlan.kurz-gesagt": passage("wlan.kurz-gesagt", "Neustadt zahlt 40 Prozent der Kosten des WLAN.")}


def test_a_sound_question_has_no_problem() -> None:
    assert check_questions([question()], PASSAGES) == []


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"fakten": [["41 Prozent", "41 %"]]}, "fakt-unbelegt"),
        ({"belege": ["wlan.anders", "wlan.kurz-gesagt"]}, "beleg-unbekannt"),
        ({"erwartet": "unanswerable", "fakten": [], "belege": [], "fehlt": ["Neustadt 40 Prozent"]}, "doch-vorhanden"),
    ],
)
def test_the_check_finds_what_the_documents_do_not_say(values: dict[str, object], rule: str) -> None:
    found = [problem.rule for problem in check_questions([question(**values)], PASSAGES)]
    assert rule in found


def test_the_check_finds_duplicates_and_documents_without_a_question() -> None:
    passages = {**PASSAGES, "lan.kurz": passage("lan.kurz", "LAN ist teuer.")}
    twice = [question(), question(frage="Wie viel zahlt die Stadt dazu", id="wlan-002"), question()]
    rules = {problem.rule for problem in check_questions(twice, passages)}
    assert rules == {"frage-doppelt", "kennung-doppelt", "dokument-ungefragt"}


@pytest.mark.parametrize(
    "values",
    [
        {"fakten": []},
        {"belege": []},
        {"erwartet": "unanswerable"},
        {"art": "folgefrage"},
        {"art": "tippfehler"},
        {"art": "raetsel"},
        {"wer": "niemand"},
        {"id": "Mit Leerzeichen"},
        {"unbekannt": 1},
    ],
)
def test_the_schema_refuses_incomplete_questions(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        question(**values)


def test_the_split_depends_on_topic_and_id_alone() -> None:
    known = {f"wlan-{number:03}": question(id=f"wlan-{number:03}").split for number in range(200)}
    again = question(id="wlan-007", frage="Ganz anders gefragt?", art="zahl")
    assert again.split is known["wlan-007"]
    assert LEAST < Counter(known.values())[Split.TUNE] / len(known) < MOST


def test_the_shipped_set_is_sound(service: Service) -> None:
    questions, problems = load_questions()
    assert problems == []
    passages = {passage.id: passage for passage in service.generation.catalogue.all_passages()}
    assert [str(problem) for problem in check_questions(questions, passages)] == []


def test_the_shipped_set_is_large_and_mixed() -> None:
    questions, _ = load_questions()
    assert len(questions) >= QUESTIONS
    assert sum(q.expected is Expected.UNANSWERABLE for q in questions) >= NEAR_QUESTIONS
    assert {q.kind for q in questions} == set(Kind)
    for topic in {q.topic for q in questions}:
        own = [q.split for q in questions if q.topic == topic]
        assert LEAST <= own.count(Split.TUNE) / len(own) <= MOST, topic


def test_reviewed_cases_join_the_set_all_or_none(tmp_path: Path) -> None:
    case = {"thema": "wlan", **question().model_dump(by_alias=True, mode="json", exclude_defaults=True)}
    file = tmp_path / "faelle.jsonl"
    file.write_text("\n".join([json.dumps(case), "kein json", json.dumps({**case, "id": "wlan-002", "art": "lied"})]))
    with pytest.raises(InvalidRequest) as caught:
        add_cases(file, tmp_path)
    assert "Zeile 2" in caught.value.message
    assert "Zeile 3" in caught.value.message
    assert list(tmp_path.glob("*.yaml")) == []
    file.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    assert add_cases(file, tmp_path) == 1
    assert [q.question for q in load_questions(tmp_path)[0]] == ["Wie viel zahlt die Stadt dazu?"]
    with pytest.raises(InvalidRequest, match="gibt es schon"):
        add_cases(file, tmp_path)
