"""`lotse corpus new`: a document to overwrite, with every part that a good one has.

Each line that an editor must replace holds `PLACEHOLDER`; the check refuses a document until the last one is gone.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Final

from indexer.dates import german_date
from indexer.documents import Kind
from indexer.errors import CorpusError
from indexer.programmes import FOLDER as PROGRAMMES
from indexer.reading import corpus_files

PLACEHOLDER: Final = "MUSTER"
FOLDERS: Final = {Kind.GUIDANCE: "leitfaeden", Kind.FUNDING: "foerderung", Kind.COURSE: "kurse"}
MAX_NAME: Final = 60
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

_HEAD: Final = """\
---
titel: "{title}"
art: {kind}
herausgeber: Lotse-Redaktion
stand: {today}
status: gültig
themen: [muster-thema]
{programmes}quellen:
  MUSTER-1:
    titel: "MUSTER: Titel der Quelle"
    herausgeber: "MUSTER: Wer sie veröffentlicht hat"
    datum: "{today}"
    url: "https://www.example.org/muster"
---

## Kurz gesagt

Die Gemeinde MUSTER bekommt in zwei bis fünf Sätzen die Antwort. [MUSTER-1]

> Fragen:
> - MUSTER: Wie fragt jemand aus dem Bürgerbüro danach?
> - MUSTER: Wie fragt die Kämmerei danach?
> - muster stichwörter ohne satzzeichen

"""
_BODIES: Final = {
    Kind.GUIDANCE: """\
## Was Sie Schritt für Schritt tun

1. Die Gemeinde MUSTER erledigt zuerst den ersten Schritt. [MUSTER-1]
2. Die Gemeinde MUSTER erledigt danach den zweiten Schritt. [MUSTER-1] {{Stand: {year}}}

> Fragen:
> - MUSTER: Womit fangen wir an?
> - MUSTER: Was kommt nach dem ersten Schritt?
> - MUSTER: Wer macht das bei uns?
""",
    Kind.FUNDING: """\
## Wie viel Geld es gibt und bis wann

Tabelle: Eckdaten des MUSTER-Programms

| Merkmal | Angabe | Quelle |
|---|---|---|
| Fördergeber | MUSTER-Ministerium | [MUSTER-1] |
| Wer Anträge stellen kann | MUSTER-Gemeinden | [MUSTER-1] |
| Fördersatz | 50 Prozent | [MUSTER-1] |
| Höchstbetrag | 10.000 Euro | [MUSTER-1] |
| Frist | {deadline} | [MUSTER-1] |

> Fragen:
> - MUSTER: Wie viel Prozent zahlt das Land dazu?
> - MUSTER: Bis wann muss der Antrag da sein?
> - MUSTER: Wer darf das Geld beantragen?
""",
    Kind.COURSE: """\
## Was der Kurs behandelt und wie lange er dauert

Tabelle: MUSTER-Kurs im Überblick

| Merkmal | Angabe | Quelle |
|---|---|---|
| Dauer | 2 Tage | [MUSTER-1] |
| Kosten | kostenlos | [MUSTER-1] |

> Fragen:
> - MUSTER: Wie lange dauert der Kurs?
> - MUSTER: Was kostet der Kurs?
> - MUSTER: Für wen ist der Kurs?
""",
}
_CONTACT: Final = """
## An wen Sie sich wenden

Für MUSTER ist die Stelle MUSTER zuständig, Telefon 0711 000000. [MUSTER-1]

> Fragen:
> - MUSTER: Wen rufen wir an?
> - MUSTER: Wer hilft uns weiter?
> - muster ansprechpartner telefon
"""
_RECORD: Final = """\
id: {name}
name: "MUSTER-Programm"
foerdergeber: "MUSTER-Ministerium"
ebene: land                       # land, bund oder eu
gegenstand: "MUSTER: Was gefördert wird"
antragsberechtigt:
  - MUSTER-Gemeinden
foerderquote: 50                  # in Prozent; Zeile weglassen, wenn keine Quelle sie nennt
hoechstbetrag: 10000              # in Euro, ohne Punkt
frist: {deadline_iso}
status: offen                     # offen, ausgelaufen oder unklar; ob die Frist vorbei ist, rechnet Lotse aus
status_begruendung: "MUSTER: Woher Sie das wissen"
status_stand: "{today}"
quellen:
  - titel: "MUSTER: Titel der Quelle"
    herausgeber: "MUSTER: Wer sie veröffentlicht hat"
    datum: "{today}"
    url: "https://www.example.org/muster"
"""


def write_template(corpus_dir: Path, kind: Kind, title: str, today: dt.date) -> list[Path]:
    """Write a document (for funding its record too) and return the files; raises CorpusError if the name is taken."""
    name = file_name(title)
    if not name:
        raise CorpusError("Aus diesem Titel lässt sich kein Dateiname bilden.", "Bitte Buchstaben im Titel verwenden.")
    if any(path.stem == name for path in corpus_files(corpus_dir)):
        raise CorpusError(f"Ein Dokument „{name}“ gibt es schon.", "Bitte einen anderen Titel wählen.")
    deadline = today + dt.timedelta(days=365)
    values = {
        "title": title.replace("\\", "").replace('"', "”"),
        "kind": kind.value,
        "today": today.isoformat(),
        "year": today.year,
        "name": name,
        "deadline": german_date(deadline),
        "deadline_iso": deadline.isoformat(),
        "programmes": f"programme: [{name}]\n" if kind is Kind.FUNDING else "",
    }
    files = {corpus_dir / FOLDERS[kind] / f"{name}.md": _HEAD + _BODIES[kind] + _CONTACT}
    if kind is Kind.FUNDING:
        files[corpus_dir / PROGRAMMES / f"{name}.yaml"] = _RECORD
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as target:
            target.write(text.format(**values))
    return list(files)


def file_name(title: str) -> str:
    """Return the file name for a title: „Öffentliches WLAN" becomes „oeffentliches-wlan"."""
    plain = unicodedata.normalize("NFC", title).lower().translate(_GERMAN)
    plain = unicodedata.normalize("NFD", plain)
    slug = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
    return slug if len(slug) <= MAX_NAME else slug[: MAX_NAME + 1].rpartition("-")[0] or slug[:MAX_NAME]
