"""What no page may do: lose a person, send them in circles, answer a wrong word with a wrong sentence."""

from __future__ import annotations

import logging
import re

import pytest
import uvicorn
from fastapi.routing import APIRoute

from backend.http import NoAddress
from backend.kernel import log
from portal.serve import SERVED
from tests.fuzz.test_crawl import PAGES
from tests.fuzz.world import HERE, World

EN = {"accept-language": "en"}


@pytest.mark.parametrize(
    ("role", "path", "said"),
    [
        ("anyone", "/jobs?q=" + "长" * 201, "“想找什么工作”最多 200 个字"),
        ("anyone", "/jobs?sort=x", "“排序”只能是 relevance"),
        ("anyone", "/jobs?page=0", "“第几页”不能小于 1"),
        ("anyone", "/jobs?area=1", "“地区”的格式不对"),
        ("anyone", "/choices/area?field=" + "x" * 61, "“栏目”最多 60 个字"),
        ("经办", "/desk?words=" + "1" * 41, "“事项名称”最多 40 个字"),
        ("经办", "/desk/cases?state=x", "“状态”的格式不对"),
        ("citizen", "/account/statement?year=x", "“年份”的格式不对"),
        ("employer", "/employer?page=x", "“第几页”应该是整数"),
    ],
)
def test_a_wrong_word_in_an_address_is_told_by_its_title(
    world: World, role: str, path: str, said: str
) -> None:
    answer = world.judged(role, "GET", path)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    told = world.judged(role, "GET", path, headers=EN)
    assert "Please correct the following" in told.text


def test_a_batch_without_its_file_is_asked_for_it(world: World) -> None:
    answer = world.judged("经办", "POST", "/desk/REG-01/batch", data={"dry": "1"})
    assert answer.status_code == 422
    assert "请填写“文件”" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data", b"--x"),
        ("application/x-www-form-urlencoded", b"&".join(b"%d=1" % n for n in range(1200))),
    ],
    ids=["cut off", "without a boundary", "too many fields"],
)
@pytest.mark.parametrize("path", ["/desk/REG-01", "/desk/REG-01/batch", "/calculators/pension", "/sign-in"])
def test_a_form_that_cannot_be_read_is_refused_as_such(
    world: World, path: str, kind: str, body: bytes
) -> None:
    answer = world.judged("经办", "POST", path, content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert NoAddress().message not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/jobs", "/guide", "/sign-in", "/nowhere", "/account", "/static/portal.css"]
)
def test_the_head_of_a_page_is_the_pages_without_its_body(world: World, path: str) -> None:
    whole, head = (world.judged("anyone", method, path) for method in ("GET", "HEAD"))
    assert head.status_code == whole.status_code
    assert head.content == b""
    assert head.headers.get("content-length") == whole.headers.get("content-length")


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "", "http://testserver.elsewhere"])
def test_an_origin_that_is_no_address_is_elsewhere(world: World, origin: str) -> None:
    visitor = world.visitors["anyone"]
    request = visitor.build_request("POST", "/sign-in", headers={"origin": origin}, data={"name": "1"})
    del request.headers["sec-fetch-site"]
    assert visitor.send(request).status_code == 403


@pytest.mark.parametrize(
    ("role", "path", "mine", "wanted"),
    [
        ("employer", "/account", "单位", "个人"),
        ("经办", "/account/card", "工作人员", "个人"),
        ("citizen", "/employer", "个人", "单位"),
        ("citizen", "/desk/REG-01", "个人", "工作人员"),
        ("复核", "/employer/vacancies/new", "工作人员", "单位"),
    ],
)
def test_who_is_signed_in_as_somebody_else_is_told_so(
    world: World, role: str, path: str, mine: str, wanted: str
) -> None:
    answer = world.judged(role, "GET", path)
    assert answer.status_code == 403
    assert f"这里要用{wanted}的身份办理，您现在是以{mine}的身份登录的" in answer.text
    assert 'action="/sign-out"' in answer.text, "and can sign out right there"


