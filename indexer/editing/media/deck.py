"""The frame of the slides: a 16:9 master in the course's look, and the pieces that a slide is put together from."""

from __future__ import annotations

import copy
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from indexer.editing.media import archive, master, measure, style
from indexer.editing.media.outline import Passage, Reference, marks


class Deck:
    """A presentation that grows slide by slide; all measures are points."""

    def __init__(self, title: str, foot: str, stand: dt.date) -> None:
        self.foot = foot
        self.stand = stand
        self.presentation = Presentation()
        self.presentation.slide_width = Pt(style.SLIDE_WIDTH)
        self.presentation.slide_height = Pt(style.SLIDE_HEIGHT)
        master.dress(self.presentation)
        core = self.presentation.core_properties
        core.title, core.author, core.last_modified_by = title, style.PUBLISHER, style.PUBLISHER
        core.subject, core.language, core.revision = style.COURSE, style.LANGUAGE, 1
        core.created = core.modified = dt.datetime.combine(stand, dt.time())

    def content(self) -> bytes:
        """Return the file."""
        target = io.BytesIO()
        self.presentation.save(target)
        return archive.repack(target.getvalue(), self.stand)

    def opening(self, title: str, lines: Sequence[str], notes: str) -> None:
        """Add the title slide; the first of `lines` stands above the title, the others below."""
        slide = self._slide(master.OPENING, title, size=40)
        frame = slide.placeholders[1].text_frame
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            self._run(paragraph, line, 20, style.WHITE, bold=number == 0)
        self._notes(slide, notes)

    def slide(self, title: str, notes: str, *, body: bool) -> Slide:
        """Add a slide; with `body` it has a placeholder for text, otherwise only its title."""
        room = master.BODY_WIDTH
        size = next((s for s in (style.SLIDE_TITLE, 26.0, 24.0) if measure.lines(title, s, room, bold=True) <= 2), 22.0)
        slide = self._slide(master.TEXT if body else master.TITLE_ONLY, title, size)
        layout: Any = slide.slide_layout
        for placeholder in layout.placeholders:
            if placeholder.placeholder_format.type in master.FOOT:
                element = copy.deepcopy(placeholder.element)
                slide.shapes._spTree.append(element)
                if placeholder.placeholder_format.type is PP_PLACEHOLDER.FOOTER:
                    foot: Any = slide.shapes[-1]
                    foot.text_frame.clear()
                    self._run(foot.text_frame.paragraphs[0], self.foot, style.SLIDE_FOOT, style.GREY)
        self._notes(slide, notes)
        return slide

    def points(
        self,
        slide: Slide,
        items: Sequence[Passage],
        top: float,
        height: float,
        *,
        size: float,
        first: int | None,
        placed: bool,
    ) -> None:
        """Write a list; numbered from `first` if that is given; into the slide's placeholder unless `placed`."""
        shape: Any = (
            slide.shapes.add_textbox(Pt(0), Pt(0), Pt(1), Pt(1))
            if placed
            else next(p for p in slide.placeholders if p.placeholder_format.idx == 1)
        )
        shape.left, shape.top = Pt(style.SLIDE_MARGIN), Pt(top)
        shape.width, shape.height = Pt(master.BODY_WIDTH), Pt(height)
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for number, item in enumerate(items):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.space_before = Pt(style.SLIDE_GAP if number else 0)
            _bullet(paragraph, first)
            for position, sentence in enumerate(item):
                self._run(paragraph, f"{' ' if position else ''}{sentence.text}", size, style.INK)
                if sentence.note:
                    self._run(paragraph, f" ({sentence.note})", size, style.GREY)
                self._marks(paragraph, sentence.refs, size)

    def caption(self, slide: Slide, text: str, top: float, height: float) -> None:
        """Write a table's caption."""
        shape = slide.shapes.add_textbox(Pt(style.SLIDE_MARGIN), Pt(top), Pt(master.BODY_WIDTH), Pt(height))
        shape.name = "Tabellenüberschrift"
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        self._run(frame.paragraphs[0], text, style.SLIDE_CAPTION, style.GREY, bold=True)

    def table(
        self,
        slide: Slide,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        heights: Sequence[float],
        top: float,
        *,
        name: str,
        size: float,
        strong: bool = False,
        links: Sequence[str] = (),
    ) -> None:
        """Write a real table, its first row is the head; `strong` makes the first column bold, `links` link it."""
        frame = slide.shapes.add_table(
            len(rows), len(widths), Pt(style.SLIDE_MARGIN), Pt(top), Pt(sum(widths)), Pt(sum(heights))
        )
        frame.name = "Tabelle"
        frame._element.nvGraphicFramePr.cNvPr.set("descr", name)
        table: Any = frame.table
        table.first_row, table.horz_banding, table.first_col = True, False, strong
        for index, wide in enumerate(widths):
            table.columns[index].width = Pt(wide)
        for number, (row, high) in enumerate(zip(rows, heights, strict=True)):
            table.rows[number].height = Pt(high)
            for index, text in enumerate(row):
                cell = table.cell(number, index)
                cell.margin_left = cell.margin_right = Pt(style.SLIDE_CELL_SIDE)
                cell.margin_top = cell.margin_bottom = Pt(style.SLIDE_CELL_TOP)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE if number == 0 else MSO_ANCHOR.TOP
                cell.fill.solid()
                ground = style.COLOUR if number == 0 else style.COLOUR_PALE if number % 2 == 0 else style.WHITE
                cell.fill.fore_color.rgb = master.rgb(ground)
                ink = style.WHITE if number == 0 else style.INK
                bold = number == 0 or (strong and index == 0)
                run = self._run(cell.text_frame.paragraphs[0], text, size, ink, bold=bold)
                if number and index == 0 and links and links[number - 1]:
                    run.hyperlink.address = links[number - 1]
                    run._r.rPr.find(qn("a:hlinkClick")).set("tooltip", row[1])

    def _slide(self, layout: str, title: str, size: float) -> Slide:
        slides: Any = self.presentation.slides
        slide: Slide = slides.add_slide(self.presentation.slide_layouts.get_by_name(layout))
        heading: Any = slide.shapes.title
        heading.text_frame.text = title
        font = heading.text_frame.paragraphs[0].runs[0].font
        font.size, font.language_id = Pt(size), MSO_LANGUAGE_ID.GERMAN
        return slide

    def _notes(self, slide: Slide, text: str) -> None:
        frame = slide.notes_slide.notes_text_frame
        assert frame is not None
        frame.text = text
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.language_id = MSO_LANGUAGE_ID.GERMAN

    def _run(self, paragraph: Any, text: str, size: float, colour: str, *, bold: bool = False) -> Any:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.language_id = Pt(size), bold, MSO_LANGUAGE_ID.GERMAN
        run.font.color.rgb = master.rgb(colour)
        return run

    def _marks(self, paragraph: Any, refs: Iterable[int], size: float) -> None:
        text = marks(refs)
        if text:
            run = self._run(paragraph, f"\N{NO-BREAK SPACE}{text}", size, style.GREY)
            run.font._element.set("baseline", "30000")


def source_lines(references: Iterable[Reference]) -> list[str]:
    """Return sources as lines of notes."""
    return [f"[{entry.number}] {entry.text}{f', {entry.url}' if entry.url else ''}" for entry in references]


def _bullet(paragraph: Any, first: int | None) -> None:
    properties = paragraph._p.get_or_add_pPr()
    indent = int(Pt(style.SLIDE_INDENT))
    properties.set("marL", str(indent))
    properties.set("indent", str(-indent))
    colour = master.child(properties, "a:buClr")
    master.child(colour, "a:srgbClr").set("val", style.COLOUR)
    master.child(properties, "a:buFont").set("typeface", style.OFFICE_FONT)
    if first is None:
        master.child(properties, "a:buChar").set("char", "•")
    else:
        number = master.child(properties, "a:buAutoNum")
        number.set("type", "arabicPeriod")
        number.set("startAt", str(first))
