"""Step 1: clean the question, tell its language, recognise small talk, complete a follow-up."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from assistant.answering.context import Context, Resources
from assistant.answering.names import is_generic
from assistant.answering.outcomes import SMALL_TALK_TEXTS, Locale, Outcome, SmallTalk
from indexer.analysis import words

_ENGLISH: Final = frozenset(
    """
        the is are was were what when where which who how much many does do did can could a an of for to in
        and or my our we you your there any about please from with this that has have it its not get apply
    """.split()
)
_GERMAN: Final = frozenset(
    """
        der die das den dem des ein eine einen einem einer ist sind war waren was wann wo welche welcher
        welches wer wie viel viele kann konnen darf muss gibt es von fur zu im und oder mein unser wir sie
        ihr man uber bitte aus mit dieses hat haben nicht bekommen noch wird werden bei zum zur auf ich
    """.split()
)

_SMALL_TALK: Final[tuple[tuple[SmallTalk, frozenset[str]], ...]] = (
    (
        SmallTalk.THANKS,
        frozenset(
            """
            danke dank vielen herzlichen besten dankeschon merci thanks thank you very much
        """.split()
        ),
    ),
    (
        SmallTalk.FAREWELL,
        frozenset(
            """
            tschuss ciao auf wiedersehen bis bald schonen tag noch feierabend bye goodbye ade
        """.split()
        ),
    ),
    (
        SmallTalk.GREETING,
        frozenset(
            """
                hallo hi hey guten tag morgen abend gruss gott servus moin gruezi hello good morning
                liebe lieber lotse na zusammen mahlzeit
            """.split()
        ),
    ),
    (
        SmallTalk.HELP,
        frozenset(
            """
                hilfe help wer bist du was kannst was konnen sie sind machst tun wie funktioniert
                funktionierst das hier what can you do who are lotse
            """.split()
        ),
    ),
)
MAX_SMALL_TALK_WORDS: Final = 6

# Words with which a question leans on the one before it: „und für Landkreise?", „wie lange gilt das?".
_LEANING_STARTS: Final = frozenset(
    """
    und aber oder auch and also
""".split()
)
_PRONOUNS: Final = frozenset(
    """
        das dies dieses dieser diese davon dafur dazu dabei damit daran er sie es ihn ihm ihr deren dessen
        it that this they
    """.split()
)
_PAST: Final = re.compile(
    r"\b(?:war|waren|wurde|wurden|gab|bekam|bekamen|erhielt|erhielten|hatte|hatten|damals|fruher|was|were|did|got)\b"
    r"|\b(?:hat|haben|has)\b.*\b(?:\w*(?:bekom|erhalten|gewon|gekostet|gegeben|beworben|kritisiert))\w*"
)
MAX_HISTORY: Final = 3
"""Earlier questions that may complete a follow-up."""


def understand(context: Context, resources: Resources) -> None:
    """Fill `question`, `language`, `query` and `about_past`; end with small talk if it is no question."""
    context.question = clean(context.question)
    asked = words(context.question)
    context.language = detect_language(asked, context.locale)
    talk = small_talk(asked)
    if talk is not None:
        context.outcome = Outcome.SMALL_TALK
        context.text = SMALL_TALK_TEXTS[talk][context.language]
        return
    context.query = standalone(context.question, context.history)
    context.about_past = is_about_past(asked, resources.today.year)


def clean(text: str) -> str:
    """Return `text` in NFC with control characters and runs of white space as single spaces."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\u200d" else c for c in text)
    return re.sub(r"\s+", " ", text).strip()


def detect_language(asked: list[str], fallback: Locale) -> Locale:
    """Tell German from English by function words; `fallback` decides where there are none."""
    english = sum(word in _ENGLISH and word not in _GERMAN for word in asked)
    german = sum(word in _GERMAN and word not in _ENGLISH for word in asked)
    if english == german:
        return "de" if fallback == "de" or not asked else fallback
    return "en" if english > german else "de"


def small_talk(asked: list[str]) -> SmallTalk | None:
    """Return the kind of small talk if the message holds nothing else."""
    if not asked or len(asked) > MAX_SMALL_TALK_WORDS:
        return None
    for kind, vocabulary in _SMALL_TALK:
        if all(word in vocabulary for word in asked):
            return kind
    return None


def standalone(question: str, history: tuple[str, ...]) -> str:
    """Return the question with what it leans on from the conversation, or as it is.

    A question leans if it begins like a continuation, or names no subject of its own but a pronoun or nothing.
    """
    earlier = [clean(text) for text in history[-MAX_HISTORY:] if text.strip()]
    if not earlier:
        return question
    asked = words(question)
    subject = [word for word in asked if not is_generic(word)]
    leans = bool(asked) and asked[0] in _LEANING_STARTS
    leans = leans or not subject or (len(subject) <= 1 and any(word in _PRONOUNS for word in asked))
    if not leans:
        return question
    # The nearest earlier question that names a subject; a chain of follow-ups leans on its beginning.
    for text in reversed(earlier):
        named = [word for word in words(text) if not is_generic(word)]
        if len(named) >= 2 or text is earlier[0]:
            return f"{text} {question}"
    return question


def is_about_past(asked: list[str], this_year: int) -> bool:
    """Tell whether the question is about what was: a past tense or a year before this one."""
    if any(word.isdigit() and len(word) == 4 and 1990 <= int(word) < this_year for word in asked):
        return True
    return _PAST.search(" ".join(asked)) is not None
