"""The HTML report of a run: figures beside the baselines, plots, and every failed question with its evidence."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib import resources as package
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eval.dataset import Expected

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES: Final = {
    "questions": "Fragen",
    "fully_correct": "ganz richtig",
    "outcome_right": "richtiger Ausgang",
    "fact_recall": "nötige Fakten gefunden",
    "forbidden": "verbotene Aussage enthalten",
    "false_answers": "Antwort, obwohl nichts belegt ist",
    "false_refusals": "keine Antwort, obwohl belegt",
    "auroc": "AUROC der Sicherheit",
    "calibration_error": "Eichfehler",
    "called_expired": "Abgelaufenes abgelaufen genannt",
    "quote_fidelity": "Zitate wörtlich",
    "citation_precision": "Aussage steht in der zitierten Stelle",
    "citation_recall": "Aussage nennt eine Stelle",
    "gold_cited": "erwartete Stelle zitiert",
    "words": "Wörter je Antwort",
}
"""The figures in the order of the report, in words."""
SYSTEMS: Final = {
    "lotse": "Lotse",
    "textbook": "Lehrbuch (LangChain 1000/200, 4 Stücke)",
    "bm25_stems": "BM25 über Wortstämme, 4 Stellen",
    "dense": "nur Vektoren, 4 Stellen",
}
BINS: Final = 10


def write_report(record: Mapping[str, Any], path: Path, previous: Mapping[str, Any] | None = None) -> None:
    """Write the report of a recorded run; `previous` adds what changed since."""
    from jinja2 import Environment

    text = (package.files(__package__) / "report.html.jinja").read_text(encoding="utf-8")
    template = Environment(autoescape=True).from_string(text)
    changes = None
    if previous is not None:
        from eval.compare import compare

        changes = compare(previous, record)
    answers = {answer["id"]: answer for answer in record["answers"]}
    html = template.render(
        run=record,
        names=NAMES,
        systems={name: title for name, title in SYSTEMS.items() if name == "lotse" or name in record["baselines"]},
        figures={"lotse": record["lotse"], **record["baselines"]},
        failed=[answer for answer in record["answers"] if not answer["score"]["correct"]],
        plots=plots(record),
        changes=changes,
        answers=answers,
        previous=previous,
    )
    path.write_text(html, encoding="utf-8")


def plots(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the plots as SVG: calibration curve, distribution of the confidence, correct answers and facts by kind."""
    answers = record["answers"]
    has_answer = {kind.value for kind in Expected if kind.has_answer}
    refused = {Expected.UNANSWERABLE.value, Expected.OUT_OF_SCOPE.value}
    answerable = [a["confidence"] for a in answers if a["expected"] in has_answer]
    others = [a["confidence"] for a in answers if a["expected"] in refused]
    return {
        "Eichkurve": _svg(_calibration(answerable, others)),
        "Sicherheit der beantwortbaren und der nicht beantwortbaren Fragen": _svg(_distribution(answerable, others)),
        "Ganz richtig und gefundene Fakten nach Art der Frage": _svg(_kinds(record["lotse"]["kind"])),
    }


def _figure() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(6, 3.6), layout="constrained")


def _calibration(answerable: Sequence[float], others: Sequence[float]) -> Figure:
    figure = _figure()
    axes = figure.subplots()
    rows = [(value, 1) for value in answerable] + [(value, 0) for value in others]
    points = []
    for number in range(BINS):
        inside = [row for row in rows if min(int(row[0] * BINS), BINS - 1) == number]
        if inside:
            points.append((sum(v for v, _ in inside) / len(inside), sum(t for _, t in inside) / len(inside)))
    axes.plot([0, 1], [0, 1], color="#999", linestyle="--")
    axes.plot([x for x, _ in points], [y for _, y in points], marker="o", color="#0b4f6c")
    axes.set_xlabel("genannte Sicherheit")
    axes.set_ylabel("Anteil wirklich beantwortbar")
    return figure


def _distribution(answerable: Sequence[float], others: Sequence[float]) -> Figure:
    figure = _figure()
    axes = figure.subplots()
    axes.hist(
        [list(answerable), list(others)],
        bins=20,
        range=(0, 1),
        label=["beantwortbar", "nicht beantwortbar"],
        color=["#0b4f6c", "#d9822b"],
    )
    axes.set_xlabel("Sicherheit")
    axes.set_ylabel("Fragen")
    axes.legend()
    return figure


def _kinds(kinds: Mapping[str, Mapping[str, float]]) -> Figure:
    """Two bars a kind: fully correct answers, and required facts found where there is something to find."""
    from matplotlib.figure import Figure

    rows = sorted((part.get("fully_correct", 0.0), kind, part) for kind, part in kinds.items())
    names = [f"{kind} ({int(part['questions'])})" for _, kind, part in rows]
    figure = Figure(figsize=(6, 0.8 + 0.35 * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    axes.barh(
        [place + 0.2 for place in places], [share for share, _, _ in rows], 0.4, color="#0b4f6c", label="ganz richtig"
    )
    found = [part.get("fact_recall", 0.0) for _, _, part in rows]
    axes.barh([place - 0.2 for place in places], found, 0.4, color="#d9822b", label="nötige Fakten gefunden")
    axes.set_yticks(list(places), names)
    axes.set_xlim(0, 1)
    axes.legend(loc="lower right")
    return figure


def _svg(figure: Figure) -> str:
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None})
    text = target.getvalue()
    return text[text.index("<svg") :]
