"""A Word document in the course's look: the styles, and the pieces that a handout is put together from."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from indexer.editing.media import archive, measure, style
from indexer.editing.media.outline import Passage, Reference, marks

_WIDTH: Final = Cm(21.0)
_HEIGHT: Final = Cm(29.7)
_MARGIN: Final = Pt(style.PAGE_MARGIN)
_ROOM: Final = (_WIDTH - 2 * _MARGIN) / Pt(1)
_LINE: Final = "Schreiblinie"
_CELL: Final = "Tabellentext"
_SOURCE: Final = "Quellenangabe"
_CELL_SIDE: Final = 5.4
"""What Word leaves free at both sides of a cell."""


class Sheet:
    """A document that grows from top to bottom."""

    def __init__(self, title: str, foot: str, stand: dt.date) -> None:
        self.stand = stand
        self.document = Document()
        core = self.document.core_properties
        core.title, core.author, core.last_modified_by = title, style.PUBLISHER, style.PUBLISHER
        core.subject, core.language, core.revision, core.comments = style.COURSE, style.LANGUAGE, 1, ""
        core.created = core.modified = dt.datetime.combine(stand, dt.time())
        section = self.document.sections[0]
        section.page_width, section.page_height = _WIDTH, _HEIGHT
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
        self._styles()
        self._foot(section.footer.paragraphs[0], foot)
        _drop_extras(self.document)

    def content(self) -> bytes:
        """Return the file."""
        target = io.BytesIO()
        self.document.save(target)
        return archive.repack(target.getvalue(), self.stand)

    def text(self, text: str, name: str = "Normal", *, keep: bool = False) -> None:
        """Add a paragraph in the style `name`; `keep` holds it on the page of the next one."""
        self.document.add_paragraph(text, name).paragraph_format.keep_with_next = True if keep else None

    def heading(self, text: str, level: int, *, new_page: bool = False) -> None:
        """Add a heading of `level`, if wanted at the top of a page."""
        self.document.add_paragraph(text, f"Heading {level}").paragraph_format.page_break_before = new_page or None

    def passage(self, passage: Passage, *, keep: bool = False) -> None:
        """Add sentences as one paragraph, each with the numbers of its sources."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True if keep else None
        self._sentences(paragraph, passage)

    def numbering(self) -> int:
        """Return a numbered list that begins with 1."""
        part: Any = self.document.part.numbering_part.element
        names: Any = self.document.styles
        own = names["List Number"].element.pPr.numPr.numId.val
        abstract = part.num_having_numId(own).abstractNumId.val
        number = part.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def item(self, content: Passage | str, numbering: int | None, *, keep: bool = False) -> None:
        """Add a point of a list: of the numbered list `numbering`, or with a bullet."""
        paragraph: Any = self.document.add_paragraph(style="List Bullet" if numbering is None else "List Number")
        paragraph.paragraph_format.keep_with_next = True if keep else None
        if numbering is not None:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = numbering
        if isinstance(content, str):
            paragraph.add_run(content)
        else:
            self._sentences(paragraph, content)

    def lines(self, count: int) -> None:
        """Add empty lines to write on; they stay on one page."""
        for number in range(count):
            self.document.add_paragraph(style=_LINE).paragraph_format.keep_with_next = number < count - 1 or None

    def table(
        self, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, strong: bool = False
    ) -> None:
        """Add a table with its caption; the head repeats on every page and no row is torn apart."""
        if caption:
            self.text(caption, "Caption", keep=True)
        widths = measure.columns([header, *rows], _ROOM, style.HANDOUT_TABLE, _CELL_SIDE)
        table: Any = self.document.add_table(rows=0, cols=len(header), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        table._tbl.tblPr.find(qn("w:tblLayout")).addprevious(_borders("w:tblBorders", sides))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Pt(width)
        for number, texts in enumerate([header, *rows]):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = Pt(widths[index])
                paragraph = cell.paragraphs[0]
                paragraph.style = _CELL
                # The head and the first row, and the last two rows, stay together.
                paragraph.paragraph_format.keep_with_next = True if number in (0, len(rows) - 1) else None
                run = paragraph.add_run(text)
                run.bold = True if number == 0 or (strong and index == 0) else None
                if number == 0:
                    run.font.color.rgb = RGBColor(*style.rgb(style.WHITE))
                if number % 2 == 0:
                    _shade(cell, style.COLOUR_PALE if number else style.COLOUR)
        self.document.add_paragraph(style=_CELL)

    def source(self, reference: Reference) -> None:
        """Add an entry of the list of sources, with its address as a link."""
        paragraph: Any = self.document.add_paragraph(style=_SOURCE)
        paragraph.add_run(f"[{reference.number}]\t{reference.text}")
        if not reference.url:
            return
        paragraph.add_run().add_break()
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), self.document.part.relate_to(reference.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = paragraph.add_run(reference.url)
        run.font.color.rgb, run.underline = RGBColor(*style.rgb(style.COLOUR)), True
        link.append(run._r)
        paragraph._p.append(link)

    def _sentences(self, paragraph: Any, passage: Passage) -> None:
        for position, sentence in enumerate(passage):
            paragraph.add_run(f"{' ' if position else ''}{sentence.text}")
            if sentence.note:
                note = paragraph.add_run(f" ({sentence.note})")
                note.font.color.rgb = RGBColor(*style.rgb(style.GREY))
            if sentence.refs:
                run = paragraph.add_run(f"\N{NO-BREAK SPACE}{marks(sentence.refs)}")
                run.font.superscript, run.font.color.rgb = True, RGBColor(*style.rgb(style.GREY))

    def _styles(self) -> None:
        styles: Any = self.document.styles
        language = styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
        language.set(qn("w:val"), style.LANGUAGE)
        _letters(styles["Normal"], style.HANDOUT_TEXT, style.INK)
        styles["Normal"].paragraph_format.space_after = Pt(6)
        styles["Normal"].paragraph_format.line_spacing = 1.25
        styles["Normal"].paragraph_format.keep_together = True
        _letters(styles["Title"], 20, style.COLOUR, bold=True)
        _letters(styles["Subtitle"], style.HANDOUT_TEXT, style.GREY)
        _letters(styles["Caption"], style.HANDOUT_TABLE, style.GREY, bold=True)
        styles["Subtitle"].font.italic = False
        styles["Title"].paragraph_format.space_after = Pt(4)
        rule = styles["Title"].element.pPr.find(qn("w:pBdr"))
        if rule is not None:
            styles["Title"].element.pPr.remove(rule)
        for level, size, before in ((1, 15, 20), (2, 12, 12), (3, 10.5, 8)):
            _letters(styles[f"Heading {level}"], size, style.COLOUR, bold=True)
            styles[f"Heading {level}"].paragraph_format.space_before = Pt(before)
            styles[f"Heading {level}"].paragraph_format.space_after = Pt(4)
        for name, size in ((_LINE, style.HANDOUT_TEXT), (_CELL, style.HANDOUT_TABLE), (_SOURCE, style.HANDOUT_SMALL)):
            added = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            added.base_style = styles["Normal"]
            _letters(added, size, style.INK)
        cell, source, line = (styles[name].paragraph_format for name in (_CELL, _SOURCE, _LINE))
        cell.space_before = cell.space_after = Pt(2)
        cell.line_spacing = 1.1
        source.left_indent, source.first_line_indent, source.keep_together = Pt(30), Pt(-30), True
        source.tab_stops.add_tab_stop(Pt(30))
        source.line_spacing, source.space_after = 1.1, Pt(4)
        line.space_before, line.space_after, line.line_spacing = Pt(0), Pt(0), Pt(25)
        # The schema wants the border before the spacing.
        styles[_LINE].element.get_or_add_pPr().insert(0, _borders("w:pBdr", ("bottom", "between")))

    def _foot(self, paragraph: Any, text: str) -> None:
        paragraph.paragraph_format.tab_stops.clear_all()
        paragraph.style.paragraph_format.tab_stops.clear_all()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(_ROOM), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{text}\tSeite ")
        _field(paragraph, "PAGE")
        paragraph.add_run(" von ")
        _field(paragraph, "NUMPAGES")
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(style.HANDOUT_SMALL), RGBColor(*style.rgb(style.GREY))


def _drop_extras(document: Any) -> None:
    """Remove what the template brings and nobody needs: a preview, styles for another program, fifty table styles."""
    for relations in (document.part.package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(("/thumbnail", "/stylesWithEffects")):
                del relations[key]
    for named in list(document.styles):
        if named.type is WD_STYLE_TYPE.TABLE and named.name not in ("Normal Table", "Table Grid"):
            named.delete()


def _letters(named: Any, size: float, colour: str, *, bold: bool = False) -> None:
    """Set size, colour and font of a style; the template's theme fonts would win otherwise."""
    named.font.size, named.font.bold, named.font.name = Pt(size), bold, style.OFFICE_FONT
    named.font.color.rgb = RGBColor(*style.rgb(colour))
    fonts = named.element.rPr.rFonts
    for key in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[key]
    for key in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(key), style.OFFICE_FONT)


def _field(paragraph: Any, name: str) -> None:
    for kind, content in (("begin", ""), ("", name), ("end", "")):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = content
        run._r.append(mark)


def _borders(tag: str, sides: Sequence[str]) -> Any:
    borders = OxmlElement(tag)
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", style.RULE)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    return borders


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
