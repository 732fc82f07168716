"""Lives of the story: who retires, moves, leaves, dies, is stopped and paid again, and who was paid too much."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from backend.demo import numbers
from backend.demo.cast import CITIZENS
from backend.demo.story.kiosk import Card, Kiosk
from backend.demo.story.office import Office
from backend.kernel.errors import Refusal
from backend.kernel.period import Month

SHEET_FEN = 20_000_000  # 演示: what is put into the kiosk when it runs low
LOW_FEN = 5_000_000
VISITS = 2  # 演示: so many collect in cash each month, in turn
DRAWN_AT_ONCE = 2  # 演示: so many months are drawn in one go
OFFSET_PERCENT = 10
NEXT_EMPLOYER, ELSEWHERE = "6302", "6404"  # 减员原因
WORKERS = """
  select p.ident, p.name, e.uscc, j.started from registry.job j join registry.person p on p.id = j.person_id
  join registry.employer e on e.id = j.employer_id
  where j.ended is null and p.died is null and p.id > :cast order by p.id
"""
INSURED = """
  select p.ident from registry.enrolment o join registry.person p on p.id = o.person_id
  where o.insurance = '110' and o.ended is null group by p.ident order by p.ident
"""
RETIREES = """
  select p.ident, p.name, c.card_no, c.card_code, c.area, b.number, coalesce(b.standing, false) as standing,
    a.first_month as since
  from pension.award a join registry.person p on p.id = a.person_id join registry.card c on c.person_id = p.id
  left join registry.bank_account b on b.person_id = p.id
  where a.state = 'active' and p.died is null order by p.id
"""
RETURNED = """
  select distinct p.ident, p.name, l.number from payout.bank_line l join payout.payable d on d.id = l.payable_id
  join registry.person p on p.id = d.person_id join registry.bank_account b on b.person_id = p.id
  where l.result = 'returned' and d.state = 'payable' and b.number = l.number order by p.ident
"""
RECOVERIES = """
  select id, "left", amount, way from payout.recovery where closed_at is null order by id
"""
CASH = """
  select coalesce(sum(b.debit - b.credit), 0)::bigint as fen from ledger.account a
  join ledger.balance b on b.account = a.id where a.kind = 'cash' and a.owner = :kiosk
