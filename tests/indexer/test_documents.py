"""Reading documents: marks, statements, tables, and every fault named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.documents import BlockKind
from indexer.errors import CorpusError
from indexer.reading import corpus_digest, load_corpus, read_document

HEAD = """---
titel: "Ein Dokument"
art: kurs
herausgeber: Lotse-Redaktion
stand: 2026-11-22
status: gültig
quellen:
  A-1:
    titel: "Quelle A"
    herausgeber: "Stadt A"
    datum: 2019-08
    url: "https://example.org/a"
  B:
    titel: "Quelle B"
    herausgeber: "Stadt B"
    datum: "o. D."
    url: "https://example.org/b"
---
"""


def write(folder: Path, body: str, head: str = HEAD, name: str = "ein-dokument.md") -> Path:
    path = folder / name
    path.write_text(head + body, encoding="utf-8")
    return path


def test_statements_keep_sources_and_validity_but_no_marks(tmp_path: Path) -> None:
    first = "Es gibt 100 Euro. [A-1] {Stand: Juli 2019} Das gilt nach § 2 Abs. 1 auch hier [B]. "
    body = f"\n## Kurz\n\n{first}Zwei Sätze. Einer Quelle. [A-1] [B]\n"
    statements = read_document(write(tmp_path, body)).sections[0].blocks[0].statements
    assert [s.text for s in statements] == [
        "Es gibt 100 Euro.",
        "Das gilt nach § 2 Abs. 1 auch hier.",
        "Zwei Sätze.",
        "Einer Quelle.",
    ]
    assert statements[0].source_ids == ("A-1",)
    assert statements[0].validity == ("Stand: Juli 2019",)
    assert statements[-2].source_ids == statements[-1].source_ids == ("A-1", "B")
    assert not any("[" in s.text or "{" in s.text for s in statements)


def test_table_rows_carry_caption_header_and_source(tmp_path: Path) -> None:
    table = "| Ort | Betrag | Quelle |\n|---|---|---|\n| Balingen | 5.960 Euro | [B] |\n"
    body = f"\n## Geld\n\nTabelle: Beträge 2018\n\n{table}"
    block = read_document(write(tmp_path, body)).sections[0].blocks[0]
    assert block.kind is BlockKind.ROW
    assert block.statements[0].text == "Beträge 2018 – Ort: Balingen; Betrag: 5.960 Euro"
    assert block.statements[0].source_ids == ("B",)


def test_questions_and_lists(tmp_path: Path) -> None:
    questions = "> Fragen:\n> - Was zuerst?\n> - Was dann?\n"
    body = f"\n## Schritte\n\n1. Erst das. [B]\n2. Dann das. [B]\n\n- Auch. [B]\n\n{questions}"
    section = read_document(write(tmp_path, body)).sections[0]
    assert [block.kind for block in section.blocks] == [BlockKind.STEP, BlockKind.STEP, BlockKind.ITEM]
    assert section.questions == ["Was zuerst?", "Was dann?"]
    assert section.heading_path == ("Schritte",)


@pytest.mark.parametrize(
    ("body", "head", "expected"),
    [
        ("\n## A\n\nOhne Quelle.\n", HEAD, "Zeile 22: Der Satz „Ohne Quelle.“ nennt keine Quelle."),
        ("\n## A\n\nSatz. [C]\n", HEAD, "Zeile 22: Die Quelle [C] steht nicht unter „quellen“."),
        ("\n## A\n\nSatz. [B]\n", HEAD.replace("art: kurs", "art: lied"), "Zeile 3: Kopf, „art“"),
        ("\n## A\n\nSatz. [B]\n", HEAD.replace("stand: 2026-11-22", "stand: gestern"), "Erwartet wird ein Datum"),
        ("\n## A\n\nSatz. [B]\n", HEAD.replace("status: gültig", "satus: gültig"), "„satus“"),
        ("\n## A\n\nSatz. [B]\n", "", "Der Kopf zwischen zwei Zeilen"),
        ("\n## A\n\nSatz. [B]\n", HEAD.replace('titel: "Ein', 'titel: ["Ein'), "kein gültiges YAML"),
        ("\n", HEAD, "keinen Text"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, body: str, head: str, expected: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_document(write(tmp_path, body, head))
    assert expected in caught.value.message


def test_all_faulty_files_are_named_at_once_and_readmes_are_none(tmp_path: Path) -> None:
    write(tmp_path, "\n## A\n\nOhne Quelle.\n")
    write(tmp_path, "\n## A\n\nSatz. [C]\n", name="zwei.md")
    write(tmp_path, "\n## A\n\nSatz. [B]\n", name="Mit Leerzeichen.md")
    (tmp_path / "README.md").write_text("kein Dokument", encoding="utf-8")
    (tmp_path / "latin.md").write_bytes("---\nUmläute".encode("latin-1"))
    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path)
    for part in ("ein-dokument.md", "zwei.md", "Mit Leerzeichen.md", "latin.md: Die Datei ist nicht in UTF-8"):
        assert part in caught.value.message
    assert "README" not in caught.value.message


def test_an_empty_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path)
    assert "kein Dokument" in caught.value.message
    assert "LOTSE_CORPUS_DIR" in caught.value.hint


def test_digest_changes_with_content_and_name(tmp_path: Path) -> None:
    path = write(tmp_path, "\n## A\n\nSatz. [B]\n")
    first = corpus_digest(tmp_path)
    write(tmp_path, "\n## A\n\nSatz! [B]\n")
    second = corpus_digest(tmp_path)
    path.rename(tmp_path / "anders.md")
    assert len({first, second, corpus_digest(tmp_path)}) == 3
