"""Which facts of a folder of dossiers no document carries, by their figures, dates and names.

A dossier is Markdown with `quellen` in its head and one fact a list item, `[ID]` behind it. A figure is carried if a
statement that cites a source of the fact holds it: the right number beside the right source, wherever the fact went.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pydantic import HttpUrl

from indexer.documents import Document
from indexer.editing.figures import Figure, carried, figures, names
from indexer.errors import CorpusError

_HEAD: Final = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_SOURCE: Final = re.compile(r"\[([A-Za-zÄÖÜäöüß0-9][\wÄÖÜäöüß.\-]*)\](?!\()")
_UNPROVEN: Final = re.compile(r"nicht (?:erneut )?belegt")
_PARENTHESES: Final = re.compile(r"\(([^()]*)\)")
_SKIPPED: Final = ("Offene Punkte", "Häufige Fragen")
# „(Stand 10/2022)" is validity; its words become a mark.
_VALIDITY: Final = re.compile(r"\((?:[^()]*\b)?(?:Stand|abgelaufen|unklar|gültig|abgelöst|Anbieterangabe)[^()]*\)")


@dataclass(frozen=True)
class Fact:
    """One list item of a dossier; `excused` is why it need not be carried."""

    dossier: str
    line: int
    section: str
    text: str
    urls: tuple[str, ...]
    figures: frozenset[Figure]
    names: frozenset[str]
    excused: str = ""


@dataclass(frozen=True)
class Gap:
    """A fact with what is missing of it."""

    fact: Fact
    figures: tuple[Figure, ...]
    names: tuple[str, ...]
    uncited: bool


@dataclass(frozen=True)
class Coverage:
    """The result: how many facts, figures and names there are, how many are carried, and the gaps."""

    facts: int
    excused: tuple[Fact, ...]
    figures: int
    figures_carried: int
    names: int
    names_carried: int
    gaps: tuple[Gap, ...]

    @property
    def share(self) -> float:
        """The share of figures, dates and amounts that are carried, from 0 to 1."""
        return self.figures_carried / self.figures if self.figures else 1.0


def read_facts(folder: Path) -> list[Fact]:
    """Read the facts of every dossier in `folder`; raises CorpusError if there is none."""
    facts = [fact for path in sorted(folder.glob("*.md")) for fact in _facts(path)]
    if not facts:
        raise CorpusError(
            f"Im Ordner {folder} stehen keine Fakten.",
            "Erwartet werden Markdown-Dateien mit „quellen“ im Kopf und je Zeile „- Fakt. [Quelle]“.",
        )
    return facts


def _facts(path: Path) -> Iterator[Fact]:
    text = path.read_text(encoding="utf-8")
    head = _HEAD.match(text)
    if head is None:
        return
    data = yaml.safe_load(head[1])
    listed = data.get("quellen", []) if isinstance(data, dict) else []
    urls = {source["id"]: source["url"] for source in listed if isinstance(source, dict)}
    offset = text[: head.end()].count("\n")
    section = ""
    for number, line in enumerate(text[head.end() :].split("\n"), start=offset + 1):
        if line.startswith("## "):
            section = line[3:].strip()
        if not line.startswith("- ") or section.startswith(_SKIPPED):
            continue
        ids = _SOURCE.findall(line)
        if not ids:
            continue
        plain = _SOURCE.sub("", line[2:])
        unproven = next((match[1] for match in _PARENTHESES.finditer(plain) if _UNPROVEN.search(match[1])), "")
        plain = _VALIDITY.sub("", plain) if not unproven else plain
        yield Fact(
            path.name,
            number,
            section,
            line[2:],
            tuple(dict.fromkeys(urls[key] for key in ids if key in urls)),
            frozenset(figures(plain)),
            frozenset(names(plain)),
            unproven,
        )


def measure(facts: Iterable[Fact], documents: Iterable[Document]) -> Coverage:
    """Hold `facts` against `documents`."""
    texts: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        urls = {key: str(source.url) for key, source in document.head.sources.items()}
        for section in document.sections:
            where = " ".join((document.head.title, *section.heading_path))
            for block in section.blocks:
                for statement in block.statements:
                    for key in statement.source_ids:
                        texts[urls[key]].append(" ".join((statement.text, *statement.validity, where)))
    known = {url: (set().union(*(figures(t) for t in found)), " ".join(found)) for url, found in texts.items()}
    gaps: list[Gap] = []
    excused: list[Fact] = []
    count = total = held = total_names = held_names = 0
    for fact in facts:
        if fact.excused:
            excused.append(fact)
            continue
        count += 1
        present: set[Figure] = set()
        words = ""
        for url in (_plain_url(url) for url in fact.urls):
            if url in known:
                present |= known[url][0]
                words += known[url][1]
        missing = tuple(sorted(figure for figure in fact.figures if not carried(figure, present)))
        unnamed = tuple(sorted(name for name in fact.names if not _named(name, words)))
        total, held = total + len(fact.figures), held + len(fact.figures) - len(missing)
        total_names, held_names = total_names + len(fact.names), held_names + len(fact.names) - len(unnamed)
        if missing or unnamed or not words:
            gaps.append(Gap(fact, missing, unnamed, not words))
    return Coverage(count, tuple(excused), total, held, total_names, held_names, tuple(gaps))


def _plain_url(url: str) -> str:
    """Return an address in the one form in which the schema stores it (host names with umlauts become ASCII)."""
    return str(HttpUrl(url))


def _named(name: str, words: str) -> bool:
    """Tell whether `words` hold the name; of „ELR-Zuschüsse" and „IT-Sicherheit" the first part is the name."""
    return name in words or ("-" in name and " " not in name and name.partition("-")[0] in words)
