"""What is in a bank file follows it: one answer settles it all, and only what the bank says otherwise is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.payout import auditing
from backend.payout import service as payout
from backend.payout.bankfiles import straight
from backend.payout.bankfiles.profiles import Delimited, profile
from backend.payout.model import BankFile, BankLine, Payable
from backend.payout.schema import AskBankFiles, AskPayments, AskReturned
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT
from tests.backend.payout.filed import answer, command, identity, keys, send, several, states, stored, told


@pytest.fixture
def five(run: Runner) -> list[int]:
    return several(run, 5)


def test_most_is_paid_so_only_the_others_are_written(run: Runner, five: list[int], clock: FixedClock) -> None:
    sent = send(run)
    clock.at += timedelta(days=2)
    read = answer(run, sent, "00", "03", "00", "90", "00")
    assert (read.paid, read.paid_fen) == (3, 3 * AMOUNT + 0 + 2 + 4)
    assert (read.returned, read.returned_fen, read.pending, read.already) == (1, AMOUNT + 1, 1, 0)
    assert states(run) == ["paid", "payable", "paid", "at_bank", "paid"]
    assert stored(run) == ["filed", "payable", "filed", "at_bank", "filed"]
    assert agree(run)
    [first] = run.system(payout.payments, AskPayments(ident=identity(0))).payments
    assert (first.state, first.state_label) == ("paid", "已到银行账户")
    assert first.settled_at == clock.now()
    [fourth] = run.system(payout.payments, AskPayments(ident=identity(3))).payments
    assert (fourth.state, fourth.settled_at) == ("at_bank", None)


def test_everybody_who_asks_is_told_the_same(run: Runner, five: list[int]) -> None:
    sent = send(run)
    [batch] = run.system(payout.listed, payout.AskBatches()).batches
    assert (batch.at_bank, batch.settled, batch.waiting) == (5, 0, 0)
    answer(run, sent, "00", "03", "00", "90", "00")
    [batch] = run.system(payout.listed, payout.AskBatches()).batches
    assert (batch.at_bank, batch.settled, batch.waiting) == (1, 3, 1)
    [file] = run.system(payout.bank_files.listed, AskBankFiles()).files
    assert (file.open, file.paid, file.returned) == (1, 3, 1)
    [back] = run.system(payout.bank_files.sent_back, AskReturned(file=sent.file)).lines
    assert (back.amount_fen, back.reason) == (AMOUNT + 1, "账户已经销户")
    paid = run.system(lambda uow: uow.session.execute(auditing.payments("pension", 2026)).all())
    assert [(row.amount.fen - AMOUNT, row.state, row.holder) for row in paid] == [
        (one, "paid", "张秀") for one in (0, 2, 4)
    ]


def test_what_waited_is_booked_by_itself_when_its_answer_comes(run: Runner, five: list[int]) -> None:
    sent = send(run)
    answer(run, sent, "00", "00", "00", "90", "")
    assert states(run) == ["paid", "paid", "paid", "at_bank", "at_bank"]
    later = answer(run, sent, "", "", "", "00", "02")
    assert (later.paid, later.paid_fen, later.returned) == (1, AMOUNT + 3, 1)
    assert states(run) == ["paid", "paid", "paid", "paid", "payable"]
    assert stored(run) == ["filed", "filed", "filed", "paid", "payable"]
    assert agree(run)


def test_a_bank_that_answers_piece_by_piece_is_booked_piece_by_piece(run: Runner, five: list[int]) -> None:
    sent = send(run)
    assert answer(run, sent, "00", "01", "", "", "").paid == 1
    assert stored(run) == ["paid", "payable", "filed", "filed", "filed"]
    assert states(run) == ["paid", "payable", "at_bank", "at_bank", "at_bank"]
    assert answer(run, sent, "00", "", "90", "00", "00").already == 1
    assert states(run) == ["paid", "payable", "at_bank", "paid", "paid"]
    assert agree(run)


def test_a_file_of_which_the_bank_says_only_that_it_works_on_it_goes_on_waiting(
    run: Runner, five: list[int]
) -> None:
    sent = send(run)
    assert answer(run, sent, *["90"] * 5).pending == 5
    assert stored(run) == ["filed"] * 5
    assert states(run) == ["at_bank"] * 5
    assert answer(run, sent, *["00"] * 5).paid == 5
    assert states(run) == ["paid"] * 5
    assert agree(run)


def test_an_old_answer_that_comes_again_changes_nothing(run: Runner, five: list[int]) -> None:
    """Nor does one that says now that what was paid came back: that is another day's money."""
    sent = send(run)
    codes = ("00", "03", "00", "90", "00")
    answer(run, sent, *codes)
    again = send(run)
    assert again.n == 1
    read = answer(run, sent, *codes)
    assert (read.paid, read.returned, read.pending, read.already) == (0, 0, 1, 4)
    answer(run, sent, "03", "", "03", "", "90")
    assert states(run) == ["paid", "at_bank", "paid", "at_bank", "paid"]
    assert agree(run)


