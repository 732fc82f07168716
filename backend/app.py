"""The backend as one web application: every item, question and calculator under /api/v1."""

from __future__ import annotations

from fastapi import FastAPI

from backend import http
from backend.kernel.db import Runner
from backend.systems import CATALOGUE

API = "/api/v1"


def mount(app: FastAPI, runner: Runner) -> None:
    """Put the whole API on an application (the portal's own, or one that is nothing but API)."""
    http.install(app, runner)
    app.include_router(http.catalogue(CATALOGUE), prefix=API)
    app.include_router(http.calculators(), prefix=API)
    app.include_router(http.filing(), prefix=API)


def create(runner: Runner) -> FastAPI:
    app = FastAPI(title="人社一体化后台", version="1")
    mount(app, runner)
    return app
