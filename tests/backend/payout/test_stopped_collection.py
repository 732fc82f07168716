"""Stopped while it is being drawn, returned and mended: card and bank never both pay, and nothing is lost between."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from backend.kernel import files, ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.bankfiles.refusals import NothingToSend
from backend.payout.model import BankLine, Payable
from backend.payout.recovery.schema import AskMine
from backend.payout.refusals import Cancelled, HolderDied, SentToBank
from backend.payout.schema import AskBankFiles, AskReturned, BankFileView, MakeBankFile, ReadBankFile
from backend.registry import service as registry
from backend.registry.accounts import HolderDiffers, SameAccount
from backend.registry.model import BankAccount
from backend.registry.schema import ChangeAccount, RegisterDeath
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT, GOOD_BANK, a_retiree, fund
from tests.backend.payout.terminal import Card, Terminal
from tests.backend.people import ZHANG

NEW = "6217000000000000012"


@pytest.fixture
def card(run: Runner) -> Card:
    return a_retiree(run)


@pytest.fixture
def kiosk(run: Runner) -> Terminal:
    terminal = Terminal(run)
    fund(run)
    run.system(payout.load, terminal.id, 10_000_000, "first")
    return terminal


def stop(run: Runner, claims: bool = True) -> None:
    run.system(
        lambda uow: payout.stop(
            uow,
            person_id=registry.person(uow, ZHANG).id,
            fund="pension",
            what="基本养老金",
            since=Month(2026, 11),
            reason="03",
            document="停1",
            claims=claims,
        )
    )


def state(run: Runner) -> str:
    return run.system(lambda uow: uow.session.scalars(select(Payable.state)).one())


def owing(run: Runner) -> int:
    return run.system(
        lambda uow: sum(one.left_fen for one in payout.listing.mine(uow, AskMine(ident=ZHANG)).recoveries)
    )


def test_what_was_stopped_is_not_shown_at_a_kiosk_and_not_paid(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    stop(run)
    with pytest.raises(Cancelled, match="2026年11月"):
        kiosk.open(visit)
    assert kiosk.visit(card).payables == ()
    assert agree(run)


def test_stopped_while_an_order_is_under_way_it_is_cancelled_when_nothing_was_handed_out(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    stop(run)
    assert state(run) == "held"
    assert kiosk.report(opened.order, "not").state == "cancelled"
    assert state(run) == "cancelled"
    assert owing(run) == 0
    assert agree(run)


@pytest.mark.parametrize("claims", [True, False])
def test_stopped_while_notes_are_handed_out_it_is_paid_and_claimed_back(
    run: Runner, kiosk: Terminal, card: Card, claims: bool
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    confirmed = kiosk.confirm(visit, opened, card)
    stop(run, claims)
    assert confirmed.token
    kiosk.dispenser.hand_out(opened.order, confirmed.token, AMOUNT)
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order)).state == "paid"
    assert state(run) == "collected"
    assert owing(run) == (AMOUNT if claims else 0)
    assert agree(run)


def test_the_card_of_one_who_died_serves_no_more(run: Runner, kiosk: Terminal, card: Card) -> None:
    run.system(
        registry.register_death,
        RegisterDeath(ident=ZHANG, died=date(2026, 11, 3), document="死证1", reported_by="女儿"),
    )
    with pytest.raises(HolderDied):
        kiosk.begin(card)


# ---- returned by the bank, mended, paid again ----


def account(number: str = NEW, holder: str = "张秀䶮", *, standing: bool = True) -> ChangeAccount:
    return ChangeAccount(ident=ZHANG, bank="示例银行", number=number, holder=holder, standing=standing)


def send(run: Runner) -> BankFileView:
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    return run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch))


def answer(run: Runner, sent: BankFileView, code: str) -> None:
    key = run.system(
        lambda uow: uow.session.scalars(
            select(BankLine.end_to_end).where(BankLine.file_id == sent.file)
        ).one()
    )
    kept = run.system(files.keep, name="回盘.txt", content=f"{key}|{code}|\n".encode())
    run.system(payout.read_bank_file, ReadBankFile(file=sent.file, returned=kept.file))


def shown(run: Runner) -> tuple[str, str | None]:
    def first(uow: Uow) -> tuple[str, str | None]:
        [one] = payout.of_person(uow, registry.person(uow, ZHANG).id, 12)
        return one.state, one.returned

    return run.system(first)


def test_returned_says_why_and_after_the_account_is_mended_it_is_sent_once_more(
    run: Runner, card: Card
) -> None:
    fund(run)
    run.system(registry.change_account, account())
    answer(run, send(run), "03")
    assert shown(run) == ("payable", "账户已经销户")
    [file] = run.system(payout.bank_files.listed, AskBankFiles()).files
    assert (file.open, file.paid, file.returned, file.profile) == (0, 0, 1, "通用文本（竖线分隔）")
    [line] = run.system(payout.bank_files.sent_back, AskReturned(file=file.file)).lines
    assert (line.name, line.account, line.reason) == ("张秀䶮", "示例银行 ****0012", "账户已经销户")
    batch = file.batch
    assert run.system(payout.bank_files.listed, AskBankFiles(batch=batch + 1)).files == ()
    run.system(registry.change_account, account(GOOD_BANK))
    again = send(run)
    assert shown(run) == ("at_bank", None)
    assert run.system(payout.bank_files.sent_back, AskReturned(file=file.file)).lines == ()
    with pytest.raises(NothingToSend):
        send(run)
    text = run.system(files.fetch, again.sent).content.decode("gb18030")
    assert f"|{GOOD_BANK}|张秀䶮|3847.52" in text
    answer(run, again, "00")
    assert shown(run) == ("paid", None)
    assert run.system(lambda uow: ledger.balance(uow, accounts.payable(uow))) == 0
    assert agree(run)


def test_returned_it_may_be_collected_by_card_and_then_by_no_file(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    run.system(registry.change_account, account())
    sent = send(run)
    with pytest.raises(SentToBank):
        kiosk.open(kiosk.visit(card))
    answer(run, sent, "01")
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    with pytest.raises(NothingToSend):
        send(run)
    confirmed = kiosk.confirm(visit, opened, card)
    assert confirmed.token
    kiosk.dispenser.hand_out(opened.order, confirmed.token, AMOUNT)
    kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
    with pytest.raises(NothingToSend):
        send(run)
    answer(run, sent, "00")  # the bank changes its mind about a line that is settled: nothing moves
    assert state(run) == "collected"
    assert agree(run)


def test_benefits_go_only_to_the_persons_own_account(run: Runner, card: Card) -> None:
    with pytest.raises(HolderDiffers):
        run.system(registry.change_account, account(holder="李四"))
    run.system(registry.change_account, account())
    with pytest.raises(SameAccount):
        run.system(registry.change_account, account())
    changed = run.system(registry.change_account, account(standing=False))
    assert (changed.number, changed.standing) == ("****0012", False)
    run.system(lambda uow: uow.session.delete(uow.session.scalars(select(BankAccount)).one()))
    assert run.system(registry.change_account, account()).standing


def test_a_line_that_was_paid_twice_would_be_found(run: Runner, card: Card) -> None:
    fund(run)
    run.system(registry.change_account, account())
    answer(run, send(run), "00")
    run.system(lambda uow: uow.session.execute(update(BankLine).values(stored="returned")))
    assert {one.question for one in run.system(payout.check)} == {"发放状态", "随报盘文件"}
