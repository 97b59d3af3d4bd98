"""The glossary: every thing once, with the names that people use."""

from __future__ import annotations

from pathlib import Path

from indexer.analysis import fold
from indexer.glossary import FILE, TermKind, load_glossary
from tests.conftest import CORPUS

ENTRIES = 200


def test_the_shipped_glossary_is_large_and_covers_all_sorts_of_words() -> None:
    terms, problems = load_glossary(CORPUS)
    assert problems == []
    assert len(terms) >= ENTRIES
    assert {term.kind for term in terms} == set(TermKind)
    names = {fold(name): term.term for term in terms for name in term.names()}
    for everyday, official in {
        "Internetausbau": "Breitbandförderung",
        "Rathaus-App": "Bürger-App",
        "Hackerangriff": "Cyberangriff",
        "data breach": "Datenpanne",
        "interkommunale Zusammenarbeit": "IKZ",
        "Datenschutz-Folgenabschätzung": "DSFA",
    }.items():
        assert names[fold(everyday)] == official


def test_no_glossary_is_an_empty_one_and_faults_have_lines(tmp_path: Path) -> None:
    assert load_glossary(tmp_path) == ([], [])
    (tmp_path / FILE).write_text(
        "- begriff: OZG\n  art: recht\n- begriff: ozg\n  art: recht\n  auch: [Gesetz, gesetz]\n"
        "- begriff: EfA\n  art: recht\n  bedeutung: Ein Land baut für alle.\n",
        encoding="utf-8",
    )
    terms, problems = load_glossary(tmp_path)
    assert len(terms) == 3
    assert [(problem.line, problem.rule) for problem in problems] == [
        (3, "kennung-doppelt"),
        (3, "kennung-doppelt"),
        (6, "schema"),
    ]
