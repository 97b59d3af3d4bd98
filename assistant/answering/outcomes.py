"""How an answer can end, and the texts that people read for it: German first, then English."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

Locale = Literal["de", "en"]


class Outcome(StrEnum):
    """The typed end of every walk along the answer path."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CLARIFY = "clarify"
    UNANSWERABLE = "unanswerable"
    OUT_OF_SCOPE = "out_of_scope"
    SMALL_TALK = "small_talk"
    BLOCKED = "blocked"
    ERROR = "error"


class Stage(StrEnum):
    """A step of the path, as the status line names it."""

    UNDERSTAND = "understand"
    CURATED = "curated"
    RETRIEVE = "retrieve"
    RANK = "rank"
    JUDGE = "judge"
    COMPOSE = "compose"
    VERIFY = "verify"
    ANNOTATE = "annotate"


class SmallTalk(StrEnum):
    """What a message that is no question wants."""

    GREETING = "greeting"
    THANKS = "thanks"
    HELP = "help"
    FAREWELL = "farewell"


OUTCOME_TEXTS: Final[dict[Outcome, dict[Locale, str]]] = {
    Outcome.UNANSWERABLE: {
        "de": "Dazu finde ich in den Unterlagen des Gemeindetags keine belegte Antwort. Ich nenne lieber nichts als "
        "etwas Falsches. Bitte fragen Sie genauer, oder wenden Sie sich an die Beratung des Gemeindetags.",
        "en": "I cannot find a documented answer to this in the association's material, and I would rather say nothing "
        "than something wrong. Please ask more precisely or contact the association's advisors.",
    },
    Outcome.OUT_OF_SCOPE: {
        "de": "Dazu kann ich nichts sagen. Ich beantworte Fragen zur Digitalisierung in Städten und Gemeinden: "
        "Förderung, Qualifizierung, Beratung und Vernetzung.",
        "en": "I cannot help with that. I answer questions about digitalisation in towns and municipalities: funding, "
        "training, advice and networking.",
    },
    Outcome.CLARIFY: {
        "de": "Das kann Verschiedenes meinen. Was möchten Sie wissen?",
        "en": "This can mean different things. What would you like to know?",
    },
    Outcome.PARTIAL: {
        "de": "Zu {missing} ist in den Unterlagen nichts belegt. Belegt ist:",
        "en": "The material says nothing about {missing}. It does say:",
    },
    Outcome.ERROR: {
        "de": "Bei der Antwort ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal.",
        "en": "Something went wrong while answering. Please try again.",
    },
}

SMALL_TALK_TEXTS: Final[dict[SmallTalk, dict[Locale, str]]] = {
    SmallTalk.GREETING: {
        "de": "Guten Tag! Was möchten Sie zur Digitalisierung in Ihrer Stadt oder Gemeinde wissen?",
        "en": "Hello! What would you like to know about digitalisation in your town or municipality?",
    },
    SmallTalk.THANKS: {
        "de": "Gern geschehen. Fragen Sie jederzeit weiter.",
        "en": "You are welcome. Ask me anything else at any time.",
    },
    SmallTalk.FAREWELL: {
        "de": "Auf Wiedersehen, und viel Erfolg im Rathaus!",
        "en": "Goodbye, and all the best for your work!",
    },
    SmallTalk.HELP: {
        "de": "Ich bin Lotse. Stellen Sie mir eine Frage zu Förderung, Qualifizierung, Beratung oder Vernetzung rund "
        "um die Digitalisierung in Kommunen. Ich antworte mit Sätzen aus den Unterlagen des Gemeindetags und nenne "
        "zu jedem Satz die Quelle. Was nicht belegt ist, sage ich nicht.",
        "en": "I am Lotse. Ask me about funding, training, advice or networking for the digitalisation of "
        "municipalities. I answer with sentences from the association's material, each with its source. What is not "
        "documented, I do not say. The sources are in German.",
    },
}

STAGE_TEXTS: Final[dict[Stage, dict[Locale, str]]] = {
    Stage.UNDERSTAND: {"de": "Ich lese Ihre Frage …", "en": "Reading your question …"},
    Stage.CURATED: {"de": "Ich sehe nach geprüften Antworten …", "en": "Looking for reviewed answers …"},
    Stage.RETRIEVE: {"de": "Ich suche in den Unterlagen …", "en": "Searching the material …"},
    Stage.RANK: {"de": "Ich vergleiche die Sätze mit Ihrer Frage …", "en": "Comparing sentences with your question …"},
    Stage.JUDGE: {"de": "Ich prüfe, ob die Fundstellen antworten …", "en": "Checking whether the passages answer …"},
    Stage.COMPOSE: {"de": "Ich wähle die Sätze aus …", "en": "Selecting the sentences …"},
    Stage.VERIFY: {"de": "Ich vergleiche die Zitate mit der Quelle …", "en": "Comparing quotes with their sources …"},
    Stage.ANNOTATE: {"de": "Ich prüfe, was noch gilt …", "en": "Checking what is still in force …"},
}

