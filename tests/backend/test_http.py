"""The API: items and questions as addresses, refusals as sentences, never a 500 for what a person typed."""

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from backend.kernel import audit, auth
from backend.kernel.actor import Kind
from backend.kernel.db import Runner
from tests.backend.people import ZHANG

PERSON = {"ident": ZHANG, "name": "张三", "area": "310101", "phone": "13800000000", "address": "示例路 1 号"}


@pytest.fixture
def signed(run: Runner, api: TestClient) -> TestClient:
    """The API in an officer's hands."""
    run.system(
        auth.enrol, name="1001", kind=Kind.OFFICER, shown="陈办", password="x", area="310000", roles=("经办",)
    )
    token = run.system(auth.check_password, auth.SignIn(name="1001", password=SecretStr("x")), "test")
    api.headers["authorization"] = f"Bearer {token}"
    return api


def test_an_item_by_its_code_and_a_question_by_its_code(signed: TestClient) -> None:
    done = signed.post("/api/v1/items/REG-01", json=PERSON)
    assert (done.status_code, done.json()["name"]) == (200, "张三")
    seen = signed.get("/api/v1/questions/REG-Q1", params={"ident": ZHANG})
    assert seen.json()["area_name"].endswith("黄浦区")


def test_the_same_key_twice_does_it_once(signed: TestClient) -> None:
    for _ in range(2):
        assert (
            signed.post("/api/v1/items/REG-01", json=PERSON, headers={"Idempotency-Key": "k1"}).status_code
            == 200
        )
    again = signed.post("/api/v1/items/REG-01", json=PERSON)
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyRegistered")


def test_what_is_wrong_is_said_field_by_field_in_chinese(signed: TestClient) -> None:
    said = signed.post("/api/v1/items/REG-01", json=PERSON | {"ident": "110105194912310021", "phone": "12"})
    assert said.status_code == 422
    fields = said.json()["fields"]
    assert set(fields) == {"ident", "phone"}
    assert "校验" in fields["ident"]
    assert "电话" in fields["phone"]


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"ident": null}', '{"ident": {"a": 1}}', '"x"'])
def test_hostile_bodies_are_refused_with_a_sentence(signed: TestClient, body: str) -> None:
    said = signed.post("/api/v1/items/REG-01", content=body, headers={"content-type": "application/json"})
    assert said.status_code == 422
    assert said.json()["message"].startswith("请更正以下内容")


def test_without_signing_in_nothing_happens(api: TestClient) -> None:
    said = api.post("/api/v1/items/REG-01", json=PERSON)
    assert (said.status_code, said.json()["code"]) == (403, "Forbidden")


BEGIN_VISIT = {"card_no": "A12345678", "card_code": "31" * 16, "area": "310000", "ident": ZHANG}


def kiosk(api: TestClient, key: str) -> tuple[int, str]:
    """What a kiosk of this key is told when a card nobody knows is put into it."""
    headers = {"authorization": f"Device 00000001:{key}"}
    said = api.post("/api/v1/items/CRD-11", json=BEGIN_VISIT, headers=headers)
    return said.status_code, said.json()["code"]


def refused(run: Runner) -> list[str]:
    return run.system(lambda uow: list(uow.session.scalars(select(audit.Row.outcome).order_by(audit.Row.id))))


def test_a_device_with_a_wrong_key_is_refused_and_leaves_no_trace(run: Runner, api: TestClient) -> None:
    assert kiosk(api, "key") == (401, "DeviceUnknown")
    run.system(auth.register_device, id="00000001", name="一号", area="310000", key="key")
    assert kiosk(api, "other") == (401, "DeviceUnknown")
    assert refused(run) == []


def test_a_stopped_kiosk_is_refused_from_its_next_request_on(run: Runner, api: TestClient) -> None:
    run.system(auth.register_device, id="00000001", name="一号", area="310000", key="key")
    assert kiosk(api, "key") == (404, "CardUnknown")
    run.system(auth.stop_device, "00000001", "测试")
    assert kiosk(api, "key") == (403, "KioskStopped")
    assert refused(run) == ["refused:CardUnknown"]
    assert run.system(lambda uow: uow.session.scalar(select(audit.Row.actor_name))) == "一号"


def test_a_reviewed_item_answers_with_its_case(signed: TestClient) -> None:
    filed = signed.post("/api/v1/items/PAY-22", json={"kiosk": "00000001", "amount_fen": 100, "sheet": "1"})
    assert filed.status_code == 202
    assert filed.json()["need"] == 1


def test_the_openapi_document_has_every_item_with_its_own_schema(api: TestClient) -> None:
    document = api.get("/openapi.json").json()
    assert "/api/v1/items/REG-01" in document["paths"]
    body = document["paths"]["/api/v1/items/REG-01"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["$ref"].endswith("/RegisterPerson")
