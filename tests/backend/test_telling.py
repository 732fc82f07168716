"""Telling: whatever is wrong, one sentence in the reader's language, by the API and by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from backend.cli import main
from backend.kernel.batch import each_line
from backend.kernel.db import Runner
from backend.kernel.errors import NotFound
from backend.kernel.language import EN, ZH, translate
from backend.kernel.sentences import Invalid, read
from backend.kernel.telling import said, tell
from backend.registry.schema import RegisterPerson
from backend.systems import CATALOGUE

ENGLISH = {"accept-language": "en"}
JSON = {"content-type": "application/json"}
LARGE = "9" * 5000
DEEP = "[" * 100_000


def test_a_refusal_reads_in_both_languages_with_its_facts() -> None:
    lost = NotFound(what="职位 V7K2M")
    assert tell(lost, ZH).message == "没有找到职位 V7K2M，请核对后重试。"
    assert tell(lost, EN).message == "We could not find job V7K2M. Please check and try again."
    assert tell(lost, EN).facts == {"what": "job V7K2M"}
    assert tell(lost, ZH).code == tell(lost, EN).code == "NotFound"


def test_a_form_is_told_field_by_field_in_both_languages() -> None:
    with pytest.raises(Invalid) as wrong:
        read(RegisterPerson, {"ident": "1", "area": "310101", "phone": "13800000000", "address": "x"})
    assert tell(wrong.value, ZH).fields["name"] == "请填写“姓名”"
    assert tell(wrong.value, EN).fields["name"] == 'Fill in "Name"'
    assert tell(wrong.value, EN).message.startswith("Please correct the following: ")


@pytest.mark.parametrize(
    "text", ["好" + "。" * 2000, "；".join("好" * 500), "：".join("好" * 500), "“" * 900]
)
def test_no_text_is_too_deep_to_be_left_as_it_is(text: str) -> None:
    assert translate(text, EN) == text


def test_what_an_employer_wrote_is_nobodys_to_translate() -> None:
    told = translate("原因：没有参加面试。单位留言：已录用", EN)
    assert told == "Reason: Did not come to the interview. Message from the employer: 已录用"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "NoAddress"),
        ("DELETE", "/api/v1/items/REG-01", 405, "WrongMethod"),
        ("GET", "/api/v1/files/%00", 404, "NoAddress"),
        ("GET", "/api/v1/questions/EMP-Q7?area=1", 422, "Invalid"),
    ],
)
def test_what_the_framework_refuses_is_refused_like_all_else(
    api: TestClient, method: str, path: str, status: int, code: str
) -> None:
    for headers, chinese in (({}, True), (ENGLISH, False)):
        said = api.request(method, path, headers=headers)
        assert (said.status_code, said.json()["code"]) == (status, code)
        assert ("请" in said.json()["message"]) is chinese
    assert status != 405 or said.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body", ["{", DEEP, LARGE, '{"ident": ' + LARGE + "}", "\xff", '"' + "\\ud800" + '"']
)
@pytest.mark.parametrize("path", ["items/REG-01", "calculators/pension"])
def test_a_body_that_cannot_be_read_is_a_sentence(api: TestClient, path: str, body: str) -> None:
    said = api.post(f"/api/v1/{path}", content=body.encode("latin-1"), headers=JSON)
    assert said.status_code in (400, 422)
    assert said.json()["code"] in ("Unreadable", "Invalid")
    assert said.json()["message"].startswith(("提交的内容读不懂", "请更正以下内容"))


def test_what_was_typed_is_said_back_as_it_was_typed(api: TestClient) -> None:
    for typed in ("{00}", "{title}", "{0.real}", "{"):
        for headers in ({}, ENGLISH):
            said = api.get("/api/v1/questions/EMP-Q7", params={"area": typed}, headers=headers)
            assert (said.status_code, typed in said.json()["message"]) == (422, True), said.json()


def test_a_thousand_findings_are_told_as_twenty(api: TestClient) -> None:
    body = {f"{n:05}" + "x" * 1000: n for n in range(1000)}
    said = api.post("/api/v1/items/REG-01", json=body)
    assert said.status_code == 422
    assert 5 <= len(said.json()["fields"]) <= 20
    assert len(said.content) < 10_000


def test_a_bug_is_told_too(run: Runner) -> None:
    from backend.app import create  # noqa: PLC0415 - an application of its own, to break it

    app = create(run)

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError("a bug")

    with TestClient(app, raise_server_exceptions=False) as broken:
        said = broken.get("/bug", headers=ENGLISH)
    assert (said.status_code, said.json()["code"]) == (500, "Broken")
    assert "Your data is safe" in said.json()["message"]


def test_a_line_of_a_batch_carries_its_refusal(run: Runner) -> None:
    given = [{"ident": "1"}, {"ident": "11010519491231002X", "name": "李四", "area": "310101"}]
    good = {"phone": "13800000001", "address": "示例路 4 号"}
    lines = list(each_line(run, CATALOGUE["REG-01"], [given[0], given[1] | good], key="b", dry=True))
    assert [line.ok for line in lines] == [False, True]
    assert said(lines[0].told, ZH).startswith("请更正以下内容：")
    assert said(lines[0].told, EN).startswith("Please correct the following: ")
    assert [said(lines[1].told, language) for language in (ZH, EN)] == ["可以办理", "Can be done"]


@pytest.mark.parametrize("given", ["", "{", DEEP, LARGE, "\x00", "[1"])
def test_the_command_line_says_what_it_cannot_read(given: str) -> None:
    for lang, word in (("zh-CN", "JSON"), ("en", "cannot be read")):
        for command in (["calc", "pension"], ["do", "REG-01"]):
            done = CliRunner().invoke(main, ["--lang", lang, *command], input=given)
            assert done.exit_code == 2, done.output
            assert isinstance(done.exception, SystemExit)
            assert word in done.stderr or "NUL" in done.stderr or "编码" in done.stderr


@pytest.mark.parametrize("command", [["keep"], ["do", "REG-01"]])
def test_the_command_line_says_which_file_is_not_there(command: list[str], tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        done = CliRunner().invoke(main, [*command, str(path)], env={"LC_ALL": "en_GB.UTF-8"})
        assert done.exit_code == 2
        assert "cannot be read" in done.stderr.replace("\n", " ")


def test_the_command_line_refuses_a_calculation_in_the_terminals_language() -> None:
    given = json.dumps({"sex": "x"})
    asked = [
        CliRunner().invoke(main, ["calc", "retirement-age"], input=given, env={"LC_ALL": lang})
        for lang in ("C", "en_US")
    ]
    assert [done.exit_code for done in asked] == [2, 2]
    assert "请" in asked[0].stderr
    assert "Please" in asked[1].stderr
