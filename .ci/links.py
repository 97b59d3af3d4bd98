"""Finds links and images in the project's Markdown files that point to no file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


def main() -> int:
    """Print each dead link; return 1 if there is one."""
    root = Path(__file__).resolve().parent.parent
    listed = subprocess.run(
        ["git", "ls-files", "*.md"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    dead = 0
    for name in listed:
        text = FENCE.sub("", (root / name).read_text(encoding="utf-8"))
        for target in LINK.findall(text):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (root / name).parent.joinpath(target).exists():
                print(f"{name}: {target} gibt es nicht")
                dead += 1
    return int(dead > 0)


if __name__ == "__main__":
    sys.exit(main())
