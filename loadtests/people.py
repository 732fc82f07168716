"""People: insured persons who sign in and look at what is theirs."""

from __future__ import annotations

from locust import between, task

from loadtests.signing import SignedIn
from loadtests.told import told


class Insured(SignedIn):
    """Overview, statement, payments; now and then they sign in anew."""

    weight = 3
    wait_time = between(0.5, 2.0)
    who = "参保人"

    def login(self) -> str:
        self.name = str(next(told().citizens))
        return self.name

    @task(4)
    def overview(self) -> None:
        self.client.get("/account", name="参保人 总览")

    @task(4)
    def statement(self) -> None:
        self.client.get("/account/statement", name="参保人 缴费和账户")

    @task(2)
    def payments(self) -> None:
        self.client.get("/account/payments", name="参保人 发放记录")

    @task(1)
    def again(self) -> None:
        self.client.post("/sign-out", name="参保人 退出")
        self.sign_in(self.name)
