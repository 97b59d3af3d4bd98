"""A question that names no subject is asked back, with the readings that the corpus can answer.

„Bis wann müssen wir das melden?" may mean a data breach or a funded measure: guessing would hand somebody the wrong
deadline. The readings are section questions of different documents, so each of them has an answer.
"""

from __future__ import annotations

from typing import Final

from assistant.answering.context import Context, Resources
from assistant.answering.evidence import Evidence
from assistant.answering.outcomes import OUTCOME_TEXTS, Outcome
from indexer.analysis import words

MAX_SUBJECT: Final = 1
"""Words of a subject that a vague question may have: the verb mostly."""
MAX_WORDS: Final = 9
"""A longer question describes a situation, and that is its subject."""
READINGS: Final = 3
MIN_READINGS: Final = 2
_POINTING: Final = frozenset(
    "das es dies diese dieses die den dem er sie ihn dafur davon dazu damit daran darauf da it this that they them".split()
)


def clarify(context: Context, resources: Resources) -> None:
    """End the walk by asking back if the question points at something that was never named."""
    if context.history or context.is_part or not is_vague(context):
        return
    readings = _readings(context, resources)
    if len(readings) < MIN_READINGS:
        return
    context.suggestions = readings
    context.outcome = Outcome.CLARIFY
    context.text = OUTCOME_TEXTS[Outcome.CLARIFY][context.language]


def is_vague(context: Context) -> bool:
    """Tell whether a question has a pronoun in place of a subject."""
    assert isinstance(context.evidence, Evidence)
    asked = words(context.question)
    if len(asked) > MAX_WORDS or len(context.evidence.asked) > MAX_SUBJECT:
        return False
    # The first word asks; a pronoun right behind a verb points.
    return any(word in _POINTING for word in asked[1:])


def _readings(context: Context, resources: Resources) -> list[str]:
    """Return the nearest section question of each of the first documents."""
    assert context.query_vector is not None
    found: dict[str, str] = {}
    for hit in context.hits:
        document = hit.passage.document_id
        questions = [q for q in hit.passage.questions if q.endswith("?")]
        if document in found or not questions:
            continue
        vectors = resources.generation.question_vectors.group(resources.generation.position[hit.passage.id])
        near = vectors @ context.query_vector
        best = max(range(len(hit.passage.questions)), key=lambda n: (hit.passage.questions[n].endswith("?"), near[n]))
        found[document] = hit.passage.questions[best]
        if len(found) == READINGS:
            break
    return list(found.values())
