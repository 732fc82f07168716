"""The backend as one web application: every item, question and calculator under /api/v1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fastapi import FastAPI
from starlette.routing import BaseRoute

from backend import http
from backend.kernel.db import Runner
from backend.systems import CATALOGUE


def mount(app: FastAPI, runner: Runner) -> None:
    """Put the whole API on an application (the portal's own, or one that is nothing but API)."""
    http.install(app, runner)
    app.router.routes.extend(_routes())


@cache
def _routes() -> Sequence[BaseRoute]:
    """The same objects in every application: the schemas of all items and questions take a second to make."""
    parts = (http.catalogue(CATALOGUE), http.calculators(), http.filing())
    return [route for router in parts for route in router.routes]


def create(runner: Runner) -> FastAPI:
    app = FastAPI(title="人社一体化后台", version="1")
    mount(app, runner)
    return app
