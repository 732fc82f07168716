"""What a person is told of a stop and of money to return: a sentence, in both languages, on their own pages."""

from __future__ import annotations

from fastapi.testclient import TestClient

from backend.kernel.actor import Kind
from backend.kernel.db import Runner
from backend.payout.recovery.repaying import agree_instalments, agree_offset, claim_overpaid
from backend.payout.recovery.schema import AgreeInstalments, AgreeOffset, ClaimOverpaid
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.awarding import noticing
from backend.pension.awarding.schema import AskNotice
from backend.pension.schema import Award, Suspend
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import MAN, with_account
from tests.portal.city import sign_up, signed


def in_payment(run: Runner) -> int:
    fund(run)
    person_id = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    sign_up(run, MAN, Kind.CITIZEN, person_id)
    claim = ClaimOverpaid(ident=MAN, amount_fen=123_456, reason="05", note="两地领取", document="文书1")
    return run.system(claim_overpaid, claim).recovery


def test_the_person_reads_what_is_to_be_returned_and_how(site: TestClient, run: Runner) -> None:
    recovery = in_payment(run)
    signed(site, MAN)
    page = site.get("/account/payments").text
    assert "多发了 1,234.56 元（重复享受待遇），还有 1,234.56 元要退回" in page
    assert "请到柜台退回" in page
    run.system(
        agree_instalments,
        AgreeInstalments(recovery=recovery, instalments=3, first="2026-12", document="协议1"),
    )
    assert "按协议分 3 期退回，最后一期是 2027年2月" in site.get("/account/payments").text
    run.system(agree_offset, AgreeOffset(recovery=recovery, percent=10, document="抵扣1"))
    english = site.get("/account/payments", headers={"accept-language": "en"}).text
    assert "10 per cent of each month" in english
    assert "Benefit drawn twice" in english


def test_a_stop_stands_above_the_pension_with_its_month_and_reason(site: TestClient, run: Runner) -> None:
    in_payment(run)
    run.system(stopping.suspend, Suspend(ident=MAN, since="2026-11", reason="02", document="停1"))
    signed(site, MAN)
    page = site.get("/account/benefits").text
    assert "从 2026年11月起不发，原因：没有通过待遇资格认证" in page
    assert "暂停发放" in page


def test_the_officer_sees_the_list_and_the_person_at_the_counter(site: TestClient, run: Runner) -> None:
    in_payment(run)
    signed(site, "1001")
    listed = site.post("/desk/PAY-Q3", data={"state": "open"}).text
    assert "1,234.56" in listed
    found = site.post("/desk/find", data={"sought": MAN}).text
    assert "有多发的待遇要退回" in found


def test_the_counter_takes_deaths_stops_and_debts_with_what_may_be_left_blank(
    site: TestClient, run: Runner
) -> None:
    recovery = in_payment(run)
    signed(site, "1001")
    for code, given in (
        (
            "REG-21",
            {"ident": MAN, "died": "2026-11-03", "document": "死证 2026-88", "reported_by": "张小明"},
        ),
        ("PEN-21", {"ident": MAN, "since": "2026-11", "reason": "02", "document": "停1"}),
        ("PEN-22", {"ident": MAN, "document": "复1"}),
        ("PAY-31", {"ident": MAN, "amount_fen": "12.34", "reason": "07", "note": "多算", "document": "追2"}),
        ("PAY-32", {"recovery": str(recovery), "amount_fen": "12.34", "document": "回单1"}),
        (
            "REG-22",
            {"ident": MAN, "bank": "示例银行", "number": "6217000000000000004", "holder": "张秀䶮"},
        ),
    ):
        page = site.post(f"/desk/{code}", data=given)
        assert page.status_code == 200, (code, page.text)
        assert "待复核" in page.text or "办件" in page.text, code
    wrong = site.post(
        "/desk/PEN-21", data={"ident": MAN, "since": "2026-11", "reason": "77", "document": "停1"}
    )
    assert wrong.status_code == 422
    assert "停发和追回原因代码" in wrong.text


def test_the_notice_of_award_is_taken_home_and_checked_by_anybody(site: TestClient, run: Runner) -> None:
    in_payment(run)
    signed(site, MAN)
    assert "养老待遇核定表（PDF）" in site.get("/account/benefits").text
    paper = site.post("/account/pension/papers/notice")
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    code = run.system(noticing.notice, AskNotice(ident=MAN)).code
    page = site.get("/verify", params={"code": code}).text
    assert "养老待遇核定表" in page
    assert "每月养老金" in page
    assert MAN not in page
    english = site.get("/verify", params={"code": code}, headers={"accept-language": "en"}).text
    assert "Notice of pension award" in english