def test_lines_from_before_say_all_of_themselves_and_are_booked_one_by_one(
    run: Runner, five: list[int]
) -> None:
    """As files that were half answered before the house knew of following stand in the database."""
    sent = send(run)
    run.system(lambda uow: uow.session.execute(update(Payable).values(state="at_bank")))
    run.system(lambda uow: uow.session.execute(update(BankLine).values(stored="sent")))
    assert states(run) == ["at_bank"] * 5
    assert agree(run)
    assert answer(run, sent, "00", "00", "00", "03", "90").paid == 3
    assert stored(run) == ["paid", "paid", "paid", "payable", "at_bank"]
    assert run.system(lambda uow: uow.session.get_one(BankFile, sent.file).answered_at) is None
    assert agree(run)


@pytest.mark.parametrize("form", ["plain", "counted"])
def test_a_file_in_which_nothing_is_odd_is_read_straight(run: Runner, five: list[int], form: str) -> None:
    sent = send(run, form)
    lines = keys(run, sent)
    if form == "plain":
        content = f"H|{sent.file}|20261124|5|19237.70\n" + told(run, sent, ["00", "03", "00", "90", "00"])
    else:
        cells = [(key, f"{(AMOUNT + no) / 100:.2f}") for no, key in enumerate(lines)]
        codes = ["0000", "1003", "0000", "0001", "0000"]
        content = "".join(
            f"{key},{amount},{code},\n" for (key, amount), code in zip(cells, codes, strict=True)
        )
        content += f"T,{sent.file},5,19237.70\n\n"
    known = profile(form)
    assert isinstance(known, Delimited)

    def read(uow: object) -> straight.Seen | None:
        return straight.read(uow, known, uow.session.get_one(BankFile, sent.file), content.encode())  # type: ignore[attr-defined,arg-type]

    seen = run.system(read)
    assert seen is not None
    assert (seen.rows, seen.named.n, seen.named.fen, seen.unnamed) == (5, 5, 5 * AMOUNT + 10, 0)
    run.system(lambda uow: uow.session.execute(text("drop table back, few")))
    done = run.system(payout.read_bank_file, command(run, sent, content))
    assert (done.paid, done.returned, done.pending) == (3, 1, 1)
    assert agree(run)


def test_an_answered_file_stays_answered(run: Runner, five: list[int]) -> None:
    """One row says of all of them that they are paid: the database lets nobody change or take it back."""
    sent = send(run)
    answer(run, sent, *["00"] * 5)
    for changed in ("answered_at = null", "answered_at = now()", "total = 1"):
        with pytest.raises(DBAPIError):
            run.system(
                lambda uow, changed=changed: uow.session.execute(
                    text(f"update payout.bank_file set {changed}")
                )
            )
    assert states(run) == ["paid"] * 5


def test_what_does_not_agree_with_its_file_is_found(run: Runner, five: list[int]) -> None:
    sent = send(run)
    run.system(lambda uow: uow.session.execute(update(Payable).values(file_id=sent.file + 1)))
    found = [one for one in run.system(payout.check) if one.question == "随报盘文件"]
    assert len(found) == 5
    run.system(lambda uow: uow.session.execute(update(Payable).values(file_id=sent.file)))
    assert agree(run)
    run.system(
        lambda uow: uow.session.execute(update(BankFile).values(answered_at=uow.now))
    )  # and the ledger knows nothing of it
    assert {one.question for one in run.system(payout.check)} == {"应付和在途", "随报盘文件"}


def test_a_row_that_follows_a_file_says_what_holds_only_with_its_file(run: Runner, five: list[int]) -> None:
    """Never a guess: whoever has not loaded the file is stopped."""
    sent = send(run)
    due = run.system(lambda uow: uow.session.scalars(select(Payable).limit(1)).one())
    with pytest.raises(Exception, match="lazy='raise'"):
        _ = due.state
    assert keys(run, sent)
