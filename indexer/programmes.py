"""The funding records: one typed programme a file, below `foerderung/programme/` of the corpus.

The keys are German because editors write them. Amounts are euros, rates are per cent. A key that is missing says that
no source names the value. Whether a programme can be applied for is computed from its dates and today (`status_on`).
"""

from __future__ import annotations

import calendar
import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    TypeAdapter,
    model_validator,
)

from indexer.documents import Source, as_text
from indexer.problems import Problem
from indexer.reading import DUPLICATE_ID, read_text
from indexer.typed_yaml import SCHEMA, read_typed

FOLDER: Final = "foerderung/programme"
_PARTIAL: Final = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_ID: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def _existing(partial: str) -> str:
    try:
        first_day(partial)
        last_day(partial)
    except ValueError as error:
        raise ValueError(f"Den Tag, den Monat oder das Jahr „{partial}“ gibt es nicht.") from error
    return partial


PartialDate = Annotated[str, BeforeValidator(as_text), Field(pattern=f"^{_PARTIAL}$"), AfterValidator(_existing)]
"""A day, month or year in ISO form, as exact as the source."""
Line = Annotated[str, Field(min_length=1)]


class Level(StrEnum):
    """Whose money it is."""

    STATE = "land"
    FEDERAL = "bund"
    EU = "eu"


class Recorded(StrEnum):
    """What the editor knows; dates can only turn `OPEN` into something else."""

    OPEN = "offen"
    ENDED = "ausgelaufen"
    UNCLEAR = "unklar"


class Availability(StrEnum):
    """What holds on a given day."""

    OPEN = "offen"
    NOT_YET = "angekündigt"
    ENDED = "ausgelaufen"
    UNCLEAR = "unklar"


class Programme(BaseModel):
    """A funding programme, or one call of it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    id: str = Field(pattern=f"^{_ID}$")
    name: Line
    funder: Line = Field(alias="foerdergeber")
    level: Level = Field(alias="ebene")
    object: Line = Field(alias="gegenstand")
    applicants: list[Line] = Field(alias="antragsberechtigt", default_factory=list)
    rate: PositiveFloat | None = Field(alias="foerderquote", default=None, le=100)
    rate_text: str = Field(alias="foerderquote_text", default="")
    cap: PositiveFloat | None = Field(alias="hoechstbetrag", default=None)
    cap_text: str = Field(alias="hoechstbetrag_text", default="")
    minimum: PositiveFloat | None = Field(alias="mindestbetrag", default=None)
    threshold: PositiveFloat | None = Field(alias="bagatellgrenze", default=None)
    form: str = Field(alias="foerderart", default="")
    how_to_apply: str = Field(alias="antragsweg", default="")
    deadline: dt.date | None = Field(alias="frist", default=None)
    deadline_text: str = Field(alias="frist_text", default="")
    runs_from: PartialDate | None = Field(alias="laufzeit_von", default=None)
    runs_until: PartialDate | None = Field(alias="laufzeit_bis", default=None)
    runs_text: str = Field(alias="laufzeit_text", default="")
    status: Recorded
    status_reason: Line = Field(alias="status_begruendung")
    status_as_of: PartialDate | None = Field(alias="status_stand", default=None)
    conditions: list[Line] = Field(alias="voraussetzungen", default_factory=list)
    combinable: str = Field(alias="kombinierbar", default="")
    contact: str = Field(alias="ansprechstelle", default="")
    remark: str = Field(alias="hinweis", default="")
    sources: list[Source] = Field(alias="quellen", min_length=1)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Programme:
        if self.runs_from and self.runs_until and first_day(self.runs_from) > last_day(self.runs_until):
            raise ValueError(f"Die Laufzeit endet ({self.runs_until}), bevor sie beginnt ({self.runs_from}).")
        return self

    def last_day_to_apply(self) -> dt.date | None:
        """Return the last day on which an application is possible as far as dates say."""
        ends = [day for day in (self.deadline, last_day(self.runs_until) if self.runs_until else None) if day]
        return min(ends, default=None)

    def status_on(self, today: dt.date) -> Availability:
        """Return whether the programme can be applied for on `today`."""
        if self.status is not Recorded.OPEN:
            return Availability(self.status.value)
        last = self.last_day_to_apply()
        if last is not None and last < today:
            return Availability.ENDED
        if self.runs_from and first_day(self.runs_from) > today:
            return Availability.NOT_YET
        return Availability.OPEN


def first_day(partial: str) -> dt.date:
    """Return the first day of a year, month or day in ISO form."""
    year, month, day = (*(int(part) for part in partial.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)


def last_day(partial: str) -> dt.date:
    """Return the last day of a year, month or day in ISO form."""
    parts = [int(part) for part in partial.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return dt.date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


_PROGRAMME: Final = TypeAdapter(Programme)


def load_programmes(corpus_dir: Path) -> tuple[dict[str, Programme], list[Problem]]:
    """Read every record; return those that can be read by their id, and the problems of the others."""
    programmes: dict[str, Programme] = {}
    problems: list[Problem] = []
    for path in sorted((corpus_dir / FOLDER).glob("*.y*ml")):
        file = path.relative_to(corpus_dir).as_posix()
        text, unreadable = read_text(path, file)
        if text is None:
            problems += unreadable
            continue
        reading = read_typed(text, _PROGRAMME, file)
        programme = reading.value
        problems += reading.problems
        if programme is None:
            continue
        if programme.id != path.stem:
            problems.append(
                Problem(file, 1, SCHEMA, f"Die Kennung „{programme.id}“ und der Dateiname stimmen nicht überein.")
            )
        if programme.id in programmes:
            problems.append(Problem(file, 1, DUPLICATE_ID, f"Die Kennung „{programme.id}“ gibt es schon."))
        programmes[programme.id] = programme
    return programmes, problems
