"""The composition root: loads the service in the background and puts API, health and chat page on one port."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from assistant.api.errors import install_errors
from assistant.api.routes import api_router, health_router
from assistant.errors import LotseError, NotReady
from assistant.service import Service
from bots.web.server import mount_web
from indexer.errors import IndexerError

logger = logging.getLogger("lotse")


class Loader:
    """Loads the service in a thread, so that the port answers at once."""

    def __init__(self, load: Callable[[], Service]) -> None:
        self._load = load
        self._service: Service | None = None
        self._problem = NotReady(
            "Lotse startet gerade und lädt Sprachmodell und Index.", "Bitte in einigen Sekunden noch einmal versuchen."
        )
        self.finished = threading.Event()

    def run(self) -> None:
        """Load; whatever goes wrong becomes the reason that `/readyz` gives."""
        try:
            self._service = self._load()
            logger.info("bereit: Index %s", self._service.generation.name)
        except (IndexerError, LotseError) as error:
            logger.error("nicht bereit: %s %s", error.message, error.hint)
            self._problem = NotReady(error.message, error.hint)
        except Exception:
            logger.exception("nicht bereit")
            self._problem = NotReady("Lotse konnte nicht starten.", "Bitte „lotse doctor“ ausführen.")
        finally:
            self.finished.set()

    @property
    def service(self) -> Service:
        """The loaded service; raises NotReady with the reason."""
        if self._service is None:
            raise self._problem
        return self._service

    def close(self) -> None:
        """Wait for the loading to end and release what it opened."""
        self.finished.wait()
        if self._service is not None:
            self._service.close()


def create_app(load: Callable[[], Service]) -> FastAPI:
    """Return the application; `load` builds the service and runs in a thread after the start."""
    loader = Loader(load)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=loader.run, name="lotse-load", daemon=True).start()
        yield
        loader.close()

    app = FastAPI(
        title="Lotse",
        summary="Antworten zur Digitalisierung in Städten und Gemeinden, mit Quelle an jedem Satz",
        version="1",
        lifespan=lifespan,
        # The pages for reading the schema load scripts from outside; the schema itself stays.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.loader = loader
    install_errors(app)
    app.include_router(health_router)
    app.include_router(api_router)
    mount_web(app)
    return app
