"""YAML that editors write, read into a pydantic type; every fault becomes a German sentence with its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from indexer.problems import Problem

SCHEMA: Final = "schema"
"""The rule that a file breaks which cannot be read as what it should be."""

T = TypeVar("T")


class _Loader(yaml.SafeLoader):
    """Leaves dates as the text that the editor wrote: „2026-13-01" is then a fault with a line, not an exception."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the base class has it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class Reading(Generic[T]):
    """The typed value, or None if it cannot be had; what YAML alone made of the text; and all problems."""

    value: T | None
    data: Any
    problems: list[Problem]


def read_typed(text: str, adapter: TypeAdapter[T], file: str, *, offset: int = 0, where: str = "") -> Reading[T]:
    """Read `text`, which begins after `offset` lines of `file`; `where` names the part of it („Kopf, ").

    Duplicate keys are problems too: YAML would silently keep the last.
    """

    def problem(line: int, sentence: str) -> Problem:
        return Problem(file, offset + line, SCHEMA, sentence)

    try:
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        reason = getattr(error, "problem", None) or "unlesbar"
        return Reading(None, None, [problem(line, f"{where or 'Die Datei '}ist kein gültiges YAML ({reason}).")])
    problems = [
        problem(line, f"{where}„{key}“ steht zweimal da; es zählt nur eine Stelle.") for line, key in _duplicates(node)
    ]
    try:
        return Reading(adapter.validate_python(data), data, problems)
    except ValidationError as error:
        for fault in error.errors():
            path = ".".join(str(part) for part in fault["loc"])
            problems.append(problem(_line(node, fault["loc"]), f"{where}„{path}“: {_explain(fault)}"))
        return Reading(None, data, problems)


def _duplicates(node: yaml.Node | None) -> list[tuple[int, str]]:
    """Return (line, key) of each key that its mapping holds already."""
    found: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                found.append((key.start_mark.line + 1, key.value))
            seen.add(key.value)
            found += _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += _duplicates(item)
    return found


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """Return the line of the deepest part of `location` that the text contains."""
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                return line
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _explain(fault: Any) -> str:
    kind = fault["type"]
    if kind == "missing":
        return "Die Angabe fehlt."
    if kind == "extra_forbidden":
        return "Diese Angabe kennt Lotse nicht (Tippfehler?)."
    if kind in ("enum", "literal_error"):
        return f"Erlaubt ist {fault['ctx']['expected'].replace(' or ', ' oder ')}."
    if kind.startswith("date"):
        return "Erwartet wird ein Datum wie 2026-11-22."
    if kind.startswith("url"):
        return "Erwartet wird eine Adresse, die mit https:// oder http:// beginnt."
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return "Erwartet werden Zeilen „schlüssel: wert“."
    if kind == "list_type":
        return "Erwartet wird eine Liste."
    if kind == "string_type":
        return "Erwartet wird Text."
    if kind in ("string_too_short", "too_short"):
        return "Die Angabe ist leer oder zu kurz."
    if kind == "string_pattern_mismatch":
        return f"„{fault['input']}“ hat nicht die erwartete Form."
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    return str(fault["msg"])
