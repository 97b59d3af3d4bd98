"""The course as one web page (HTML): readable and accessible, without scripts and without any foreign address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from indexer.dates import german_date
from indexer.editing.media import style
from indexer.editing.media.course import BRIEF, EXERCISES, GOALS, TERMS, TEST
from indexer.editing.media.outline import Paragraph, Part, Passage, Points, Subheading, Unit

TEMPLATE: Final = "page.html.jinja"
_COLOURS: Final = {
    name.lower().replace("_", "-"): value
    for name, value in vars(style).items()
    if name in ("COLOUR", "COLOUR_PALE", "INK", "GREY", "RULE", "WHITE")
}


def build(units: Sequence[Unit]) -> bytes:
    """Return the page with all units."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shape"] = _shape
    environment.filters["group"] = _group
    text = environment.get_template(TEMPLATE).render(
        units=units,
        stand=german_date(max(unit.stand for unit in units)),
        stand_iso=max(unit.stand for unit in units).isoformat(),
        style=style,
        colours=_COLOURS,
        names={"brief": BRIEF, "goals": GOALS, "exercises": EXERCISES, "test": TEST, "terms": TERMS},
        marked=_marked,
        links=_links,
    )
    return f"{text.rstrip()}\n".encode()


def _group(parts: Iterable[Part]) -> list[tuple[str, Part]]:
    """Return parts with the name of their shape."""
    return [(_shape(part), part) for part in parts]


def _shape(part: Part) -> str:
    match part:
        case Paragraph():
            return "paragraph"
        case Points(_, ordered):
            return "ol" if ordered else "ul"
        case Subheading():
            return "heading"
        case _:
            return "table"


def _marked(passage: Passage, unit: Unit) -> Markup:
    """Return sentences with their numbers as links to the list of sources."""
    pieces = []
    for sentence in passage:
        note = Markup(' <span class="note">({})</span>').format(sentence.note) if sentence.note else ""
        links = _links(sentence.refs, unit)
        raised = Markup("\N{NO-BREAK SPACE}<sup>{}</sup>").format(links) if links else ""
        pieces.append(Markup("{}{}{}").format(escape(sentence.text), note, raised))
    return Markup(" ").join(pieces)


def _links(refs: Iterable[int], unit: Unit) -> Markup:
    link = Markup('<a href="#quelle-{0}-{1}" aria-label="Quelle {1}">[{1}]</a>')
    return Markup(" ").join(link.format(unit.number, ref) for ref in refs)
