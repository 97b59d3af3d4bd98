"""The one text analyser for index and query: folded words and their padded character 4-grams.

An index analysed in one way and asked in another misses silently, so nothing else in Lotse may split or fold text
for searching. Character 4-grams with a word boundary mark make compounds, inflection and typos harmless without a
dictionary and beat stems with compound splitting on every German set measured (docs/adr/0004).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

ANALYSER_VERSION: Final = 1
"""Stamped into every index; raise it with any change below, and old indexes are refused."""

GRAM: Final = 4
CACHED_WORDS: Final = 50_000
"""Words whose 4-grams are kept: a corpus of a thousand documents has fewer."""
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W_]+", re.UNICODE)
_UMLAUTS: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "æ": "a", "ø": "o", "å": "a"})
_DIGRAPHS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"))

_STOP_WORDS_DE: Final = """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim
bin bis bist bitte da dabei dadurch dafür dagegen daher damit dann daran darauf daraus darf darin darum das dass
davon dazu dein deine dem den denn der deren des deshalb dessen die dies diese diesem diesen dieser dieses dir doch
dort du durch dürfen ebenso ein eine einem einen einer eines einige er es etwa etwas euch euer für gegen gibt ging
habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem ins
ist ja jede jedem jeden jeder jedes jene kann kein keine keinem keinen keiner können könnte konnte man manche mein
meine mich mir mit muss müssen musste möchte nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem
seinen seiner seit selbst sich sie sind so solche soll sollen sollte sondern sonst sowie über um und uns unser unsere
unserem unseren unserer unter vom von vor war waren warum was weil welche welchem welchen welcher welches wem wen
wenn wer werde werden wessen wie wieder wieviel viel viele will wir wird wo wofür woher wohin wollen womit worden
wurde wurden zu zum zur zwar zwischen eigentlich denn mal eben halt überhaupt geht gehen gerade jetzt bitte hallo
"""
_STOP_WORDS_EN: Final = """
a about after all also am an and any are as at be been being but by can could did do does doing for from get gets
had has have how i if in into is it its just may me might more most much many must my no not now of on only or our
out over please should so some such than that the their them then there these they this those to too under up us
very was we were what when where which who whom why will with would you your
"""

# Question and helper verbs that say nothing about the subject; uncovered, they are no sign of missing evidence.
_GENERIC_WORDS: Final = """
bekommen bekommt bekam bekomme kriegen kriegt kriege
gekriegt gekostet bezahlt wofür erhalten erhält erhielt gibt geben gab gebe hoch höhe lange
dauert dauern heißt heissen heißen bedeutet machen macht gemacht mache tun tut stehen steht finde finden findet
erfahren wissen sagen sagt nennen brauchen braucht brauche laufen läuft lauft kommt kommen gilt gelten insgesamt
wann ab je pro per samt laut statt nun wohl bloß gar ganz bisher künftig nämlich sogar beides beide irgendwie irgendwo
irgendein irgendeine irgendwas irgendwann daheim fast kaum lieber gern gerne rein raus her hin mehrere ebenso außerdem
bzw usw etc zb ok okay ja nein na ach oh tja hm also bloss dürfte dürften sollte müsste wäre wären hätte hätten würde
würden stimmt meint meinen glaubt heute damals früher neuerdings mittlerweile inzwischen demnächst bald weiter
genau ungefähr stadt gemeinde kommune rathaus leute person personen frage fragen antwort sache jemand welch anzahl
viele wieviele mehr weniger zählt zahlt zahlen kostet kosten preis geld euro betrag summe hilfe helfen zeit jahr
jahre tag tage unseren unserem heute morgen gestern aktuell derzeit
find mean means pay pays paid cost costs money amount give gives given long high year years town city municipality
"""


def fold(text: str) -> str:
    """Return `text` in lower case without umlauts, accents and ligatures: „Förderung", „foerderung" and „forderung"
    become the same."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_UMLAUTS)
    for digraph, vowel in _DIGRAPHS:
        text = text.replace(digraph, vowel)
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


STOP_WORDS: Final = frozenset(fold(word) for word in (_STOP_WORDS_DE + _STOP_WORDS_EN).split())
GENERIC_WORDS: Final = frozenset(fold(word) for word in _GENERIC_WORDS.split())


def words(text: str) -> list[str]:
    """Return the folded words and numbers of `text` in order, stop words included."""
    return [match.group() for match in _WORD.finditer(fold(text))]


def surface_words(text: str) -> list[str]:
    """Return the words and numbers of `text` in order as they are written."""
    return [match.group() for match in _WORD.finditer(unicodedata.normalize("NFKC", text))]


def content_words(text: str) -> list[str]:
    """Return the folded words of `text` in order without stop words; all of them if nothing else is left."""
    everything = words(text)
    return [word for word in everything if word not in STOP_WORDS] or everything


@lru_cache(maxsize=CACHED_WORDS)
def grams(word: str) -> tuple[str, ...]:
    """Return the 4-grams of one folded word, padded by a boundary mark; a number stays whole."""
    if word[0].isdigit():
        return (f"_{word}_",)
    padded = f"_{word}_"
    if len(padded) <= GRAM:
        return (padded,)
    return tuple(padded[start : start + GRAM] for start in range(len(padded) - GRAM + 1))


def terms(text: str) -> Counter[str]:
    """Return the index terms of `text` with their counts: what BM25 counts and searches."""
    counts: Counter[str] = Counter()
    for word in content_words(text):
        counts.update(grams(word))
    return counts
