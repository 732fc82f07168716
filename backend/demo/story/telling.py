"""The story itself: every month what has to be done, and what happens besides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from backend.demo.cast import COMPANY_USCC
from backend.demo.story import bank
from backend.demo.story.kiosk import Kiosk
from backend.demo.story.lives import Lives
from backend.demo.story.office import Office
from backend.demo.story.payers import Payers
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.payout.bankfiles.profiles import PAID, PENDING, profiles
from backend.pension.interest import RateNotPublished

CLOSED = "03"  # the account is no more
SILENT = """
  select e.uscc from registry.employer e join registry.enrolment o on o.employer_id = e.id and o.insurance = '110'
  where o.ended is null and e.uscc <> :company group by e.uscc having count(*) between 2 and 4 order by e.uscc limit 1
"""
OTHER = """
  select e.uscc from registry.employer e join registry.enrolment o on o.employer_id = e.id and o.insurance = '110'
  where o.ended is null and e.uscc <> :silent group by e.uscc order by count(*) desc, e.uscc limit 1
"""
UNSENT = """
  select d.batch_id as batch from payout.payable d join registry.bank_account b on b.person_id = d.person_id
  where d.state = 'payable' and b.standing group by d.batch_id order by d.batch_id
"""
OPEN_FILES = """
  select f.id as file, f.profile, f.sent from payout.bank_file f
  where exists (select from payout.bank_line l where l.file_id = f.id
    and (l.result = 'sent' or l.result = 'filed' and f.answered_at is null)) order by f.id
"""
LONGEST_OWED = """
  select b.id from levy.bill b join registry.employer e on e.id = b.employer_id
  where e.uscc = :silent and b.paid + b.written_off < b.due and b.voided_at is null and b.month = (
    select min(b.month) from levy.bill b join registry.employer e on e.id = b.employer_id
    where e.uscc = :silent and b.paid + b.written_off < b.due and b.voided_at is null) order by b.id
"""
RECEIPTS_ACCOUNT = """
  select sum(b.debit - b.credit)::bigint as fen from ledger.account a join ledger.balance b on b.account = a.id
  where a.fund = 'pension' and a.kind = 'receipts_deposit' and a.area = :area
"""
FIGURES = """
  select (select coalesce(sum(total), 0)::bigint from levy.run where month = :first and kind = 'monthly') as billed,
    (select coalesce(sum(amount), 0)::bigint from levy.receipt
      where received_on between :first and :last and reversed_at is null) as received,
    (select coalesce(sum(due - paid - written_off), 0)::bigint from levy.bill where voided_at is null) as arrears,
    (select coalesce(sum(total), 0)::bigint from payout.batch where month = :first) as benefits,
    (select coalesce(sum(n), 0)::bigint from payout.batch where month = :first) as n,
    (select coalesce(sum("left"), 0)::bigint from payout.recovery) as claimed
