"""Measures start, memory and the shares of an answer's time on this machine: `python -m eval.bench`."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Final

from assistant.answering.outcomes import Stage
from assistant.service import Asked, Service
from assistant.settings import load_settings

ROUNDS: Final = 3
KIB: Final = 1024


def main() -> None:
    """Print the load time, resident memory, and p50/p95 of an answer by stage, as multiples of one embedding."""
    started = time.perf_counter()
    service = Service(load_settings(), remember=False)
    print(f"load: {time.perf_counter() - started:.2f} s, resident {resident_mb():.0f} MB")
    questions = [q for p in service.generation.catalogue.all_passages() for q in p.questions]
    stages: dict[str, list[float]] = {stage.value: [] for stage in Stage}
    embeddings: list[float] = []
    totals: list[float] = []
    for _ in range(ROUNDS):
        for question in questions:
            begun = time.perf_counter()
            service.embedder.encode_query(question)
            embeddings.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            answer = service.answer(Asked(question))
            totals.append((time.perf_counter() - begun) * 1000)
            for stage, milliseconds in answer.timings_ms.items():
                stages[stage].append(milliseconds)
    unit = statistics.median(embeddings)
    print(f"{len(totals)} answers; one query embedding: p50 {unit:.2f} ms, p95 {p95(embeddings):.2f} ms")
    for name, values in [*stages.items(), ("whole", totals)]:
        if values:
            median = statistics.median(values)
            print(f"{name:>10}: p50 {median:6.2f} ms ({median / unit:.2f} embeddings), p95 {p95(values):6.2f} ms")
    print(f"resident after: {resident_mb():.0f} MB")
    service.close()


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def resident_mb() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / KIB / KIB


if __name__ == "__main__":
    main()
