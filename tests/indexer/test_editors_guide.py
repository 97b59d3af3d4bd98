"""The worked example in corpus/README.md is a corpus without a fault: an editor who copies it starts from there."""

from __future__ import annotations

import re
from pathlib import Path

from indexer.editing.checks import check
from tests.conftest import CORPUS, TODAY

BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_worked_example_passes_the_check(tmp_path: Path) -> None:
    blocks = BLOCK.findall((CORPUS / "README.md").read_text(encoding="utf-8"))
    document = next(block for block in blocks if block.startswith("---\n"))
    record = next(block for block in blocks if block.startswith("id: "))
    glossary = next(block for block in blocks if block.startswith("- begriff:"))
    metadata = next(block for block in blocks if block.startswith("titel: "))
    for name, text in {
        "foerderung/oeffentliches-wlan.md": document,
        "foerderung/programme/wlan-musterstadt.yaml": record,
        "glossar.yaml": glossary,
        "foerderung/oeffentliches-wlan.pdf": "%PDF-1.4",
        "foerderung/oeffentliches-wlan.pdf.yaml": metadata.replace("digitale-baustelle", "oeffentliches-wlan"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [str(problem) for problem in check(tmp_path, TODAY).problems] == []
