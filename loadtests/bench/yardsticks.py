"""Yardsticks: an empty endpoint, and a page of one ORM query, served with the portal's own settings.

`python -m loadtests.bench.yardsticks PORT [DATABASE]`. What stands here is what any such page costs; what a
page of ours takes beyond it is ours.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from anyio import to_thread
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from sqlalchemy import String, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

THREADS = 16  # as the portal: so many connections, so many worker threads
PAGE = Environment(autoescape=True).from_string(
    "<!DOCTYPE html><html lang='zh-CN'><head><title>{{ one.name }}</title></head>"
    "<body><h1>{{ one.name }}</h1><p>{{ one.address }}</p><p>{{ one.uscc }}</p></body></html>"
)


class Base(DeclarativeBase):
    pass


class Employer(Base):
    """The least an ORM can map of a row that is there."""

    __tablename__ = "employer"
    __table_args__ = ({"schema": "registry"},)
    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(120))


def create(database: str | None) -> FastAPI:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    app = FastAPI(lifespan=life, openapi_url=None)

    @app.get("/empty")
    def empty() -> dict[str, str]:
        return {}

    if database:
        engine = create_engine(
            make_url(database).set(drivername="postgresql+psycopg"), pool_size=THREADS, max_overflow=0
        )
        sessions: sessionmaker[Session] = sessionmaker(engine)

        @app.get("/orm")
        def orm() -> HTMLResponse:
            with sessions.begin() as session:
                return HTMLResponse(PAGE.render(one=session.get_one(Employer, 1)))

    return app


def command(port: int, database: str | None = None) -> list[str]:
    """What starts it."""
    return [sys.executable, "-m", "loadtests.bench.yardsticks", str(port), *([database] if database else [])]


def portal() -> list[str]:
    """What starts the portal alone, in one process, as the yardsticks are."""
    return ["/usr/bin/env", "RENSHE_PROCESSES=1", sys.executable, "-m", "portal"]


def main() -> None:
    database = sys.argv[2] if len(sys.argv) > 2 else None
    uvicorn.run(
        create(database),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
