"""Retrieval on data that nobody here wrote: XQuAD's German part, with and without typos, among federal law sections.

XQuAD (Artetxe, Ruder and Yogatama 2020, CC BY-SA 4.0) has 240 paragraphs and 1,190 questions; the law sections are
distractors. The data are read from a folder and never become part of the project.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answering.context import Context, Resources
from assistant.answering.path import make_resources
from assistant.answering.reading import read
from assistant.answering.retrieve import KEPT, question_vector, search
from assistant.answering.statements import in_rank, rank_statements
from assistant.errors import InvalidRequest
from indexer import generation as generations
from indexer.analysis import STOP_WORDS, fold, terms
from indexer.catalogue import write_catalogue
from indexer.chunking import Passage, Sentence
from indexer.embedding import Embedder
from indexer.sentences import sentence_spans
from indexer.sync import write_generation
from indexer.vectors import Space

XQUAD: Final = "xquad.de.json"
LAWS: Final = "gesetze.jsonl.gz"
DISTRACTORS: Final = 6000
SHORTEST: Final = 100
"""Characters of a law section below which it distracts nobody."""
SEED: Final = 20261125
TYPO_LENGTH: Final = 5
DEPTHS: Final = (1, 5, 10)
CANDIDATES: Final = 10
"""Length of a ranking."""

Row = tuple[dict[str, list[str]], int, str]
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class External:
    """Recall@1/5/10 and MRR@10 of each arm, and `sentences@1/2/3`: how often the answer is inside the first sentences.

    For clean questions and for those with a typo.
    """

    passages: int
    questions: int
    clean: dict[str, dict[str, float]]
    typos: dict[str, dict[str, float]]


Data = tuple[list[str], list[tuple[str, str, int]]]
"""Texts, and (question, answer, number of its text)."""


def measure(data: Data, embedder: Embedder, tick: Tick | None = None) -> External:
    """Measure both arms, the search and the ranking of statements of the answer path on what `load_data` returned."""
    texts, questions = data
    paragraphs = {number for _, _, number in questions}
    passages = [_passage(number, text, number in paragraphs) for number, text in enumerate(texts)]
    now = dt.datetime.now(dt.UTC)
    name = f"{now:%Y%m%dT%H%M%SZ}-000000"
    with tempfile.TemporaryDirectory() as temporary:
        target = generations.index_dir(Path(temporary)) / name
        target.mkdir(parents=True)
        report = (lambda stage, done, total: tick(done, total)) if tick else (lambda stage, done, total: None)
        manifest = write_generation(target, [], passages, embedder, name, now, "", {}, report)
        write_catalogue(target / generations.CATALOGUE, [], passages)
        generations.write_manifest(target, manifest)
        opened = generations.Generation(Path(temporary), model_id=embedder.model_id, name=name)
        try:
            resources = make_resources(opened, embedder, now.date())
            clean = _figures([_asked(question, answer, gold, resources) for question, answer, gold in questions])
            noise = random.Random(SEED)  # noqa: S311 - no secret
            typos = _figures(
                [_asked(mistype(question, noise), answer, gold, resources) for question, answer, gold in questions]
            )
        finally:
            opened.close()
    return External(len(texts), len(questions), clean, typos)


def _passage(number: int, text: str, whole: bool) -> Passage:
    """Return a text as a passage; a distractor is one statement, for none of its sentences is looked for."""
    spans = sentence_spans(text) if whole else [(0, len(text))]
    sentences = tuple(Sentence(start, end, (), ()) for start, end in spans)
    return Passage(f"t{number}", f"t{number}", (), text, (), sentences, (), "")


def _asked(question: str, answer: str, gold: int, resources: Resources) -> Row:
    """Ask one question: the rankings of each arm, how many sentences it takes to hold the answer, the right text."""
    generation = resources.generation
    context = Context(question, "de")
    read(context, (), resources)
    context.query_vector = question_vector(context, resources)
    text = " ".join((context.query, *context.added))
    hits = search(text, context.query_vector, resources, kept=CANDIDATES)
    context.hits = hits[:KEPT]
    ranked = in_rank(*rank_statements(context, resources), resources.calibration.ranking)
    needed = next((n for n, chosen in enumerate(ranked, start=1) if answer in chosen.text), len(ranked) + 1)
    arms = {
        "lexical": [row for row, _ in generation.lexical_passages.top(terms(text), CANDIDATES)],
        "dense": [row for row, _, _ in generation.vectors.nearest(Space.PASSAGES, context.query_vector, CANDIDATES)],
        "fused": [hit.passage.id for hit in hits],
    }
    return arms, needed, f"t{gold}"


def load_data(folder: Path) -> Data:
    """Return the texts, and (question, number of its paragraph); raises InvalidRequest if the files are not there."""
    try:
        data = json.loads((folder / XQUAD).read_text(encoding="utf-8"))["data"]
        with gzip.open(folder / LAWS, "rt", encoding="utf-8") as lines:
            laws = [json.loads(line) for line in lines]
    except OSError as error:
        raise InvalidRequest(
            f"Im Ordner {folder} liegen die Vergleichsdaten nicht ({XQUAD}, {LAWS}).",
            "Ohne sie bleibt diese Messung aus; „lotse eval“ braucht sie nicht.",
        ) from error
    texts: list[str] = []
    questions: list[tuple[str, str, int]] = []
    for article in data:
        for paragraph in article["paragraphs"]:
            questions += [(e["question"], e["answers"][0]["text"], len(texts)) for e in paragraph["qas"]]
            texts.append(paragraph["context"])
    long = [f"{law['law']} > {law['heading']}\n{law['text']}" for law in laws if len(law["text"]) >= SHORTEST]
    return texts + random.Random(SEED).sample(long, min(DISTRACTORS, len(long))), questions  # noqa: S311 - no secret


def mistype(text: str, noise: random.Random) -> str:
    """Return `text` with one letter of one longer content word dropped, or two swapped."""
    words = text.split()
    able = [n for n, word in enumerate(words) if len(word) >= TYPO_LENGTH and fold(word) not in STOP_WORDS]
    if not able:
        return text
    chosen = noise.choice(able)
    word = words[chosen]
    place = noise.randrange(1, len(word) - 2)
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    words[chosen] = noise.choice([word[:place] + word[place + 1 :], swapped])
    return " ".join(words)


def _figures(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for arm in rows[0][0]:
        ranks: NDArray[np.float64] = np.array(
            [found[arm].index(gold) + 1 if gold in found[arm] else np.inf for found, _, gold in rows]
        )
        table[arm] = {f"recall@{depth}": float(np.mean(ranks <= depth)) for depth in DEPTHS}
        table[arm]["MRR@10"] = float(np.mean(np.where(ranks <= 10, 1 / ranks, 0.0)))
    needed = np.array([count for _, count, _ in rows])
    table["fused"] |= {f"sentences@{count}": float(np.mean(needed <= count)) for count in (1, 2, 3)}
    return table
