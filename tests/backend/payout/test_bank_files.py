"""Bank files 报盘/回盘: sent once, read back as often as it comes, and every fen in its place."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from backend.kernel import files, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Runner, Uow
from backend.kernel.text import NotText
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.bankfiles.refusals import BadLine, BadResult, LineTwice, NothingToSend, UnknownLine
from backend.payout.model import Payable
from backend.payout.schema import BankFileRead, BankFileView, MakeBankFile, ReadBankFile
from backend.registry.model import BankAccount
from tests.backend.payout.city import AMOUNT, a_retiree, fund


@pytest.fixture
def sent(run: Runner) -> BankFileView:
    """One pensioner who is paid by bank every month, and the file that says so."""
    fund(run)
    a_retiree(run)
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    return run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch))


def text_sent(run: Runner, sent: BankFileView) -> str:
    return run.system(files.fetch, sent.sent).content.decode("gb18030")


def number(run: Runner, sent: BankFileView) -> str:
    return text_sent(run, sent).splitlines()[1].split("|")[0]


def back(run: Runner, sent: BankFileView, content: bytes) -> BankFileRead:
    kept = run.system(files.keep, name="回盘.txt", content=content, may=Permission.PAYOUT_READ)
    return run.system(payout.read_bank_file, ReadBankFile(file=sent.file, returned=kept.file))


def states(uow: Uow) -> list[str]:
    return list(uow.session.scalars(select(Payable.state)))


def clearing(uow: Uow) -> int:
    return ledger.balance(uow, accounts.clearing(uow))


def test_the_file_has_a_head_with_count_and_total_and_a_line_each(run: Runner, sent: BankFileView) -> None:
    head, line = text_sent(run, sent).splitlines()
    assert head == f"H|{sent.file}|20261124|1|3847.52"
    assert line.split("|")[1:] == ["示例银行", "6217000000000000004", "张秀䶮", "3847.52"]
    assert run.system(states) == ["at_bank"]


def test_a_second_file_of_the_same_batch_has_nobody_left(run: Runner, sent: BankFileView) -> None:
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    with pytest.raises(NothingToSend):
        run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_paid_is_booked_once_however_often_the_file_comes(
    run: Runner, sent: BankFileView, encoding: str
) -> None:
    content = f"{number(run, sent)}|00|到账\n".encode(encoding)
    first, again = back(run, sent, content), back(run, sent, content)
    assert (first.paid, first.paid_fen, first.returned) == (1, AMOUNT, 0)
    assert (again.paid, again.already) == (0, 1)
    assert run.system(states) == ["paid"]
    assert run.system(clearing) == 0
    assert run.system(ledger.check) == []


def test_returned_is_owed_again_and_can_be_sent_again(run: Runner, sent: BankFileView) -> None:
    read = back(run, sent, f"{number(run, sent)}|01|账号不存在\n".encode())
    assert (read.returned, read.returned_fen) == (1, AMOUNT)
    assert run.system(states) == ["payable"]
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    assert run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch)).n == 1


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"F9P9|00|\n", UnknownLine),
        (b"F9P9\n", BadLine),
        (b"F9P9|77|\n", BadResult),
        (b"\xff\xfe\x00\x01", NotText),
        (b"PK\x03\x04\x00\x00", NotText),
    ],
    ids=["another file's line", "a column too few", "a code nobody knows", "not text", "a packed file"],
)
def test_a_broken_file_is_refused_whole(
    run: Runner, sent: BankFileView, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        back(run, sent, content)
    assert run.system(states) == ["at_bank"]


def test_two_results_for_one_line_are_refused(run: Runner, sent: BankFileView) -> None:
    with pytest.raises(LineTwice, match="第 2 行"):
        back(run, sent, f"{number(run, sent)}|00|\n{number(run, sent)}|01|\n".encode())


def test_what_the_bank_still_works_on_stays_with_the_bank(run: Runner, sent: BankFileView) -> None:
    """Neither paid nor returned: free to be drawn elsewhere it would be paid twice."""
    read = back(run, sent, f"{number(run, sent)}|90|\n".encode())
    assert (read.paid, read.returned, read.pending) == (0, 0, 1)
    assert run.system(states) == ["at_bank"]
    assert back(run, sent, f"{number(run, sent)}|00|\n".encode()).paid == 1


def test_an_old_file_read_again_leaves_alone_what_was_sent_anew(run: Runner, sent: BankFileView) -> None:
    """Returned, sent again in a second file; then the first file's answer comes once more."""
    answer = f"{number(run, sent)}|02|户名不符\n".encode()
    back(run, sent, answer)
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    again = run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch))
    assert back(run, sent, answer).already == 1
    assert run.system(states) == ["at_bank"]
    assert back(run, again, f"{number(run, again)}|00|\n".encode()).paid == 1
    assert run.system(clearing) == 0
    assert run.system(ledger.check) == []
