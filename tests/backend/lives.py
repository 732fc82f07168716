"""Working lives from October 2024 on: what somebody is due by plain arithmetic, and the months by the real commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from backend.demo import numbers
from backend.demo.story import bank
from backend.demo.story.office import Office
from backend.demo.story.payers import OWED
from backend.demo.story.telling import OPEN_FILES, UNSENT
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.bankfiles.profiles import PAID
from backend.pension.careers.choosing import NoNotice, NotRetiredYet, NotYet
from backend.pension.model import Account, AccountYear
from backend.registry import service as registry
from backend.registry.schema import Hire
from tests.backend.people import USCC, a_person, an_employer

FIRST, LAST = Month(2024, 10), Month(2026, 12)
ADJUSTED = Month(2025, 7)  # when the increase of 2025 is run
FUND_FEN = 1_000_000_000
MAN, WOMAN = "1", "2"

# ---- plain arithmetic: Shanghai's numbers as the packs of 2024 to 2026 have them ----

AVERAGE = {
    FIRST: 12307,
    Month(2025, 7): 12434,
    Month(2026, 7): 12577,
}  # a third of the ceiling of the contribution year
BASES = {2024: 12307, 2025: 12434, 2026: 12434}  # 2026's own is not published: provisional
RATES = {2024: Decimal("0.0262"), 2025: Decimal("0.0150"), 2026: Decimal("0.0150")}
DIVISORS = {50: 195, 51: 190, 55: 170, 56: 164, 60: 139, 61: 132}


def rounded(yuan: Decimal, unit: str = "0.01") -> Decimal:
    return yuan.quantize(Decimal(unit), ROUND_HALF_UP)


@dataclass
class Life:
    """Somebody of the table: what was before October 2024, and what came since."""

    sex: str
    track: int
    birth: date
    legal: date
    order: int
    months: int = field(init=False)
    parts: int = field(init=False)  # the average index before, in ten-thousandths
    held: Decimal = field(init=False)  # the account at the end of 2023
    wage: int = field(init=False)

    def __post_init__(self) -> None:
        self.months, self.parts = 251 + 7 * self.order, 7_000 + 611 * self.order
        self.held, self.wage = Decimal("88123.45") + 4321 * self.order, 8_000 + 700 * self.order

    @property
    def ident(self) -> str:
        odd = 2 * self.order + (1 if self.sex == MAN else 2)
        return numbers.citizen_number("310101", f"{self.birth:%Y%m%d}", odd)

    @property
    def account_number(self) -> str:
        return numbers.bank_account(10**6 + self.order)

    @property
    def retired(self) -> Month:
        return Month.of(self.legal)

    @property
    def paid(self) -> list[Month]:
        """The months that were paid here."""
        return list(FIRST.until(self.retired))

    @property
    def share(self) -> Decimal:
        return Decimal(self.wage) * 8 / 100

    def account(self) -> Decimal:
        """月积数法: a year's interest on what it began with, and of each month's share from its month on."""
        held = self.held
        for year in range(2024, self.retired.year + 1):
            until = self.retired.month if year == self.retired.year else 12
            paid = [one.month for one in self.paid if one.year == year]
            products = held * until + sum(self.share * (until - month + 1) for month in paid)
            held += self.share * len(paid) + rounded(products * RATES[year] / 12)
        return held

    def award(self) -> Decimal:
        """(base + base × index) ÷ 2 × (years % + odd months × 0.083 %), and the account ÷ divisor; each to the jiao."""
        months = self.months + len(self.paid)
        base = Decimal(BASES[self.retired.year])
        parts = self.months * self.parts
        for one in self.paid:
            average = [known for since, known in AVERAGE.items() if since <= one][-1]
            parts += int(rounded(Decimal(self.wage) * 10_000 / average, "1"))
        index = rounded(Decimal(parts) / months / 10_000, "0.0001")
        share = (months // 12 + months % 12 * Decimal("0.083")) / 100
        return rounded(base * (1 + index) / 2 * share, "0.1") + rounded(
            self.account() / self.divisor(), "0.1"
        )

    def divisor(self) -> Decimal:
        """计发月数: from 2025 on by the month, in a line from one year of age to the next."""
        years, odd = divmod(self.retired - Month.of(self.birth), 12)
        low, high = DIVISORS[years], DIVISORS[years + 1]
        return rounded(low + Decimal(high - low) * odd / 12, "0.1")

    def raised(self) -> Decimal:
        """2025: 40 yuan, one for each whole year, 0.6 % of the pension to the jiao; for who retired before that year."""
        if self.retired.year > 2024:
            return Decimal(0)
        years = (self.months + len(self.paid)) // 12
        return 40 + years + rounded(self.award() * 6 / 1000, "0.1")

    def drawn(self, last: Month = LAST) -> Decimal:
        """Every month from the one after, the increase from January 2025."""
        return (last - self.retired) * (self.award() + self.raised())


# ---- the months, by the real commands ----


@dataclass
class City:
    """Who works and retires here, and whoever acts for them."""

    run: Runner
    clock: FixedClock
    people: Sequence[Life]
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        self.office = Office(self.run)
        self.on(FIRST, 1)
        self.run.system(payout.open_books, FUND_FEN, FUND_FEN, maker="a", checker="b")
        self._enrol()

    def on(self, month: Month, day: int) -> None:
        self.clock.set(datetime(month.year, month.month, day, 10, tzinfo=CHINA))

    def _enrol(self) -> None:
        """Hired in 1993; what was before these books is known as a sum. Women on 50 are so by evidence of their post."""
        an_employer(self.run)
        for life in self.people:
            person = a_person(self.run, life.ident)
            hired = Hire(uscc=USCC, ident=life.ident, name="张秀䶮", started=date(1993, 11, 1))
            self.run.system(registry.hire, hired)
            self.run.system(before, person, life)
            to = {"bank": numbers.BANK, "number": life.account_number, "holder": "张秀䶮", "standing": True}
            self.office.do("REG-22", ident=life.ident, **to)
            if life.track == 50:
                post = {"post": "装配工", "evidence": "劳动合同、工资表", "document": "岗位证明 1 号"}
                self.office.do("PEN-14", ident=life.ident, track="worker", **post)

    def month(self, month: Month) -> None:
        self.on(month, 3)
        if month.month == 1:
            self.office.do("PEN-06", year=month.year - 1)
        if month == ADJUSTED:
            self.office.do("PEN-41", year=2025)
        working = [life for life in self.people if life.retired >= month]
        if month == FIRST or month.month == 7:
            for life in working:
                wage = {"since": str(month), "wage_fen": life.wage * 100}
                self.office.do("LEV-02", by=self.office.boss(USCC), uscc=USCC, ident=life.ident, **wage)
        if working:
            self.levy(month, len(working))
        if len(working) < len(self.people):
            self.pay(month)
        for life in working:
            self.retire(life, month)

    def levy(self, month: Month, working: int) -> None:
        """Billed on the sixth, paid on the twentieth; but for medical insurance, whose rate is known from July 2025."""
        self.on(month, 6)
        billed = self.office.do("LEV-04", month=str(month))
        assert billed.problems == (working if month < Month(2025, 7) else 0)
        self.on(month, 20)
        [owed] = self.office.rows(OWED, kinds=["dues"])
        came = {"amount_fen": owed["owed"], "received_on": self.clock.today().isoformat()}
        self.office.do("LEV-05", channel="bank", reference=f"BANK-{month}", payer=USCC, **came)

    def pay(self, month: Month) -> None:
        """Posted, sent to the bank, and answered: everything went through."""
        self.on(month, 21)
        self.office.do("PEN-05", month=str(month))
        for row in self.office.rows(UNSENT):
            self.office.do("PAY-02", batch=row["batch"], profile="plain")
        for row in self.office.rows(OPEN_FILES):
            said = bank.answer(row["profile"], self.office.fetch(row["sent"]), lambda number: PAID)
            self.office.do("PAY-03", file=row["file"], returned=self.office.keep("回盘.txt", said))

    def retire(self, life: Life, month: Month) -> None:
        """In the month before the law's own nobody goes; in the law's own month everybody does, at what they are due."""
        self.on(month, 25)
        if month == life.retired - 1:
            early: type[Refusal] = NoNotice if life.legal > day_of(life) else NotYet
            with pytest.raises(early):
                self.office.do("PEN-04", ident=life.ident, retired=str(month))
            with pytest.raises(NotRetiredYet):
                self.office.do("PEN-04", ident=life.ident)
        if month == life.retired:
            award = self.office.do("PEN-04", ident=life.ident)
            assert (award.retired, award.first_month) == (str(month), str(month + 1))
            assert Money(award.total_fen).text == f"{life.award():.2f}", (life, award.facts)
            assert award.provisional is (month.year == 2026)


def day_of(life: Life) -> date:
    """When they would have retired by the law before the reform."""
    return (Month.of(life.birth) + 12 * life.track).last


def before(uow: Uow, person: int, life: Life) -> None:
    """A working life before these books: how many months, on what average index, and what the account held."""
    account, left = uow.session.get_one(Account, person), Money.yuan(str(life.held))
    account.months_paid, account.index_sum = life.months, life.months * life.parts
    none = {"credited": Money(0), "interest": Money(0), "paid": Money(0), "rate": 0}
    uow.session.add(AccountYear(person_id=person, year=2023, months=12, opening=left, closing=left, **none))
