"""A real HTTP server over the shipped corpus, for the browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from assistant.app import create_app
from assistant.service import Service

LOADING_SECONDS = 120


@contextmanager
def _serving(load: Callable[[], Service]) -> Iterator[str]:
    """Serve what `load` returns (or why it cannot) on a free loopback port; yield the address."""
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
def address(service: Service) -> Iterator[str]:
    """The address of a server over the shipped corpus, for the whole session: stopping it closes the service."""
    with _serving(lambda: service) as url:
        yield url
