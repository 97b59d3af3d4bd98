"""The handout of a unit (DOCX): real styles, tables with heads, room to write, solutions on their own page."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.dates import german_date
from indexer.editing.media import style
from indexer.editing.media.course import BRIEF, EXERCISES, GOALS, TERMS, TEST
from indexer.editing.media.outline import Paragraph, Part, Passage, Points, Subheading, Table, Unit, marks
from indexer.editing.media.sheet import Sheet

EXERCISE_LINES = 4
TEST_LINES = 2
SOLUTIONS = "Lösungen"


def build(unit: Unit) -> bytes:
    """Return the handout of a unit as a DOCX file."""
    stand = german_date(unit.stand)
    title = f"{unit.name}: {unit.title}"
    sheet = Sheet(title, f"{style.COURSE} · {unit.name} · Stand: {stand}", unit.stand)
    sheet.text(title, "Title")
    sheet.text(f"{style.COURSE} · Handout · Stand: {stand}", "Subtitle")
    sheet.heading(BRIEF, 1)
    sheet.passage(unit.brief)
    sheet.heading(GOALS, 1)
    _parts(sheet, unit.goals)
    sheet.heading("Inhalte", 1)
    for chapter in unit.chapters:
        sheet.heading(chapter.title, 2)
        _parts(sheet, chapter.parts)
    _exercises(sheet, unit)
    _test(sheet, unit)
    sheet.heading(TERMS, 1)
    _table(sheet, unit.terms, strong=True)
    _solutions(sheet, unit)
    _sources(sheet, unit)
    return sheet.content()


def _exercises(sheet: Sheet, unit: Unit) -> None:
    sheet.heading(EXERCISES, 1)
    if unit.remark:
        sheet.passage(unit.remark)
    for exercise in unit.exercises:
        sheet.heading(f"Übung {exercise.number}", 2)
        sheet.passage(exercise.task, keep=True)
        sheet.lines(EXERCISE_LINES)


def _test(sheet: Sheet, unit: Unit) -> None:
    sheet.heading(TEST, 1)
    sheet.text(f"Die Antworten stehen unter „{SOLUTIONS}“.", keep=True)
    numbering = sheet.numbering()
    for question in unit.test:
        sheet.item(question.text, numbering, keep=True)
        sheet.lines(TEST_LINES)


def _solutions(sheet: Sheet, unit: Unit) -> None:
    sheet.heading(SOLUTIONS, 1, new_page=True)
    if any(exercise.solution for exercise in unit.exercises):
        sheet.heading("Hinweise zu den Übungen", 2)
    for exercise in unit.exercises:
        if exercise.solution:
            sheet.passage(exercise.solution)
    sheet.heading("Antworten zum Selbsttest", 2)
    rows = [(str(number), q.text, q.answer.words, marks(q.answer.refs)) for number, q in enumerate(unit.test, start=1)]
    sheet.table(f"Antworten zum Selbsttest ({unit.title})", ("Nr.", "Frage", "Antwort", style.SOURCE_COLUMN), rows)


def _sources(sheet: Sheet, unit: Unit) -> None:
    sheet.heading(style.SOURCES, 1)
    for reference in unit.references:
        sheet.source(reference)


def _parts(sheet: Sheet, parts: Iterable[Part]) -> None:
    for part in parts:
        match part:
            case Paragraph(sentences):
                sheet.passage(sentences)
            case Points(items, ordered):
                _points(sheet, items, ordered=ordered)
            case Subheading(text):
                sheet.heading(text, 3)
            case Table():
                _table(sheet, part)


def _points(sheet: Sheet, items: Iterable[Passage], *, ordered: bool) -> None:
    numbering = sheet.numbering() if ordered else None
    for item in items:
        sheet.item(item, numbering)


def _table(sheet: Sheet, table: Table, *, strong: bool = False) -> None:
    rows = [(*row.cells, marks(row.refs)) for row in table.rows]
    sheet.table(table.caption, (*table.header, style.SOURCE_COLUMN), rows, strong=strong)