"""


@dataclass(frozen=True)
class Told:
    """What a month came to, in fen; `wrong`: what the checks found at its end."""

    month: Month
    billed: int
    received: int
    arrears: int
    n: int
    benefits: int
    sent_back: int
    given_back: int
    claimed: int
    wrong: tuple[str, ...]


@dataclass
class Story:
    """The demo city, from the month after its loading on. `clock` is the runner's own."""

    run: Runner
    clock: FixedClock
    seed: int = 1
    office: Office = field(init=False)
    payers: Payers = field(init=False)
    lives: Lives = field(init=False)
    closed: set[str] = field(default_factory=set)  # accounts that a bank no longer keeps

    def __post_init__(self) -> None:
        chance = Random(self.seed)  # noqa: S311 - a story is drawn, not guarded
        self.office = Office(self.run)
        [silent] = self.office.rows(SILENT, company=COMPANY_USCC)
        self.payers = Payers(self.office, chance, silent["uscc"])
        self.lives = Lives(self.office, chance, Kiosk.of(self.office))
        self.lives.foresee()

    def tell(self, months: int) -> Iterator[Told]:
        """Month by month; what a month needs is done before it is told."""
        first = Month.of(self.clock.today()) + 1
        for n in range(months):
            yield self._month(first + n, n, last=n == months - 1)

    def _month(self, month: Month, n: int, *, last: bool) -> Told:
        self._on(month, 2)
        self._close(month, n)
        self._on(month, 3)
        self._lives(month, n)
        self.lives.mend()
        self._on(month, 5)
        self.payers.declare(month)
        self._on(month, 6)
        self.office.do("LEV-04", month=str(month))
        self._on(month, 8)
        self.office.do("PEN-05", month=str(month))
        self.office.do("RES-09", month=str(month))
        sent_back = self._at_the_bank(month, n)
        self._on(month, 13)
        doubtful = self.lives.collect(month)
        self._on(month, 14)
        self.run.system(payout.settle_stale)
        if doubtful:
            self.lives.count(doubtful)
        self._on(month, 20)
        self.payers.pay()
        self._on(month, 24)
        self.payers.bounce()
        self._on(month, 27)
        self.payers.pay_late()
        self._to_the_treasury(month)
        self._on(month, 28)
        given_back = self.lives.give_back()
        if last:
            self._write_off()
        return self._told(month, sent_back, given_back)

    def _on(self, month: Month, day: int) -> None:
        self.clock.set(datetime(month.year, month.month, day, 10, tzinfo=CHINA))

    def _close(self, month: Month, n: int) -> None:
        """Last month's books; in January the year's; once a closed month is opened again."""
        self.office.do("FIN-01", month=str(month - 1))
        if month.month == 1:
            self.office.do("FIN-06", year=month.year - 1)
            with suppress(RateNotPublished):
                self.office.do("PEN-06", year=month.year - 1)
        if n % 12 == 9:
            self.office.do("FIN-02", month=str(month - 1), reason="发现一笔差错，重新核对")
            self.office.do("FIN-01", month=str(month - 1))

    def _lives(self, month: Month, n: int) -> None:
        today = self.clock.today()
        self.lives.retire(month)
        turn = n % 12
        if turn == 1:
            [other] = self.office.rows(OTHER, silent=self.payers.silent)
            self.lives.move(month, other["uscc"])
        elif turn in (2, 10):
            self.lives.die(today, days_ago=70, standing=True)
        elif turn == 3:
            self.lives.suspend(month)
        elif turn == 4:
            self.lives.claim(month)
        elif turn == 5:
            self.lives.move(month)
        elif turn == 6:
            self.lives.resume()
        elif turn == 7:
            self.lives.die(today, days_ago=5, standing=False)
        elif turn == 8:
            self.lives.move(month, self.payers.silent)

    def _at_the_bank(self, month: Month, n: int) -> int:
        """What the bank pays goes out, in each form in turn, and comes back in two parts; how much was refused."""
        if n % 3 == 0:
            self.closed.add(self.lives.some_number())
        self._on(month, 9)
        forms = list(profiles())
        for row in self.office.rows(UNSENT):
            self.office.do("PAY-02", batch=row["batch"], profile=forms[n % len(forms)])
        self._on(month, 10)
        self._answer(patient=True)
        self._on(month, 12)
        return self._answer(patient=False)

    def _answer(self, *, patient: bool) -> int:
        """At first (`patient`) the bank is still at work on some; of the closed accounts it says so at once."""
        sent_back = 0
        for row in self.office.rows(OPEN_FILES):
            content = bank.answer(
                row["profile"], self.office.fetch(row["sent"]), lambda number: self._said(number, patient)
            )
            for _ in range(2):  # a bank may send its answer twice
                kept = self.office.keep("回盘.txt", content)
                sent_back += self.office.do("PAY-03", file=row["file"], returned=kept).returned_fen
        return sent_back

    def _said(self, number: str, patient: bool) -> str:
        if patient and int(number[-2:]) % 3 == 0:
            return PENDING
        return CLOSED if number in self.closed else PAID

    def _to_the_treasury(self, month: Month) -> None:
        """Half of what came in goes from the receipts account to the treasury account."""
        [held] = self.office.rows(RECEIPTS_ACCOUNT, area=settings().area)
        given: dict[str, Any] = {"fund": "pension", "way": "receipts_to_treasury", "slip": f"HB-{month}"}
        self.office.do("FIN-03", amount=Money(held["fen"] // 2).text, **given)

    def _write_off(self) -> None:
        """The oldest month of the employer that never paid is given up."""
        for row in self.office.rows(LONGEST_OWED, silent=self.payers.silent):
            self.office.do("LEV-09", bill=row["id"], reason="单位已经注销，无法收回")

    def _told(self, month: Month, sent_back: int, given_back: int) -> Told:
        [figures] = self.office.rows(FIGURES, first=month.first, last=month.last)
        wrong = tuple(map(str, self.office.differences()))
        return Told(month=month, sent_back=sent_back, given_back=given_back, wrong=wrong, **figures)
