"""A question that names no subject is asked back, with the readings that the corpus can answer.

„Bis wann müssen wir das melden?" may mean a data breach or a funded measure: guessing would hand somebody the wrong
deadline. The readings are section questions of different documents, so each of them has an answer.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from assistant.answering.context import Context, Resources
from assistant.answering.evidence import Evidence
from assistant.answering.names import named_places
from assistant.answering.outcomes import OUTCOME_TEXTS, Locale, Outcome
from indexer.analysis import fold
from indexer.vocabulary import Vocabulary

MAX_SUBJECT: Final = 1
"""Words of a subject that a vague question may have: the verb mostly."""
MAX_WORDS: Final = 9
"""A longer question describes a situation, and that is its subject."""
READINGS: Final = 3
MIN_READINGS: Final = 2
_POINTING: Final[dict[Locale, frozenset[str]]] = {
    "de": frozenset("das es dies diese dieses die den dem er sie ihn dafur davon dazu damit daran darauf da".split()),
    "en": frozenset("it this that they them".split()),
}
_EMPTY: Final = frozenset({("gibt", "es"), ("gab", "es")})
"""A pronoun that stands for nothing."""
_TOKEN: Final = re.compile(r"[^\W_]+")


def clarify(context: Context, resources: Resources) -> None:
    """End the walk by asking back if the question points at something that was never named."""
    if context.history or context.is_part or not is_vague(context, resources.generation.vocabulary):
        return
    readings = _readings(context, resources)
    if len(readings) < MIN_READINGS:
        return
    context.suggestions = readings
    context.outcome = Outcome.CLARIFY
    context.text = OUTCOME_TEXTS[Outcome.CLARIFY][context.language]


def is_vague(context: Context, vocabulary: Vocabulary) -> bool:
    """Tell whether a question has a pronoun in place of a subject."""
    assert isinstance(context.evidence, Evidence)
    question = context.own_query
    asked = _TOKEN.findall(question.lower() if question.isupper() else question)
    if len(asked) > MAX_WORDS or len(context.evidence.asked) > MAX_SUBJECT:
        return False
    # The first word asks; a pronoun right behind a verb points, an article before a noun („das OZG") and „IT" do not.
    return any(
        fold(word) in _POINTING[context.language]
        and (fold(before), fold(word)) not in _EMPTY
        and not word.isupper()
        and not _is_noun(after, vocabulary)
        for (before, word), (_, after) in pairwise(pairwise([*asked, ""]))
    )


def _is_noun(token: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a word is a noun or a number by its first letter, or how the corpus writes it: „das lösegeld"."""
    number = vocabulary.number(fold(token)) if token.islower() else None
    written = token if number is None else str(vocabulary.surfaces[number])
    return written[:1].isupper() or written[:1].isdigit()


def _readings(context: Context, resources: Resources) -> list[str]:
    """Return the nearest section question of each of the first documents."""
    assert context.query_vector is not None
    found: dict[str, str] = {}
    for hit in context.hits:
        document = hit.passage.document_id
        # What names a place asks for more than was asked.
        questions = [n for n, q in enumerate(hit.passage.questions) if q.endswith("?") and not named_places(q)]
        # A course's exercise is no reading of what somebody wants to know.
        if document in found or not questions or all(sentence.teaching for sentence in hit.passage.sentences):
            continue
        vectors = resources.generation.question_vectors.group(resources.generation.position[hit.passage.id])
        near = vectors @ context.query_vector
        found[document] = hit.passage.questions[max(questions, key=near.__getitem__)]
        if len(found) == READINGS:
            break
    return list(found.values())
