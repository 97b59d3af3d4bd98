"""Isolation for every test, and the real things that tests share: the converted model, the first corpus's index."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_dir: Path) -> None:
    """No LOTSE_ setting, home folder, data folder or date of this machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("LOTSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LOTSE_CORPUS_DIR", str(CORPUS))
    monkeypatch.setenv("LOTSE_MODEL_DIR", str(model_dir))
    monkeypatch.setenv("LOTSE_TODAY", TODAY.isoformat())
    monkeypatch.chdir(tmp_path)  # no .env of the checkout


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The converted model, kept in the checkout between runs: a pure function of an installed package."""
    return ROOT / "data" / "models"


@pytest.fixture(scope="session")
def built_data_dir(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Path:
    """A data folder with a real index of the shipped corpus; read-only by agreement."""
    from indexer.embedding import load_embedder
    from indexer.sync import build

    data_dir = tmp_path_factory.mktemp("built")
    build(data_dir, CORPUS, lambda: load_embedder("bundled", model_dir), dt.datetime(2026, 11, 24, tzinfo=dt.UTC))
    return data_dir


@pytest.fixture(scope="session")
def service(built_data_dir: Path, model_dir: Path) -> Iterator[object]:
    """A loaded service over the shipped corpus, on a fixed day, with its conversations in a temporary database."""
    from assistant.service import Service
    from assistant.settings import Settings

    loaded = Service(
        Settings(data_dir=built_data_dir, corpus_dir=CORPUS, model_dir=model_dir, today=TODAY, _env_file=None)
    )
    yield loaded
    loaded.close()
