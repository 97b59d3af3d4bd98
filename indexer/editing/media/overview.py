"""The overview of funding (XLSX): all programmes, the open ones, and how to read them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from indexer.dates import german_date
from indexer.editing.media import archive, measure, style
from indexer.editing.media.course import source_date
from indexer.programmes import Level, Programme, Recorded

TITLE: Final = "Förderübersicht für Städte und Gemeinden"
_LEVELS: Final = {Level.STATE: "Land", Level.FEDERAL: "Bund", Level.EU: "EU"}
_DATE: Final = "DD.MM.YYYY"
_EURO: Final = "#,##0\\ [$€-407]"
_RATE: Final = '0.##\\ "%"'
_WHOLE_RATE: Final = '0\\ "%"'
_CHARACTER: Final = 6.4
"""Points that a character of a column's width stands for."""


@dataclass(frozen=True)
class Column:
    """A column: its head, its width in characters, what it says of a programme and in which format."""

    head: str
    width: float
    value: Callable[[Programme], Any]
    form: str = "General"


COLUMNS: Final = (
    Column("Programm", 34, lambda p: p.name),
    Column("Fördergeber", 24, lambda p: p.funder),
    Column("Ebene", 9, lambda p: _LEVELS[p.level]),
    Column("Status laut Datensatz", 14, lambda p: p.status.value),
    Column("Stand des Status", 15, lambda p: source_date(p.status_as_of) if p.status_as_of else ""),
    Column("Frist", 13, lambda p: p.deadline, _DATE),
    Column("Zur Frist", 26, lambda p: p.deadline_text),
    Column("Fördersatz", 12, lambda p: p.rate, _RATE),
    Column("Zum Fördersatz", 28, lambda p: p.rate_text),
    Column("Höchstbetrag", 16, lambda p: p.cap, _EURO),
    Column("Zum Höchstbetrag", 28, lambda p: p.cap_text),
    Column("Wer beantragen kann", 30, lambda p: ", ".join(p.applicants)),
    Column("Antragsweg", 34, lambda p: p.how_to_apply),
    Column("Gegenstand", 40, lambda p: p.object),
    Column("Statusgrund", 40, lambda p: p.status_reason),
    Column("Quelle", 40, lambda p: p.sources[0].title),
)


def build(programmes: Sequence[Programme], stand: dt.date) -> bytes:
    """Return the overview as an XLSX file."""
    book = Workbook()
    properties = book.properties
    properties.title, properties.creator, properties.lastModifiedBy = TITLE, style.PUBLISHER, style.PUBLISHER
    properties.language = style.LANGUAGE
    day = german_date(stand)
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Programme"
    still_open = [programme for programme in programmes if programme.status is Recorded.OPEN]
    _fill(first, programmes, day)
    _fill(book.create_sheet("Offen"), still_open, day)
    _explain(book.create_sheet("Hinweise"), len(programmes), len(still_open), day)
    target = io.BytesIO()
    book.save(target)
    return archive.repack(target.getvalue(), stand)