"""


@dataclass
class Lives:
    """What happens to people, month by month."""

    office: Office
    chance: Random
    kiosk: Kiosk
    due: dict[str, Month] = field(default_factory=dict)  # when everybody who is insured may retire
    suspended: list[str] = field(default_factory=list)
    accounts: int = 0
    slips: int = 0

    def foresee(self) -> None:
        """When everybody who works now may retire, by the system's own answer."""
        for one in self.office.rows(INSURED):
            told = self.office.do("PEN-Q1", ident=one["ident"])
            if not told.award:
                self.due[one["ident"]] = Month.of(told.retirement)

    # ---- retiring ----

    def retire(self, month: Month) -> int:
        """Those whose time came last month: the pension is worked out, which ends their jobs, and goes to their bank."""
        retired = 0
        for ident in [one for one, when in self.due.items() if when == month - 1]:
            with suppress(Refusal):  # whose months are too few goes on paying
                self.office.do("PEN-04", ident=ident, retired=str(month - 1))
                self._new_account(ident, self.office.do("PEN-Q1", ident=ident).name)
                retired += 1
        return retired

    def _new_account(self, ident: str, name: str) -> None:
        self.accounts += 1
        number = numbers.bank_account(10**6 + self.accounts)
        self.office.do("REG-22", ident=ident, bank=numbers.BANK, number=number, holder=name, standing=True)

    # ---- moving ----

    def move(self, month: Month, uscc: str | None = None) -> str:
        """One leaves at last month's end; for another employer (`uscc`), or the city. The citizen number."""
        workers = self.office.rows(WORKERS, cast=len(CITIZENS))
        known = [one for one in workers if one["uscc"] != uscc and one["started"] < (month - 1).first]
        one = self.chance.choice(known)
        last = (month - 1).last.isoformat()
        why = NEXT_EMPLOYER if uscc else ELSEWHERE
        self.office.do("REG-04", uscc=one["uscc"], ident=one["ident"], ended=last, reason=why)
        if uscc:
            given = {"ident": one["ident"], "name": one["name"], "started": month.first.isoformat()}
            self.office.do("REG-03", by=self.office.boss(uscc), uscc=uscc, **given)
        return str(one["ident"])

    # ---- dying ----

    def die(self, today: date, *, days_ago: int, standing: bool) -> str:
        """One of those paid by bank (`standing`) or by card died so many days ago, and it is reported today."""
        died = today - timedelta(days=days_ago)
        paid = [one for one in self._others() if one["standing"] is standing and one["since"] <= died]
        one = self.chance.choice(paid)
        document = f"殡证〔{today.year}〕{one['ident'][-4:]}号"
        self.office.do(
            "REG-21", ident=one["ident"], died=died.isoformat(), document=document, reported_by="家属"
        )
        return str(one["ident"])

    def _others(self) -> list[Mapping[str, Any]]:
        """Retirees who are not of the cast: those are still wanted."""
        cast = {member.login for member in CITIZENS}
        return [one for one in self.office.rows(RETIREES) if one["ident"] not in cast]

    # ---- stopped, resumed, claimed ----

    def suspend(self, month: Month) -> None:
        one = self.chance.choice([one for one in self._others() if one["standing"]])
        given: dict[str, Any] = {"since": str(month), "reason": "02", "claims": False, "document": "停发1号"}
        self.office.do("PEN-21", ident=one["ident"], **given)
        self.suspended.append(one["ident"])

    def resume(self) -> None:
        for ident in self.suspended:
            self.office.do("PEN-22", ident=ident, document="恢复1号")
        self.suspended = []

    def claim(self, month: Month) -> None:
        """One was paid too much, and it is kept back from what follows."""
        one = self.chance.choice([one for one in self._others() if one["standing"]])
        document = f"追〔{month}〕1号"
        given: dict[str, Any] = {
            "amount_fen": 1_000_001,
            "reason": "07",
            "note": "多算的月份",
            "document": document,
        }
        made = self.office.do("PAY-31", ident=one["ident"], **given)
        self.office.do("PAY-34", recovery=made.recovery, percent=OFFSET_PERCENT, document=document)

    def give_back(self) -> int:
        """Relatives give back what went too far: a half now, the rest with the next month."""
        back = 0
        for row in self.office.rows(RECOVERIES):
            if row["way"] != "once":
                continue
            whole = row["left"] < row["amount"]
            fen = row["left"] if whole else max(row["left"] // 2, 1)
            self.slips += 1
            self.office.do("PAY-32", recovery=row["id"], amount_fen=fen, document=f"退款回单{self.slips:04d}")
            back += fen
        return back

    # ---- at the bank and at the kiosk ----

    def mend(self) -> int:
        """Whose money the bank sent back opens another account."""
        returned = self.office.rows(RETURNED)
        for one in returned:
            self._new_account(one["ident"], one["name"])
        return len(returned)

    def some_number(self) -> str:
        """An account that is about to be closed."""
        return str(self.chance.choice([one for one in self._others() if one["standing"]])["number"])

    def collect(self, month: Month) -> str | None:
        """Some draw in cash, one of them changes their mind; once a year a kiosk dies, and that order comes back."""
        cards = [one for one in self.office.rows(RETIREES) if not one["standing"]]
        turn = month.number * VISITS % max(len(cards), 1)
        doubtful = None
        for n, one in enumerate((cards * 2)[turn : turn + min(VISITS, len(cards))]):
            self._fill()
            card = Card(one["ident"], one["card_no"], one["card_code"], one["area"])
            if n == 0 and month.month == 9:
                doubtful = self.kiosk.collect(card, "silent")
                continue
            if n == 1:
                self.kiosk.collect(card, "not")
            for _ in range(DRAWN_AT_ONCE):
                self.kiosk.collect(card)
        return doubtful

    def count(self, order: str) -> None:
        """Two officers count the kiosk that died: the money is gone."""
        self.office.do("PAY-21", order=order, handed_out=True)

    def _fill(self) -> None:
        [held] = self.office.rows(CASH, kiosk=self.kiosk.actor.id)
        if held["fen"] < LOW_FEN:
            self.slips += 1
            given: dict[str, Any] = {"amount_fen": SHEET_FEN, "sheet": f"S-{self.slips:04d}"}
            self.office.do("PAY-22", kiosk=self.kiosk.actor.id, **given)
