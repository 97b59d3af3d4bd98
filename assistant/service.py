"""The loaded service: one embedder, one open generation, the conversations; what API and command line ask."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from cachetools import LRUCache

from assistant.answering.context import Context, Resources
from assistant.answering.outcomes import Locale, Outcome, Stage
from assistant.answering.path import make_resources, steps, walk
from assistant.api.schema import (
    AnswerShape,
    DocumentShape,
    PassageShape,
    answer_shape,
    document_shape,
    passage_shape,
)
from assistant.clock import clock
from assistant.errors import NotFound
from assistant.settings import Settings, prepare_data_dir
from assistant.state.conversations import Conversations, new_id
from indexer.embedding import load_embedder
from indexer.generation import Generation

logger = logging.getLogger("lotse")

MAX_CACHED: Final = 512
"""Walked questions that are kept: an answer takes some 20 kB."""
MAX_EXAMPLES: Final = 20
"""Example questions that are kept for a day."""


@dataclass
class Asked:
    """A question with what is known about who asks."""

    question: str
    locale: Locale = "de"
    history: tuple[str, ...] = ()
    conversation_id: str | None = None


class Service:
    """Answers questions over the served generation."""

    def __init__(self, settings: Settings, *, remember: bool = True) -> None:
        """Load model, index and database; raises IndexerError or LotseError, each with what to do.

        `remember=False` answers without a database, for the command line and for measurements.
        """
        prepare_data_dir(settings)
        self.embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
        self.generation = Generation(settings.data_dir, model_id=self.embedder.model_id)
        self.conversations = Conversations(settings.database) if remember else None
        self._clock = clock(settings.today)
        self._resources = make_resources(self.generation, self.embedder, self._clock())
        fitted_for = self._resources.calibration.model_id
        if fitted_for != self.embedder.model_id:
            logger.warning(
                "Die Schwelle, ab der Lotse antwortet, ist für %s geeicht, nicht für %s: "
                "Bitte python -m eval.calibration ausführen.",
                fitted_for,
                self.embedder.model_id,
            )
        self._examples: tuple[str, list[str]] = ("", [])
        self._walked: LRUCache[Hashable, Context] = LRUCache(MAX_CACHED)
        self._walked_lock = Lock()

    def resources(self) -> Resources:
        """Return what the answer path needs, with today's date."""
        return replace(self._resources, today=self._clock())

    def answer(self, asked: Asked) -> AnswerShape:
        """Answer a question and remember it."""
        *_, shape = self.walk(asked)
        assert isinstance(shape, AnswerShape)
        return shape

    def walk(self, asked: Asked) -> Iterator[Stage | AnswerShape]:
        """Yield each stage before it runs, at last the answer; raises NotFound for an unknown conversation."""
        history = asked.history
        if asked.conversation_id is not None and self.conversations is not None:
            history = (*self.conversations.questions(asked.conversation_id), *history)
        resources = self.resources()
        # The same question has the same answer until the documents, the reviewed answers or the day change.
        key = (resources.generation.name, resources.today, resources.curated, asked.locale, asked.question, history)
        with self._walked_lock:
            context = self._walked.get(key)
        if context is not None:
            yield Stage.UNDERSTAND  # a stream begins with a stage
        else:
            context = Context(asked.question, asked.locale, history)
            yield from steps(context, resources)
            # Only what is sent is kept: the evidence of a long question alone takes megabytes.
            context = replace(context, evidence=None, query_vector=None, hits=[], ranked=[], chosen=[])
            with self._walked_lock:
                self._walked[key] = context
        conversation_id, answer_id = asked.conversation_id or new_id(), new_id()
        shape = answer_shape(context, answer_id, conversation_id, self.generation.name)
        if self.conversations is not None:
            self.conversations.record(conversation_id, answer_id, context.question, shape.model_dump(mode="json"))
        yield shape

    def passage(self, passage_id: str) -> PassageShape:
        """Return a passage; raises NotFound."""
        passage = self.generation.catalogue.passages([passage_id]).get(passage_id)
        document = self.generation.catalogue.document(passage.document_id) if passage else None
        if passage is None or document is None:
            raise NotFound("Diese Stelle gibt es in den Unterlagen nicht (mehr).")
        siblings = [sibling.id for sibling in self.generation.catalogue.passages_of(document.id)]
        return passage_shape(passage, document, siblings, self._clock())

    def documents(self) -> list[DocumentShape]:
        """Return all documents."""
        return [self._document(document.id) for document in self.generation.catalogue.documents()]

    def document(self, document_id: str) -> DocumentShape:
        """Return a document; raises NotFound."""
        return self._document(document_id)

    def _document(self, document_id: str) -> DocumentShape:
        document = self.generation.catalogue.document(document_id)
        if document is None:
            raise NotFound("Dieses Dokument gibt es nicht (mehr).")
        passages = [passage.id for passage in self.generation.catalogue.passages_of(document_id)]
        return document_shape(document, passages, self._clock())

    def examples(self, count: int) -> list[str]:
        """Return questions that the corpus answers, each of another document, others every day."""
        today = self._clock().isoformat()
        if self._examples[0] != today:
            self._examples = (today, self._find_examples(today))
        return self._examples[1][:count]

    def _find_examples(self, today: str) -> list[str]:
        picked: dict[str, str] = {}
        for passage in self.generation.catalogue.all_passages():
            for question in passage.questions:
                if passage.document_id not in picked and _presentable(question):
                    picked[passage.document_id] = question
        order = sorted(picked, key=lambda key: hashlib.sha256(f"{today}{key}".encode()).digest())
        found: list[str] = []
        for question in (picked[key] for key in order):
            # Only what is really answered is offered.
            if walk(question, self.resources()).outcome is Outcome.ANSWERED:
                found.append(question)
            if len(found) == MAX_EXAMPLES:
                break
        return found

    def close(self) -> None:
        """Release index and database."""
        self.generation.close()
        if self.conversations is not None:
            self.conversations.close()


def _presentable(question: str) -> bool:
    """Tell whether a section question reads well as an example: a whole German question of middling length."""
    return question[:1].isupper() and question.endswith("?") and 25 <= len(question) <= 90 and " the " not in question
