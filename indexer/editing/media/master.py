"""The master of the slides: python-pptx's template, dressed in the course's measures, fonts and colours at 16:9."""

from __future__ import annotations

from typing import Any, Final

from pptx.dml.color import RGBColor
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.presentation import Presentation
from pptx.util import Pt

from indexer.editing.media import style

OPENING: Final = "Title Slide"
TEXT: Final = "Title and Content"
TITLE_ONLY: Final = "Title Only"
FOOT: Final = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
BODY_WIDTH: Final = style.SLIDE_WIDTH - 2 * style.SLIDE_MARGIN
_BAR: Final = """\
<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
      xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
  <p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
  <p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>
    <a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>
    <a:ln><a:noFill/></a:ln></p:spPr>
  <p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="de-DE"/></a:p></p:txBody>
</p:sp>"""


def dress(presentation: Presentation) -> None:
    """Give master and layouts the measures, fonts and colours of the course."""
    master = presentation.slide_master
    for layout in list(presentation.slide_layouts):
        if layout.name not in (OPENING, TEXT, TITLE_ONLY):
            presentation.slide_layouts.remove(layout)
    _drop_extras(presentation)
    theme: Any = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = _recolour(theme.blob)
    left, wide = style.SLIDE_MARGIN, BODY_WIDTH
    foot = (style.SLIDE_FOOT_TOP, 24.0)
    places = {
        PP_PLACEHOLDER.TITLE: (left, style.SLIDE_TITLE_TOP, wide, style.SLIDE_TITLE_HEIGHT),
        PP_PLACEHOLDER.BODY: (left, style.SLIDE_BODY_TOP, wide, style.SLIDE_BODY_BOTTOM - style.SLIDE_BODY_TOP),
        PP_PLACEHOLDER.FOOTER: (left, foot[0], wide - 80, foot[1]),
        PP_PLACEHOLDER.SLIDE_NUMBER: (left + wide - 70, foot[0], 70.0, foot[1]),
        PP_PLACEHOLDER.DATE: (left, style.SLIDE_HEIGHT, 70.0, foot[1]),
    }
    for shape in master.placeholders:
        _place(shape, places[shape.placeholder_format.type])
        shape.text_frame.margin_left = shape.text_frame.margin_right = 0
        shape.text_frame.vertical_anchor = (
            MSO_ANCHOR.BOTTOM if shape.placeholder_format.type is PP_PLACEHOLDER.TITLE else MSO_ANCHOR.TOP
        )
        body = shape.text_frame._txBody.bodyPr
        for child in list(body):
            body.remove(child)
        if shape.placeholder_format.type in FOOT:
            level = shape.element.find(f".//{qn('a:lvl1pPr')}")
            level.set("algn", "l" if shape.placeholder_format.type is PP_PLACEHOLDER.FOOTER else "r")
            _font(level, style.SLIDE_FOOT, style.GREY, bold=False)
    styles = master.element.find(qn("p:txStyles"))
    title, body = (styles.find(f"{qn(name)}/{qn('a:lvl1pPr')}") for name in ("p:titleStyle", "p:bodyStyle"))
    title.set("algn", "l")
    _font(title, style.SLIDE_TITLE, style.COLOUR, bold=True)
    _font(body, style.SLIDE_SIZES[0][0], style.INK, bold=False)
    tree = master.shapes._spTree
    tree.insert(2, _bar(101, "Farbstreifen", 0, 0, 14, style.SLIDE_HEIGHT, style.COLOUR))
    rule = style.SLIDE_TITLE_TOP + style.SLIDE_TITLE_HEIGHT + 4
    tree.insert(3, _bar(102, "Linie", left, rule, wide, 1, style.RULE))
    _dress_opening(presentation)


def _dress_opening(presentation: Presentation) -> None:
    layout: Any = presentation.slide_layouts.get_by_name(OPENING)
    layout.element.set("showMasterSp", "0")
    layout.background.fill.solid()
    layout.background.fill.fore_color.rgb = rgb(style.COLOUR)
    for shape in list(layout.placeholders):
        if shape.placeholder_format.type in (*FOOT, PP_PLACEHOLDER.DATE):
            shape.element.getparent().remove(shape.element)
            continue
        is_title = shape.placeholder_format.idx == 0
        _place(shape, (80.0, 110.0, 800.0, 170.0) if is_title else (80.0, 306.0, 800.0, 130.0))
        shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if is_title else MSO_ANCHOR.TOP
        for level in shape.element.iter(qn("a:lvl1pPr")):
            level.set("algn", "l")
        if is_title:
            layout_style = shape.element.find(f".//{qn('a:lstStyle')}")
            level = layout_style.find(qn("a:lvl1pPr"))
            if level is None:
                level = child(layout_style, "a:lvl1pPr")
            _font(level, 40, style.WHITE, bold=True)
    layout.shapes._spTree.insert(2, _bar(103, "Linie", 80, 290, 96, 4, style.WHITE))


def _drop_extras(presentation: Presentation) -> None:
    package = presentation.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package.drop_rel(key)
    for key, relation in list(presentation.part.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.PRINTER_SETTINGS:
            presentation.part.rels.pop(key)


def _place(shape: Any, place: tuple[float, float, float, float]) -> None:
    shape.left, shape.top, shape.width, shape.height = (Pt(value) for value in place)


def _bar(number: int, name: str, x: float, y: float, wide: float, high: float, colour: str) -> Any:
    return parse_xml(_BAR.format(id=number, name=name, x=Pt(x), y=Pt(y), cx=Pt(wide), cy=Pt(high), colour=colour))


def _font(level: Any, size: float, colour: str, *, bold: bool) -> None:
    font = level.find(qn("a:defRPr"))
    if font is None:
        font = child(level, "a:defRPr")
    font.set("sz", str(int(size * 100)))
    font.set("b", str(int(bold)))
    for fill in font.findall(qn("a:solidFill")):
        font.remove(fill)
    fill = child(font, "a:solidFill")
    child(fill, "a:srgbClr").set("val", colour)
    font.insert(0, fill)


def _recolour(theme: bytes) -> bytes:
    """Return the theme with the course's font and colour; the first accent and links carry it."""
    root: Any = parse_xml(theme)
    scheme = root.find(f".//{qn('a:clrScheme')}")
    for name in ("accent1", "hlink", "folHlink", "dk2"):
        element = scheme.find(qn(f"a:{name}"))
        for old in list(element):
            element.remove(old)
        child(element, "a:srgbClr").set("val", style.COLOUR)
    for element in root.find(f".//{qn('a:fontScheme')}").iter(qn("a:latin")):
        element.set("typeface", style.OFFICE_FONT)
    return bytes(serialize_part_xml(root))


def rgb(colour: str) -> Any:
    """Return a colour of the style as python-pptx wants it."""
    make: Any = RGBColor  # its constructor carries no types
    return make(*style.rgb(colour))


def child(parent: Any, tag: str) -> Any:
    """Append a new element to `parent` and return it."""
    element = parent.makeelement(qn(tag))
    parent.append(element)
    return element
