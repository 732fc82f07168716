"""Months, files, cards, stops and debts in any order: after every step the books agree and nothing is paid twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import func, select

from backend.kernel import files
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.model import BankLine, Batch, Order, Payable, Recovery
from backend.payout.recovery import repaying
from backend.payout.recovery.schema import AgreeOffset, ClaimOverpaid, Repay
from backend.payout.schema import MakeBankFile, ReadBankFile
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.schema import Award, Resume, Suspend
from backend.registry import service as registry
from backend.registry.model import BankAccount
from backend.registry.schema import IssueCard
from tests.backend.payout.books import agree
from tests.backend.payout.city import GOOD_BANK, fund
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.pension.test_service import MAN, pay_from, with_account

CARD_NO = "31A000019"
STEPS = 15


class City:
    """One pensioner paid by bank and by card, and whoever acts on the pension."""

    def __init__(self, run: Runner, clock: FixedClock, chance: Random) -> None:
        self.run, self.clock, self.chance = run, clock, chance
        fund(run)
        self.person = with_account(run, MAN, months=360, balance="20000", index=10_500)
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))
        run.system(pay_from, self.person, Month(2026, 10))
        run.system(self._with_card_and_account)
        self.card = Card(run.vault, MAN, CARD_NO, CODE)
        self.kiosk = Terminal(run)
        run.system(payout.load, self.kiosk.id, 50_000_000, "first")
        self.month, self.slips = Month(2026, 11), 0

    def _with_card_and_account(self, uow: Uow) -> None:
        days = {"issued": "2024-01-02", "expires": "2034-01-01", "version": "3.00"}
        card = {"ident": MAN, "card_no": CARD_NO, "card_code": CODE}
        registry.issue_card(uow, IssueCard.model_validate(card | days))
        uow.session.add(
            BankAccount(
                person_id=self.person, bank="示例银行", number=GOOD_BANK, holder="张秀䶮", standing=True
            )
        )

    def pay_month(self) -> None:
        self.run.system(pension.pay_month, self.month, "second")

    def next_month(self) -> None:
        self.month += 1
        self.clock.at = datetime(self.month.year, self.month.month, 10, 2, 0, tzinfo=UTC)
        self.pay_month()

    def send(self) -> None:
        batches = self.run.system(lambda uow: list(uow.session.scalars(select(Batch.id))))
        profile = self.chance.choice(["plain", "counted", "iso20022"])
        self.run.system(
            payout.make_bank_file,
            MakeBankFile(batch=self.chance.choice(batches), profile=profile),  # type: ignore[arg-type]
        )

    def answer(self) -> None:
        """The bank says something of one file in plain words; other forms are answered in their own tests."""
        lines = self.run.system(
            lambda uow: uow.session.execute(
                select(BankLine.file_id, BankLine.end_to_end, BankLine.amount, BankLine.result).where(
                    BankLine.end_to_end.like("F%")
                )
            ).all()
        )
        file, key, amount, _ = self.chance.choice(lines)
        code = self.chance.choice(["00", "03", "90"])
        counted = {"00": "0000", "03": "1003", "90": "0001"}[code]
        status = {"00": "ACSC", "03": "RJCT", "90": "PDNG"}[code]
        said = self.chance.choice(
            [
                f"{key}|{code}|\n",
                f"{key},{amount.text},{counted},\nT,{file},1,{amount.text}\n",
                "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.12'><CstmrPmtStsRpt><GrpHdr>"
                "<MsgId>B</MsgId><CreDtTm>2026-11-24T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
                f"<OrgnlMsgId>RS{file:010d}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
                f"<GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>",
            ]
        )
        kept = self.run.system(files.keep, name="回盘.txt", content=said.encode())
        self.run.system(payout.read_bank_file, ReadBankFile(file=file, returned=kept.file))

    def collect(self) -> None:
        """At the kiosk, with a stop of the pension perhaps between card and notes."""
        visit = self.kiosk.visit(self.card)
        if not visit.payables:
            return
        opened = self.kiosk.open(visit)
        if self.chance.random() < 0.3:
            self.suspend()
        if self.chance.random() < 0.3:
            self.kiosk.report(opened.order, "not")
            return
        confirmed = self.kiosk.confirm(visit, opened, self.card)
        assert confirmed.token
        self.kiosk.dispenser.hand_out(opened.order, confirmed.token, visit.payables[0].amount_fen)
        self.kiosk.report(opened.order, "paid", self.kiosk.dispenser.status(opened.order))
        self.kiosk.dispenser.clear()

    def suspend(self) -> None:
        since = Month(2026, 10) + self.chance.randrange(self.month - Month(2026, 10) + 2)
        claims = self.chance.random() < 0.5
        command = Suspend(ident=MAN, since=str(since), reason="03", claims=claims, document="停1")
        self.run.system(stopping.suspend, command)

    def resume(self) -> None:
        since = self.chance.choice([{}, {"since": str(self.month)}, {"since": str(self.month + 1)}])
        self.run.system(stopping.resume, Resume.model_validate({"ident": MAN, "document": "复1"} | since))

    def claim(self) -> None:
        self.slips += 1
        given = {
            "ident": MAN,
            "amount_fen": self.chance.randrange(1, 200_000),
            "reason": "07",
            "note": "多算",
        }
        document = f"追{self.slips}号"
        self.run.system(repaying.claim_overpaid, ClaimOverpaid.model_validate(given | {"document": document}))

    def _recovery(self) -> int:
        return self.chance.choice(self.run.system(lambda uow: list(uow.session.scalars(select(Recovery.id)))))

    def offset(self) -> None:
        percent = self.chance.randrange(1, 21)
        self.run.system(
            repaying.agree_offset, AgreeOffset(recovery=self._recovery(), percent=percent, document="抵1")
        )

    def repay(self) -> None:
        self.slips += 1
        fen = self.chance.randrange(1, 100_000)
        self.run.system(
            repaying.repay, Repay(recovery=self._recovery(), amount_fen=fen, document=f"回单{self.slips}")
        )


def paid_twice(uow: Uow) -> int:
    """Months for which money went out more than once: by orders and by lines of files."""
    files_ = select(BankLine.payable_id).where(BankLine.result == "paid", BankLine.end_to_end.like("F%"))
    orders = select(Order.payable_id).where(Order.state == "paid")
    out = files_.union_all(orders).subquery()
    months = (
        select(Payable.month)
        .join(out, out.c.payable_id == Payable.id)
        .group_by(Payable.month)
        .having(func.count() > 1)
    )
    return len(uow.session.execute(months).all())


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_the_books_agree_and_no_month_is_paid_twice(
    run: Runner, clock: FixedClock, seed: int
) -> None:
    chance = Random(seed)
    city = City(run, clock, chance)
    steps: list[Callable[[], None]] = [
        city.pay_month,
        city.next_month,
        *[city.send] * 3,
        *[city.answer] * 5,
        *[city.collect] * 3,
        city.suspend,
        *[city.resume] * 2,
        city.claim,
        city.offset,
        city.repay,
    ]
    city.pay_month()
    done = 0
    while done < STEPS:
        try:
            chance.choice(steps)()
        except (Refusal, IndexError):  # not now; nothing to choose from yet
            continue
        done += 1
        assert agree(run)
        assert run.system(paid_twice) == 0
