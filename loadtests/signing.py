"""Signing in as people do it, by the form; the session's cookie is the browser's own."""

from __future__ import annotations

from locust import HttpUser
from locust.exception import StopUser

from loadtests.told import told


class SignedIn(HttpUser):
    """Somebody with a login, who signs in before anything else."""

    abstract = True
    who = ""

    def login(self) -> str:
        """The name to sign in with."""
        raise NotImplementedError

    def on_start(self) -> None:
        self.sign_in(self.login())

    def sign_in(self, name: str) -> None:
        with self.client.post(
            "/sign-in",
            data={"name": name, "password": told().password},
            name=f"{self.who} 登录",
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if answer.status_code != 303:
                answer.failure(f"登录得到 {answer.status_code}")
                raise StopUser
            answer.success()
