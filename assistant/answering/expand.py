"""What people call a thing, and what it is called officially: names of the glossary that a question uses.

An everyday word („Bürgertelefon") finds the official one („Behördennummer 115") in three places: it is searched with,
it is embedded with the question, and evidence that holds the official name holds the everyday word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.answering.names import is_generic
from indexer.analysis import words
from indexer.glossary import Term

STEM: Final = 5
"""Letters in which two forms of a word must agree; a longer word may differ in its last two."""
MAX_TERMS: Final = 3
"""Terms that one question is expanded by."""


@dataclass(frozen=True)
class Name:
    """One name of a term: its folded words without those that every question has."""

    words: tuple[str, ...]
    term: Term
    official: bool


class Names:
    """All names of a glossary, looked up by the words of a question."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the names of `terms`."""
        self._by_stem: dict[str, list[Name]] = {}
        for term in terms:
            official = {term.term, term.full}
            for name in term.names():
                parts = tuple(dict.fromkeys(word for word in words(name) if not is_generic(word)))
                if parts:
                    rarest = max(parts, key=len)
                    self._by_stem.setdefault(rarest[:STEM], []).append(Name(parts, term, name in official))

    def used(self, question: str) -> list[Name]:
        """Return the names that a question uses, the longest first, one a term."""
        asked = [word for word in words(question) if not is_generic(word)]
        found = [
            name
            for stem in dict.fromkeys(word[:STEM] for word in asked)
            for name in self._by_stem.get(stem, ())
            if all(_holds(asked, word) for word in name.words)
        ]
        found.sort(key=lambda name: (-len(name.words), not name.official))
        unique: dict[str, Name] = {}
        for name in found:
            unique.setdefault(name.term.term, name)
        return list(unique.values())


def added_names(name: Name, question: Sequence[str]) -> list[str]:
    """Return the official names of a term whose words the question does not hold yet."""
    return [
        official
        for official in dict.fromkeys((name.term.full, name.term.term))
        if official and any(not _holds(question, word) for word in words(official) if not is_generic(word))
    ]


def _holds(held: Iterable[str], wanted: str) -> bool:
    """Tell whether a form of `wanted` is among the held words."""
    return any(
        word[:shared] == wanted[:shared] for word in held for shared in [max(STEM, len(word) - 2, len(wanted) - 2)]
    )
