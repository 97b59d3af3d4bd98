"""`lotse corpus build-media`: make the course material from the text, or say what no longer fits it."""

from __future__ import annotations

import typer

from assistant.settings import load_settings
from indexer.editing.media import MediaError


def build_media(*, check: bool) -> None:
    """Build all files, or with `check` only name those that are out of date and exit with 1."""
    from indexer.editing.media import build

    corpus_dir = load_settings().corpus_dir
    if check:
        outdated = build.outdated(corpus_dir)
        if outdated:
            lines = "\n".join(f"{path.relative_to(corpus_dir).as_posix()} {reason}" for path, reason in outdated)
            raise MediaError(
                f"Das Kursmaterial ist nicht auf dem Stand der Texte.\n{lines}", "lotse corpus build-media"
            )
        typer.echo("Das Kursmaterial passt zu den Texten.")
        return
    built = build.build(corpus_dir)
    for item in built:
        state = "entfernt" if not item.size else "neu" if item.changed else "unverändert"
        typer.echo(f"{item.path.name:<64} {item.size / 1000:>8.0f} kB  {state}")
    size = f"{sum(item.size for item in built) / 1_000_000:.2f}".replace(".", ",")
    kept = sum(1 for item in built if item.size)
    changed = sum(1 for item in built if item.changed)
    typer.echo(f"{kept} Dateien in {corpus_dir / build.MATERIAL}, {size} MB, {changed} geändert.")