FUTURE_DATE: Final[dict[Locale, str]] = {"de": "einem künftigen Termin", "en": "a future date"}
"""What is missing when a question asks for what is to come and the evidence knows the past only."""

NOTICE_REVIEWED: Final[dict[Locale, str]] = {
    "de": "Diese Antwort hat die Beratung am {date} geprüft.",
    "en": "The advisors reviewed this answer on {date}.",
}
RECORDS_MORE: Final[dict[Locale, str]] = {
    "de": "Das sind die ersten nach Frist; {count} weitere passen auch.",
    "en": "These are the first by deadline; {count} more match as well.",
}
RECORDS_UNCLEAR: Final[dict[Locale, str]] = {
    "de": "Bei {count} weiteren Programmen nennen die Quellen nicht, ob sie noch offen sind. "
    "Sie stehen nicht in der Liste.",
    "en": "For {count} more programmes the sources do not say whether they are still open; they are not listed.",
}

ENGLISH_FRAME: Final = "The material is in German and is quoted word for word."
"""Said to who asks in English, before German quotes."""

NOTICE_EXPIRED_ON: Final[dict[Locale, str]] = {
    "de": "„{title}“ beschreibt etwas, das am {date} abgelaufen ist.",
    "en": "“{title}” describes something that expired on {date}.",
}
NOTICE_EXPIRED: Final[dict[Locale, str]] = {
    "de": "„{title}“ beschreibt etwas, das ausgelaufen ist.",
    "en": "“{title}” describes something that has ended.",
}
NOTICE_DISAGREE: Final[dict[Locale, str]] = {
    "de": "Die Quellen nennen dazu Verschiedenes. Bitte lesen Sie beide Angaben.",
    "en": "The sources disagree on this. Please read both.",
}
NOTICE_YEAR: Final[dict[Locale, str]] = {
    "de": "Das Jahr {years} kommt in den zitierten Sätzen nicht vor. Bitte prüfen Sie, ob die Angaben dafür gelten.",
    "en": "The quoted sentences do not mention {years}. Please check whether they apply to it.",
}
NOTICE_OVER: Final[dict[Locale, str]] = {
    "de": "Etwas davon gibt es nicht mehr oder wurde abgelöst. Bitte beachten Sie Quelle {number}.",
    "en": "Some of this has ended or was replaced. Please see source {number}.",
}
NOTICE_PAST_DAY: Final[dict[Locale, str]] = {
    "de": "Der genannte Zeitpunkt ({date}) liegt zurück.",
    "en": "The date named here ({date}) has passed.",
}
NOTICE_UNCLEAR: Final[dict[Locale, str]] = {
    "de": "Ob „{title}“ noch dem heutigen Stand entspricht, ist nicht belegt.",
    "en": "It is not documented whether “{title}” is still current.",
}
NOTICE_NOT_YET: Final[dict[Locale, str]] = {
    "de": "„{title}“ gilt erst ab {date}.",
    "en": "“{title}” is in force only from {date}.",
}
NOTICE_STATEMENT_EXPIRED: Final[dict[Locale, str]] = {
    "de": "Mindestens eine der zitierten Angaben ist abgelaufen und gilt heute nicht mehr.",
    "en": "At least one of the quoted statements has expired and no longer applies.",
}
NOTICE_STATEMENT_NOT_YET: Final[dict[Locale, str]] = {
    "de": "Mindestens eine der zitierten Angaben gilt erst ab {date}.",
    "en": "At least one of the quoted statements is in force only from {date}.",
}
NOTICE_STATEMENT_UNCLEAR: Final[dict[Locale, str]] = {
    "de": "Ob alles Zitierte heute noch so angeboten wird, nennen die Quellen nicht.",
    "en": "The sources do not say whether everything quoted is still offered today.",
}
NOTICE_OLD: Final[dict[Locale, str]] = {
    "de": "Eine zitierte Angabe hat den Stand {stand} und kann überholt sein.",
    "en": "A quoted statement dates from {stand} and may be out of date.",
}
NOTICE_ENGLISH_EXPIRED: Final = "What the sources describe here has ended:"
NOTICE_ENGLISH_UNCLEAR: Final = "Please note that this may no longer be current:"
