"""The look that all formats share: one colour and greys, sizes in points, and the words that stand on every page."""

from __future__ import annotations

from typing import Final

COLOUR: Final = "0B4F6C"
"""Headings, rules and heads of tables; white on it has a contrast of 8.9 to 1."""
COLOUR_PALE: Final = "E8F1F5"
"""Ground of boxes and of every other row."""
INK: Final = "1F2933"
GREY: Final = "52606D"
"""Second voice: captions, sources, footers; 6.4 to 1 on white."""
RULE: Final = "B8C4CE"
WHITE: Final = "FFFFFF"

OFFICE_FONT: Final = "Verdana"
"""What Office and LibreOffice find everywhere; as wide as the Vera of the PDF, so that its measures hold for slides."""
PDF_FONT: Final = "Vera"
PDF_BOLD: Final = "VeraBd"

SLIDE_WIDTH: Final = 960.0
SLIDE_HEIGHT: Final = 540.0
SLIDE_MARGIN: Final = 48.0
SLIDE_TITLE_TOP: Final = 22.0
SLIDE_TITLE_HEIGHT: Final = 72.0
SLIDE_BODY_TOP: Final = 112.0
SLIDE_BODY_BOTTOM: Final = 492.0
SLIDE_FOOT_TOP: Final = 503.0
SLIDE_TITLE: Final = 28.0
SLIDE_SIZES: Final = ((24.0, 18.0), (22.0, 16.0), (20.0, 15.0), (20.0, 14.0), (18.0, 14.0))
"""Sizes of text and tables on slides, from the best to the smallest: a section takes the first that saves slides."""
SLIDE_CAPTION: Final = 16.0
SLIDE_SOURCES: Final = 14.0
SLIDE_FOOT: Final = 12.0
SLIDE_GAP: Final = 10.0
"""Between two points of a list."""
SLIDE_INDENT: Final = 34.0
SLIDE_CELL_SIDE: Final = 8.0
SLIDE_CELL_TOP: Final = 5.0
SLIDE_POINTS: Final = 6
"""Points on one slide at most."""
LINE_HEIGHT: Final = 1.2
"""Height of a line of Verdana as a multiple of its size."""

PAGE_MARGIN: Final = 62.0
PAGE_TEXT: Final = 10.0
PAGE_LEADING: Final = 15.0
PAGE_TABLE: Final = 9.0
PAGE_TABLE_LEADING: Final = 12.5
PAGE_SMALL: Final = 8.0

HANDOUT_TEXT: Final = 10.5
HANDOUT_TABLE: Final = 9.5
HANDOUT_SMALL: Final = 8.5
SHEET_TEXT: Final = 11

COURSE: Final = "Grundkurs Digitale Gemeinde"
PUBLISHER: Final = "Lotse-Redaktion"
LANGUAGE: Final = "de-DE"
SOURCE_COLUMN: Final = "Quelle"
SOURCES: Final = "Quellen"
ORIGIN: Final = (
    "Dieses Material entsteht aus dem Text des Lotse-Korpus. "
    "Die hochgestellten Zahlen verweisen auf das Quellenverzeichnis."
)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour."""
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
