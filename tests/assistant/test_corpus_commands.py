"""`lotse corpus …` as an editor runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assistant.test_cli import assert_refused, run
from tests.conftest import ROOT
from tests.indexer.test_checks import DOC, DOCUMENT, RECORD
from tests.indexer.test_coverage import DOSSIER


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    for name, text in {DOC: DOCUMENT, "foerderung/programme/wlan-neustadt.yaml": RECORD}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_check_counts_what_is_clean(corpus: Path) -> None:
    result = run("corpus", "check", corpus_dir=str(corpus))
    assert result.returncode == 0, result.stderr
    assert "1 Dokumente, 2 Abschnitte, 6 Fragen, 1 Förderprogramme" in result.stdout
    assert "keine Fehler, 0 Hinweise" in result.stdout


def test_check_names_every_fault_with_file_line_and_rule(corpus: Path) -> None:
    path = corpus / DOC
    text = path.read_text(encoding="utf-8").replace("5.000 Euro. [A-1]", "5.000 Euro. [A-2]")
    path.write_text(text.replace("art: foerderung", "art: lied"), encoding="utf-8")
    result = run("corpus", "check", corpus_dir=str(corpus))
    assert result.returncode == 1
    assert f"{DOC}:3: Fehler [schema]" in result.stderr
    assert f"{DOC}:19: Fehler [quelle-unbekannt] Die Quelle [A-2]" in result.stderr
    assert "corpus/README.md" in result.stderr


def test_check_of_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "leer").mkdir()
    assert_refused(run("corpus", "check", corpus_dir=str(tmp_path / "leer")), "kein Dokument", "LOTSE_CORPUS_DIR")


@pytest.mark.parametrize(
    ("kind", "folder", "count"), [("leitfaden", "leitfaeden", 1), ("foerderung", "foerderung", 2), ("kurs", "kurse", 1)]
)
def test_new_writes_a_template_in_which_only_the_placeholders_are_wrong(
    tmp_path: Path, kind: str, folder: str, count: int
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    result = run("corpus", "new", kind, "Öffentliches WLAN: Wer zahlt?", corpus_dir=str(corpus))
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Angelegt: ") == count
    path = corpus / folder / "oeffentliches-wlan-wer-zahlt.md"
    assert "Öffentliches WLAN: Wer zahlt?" in path.read_text(encoding="utf-8")
    checked = run("corpus", "check", corpus_dir=str(corpus))
    assert checked.returncode == 1
    faults = [line for line in checked.stderr.splitlines() if "Fehler [" in line]
    assert faults
    assert all("Fehler [vorlage]" in line for line in faults)
    for file in corpus.rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("MUSTER", "Neustadt"), encoding="utf-8")
    assert run("corpus", "check", corpus_dir=str(corpus)).returncode == 0


def test_new_overwrites_nothing_and_knows_three_kinds(corpus: Path) -> None:
    assert_refused(run("corpus", "new", "foerderung", "WLAN Neustadt", corpus_dir=str(corpus)), "gibt es schon")
    assert (corpus / DOC).read_text(encoding="utf-8") == DOCUMENT
    assert_refused(run("corpus", "new", "lied", "WLAN", corpus_dir=str(corpus)), "„lied“", "leitfaden")
    assert_refused(run("corpus", "new", "kurs", "?!", corpus_dir=str(corpus)), "kein Dateiname")


def test_list_shows_documents_and_what_ends_soon(corpus: Path) -> None:
    result = run("corpus", "list", corpus_dir=str(corpus))
    assert result.returncode == 0, result.stderr
    row = next(line for line in result.stdout.splitlines() if line.startswith("wlan-neustadt"))
    assert {"foerderung", "2026-11-22", "gültig"} <= set(row.split())
    assert "31. Dezember 2026  Letzter Tag: WLAN-Zuschuss von Neustadt" in result.stdout
    assert "foerderung/wlan-neustadt.md:19" in result.stdout
    assert "läuft nichts ab" in run("corpus", "list", "--tage", "5", corpus_dir=str(corpus)).stdout
    assert "0 Dokumente" in run("corpus", "list", "--art", "kurs", corpus_dir=str(corpus)).stdout


def test_coverage_lists_gaps_and_fails_below_the_wanted_share(corpus: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "probe.md").write_text(DOSSIER, encoding="utf-8")
    result = run("corpus", "coverage", str(facts), corpus_dir=str(corpus))
    assert result.returncode == 0, result.stderr
    assert "probe.md:11: Es fehlt: 2018-07-31" in result.stdout
    assert "probe.md:13: ausgenommen (nicht erneut belegt)" in result.stdout
    assert "3 Fakten, 1 ausgenommen" in result.stdout
    failed = run("corpus", "coverage", str(facts), "--mindestens", "0.98", corpus_dir=str(corpus))
    assert failed.returncode == 1
    assert "liegt unter 98,0 Prozent" in failed.stderr


def test_the_dossiers_are_carried() -> None:
    """At least 98 of 100 figures, dates and amounts of the dossiers stand in the corpus, beside their source."""
    facts = ROOT.parent / "shared" / "facts"
    if not facts.is_dir():
        pytest.skip("needs the dossiers in ../shared/facts, which a stranger's clone does not have")
    result = run("corpus", "coverage", str(facts), "--mindestens", "0.98")
    assert result.returncode == 0, result.stderr
