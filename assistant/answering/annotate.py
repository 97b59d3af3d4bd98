"""Step 8: say in plain words what has ended, is unclear or old, and put the answer's text together."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Final

from assistant.answering.context import Citation, Context, Notice, Resources
from assistant.answering.names import asks_now, named_years
from assistant.answering.outcomes import (
    ENGLISH_FRAME,
    NOTICE_DISAGREE,
    NOTICE_ENGLISH_EXPIRED,
    NOTICE_ENGLISH_UNCLEAR,
    NOTICE_EXPIRED,
    NOTICE_EXPIRED_ON,
    NOTICE_NOT_YET,
    NOTICE_OLD,
    NOTICE_OVER,
    NOTICE_PAST_DAY,
    NOTICE_STATEMENT_EXPIRED,
    NOTICE_STATEMENT_NOT_YET,
    NOTICE_STATEMENT_UNCLEAR,
    NOTICE_UNCLEAR,
    NOTICE_YEAR,
    OUTCOME_TEXTS,
    Locale,
    Outcome,
)
from indexer.analysis import fold
from indexer.dates import german_date, named_days
from indexer.documents import Status
from indexer.records import DocumentRecord
from indexer.validity import parse_validity

OLD_AFTER_YEARS: Final = 2
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_ENDED: Final = re.compile(
    r"\b(?:endete|lief|letzte[rn]?|abgeschlossen|ausgelaufen|abgelaufen|vorbei|begann|beendet)\b"
)
_DISAGREE: Final = re.compile(
    r"\b(?:quellen|angaben|seiten|zielzahlen|bewertungen)\b.*\b(?:auseinander|widersprechen|weichen)\b"
    r"|\bwiderspricht der angabe|\bnennt\b.*\babweichend\b|\bwidersprechen sich\b"
)
"""How editors say that sources name different things (corpus/README.md asks for one sentence that names both)."""
_BEGAN: Final = re.compile(
    r"\b(?:seit|ab|gilt|gelten|in kraft|tritt|loste|lost|eingefuhrt|gegrundet|entstand|geandert|beschloss\w*"
    r"|veroffentlicht\w*|verkundet|gestartet|startete|eroffnet|stellte)\b"
)
_DATED: Final = re.compile(r"\bvom \d{1,2}\. \w+ \d{4}")
_OVER: Final = re.compile(
    r"\b(?:ist|sind|war|waren|wurde|wurden)\b[^.]{0,60}\b(?:ausgelaufen|abgelaufen|beendet|abgeschlossen|abgelost"
    r"|eingestellt|vorbei)\b"
    r"|\bnicht mehr (?:moglich|bewerben|vorgesehen|angeboten)\b|\bkeine (?:antrage|bewerbungen|anmeldungen) mehr\b"
    r"|\bloste\b[^.]*\bab\b"
)
"""How a sentence says that something has ended or was replaced."""


def annotate(context: Context, resources: Resources) -> None:
    """Fill `notices` and `text`, and end the walk as answered."""
    documents = {
        citation.document_id: resources.generation.catalogue.document(citation.document_id)
        for citation in context.citations
    }
    notices: list[Notice] = list(context.notices)
    for number, document in enumerate(documents.values()):
        if document is None:
            continue
        found = document_notices(document, resources.today, context.language, context.about_past)
        # The first statement is the answer: only what is said of its document leads, or needs a word if it is unclear.
        notices += [
            dataclasses.replace(notice, leads=notice.leads and number == 0)
            for notice in found
            if number == 0 or notice.kind != "unclear"
        ]
    notices += statement_notices(context.citations[:1], notices, resources.today, context.language, context.about_past)
    if not any(notice.kind in ("expired", "not_yet_valid") for notice in notices):
        notices = _gone(notices, context, resources.today)
    if any(_DISAGREE.search(fold(citation.quote)) for citation in context.citations):
        notices.append(Notice("sources_disagree", NOTICE_DISAGREE[context.language]))
    quoted = " ".join((c.quote + c.title + " ".join(c.heading_path)) for c in context.citations)
    absent = [year for year in named_years(context.own_query or context.query) if year not in quoted]
    if absent:
        notices.insert(0, Notice("year", NOTICE_YEAR[context.language].format(years=", ".join(absent))))
    # Several documents about one programme carry the same sentence.
    context.notices = list({notice.text: notice for notice in reversed(notices)}.values())[::-1]
    if context.missing:
        text = OUTCOME_TEXTS[Outcome.PARTIAL][context.language].format(missing=", ".join(context.missing))
        context.notices.insert(0, Notice("partial", text))
    context.outcome = Outcome.PARTIAL if context.missing else Outcome.ANSWERED
    context.text = full_text(context)


def document_notices(document: DocumentRecord, today: dt.date, locale: Locale, about_past: bool) -> list[Notice]:
    """Return what a reader must know of a cited document; a question about the past is answered as past first."""
    if document.valid_from is not None and document.valid_from > today:
        text = NOTICE_NOT_YET[locale].format(title=document.title, date=german_date(document.valid_from))
        return [Notice("not_yet_valid", text)]
    status = document.status_on(today)
    if status is Status.EXPIRED:
        note = document.status_note
        if not note and document.valid_until is None:
            note = NOTICE_EXPIRED[locale].format(title=document.title)
        elif not note and document.valid_until is not None:
            note = NOTICE_EXPIRED_ON[locale].format(title=document.title, date=german_date(document.valid_until))
        elif locale == "en":
            note = f"{NOTICE_ENGLISH_EXPIRED} {note}"
        return [Notice("expired", note, leads=not about_past)]
    if status is Status.UNCLEAR:
        note = document.status_note
        if note and locale == "en":
            note = f"{NOTICE_ENGLISH_UNCLEAR} {note}"
        return [Notice("unclear", note or NOTICE_UNCLEAR[locale].format(title=document.title), leads=False)]
    return []


def statement_notices(
    citations: list[Citation], known: list[Notice], today: dt.date, locale: Locale, about_past: bool
) -> list[Notice]:
    """Return what the validity marks of the cited statements add to the notices that are `known`."""
    kinds = {notice.kind for notice in known}
    marks = [parse_validity(citation.validity) for citation in citations]
    notices = []
    if any(mark.ended(today) for mark in marks) and "expired" not in kinds:
        notices.append(Notice("expired", NOTICE_STATEMENT_EXPIRED[locale], leads=not about_past))
    begins = [mark.valid_from for mark in marks if mark.not_yet(today) and mark.valid_from is not None]
    if begins and "not_yet_valid" not in kinds:
        text = NOTICE_STATEMENT_NOT_YET[locale].format(date=german_date(min(begins)))
        notices.append(Notice("not_yet_valid", text))
    if any(mark.unclear for mark in marks) and not kinds & {"unclear", "expired"}:
        notices.append(Notice("unclear", NOTICE_STATEMENT_UNCLEAR[locale], leads=False))
    old = [mark.stand for mark in marks if is_old(mark.stand, today)]
    if old:
        notices.append(Notice("old", NOTICE_OLD[locale].format(stand=old[0]), leads=False))
    return notices


def _gone(notices: list[Notice], context: Context, today: dt.date) -> list[Notice]:
    """Return the notices with what a question about today must know: that the day it is about has passed.

    An „unclear" document whose note says that the last known round ended is told as ended, not as doubtful.
    """
    if context.about_past:
        return notices
    now = asks_now(context.own_query or context.query)
    told = [
        dataclasses.replace(notice, kind="expired", leads=True)
        if now and notice.kind == "unclear" and _ENDED.search(fold(notice.text)) and past_day(notice.text, today)
        else notice
        for notice in notices
    ]
    if told != notices or not context.citations:
        return told
    over = next((c for c in context.citations if _is_over(c, today)), None)
    if over is not None:
        # True whenever a quoted sentence says so; it leads where somebody asks what can still be done.
        return [Notice("expired", NOTICE_OVER[context.language].format(number=over.id), leads=now), *notices]
    day = None if not now else next((day for c in context.citations if (day := past_day(c.quote, today))), None)
    if day is None:
        return notices
    return [Notice("expired", NOTICE_PAST_DAY[context.language].format(date=day)), *notices]


def _is_over(citation: Citation, today: dt.date) -> bool:
    """Tell whether a quoted statement has ended by its mark, or says that something has."""
    return parse_validity(citation.validity).ended(today) or _OVER.search(fold(citation.quote)) is not None


def past_day(text: str, today: dt.date) -> str | None:
    """Return the last day or month that a text names, as it is written there, if it has passed; None otherwise.

    What began on a day („seit", „ab", „in Kraft") has not ended on it.
    """
    if _BEGAN.search(fold(text)):
        return None
    # The day of a law or a notice („vom 28. Januar 2025") says nothing of how long it holds.
    found = named_days(_DATED.sub("", text))
    if not found:
        return None
    last, written = max(found)
    return written if last < today else None


def is_old(stand: str, today: dt.date) -> bool:
    """Tell whether a „Stand" in words names a year that is more than two years back."""
    years = [int(year) for year in _YEAR.findall(stand)]
    return bool(years) and max(years) < today.year - OLD_AFTER_YEARS


def full_text(context: Context) -> str:
    """Return the whole answer for people: leading notices, statements with citation numbers, other notices."""
    lines = [
        f"{statement.text} {''.join(f'[{number}]' for number in statement.citations)}".rstrip()
        for statement in context.statements
    ]
    # What was listed or compared reads line by line, sentences read as a paragraph.
    statements = "\n".join(f"– {line}" for line in lines) if context.listed else " ".join(lines)
    parts = [notice.text for notice in context.notices if notice.leads]
    if context.language == "en":
        parts.append(ENGLISH_FRAME)
    parts.append(statements)
    parts += [notice.text for notice in context.notices if not notice.leads]
    return "\n\n".join(parts)
