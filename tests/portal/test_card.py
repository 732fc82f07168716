"""My card on the web: each deed by a button, with what happened said on the page that follows."""

from __future__ import annotations

from datetime import date

import pytest
from fastapi.testclient import TestClient

from backend.kernel.actor import Kind
from backend.kernel.db import Runner, Uow
from backend.registry import service as registry
from backend.registry.schema import IssueCard
from tests.backend.cards.town import picture
from tests.backend.people import a_person
from tests.portal.city import HERE, sign_up, signed

MAI = "11010519491231002X"
CARD_NO = "31A000019"
FORM = {"reason": "damaged", "area": "310101"}


@pytest.fixture
def mine(site: TestClient, run: Runner) -> TestClient:
    """Signed in as somebody with a card."""
    person = a_person(run, MAI, name="麦子")
    given = {
        "ident": MAI,
        "card_no": CARD_NO,
        "card_code": "310000D156000005" + "0" * 16,
        "version": "3.00",
        "issued": date(2024, 1, 2),
        "expires": date(2034, 1, 1),
    }
    run.system(registry.issue_card, IssueCard.model_validate(given))
    sign_up(run, MAI, Kind.CITIZEN, person)
    return signed(site, MAI)


def press(site: TestClient, deed: str, photo: bytes | None = None, **typed: str) -> str:
    files = {"photo": ("a.jpg", photo, "image/jpeg")} if photo else None
    return site.post(f"/account/card/{deed}", data=typed, files=files, headers=HERE).text


def test_a_card_is_stopped_and_works_again_by_a_button_each(mine: TestClient) -> None:
    page = press(mine, "temporary")
    assert "谁捡到也用不了" in page
    assert "2026年11月30日" in page
    assert "卡已经恢复" in press(mine, "found")
    page = press(mine, "loss")
    assert "已挂失" in page
    assert "请本人带身份证和找到的卡到柜台解挂" in press(mine, "found")


def test_a_card_that_may_be_copied_says_so_and_another_can_be_applied_for(
    mine: TestClient, run: Runner
) -> None:
    def freeze(uow: Uow) -> None:
        (card,) = registry.cards_of(uow, registry.person(uow, MAI).id)
        registry.freeze_card(uow, card.id)

    run.system(freeze)
    page = mine.get("/account/card").text
    assert "停用待核查" in page
    assert registry.ADVICE["frozen"] in page
    assert "以前的" not in page
    assert "还没有社会保障卡" not in page
    fitting = page.split('value="damaged"')[1].split(">")[0]
    assert "checked" in fitting or "selected" in fitting, fitting
    english = mine.get("/account/card", headers={"accept-language": "en"}).text
    assert "This card may have been copied; your money is safe." in english
    assert "申请已经收到" in press(mine, "apply", picture(), **FORM)


def test_an_application_shows_how_far_it_is_and_can_be_withdrawn(mine: TestClient) -> None:
    assert "不是 JPG 照片" in press(mine, "apply", b"nothing", **FORM)
    assert "还没有照片" in press(mine, "apply", **FORM)
    page = press(mine, "apply", picture(), **FORM)
    assert "申请已经收到" in page
    assert '<li class="waits" aria-current="step"><span class="dot" aria-hidden="true">2</span>' in page
    assert "已经有一份申领在办" in press(mine, "apply", picture(), **FORM)
    assert "已撤销" in press(mine, "withdraw", no="S" + page.split("编号 S")[1][:10])


def test_what_is_typed_wrong_is_said_beside_its_field(mine: TestClient) -> None:
    page = press(mine, "telephone", code="12345")
    assert "请写六个数字" in page
    assert "12345" not in page, "a code is never shown"
    assert "太容易被猜到" in press(mine, "telephone", code="123456")
    assert "已登记" in press(mine, "telephone", code="274913")


def test_somebody_elses_card_cannot_be_named(mine: TestClient) -> None:
    answer = mine.post("/account/card/activate", data={"card_no": "31A000027"}, headers=HERE)
    assert answer.status_code == 404
    assert mine.post("/account/card/nonsense", headers=HERE).status_code == 404


def test_the_desk_decides_by_the_photograph(mine: TestClient, run: Runner) -> None:
    press(mine, "apply", picture(), **FORM)
    sign_up(run, "310009", Kind.OFFICER, None, ("经办",))
    signed(mine, "310009")
    page = mine.get("/desk/cards").text
    photo = page.split('src="/desk/cards/photos/')[1].split('"')[0]
    shown = mine.get(f"/desk/cards/photos/{photo}")
    assert (shown.content, shown.headers["content-type"]) == (picture(), "image/jpeg")
    no = page.split('action="/desk/cards/applications/')[1].split('"')[0]
    refused = mine.post(f"/desk/cards/applications/{no}", data={"decision": "refused"}, headers=HERE)
    assert "请写明原因" in refused.text
    assert (
        "没有这样的申领"
        in mine.post(f"/desk/cards/applications/{no}", data={"decision": "approved"}, headers=HERE).text
    )
    assert no in mine.get("/desk/cards?state=approved").text
    for tab in ("productions", "stock"):
        assert mine.get(f"/desk/cards/{tab}").status_code == 200
