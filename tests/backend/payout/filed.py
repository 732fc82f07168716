"""Several pensioners who are paid by bank in one batch, the file that says so, and what the bank answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, column, select, values

from backend.demo import numbers
from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.model import BankLine, Payable
from backend.payout.schema import BankFileRead, BankFileView, MakeBankFile, ReadBankFile
from backend.registry.model import BankAccount
from tests.backend.payout.city import AMOUNT, GOOD_BANK, fund
from tests.backend.people import a_person

NOVEMBER = Month(2026, 11)


def identity(n: int) -> str:
    return numbers.citizen_number("310101", f"195001{n + 1:02d}", 2)


def several(run: Runner, n: int) -> list[int]:
    """So many pensioners with accounts, owed this month in one batch, each a fen more than the one before."""
    fund(run)
    persons = [a_person(run, identity(one)) for one in range(n)]

    def owe(uow: Uow) -> None:
        uow.session.add_all(
            BankAccount(person_id=one, bank="示例银行", number=GOOD_BANK, holder="张秀", standing=True)
            for one in persons
        )
        uow.session.flush()
        due = values(column("person_id", BigInteger), column("amount", BigInteger), name="due").data(
            [(person, AMOUNT + no) for no, person in enumerate(persons)]
        )
        payout.run_month(
            uow,
            fund="pension",
            what="基本养老金",
            area="310000",
            month=NOVEMBER,
            due=select(due.c.person_id, payout.month_of(NOVEMBER).label("month"), due.c.amount),
            checker="b",
        )

    run.system(owe)
    return persons


def send(run: Runner, form: str = "plain") -> BankFileView:
    batch = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    return run.system(
        payout.make_bank_file, MakeBankFile.model_validate({"batch": batch.batch, "profile": form})
    )


def keys(run: Runner, sent: BankFileView) -> list[str]:
    lines = select(BankLine.end_to_end).where(BankLine.file_id == sent.file).order_by(BankLine.payable_id)
    return run.system(lambda uow: list(uow.session.scalars(lines)))


def told(run: Runner, sent: BankFileView, codes: Sequence[str]) -> str:
    """An answer in plain text: a code a line of the file, in its order; what is blank is not named."""
    lines = zip(keys(run, sent), codes, strict=True)
    return "".join(f"{key}|{code}|\n" for key, code in lines if code)


def command(run: Runner, sent: BankFileView, content: str) -> ReadBankFile:
    kept = run.system(
        files.keep, name="回盘.txt", content=content.encode("gb18030"), may=Permission.PAYOUT_READ
    )
    return ReadBankFile(file=sent.file, returned=kept.file)


def answer(run: Runner, sent: BankFileView, *codes: str) -> BankFileRead:
    return run.system(payout.read_bank_file, command(run, sent, told(run, sent, codes)))


def states(run: Runner) -> list[str]:
    """What holds of each payable, in the order in which they were owed."""
    return run.system(lambda uow: list(uow.session.scalars(select(Payable.state).order_by(Payable.id))))


def stored(run: Runner) -> list[str]:
    """What is written of each."""
    return run.system(lambda uow: list(uow.session.scalars(select(Payable.stored).order_by(Payable.id))))
