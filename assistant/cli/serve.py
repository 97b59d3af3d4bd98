"""`lotse serve`: the HTTP service with the chat page."""

from __future__ import annotations

import errno
import socket

import typer

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings, prepare_data_dir


def run(*, host: str | None, port: int | None) -> None:
    """Serve until interrupted; a port in use is one sentence before anything is loaded."""
    settings = load_settings(host=host, port=port)
    prepare_data_dir(settings)
    listening = listen(settings)
    import uvicorn

    from assistant.app import create_app
    from assistant.service import Service

    shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - what to show for it
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"
    typer.echo(f"Lotse antwortet unter {address} (beenden mit Strg+C)")
    # Access lines would put addresses of people into the log.
    config = uvicorn.Config(create_app(lambda: Service(settings)), log_level="info", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def listen(settings: Settings) -> socket.socket:
    """Return a socket bound to the host and port of the settings; raises SettingsError with what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except socket.gaierror as error:
        raise SettingsError(
            f"Die Adresse {settings.host} gibt es nicht.", "Bitte LOTSE_HOST berichtigen, zum Beispiel 127.0.0.1."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {settings.port} ist schon belegt; vielleicht läuft Lotse bereits.",
                f"Bitte den anderen Dienst beenden oder mit LOTSE_PORT={settings.port + 1} starten.",
            ) from error
        raise SettingsError(
            f"An {settings.host}, Port {settings.port} kann Lotse nicht lauschen ({error.strerror}).",
            "Bitte LOTSE_HOST und LOTSE_PORT prüfen; Ports unter 1024 brauchen besondere Rechte.",
        ) from error
    return bound
