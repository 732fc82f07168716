"""A visitor looking for work: home, a search, a vacancy, a calculation. `make load` starts it headless."""

from __future__ import annotations

import random

from locust import HttpUser, between, task

WORDS = ["服务员", "会计", "保安", "司机", "电工", "fuwuyuan", "软件", "护士", "厨师", "仓库"]


class Visitor(HttpUser):
    """Reads what anyone may read, without signing in."""

    wait_time = between(0.5, 2.0)

    @task(2)
    def home(self) -> None:
        self.client.get("/")

    @task(6)
    def search(self) -> None:
        words = random.choice(WORDS)
        answer = self.client.get("/api/v1/vacancies", params={"q": words}, name="/api/v1/vacancies")
        hits = answer.json()["hits"] if answer.ok else []
        if hits:
            self.client.get(f"/jobs/{random.choice(hits)['id']}", name="/jobs/[id]")

    @task(3)
    def page(self) -> None:
        self.client.get("/jobs", params={"q": random.choice(WORDS)}, name="/jobs")

    @task(1)
    def calculate(self) -> None:
        self.client.post(
            "/api/v1/calculators/retirement-age",
            json={
                "sex": "male",
                "track": 60,
                "birth": f"19{random.randint(65, 90)}-{random.randint(1, 12):02d}",
            },
        )
