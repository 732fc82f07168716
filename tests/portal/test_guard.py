"""Guard: what every answer carries, and what is refused before anybody looks at it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from portal.guard import LARGEST_BODY, LARGEST_FILE
from portal.render import static


def test_every_answer_carries_the_strict_policy(shown: TestClient) -> None:
    for path in ("/", "/nowhere", "/errors/500", static("portal.css")):
        policy = shown.get(path).headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_pages_are_not_kept_and_files_of_ours_are_kept_for_good(shown: TestClient) -> None:
    assert shown.get("/").headers["cache-control"] == "no-store"
    assert "immutable" in shown.get(static("portal.css")).headers["cache-control"]
    assert shown.get("/static/portal.css").headers["cache-control"] == "no-cache"
    assert shown.get("/static/none.css?v=1").headers["cache-control"] == "no-store"


def test_every_answer_has_a_number_to_find_it_by(shown: TestClient) -> None:
    first, second = (shown.get("/").headers["x-request-id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_on_another_site_cannot_post_here(shown: TestClient, headers: dict[str, str]) -> None:
    answer = shown.post("/", data={"ident": "1"}, headers=headers)
    assert answer.status_code == 403
    assert "这个请求来自别的网站，没有办理" in answer.text
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}, {}],
)
def test_our_own_forms_and_programs_are_heard(shown: TestClient, headers: dict[str, str]) -> None:
    assert shown.post("/", data={"ident": "1"}, headers=headers).status_code == 422


def test_reading_is_open_to_links_from_anywhere(shown: TestClient) -> None:
    assert shown.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_refusal_before_the_door_is_in_the_readers_language(shown: TestClient) -> None:
    answer = shown.post("/", headers={"Sec-Fetch-Site": "cross-site", "Accept-Language": "en"})
    assert '<html lang="en"' in answer.text
    assert "来自别的网站" not in answer.text


def test_a_program_is_refused_in_json(shown: TestClient) -> None:
    answer = shown.post("/api/v1/items/PEN-04", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "FromElsewhere"


@pytest.mark.parametrize(
    ("length", "kind", "status"),
    [
        (LARGEST_BODY + 1, "application/json", 413),
        (LARGEST_FILE + 1, "multipart/form-data; boundary=x", 413),
        (-1, "application/json", 413),
        (10**40, "application/json", 413),
    ],
)
def test_what_is_too_large_is_not_read(shown: TestClient, length: int, kind: str, status: int) -> None:
    answer = shown.post("/", headers={"Content-Length": str(length), "Content-Type": kind}, content=b"")
    assert answer.status_code == status


def test_a_body_of_unknown_length_is_not_read(shown: TestClient) -> None:
    assert shown.post("/", content=iter([b"a", b"b"])).status_code == 411
