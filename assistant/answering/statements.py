"""Step 4: rank every statement of the retrieved passages by how likely it carries the answer.

A linear model over few visible signals: nearness in meaning, how far statement, headings and section questions hold
the question's words, the passage's place, and whether the asked kind of value is there. The weights are fitted by
`python -m eval.calibration` on the tune part of the question set (listwise softmax over the statements of one
question, Cao et al. 2007) and lie in `calibration.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Chosen, Context, Hit, Resources
from assistant.answering.kinds import VALUES, held_kinds
from assistant.answering.names import holds_place, named_places, named_years, range_fit
from indexer.analysis import fold
from indexer.documents import BlockKind

if TYPE_CHECKING:
    pass

SIGNALS: Final = (
    "cosine",
    "cosine_behind",
    "own",
    "framed",
    "asked",
    "passage_behind",
    "passage_rank",
    "dense",
    "question",
    "linked",
    "linked_behind",
    "value",
    "no_value",
    "row",
    "ended",
    "teaching",
    "range",
    "place",
    "year",
    "position",
    "summary",
    "length",
    "neighbours",
    "number",
)
"""In the order of the weights; `rank_statements` says what each one is."""

EXPIRED_MARK: Final = "abgelaufen"
"""The validity mark of a statement that no longer applies (corpus/README.md)."""
SUMMARY: Final = "kurz gesagt"
"""The heading of the section that sums a document up."""
HOME: Final = frozenset({"baden", "wurttemberg"})
"""The state that the whole corpus is about: it need not stand in every statement."""
FAR: Final = 0.75
"""Cosine that stands for „not found": e5 puts texts that have nothing in common there."""
NEIGHBOUR_LOSS: Final = 0.05
"""What a missing neighbour's cosine is taken to lie below the statement's own."""
COMPANY: Final = 0.3
"""Weight of a passage's score (log-sum-exp of its statements) in each of them: on the tune part it gave the same facts
in 89 words that took 96 without."""
LAST_POSITION: Final = 6
LONG: Final = 40
"""Words from which a statement counts as long."""
BEHIND: Final = -0.15
"""`linked_behind` of a statement that no section question points to."""


@dataclass(frozen=True)
class Ranking:
    """Linear model of one language: score = weights · (signals − means) / scales."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]

    def scores(self, signals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) for signals (n, len(SIGNALS))."""
        scores: NDArray[np.float64] = ((signals - self.means) / self.scales) @ self.weights
        return scores


def rank(context: Context, resources: Resources) -> None:
    """Fill `ranked`, best first."""
    context.ranked = in_rank(*rank_statements(context, resources), resources.calibration.ranking)


def in_rank(table: Sequence[Chosen], signals: NDArray[np.float64], ranking: Ranking) -> list[Chosen]:
    """Return the statements by score, best first.

    A statement gains by the company it is in: what belongs to one answer mostly stands in one passage.
    """
    if not len(table):
        return []
    scores = ranking.scores(signals)
    passages = np.array([chosen.hit.passage.id for chosen in table])
    masses = {name: float(np.logaddexp.reduce(scores[passages == name])) for name in dict.fromkeys(passages)}
    heaviest = max(masses.values())
    scores = scores + COMPANY * np.array([masses[name] - heaviest for name in passages])
    order = np.argsort(-scores, kind="stable")
    return [Chosen(table[i].hit, table[i].number, float(scores[i]), signals[i]) for i in order]


def rank_statements(
    context: Context, resources: Resources, without: frozenset[str] = frozenset()
) -> tuple[list[Chosen], NDArray[np.float64]]:
    """Return the statements and their signals (n, len(SIGNALS)), not yet in order.

    `without` names section questions (row ids) that must not help: calibration leaves out the question it asks.
    """
    assert context.evidence is not None
    assert context.query_vector is not None
    vector, evidence = context.query_vector, context.evidence
    values = context.kinds & VALUES
    places = [place for place in named_places(context.query) if place not in HOME]
    years = named_years(context.query)
    top = context.hits[0].score if context.hits else 0.0
    nearest = max((s.cosine for hit in context.hits for s in hit.sentences), default=0.0)
    numbers = {word for word in evidence.asked if word[0].isdigit()}
    table: list[Chosen] = []
    rows: list[list[float]] = []
    evidence.prepare(context.hits)
    for place_of_hit, hit in enumerate(context.hits):
        links, best_link = _links(hit, vector, resources, without)
        cosines = {sentence.number: sentence.cosine for sentence in hit.sentences}
        summary = fold(hit.passage.heading_path[-1]) == SUMMARY if hit.passage.heading_path else False
        rows_of = [b for b in hit.passage.blocks if b.kind is BlockKind.ROW]
        for sentence in hit.sentences:
            stored = hit.passage.sentences[sentence.number]
            chosen = Chosen(hit, sentence.number, 0.0)
            text = chosen.text
            framed = " ".join((text, hit.passage.title, *hit.passage.heading_path))
            cover = evidence.statement(hit.passage.id, sentence.number)
            link = links[sentence.number]
            held = held_kinds(text) if values else frozenset()
            neighbours = [cosines.get(sentence.number + step, sentence.cosine - NEIGHBOUR_LOSS) for step in (-1, 1)]
            table.append(chosen)
            rows.append(
                [
                    sentence.cosine,
                    sentence.cosine - nearest,
                    cover.own,
                    cover.framed,
                    cover.asked,
                    hit.score - top,
                    1 / (1 + place_of_hit),
                    hit.dense or FAR,
                    hit.question or FAR,
                    link or FAR,
                    link - best_link if link else BEHIND,
                    float(bool(values & held)),
                    float(bool(values) and not values & held),
                    float(any(b.start <= stored.start < b.end for b in rows_of)),
                    float(EXPIRED_MARK in stored.validity and not context.about_past),
                    float(stored.teaching),
                    range_fit(context.query, text),
                    float(all(holds_place(framed, place) for place in places)),
                    float(all(year in framed for year in years)),
                    min(sentence.number, LAST_POSITION) / LAST_POSITION,
                    float(summary),
                    min(len(text.split()), LONG) / LONG,
                    float(np.mean(neighbours)),
                    float(evidence.holds_numbers(hit.passage.id, sentence.number, numbers)) if numbers else 0.5,
                ]
            )
    return table, np.array(rows, float).reshape(-1, len(SIGNALS))


def _links(
    hit: Hit, vector: NDArray[np.float32], resources: Resources, without: frozenset[str]
) -> tuple[list[float], float]:
    """Return for each statement the cosine of the section questions that point to it, 0.0 if none does; and the best.

    A section question points to the statement of its section that is nearest to it.
    """
    generation = resources.generation
    number = generation.position[hit.passage.id]
    questions, statements = generation.question_vectors.group(number), generation.statement_vectors.group(number)
    links = [0.0] * len(hit.passage.sentences)
    kept = [n for n in range(len(questions)) if f"{hit.passage.id}?{n}" not in without]
    if not kept or not len(statements):
        return links, 0.0
    questions = questions[kept]
    near = questions @ vector
    for target, cosine in zip((questions @ statements.T).argmax(axis=1), near, strict=True):
        links[target] = max(links[target], float(cosine))
    return links, float(near.max())
