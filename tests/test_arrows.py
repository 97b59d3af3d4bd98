"""Imports run one way: bots → HTTP, assistant → indexer, eval → both; only app and command line know everybody."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "indexer": {"indexer"},
    "assistant": {"assistant", "indexer"},
    "bots": {"bots"},
    "eval": {"eval", "assistant", "indexer"},
}
KNOW_EVERYBODY = (ROOT / "assistant" / "app.py", ROOT / "assistant" / "cli")


def test_arrows_run_one_way() -> None:
    wrong = []
    for package, allowed in ALLOWED.items():
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                for name in names:
                    top = name.split(".")[0]
                    if (
                        top in ALLOWED
                        and top not in allowed
                        and not any(path.is_relative_to(p) for p in KNOW_EVERYBODY)
                    ):
                        wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []
