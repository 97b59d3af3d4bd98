"""Step 1: clean the question, tell its language and what it asks for, mend it, complete a follow-up, split a double
one.

Every rewrite is kept in the trace (`rewrites`), and what was typed is searched as well.
"""

from __future__ import annotations

from typing import Final

from assistant.answering.context import Context, Resources
from assistant.answering.followup import MAX_HISTORY
from assistant.answering.outcomes import SMALL_TALK_TEXTS, Locale, Outcome, SmallTalk
from assistant.answering.parts import split
from assistant.answering.reading import clean, read
from indexer.analysis import words

# „a" and „do" are dialect as well: „was isch a Digitallotse".
_ENGLISH: Final = frozenset(
    """
        the is are was were what when where which who how much many does did can could an of for to in
        and or my our we you your there any about please from with this that has have its not get apply
        at up would should be been they if but since want wants need at these those here
    """.split()
)
_GERMAN: Final = frozenset(
    """
        der die das den dem des ein eine einen einem einer ist sind war waren was wann wo welche welcher
        welches wer wie viel viele kann konnen darf muss gibt es von fur zu im und oder mein unser wir sie
        ihr man uber bitte aus mit dieses hat haben nicht bekommen noch wird werden bei zum zur auf ich
        wieviel nach vor sich schon nur mal uns euch mir mich isch net ned da beim vom seit bis auch drin
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
                hilfe help wer bist du was kannst was konnen sie sind machst tun wie funktioniert alles so
                funktionierst das hier what can you do who are lotse me mir helfen kann hi hallo hello bitte please
                ein eine bot mensch maschine chatbot for how does this work
            """.split()
        ),
    ),
)
MAX_SMALL_TALK_WORDS: Final = 6
ENGLISH_SHARE: Final = 6
"""One word in so many must be an English function word for a question to be English."""


def understand(context: Context, resources: Resources) -> None:
    """Fill what the later steps know of the question; end with small talk if it is no question."""
    context.question = clean(context.question)
    asked = words(context.question)
    context.language = detect_language(asked, context.locale)
    talk = small_talk(asked)
    if talk is not None:
        context.outcome = Outcome.SMALL_TALK
        context.text = SMALL_TALK_TEXTS[talk][context.language]
        return
    history = tuple(clean(text) for text in context.history[-MAX_HISTORY:] if text.strip())
    context.parts = split(context.question) if not context.is_part else ()
    read(context, history, resources)


def detect_language(asked: list[str], fallback: Locale) -> Locale:
    """Tell German from English by function words; `fallback` decides where there are none."""
    english = sum(word in _ENGLISH and word not in _GERMAN for word in asked)
    german = sum(word in _GERMAN and word not in _ENGLISH for word in asked)
    if english == german:
        return "de" if fallback == "de" or not asked else fallback
    # „Mir welled a WLAN": a dialect has a few words that look English.
    return "en" if english > german and english * ENGLISH_SHARE >= len(asked) else "de"


def small_talk(asked: list[str]) -> SmallTalk | None:
    """Return the kind of small talk if the message holds nothing else."""
    if not asked or len(asked) > MAX_SMALL_TALK_WORDS:
        return None
    for kind, vocabulary in _SMALL_TALK:
        if all(word in vocabulary for word in asked):
            return kind
    return None
