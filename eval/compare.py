"""Whether two runs differ by more than chance: a paired bootstrap over the questions that both asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from assistant.errors import InvalidRequest

RESAMPLES: Final = 9999
SEED: Final = 20261125
LEVEL: Final = 0.95


@dataclass(frozen=True)
class Difference:
    """Share of correct answers in both runs, its difference with an interval, and the questions that changed."""

    questions: int
    first: float
    second: float
    low: float
    high: float
    better: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> Difference:
    """Compare two recorded runs (second less first); raises InvalidRequest if they share no question."""
    before = {answer["id"]: bool(answer["score"]["correct"]) for answer in first["answers"]}
    after = {answer["id"]: bool(answer["score"]["correct"]) for answer in second["answers"]}
    common = sorted(before.keys() & after.keys())
    if not common:
        raise InvalidRequest("Die beiden Läufe haben keine Frage gemeinsam.", "Bitte Läufe derselben Fragen nennen.")
    one = np.array([before[key] for key in common], float)
    two = np.array([after[key] for key in common], float)
    low, high = _interval(two - one)
    return Difference(
        questions=len(common),
        first=float(one.mean()),
        second=float(two.mean()),
        low=low,
        high=high,
        better=tuple(key for key in common if after[key] and not before[key]),
        worse=tuple(key for key in common if before[key] and not after[key]),
    )


def _interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the bootstrap interval of the mean difference (Efron and Tibshirani 1993, percentile, by SciPy)."""
    if np.all(differences == differences[0]):
        return float(differences[0]), float(differences[0])
    from scipy.stats import bootstrap

    result = bootstrap(
        (differences,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
