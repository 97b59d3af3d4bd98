"""How a sentence is written: whether it can be quoted alone, its length, and typographic slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from indexer.documents import BlockKind, Document
from indexer.problems import Problem, Severity

MAX_WORDS: Final = 34
"""A sentence above this is hard to read aloud; corpus/README.md asks for about thirty words."""

# A sentence that begins with one of these leans on the one before it.
_DANGLING: Final = re.compile(
    r"(?:Er|Es|Dies\w*|Jene\w*|Dabei|Dazu|Dafür|Dagegen|Damit|Davon|Dadurch|Darin|Darüber|Darauf|Daraus|Danach|"
    r"Daher|Deshalb|Deren|Dessen|Hier\w*|Dort|Dann|Außerdem|Zudem|Daneben|Ferner|Jedoch|Aber|Und|Oder|"
    r"Solche\w*|Letztere\w*|Erstere\w*|Beide|Beides|Sein|Seine|Ihre)\b(?!-)"
)
# „Es gibt …", „Es ist unklar, ob …", „Dies ist" is caught, „Diese Woche" too: a warning is worth a look, no more.
_IMPERSONAL: Final = re.compile(
    r"Es (?:gibt|gab|ist|war|sind|gelten|gilt|besteht|bestehen|bleibt|reicht|genügt|steht|fehlt|muss|darf)\b"
)
_SLIPS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r'"'), "gerades Anführungszeichen (richtig: „…“)"),
    (re.compile(r"(?<=\w)'(?=\w)"), "gerader Apostroph (richtig: ’)"),
    (re.compile(r"\s[-—]\s"), "Bindestrich als Gedankenstrich (richtig: –)"),
    (re.compile(r"\.\.\."), "drei Punkte (richtig: …)"),
    (re.compile(r"\s[,;:.!?](?:\s|$)"), "Leerzeichen vor dem Satzzeichen"),
    (re.compile(r"[,;](?=[A-Za-zÄÖÜäöüß])"), "fehlendes Leerzeichen nach dem Komma"),
    (re.compile(r"§(?=\d)|§§(?=\d)"), "fehlendes Leerzeichen nach §"),
    (re.compile(r"\d\s?[€%]|[€%]\s?\d"), "Zeichen statt Wort (richtig: Euro, Prozent)"),
    (re.compile(r"\b\d{5,}(?: Euro| Prozent| Einwohner)"), "Zahl ohne Punkt nach den Tausendern"),
    (re.compile(r"\b(?:z\.B|u\.a|d\.h|i\.d\.R|o\.ä)\."), "fehlendes Leerzeichen in der Abkürzung"),
    (re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b"), "Datum in Ziffern (richtig: 31. Juli 2018)"),
    (re.compile(r"„[^“]*$"), "Anführungszeichen ohne Ende"),
    (re.compile(r"\ufffd|Ã.|â€"), "zerstörtes Zeichen (falsche Kodierung)"),
    (
        re.compile(
            r"\b(?:[Ff]uer|[Uu]eber\w*|[Kk]oenn\w+|[Mm]uess\w+|[Ww]uerd\w+|[Ff]oerder\w*|[Gg]emaess|[Gg]ueltig\w*|"
            r"[Ss]taedt\w*|[Bb]uerger\w*|[Zz]usaetzlich\w*|[Mm]oeglich\w*|[Gg]roess\w+|[Hh]oechst\w*|[Oo]effentlich\w*)\b"
        ),
        "Umlaut in zwei Buchstaben",
    ),
)


def wording(document: Document, file: str) -> Iterator[Problem]:
    """Yield what a critical reader would mark in the statements, headings and questions of one document."""
    for section in document.sections:
        for text in (*section.heading_path[-1:], *section.questions):
            yield from _slips(text, file, section.line)
        for block in section.blocks:
            for statement in block.statements:
                yield from _slips(statement.text, file, block.line)
                if block.kind is BlockKind.ROW:
                    continue
                words = len(statement.text.split())
                start = f"„{statement.text[:70]} …“"
                if words > MAX_WORDS:
                    text = f"Der Satz {start} hat {words} Wörter; bitte teilen."
                    yield Problem(file, block.line, "satz-lang", text, Severity.WARNING)
                if _DANGLING.match(statement.text) and not _IMPERSONAL.match(statement.text):
                    text = f"Der Satz {start} lehnt sich an den Satz davor an; Lotse zitiert ihn allein."
                    yield Problem(file, block.line, "satz-haengt", text, Severity.WARNING)
    yield from _slips(document.head.title, file, 2)
    yield from _slips(document.head.status_note, file, 2)


def _slips(text: str, file: str, line: int) -> Iterator[Problem]:
    for pattern, name in _SLIPS:
        match = pattern.search(text)
        if match:
            around = text[max(match.start() - 20, 0) : match.end() + 20].strip()
            yield Problem(file, line, "typografie", f"{name}: „{around}“.")


def not_nfc(raw: bytes, name: str) -> bool:
    """Tell whether a file's text or name is not in Unicode's composed form: „ü" as two characters finds nothing."""
    return not unicodedata.is_normalized("NFC", raw.decode("utf-8", "replace")) or not unicodedata.is_normalized(
        "NFC", name
    )
