"""Quiet: what kiosk and backend log in a drill are its own faults: told apart from the report, or not at all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def quiet(*, trace: bool) -> Iterator[None]:
    usual = structlog.get_config()
    least = logging.INFO if trace else logging.CRITICAL
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**usual)
