"""Serves the chat page: static files, no build step, with the headers a public page needs."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

STATIC_DIR: Final = Path(__file__).parent / "static"
PAGE: Final = "index.html"

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    # Revalidated on every load (the ETag answers 304), so an update reaches the browser at once.
    "Cache-Control": "no-cache",
}

# The system's own table may call JavaScript text/plain, and nosniff would then block every module.
CONTENT_TYPES: Final[dict[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


async def _file(files: StaticFiles, path: str, request: Request) -> Response:
    """Answer with one packaged file (200, 304 or 404) and the page's headers."""
    response = await files.get_response(path, request.scope)
    content_type = CONTENT_TYPES.get(PurePosixPath(path).suffix)
    if content_type is not None and response.status_code == 200:
        response.headers["Content-Type"] = content_type
    response.headers.update(HEADERS)
    return response


def web_router() -> APIRouter:
    """Return the routes of the chat page: `/` and everything below `/static/`."""
    router = APIRouter(include_in_schema=False)
    files = StaticFiles(directory=STATIC_DIR)

    @router.api_route("/", methods=["GET", "HEAD"], name="web_page")
    async def page(request: Request) -> Response:
        return await _file(files, PAGE, request)

    @router.api_route("/static/{path:path}", methods=["GET", "HEAD"], name="web_static")
    async def static(path: str, request: Request) -> Response:
        return await _file(files, path, request)

    return router


def mount_web(app: FastAPI) -> None:
    """Add the chat page to an application; its headers stay on its own pages."""
    app.include_router(web_router())
