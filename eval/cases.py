"""Reviewed cases join the question set: `lotse eval add FILE`, all of them or none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from assistant.errors import InvalidRequest
from eval.dataset import FOLDER, Question, load_questions

_TOPIC: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def add_cases(file: Path, folder: Path = FOLDER) -> int:
    """Append each line of `file` to the file of its topic and return their number.

    A line is a question of the set as JSON, with `thema`. Raises InvalidRequest that names every bad line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"Die Datei {file} lässt sich nicht lesen.", "Erwartet wird JSON, eine Frage je Zeile."
        ) from error
    known = {question.id for question in load_questions(folder)[0]}
    cases: dict[str, list[dict[str, Any]]] = {}
    faults = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
            topic = case.pop("thema")
            question = Question.model_validate(case)
        except (ValueError, KeyError, AttributeError, ValidationError) as error:
            faults.append(f"Zeile {number}: {_reason(error)}")
            continue
        if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
            faults.append(f"Zeile {number}: „thema“ ist kein Dateiname.")
        if question.id in known:
            faults.append(f"Zeile {number}: Die Kennung {question.id} gibt es schon.")
        known.add(question.id)
        cases.setdefault(str(topic), []).append(case)
    if faults:
        raise InvalidRequest("\n".join(faults), "Nichts wurde aufgenommen. Bitte die Zeilen berichtigen.")
    for topic, rows in cases.items():
        with (folder / f"{topic}.yaml").open("a", encoding="utf-8") as target:
            target.write(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=118))
    return sum(len(rows) for rows in cases.values())


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return "„thema“ fehlt." if isinstance(error, KeyError) else "kein JSON-Objekt."
