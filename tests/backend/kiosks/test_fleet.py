"""The fleet: a kiosk's word is kept, silence is seen, a stop reaches it, and only who may decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.kernel import auth
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden, KioskStopped
from backend.kiosks.deciding import AlreadyStopped, NotStoppedNow, Sealed
from backend.kiosks.operators import CodeNotDigits, CodeTooPlain
from backend.payout.settling import NoKiosk
from tests.backend.kiosks.hall import BAG, BAG_FEN, CODES, Hall, other
from tests.backend.payout.terminal import Card, Terminal

NO_PAPER = {"name": "printer", "state": "failed", "code": "paper out", "facts": {}}
PRINTS = {"name": "printer", "state": "ok", "code": "", "facts": {"paper": "full"}}


def view(hall: Hall, n: int = 0):
    return hall.ask("KSK-Q31").kiosks[n]


def test_what_a_kiosk_says_is_what_the_bureau_sees(hall: Hall) -> None:
    assert view(hall).state == "never"
    hall.says(devices=[PRINTS], version="1.2")
    seen = view(hall)
    assert (seen.state, seen.age_s, seen.version, seen.cassette_fen) == ("serving", 0, "1.2", BAG_FEN)
    assert [(one.fen, one.cassette) for one in seen.kinds] == sorted(BAG.items(), reverse=True)


def test_a_kiosk_that_says_nothing_for_three_minutes_is_silent_and_its_return_is_noted(
    hall: Hall, clock: FixedClock
) -> None:
    hall.says()
    clock.set(clock.now() + timedelta(seconds=181))
    assert view(hall).state == "silent"
    hall.says()
    history = hall.ask("KSK-Q32", kiosk=hall.kiosk.id)
    assert history.kiosk.state == "serving"
    assert [one.what for one in history.happenings].count("line") == 1


def test_only_changes_are_noted(hall: Hall) -> None:
    for _ in range(3):
        hall.says(devices=[PRINTS])
    hall.says(devices=[NO_PAPER])
    hall.says(devices=[NO_PAPER], state="visit")
    hall.says(devices=[NO_PAPER], state="closed", reason="换纸")
    said = [(one.what, one.detail) for one in hall.ask("KSK-Q32", kiosk=hall.kiosk.id).happenings]
    assert said == [("state", "暂停服务：换纸"), ("device", "打印机：故障 paper out"), ("state", "正常服务")]


def test_a_stop_reaches_the_kiosk_with_its_next_word_and_is_lifted_again(hall: Hall) -> None:
    assert hall.says().serve
    hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="正在检修")
    heard = hall.says()
    assert (heard.serve, heard.reason) == (False, "正在检修")
    with pytest.raises(AlreadyStopped):
        hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="再停一次")
    hall.ask("KSK-42", kiosk=hall.kiosk.id, reason="检修完毕")
    assert hall.says().serve
    with pytest.raises(NotStoppedNow):
        hall.ask("KSK-42", kiosk=hall.kiosk.id, reason="检修完毕")
    assert [one.what for one in hall.ask("KSK-Q32", kiosk=hall.kiosk.id).happenings][:2] == ["start", "stop"]


def test_a_stopped_kiosk_still_reports_the_order_that_was_under_way(hall: Hall, card: Card) -> None:
    hall.loaded()
    visit = hall.kiosk.visit(card)
    opened = hall.kiosk.open(visit)
    token = hall.kiosk.confirm(visit, opened, card).token
    hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="正在检修")
    assert token
    hall.kiosk.dispenser.hand_out(opened.order, token, visit.payables[0].amount_fen)
    status = hall.kiosk.dispenser.status(opened.order)
    assert hall.kiosk.report(opened.order, "paid", status).state == "paid"


def test_who_only_reads_stops_nothing_and_an_officer_elsewhere_sees_nothing(hall: Hall) -> None:
    with pytest.raises(Forbidden):
        hall.ask("KSK-41", "1002", kiosk=hall.kiosk.id, reason="正在检修")
    hall.staff["1001"] = other(hall.staff["1001"], area="320000")
    assert hall.ask("KSK-Q31").kiosks == ()
    with pytest.raises(NoKiosk):
        hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="正在检修")


def test_services_are_named_one_by_one_or_all(hall: Hall) -> None:
    hall.ask("KSK-43", kiosk=hall.kiosk.id, services="collect，account")
    assert hall.says().services == ("collect", "account")
    hall.ask("KSK-43", kiosk=hall.kiosk.id)
    assert hall.says().services is None


def test_two_journals_under_one_key_stop_both_for_good(hall: Hall, card: Card, run: Runner) -> None:
    hall.kiosk.open(hall.kiosk.visit(card))  # shows entry 1
    heard = hall.says(journal_seq=1, journal_head="f" * 64)
    assert not heard.serve
    assert view(hall).state == "refused"
    with pytest.raises(Sealed):
        hall.ask("KSK-42", kiosk=hall.kiosk.id, reason="查过了")
    with pytest.raises(KioskStopped):
        run.system(auth.device, hall.kiosk.id, hall.kiosk.key)


def test_a_clock_that_is_wrong_is_noted_once(hall: Hall, clock: FixedClock) -> None:
    for _ in range(2):
        hall.says(clock=clock.now() + timedelta(minutes=5))
    said = [one.detail for one in hall.ask("KSK-Q32", kiosk=hall.kiosk.id).happenings if one.what == "clock"]
    assert said == ["相差 300 秒"]
    assert view(hall).skew_s == 300


def test_how_long_the_cash_lasts_goes_by_what_was_paid_of_late(hall: Hall, card: Card) -> None:
    hall.loaded()
    paid = hall.pay(card)
    hall.says()
    assert (view(hall).daily_fen, view(hall).days) == (paid, BAG_FEN // paid)


# ---- operators ----


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("12ab56", CodeNotDigits),
        ("111111", CodeTooPlain),
        ("345678", CodeTooPlain),
        ("876543", CodeTooPlain),
    ],
)
def test_a_code_that_anybody_guesses_is_refused(hall: Hall, code: str, why: type) -> None:
    with pytest.raises(why):
        hall.ask("KSK-44", code=code)


def test_a_wrong_code_counts_and_five_lock_for_a_quarter_of_an_hour(hall: Hall, clock: FixedClock) -> None:
    def tried(code: str):
        return hall.kiosk.ask("KSK-33", keeper={"work": "1001", "code": code})

    assert [tried("000000").left for _ in range(5)] == [4, 3, 2, 1, 0]
    assert not tried(CODES["1001"]).admitted
    clock.set(clock.now() + timedelta(minutes=16))
    entered = tried(CODES["1001"])
    assert (entered.admitted, entered.name) == (True, "李明")


def test_a_stranger_and_an_officer_without_the_permission_do_not_get_in(hall: Hall, run: Runner) -> None:
    assert not hall.kiosk.ask("KSK-33", keeper={"work": "9999", "code": "246813"}).admitted
    assert not hall.kiosk.ask("KSK-33").admitted
    elsewhere = Terminal(run, "00000002")
    assert elsewhere.ask("KSK-33", keeper={"work": "1001", "code": CODES["1001"]}).admitted


def test_a_staff_members_own_card_opens_the_page(hall: Hall, card: Card) -> None:
    visit = hall.kiosk.visit(card)
    assert not hall.kiosk.ask("KSK-33", visit=visit.visit).admitted
    hall.ask("KSK-44", code=CODES["1001"], card_of=card.ident)
    entered = hall.kiosk.ask("KSK-33", visit=visit.visit)
    assert (entered.admitted, entered.work) == (True, "1001")
