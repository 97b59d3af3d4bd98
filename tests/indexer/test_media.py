"""The course material: every format is built from a small corpus and opened again with its library."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pypdf
import pytest

from indexer.editing.material import load_material
from indexer.editing.media import MediaError, build, measure, style
from indexer.editing.media.course import source_date, units
from indexer.editing.media.frames import ROOM, SIZES, TextFrame, plan
from indexer.editing.media.outline import Sentence, Table
from indexer.errors import CorpusError
from indexer.reading import load_corpus
from indexer.typed_yaml import SCHEMA

UNIT = """\
---
titel: "Lerneinheit {number}: Öffentliches WLAN"
art: kurs
herausgeber: Lotse-Redaktion
stand: 2026-11-2{number}
status: gültig
themen: [grundkurs, wlan]
quellen:
  KURS:
    titel: "Grundkurs Digitale Gemeinde"
    herausgeber: "Lotse-Redaktion"
    datum: "2026-11-25"
  wifi:
    titel: "WLAN „für alle“ & mehr"
    herausgeber: "Stadt Weißenfels"
    datum: "2026-03"
    url: "https://www.example.org/wlan?a=1&b=2"
  recht:
    titel: "Telemediengesetz § 8"
    herausgeber: "Bund"
    datum: "o. D."
    url: "https://www.example.org/recht"
---

## Kurz gesagt

Lerneinheit {number} behandelt öffentliches WLAN. [KURS]
Die Störerhaftung für WLAN ist abgeschafft – das spart Ärger. [recht] {{Stand: März 2026}}

## Lernziele

- Nach Lerneinheit {number} können Sie die Haftung erklären. [KURS]

## Was WLAN am Marktplatz kostet

Ein Zugangspunkt kostet die Gemeinde 1.500 € im Jahr … [wifi] [recht]

Tabelle: Kosten des WLANs je Ort

| Ort | Kosten | Quelle |
|---|---|---|
| Marktplatz | 1.500 Euro | [wifi] |
| Freibad | 2.500 Euro | [wifi] {{gültig bis: 2026-12-31}} |
| Bücherei | | [recht] |

## Wie die Gemeinde vorgeht

1. Die Gemeinde fragt zuerst das Bauamt nach dem Strom am Marktplatz. [wifi]
2. Die Gemeinde holt danach drei Angebote für das WLAN ein. [wifi]

## Wer haftet

{long}

## Übungen

1. Prüfen Sie in 15 Minuten, wo in Ihrer Gemeinde WLAN fehlt. [KURS]
2. Rechnen Sie in 10 Minuten die Kosten für zwei Orte aus. [KURS]

Eine gute Lösung von Übung 1 der Lerneinheit {number} nennt zwei Orte. [KURS]
Eine gute Lösung von Übung 2 der Lerneinheit {number} nennt 4.000 Euro. [KURS] [wifi]

## Selbsttest

Tabelle: Selbsttest zu Lerneinheit {number}

| Frage | Antwort | Quelle |
|---|---|---|
| Was kostet ein Zugangspunkt? | Ein Zugangspunkt kostet 1.500 Euro im Jahr. | [wifi] |
| Gilt die Störerhaftung noch? | Nein, die Störerhaftung ist abgeschafft. | [recht] |

## Begriffe

Tabelle: Begriffe aus Lerneinheit {number}

