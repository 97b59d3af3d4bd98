"""Isolation for every test, and the real things that tests share: the converted model, the first corpus's index."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from assistant.service import Service

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


LOADING_SECONDS = 120

Serve = Callable[[Callable[[], "Service"]], AbstractContextManager[str]]


@contextmanager
def _serving(load: Callable[[], Service]) -> Iterator[str]:
    """Serve what `load` returns (or why it cannot) on a free loopback port; yield the address."""
    import uvicorn

    from assistant.app import create_app

    app = create_app(load)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The socket listens already, so the first request waits for the server instead of failing.
        config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            httpx.get(f"{address}/healthz", timeout=LOADING_SECONDS).raise_for_status()
            assert app.state.loader.finished.wait(LOADING_SECONDS)
            yield address
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def serving() -> Serve:
    """Serve any service for the length of a `with` block."""
    return _serving


@pytest.fixture(scope="session")
def address(service: Service) -> Iterator[str]:
    """The address of a server over the shipped corpus, for the whole session: stopping it closes the service."""
    with _serving(lambda: service) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as connected:
        yield connected
