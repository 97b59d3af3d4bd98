"""The book that the PDF is: page frames with head and foot, styles, headings that make contents and bookmarks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, TableStyle
from reportlab.platypus import Table as Grid
from reportlab.platypus.tableofcontents import TableOfContents

from indexer.editing.media import MediaError, measure, style

ROOM: Final = A4[0] - 2 * style.PAGE_MARGIN
_CELL_SIDE: Final = 5.0
_SUBSTITUTES: Final = str.maketrans(
    {"\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\N{NON-BREAKING HYPHEN}": "-", "✓": "√", "✔": "√", "→": "›"}
)
"""What Vera has no glyph for, and the nearest that it has."""
_LEVELS: Final = ("unit", "section", "part")
_LISTED: Final = 2
"""Levels of headings in the table of contents and among the bookmarks."""


class Heading(Paragraph):
    """A heading; `level` 0 is a unit, 1 a section, 2 a part of it; the contents name it if it is `listed`."""

    def __init__(self, text: str, level: int, *, listed: bool = True) -> None:
        super().__init__(escaped(text), look(_LEVELS[level]))
        self.level = level
        self.listed = listed
        self.words = text.translate(_SUBSTITUTES)


class Book(BaseDocTemplate):
    """The document; equal text gives equal bytes."""

    def __init__(self, target: BinaryIO, title: str, stand: str) -> None:
        measure.register_fonts()
        super().__init__(
            target,
            pagesize=A4,
            title=title,
            author=style.PUBLISHER,
            subject=style.COURSE,
            creator="Lotse",
            lang=style.LANGUAGE,
            invariant=1,
            displayDocTitle=1,
            initialFontName=style.PDF_FONT,  # otherwise every page names Helvetica, which is not embedded
        )
        self.stand = stand
        self.unit = ""
        margin = style.PAGE_MARGIN
        inner = Frame(margin, margin, ROOM, A4[1] - 2 * margin, 0, 0, 0, 0, id="inner")
        cover = Frame(margin, margin, ROOM, A4[1] - 2 * margin, 0, 0, 0, 0, id="cover")
        self.addPageTemplates(
            [
                PageTemplate("cover", [cover], onPage=_paint_cover),
                PageTemplate("page", [inner], onPageEnd=self._paint_page),
            ]
        )

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab calls it so
        """Forget the heads of the pass before."""
        self.unit = ""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab calls it so
        """Make a heading a target, a bookmark and a line of the contents."""
        if not isinstance(flowable, Heading):
            return
        if flowable.level == 0:
            self.unit = flowable.words
        if flowable.level >= _LISTED:
            return
        key = hashlib.sha256(f"{self.unit}/{flowable.words}".encode()).hexdigest()[:12]
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.words, key, flowable.level, closed=flowable.level == 0)
        if flowable.listed:
            self.notify("TOCEntry", (flowable.level, escaped(flowable.words), self.page, key))

    def _paint_page(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(style.PDF_FONT, style.PAGE_SMALL)
        canvas.setFillColor(HexColor(f"#{style.GREY}"))
        right = A4[0] - style.PAGE_MARGIN
        top, bottom = A4[1] - 36, 34
        canvas.drawString(style.PAGE_MARGIN, top, style.COURSE)
        canvas.drawRightString(right, top, self.unit)
        canvas.drawString(style.PAGE_MARGIN, bottom, f"{style.PUBLISHER} · {self.stand}")
        canvas.drawRightString(right, bottom, f"Seite {document.page}")
        canvas.setStrokeColor(HexColor(f"#{style.RULE}"))
        canvas.setLineWidth(0.5)
        canvas.line(style.PAGE_MARGIN, top - 7, right, top - 7)
        canvas.restoreState()


def escaped(text: str) -> str:
    """Return `text` as markup of a paragraph; raises MediaError that names a character without a glyph."""
    text = text.translate(_SUBSTITUTES)
    for character in text:
        if ord(character) not in _glyphs():
            raise MediaError(
                f"Für das Zeichen „{character}“ (U+{ord(character):04X}) hat die Schrift der PDF-Datei kein Bild.",
                "Bitte das Zeichen im Text ersetzen.",
            )
    return escape(text, {'"': "&quot;"})


def contents() -> list[Flowable]:
    """Return the table of contents."""
    table = TableOfContents()
    table.levelStyles = [look("contents-unit"), look("contents-section")]
    table.dotsMinLevel = 1
    table.tableStyle = TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), style.PDF_FONT),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ]
    )
    return [Paragraph("Inhalt", look("unit")), table]


def caption(text: str) -> Flowable:
    """Return the caption of a table; it stays with the table."""
    return Paragraph(escaped(text), look("caption"))


def cell(markup: str, *, bold: bool = False) -> Paragraph:
    """Return the content of a cell."""
    return Paragraph(markup, look("cell-bold" if bold else "cell"))


def grid(header: Sequence[str], texts: Sequence[Sequence[str]], rows: Sequence[Sequence[Paragraph]]) -> Flowable:
    """Return a table whose head repeats on every page; `texts` are the words of `rows`, for the widths."""
    widths = measure.columns([header, *texts], ROOM, style.PAGE_TABLE, _CELL_SIDE)
    head = [Paragraph(escaped(text), look("cell-head")) for text in header]
    made = Grid([head, *(list(row) for row in rows)], colWidths=widths, repeatRows=1, spaceAfter=12)
    commands: list[Any] = [
        ("FONTNAME", (0, 0), (-1, -1), style.PDF_FONT),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor(f"#{style.COLOUR}")),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor(f"#{style.WHITE}"), HexColor(f"#{style.COLOUR_PALE}")]),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(f"#{style.RULE}")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), _CELL_SIDE),
        ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_SIDE),
        ("TOPPADDING", (0, 0), (-1, -1), 3.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
        # The head never stands without a row, and no last row stands alone on a page.
        ("NOSPLIT", (0, 0), (0, 1)),
        ("NOSPLIT", (0, -2), (0, -1)),
    ]
    made.setStyle(TableStyle(commands))
    return made


@cache
def _glyphs() -> frozenset[int]:
    measure.register_fonts()
    font: Any = getFont(style.PDF_FONT)
    return frozenset(font.face.charToGlyph)


def look(name: str) -> ParagraphStyle:
    """Return the paragraph style called `name`."""
    return _looks()[name]


@cache
def _looks() -> dict[str, ParagraphStyle]:
    measure.register_fonts()
    ink, grey, colour, white = (HexColor(f"#{c}") for c in (style.INK, style.GREY, style.COLOUR, style.WHITE))
    plain = ParagraphStyle(
        "text",
        fontName=style.PDF_FONT,
        fontSize=style.PAGE_TEXT,
        leading=style.PAGE_LEADING,
        textColor=ink,
        spaceAfter=7,
        allowWidows=0,
        allowOrphans=0,
        bulletFontName=style.PDF_FONT,
    )
    bold: dict[str, Any] = {"fontName": style.PDF_BOLD, "textColor": colour, "keepWithNext": 1}
    small: dict[str, Any] = {"fontSize": style.PAGE_TABLE, "leading": style.PAGE_TABLE_LEADING, "spaceAfter": 0}
    kinds: dict[str, dict[str, Any]] = {
        "unit": {**bold, "fontSize": 20, "leading": 26, "spaceAfter": 10},
        "section": {**bold, "fontSize": 13, "leading": 17, "spaceBefore": 14, "spaceAfter": 5},
        "part": {**bold, "fontSize": 10.5, "leading": 14, "spaceBefore": 8, "spaceAfter": 4},
        "box": {
            "backColor": HexColor(f"#{style.COLOUR_PALE}"),
            "borderPadding": (8, 10, 9, 10),
            "leftIndent": 10,
            "rightIndent": 10,
            "spaceBefore": 14,
            "spaceAfter": 22,
        },
        "item": {"spaceAfter": 0},
        "caption": {**small, "fontName": style.PDF_BOLD, "textColor": grey, "keepWithNext": 1, "spaceBefore": 6}
        | {"spaceAfter": 4},
        "cell": small,
        "cell-bold": {**small, "fontName": style.PDF_BOLD},
        "cell-head": {**small, "fontName": style.PDF_BOLD, "textColor": white},
        "source": {**small, "fontSize": 8.5, "leading": 12, "leftIndent": 30, "bulletIndent": 0, "spaceAfter": 5}
        | {"bulletFontSize": 8.5, "splitLongWords": 1},
        "cover": {"fontName": style.PDF_BOLD, "fontSize": 32, "leading": 42, "textColor": white, "spaceAfter": 12},
        "cover-second": {"fontSize": 15, "leading": 21, "textColor": white},
        "cover-line": {"fontSize": 11, "leading": 18, "textColor": white, "spaceAfter": 3},
        "contents-unit": {"fontName": style.PDF_BOLD, "spaceBefore": 9, "spaceAfter": 2, "textColor": colour},
        "contents-section": {"fontSize": 9, "leading": 13, "leftIndent": 16, "spaceAfter": 0},
    }
    styles = {"text": plain}
    for name, values in kinds.items():
        styles[name] = ParagraphStyle(name, plain, **values)
    return styles


def _paint_cover(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFillColor(HexColor(f"#{style.COLOUR}"))
    canvas.rect(0, 0, A4[0], A4[1], stroke=0, fill=1)
    canvas.restoreState()
