"""The gate: thresholds in `gate.yaml` that a run must keep, on deterministic figures. They are only ever raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from assistant.errors import InvalidRequest
from indexer.typed_yaml import read_typed

FILE: Final = Path(__file__).parent / "gate.yaml"


class Threshold(BaseModel):
    """One figure of one split with its bound."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    figure: str = Field(alias="wert", min_length=2)
    split: Literal["tune", "held-out", "all"] = Field(alias="teil")
    least: float | None = Field(alias="mindestens", default=None)
    most: float | None = Field(alias="hoechstens", default=None)

    def keeps(self, value: float | None) -> bool:
        """Tell whether a value keeps the bound; a figure that was not measured does not."""
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def bound(self) -> str:
        """The bound in words."""
        parts = [f"mindestens {self.least:g}"] if self.least is not None else []
        parts += [f"höchstens {self.most:g}"] if self.most is not None else []
        return " und ".join(parts)


@dataclass(frozen=True)
class Verdict:
    """A threshold with what was measured."""

    threshold: Threshold
    value: float | None

    @property
    def passed(self) -> bool:
        """Whether the bound is kept."""
        return self.threshold.keeps(self.value)

    def __str__(self) -> str:
        """Return one line for people."""
        value = "nicht gemessen" if self.value is None else f"{self.value:.4f}"
        mark = "besteht" if self.passed else "FÄLLT DURCH"
        return f"{mark}: {self.threshold.figure} ({self.threshold.split}) {value}, {self.threshold.bound}"


_THRESHOLDS: Final = TypeAdapter(list[Threshold])


def load_thresholds(path: Path = FILE) -> list[Threshold]:
    """Read the thresholds; raises InvalidRequest with every fault."""
    reading = read_typed(path.read_text(encoding="utf-8"), _THRESHOLDS, path.name)
    if reading.value is None or reading.problems:
        raise InvalidRequest("\n".join(str(problem) for problem in reading.problems), f"Bitte {path} berichtigen.")
    return reading.value


def judge(figures: Mapping[str, Any], thresholds: Sequence[Threshold]) -> list[Verdict]:
    """Hold the figures of a run (`eval.runner.figures`) against every threshold.

    `retrieval.path.found@5` names a figure of retrieval, any other name one of the summary.
    """
    return [Verdict(threshold, _value(figures, threshold)) for threshold in thresholds]


def _value(figures: Mapping[str, Any], threshold: Threshold) -> float | None:
    if threshold.figure.startswith("retrieval."):
        _, arm, name = threshold.figure.split(".", 2)
        value = figures["retrieval"].get(threshold.split, {}).get(arm, {}).get(name)
    else:
        part = figures["all"] if threshold.split == "all" else figures["split"].get(threshold.split, {})
        value = part.get(threshold.figure)
    return None if value is None else float(value)
