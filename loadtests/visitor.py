"""Visitor: somebody who looks for work and calculates, without signing in."""

from __future__ import annotations

import random

from locust import HttpUser, between, task

from loadtests.told import VACANCY, word

BLOCK = {"HX-Request": "true", "HX-Target": "section#results"}  # what a browser sends while one types


class Visitor(HttpUser):
    """Home, a search while the words are typed, a vacancy, a calculation by form and by program."""

    weight = 6
    wait_time = between(0.5, 2.0)

    @task(2)
    def home(self) -> None:
        self.client.get("/", name="访客 首页")

    @task(6)
    def search(self) -> None:
        words = word()
        for typed in range(max(1, len(words) - 1), len(words) + 1):
            page = self.client.get(
                "/jobs", params={"q": words[:typed]}, headers=BLOCK, name="访客 边输边找职位"
            )
        found = VACANCY.findall(page.text)
        if found:
            self.client.get(f"/jobs/{random.choice(found)}", name="访客 职位详情")

    @task(2)
    def page(self) -> None:
        query = {"q": word(), "area": "310115", "salary_min": random.choice(("4000", "6000"))}
        self.client.get("/jobs", params=query, name="访客 找职位整页")

    @task(2)
    def program(self) -> None:
        self.client.get("/api/v1/vacancies", params={"q": word()}, name="程序 找职位接口")

    @task(2)
    def calculate(self) -> None:
        birth = f"19{random.randint(65, 90)}-{random.randint(1, 12):02d}"
        given = {"sex": "male", "track": "60", "birth": birth}
        self.client.post("/calculators/retirement-age", data=given, name="访客 测算退休年龄")