def test_an_employer_cannot_apply_and_is_not_sent_round(world: World) -> None:
    found = world.judged("anyone", "GET", "/api/v1/vacancies").json()["hits"][0]["id"]
    assert world.judged("employer", "POST", f"/jobs/{found}/apply", data={}).status_code == 403
    asked = world.judged("anyone", "POST", f"/jobs/{found}/apply", data={})
    assert (asked.status_code, "登录" in asked.text) == (401, True)


PARAMETER = re.compile(r"\{\w+\}")
NAMED = sorted(
    {
        PARAMETER.sub("{}", route.path)
        for one in PAGES
        for route in one.router.routes
        if isinstance(route, APIRoute) and "{" in route.path and "GET" in route.methods
    }
    | {"/static/{}", "/api/v1/{}", "/{}"}
)


@pytest.mark.parametrize("path", NAMED)
def test_an_address_may_name_anything(world: World, path: str) -> None:
    for word in (
        "%00",
        "%ff%fe",
        "%ED%A0%80",
        "..%2f..%2fetc",
        "9" * 3000,
        "%F0%AC%AD%8E",
        "%E2%80%AE",
        "%7B%7D",
    ):
        for role in ("anyone", "employer", "经办"):
            answer = world.judged(role, "GET", path.replace("{}", word))
            assert answer.status_code in (303, 403, 404, 405, 422), (role, path, word)


HEADERS = (
    "Referer",
    "Accept-Language",
    "Cookie",
    "Authorization",
    "HX-Target",
    "Range",
    "Accept",
    "X-Forwarded-For",
)
VALUES = (
    "http://[",
    "en;q=nan,zh;q=1e999",
    "lang=%00; renshe_session=" + "x" * 4000,
    "Device \x7f:",
    "form#\xff",
)


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_may_say_anything(world: World, name: str) -> None:
    for value in (*VALUES, ",".join(["zh-CN"] * 2000), "Bearer " + "\xe9" * 300, "bytes=9-1"):
        for method, path in (
            ("GET", "/"),
            ("POST", "/sign-in"),
            ("GET", "/static/portal.css"),
            ("GET", "/jobs"),
        ):
            headers = {**HERE, name: value.encode("latin-1")}
            answer = world.visitors["anyone"].request(
                method, path, headers=headers, data={"name": "x"} if method == "POST" else None
            )
            assert answer.status_code < 500, (method, path, value)


def test_a_request_id_of_the_counter_may_be_anything(world: World) -> None:
    for key in ("\x00", "好" * 100, "'; drop table", " "):
        answer = world.judged("经办", "POST", "/desk/REG-01", data={"request_id": key, "ident": "1"})
        assert answer.status_code == 422


def test_the_servers_own_tracebacks_hide_whose_number_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = logging.getLogger().handlers[:]
    for name in ("uvicorn", "uvicorn.error"):  # as in a process where no other server was set up before
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    log.configure(as_json=False)
    uvicorn.Config("portal.app:create", **SERVED)
    try:
        raise RuntimeError("no person 11010519491231002X")
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    logging.getLogger().handlers[:] = before
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "110105********002X" in said
    assert "11010519491231002X" not in said


def test_the_bell_rings_when_something_is_written_and_only_then(world: World) -> None:
    person = {"name": "李四", "area": "310101", "phone": "13800000001", "address": "示例路 4 号"}
    before = world.written()
    assert (
        world.judged("经办", "POST", "/api/v1/items/REG-01", json=person | {"ident": "1"}).status_code == 422
    )
    assert world.written() == before
    done = world.judged("经办", "POST", "/api/v1/items/REG-01", json=person | {"ident": "11010519491231002X"})
    assert (done.status_code, world.written() > before) in ((200, True), (409, False))


def test_our_own_forms_are_still_heard(world: World) -> None:
    assert (
        world.judged("anyone", "POST", "/preferences", data={"lang": "en"}, headers=HERE).status_code == 303
    )
