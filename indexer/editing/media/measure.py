"""How much room text takes: lines and widths in the metrics of Vera, which are those of Verdana within two per cent.

The slides are laid out with these measures before they are written, so that no slide ever overflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from indexer.editing.media import style

SAFETY: Final = 1.04
"""Verdana and its substitutes are at most this much wider than Vera."""


@cache
def register_fonts() -> None:
    """Make the fonts that reportlab carries known to it, as one family for <b>."""
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont(style.PDF_FONT, "Vera.ttf"))
    registerFont(TTFont(style.PDF_BOLD, "VeraBd.ttf"))
    registerFontFamily(
        style.PDF_FONT, normal=style.PDF_FONT, bold=style.PDF_BOLD, italic=style.PDF_FONT, boldItalic=style.PDF_BOLD
    )


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of `text` on one line in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    register_fonts()
    return float(stringWidth(text, style.PDF_BOLD if bold else style.PDF_FONT, size)) * SAFETY


def lines(text: str, size: float, room: float, bold: bool = False) -> int:
    """Return how many lines `text` takes in a column `room` points wide; a word wider than it is broken."""
    count = 1
    used = 0.0
    space = width(" ", size, bold)
    for word in text.split():
        long = width(word, size, bold)
        if used and used + space + long > room:
            count += 1
            used = 0.0
        while long > room:
            count += 1
            long -= room
        used += long + (space if used else 0.0)
    return count


def height(text: str, size: float, room: float, bold: bool = False) -> float:
    """Return the height of `text` in a column `room` points wide."""
    return lines(text, size, room, bold) * size * style.LINE_HEIGHT


def columns(rows: Sequence[Sequence[str]], total: float, size: float, padding: float) -> list[float]:
    """Return widths of a table's columns that fill `total`; the first row is the head.

    Each column gets what its longest word needs; what is left is shared by the amount of text.
    """
    across = list(zip(*rows, strict=True))
    longest = [
        max(width(word, size, bold=True) for text in column for word in text.split() or [""]) for column in across
    ]
    least = [word + 2 * padding + 1 for word in longest]
    spare = total - sum(least)
    if spare <= 0:
        return [total * part / sum(least) for part in least]
    full = [max(width(text, size) for text in column) + 2 * padding for column in across]
    # Nothing for a column that needs no more than its longest word; among the others more text weighs less and less.
    weights = [
        sum(width(text, size) for text in column) ** 0.7 if wish > few else 0.0
        for column, wish, few in zip(across, full, least, strict=True)
    ]
    if not any(weights):
        weights = [1.0] * len(least)
    return [few + spare * weight / sum(weights) for few, weight in zip(least, weights, strict=True)]


def pages(heights: Sequence[float], room: float, gap: float = 0.0, most: int = 1000) -> list[int] | None:
    """Share items of `heights` evenly among as few pages as possible; return how many stand on each.

    Returns None if one item alone is higher than `room`.
    """
    if any(item > room for item in heights):
        return None
    greedy = _fill(heights, room, gap, most)
    # The same number of pages with the lowest limit spreads the items evenly.
    best = greedy
    limits = sorted({_stack(heights[a:b], gap) for a in range(len(heights)) for b in range(a + 1, len(heights) + 1)})
    for limit in limits:
        if limit > room:
            break
        if max(heights, default=0) <= limit:
            even = _fill(heights, limit, gap, most)
            if len(even) == len(greedy):
                best = even
                break
    return best


def _stack(heights: Sequence[float], gap: float) -> float:
    return sum(heights) + gap * (len(heights) - 1)


def _fill(heights: Sequence[float], room: float, gap: float, most: int) -> list[int]:
    counts: list[int] = []
    used = 0.0
    for item in heights:
        if counts and counts[-1] < most and used + gap + item <= room:
            counts[-1] += 1
            used += gap + item
        else:
            counts.append(1)
            used = item
    return counts
