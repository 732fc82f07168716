"""Clerk: an officer at the counter who looks people up, one after the other."""

from __future__ import annotations

import random

from locust import between, task

from loadtests.signing import SignedIn
from loadtests.told import told


class Clerk(SignedIn):
    """The desk's first page and one person after the other."""

    weight = 1
    wait_time = between(1.0, 3.0)
    who = "柜面"

    def login(self) -> str:
        return told().clerk

    @task(1)
    def desk(self) -> None:
        self.client.get("/desk", name="柜面 首页")

    @task(3)
    def person(self) -> None:
        ident = random.choice(told().idents)
        self.client.get("/api/v1/questions/PEN-Q1", params={"ident": ident}, name="柜面 查参保人")
