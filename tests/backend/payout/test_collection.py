"""Collection by card: exactly once, whatever is lost, repeated, forged or late (rules R1–R14)."""

from datetime import timedelta

import pytest

from backend.kernel import auth, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import KioskStopped, NotFound
from backend.payout import service as payout
from backend.payout.bank import FolderBank
from backend.payout.refusals import (
    AlreadyCollected,
    AmountChanged,
    CardStopped,
    CardUnknown,
    CashShort,
    HeldElsewhere,
    NoBankAccount,
    OtherDispenser,
    ProofWrong,
    SentToBank,
    VisitExpired,
)
from backend.registry import service as registry
from backend.registry.schema import ReportLoss
from tests.backend.payout.city import AMOUNT, a_retiree, cash, owed
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import LI, ZHANG


def test_the_whole_collection_pays_once_and_the_books_agree(run: Runner, kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    assert (visit.payables[0].amount_fen, visit.payables[0].state) == (AMOUNT, "payable")
    opened = kiosk.open(visit)
    confirmed = kiosk.confirm(visit, opened, card)
    assert confirmed.state == "authorised"
    assert confirmed.token
    kiosk.dispenser.hand_out(opened.order, confirmed.token, AMOUNT)
    reported = kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
    assert reported.state == "paid"
    assert reported.receipt_no
    assert cash(run, kiosk) == 10_000_000 - AMOUNT
    assert owed(run) == 0
    assert run.system(ledger.check) == []
    assert kiosk.visit(card).payables[0].state == "collected"


def test_a_second_collection_of_the_month_is_refused_with_the_day(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    test_the_whole_collection_pays_once_and_the_books_agree(run, kiosk, card)
    with pytest.raises(AlreadyCollected, match=r"2026年11月的.*2026年11月24日"):
        kiosk.open(kiosk.visit(card))


def test_the_same_confirm_again_gives_the_same_token_even_with_another_nonce(
    kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    first = kiosk.confirm(visit, opened, card)
    kiosk.dispenser.clear()
    assert kiosk.confirm(visit, opened, card) == first


def test_one_living_order_an_entitlement(run: Runner, kiosk: Terminal, card: Card) -> None:
    other = Terminal(run, "00000002")
    visit, elsewhere = kiosk.visit(card), other.visit(card)
    opened = kiosk.open(visit)
    with pytest.raises(HeldElsewhere):
        other.open(elsewhere)
    assert kiosk.open(visit, order=opened.order) == opened
    kiosk.report(opened.order, "not")
    assert other.open(elsewhere).state == "opened"


def test_no_token_without_the_cards_own_proof(run: Runner, kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    for proof in ("00" * 16, card.answer(b"another order  !")):
        with pytest.raises(ProofWrong):
            kiosk.confirm(visit, opened, card, proof=proof)
    stranger = Card(run.vault, ZHANG, card.card_no, "310000D156000005" + "FF" * 8)
    with pytest.raises(ProofWrong):
        kiosk.confirm(visit, opened, stranger)


def test_a_cloned_card_without_the_key_gets_no_further_than_its_number(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    begun = kiosk.begin(card)
    with pytest.raises(ProofWrong):
        kiosk.ask("CRD-12", visit=begun.visit, response="00" * 16)


def test_a_kiosk_cannot_be_authorised_for_cash_it_does_not_hold(run: Runner, card: Card) -> None:
    empty = Terminal(run, "00000003")
    visit = empty.visit(card)
    opened = empty.open(visit)
    with pytest.raises(CashShort):
        empty.confirm(visit, opened, card)
    assert empty.report(opened.order, "not").state == "cancelled"


def test_a_lost_or_unknown_card_is_named_kindly(run: Runner, kiosk: Terminal, card: Card) -> None:
    with pytest.raises(CardUnknown):
        kiosk.begin(Card(run.vault, card.ident, "000000000", card.card_code))
    with pytest.raises(CardUnknown):
        kiosk.begin(Card(run.vault, "310115199001010010", card.card_no, card.card_code))
    run.system(registry.report_loss, ReportLoss(ident=card.ident))
    with pytest.raises(CardStopped, match="挂失"):
        kiosk.begin(card)


def test_a_visit_lapses_and_belongs_to_one_kiosk(
    run: Runner, clock: FixedClock, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    other = Terminal(run, "00000002")
    with pytest.raises(VisitExpired):
        other.open(visit)
    clock.set(clock.now() + timedelta(minutes=11))
    with pytest.raises(VisitExpired):
        kiosk.open(visit)


def test_an_amount_that_is_not_the_one_on_the_screen_is_refused(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    with pytest.raises(AmountChanged):
        kiosk.open(visit, amount_fen=AMOUNT + 1)


def test_two_heads_for_one_journal_entry_stop_the_kiosk(run: Runner, kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit, journal_seq=7, journal_head="aa" * 32)
    assert opened.state == "opened"
    forked = kiosk.report(opened.order, "not", journal_seq=7, journal_head="bb" * 32)
    assert forked.state == "refused"
    stopped = run.system(lambda uow: uow.session.get_one(auth.Device, kiosk.id).stopped)
    assert stopped
    assert "分叉" in stopped


def test_by_bank_the_order_is_sent_once_and_books_on_the_banks_word(
    run: Runner, kiosk: Terminal, card: Card, tmp_path: object
) -> None:
    bank = FolderBank(tmp_path)  # type: ignore[arg-type]
    visit = kiosk.visit(card)
    opened = kiosk.open(visit, method="bank")
    confirmed = kiosk.confirm(visit, opened, card, dispenser="bank", dispenser_nonce="00" * 16)
    assert (confirmed.state, confirmed.token) == ("authorised", None)
    with pytest.raises(SentToBank):
        kiosk.open(kiosk.visit(card))
    assert payout.transfer(run.system, bank) == (1, 0)
    assert payout.transfer(run.system, bank) == (0, 0)
    assert owed(run) == 0
    assert run.system(ledger.check) == []


def test_a_transfer_the_bank_did_but_we_did_not_book_is_booked_once(
    run: Runner, kiosk: Terminal, card: Card, tmp_path: object
) -> None:
    """The worker dies between the bank's answer and our books: asked again, the bank says what it did."""
    bank = FolderBank(tmp_path)  # type: ignore[arg-type]
    visit = kiosk.visit(card)
    opened = kiosk.open(visit, method="bank")
    kiosk.confirm(visit, opened, card, dispenser="bank", dispenser_nonce="00" * 16)
    assert bank.query(opened.order) == "unknown"

    class Dies(FolderBank):
        def transfer(self, wanted: object) -> object:  # type: ignore[override]
            super().transfer(wanted)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        payout.transfer(run.system, Dies(tmp_path))  # type: ignore[arg-type]
    assert payout.transfer(run.system, bank) == (1, 0)
    assert owed(run) == 0


def test_a_bank_that_sends_the_money_back_leaves_it_to_be_drawn(
    run: Runner, kiosk: Terminal, tmp_path: object
) -> None:
    card = a_retiree(run, bank_number="1234567890123456")
    visit = kiosk.visit(card)
    opened = kiosk.open(visit, method="bank")
    kiosk.confirm(visit, opened, card, dispenser="bank", dispenser_nonce="00" * 16)
    assert payout.transfer(run.system, FolderBank(tmp_path)) == (0, 1)  # type: ignore[arg-type]
    assert owed(run) == AMOUNT
    assert kiosk.open(kiosk.visit(card)).state == "opened"


def test_without_a_bank_account_the_bank_cannot_be_chosen(run: Runner, kiosk: Terminal) -> None:
    card = a_retiree(run, bank_number=None)
    with pytest.raises(NoBankAccount):
        kiosk.open(kiosk.visit(card), method="bank")


def test_an_order_given_up_before_it_came_opens_nothing(run: Runner, kiosk: Terminal) -> None:
    """REPORT(not) overtakes OPEN: the late OPEN reserves nothing, and the holder may collect at once."""
    visit = kiosk.visit(a_retiree(run))
    given_up = f"{kiosk.id}0001aaaa"
    assert kiosk.report(given_up, "not").state == "cancelled"
    assert kiosk.open(visit, order=given_up).state == "cancelled"
    assert kiosk.open(visit).state == "opened"


def test_a_kiosk_speaks_only_of_its_own_orders(run: Runner, kiosk: Terminal) -> None:
    visit = kiosk.visit(a_retiree(run))
    foreign = "0000000200010001"
    with pytest.raises(NotFound):
        kiosk.open(visit, order=foreign)
    with pytest.raises(NotFound):
        kiosk.report(foreign, "not")


def test_every_receipt_of_a_kiosk_has_a_number_of_its_own(run: Runner, kiosk: Terminal) -> None:
    """Two collections after one switching on differ in the last figure of the order only."""
    numbers = []
    for card in (a_retiree(run), another_retiree(run)):
        visit = kiosk.visit(card)
        opened = kiosk.open(visit)
        token = kiosk.confirm(visit, opened, card).token
        assert token
        kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
        reported = kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
        assert reported.state == "paid"
        numbers.append(reported.receipt_no)
        kiosk.dispenser.clear()
    assert numbers == [f"R20261124{kiosk.id}0001{n:04x}" for n in (1, 2)]
    assert run.system(ledger.check) == []


def another_retiree(run: Runner) -> Card:
    return a_retiree(run, LI, card_no="31A000027", code=CODE[:-1] + "B")


def test_a_card_reported_lost_while_it_is_in_the_kiosk_authorises_nothing(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    run.system(registry.report_loss, ReportLoss(ident=card.ident))
    with pytest.raises(CardStopped):
        kiosk.confirm(visit, opened, card)


def test_a_token_is_given_only_for_the_kiosks_own_dispenser(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    with pytest.raises(OtherDispenser, match="D-00000099"):
        kiosk.confirm(visit, opened, card, dispenser="D-00000099")


def test_an_older_journal_entry_with_another_head_is_a_fork_too(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit, journal_seq=7, journal_head="aa" * 32)
    kiosk.report(opened.order, "not", journal_seq=9, journal_head="bb" * 32)
    assert kiosk.open(visit, journal_seq=7, journal_head="cc" * 32).state == "refused"
    with pytest.raises(KioskStopped):
        kiosk.run.system(auth.device, kiosk.id, kiosk.key)
