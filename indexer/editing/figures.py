"""The figures and names of a German text in one form: „50 %" and „50 Prozent", „31.07.2018" and „31. Juli 2018"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from indexer.dates import MONTHS

_MONTH: Final = "|".join(MONTHS)
_NUMBER: Final = r"\d+(?:\.\d{3})*(?:,\d+)?"
_SCALE: Final = r"(?P<scale>Tausend|Mio\.?|Millionen|Million|Mrd\.?|Milliarden|Milliarde)"
_DAY: Final = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_SHORT_DAY: Final = re.compile(r"\b(\d{1,2})\.(0?[1-9]|1[0-2])\.(?!\d)")
_LONG_DAY: Final = re.compile(rf"\b(\d{{1,2}})\. ({_MONTH})(?: (\d{{4}}))?\b")
# „vom 10. Juli bis 21. Oktober 2024": both days are of that year.
_SHARED_YEAR: Final = re.compile(
    rf"\b(\d{{1,2}}\. (?:{_MONTH}))(?= (?:bis|und|–) (?:zum )?\d{{1,2}}\. (?:{_MONTH}) (\d{{4}}))"
)
_MONTH_YEAR: Final = re.compile(rf"\b(?:(\d{{1,2}})/|({_MONTH}) )(\d{{4}})\b")
_VERSION: Final = re.compile(r"(?<![\d.,])\d{1,2}\.\d{1,2}(?![\d.,]\d|\d)")
# „40 bis 50 Prozent", „1,5 Millionen Euro": the unit holds for every number of the chain.
_CHAIN: Final = re.compile(
    rf"(?P<numbers>{_NUMBER}(?:\s*(?:bis|und|oder|–|-|/)\s*(?:zu\s+)?{_NUMBER})*)"
    rf"(?:[\s-]*{_SCALE})?(?:[\s-]*(?P<unit>Prozent|%|Euro|€))?"
)
_WORDS: Final = {
    word: number
    for number, word in enumerate("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split(), start=2)
}
_WORD_NUMBER: Final = re.compile(
    rf"\b({'|'.join(_WORDS)})(?:\b|(?=jähr|tägig|monat|stünd|stell|fach|köpf))", re.IGNORECASE
)
_ONE_MILLION: Final = re.compile(r"\beine[rn]? (?=Million|Milliarde)")
_QUOTED: Final = re.compile(r"„([^“”]{2,80})[“”]")
_NAME: Final = re.compile(r"\b(?:[A-ZÄÖÜ]{2,}[\w-]*|[A-Za-zÄÖÜäöüß]+(?:[A-Z@_.+]|\d)[\w@.+-]*\w)")


@dataclass(frozen=True, order=True)
class Figure:
    """A number, amount, share or date: `value` in one spelling, `unit` „%", „€", „Tag", „Monat" or nothing."""

    value: str
    unit: str = ""

    def __str__(self) -> str:
        """Return the figure as people read it."""
        return f"{self.value} {self.unit}" if self.unit in ("%", "€") else self.value


def figures(text: str) -> set[Figure]:
    """Return the figures of `text`; a day counts as one figure, numbers in words from two to twelve count too."""
    found: set[Figure] = set()

    def take(value: str, unit: str = "") -> str:
        found.add(Figure(value, unit))
        return " · "

    text = _DAY.sub(lambda m: take(f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}", "Tag"), text)
    text = _SHORT_DAY.sub(lambda m: take(f"-{int(m[2]):02}-{int(m[1]):02}", "Tag"), text)
    text = _SHARED_YEAR.sub(r"\1 \2", text)
    text = _LONG_DAY.sub(lambda m: take(f"{m[3] or ''}-{MONTHS.index(m[2]) + 1:02}-{int(m[1]):02}", "Tag"), text)
    text = _MONTH_YEAR.sub(lambda m: take(f"{m[3]}-{int(m[1]) if m[1] else MONTHS.index(m[2]) + 1:02}", "Monat"), text)
    text = _VERSION.sub(lambda m: take(m[0]), text)
    text = _ONE_MILLION.sub("1 ", text)
    text = _WORD_NUMBER.sub(lambda m: str(_WORDS[m[1].lower()]), text)
    for match in _CHAIN.finditer(text):
        scale = _factor(match["scale"])
        unit = {"Prozent": "%", "Euro": "€", None: ""}.get(match["unit"], match["unit"])
        for number in re.findall(_NUMBER, match["numbers"]):
            take(_canonical(number, scale), unit)
    return found


def _factor(scale: str | None) -> int:
    if scale is None:
        return 1
    if scale.startswith("Tausend"):
        return 10**3
    return 10**9 if scale.startswith(("Mrd", "Milliarde")) else 10**6


def _canonical(number: str, scale: int) -> str:
    value = float(number.replace(".", "").replace(",", ".")) * scale
    return f"{value:.6f}".rstrip("0").rstrip(".")


def carried(figure: Figure, present: set[Figure]) -> bool:
    """Tell whether `present` holds `figure`: a year or month also as a day in it, a bare number also with a unit."""
    if figure in present or Figure(figure.value) in present:
        return True
    if figure.unit == "Tag" and figure.value.startswith("-"):
        return any(other.unit == "Tag" and other.value.endswith(figure.value) for other in present)
    if figure.unit == "Monat" or (figure.unit == "" and len(figure.value) == 4):
        return any(other.unit in ("Tag", "Monat") and other.value.startswith(figure.value) for other in present) or any(
            other.value == figure.value for other in present
        )
    return figure.unit == "" and any(other.value == figure.value for other in present)


def names(text: str) -> set[str]:
    """Return what is surely a name: what stands in „…", abbreviations, and words with a capital or digit inside."""
    return {match[1] for match in _QUOTED.finditer(text)} | {match[0] for match in _NAME.finditer(text)}
