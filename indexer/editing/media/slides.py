"""The slides of a unit (PPTX): every chapter on one or more slides, the whole text and its sources in the notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from indexer.dates import german_date
from indexer.editing.media import MediaError, measure, style
from indexer.editing.media.course import BRIEF, EXERCISES, GOALS, TERMS, TEST
from indexer.editing.media.deck import Deck, source_lines
from indexer.editing.media.frames import BETWEEN, WIDTH, Frame, Sizes, TableFrame, TextFrame, roomiest
from indexer.editing.media.outline import (
    Paragraph,
    Part,
    Passage,
    Points,
    Sentence,
    Subheading,
    Table,
    Unit,
    marks,
    refs_of,
)


def build(unit: Unit) -> bytes:
    """Return the slides of a unit as a PPTX file."""
    stand = f"Stand: {german_date(unit.stand)}"
    deck = Deck(f"{unit.name}: {unit.title}", f"{style.COURSE} · {unit.name}: {unit.title} · {stand}", unit.stand)
    deck.opening(
        f"{unit.name}:\v{unit.title}",
        (style.COURSE, style.PUBLISHER, stand),
        f"{style.ORIGIN} Auf den Folien stehen sie hinter dem Satz oder in der Spalte „{style.SOURCE_COLUMN}“.",
    )
    brief = tuple((sentence,) for sentence in unit.brief)
    _add(deck, unit, BRIEF, lambda sizes: [TextFrame(brief, sizes.text)])
    _add(deck, unit, GOALS, lambda sizes: _frames(unit.goals, sizes))
    for chapter in unit.chapters:
        parts = chapter.parts
        _add(deck, unit, chapter.title, lambda sizes, parts=parts: _frames(parts, sizes))  # type: ignore[misc]
    _add_exercises(deck, unit)
    _add_test(deck, unit)
    _add(deck, unit, TERMS, lambda sizes: [_table_frame(unit.terms, sizes.table, strong=True)])
    _add(deck, unit, style.SOURCES, lambda sizes: [_sources_frame(unit)])
    return deck.content()


def _add_exercises(deck: Deck, unit: Unit) -> None:
    """Add the tasks; what a good solution contains stands in the notes of the slide that shows the task."""
    tasks = tuple(exercise.task for exercise in unit.exercises)
    solutions = [exercise.solution for exercise in unit.exercises]
    _add(deck, unit, EXERCISES, lambda sizes: [TextFrame(tasks, sizes.text, first=1)], solutions, unit.remark)


def _add_test(deck: Deck, unit: Unit) -> None:
    """Add the questions; the answers stand in the notes of the slide that asks them."""
    questions = tuple((Sentence(question.text),) for question in unit.test)
    answers = [
        (Sentence(f"Antwort {number}: {q.answer.text}", q.answer.refs, q.answer.note),)
        for number, q in enumerate(unit.test, start=1)
    ]
    _add(deck, unit, TEST, lambda sizes: [TextFrame(questions, sizes.text, first=1)], answers)


def _add(
    deck: Deck,
    unit: Unit,
    title: str,
    frames: Callable[[Sizes], Sequence[Frame]],
    hidden: Sequence[Passage] = (),
    remark: Passage = (),
) -> None:
    """Add the slides of one section; the notes of each also hold `remark` and what `hidden` says of its points."""
    try:
        slides = roomiest(frames)
    except MediaError as error:
        raise MediaError(f"{unit.document.id}, „{title}“: {error.message}", error.hint) from error
    for number, placed in enumerate(slides, start=1):
        told = [remark] if remark else []
        for frame in placed:
            if isinstance(frame, TextFrame) and frame.first is not None:
                told += hidden[frame.first - 1 : frame.first - 1 + len(frame.items)]
        notes = [line for frame in placed for line in frame.notes()]
        notes += [" ".join(sentence.marked for sentence in passage) for passage in told if passage]
        used = {ref for frame in placed for ref in frame.refs()} | {ref for p in told for ref in refs_of(p)}
        notes += ["", f"{style.SOURCES}:", *source_lines(unit.sources(used))] if used else []
        heading = f"{title} ({number}/{len(slides)})" if len(slides) > 1 else title
        _write(deck, heading, placed, "\n".join(notes))


def _write(deck: Deck, heading: str, frames: Sequence[Frame], notes: str) -> None:
    slide = deck.slide(heading, notes, body=any(isinstance(frame, TextFrame) for frame in frames))
    top = style.SLIDE_BODY_TOP
    placed = False
    for frame in frames:
        if isinstance(frame, TextFrame):
            deck.points(slide, frame.items, top, frame.height, size=frame.size, first=frame.first, placed=placed)
            placed = True
        else:
            if frame.caption:
                deck.caption(slide, frame.caption, top, frame.caption_height)
            deck.table(
                slide,
                frame.rows,
                frame.widths,
                frame.heights(),
                top + frame.caption_height,
                name=frame.caption or heading,
                size=frame.size,
                strong=frame.strong,
                links=frame.links,
            )
        top += frame.height + BETWEEN


def _frames(parts: Iterable[Part], sizes: Sizes) -> list[Frame]:
    """Return frames for the parts of a chapter; sentences of paragraphs become points."""
    frames: list[Frame] = []
    for part in parts:
        match part:
            case Paragraph(sentences):
                points: tuple[Passage, ...] = tuple((sentence,) for sentence in sentences)
                last = frames[-1] if frames else None
                if isinstance(last, TextFrame) and last.first is None:
                    frames[-1] = TextFrame(last.items + points, sizes.text)
                else:
                    frames.append(TextFrame(points, sizes.text))
            case Points(items, ordered):
                frames.append(TextFrame(items, sizes.text, first=1 if ordered else None))
            case Subheading(text):
                frames.append(TextFrame(((Sentence(f"{text}:"),),), sizes.text))
            case Table():
                frames.append(_table_frame(part, sizes.table))
    return frames


def _table_frame(table: Table, size: float, *, strong: bool = False) -> TableFrame:
    rows = ((*table.header, style.SOURCE_COLUMN), *((*row.cells, marks(row.refs)) for row in table.rows))
    widths = measure.columns(rows, WIDTH, size, style.SLIDE_CELL_SIDE)
    return TableFrame(table.caption, rows, tuple(row.refs for row in table.rows), tuple(widths), size, strong)


def _sources_frame(unit: Unit) -> TableFrame:
    rows = (
        ("Nr.", "Titel", "Herausgeber", "Datum"),
        *((f"[{r.number}]", r.title, r.publisher, r.date) for r in unit.references),
    )
    widths = measure.columns(rows, WIDTH, style.SLIDE_SOURCES, style.SLIDE_CELL_SIDE)
    refs = tuple((r.number,) for r in unit.references)
    links = tuple(r.url for r in unit.references)
    return TableFrame("", rows, refs, tuple(widths), style.SLIDE_SOURCES, links=links)
