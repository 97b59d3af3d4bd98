"""Frames of a slide: text or table with a known height, and the plan of which frames stand on which slide.

The layout is planned in measures before anything is written: a slide takes only the frames that fit between its title
and its footer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from indexer.editing.media import MediaError, measure, style
from indexer.editing.media.outline import Passage, refs_of

WIDTH: Final = style.SLIDE_WIDTH - 2 * style.SLIDE_MARGIN
ROOM: Final = style.SLIDE_BODY_BOTTOM - style.SLIDE_BODY_TOP
BETWEEN: Final = 18.0
"""Between two frames of one slide."""
_AFTER_CAPTION: Final = 6.0


class Sizes(NamedTuple):
    """The type of a slide in points."""

    text: float
    table: float


SIZES: Final = tuple(Sizes(*pair) for pair in style.SLIDE_SIZES)


@dataclass(frozen=True)
class TextFrame:
    """Points that stand together; numbered from `first` if that is given."""

    items: tuple[Passage, ...]
    size: float
    first: int | None = None

    @property
    def height(self) -> float:
        """The room that the frame takes."""
        heights = self.heights()
        return sum(heights) + style.SLIDE_GAP * (len(heights) - 1)

    def heights(self) -> list[float]:
        """The room that each point takes."""
        room = WIDTH - style.SLIDE_INDENT
        return [measure.height(" ".join(sentence.marked for sentence in item), self.size, room) for item in self.items]

    def refs(self) -> tuple[int, ...]:
        """The sources of all points."""
        return refs_of(sentence for item in self.items for sentence in item)

    def split(self) -> list[TextFrame]:
        """Return frames that each fit on a slide."""
        frames: list[TextFrame] = []
        done = 0
        for count in _pages(self.heights(), ROOM, style.SLIDE_GAP, style.SLIDE_POINTS):
            first = None if self.first is None else self.first + done
            frames.append(replace(self, items=self.items[done : done + count], first=first))
            done += count
        return frames

    def notes(self) -> list[str]:
        """The text in full."""
        texts = [" ".join(sentence.marked for sentence in item) for item in self.items]
        if self.first is None:
            return texts
        return [f"{number}. {text}" for number, text in enumerate(texts, start=self.first)]


@dataclass(frozen=True)
class TableFrame:
    """A table or some of its rows; `rows` begins with the head."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    refs_of_rows: tuple[tuple[int, ...], ...]
    widths: tuple[float, ...]
    size: float
    strong: bool = False
    links: tuple[str, ...] = ()

    @property
    def caption_height(self) -> float:
        """The room of the caption and of what is left free below it."""
        if not self.caption:
            return 0.0
        return measure.height(self.caption, style.SLIDE_CAPTION, WIDTH, bold=True) + _AFTER_CAPTION

    @property
    def height(self) -> float:
        """The room that the frame takes."""
        return self.caption_height + sum(self.heights())

    def heights(self) -> list[float]:
        """The room that each row takes."""
        return [
            max(
                measure.height(
                    text, self.size, room - 2 * style.SLIDE_CELL_SIDE, bold=not number or (self.strong and not column)
                )
                for column, (text, room) in enumerate(zip(row, self.widths, strict=True))
            )
            + 2 * style.SLIDE_CELL_TOP
            for number, row in enumerate(self.rows)
        ]

    def refs(self) -> tuple[int, ...]:
        """The sources of all rows."""
        return tuple(dict.fromkeys(ref for refs in self.refs_of_rows for ref in refs))

    def split(self) -> list[TableFrame]:
        """Return tables that each fit on a slide; every one has the caption and the head."""
        head, *rows = self.rows
        high, *heights = self.heights()
        frames: list[TableFrame] = []
        done = 0
        for count in _pages(heights, ROOM - self.caption_height - high, 0.0, len(rows)):
            part = slice(done, done + count)
            frames.append(
                replace(self, rows=(head, *rows[part]), refs_of_rows=self.refs_of_rows[part], links=self.links[part])
            )
            done += count
        return frames

    def notes(self) -> list[str]:
        """The text in full."""
        head, *rows = self.rows
        lines = ["; ".join(f"{name}: {text}" for name, text in zip(head, row, strict=True) if text) for row in rows]
        return [f"Tabelle: {self.caption}", *lines] if self.caption else lines


Frame = TextFrame | TableFrame


def plan(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Return the frames of each slide: as few slides as possible, evenly filled; what is too high is split."""
    pieces = [piece for whole in frames for piece in _fitting(whole)]
    for count in range(1, len(pieces)):
        cuts = combinations(range(1, len(pieces)), count - 1)
        ways = [[pieces[a:b] for a, b in pairwise((0, *cut, len(pieces)))] for cut in cuts]
        fitting = [way for way in ways if all(_fits(slide) for slide in way)]
        if fitting:
            return min(fitting, key=lambda way: max(_height(slide) for slide in way))
    return [[piece] for piece in pieces]


def _height(frames: Sequence[Frame]) -> float:
    return sum(frame.height for frame in frames) + BETWEEN * (len(frames) - 1)


def _fits(frames: Sequence[Frame]) -> bool:
    points = sum(len(frame.items) for frame in frames if isinstance(frame, TextFrame))
    return points <= style.SLIDE_POINTS and _height(frames) <= ROOM


def roomiest(make: Callable[[Sizes], Sequence[Frame]]) -> list[list[Frame]]:
    """Return the plan with the fewest slides, and among those the one in the largest type."""
    plans = [plan(make(sizes)) for sizes in SIZES]
    return min(plans, key=len)


def _fitting(frame: Frame) -> Sequence[Frame]:
    crowded = isinstance(frame, TextFrame) and len(frame.items) > style.SLIDE_POINTS
    return frame.split() if crowded or frame.height > ROOM else [frame]


def _pages(heights: Sequence[float], room: float, gap: float, most: int) -> list[int]:
    counts = measure.pages(heights, room, gap, most)
    if counts is None:
        raise MediaError(
            "Ein Punkt oder eine Tabellenzeile ist höher als eine Folie.", "Bitte in kürzere Sätze oder Zeilen teilen."
        )
    return counts
