"""Progress 进度: what a long command is doing now, told to who runs it at a terminal; else it goes to the log."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

import structlog

Listener = Callable[[str, int | None], None]
listening: ContextVar[Listener | None] = ContextVar("listening", default=None)
log = structlog.get_logger()


def step(name: str, n: int | None = None) -> None:
    """It begins this step, with so many things to do where that is known."""
    if listener := listening.get():
        listener(name, n)
    else:
        log.info("command.step", step=name, n=n)
