"""`lotse corpus check`: one planted fault per rule in an otherwise clean corpus, and the shipped corpus is clean."""

from __future__ import annotations

import datetime as dt
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.editing.checks import RULES, check
from indexer.problems import Severity
from tests.conftest import CORPUS, TODAY

DOCUMENT = """---
titel: "WLAN am Marktplatz: Was Neustadt bezuschusst"
art: foerderung
herausgeber: Lotse-Redaktion
stand: 2026-11-22
status: gültig
themen: [wlan]
programme: [wlan-neustadt]
quellen:
  A-1:
    titel: "Richtlinie WLAN"
    herausgeber: "Stadt Neustadt"
    datum: 2026-03
    url: "https://example.org/a"
---

## Kurz gesagt

Die Stadt Neustadt bezuschusst WLAN am Marktplatz mit 40 Prozent der Kosten, höchstens aber mit 5.000 Euro. [A-1]
Anträge auf den WLAN-Zuschuss nimmt die Stadt Neustadt bis zum 31. Dezember 2026 an. [A-1] {gültig bis: 2026-12-31}

> Fragen:
> - Wie viel zahlt Neustadt zum WLAN dazu?
> - Bis wann geht das mit dem Internet am Markt?
> - wlan neustadt frist

## Eckdaten

Tabelle: Eckdaten des WLAN-Zuschusses von Neustadt

| Merkmal | Angabe | Quelle |
|---|---|---|
| Fördersatz | 40 Prozent | [A-1] |
| Frist | 31. Dezember 2026 | [A-1] |

> Fragen:
> - Wie hoch ist der Fördersatz für WLAN in Neustadt?
> - Welche Frist gilt für den Antrag in Neustadt?
> - Wie viel Prozent gibt Neustadt für WLAN?
"""
RECORD = """id: wlan-neustadt
name: "WLAN-Zuschuss von Neustadt"
foerdergeber: "Stadt Neustadt"
ebene: land
gegenstand: "WLAN am Marktplatz"
foerderquote: 40
hoechstbetrag: 5000
frist: 2026-12-31
status: offen
status_begruendung: "Die Richtlinie nennt eine Frist, die noch läuft."
status_stand: "2026-03"
quellen:
  - titel: "Richtlinie WLAN"
    herausgeber: "Stadt Neustadt"
    datum: 2026-03
    url: "https://example.org/a"
"""
GLOSSARY = """- begriff: WLAN
  art: abkürzung
  langform: Wireless Local Area Network
  alltag: [Internet am Markt]
  bedeutung: Neustadt bezuschusst WLAN mit 40 Prozent.
  dokumente: [wlan-neustadt]
"""
METADATA = """titel: "Handzettel WLAN"
art: foerderung
herausgeber: Lotse-Redaktion
stand: 2026-11-22
ausgabe_von: [wlan-neustadt]
"""

