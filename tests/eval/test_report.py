"""The report on a real run of a few questions, the recorded JSON, and retrieval on foreign data."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.errors import InvalidRequest
from eval.baselines import systems
from eval.dataset import Split, load_questions
from eval.external import load_data, measure, mistype
from eval.report import write_report
from eval.runner import embedding_ms, record, run
from tests.assistant.test_cli import assert_refused
from tests.assistant.test_cli import run as lotse

if TYPE_CHECKING:
    from assistant.service import Service

QUESTIONS = 24


def test_a_run_is_recorded_and_the_report_hides_held_out_questions(service: Service, tmp_path: Path) -> None:
    resources = service.resources()
    questions = load_questions()[0][-QUESTIONS:]
    rows = run(questions, resources)
    result = record(rows, systems(questions, resources), resources, embedding_ms(questions, resources))
    assert set(result["baselines"]) == {"textbook", "bm25_stems", "dense"}
    assert result["baselines"]["textbook"]["all"]["false_answers"] == 1.0
    assert result["embedding_ms"] > 0
    read = json.loads(json.dumps(result))
    path = tmp_path / "bericht.html"
    write_report(read, path, previous=read)
    html = path.read_text(encoding="utf-8")
    assert html.count("<svg") == 3
    assert "Seit dem vorigen Lauf" in html
    wrong = [row for row in rows if not row.score.correct]
    assert any(row.question.split is Split.TUNE for row in wrong)
    for row in wrong:
        assert (f"<strong>{row.question.id}</strong>" in html) is (row.question.split is Split.TUNE)


def test_compare_and_add_refuse_what_they_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "leer.json").write_text("{}", encoding="utf-8")
    assert_refused(lotse("eval", "compare", str(tmp_path / "leer.json"), str(tmp_path / "fehlt.json")), "leer.json")
    assert_refused(lotse("eval", "add", str(tmp_path / "fehlt.jsonl")), "fehlt.jsonl")
    assert_refused(lotse("eval", "external", str(tmp_path)), "xquad.de.json")


def test_foreign_data_are_searched_with_both_arms_and_their_fusion(service: Service, tmp_path: Path) -> None:
    paragraphs = [
        {
            "context": "Die Hundesteuer beträgt 96 Euro im Jahr.",
            "qas": [{"question": "Wie hoch ist die Hundesteuer?", "answers": [{"text": "96 Euro"}]}],
        },
        {
            "context": "Das Freibad öffnet im Mai.",
            "qas": [{"question": "Wann öffnet das Freibad?", "answers": [{"text": "im Mai"}]}],
        },
    ]
    (tmp_path / "xquad.de.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    with gzip.open(tmp_path / "gesetze.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"law": "BGB", "heading": "§ 1", "text": "Die Rechtsfähigkeit des Menschen. " * 5}))
    found = measure(load_data(tmp_path), service.embedder)
    assert (found.passages, found.questions) == (3, 2)
    right = {"recall@1": 1.0, "recall@5": 1.0, "recall@10": 1.0, "MRR@10": 1.0}
    assert found.clean["fused"] == {**right, "sentences@1": 1.0, "sentences@2": 1.0, "sentences@3": 1.0}
    assert set(found.typos) == {"lexical", "dense", "fused"}
    with pytest.raises(InvalidRequest):
        load_data(tmp_path / "fehlt")


def test_a_typo_changes_one_longer_word_by_a_letter() -> None:
    noise = random.Random(1)
    for _ in range(50):
        typo = mistype("Wie hoch ist die Hundesteuer", noise)
        assert typo.split()[:4] == ["Wie", "hoch", "ist", "die"]
        assert abs(len(typo.split()[4]) - len("Hundesteuer")) <= 1
    assert mistype("Wer bin ich", noise) == "Wer bin ich"
