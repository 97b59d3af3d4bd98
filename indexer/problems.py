"""What is wrong with a file of the corpus: one record for every rule, reader and command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error must be mended before a document is published; a warning is worth a look."""

    ERROR = "Fehler"
    WARNING = "Hinweis"


@dataclass(frozen=True, order=True)
class Problem:
    """A fault: the file relative to the corpus, its line from 1 (0: the whole file), the rule's name, the sentence."""

    file: str
    line: int
    rule: str
    text: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return „file: Zeile n: sentence", without what is not known."""
        parts = [self.file] if self.file else []
        if self.line:
            parts.append(f"Zeile {self.line}")
        return ": ".join([*parts, self.text])
