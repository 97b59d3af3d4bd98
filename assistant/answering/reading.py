"""What a question says: mended words, what it leans on, other names, kinds of value, time, and the words to be held.

Used for a whole question and for each part of a double one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from assistant.answering.context import Context, Resources
from assistant.answering.evidence import Evidence, asked_words
from assistant.answering.expand import MAX_TERMS, added_names
from assistant.answering.followup import leaning_on
from assistant.answering.kinds import asked_kinds
from assistant.answering.spelling import mend
from indexer.analysis import fold, words

_PAST: Final = re.compile(
    r"\b(?:war|waren|wurde|wurden|gab|bekam|bekamen|erhielt|erhielten|hatte|hatten|damals|fruher|was|were|did|got)\b"
    r"|\b(?:hat|haben|has)\b.*\b(?:\w*(?:bekom|erhalten|gewon|gekostet|gegeben|beworben|kritisiert))\w*"
)


def read(context: Context, history: tuple[str, ...], resources: Resources, *, leaning: bool = False) -> None:
    """Fill query, kinds, time and evidence of a question, whole or part, that follows `history`.

    `leaning` says that it follows the last of them for sure.
    """
    vocabulary = resources.generation.vocabulary
    german = context.language == "de"
    mended = mend(context.question, vocabulary, german=german)
    _note(context, "spelling", context.question, mended)
    leading = leaning_on(mended, history) or (history[-1:] if leaning else ())
    earlier = " ".join(mend(text, vocabulary, german=german) for text in leading)
    context.query = f"{earlier} {mended}".strip()
    _note(context, "follow_up", mended, context.query)
    context.own_query = mended
    own = asked_words(mended, context.language)
    before = [word for word in asked_words(earlier, context.language) if word not in own]
    names: dict[str, list[str]] = {}
    added: list[str] = []
    for name in resources.names.used(context.query)[:MAX_TERMS]:
        for word in name.words:
            names.setdefault(word, []).extend(fold(other) for other in (name.term.term, name.term.full) if other)
        # Only words that the corpus does not hold are searched with under other names: for the others the official
        # name is one more way to miss (docs/measurements.md).
        if any(vocabulary.number(word) is None for word in name.words):
            added += added_names(name, words(context.query))
    context.added = tuple(dict.fromkeys(added))
    if context.added:
        context.rewrites["glossary"] = ", ".join(context.added)
    context.kinds = asked_kinds(mended) or (asked_kinds(leading[-1]) if leading else frozenset())
    context.about_past = is_about_past(words(mended), resources.today.year)
    context.evidence = Evidence([*own, *before], resources.generation, earlier=frozenset(before), names=names)


def _note(context: Context, kind: str, before: str, after: str) -> None:
    """Keep a rewrite for the trace if it changed anything."""
    if before != after:
        context.rewrites[kind] = after


def clean(text: str) -> str:
    """Return `text` in NFC with control characters and runs of white space as single spaces."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\u200d" else c for c in text)
    return re.sub(r"\s+", " ", text).strip()


def is_about_past(asked: list[str], this_year: int) -> bool:
    """Tell whether the question is about what was: a past tense or a year before this one."""
    if any(word.isdigit() and len(word) == 4 and 1990 <= int(word) < this_year for word in asked):
        return True
    return _PAST.search(" ".join(asked)) is not None
