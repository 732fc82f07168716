"""The city's day: visitors, insured persons, employers, a counter and kiosks at once. `make load` starts it."""

from __future__ import annotations

from typing import Any

from locust import events
from locust.env import Environment

from loadtests.clerk import Clerk
from loadtests.company import Company
from loadtests.kiosk import Kiosk
from loadtests.people import Insured
from loadtests.shapes import Rising, watch
from loadtests.visitor import Visitor

__all__ = ["Clerk", "Company", "Insured", "Kiosk", "Rising", "Visitor"]


def begin(environment: Environment, **_more: Any) -> None:
    watch(environment)


HOOKS: Any = events
HOOKS.init.add_listener(begin)
