"""What kind of value a question asks for, and whether a statement holds one: an amount for „wie viel", say.

Patterns over folded text (:func:`indexer.analysis.fold`); German first, then English. A question may ask for several.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from indexer.analysis import CACHED_WORDS, fold


class Asked(StrEnum):
    """The kind of value or shape of answer that a question asks for."""

    AMOUNT = "amount"
    COUNT = "count"
    DATE = "date"
    DURATION = "duration"
    PHONE = "phone"
    ADDRESS = "address"
    PERSON = "person"
    PLACE = "place"
    PARAGRAPH = "paragraph"
    DEFINITION = "definition"
    PROCEDURE = "procedure"
    LIST = "list"
    COMPARISON = "comparison"
    YES_NO = "yes_no"


VALUES: Final = frozenset(
    {Asked.AMOUNT, Asked.COUNT, Asked.DATE, Asked.DURATION, Asked.PHONE, Asked.ADDRESS, Asked.PARAGRAPH}
)
"""Kinds whose presence in a statement can be seen by its form."""

_MONEY: Final = (
    r"zahl\w*|gezahlt|bezahlt|bezahlen|kost\w*|gekostet|geld|euro|zuschuss\w*|forder(?:ung|satz|quote|summe"
    r"|betrag)\w*|betrag|summe"
    r"|preis|gebuhr\w*|teuer|verlangt|berechne\w*|verdien\w*|gehalt|zinssatz|zinsen|umlage|beitrag|budget"
    r"|pramie|preisgeld"
    r"|bekomm\w*|bekam\w*|erhalt\w*|erhielt\w*|kriegt?\w*|gekriegt|gab|gibt|dazu|wert"
)
_QUESTIONS: Final[tuple[tuple[Asked, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            Asked.AMOUNT,
            r"\b(?:wie ?viel|wievil|wieviel|welche[nr]?|wie hoch|was|how much"
            r"|what)\b(?:\W+\w+){0,9}?\W+(?:" + _MONEY + r")\b"
            r"|\bwie ?(?:hoch|teuer)\b|\b(?:wie ?viel|wievil) (?:geld|euro|prozent|zuschuss|forderung)\b"
            r"|\b(?:kostet|kosten|preis|gebuhr|betrag|summe|hochstbetrag|obergrenze|zuschuss|fordersatz|forderquote)\b"
            r"|\b(?:welche[rns]?|wie viel) (?:anteil|prozent\w*)\b|\bprozent(?:satz|anteil)\b"
            r"|\bhow (?:much|expensive)\b|\b(?:cost|costs|fee|price|amount|budget|rate)\b",
        ),
        (
            Asked.COUNT,
            r"\b(?:wie ?viele[nr]?|wieviele|wievile|anzahl|zahl der|how many)\b",
        ),
        (
            Asked.DURATION,
            r"\b(?:wie ?lang(?:e)?|dauert?|dauer|how long)\b|\bwie ?viele? (?:tage|wochen|monate|jahre|stunden)\b"
            r"|\bwie ?viel zeit\b|\bwie schnell\b",
        ),
        (
            Asked.DATE,
            r"\b(?:wann|bis wann|seit wann|ab wann|frist|fristen|stichtag|datum|termin|deadline|when)\b"
            r"|\ban welchem tag\b|\bin welchem jahr\b|\bwelche[sm]? (?:jahr|tag|datum)\b|\bwhat year\b"
            r"|\bzu spat\b|\bspatestens\b",
        ),
        (
            Asked.PHONE,
            r"\b(?:telefon\w*|durchwahl|rufnummer\w*|hotline\w*|phone|telefonnummer)\b"
            r"|\bwelche[rn]? nummer\b|\banrufen\b",
        ),
        (
            Asked.ADDRESS,
            r"\b(?:e ?-?mail\w*|mailadresse\w*|webadresse|internetadresse|url|link|website adresse)\b",
        ),
        (
            Asked.PERSON,
            r"\b(?:wer|wem|wen|who|whom)\b|\bwie heisst (?:der|die) (?:leiter|chef|prasident|beauftragte"
            r"|geschaftsfuhr|ansprechpart)\w*",
        ),
        (
            Asked.PLACE,
            r"\b(?:wo|where|wohin|woher|in welche[rnm]? (?:stadt|ort|gemeinde|gebaude|haus|raum))\b",
        ),
        (
            Asked.PARAGRAPH,
            r"\bwelche[rnm]? (?:paragra\w+|artikel|absatz|vorschrift|paragraf)\b|\brechtsgrundlage\b|\bwo steht\b",
        ),
        (
            Asked.DEFINITION,
            r"\bwas (?:ist|sind|heisst|bedeutet|meint|versteht man|soll das|steckt hinter)\b|\bwhat (?:is|are|does)\b"
            r"|\b(?:bedeutung|erklar\w*)\b|\bwofur steht\b",
        ),
        (
            Asked.PROCEDURE,
            r"\b(?:wie (?:beantrag\w*|stell\w*|melde\w*|bewerb\w*|geh\w*|mach\w*|komm\w*|reich\w*|lauft"
            r"|funktioniert|fang\w*)"
            r"|ablauf|vorgehen|schritte|how do (?:we|i)|how to)\b",
        ),
        (
            Asked.LIST,
            r"\b(?:welche|welchen|nenn\w*|liste\w*|aufzahl\w*|alle|uberblick|ubersicht|which|list)\b",
        ),
        (
            Asked.COMPARISON,
            r"\b(?:unterschied\w*|unterscheid\w*|vergleich\w*|verglichen|im gegensatz|statt|compared?"
            r"|difference|versus|vs"
            r"|besser als|mehr als|grosser|kleiner|gegenuber|jeweils)\b",
        ),
        (
            Asked.YES_NO,
            r"^(?:(?:und|aber|oder|also|na|sag mal) )?(?:ist|sind|hat|haben|kann|konnen|darf|durfen|muss|mussen"
            r"|gibt|gilt|gelten"
            r"|soll|sollen|braucht|brauchen|war|waren|wird|werden|lasst|bekommt|bekommen|zahlt|fordert|geht"
            r"|reicht|is|are|do|does"
            r"|can|must|may|has|have|did|was|were|should|could|kriegen|kriegt|mussten|durften|konnte|konnten)\b",
        ),
    )
)

_MONTHS: Final = r"januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember"
_TIME_UNITS: Final = r"sekunden?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|quartale?n?|semester"
_NUMBER_WORDS: Final = (
    r"ein(?:e[nrms]?)?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|zwanzig|dreissig|hundert|tausend"
    r"|kein\w*|beide\w*|dutzend"
)
_STATEMENTS: Final[dict[Asked, re.Pattern[str]]] = {
    Asked.AMOUNT: re.compile(
        r"\d[\d.,]*\s*(?:euro|€|prozent|%|millionen|mio|milliarden|cent)|\bkostenlos|\bkostenfrei"
        r"|\bgebuhrenfrei|\bunentgeltlich"
        r"|\bhalfte\b|\bdrittel|\bviertel|\bvoll(?:e|standig)\b|\bohne eigenanteil|\bkeine gebuhr"
    ),
    Asked.COUNT: re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b"),
    Asked.DATE: re.compile(
        rf"\b(?:19|20)\d\d\b|\b\d{{1,2}}\. (?:{_MONTHS})|\b(?:{_MONTHS})\b|\b\d{{1,2}}\.\d{{1,2}}\."
        rf"|\bjederzeit\b|\bsofort\b"
        rf"|\blaufend\b|\bunverzuglich\b|\bohne frist|\b\d+ (?:{_TIME_UNITS})\b|\b(?:fruhjahr|herbst|sommer|winter)\b"
    ),
    Asked.DURATION: re.compile(
        rf"\b(?:\d+|{_NUMBER_WORDS}|mehrere|einige)(?: \w+)? (?:{_TIME_UNITS})\b|\b\w+tagig|\b\w+monatig"
        rf"|\b\w+jahrig|\bunbefristet|\bdauerhaft"
        rf"|\bbis (?:zum |ende )?(?:\d{{1,2}}\. (?:{_MONTHS})|\d{{4}})|\b(?:19|20)\d\d\b"
    ),
    Asked.PHONE: re.compile(r"\b0\d{2,5}[ /-]?\d{3,}|\b\d{3,5}[ -]\d{3,}|\b11[05]\b|\btelefon\w* \d"),
    Asked.ADDRESS: re.compile(r"\S+@\S+\.\w+|\bwww\.|\bhttps?:|\b[\w-]+\.(?:de|bund|eu|org|com|bw)\b"),
    Asked.PARAGRAPH: re.compile(r"§|\bart(?:ikel|\.)? \d|\babs(?:atz|\.)? \d|\bnr\. \d"),
}


@lru_cache(maxsize=CACHED_WORDS)
def asked_kinds(question: str) -> frozenset[Asked]:
    """Return the kinds that a question asks for; none if it does not say."""
    folded = fold(question)
    return frozenset(kind for kind, pattern in _QUESTIONS if pattern.search(folded))


@lru_cache(maxsize=CACHED_WORDS)
def held_kinds(statement: str) -> frozenset[Asked]:
    """Return the kinds of value that a statement holds, of those that can be seen by their form."""
    folded = fold(statement)
    return frozenset(kind for kind, pattern in _STATEMENTS.items() if pattern.search(folded))