DOC = "foerderung/wlan-neustadt.md"
REC = "foerderung/programme/wlan-neustadt.yaml"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A small corpus without a fault: a document, its record, a glossary, a handout with metadata."""
    folder = tmp_path / "corpus"
    for name, text in {
        DOC: DOCUMENT,
        REC: RECORD,
        "glossar.yaml": GLOSSARY,
        "foerderung/handzettel.html": "<!doctype html><title>Handzettel</title>",
        "foerderung/handzettel.html.yaml": METADATA,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace `old` by `new` in one file; the test fails if `old` is not there."""

    def plant(corpus: Path) -> None:
        text = (corpus / name).read_text(encoding="utf-8")
        assert old in text
        (corpus / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def add(name: str, text: str) -> Callable[[Path], None]:
    """Write one more file."""

    def plant(corpus: Path) -> None:
        (corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (corpus / name).write_text(text, encoding="utf-8")

    return plant


def twin(corpus: Path) -> None:
    add("leitfaeden/wlan-kopie.md", DOCUMENT.replace("art: foerderung", "art: leitfaden"))(corpus)


def latin(corpus: Path) -> None:
    (corpus / "leitfaeden").mkdir()
    (corpus / "leitfaeden" / "latin.md").write_bytes("---\nUmläute".encode("latin-1"))


def decomposed(corpus: Path) -> None:
    path = corpus / DOC
    path.write_text(unicodedata.normalize("NFD", path.read_text(encoding="utf-8")), encoding="utf-8")


LONG = "Die Stadt Neustadt " + "und die Stadt Altstadt " * 9 + "bezuschussen WLAN. [A-1]\n\n> Fragen:"
SAME_NAME = DOCUMENT.replace("art: foerderung", "art: kurs").replace("WLAN am", "Netz am")

FAULTS: list[tuple[str, Severity, str, int, Callable[[Path], None]]] = [
    ("schema", Severity.ERROR, DOC, 3, swap(DOC, "art: foerderung", "art: lied")),
    ("schema", Severity.ERROR, DOC, 8, swap(DOC, "themen: [wlan]", "themen: [wlan")),
    ("schema", Severity.ERROR, DOC, 7, swap(DOC, "themen: [wlan]", "status: unklar")),
    ("schema", Severity.ERROR, DOC, 5, swap(DOC, "stand: 2026-11-22", "stand: gestern")),
    ("schema", Severity.ERROR, REC, 6, swap(REC, "foerderquote: 40", "foerderquote: 140")),
    ("schema", Severity.ERROR, REC, 4, swap(REC, "ebene: land", "ebene: dorf")),
    ("schema", Severity.ERROR, REC, 1, swap(REC, "id: wlan-neustadt", "id: wlan-altstadt")),
    ("schema", Severity.ERROR, "leitfaeden/latin.md", 0, latin),
    ("schema", Severity.ERROR, "glossar.yaml", 2, swap("glossar.yaml", "art: abkürzung", "art: wort")),
    ("schema", Severity.ERROR, "foerderung/handzettel.html.yaml", 4, swap(
        "foerderung/handzettel.html.yaml", "stand: 2026-11-22", "stand: 2026-13-01")),
    ("ohne-quelle", Severity.ERROR, DOC, 19, swap(DOC, "31. Dezember 2026 an. [A-1]", "31. Dezember 2026 an.")),
    ("ohne-quelle", Severity.ERROR, DOC, 33, swap(DOC, "| 40 Prozent | [A-1] |", "| 40 Prozent | |")),
    ("quelle-unbekannt", Severity.ERROR, DOC, 19, swap(DOC, "5.000 Euro. [A-1]", "5.000 Euro. [A-2]")),
    ("quelle-unbenutzt", Severity.ERROR, DOC, 15, swap(DOC, '/a"\n---', '/a"\n  B:\n    titel: b\n    herausgeber: b\n'
        '    datum: "2026"\n    url: "https://example.org/b"\n---')),
    ("quelle-ohne-adresse", Severity.ERROR, DOC, 10, swap(DOC, '\n    url: "https://example.org/a"', "")),
    ("kennung-doppelt", Severity.ERROR, "kurse/wlan-neustadt.md", 0, add("kurse/wlan-neustadt.md", SAME_NAME)),
    ("kennung-doppelt", Severity.ERROR, "glossar.yaml", 7, add("glossar.yaml", GLOSSARY + GLOSSARY)),
    ("kennung-doppelt", Severity.ERROR, "foerderung/programm-wlan-neustadt.md", 0, add(
        "foerderung/programm-wlan-neustadt.md", SAME_NAME)),
    ("schema", Severity.ERROR, REC, 11, swap(REC, 'status_stand: "2026-03"', 'status_stand: "2026-13"')),
    ("dateiname", Severity.ERROR, "kurse/WLAN Kurs.md", 0, add("kurse/WLAN Kurs.md", SAME_NAME)),
    ("gueltigkeit", Severity.ERROR, DOC, 19, swap(DOC, "{gültig bis: 2026-12-31}", "{gültig bis: Silvester}")),
    ("auszeichnung", Severity.ERROR, DOC, 22, swap(DOC, "> Fragen:", "<p>Hallo</p>\n\n> Fragen:")),
    ("ordner", Severity.ERROR, DOC, 3, swap(DOC, "art: foerderung", "art: kurs")),
    ("aufbau", Severity.ERROR, DOC, 17, swap(DOC, "## Kurz gesagt", "## Einleitung")),
    ("fragen-anzahl", Severity.ERROR, DOC, 17, swap(DOC, "> - wlan neustadt frist\n", "")),
    ("frage-doppelt", Severity.ERROR, DOC, 27, swap(
        DOC, "Welche Frist gilt für den Antrag in Neustadt?", "WLAN Neustadt Frist")),
    ("frage-doppelt", Severity.WARNING, "leitfaeden/wlan-kopie.md", 17, twin),
    ("status-hinweis", Severity.ERROR, DOC, 6, swap(DOC, "status: gültig", "status: unklar")),
    ("datum-status", Severity.ERROR, DOC, 7, swap(DOC, "status: gültig", "gueltig_bis: 2025-01-01\nstatus: gültig")),
    ("datum-status", Severity.ERROR, DOC, 8, swap(
        DOC, "status: gültig", "gueltig_von: 2027-01-01\ngueltig_bis: 2026-12-01\nstatus: gültig")),
    ("datum-status", Severity.ERROR, DOC, 7, swap(
        DOC, "status: gültig", "gueltig_bis: 2027-01-01\nstatus: ausgelaufen\nstatus_hinweis: Es ist vorbei.")),
    ("datum-status", Severity.WARNING, DOC, 7, swap(DOC, "status: gültig", "gueltig_bis: 2026-11-23\nstatus: gültig")),
    ("datum-status", Severity.WARNING, DOC, 6, swap(DOC, "stand: 2026-11-22", "stand: 2026-11-30")),
    ("datum-status", Severity.ERROR, DOC, 19, swap(
        DOC, "{gültig bis: 2026-12-31}", "{abgelaufen} {gültig bis: 2026-12-31}")),
    ("datum-status", Severity.ERROR, REC, 1, swap(REC, "status: offen", "status: ausgelaufen")),
    ("datum-status", Severity.ERROR, REC, 1, swap(REC, 'status_stand: "2026-03"', "status_stand: 2027-01-01")),
    ("datum-status", Severity.WARNING, REC, 1, swap(REC, "frist: 2026-12-31", "frist: 2026-11-01")),
    ("programm-unbekannt", Severity.ERROR, DOC, 0, swap(DOC, "[wlan-neustadt]", "[wlan-neustadt, lan-neustadt]")),
    ("programm-ohne-dokument", Severity.ERROR, REC, 1, swap(DOC, "programme: [wlan-neustadt]\n", "")),
    ("widerspruch", Severity.ERROR, REC, 1, swap(REC, "hoechstbetrag: 5000", "hoechstbetrag: 6000")),
    ("widerspruch", Severity.ERROR, REC, 1, swap(REC, "frist: 2026-12-31", "frist: 2026-12-30")),
    ("widerspruch", Severity.ERROR, DOC, 33, swap(DOC, "| Fördersatz | 40 Prozent", "| Fördersatz | 45 Prozent")),
    ("widerspruch", Severity.ERROR, DOC, 0, swap(REC, "status: offen", "status: unklar")),
    ("dokument-doppelt", Severity.ERROR, "leitfaeden/wlan-kopie.md", 0, twin),
    ("satz-doppelt", Severity.WARNING, "leitfaeden/wlan-kopie.md", 19, twin),
    ("verweis-tot", Severity.ERROR, DOC, 19, swap(DOC, "am Marktplatz mit", "[am Marktplatz](../kurse/fehlt.md) mit")),
    ("verweis-tot", Severity.ERROR, "glossar.yaml", 1, swap("glossar.yaml", "[wlan-neustadt]", "[wlan-altstadt]")),
    ("verweis-tot", Severity.ERROR, "foerderung/handzettel.html.yaml", 0, swap(
        "foerderung/handzettel.html.yaml", "[wlan-neustadt]", "[wlan-altstadt]")),
    ("glossar-unbelegt", Severity.ERROR, "glossar.yaml", 1, swap("glossar.yaml", "40 Prozent", "41 Prozent")),
    ("satz-lang", Severity.WARNING, DOC, 22, swap(DOC, "> Fragen:", LONG)),
    ("satz-haengt", Severity.WARNING, DOC, 19, swap(
        DOC, "Anträge auf den", "Dafür gibt es Geld. [A-1] Anträge auf den")),
    ("typografie", Severity.ERROR, DOC, 19, swap(DOC, "40 Prozent der", "40 % der")),
    ("typografie", Severity.ERROR, DOC, 19, swap(DOC, "bezuschusst WLAN", "foerdert WLAN")),
    ("typografie", Severity.ERROR, DOC, 19, swap(DOC, "WLAN am Marktplatz mit", '"WLAN" am Marktplatz mit')),
    ("unicode", Severity.ERROR, DOC, 0, decomposed),
    ("vorlage", Severity.ERROR, DOC, 2, swap(DOC, "Neustadt bezuschusst", "MUSTER bezuschusst")),
    ("metadaten-fehlen", Severity.ERROR, "kurse/folien.pptx", 0, add("kurse/folien.pptx", "x")),
    ("metadaten-fehlen", Severity.ERROR, "kurse/folien.pptx.yaml", 0, add("kurse/folien.pptx.yaml", METADATA)),
    ("datei-gross", Severity.ERROR, "foerderung/handzettel.html", 0, add(
        "foerderung/handzettel.html", "x" * 1_000_001)),
]  # fmt: skip


def test_the_planted_corpus_is_clean_before(corpus: Path) -> None:
    assert check(corpus, TODAY).problems == ()


@pytest.mark.parametrize(
    ("rule", "severity", "file", "line", "plant"), FAULTS, ids=[f"{n}-{fault[0]}" for n, fault in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found_with_file_and_line(
    corpus: Path, rule: str, severity: Severity, file: str, line: int, plant: Callable[[Path], None]
) -> None:
    plant(corpus)
    found = [(p.rule, p.severity, p.file, p.line) for p in check(corpus, TODAY).problems]
    assert (rule, severity, file, line) in found


def test_all_faults_are_named_at_once(corpus: Path) -> None:
    swap(DOC, "art: foerderung", "art: lied")(corpus)
    swap(DOC, "5.000 Euro. [A-1]", "5.000 Euro. [A-2]")(corpus)
    swap(REC, "ebene: land", "ebene: dorf")(corpus)
    swap("glossar.yaml", "art: abkürzung", "art: wort")(corpus)
    assert {(p.rule, p.file) for p in check(corpus, TODAY).errors} >= {
        ("schema", DOC),
        ("quelle-unbekannt", DOC),
        ("schema", REC),
        ("schema", "glossar.yaml"),
    }


def test_the_clock_alone_never_makes_an_error(corpus: Path) -> None:
    far = check(corpus, dt.date(2040, 1, 1))
    assert far.errors == ()
    assert {p.rule for p in far.problems} == {"datum-status"}


def test_the_shipped_corpus_has_no_error_on_any_day() -> None:
    for today in (TODAY, dt.date(2030, 1, 1)):
        assert [str(problem) for problem in check(CORPUS, today).errors] == []


def test_every_rule_function_has_a_planted_fault(corpus: Path) -> None:
    """A rule that none of the planted faults triggers would be untested."""
    silent = set(RULES)
    for number, (*_, plant) in enumerate(FAULTS):
        copy = corpus.parent / f"kopie-{number}"
        shutil.copytree(corpus, copy)
        plant(copy)
        found = check(copy, TODAY).corpus
        silent = {rule for rule in silent if not list(rule(found, TODAY))}
    assert silent == set()