| Begriff | Bedeutung | Quelle |
|---|---|---|
{terms}
"""
LONG = "\n".join(
    f"Der Betreiber des öffentlichen WLANs haftet in Fall {n} nach dem Gesetz nicht für Rechtsverletzungen, die Gäste "
    f"über seinen Anschluss begehen, solange er sie nicht selbst veranlasst hat. [recht]"
    for n in range(1, 12)
)
TERMS = "\n".join(
    f"| Fachwort {n} | Das Fachwort {n} bezeichnet den Zugang zum Netz, den eine Gemeinde Gästen kostenlos anbietet, "
    f"und die Regeln dafür. | [wifi] [recht] |"
    for n in range(1, 13)
)
PROGRAMME = """\
id: wlan-zuschuss
name: "WLAN-Zuschuss"
foerdergeber: "Land Baden-Württemberg"
ebene: land
gegenstand: "Öffentliches WLAN"
antragsberechtigt: [Städte, Gemeinden]
foerderquote: 50
hoechstbetrag: 15000
hoechstbetrag_text: "je Ort"
frist: 2026-12-31
status: {status}
status_begruendung: "Laut Förderseite."
status_stand: "2026-11"
quellen:
  - titel: "Förderseite"
    herausgeber: "Land"
    datum: "2026"
    url: "https://www.example.org/foerderung"
"""
FUNDING = """\
---
titel: "WLAN-Zuschuss des Landes"
art: foerderung
herausgeber: Lotse-Redaktion
stand: 2026-10-15
status: gültig
themen: [wlan]
programme: [wlan-zuschuss]
quellen:
  F: {titel: "Förderseite", herausgeber: "Land", datum: "2026", url: "https://www.example.org/foerderung"}
---

## Kurz gesagt

Das Land bezuschusst WLAN mit 50 Prozent. [F]
"""


def write_unit(corpus: Path, number: int, long: str = LONG) -> Path:
    path = corpus / "kurse" / f"lerneinheit-{number}-wlan.md"
    path.write_text(UNIT.format(number=number, long=long, terms=TERMS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two units and two programmes, its material built; read-only by agreement."""
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def make_corpus(root: Path) -> Path:
    (root / "kurse").mkdir()
    (root / "foerderung" / "programme").mkdir(parents=True)
    write_unit(root, 1)
    write_unit(root, 2)
    (root / "foerderung" / "wlan-zuschuss-land.md").write_text(FUNDING, encoding="utf-8")
    records = root / "foerderung" / "programme"
    (records / "wlan-zuschuss.yaml").write_text(PROGRAMME.format(status="offen"), encoding="utf-8")
    old = PROGRAMME.format(status="ausgelaufen").replace("wlan-zuschuss", "wlan-alt").replace("WLAN-Zus", "WLAN-Altzus")
    (records / "wlan-alt.yaml").write_text(old.replace("frist: 2026-12-31\n", 'frist_text: "jederzeit"\n'), "utf-8")
    build.build(root)
    return root


