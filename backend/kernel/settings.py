"""Settings: everything that differs between machines, read once by the program that starts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment, each name with RENSHE_ before it."""

    model_config = SettingsConfigDict(env_prefix="RENSHE_", extra="ignore", frozen=True)

    home: Path = Path(".renshe")
    database_url: str | None = None  # unset: the embedded PostgreSQL under `home`
    port: int = Field(default=8000, ge=1, le=65535)
    kiosk_port: int = Field(default=8100, ge=1, le=65535)
    threads: int = Field(default=16, ge=1, le=256)  # database connections and worker threads: the same number
    processes: int = Field(
        default=2, ge=1, le=64
    )  # of the portal; each has that many threads and connections
    area: str = Field(default="310000", pattern=r"^[0-9]{6}$")
    agency: str = Field(default="", max_length=16)  # 经办机构编码, as what is exported names it
    agency_name: str = Field(default="", max_length=128)
    meili_url: HttpUrl | None = None
    meili_key: str | None = None
    log_json: bool = False
    secure_cookies: bool = False  # true behind TLS

    @property
    def root(self) -> Path:
        """The home folder, absolute and there."""
        home = self.home.resolve()
        home.mkdir(parents=True, exist_ok=True)
        return home


@cache
def settings() -> Settings:
    return Settings()
