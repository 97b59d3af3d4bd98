"""Figures in one form, and which facts of a dossier no document carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.editing.coverage import measure, read_facts
from indexer.editing.figures import Figure, carried, figures, names
from indexer.errors import CorpusError
from indexer.reading import load_corpus
from tests.indexer.test_documents import HEAD, write

DOSSIER = """---
thema: "Probe"
quellen:
  - {id: a, titel: "Quelle A", herausgeber: "Stadt A", datum: 2019, url: "https://example.org/a"}
  - {id: b, titel: "Quelle B", herausgeber: "Stadt B", datum: "o. D.", url: "https://example.org/b"}
---

## Geld

- Es gibt 50 % von 1,5 Mio. € für „Heimat 2.0“. [a] (Stand 2019)
- Die Frist endete am 31.07.2018. [b]
- Es waren 98 Projekte. [a] [b]
- Vielleicht waren es 99. [a] (nicht erneut belegt)

## Offene Punkte

- Der Betrag 4.711 Euro ist unklar. [a]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 Prozent", {Figure("50", "%")}),
        ("40 bis 50 %", {Figure("40", "%"), Figure("50", "%")}),
        ("1,5 Millionen Euro", {Figure("1500000", "€")}),
        ("1.500.000 €", {Figure("1500000", "€")}),
        ("eine Million Euro", {Figure("1000000", "€")}),
        ("2,5 Milliarden Euro", {Figure("2500000000", "€")}),
        ("31.07.2018", {Figure("2018-07-31", "Tag")}),
        ("am 31. Juli 2018", {Figure("2018-07-31", "Tag")}),
        ("vom 10. Juli bis 21. Oktober 2024", {Figure("2024-07-10", "Tag"), Figure("2024-10-21", "Tag")}),
        ("ab 19.07. im Notbetrieb", {Figure("-07-19", "Tag")}),
        ("10/2022", {Figure("2022-10", "Monat")}),
        ("Oktober 2022", {Figure("2022-10", "Monat")}),
        ("zwei Jahre und drei Monate", {Figure("2"), Figure("3")}),
        ("dreitägig", {Figure("3")}),
        ("Heimat 2.0", {Figure("2.0")}),
        ("§ 18 Abs. 1", {Figure("18"), Figure("1")}),
        ("keine Zahl", set()),
    ],
)
def test_figures_have_one_form(text: str, expected: set[Figure]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("fact", "text", "held"),
    [
        ("2018", "am 31. Juli 2018", True),
        ("Juli 2018", "am 31. Juli 2018", True),
        ("31.07.2018", "im Juli 2018", False),
        ("50 Prozent", "50 Kommunen", True),  # a chain may name the unit once; the sentence is read by people too
        ("50 Prozent", "50 Euro", False),
        ("50", "50 Euro", True),
        ("19.07.", "am 19. Juli 2022", True),
        ("20.07.", "am 19. Juli 2022", False),
    ],
)
def test_a_figure_is_carried_by_what_says_at_least_as_much(fact: str, text: str, held: bool) -> None:
    assert all(carried(figure, figures(text)) for figure in figures(fact)) is held


def test_names_are_quoted_or_written_like_names() -> None:
    assert names("Die BundID und „Heimat 2.0“ gehören zum OZG, sagt Komm.ONE.") >= {"BundID", "Heimat 2.0", "OZG"}
    assert names("Die Gemeinde stellt den Antrag.") == set()


def test_coverage_finds_what_is_missing_beside_its_own_source(tmp_path: Path) -> None:
    dossiers, corpus = tmp_path / "facts", tmp_path / "corpus"
    dossiers.mkdir()
    corpus.mkdir()
    (dossiers / "probe.md").write_text(DOSSIER, encoding="utf-8")
    body = (
        "\n## Kurz gesagt\n\nBei „Heimat 2.0“ zahlte der Bund 50 Prozent von 1,5 Millionen Euro. [A-1]\n"
        "Es waren 98 Projekte. [B] Die Frist war der 31. Juli 2018. [A-1]\n"
    )
    write(corpus, body, HEAD)
    result = measure(read_facts(dossiers), load_corpus(corpus))
    assert (result.facts, len(result.excused)) == (3, 1)
    assert "99" in result.excused[0].text
    # The day stands beside the wrong source, so it does not count.
    assert [(str(gap.figures[0]), gap.fact.line) for gap in result.gaps] == [("2018-07-31", 11)]
    assert (result.figures, result.figures_carried) == (5, 4)
    assert result.share == pytest.approx(0.8)


def test_a_folder_without_facts_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        read_facts(tmp_path)
    assert "keine Fakten" in caught.value.message
    assert "quellen" in caught.value.hint
