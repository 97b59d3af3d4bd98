"""The curated question set: its schema, its split into tune and held-out, and the check that keeps it honest.

One YAML file a topic below `eval/questions/`, German keys because advisors edit them. A question names the facts that
a correct answer must hold, each with the forms that count, and the passages that carry them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter, model_validator

from indexer.analysis import fold, terms
from indexer.chunking import Passage
from indexer.problems import Problem
from indexer.reading import read_text
from indexer.typed_yaml import read_typed

FOLDER: Final = Path(__file__).parent / "questions"
BLOCK: Final = 5
TUNE_OF_BLOCK: Final = 3
"""Of every five consecutive numbers of a topic tuning may see three (60 %); the other two are held out."""
SAME_QUESTION: Final = 0.9
"""Overlap of 4-grams (Jaccard) from which two questions of one topic are the same question."""
Text = Annotated[str, Field(min_length=2)]


class Kind(StrEnum):
    """What makes a question hard."""

    AMOUNT = "betrag"
    DEADLINE = "frist"
    ELIGIBILITY = "berechtigung"
    PROCEDURE = "verfahren"
    DEFINITION = "definition"
    COMPARISON = "vergleich"
    LIST = "liste"
    NUMBER = "zahl"
    YES_NO = "ja-nein"
    TABLE = "tabelle"
    EXPIRED = "ausgelaufen"
    SUPERSEDED = "ueberholt"
    CONTRADICTION = "widerspruch"
    SYNONYM = "synonym"
    TYPO = "tippfehler"
    UMLAUT = "umlaute"
    COLLOQUIAL = "umgangssprache"
    DIALECT = "dialekt"
    ENGLISH = "englisch"
    FOLLOW_UP = "folgefrage"
    DOUBLE = "doppelfrage"
    NEAR = "nah"
    GREETING = "gruss"
    HOSTILE = "feindlich"
    FOREIGN = "fremd"


class Asker(StrEnum):
    """Who would ask it."""

    CLERK = "sachbearbeitung"
    MAYOR = "buergermeisteramt"
    TREASURER = "kaemmerei"
    IT = "it"
    COUNCIL = "gemeinderat"
    HEAD_OFFICE = "hauptamt"
    VOLUNTEER = "ehrenamt"


class Expected(StrEnum):
    """How a correct answer ends. `EXPIRED` is an answer that says that the matter has ended."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CLARIFY = "clarify"
    EXPIRED = "expired"
    UNANSWERABLE = "unanswerable"
    OUT_OF_SCOPE = "out_of_scope"
    SMALL_TALK = "small_talk"
    BLOCKED = "blocked"

    @property
    def has_answer(self) -> bool:
        """Tell whether the corpus carries facts for it."""
        return self in (Expected.ANSWERED, Expected.PARTIAL, Expected.EXPIRED)


class Split(StrEnum):
    """What a question may be used for."""

    TUNE = "tune"
    HELD_OUT = "held-out"


_VARIANTS: Final = frozenset({Kind.FOLLOW_UP, Kind.TYPO, Kind.UMLAUT, Kind.COLLOQUIAL, Kind.DIALECT, Kind.ENGLISH})


