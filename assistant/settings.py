"""All settings: environment variables `LOTSE_…` or a file `.env` in the working folder, checked at start."""

from __future__ import annotations

import datetime as dt
import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

PREFIX: Final = "LOTSE_"
_PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent
_PACKAGED_CORPUS: Final = _PACKAGE_ROOT / "indexer" / "_corpus"
_CHECKOUT_CORPUS: Final = _PACKAGE_ROOT / "corpus"

# What each setting is for, in the words of the hint that a wrong value gets.
_HINTS: Final = {
    "data_dir": "Erwartet wird ein Ordner, in den Lotse schreiben darf.",
    "corpus_dir": "Erwartet wird ein Ordner mit Dokumenten.",
    "port": "Erwartet wird eine Zahl von 1 bis 65535, zum Beispiel 8000.",
    "host": "Erwartet wird eine Adresse dieses Rechners, zum Beispiel 127.0.0.1.",
    "today": "Erwartet wird ein Datum wie 2026-11-24.",
    "threads": "Erwartet wird eine Zahl ab 1.",
}


def default_data_dir() -> Path:
    """Return `data/` in a checkout, else the user's data folder."""
    if (_PACKAGE_ROOT / "pyproject.toml").is_file():
        return _PACKAGE_ROOT / "data"
    from platformdirs import user_data_path

    return user_data_path("lotse", appauthor=False)


def default_corpus_dir() -> Path:
    """Return the checkout's corpus, else the one that was installed with the package."""
    return _CHECKOUT_CORPUS if _CHECKOUT_CORPUS.is_dir() else _PACKAGED_CORPUS


class Settings(BaseSettings):
    """Typed settings of every command."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=default_data_dir, description="Alles, was Lotse schreibt.")
    corpus_dir: Path = Field(default_factory=default_corpus_dir, description="Die Dokumente.")
    model_dir: Path | None = Field(default=None, description="Eingerichtete Sprachmodelle; sonst <data>/models.")
    embedding_model: str = Field(
        default="bundled", min_length=1, description="„bundled“, ein Modellname oder ein Ordner."
    )
    database_url: str | None = Field(default=None, description="Datenbank; sonst SQLite in <data>/lotse.db.")
    today: dt.date | None = Field(default=None, description="Ersetzt das heutige Datum, für wiederholbare Antworten.")
    host: str = Field(default="127.0.0.1", description="Adresse, an der der Dienst lauscht.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port, an dem der Dienst lauscht.")
    threads: int | None = Field(default=None, ge=1, description="Prozessorkerne für das Sprachmodell; sonst alle.")

    @cached_property
    def models(self) -> Path:
        """The folder of converted models."""
        return self.model_dir or self.data_dir / "models"

    @cached_property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'lotse.db').absolute()}"


def load_settings(**overrides: Any) -> Settings:
    """Read and check all settings; raises SettingsError that names each wrong one with a hint."""
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems = []
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            value = "" if problem["type"] == "missing" else f" hat den Wert „{problem['input']}“, der nicht passt"
            problems.append(f"{PREFIX}{name.upper()}{value}. {_HINTS.get(name, problem['msg'])}")
        raise SettingsError("\n".join(problems), "Bitte die Umgebung oder die Datei .env berichtigen.") from error
    if not settings.corpus_dir.is_dir():
        raise SettingsError(
            f"{PREFIX}CORPUS_DIR nennt den Ordner {settings.corpus_dir}, den es nicht gibt.", _HINTS["corpus_dir"]
        )
    return settings


def prepare_data_dir(settings: Settings) -> None:
    """Create the data folder and prove that it can be written; raises SettingsError with a hint."""
    probe = settings.data_dir / f".schreibprobe-{os.getpid()}"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"lotse")
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"In den Ordner {settings.data_dir} kann Lotse nicht schreiben ({error.strerror}).",
            "Bitte Schreibrechte geben oder mit LOTSE_DATA_DIR einen anderen Ordner nennen.",
        ) from error