def _fill(sheet: Worksheet, programmes: Sequence[Programme], day: str) -> None:
    """Write the head and a row for each programme; an unknown value stays empty."""
    for index, column in enumerate(COLUMNS, start=1):
        cell: Any = sheet.cell(1, index, column.head)
        cell.font = Font(name=style.OFFICE_FONT, size=style.SHEET_TEXT - 1, bold=True, color=style.WHITE)
        cell.fill = PatternFill("solid", fgColor=style.COLOUR)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left", indent=1)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.row_dimensions[1].height = 34
    for number, programme in enumerate(sorted(programmes, key=lambda p: p.name.casefold()), start=2):
        lines = 1
        for index, column in enumerate(COLUMNS, start=1):
            value = column.value(programme)
            cell = sheet.cell(number, index, None if value == "" else value)
            _style(cell, bold=index == 1, shaded=number % 2 == 1)
            if column.form != "General" and value is not None:
                whole = column.form == _RATE and float(value).is_integer()
                cell.number_format = _WHOLE_RATE if whole else column.form
            elif value:
                room = column.width * _CHARACTER - 14
                lines = max(lines, measure.lines(str(value), style.SHEET_TEXT - 1, room, bold=index == 1))
        url = programme.sources[0].url
        if url is not None:
            cell = sheet.cell(number, len(COLUMNS))
            cell.hyperlink = str(url)
            cell.font = Font(name=style.OFFICE_FONT, size=style.SHEET_TEXT - 1, color=style.COLOUR, underline="single")
        sheet.row_dimensions[number].height = min(lines * (style.SHEET_TEXT - 1) * 1.25 + 8, 409)
    last = get_column_letter(len(COLUMNS))
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{last}{max(len(programmes) + 1, 2)}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 2, 0
    assert sheet.sheet_properties.pageSetUpPr is not None
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    footer: Any = sheet.oddFooter
    footer.left.text, footer.right.text = f"{TITLE} · Stand: {day}", "Seite &P von &N"


def _style(cell: Any, *, bold: bool, shaded: bool) -> None:
    cell.font = Font(name=style.OFFICE_FONT, size=style.SHEET_TEXT - 1, bold=bold, color=style.INK)
    number = isinstance(cell.value, int | float)
    cell.alignment = Alignment(wrap_text=True, vertical="top", indent=1, horizontal="right" if number else "left")
    cell.border = Border(bottom=Side("thin", color=style.RULE))
    if shaded:
        cell.fill = PatternFill("solid", fgColor=style.COLOUR_PALE)


def _explain(sheet: Worksheet, count: int, still_open: int, day: str) -> None:
    rows = (
        ("Stand", f"{day}. An diesem Tag hat die Redaktion die Dokumente zu den Programmen zuletzt geprüft."),
        (
            "Bitte beachten",
            "Der Status kann sich seit dem Stand geändert haben. Auch ein offenes Programm kann inzwischen "
            "geschlossen oder ausgeschöpft sein. Bitte vor dem Antrag die Quelle öffnen und "
            "beim Fördergeber nachfragen.",
        ),
        (
            "Blatt „Programme“",
            f"Alle {count} Programme, auch ausgelaufene. Sie helfen, frühere Bedingungen nachzulesen.",
        ),
        ("Blatt „Offen“", f"Nur die {still_open} Programme, die laut Datensatz offen sind."),
        (
            "Status laut Datensatz",
            "„offen“, „ausgelaufen“ oder „unklar“, wie die Redaktion es belegt hat. „Stand des Status“ sagt, von wann "
            "dieser Beleg ist. „Statusgrund“ sagt, woher die Redaktion es weiß.",
        ),
        ("Leeres Feld", "Keine Quelle nennt den Wert. Ein leeres Feld heißt nicht „null“ und nicht „unbegrenzt“."),
        (
            "Frist, Fördersatz, Höchstbetrag",
            "Steht daneben ein Zusatz („Zur Frist“ und so weiter), gilt der Wert nur zusammen mit ihm.",
        ),
        ("Quelle", "Der Link führt zur ersten Quelle des Programms. Der Datensatz nennt alle."),
        (
            "Herausgeber",
            f"{style.PUBLISHER}. Die Datei entsteht aus den Datensätzen unter corpus/foerderung/programme.",
        ),
    )
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 96
    sheet.cell(1, 1, TITLE).font = Font(name=style.OFFICE_FONT, size=16, bold=True, color=style.COLOUR)
    sheet.row_dimensions[1].height = 30
    for number, (head, text) in enumerate(rows, start=3):
        for index, value in enumerate((head, text), start=1):
            _style(sheet.cell(number, index, value), bold=index == 1, shaded=False)
        lines = measure.lines(text, style.SHEET_TEXT - 1, 96 * _CHARACTER)
        sheet.row_dimensions[number].height = lines * (style.SHEET_TEXT - 1) * 1.25 + 12
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    assert sheet.sheet_properties.pageSetUpPr is not None
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
