"""Splits German text into sentences without cutting at abbreviations, ordinals and dates."""

from __future__ import annotations

import re
from typing import Final

# Abbreviations that never end a sentence in administrative German. Without their last dot, lower case.
ABBREVIATIONS: Final = frozenset(
    """
        abs art az bsp bspw bzw ca co d.h d. h dr eur evtl ff f gem ggf h hrsg i.d.r i.s.d inkl insb jh kap
        lit max mind min mio mrd nr o.ä o.d o prof rd rn s sog st str tel u.a u.ä u usw v.a vgl vs z.b z
        zzgl zzt ziff a.f n.f b.w e.v i.v m.w.n ing dipl geb verf bgm ob stv abt ref anm abb tab hl jr sr mr gbl bgbl
        amtsbl rdnr rz erl
        mrs no e.g i.e
    """.split()
)
# Words that are no nouns: written large, they begin a sentence.
_SENTENCE_STARTERS: Final = frozenset(
    """
        der die das den dem des ein eine einen einem einer es er sie wir ihr ich man wer was wie wo wann
        warum dies diese dieser dieses für mit in im am an auf aus bei bis zu zum zur von vom vor nach über
        unter seit durch ohne um gegen und oder aber auch nur so dann danach dabei dafür damit daher deshalb
        wenn weil als ob dass alle jede jeder kein keine nicht bitte ja nein hier dort insgesamt
    """.split()
)
_ORDINAL: Final = re.compile(r"(?:^|[\s(–])\d{1,2}\.$")
_CANDIDATE: Final = re.compile(r"[.!?…]+[\"“”»«)\]']*(?=\s)")
_LAST_WORD: Final = re.compile(r"([\w.]+)\.$")
_OPENERS: Final = "\"„»«(['"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans [start, end) of the sentences of `text`, without surrounding white space.

    The spans are in order, do not overlap and leave out white space only. Line breaks count as spaces; the caller
    splits paragraphs and list items before.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        if _ends_sentence(text[start : match.end()], text[match.end() :].lstrip()):
            spans.append((start, match.end()))
            start = match.end()
    spans.append((start, len(text)))
    trimmed = []
    for begin, end in spans:
        piece = text[begin:end]
        left, right = len(piece) - len(piece.lstrip()), len(piece.rstrip())
        if right > left:
            trimmed.append((begin + left, begin + right))
    return trimmed


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text`."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _ends_sentence(before: str, after: str) -> bool:
    if not after:
        return True
    if not before.rstrip("\"“”»«)]'").endswith("."):
        # „!" and „?" inside a quotation („… noch?" fragt …) go on in lower case.
        return not after[0].islower()
    head = before.rstrip("\"“”»«)]'")
    following = after.lstrip(_OPENERS)
    if following[:1].islower():
        return False
    if _ORDINAL.search(head):
        word = re.split(r"\W", following, maxsplit=1)[0]
        # „am 31. Juli", „die 2. Runde": an ordinal goes on with its noun. „Es waren 98. Die Summe …": a sentence
        # begins with a word that is written large only there.
        return word.lower() in _SENTENCE_STARTERS or not word.isalpha()
    last = _LAST_WORD.search(head)
    if last is None:
        return True
    word = last.group(1).lower()
    if len(word) == 1 and word.isalpha() and word not in ABBREVIATIONS:
        # „Rechtssache C-703/25 P. Das Gericht …": a lone letter ends a sentence before a word that begins one.
        return re.split(r"\W", following, maxsplit=1)[0].lower() in _SENTENCE_STARTERS
    return word not in ABBREVIATIONS
