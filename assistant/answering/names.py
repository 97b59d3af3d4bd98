"""The places, years and the future that a question names: a statement that does not hold them answers another one."""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from importlib import resources as package
from typing import Final

from indexer.analysis import CACHED_WORDS, GENERIC_WORDS, STOP_WORDS, fold, grams, words

PLACES_FILE: Final = "places.txt"
SAME_PLACE: Final = 0.7
"""Share of a place's 4-grams that one word must hold to be that place: „Ludwigsburger" and one typo pass."""
TYPO: Final = 0.9
"""Similarity (difflib) from which a longer word counts as a mistyped generic one: „bekomen", „wievil"."""
TYPO_LENGTH: Final = 6

# A word of the list is a place only beside one of these: many towns are named like everyday things.
_BEFORE: Final = frozenset(
    """
        in aus von nach bei fur stadt gemeinde kreis landkreis kommune hat hatte haben bekam bekommt erhielt
        from for is
    """.split()
)
_ARTICLES: Final = frozenset(
    """
    der die das den dem the
""".split()
)
_AFTER: Final = frozenset(
    """
    hat hatte bekam bekommt bekommen erhielt erhalten get got receive
""".split()
)
# Seats of government that stand for it („Geld aus Berlin"), while no town of the corpus bears their name.
_GOVERNMENT: Final = frozenset({"berlin", "brussel", "brussels"})
# The other federal states: unlike towns they are named like nothing else, so they need no word beside them.
_STATES: Final = frozenset(
    """
        bayern brandenburg bremen hamburg hessen mecklenburg vorpommern niedersachsen nordrhein westfalen
        rheinland pfalz saarland sachsen anhalt schleswig holstein thuringen bavaria hesse saxony thuringia
    """.split()
)
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_FUTURE: Final = re.compile(
    r"\b(?:nachste|nachsten|nachster|nachstes|kommende|kommenden|kommendes|kunftig\w*|demnachst|bald|zukunftig\w*"
    r"|geplant\w*|next|upcoming)\b"
)


_NOW: Final = re.compile(
    r"\b(?:noch|zurzeit|derzeit|gerade|aktuell\w*|momentan|jetzt|heute|offen\w*|still|open|now|currently)\b"
    r"|\b(?:kann|konnen|darf|durfen|kommen|komme|can|may|could)\b.*\b(?:bewerb\w*|anmeld\w*|beantrag\w*|einsteig\w*|mitmach\w*"
    r"|teilnehm\w*|eintrag\w*|holen|einreich\w*|rein|dabei|melden|apply|join|register)\b"
    r"|\b(?:bis wann|wo melde|wie melde|wie viel zeit|wie lange noch)\b"
)
_QUANTITY: Final = re.compile(r"(\d[\d.]*\d|\d) ([a-z]{4,})")
_RANGE: Final = re.compile(r"(?:(\d[\d.]*) )?\b(bis(?: zu)?|hochstens|mehr als|uber|ab) (\d[\d.]*\d|\d) ([a-z]{4,})")
_ABOVE: Final = frozenset({"mehr als", "uber", "ab"})
HALF_OPEN: Final = 0.8
"""Fit of „bis zu" or „mehr als": a range with both ends says more."""
UNIT_STEM: Final = 6
"""Letters in which two units must agree: „Einwohner" and „Einwohnern" do."""


@cache
def places() -> frozenset[str]:
    """Return the folded names of towns and countries (GeoNames, CLDR)."""
    text = (package.files(__package__) / PLACES_FILE).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def named_places(question: str) -> tuple[str, ...]:
    """Return the folded places that a question names."""
    asked = words(question)
    found = []
    for number, word in enumerate(asked):
        if word in _GOVERNMENT:
            continue
        if word in _STATES:
            found.append(word)
            continue
        if word not in places():
            continue
        before = asked[number - 1] if number else ""
        if before in _ARTICLES and number > 1:
            before = asked[number - 2]
        after = asked[number + 1] if number + 1 < len(asked) else ""
        if before in _BEFORE or after in _AFTER:
            found.append(word)
    return tuple(dict.fromkeys(found))


def named_years(question: str) -> tuple[str, ...]:
    """Return the years that a question names."""
    return tuple(dict.fromkeys(_YEAR.findall(question)))


def asks_future(question: str) -> bool:
    """Tell whether a question is about what is still to come."""
    # „future" is no sign: the programme is called „Future Communities".
    return _FUTURE.search(fold(question)) is not None


def asks_now(question: str) -> bool:
    """Tell whether a question is about what can be done today: „noch", „zurzeit", „können wir uns bewerben"."""
    return _NOW.search(fold(question)) is not None


def range_fit(question: str, statement: str) -> float:
    """Return up to 1 if a range of the statement holds a number of the question with the same unit, −1 if not.

    „25.000 Einwohner" fits „von 10.000 bis 30.000 Einwohnern" and not „mehr als 175.000 Einwohnern"; 0 without both.
    """
    fit = 0.0
    for number, unit in _QUANTITY.findall(fold(question)):
        value = int(number.replace(".", ""))
        for low, word, high, found in _RANGE.findall(fold(statement)):
            if found[:UNIT_STEM] != unit[:UNIT_STEM]:
                continue
            bound = int(high.replace(".", ""))
            above = word in _ABOVE
            inside = value > bound if above else (int(low.replace(".", "")) if low else 0) <= value <= bound
            if inside:
                return 1.0 if low else HALF_OPEN
            fit = -1.0
    return fit


def holds_place(text: str, place: str) -> bool:
    """Tell whether one word of `text` is `place`, inflected or with one typo."""
    wanted = set(grams(place))
    return any(len(wanted & set(grams(word))) >= SAME_PLACE * len(wanted) for word in set(words(text)))


@lru_cache(maxsize=CACHED_WORDS)
def is_generic(word: str) -> bool:
    """Tell whether a folded word says nothing of a question's subject, also if it is mistyped."""
    if word in STOP_WORDS or word in GENERIC_WORDS:
        return True
    if len(word) < TYPO_LENGTH or word in places():
        return False
    return bool(difflib.get_close_matches(word, _long_generic_words(), n=1, cutoff=TYPO))


@cache
def _long_generic_words() -> tuple[str, ...]:
    return tuple(sorted(word for word in STOP_WORDS | GENERIC_WORDS if len(word) >= TYPO_LENGTH))
