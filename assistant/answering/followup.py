"""Which earlier questions a follow-up leans on: „und für Landkreise?" means nothing without them.

On the tune part the earlier questions in front of the follow-up found its passages best (recall@5 0.94, with the
follow-up alone 0.40; docs/measurements.md), so the rewrite is these words, not a guess at a sentence.
"""

from __future__ import annotations

import re
from typing import Final

from assistant.answering.names import is_generic
from indexer.analysis import fold, words

MAX_HISTORY: Final = 3
"""Earlier questions that may complete a follow-up."""
FEW: Final = 2
"""A question with at most so many words of its own leans if it has a pronoun."""

_STARTS: Final = re.compile(
    r"^(?:und|aber|oder|auch|also|dann|ausserdem|sonst|nochmal|noch mal|zuruck|and|but|also|then|what about"
    r"|how about)\b"
)
# Words that point to what was said before, wherever they stand.
_POINTING: Final = re.compile(
    r"\b(?:da|dort|dorthin|dabei|dafur|dagegen|daher|damit|danach|daran|darauf|daraus|darin|daruber|darum|davon|davor|dazu"
    r"|denen|deren|dessen|diese[rnms]?|dies|jene[rnms]?|solche[rn]?|there|those|them|these)\b"
)
_PRONOUNS: Final = frozenset("das der die er sie es ihn ihm ihr ihnen it that this they".split())
_COMPUTERS: Final = re.compile(r"\bIT\b|\bit(?=-)|(?<=-)it\b", re.ASCII)
"""„IT" and „it-sicherheit" are no English pronoun."""
_BACK: Final = re.compile(
    r"\b(?:zuruck zu|nochmal z|noch mal z|wie gesagt|vorhin|eben genannt|ersten?|zweiten?|letzteren?)\b"
)


def leaning_on(question: str, history: tuple[str, ...]) -> tuple[str, ...]:
    """Return the earlier questions that complete `question`, oldest first; none if it stands on its own feet.

    A question leans if it begins like a continuation, points back („dort", „davon"), or names hardly a subject but a
    pronoun. What it leans on reaches back to the last question that stood on its own.
    """
    if not history or not leans(question):
        return ()
    needed: list[str] = []
    for earlier in reversed(history):
        needed.insert(0, earlier)
        if not leans(earlier) and not _BACK.search(fold(question)):
            break
    return tuple(needed)


def leans(question: str) -> bool:
    """Tell whether a question needs the one before it to be understood."""
    folded = fold(question).strip()
    asked = words(question)
    subject = [word for word in asked if not is_generic(word)]
    if not subject or _STARTS.search(folded) or _POINTING.search(folded):
        return True
    pointing = words(_COMPUTERS.sub("Technik", question))[1:]
    return len(subject) <= FEW and any(word in _PRONOUNS for word in pointing)
