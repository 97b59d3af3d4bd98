"""Mends mistyped words of a question by the words of the corpus, and gives back umlauts that were typed away.

Only a word that neither the corpus nor German knows is mended (a dictionary of German word forms: simplemma), so that
„Elternzeit" never becomes the nearest word that the corpus happens to hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import numpy as np

from assistant.answering.names import is_generic, places
from indexer.analysis import CACHED_WORDS, STOP_WORDS, fold, grams
from indexer.vocabulary import Vocabulary

MIN_LENGTH: Final = 4
"""Shorter words have too many neighbours."""
CANDIDATES: Final = 40
"""Words of the corpus that share most 4-grams and are compared letter by letter."""
SIMILAR: Final = 0.72
"""Similarity (Damerau-Levenshtein, normalised) from which a word of the corpus is taken to be meant."""
SIMILAR_SOUND: Final = 0.6
"""The same for words that sound alike (Cologne phonetics): „Kuhrs", „Startaps"."""
MIN_SHARE: Final = 0.15
_TOKEN: Final = re.compile(r"[^\W_]+")
_UMLAUTS: Final = {"ae": "ä", "oe": "ö", "ue": "ü"}
_DIGRAPH: Final = re.compile("|".join(_UMLAUTS))


def mend(question: str, vocabulary: Vocabulary, *, german: bool = True) -> str:
    """Return `question` with mended words; the rest stays as it was typed."""

    def replace(match: re.Match[str]) -> str:
        token = match.group()
        if token.isdigit():
            return token
        folded = fold(token)
        number = vocabulary.number(folded)
        if number is not None:
            usual = str(vocabulary.surfaces[number])
            # Only umlauts are given back: a large or small first letter changes no meaning.
            return token if not german or usual.lower() == token.lower() else usual
        # „NIS3" is not „NIS" and „kfw209" not „KfW 208": a word with a digit is a name.
        if not german or len(folded) < MIN_LENGTH or any(map(str.isdigit, token)) or known(token):
            return token
        return _nearest(folded, vocabulary) or token

    return _TOKEN.sub(replace, question)


@lru_cache(maxsize=CACHED_WORDS)
def known(token: str) -> bool:
    """Tell whether a word is one: of German, a place, or one that questions are made of."""
    folded = fold(token)
    if folded in STOP_WORDS or folded in places() or (is_generic(folded) and folded == token.lower()):
        return True
    import simplemma  # a second to load, and most questions need none

    umlauts = _DIGRAPH.sub(lambda match: _UMLAUTS[match.group()], token.lower())  # „Muenster", „Gruesse"
    forms = {token, *(form for word in (token.lower(), umlauts) for form in (word, word.replace("ss", "ß")))}
    return any(simplemma.is_known(form, lang="de") for word in forms for form in (word, word.capitalize()))


def _nearest(word: str, vocabulary: Vocabulary) -> str | None:
    """Return the word of the corpus that was meant, as it is usually written, or None."""
    from cologne_phonetics import encode
    from rapidfuzz.distance import DamerauLevenshtein

    wanted = grams(word)
    shares = vocabulary.shares(wanted, [1.0] * len(wanted))
    first = np.argsort(-shares, kind="stable")[:CANDIDATES]
    sound = encode(word)
    sounds = sound[0][1] if sound else ""
    # What begins alike counts too: two mistakes in a short word leave no 4-gram whole.
    begins = np.flatnonzero(np.char.startswith(vocabulary.words, word[:2]))
    best: tuple[float, int, int] | None = None
    for number in {*(int(n) for n in first if shares[n] >= MIN_SHARE), *(int(n) for n in begins)}:
        candidate = str(vocabulary.words[number])
        if abs(len(candidate) - len(word)) > 2 or candidate[0].isdigit():
            continue
        similar = DamerauLevenshtein.normalized_similarity(word, candidate)
        heard = encode(candidate) if similar >= SIMILAR_SOUND else []
        alike = bool(sounds) and bool(heard) and heard[0][1] == sounds
        if similar < (SIMILAR_SOUND if alike else SIMILAR):
            continue
        found = (similar + (0.15 if alike else 0.0), int(vocabulary.texts_with[number]), -number)
        if best is None or found > best:
            best = found
    return str(vocabulary.surfaces[-best[2]]) if best else None