@pytest.fixture
def own_corpus(tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    root = tmp_path / "corpus"
    root.mkdir()
    return make_corpus(root)


def material(corpus: Path, name: str) -> Path:
    return corpus / build.MATERIAL / name


# The text as data


def test_sources_are_numbered_as_they_appear_and_resolved(corpus: Path) -> None:
    unit = units(load_corpus(corpus))[0]
    assert [(r.number, r.publisher, r.date) for r in unit.references] == [
        (1, "Lotse-Redaktion", "25. November 2026"),
        (2, "Bund", "o. D."),
        (3, "Stadt Weißenfels", "März 2026"),
    ]
    assert unit.references[0].url == ""
    assert unit.brief[1].marked.endswith("spart Ärger. (Stand: März 2026) [2]")
    assert [exercise.solution[0].refs for exercise in unit.exercises] == [(1,), (1, 3)]


def test_a_table_keeps_empty_cells_and_says_validity_once(corpus: Path) -> None:
    table = units(load_corpus(corpus))[0].chapters[0].parts[1]
    assert isinstance(table, Table)
    assert table.header == ("Ort", "Kosten")
    assert [row.cells for row in table.rows] == [
        ("Marktplatz", "1.500 Euro"),
        ("Freibad", "2.500 Euro (gültig bis 31. Dezember 2026)"),
        ("Bücherei", ""),
    ]


@pytest.mark.parametrize(
    ("date", "words"),
    [("2026-03", "März 2026"), ("2026-03-01", "1. März 2026"), ("2026", "2026"), ("2026-13", "2026-13"), ("?", "?")],
)
def test_dates_read_german(date: str, words: str) -> None:
    assert source_date(date) == words


def test_a_unit_without_its_sections_is_named(own_corpus: Path) -> None:
    path = write_unit(own_corpus, 2)
    path.write_text(path.read_text(encoding="utf-8").replace("## Selbsttest", "## Quiz"), encoding="utf-8")
    with pytest.raises(MediaError, match="lerneinheit-2-wlan: Es fehlt der Abschnitt „Selbsttest“"):
        build.products(own_corpus)


# Slides


def slides(corpus: Path) -> Any:
    return pptx.Presentation(str(material(corpus, "einheit-1-wlan-folien.pptx"))).slides


def text_of(slide: Any) -> str:
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    texts += [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join(texts)


def test_slides_carry_titles_tables_and_notes(corpus: Path) -> None:
    found = list(slides(corpus))
    titles = [slide.shapes.title.text for slide in found]
    assert titles[:4] == [
        "Lerneinheit 1:\vÖffentliches WLAN",
        "Kurz gesagt",
        "Lernziele",
        "Was WLAN am Marktplatz kostet",
    ]
    assert "Wer haftet (1/3)" in titles
    assert "Wer haftet (3/3)" in titles
    costs = found[3]
    table = next(shape for shape in costs.shapes if shape.has_table)
    assert [cell.text for cell in table.table.rows[0].cells] == ["Ort", "Kosten", "Quelle"]
    assert table._element.nvGraphicFramePr.cNvPr.get("descr") == "Kosten des WLANs je Ort"
    notes = costs.notes_slide.notes_text_frame.text
    assert "Ein Zugangspunkt kostet die Gemeinde 1.500 € im Jahr … [3] [2]" in notes
    assert "[3] WLAN „für alle“ & mehr. Stadt Weißenfels, März 2026, https://www.example.org/wlan?a=1&b=2" in notes
    raised = [
        run for shape in costs.shapes if shape.has_text_frame for p in shape.text_frame.paragraphs for run in p.runs
    ]
    assert any(run.text.strip() == "[3] [2]" and run.font._element.get("baseline") == "30000" for run in raised)


def test_answers_stand_in_the_notes_only(corpus: Path) -> None:
    test, exercises = (next(s for s in slides(corpus) if s.shapes.title.text == t) for t in ("Selbsttest", "Übungen"))
    assert "Nein, die Störerhaftung ist abgeschafft." not in text_of(test)
    assert "Antwort 2: Nein, die Störerhaftung ist abgeschafft. [2]" in test.notes_slide.notes_text_frame.text
    assert "nennt 4.000 Euro. [1] [3]" in exercises.notes_slide.notes_text_frame.text


def test_no_slide_overflows(corpus: Path) -> None:
    for slide in slides(corpus):
        if slide.slide_layout.name == "Title Slide":
            continue
        points = 0
        for shape in slide.shapes:
            if shape.is_placeholder and shape.placeholder_format.type in (13, 15):  # number and footer
                continue
            assert (shape.left + shape.width) / 12700 <= style.SLIDE_WIDTH - style.SLIDE_MARGIN + 1
            assert (shape.top + shape.height) / 12700 <= style.SLIDE_BODY_BOTTOM + 1
            if shape.has_table:
                widths = [column.width / 12700 - 2 * style.SLIDE_CELL_SIDE for column in shape.table.columns]
                for row in shape.table.rows:
                    for cell, room in zip(row.cells, widths, strict=True):
                        run = cell.text_frame.paragraphs[0].runs
                        if run:
                            size = run[0].font.size.pt
                            assert size >= 14
                            need = measure.height(cell.text, size, room, bool(run[0].font.bold))
                            assert need + 2 * style.SLIDE_CELL_TOP <= row.height / 12700 + 0.01
            elif shape != slide.shapes.title and not shape.name.startswith("Tabellen"):
                points += len(shape.text_frame.paragraphs)
                lines = 0
                for paragraph in shape.text_frame.paragraphs:
                    size = paragraph.runs[0].font.size.pt
                    assert size >= 18
                    words = "".join(run.text for run in paragraph.runs)
                    room = shape.width / 12700 - style.SLIDE_INDENT
                    lines += measure.lines(words, size, room)
                gaps = style.SLIDE_GAP * (len(shape.text_frame.paragraphs) - 1)
                assert lines * size * style.LINE_HEIGHT + gaps <= shape.height / 12700 + 0.01
        assert points <= style.SLIDE_POINTS


def test_long_text_is_split_evenly_and_too_long_text_is_refused() -> None:
    items = tuple((Sentence(f"Ein Satz mit der Nummer {n}."),) for n in range(8))
    assert [
        len(frame.items) for [frame] in plan([TextFrame(items, SIZES[0].text)]) if isinstance(frame, TextFrame)
    ] == [4, 4]
    assert measure.pages([100, 100, 100, 100], 300) == [2, 2]
    assert measure.pages([], 300) == []
    with pytest.raises(MediaError, match="höher als eine Folie"):
        plan([TextFrame(((Sentence("Wort " * 2000),),), 20.0)])
    assert ROOM > 300


# Handout


def test_the_handout_uses_real_styles(corpus: Path) -> None:
    document: Any = docx.Document(str(material(corpus, "einheit-1-wlan-handout.docx")))
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet", "List Number", "Caption", "Schreiblinie"} <= styles
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[-2:] == ["Lösungen", "Quellen"]
    solutions = next(p for p in document.paragraphs if p.text == "Lösungen")
    assert solutions.paragraph_format.page_break_before
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None
    assert [cell.text for cell in document.tables[0].rows[2].cells][1].startswith("2.500 Euro (gültig bis")
    foot = document.sections[0].footer.paragraphs[0]
    assert "Stand: 21. November 2026" in foot.text
    assert "PAGE" in foot._p.xml
    links = [r.target_ref for r in document.part.rels.values() if r.is_external]
    assert links == ["https://www.example.org/recht", "https://www.example.org/wlan?a=1&b=2"]


def test_each_numbered_list_begins_with_one(corpus: Path) -> None:
    document: Any = docx.Document(str(material(corpus, "einheit-1-wlan-handout.docx")))
    numbers = [p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style.name == "List Number"]
    assert len(set(numbers)) == 2  # the steps and the questions
    for number in set(numbers):
        assert "w:startOverride" in document.part.numbering_part.element.num_having_numId(number).xml


# Reader


def test_the_reader_has_contents_bookmarks_links_and_embedded_fonts(corpus: Path) -> None:
    reader = pypdf.PdfReader(material(corpus, "grundkurs-teilnehmerunterlage.pdf"))
    assert reader.metadata is not None
    assert reader.metadata.title == "Grundkurs Digitale Gemeinde: Teilnehmerunterlage"
    assert reader.root_object["/Lang"] == "de-DE"
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    for words in (
        "1.500 € im Jahr …",
        "„für alle“ & mehr",
        "§ 8",
        "spart Ärger",
        "Weißenfels",
        "Bücherei",
    ):
        assert words in text
    assert re.search(r"Was WLAN am Marktplatz kostet[ .]* 3", " ".join(reader.pages[1].extract_text().split()))
    outline = [item.title for item in reader.outline if not isinstance(item, list)]
    assert outline == ["Lerneinheit 1: Öffentliches WLAN", "Lerneinheit 2: Öffentliches WLAN"]
    links = {
        str(note.get_object()["/A"]["/URI"])
        for page in reader.pages
        for note in page.get("/Annots", [])
        if "/URI" in note.get_object().get("/A", {})
    }
    assert "https://www.example.org/wlan?a=1&b=2" in links
    fonts = {font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert fonts
    assert all("+BitstreamVera" in font for font in fonts)


def test_the_head_of_a_table_repeats_on_the_next_page() -> None:
    from indexer.editing.media.book import cell, grid

    texts = [(f"Zeile {n}", "[1]") for n in range(40)]
    table: Any = grid(("Ort", "Quelle"), texts, [[cell(text) for text in row] for row in texts])
    first, second = table.split(400, 400)
    assert [part._cellvalues[0][0][0].text for part in (first, second)] == ["Ort", "Ort"]


def test_a_character_without_a_glyph_is_named_and_a_tick_is_replaced() -> None:
    from indexer.editing.media.book import escaped

    assert escaped("✓ <b>") == "√ &lt;b&gt;"
    with pytest.raises(MediaError, match=r"„漢“ \(U\+6F22\)"):
        escaped("漢")


# Overview


def test_the_overview_has_typed_cells_filters_and_links(corpus: Path) -> None:
    book = openpyxl.load_workbook(material(corpus, "foerderuebersicht.xlsx"))
    assert book.sheetnames == ["Programme", "Offen", "Hinweise"]
    sheet = book["Programme"]
    head = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:P3"
    rows = {row[0].value: dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=2)}
    entry = rows["WLAN-Zuschuss"]
    assert entry["Frist"].value.isoformat() == "2026-12-31T00:00:00"
    assert entry["Frist"].number_format == "DD.MM.YYYY"
    assert (entry["Höchstbetrag"].value, entry["Zum Höchstbetrag"].value) == (15000, "je Ort")
    assert "€" in entry["Höchstbetrag"].number_format
    assert entry["Quelle"].hyperlink.target == "https://www.example.org/foerderung"
    assert entry["Gegenstand"].alignment.wrap_text
    assert rows["WLAN-Altzuschuss"]["Frist"].value is None
    assert rows["WLAN-Altzuschuss"]["Zur Frist"].value == "jederzeit"
    assert [row[0].value for row in book["Offen"].iter_rows(min_row=2)] == ["WLAN-Zuschuss"]
    hints = " ".join(str(cell.value) for row in book["Hinweise"].iter_rows() for cell in row if cell.value)
    assert "15. Oktober 2026" in hints
    assert "seit dem Stand geändert" in hints


# Page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_accessible_and_closed(corpus: Path) -> None:
    text = material(corpus, "grundkurs.html").read_text(encoding="utf-8")
    parser = _Tags()
    parser.feed(text)
    names = [tag for tag, _ in parser.tags]
    assert ("html", {"lang": "de"}) in parser.tags
    assert {"header", "nav", "main", "footer", "details"} <= set(names)
    assert not {"script", "img", "link", "iframe"} & set(names)
    levels = [int(tag[1]) for tag in names if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert names.count("table") == names.count("caption")
    assert all("scope" in attributes for tag, attributes in parser.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in parser.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [str(attributes["href"]) for tag, attributes in parser.tags if tag == "a"]
    assert all(target[1:] in ids for target in targets if target.startswith("#"))
    assert {t for t in targets if not t.startswith("#")} == {
        "https://www.example.org/recht",
        "https://www.example.org/wlan?a=1&b=2",
    }
    assert "url(" not in text
    assert "WLAN „für alle“ &amp; mehr" in text


# Build and check


def test_two_builds_give_the_same_bytes(own_corpus: Path) -> None:
    folder = own_corpus / build.MATERIAL
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert not any(item.changed for item in build.build(own_corpus))
    for path in folder.iterdir():
        path.unlink()
    build.build(own_corpus)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sum(len(content) for content in before.values()) < 1_000_000


def test_archives_carry_no_clock(corpus: Path) -> None:
    for path in (corpus / build.MATERIAL).glob("*.*x"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r">(\d{4}-\d\d-\d\d)T00:00:00Z<", core)) <= {"2026-11-21", "2026-11-22", "2026-10-15"}
        assert "Lotse-Redaktion" in core


def test_metadata_are_readable_and_say_what_the_file_was_made_from(corpus: Path) -> None:
    found, problems = load_material(corpus)
    assert problems == []
    data = {path.name: metadata for path, metadata in found.items()}
    assert set(data) == {product.name for product in build.products(corpus)}
    assert data["grundkurs.html"].made_from == ["lerneinheit-1-wlan", "lerneinheit-2-wlan"]
    assert data["einheit-2-wlan-folien.pptx"].made_from == ["lerneinheit-2-wlan"]
    overview = data["foerderuebersicht.xlsx"]
    assert (overview.kind, overview.stand.isoformat()) == ("foerderung", "2026-10-15")
    assert overview.made_from == ["wlan-zuschuss-land"]


def test_the_check_names_what_a_change_of_text_made_stale(own_corpus: Path) -> None:
    assert build.outdated(own_corpus) == []
    write_unit(own_corpus, 2, LONG + "\nEin Satz kommt hinzu. [recht]")
    material(own_corpus, "grundkurs.html").unlink()
    assert {(path.name, reason) for path, reason in build.outdated(own_corpus)} == {
        ("einheit-2-wlan-folien.pptx", build.STALE),
        ("einheit-2-wlan-handout.docx", build.STALE),
        ("grundkurs-teilnehmerunterlage.pdf", build.STALE),
        ("grundkurs.html", build.MISSING),
    }
    build.build(own_corpus)
    assert build.outdated(own_corpus) == []


def test_a_changed_record_makes_the_overview_stale(own_corpus: Path) -> None:
    record = own_corpus / "foerderung" / "programme" / "wlan-alt.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("ausgelaufen", "unklar"), encoding="utf-8")
    assert [path.name for path, _ in build.outdated(own_corpus)] == ["foerderuebersicht.xlsx"]


def test_files_of_a_unit_that_is_gone_are_removed_and_others_stay(own_corpus: Path) -> None:
    own = material(own_corpus, "plakat.pdf")
    own.write_bytes(b"%PDF-1.4")
    own.with_name("plakat.pdf.yaml").write_text("titel: Plakat\nart: kurs\nherausgeber: Wir\nstand: 2026-01-01\n")
    (own_corpus / "kurse" / "lerneinheit-2-wlan.md").unlink()
    reasons = {path.name: reason for path, reason in build.outdated(own_corpus)}
    assert reasons["einheit-2-wlan-folien.pptx"] == build.LEFT_OVER
    build.build(own_corpus)
    left = {path.name for path in (own_corpus / build.MATERIAL).iterdir()}
    assert "plakat.pdf" in left
    assert not any(name.startswith("einheit-2") for name in left)


def test_a_fault_of_the_corpus_leaves_the_folder_as_it_was(own_corpus: Path) -> None:
    before = sorted((own_corpus / build.MATERIAL).iterdir())
    record = own_corpus / "foerderung" / "programme" / "wlan-alt.yaml"
    record.write_text("id: wlan-alt\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        build.build(own_corpus)
    assert caught.value.problems[0].rule == SCHEMA
    assert sorted((own_corpus / build.MATERIAL).iterdir()) == before


def test_missing_libraries_are_one_sentence(own_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None if name == "docx" else object())
    with pytest.raises(MediaError, match=r"fehlt: python-docx\.") as caught:
        build.build(own_corpus)
    assert "[media]" in caught.value.hint
    assert build.outdated(own_corpus) == []  # the check needs none of them


@pytest.fixture
def command(own_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOTSE_CORPUS_DIR", str(own_corpus))
    return own_corpus


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    from assistant.cli import main

    monkeypatch.setattr("sys.argv", ["lotse", "corpus", "build-media", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_the_command_checks_and_builds(
    command: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--check") == 0
    write_unit(command, 1, LONG + "\nEin Satz kommt hinzu. [recht]")
    assert run(monkeypatch, "--check") == 1
    error = capsys.readouterr().err
    assert "kurse/material/einheit-1-wlan-folien.pptx passt nicht mehr zum Text" in error
    assert "einheit-2" not in error
    assert run(monkeypatch) == 0
    assert "entfernt" not in capsys.readouterr().out
    assert run(monkeypatch, "--check") == 0