class Question(BaseModel):
    """One question with what a correct answer holds."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    id: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
    question: Text = Field(alias="frage")
    history: list[Text] = Field(alias="verlauf", default_factory=list)
    kind: Kind = Field(alias="art")
    asker: Asker = Field(alias="wer")
    expected: Expected = Field(alias="erwartet")
    facts: list[Annotated[list[Text], Field(min_length=1)]] = Field(alias="fakten", default_factory=list)
    forbidden: list[Text] = Field(alias="verboten", default_factory=list)
    passages: list[Text] = Field(alias="belege", default_factory=list)
    clean: str = Field(alias="klartext", default="")
    absent: list[Text] = Field(alias="fehlt", default_factory=list)
    remark: str = Field(alias="hinweis", default="")
    _topic: str = PrivateAttr(default="")

    @model_validator(mode="after")
    def _complete(self) -> Question:
        if self.expected.has_answer and not (self.facts and self.passages):
            raise ValueError("Eine Frage mit Antwort braucht „fakten“ und „belege“.")
        if not self.expected.has_answer and self.expected is not Expected.CLARIFY and (self.facts or self.passages):
            raise ValueError("Eine Frage ohne Antwort hat weder „fakten“ noch „belege“.")
        if self.kind is Kind.FOLLOW_UP and not self.history:
            raise ValueError("Eine Folgefrage braucht „verlauf“.")
        if self.kind in _VARIANTS and not self.clean and self.expected.has_answer:
            raise ValueError(f"Die Art „{self.kind}“ braucht „klartext“.")
        return self

    @property
    def topic(self) -> str:
        """The file that the question comes from."""
        return self._topic

    @property
    def split(self) -> Split:
        """Tune or held-out, by the hash of topic and number alone: it never changes as questions join or leave.

        The hash orders the five numbers of a block, so that every topic is split alike.
        """
        tail = self.id.rpartition("-")[2]
        number = int(tail) if tail.isdigit() else int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4])
        block = number // BLOCK

        def rank(place: int) -> bytes:
            return hashlib.sha256(f"{self.topic}/{block}/{place}".encode()).digest()

        order = sorted(range(BLOCK), key=rank)
        return Split.TUNE if order.index(number % BLOCK) < TUNE_OF_BLOCK else Split.HELD_OUT


_QUESTIONS: Final = TypeAdapter(list[Question])


def load_questions(folder: Path = FOLDER) -> tuple[list[Question], list[Problem]]:
    """Read every topic's file; return the questions and all problems."""
    questions: list[Question] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        text, unreadable = read_text(path, path.name)
        if text is None:
            problems += unreadable
            continue
        reading = read_typed(text, _QUESTIONS, path.name)
        problems += reading.problems
        for question in reading.value or []:
            question._topic = path.stem
            questions.append(question)
    return questions, problems


def check_questions(questions: Iterable[Question], passages: Mapping[str, Passage]) -> list[Problem]:
    """Hold the set against the corpus: facts stand in their passages, absent things nowhere, nothing twice."""
    questions = list(questions)
    folded = {name: fold(passage.indexed_text) for name, passage in passages.items()}
    statements = [
        fold(" ".join((passage.title, *passage.heading_path, text)))
        for passage in passages.values()
        for text in passage.sentence_texts()
    ]
    found = [problem for question in questions for problem in _carried(question, folded, statements)]
    found += _duplicates(questions)
    asked = {name.partition(".")[0] for question in questions for name in question.passages}
    for document in sorted({passage.document_id for passage in passages.values()} - asked):
        found.append(Problem("", 0, "dokument-ungefragt", f"Zum Dokument „{document}“ gibt es keine Frage."))
    return sorted(found)


def _carried(question: Question, folded: Mapping[str, str], statements: list[str]) -> Iterator[Problem]:
    file = f"{question.topic}.yaml"
    unknown = [name for name in question.passages if name not in folded]
    for name in unknown:
        yield Problem(file, 0, "beleg-unbekannt", f"{question.id}: Die Stelle „{name}“ gibt es nicht.")
    evidence = " ".join(folded[name] for name in question.passages if name in folded)
    for forms in question.facts:
        if not any(fold(form) in evidence for form in forms):
            yield Problem(file, 0, "fakt-unbelegt", f"{question.id}: {forms} steht in keiner der genannten Stellen.")
    for phrase in question.absent:
        wanted = fold(phrase).split()
        if any(all(word in statement for word in wanted) for statement in statements):
            yield Problem(file, 0, "doch-vorhanden", f"{question.id}: „{phrase}“ steht doch im Korpus.")


def _duplicates(questions: list[Question]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    by_topic: dict[str, list[tuple[Question, frozenset[str]]]] = {}
    for question in questions:
        if question.id in seen:
            yield Problem(f"{question.topic}.yaml", 0, "kennung-doppelt", f"{question.id} gibt es zweimal.")
        seen[question.id] = question.topic
        grams = frozenset(terms(" ".join((*question.history, question.question))))
        by_topic.setdefault(question.topic, []).append((question, grams))
    for topic, rows in by_topic.items():
        for (one, first), (two, second) in combinations(rows, 2):
            if first and len(first & second) / len(first | second) > SAME_QUESTION:
                yield Problem(f"{topic}.yaml", 0, "frage-doppelt", f"{two.id} fragt dasselbe wie {one.id}.")
