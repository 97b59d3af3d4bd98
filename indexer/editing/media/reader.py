"""The reader for participants (PDF, A4): all units with title page, table of contents, bookmarks and linked sources."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reportlab.platypus import Flowable, ListFlowable, ListItem, NextPageTemplate, PageBreak, Spacer
from reportlab.platypus import Paragraph as Text

from indexer.dates import german_date
from indexer.editing.media import style
from indexer.editing.media.book import Book, Heading, caption, cell, contents, escaped, grid, look
from indexer.editing.media.course import BRIEF, EXERCISES, GOALS, TERMS, TEST
from indexer.editing.media.outline import Paragraph, Part, Passage, Points, Subheading, Table, Unit, marks

SUBTITLE: Final = "Unterlage für Teilnehmende und zum Selbststudium"
SOLUTIONS: Final = "Lösungen"


def build(units: Sequence[Unit]) -> bytes:
    """Return all units as one PDF file."""
    stand = max(unit.stand for unit in units)
    target = io.BytesIO()
    book = Book(target, f"{style.COURSE}: Teilnehmerunterlage", f"Stand: {german_date(stand)}")
    story: list[Flowable] = [*_cover(units, german_date(stand)), *contents()]
    for unit in units:
        story += _Pages(unit).story()
    book.multiBuild(story)
    return target.getvalue()


def _cover(units: Sequence[Unit], stand: str) -> list[Flowable]:
    return [
        Spacer(1, 150),
        Text(escaped(style.COURSE), look("cover")),
        Text(SUBTITLE, look("cover-second")),
        Spacer(1, 40),
        *(Text(f"{escaped(unit.name)}: {escaped(unit.title)}", look("cover-line")) for unit in units),
        Spacer(1, 40),
        Text(f"{style.PUBLISHER} · Stand: {stand}", look("cover-line")),
        NextPageTemplate("page"),
        PageBreak(),
    ]


class _Pages:
    """The pages of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def story(self) -> list[Flowable]:
        """Return what flows onto the pages, in order."""
        unit = self.unit
        story: list[Flowable] = [PageBreak(), Heading(f"{unit.name}: {unit.title}", 0)]
        story += [Heading(BRIEF, 1, listed=False), self._text(unit.brief, "box")]
        story += [Heading(GOALS, 1, listed=False), *self._parts(unit.goals)]
        for chapter in unit.chapters:
            story += [Heading(chapter.title, 1), *self._parts(chapter.parts)]
        story.append(Heading(EXERCISES, 1))
        story += [self._text(unit.remark)] if unit.remark else []
        story.append(self._list([exercise.task for exercise in unit.exercises], ordered=True))
        story += [Heading(TEST, 1)]
        story.append(Text(f"Die Antworten stehen unter „{SOLUTIONS}“ am Ende der Lerneinheit.", look("text")))
        story.append(_numbered([Text(escaped(question.text), look("item")) for question in unit.test]))
        story += [Heading(TERMS, 1), *self._table(unit.terms, strong=True)]
        return story + self._solutions() + self._sources()

    def _solutions(self) -> list[Flowable]:
        unit = self.unit
        story: list[Flowable] = [Heading(SOLUTIONS, 1)]
        hints = [self._text(exercise.solution) for exercise in unit.exercises if exercise.solution]
        if hints:
            story += [Heading("Hinweise zu den Übungen", 2), *hints]
        story.append(Heading("Antworten zum Selbsttest", 2))
        rows = [
            [cell(str(number)), cell(escaped(q.text)), cell(escaped(q.answer.words)), cell(self._links(q.answer.refs))]
            for number, q in enumerate(unit.test, start=1)
        ]
        plain = [(str(n), q.text, q.answer.words, marks(q.answer.refs)) for n, q in enumerate(unit.test, start=1)]
        story.append(grid(("Nr.", "Frage", "Antwort", style.SOURCE_COLUMN), plain, rows))
        return story

    def _sources(self) -> list[Flowable]:
        story: list[Flowable] = [Heading(style.SOURCES, 1)]
        for reference in self.unit.references:
            text = f'<a name="{self._anchor(reference.number)}"/>{escaped(reference.text)}'
            if reference.url:
                address = escaped(reference.url)
                text += f'<br/><a href="{address}" color="#{style.COLOUR}">{address}</a>'
            story.append(Text(text, look("source"), bulletText=f"[{reference.number}]"))
        return story

    def _parts(self, parts: Iterable[Part]) -> list[Flowable]:
        story: list[Flowable] = []
        for part in parts:
            match part:
                case Paragraph(sentences):
                    story.append(self._text(sentences))
                case Points(items, ordered):
                    story.append(self._list(items, ordered=ordered))
                case Subheading(text):
                    story.append(Heading(text, 2))
                case Table():
                    story += self._table(part)
        return story

    def _text(self, passage: Passage, name: str = "text") -> Flowable:
        return Text(self._markup(passage), look(name))

    def _list(self, items: Sequence[Passage], *, ordered: bool) -> Flowable:
        texts = [Text(self._markup(item), look("item")) for item in items]
        return _numbered(texts) if ordered else _bulleted(texts)

    def _table(self, table: Table, *, strong: bool = False) -> list[Flowable]:
        rows = []
        for row in table.rows:
            cells = [cell(escaped(text), bold=strong and index == 0) for index, text in enumerate(row.cells)]
            rows.append([*cells, cell(self._links(row.refs))])
        plain = [(*row.cells, marks(row.refs)) for row in table.rows]
        made = grid((*table.header, style.SOURCE_COLUMN), plain, rows)
        return [caption(table.caption), made] if table.caption else [made]

    def _markup(self, passage: Passage) -> str:
        pieces = []
        for sentence in passage:
            note = f' <font color="#{style.GREY}">({escaped(sentence.note)})</font>' if sentence.note else ""
            links = self._links(sentence.refs)
            raised = f'\N{NO-BREAK SPACE}<super rise="3.5" size="6.5">{links}</super>' if links else ""
            pieces.append(f"{escaped(sentence.text)}{note}{raised}")
        return " ".join(pieces)

    def _links(self, refs: Iterable[int]) -> str:
        return "\N{NO-BREAK SPACE}".join(
            f'<a href="#{self._anchor(ref)}" color="#{style.COLOUR}">[{ref}]</a>' for ref in refs
        )

    def _anchor(self, number: int) -> str:
        return f"quelle-{self.unit.number}-{number}"


def _numbered(texts: Sequence[Flowable]) -> Flowable:
    return _listed(texts, bulletType="1", bulletFormat="%s.")


def _bulleted(texts: Sequence[Flowable]) -> Flowable:
    return _listed(texts, bulletType="bullet", start="•")


def _listed(texts: Sequence[Flowable], **options: Any) -> Flowable:
    items: list[Any] = [ListItem([content], spaceAfter=4) for content in texts]
    return ListFlowable(
        items,
        leftIndent=20,
        bulletFontName=style.PDF_FONT,
        bulletFontSize=style.PAGE_TEXT,
        bulletColor=f"#{style.COLOUR}",
        **options,
    )
