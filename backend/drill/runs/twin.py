"""Twins: two cities that begin the same and do the same months; one of them is left in peace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.demo.story import bank
from backend.demo.story.office import APPROVAL, CHECKERS, CLERK, Office
from backend.demo.story.payers import OWED
from backend.drill.runs.work import Task
from backend.kernel.actor import Actor
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout.bankfiles.profiles import PAID, profiles

RUNS = {
    "bill": "应收核定",
    "payout": "养老金发放",
    "send": "银行报盘",
    "back": "银行回盘",
    "receipts": "到账文件",
}
DAYS = {"bill": 6, "payout": 8, "send": 9, "back": 12, "receipts": 27}
CLOSED = "03"
PART, MORE, NOBODY = 7, 5, 11  # 演示: one payer in so many pays in part, pays too much, is not known
TOO_MUCH_FEN = 12_345


@dataclass
class Twin:
    """One of the two. `owner`: the owner's address of its database."""

    owner: str
    run: Runner
    clock: FixedClock

    @property
    def office(self) -> Office:
        return Office(self.run)

    def tasks(self, month: Month) -> Iterator[Task]:
        """The runs of a month, each made ready when the one before has been done."""
        for name, day in DAYS.items():
            self.clock.set(datetime(month.year, month.month, day, 10, tzinfo=CHINA))
            code, by, body = getattr(self, f"_{name}")(month)
            yield Task(name, code, by, body, f"drill/{name}/{month}", self.clock.now())

    def _bill(self, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        return self._approval("LEV-04", month)

    def _payout(self, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        return self._approval("PEN-05", month)

    def _approval(self, code: str, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        """What waits for a second officer happens when they approve it."""
        filed = self.office.file(code, month=str(month))
        return APPROVAL, CHECKERS[0], {"no": filed.case_no, "decision": "approved"}

    def _send(self, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        forms = list(profiles())
        [batch] = self.office.rows("select max(id) as id from payout.batch")
        return "PAY-02", CLERK, {"batch": batch["id"], "profile": forms[month.number % len(forms)]}

    def _back(self, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        """Of some accounts the bank says that they are no more."""
        [file] = self.office.rows("select id, profile, sent from payout.bank_file order by id desc limit 1")
        sent = self.office.fetch(file["sent"])
        content = bank.answer(file["profile"], sent, lambda number: PAID if int(number) % 17 else CLOSED)
        return "PAY-03", CLERK, {"file": file["id"], "returned": self.office.keep("回盘.txt", content)}

    def _receipts(self, month: Month) -> tuple[str, Actor, dict[str, Any]]:
        """Everybody's money in one file, after the due day; some pay in part, some too much, some nobody knows."""
        day = f"{self.clock.today():%Y%m%d}"
        lines, total = [f"H|bank|{day}"], 0
        for n, row in enumerate(self.office.rows(OWED, kinds=["dues", "late_fee"])):
            fen = row["owed"] // 3 + 1 if n % PART == 0 else row["owed"] + TOO_MUCH_FEN * (n % MORE == 0)
            payer = f"来款{n}" if n % NOBODY == 1 else row["payer"]
            lines.append(f"DRILL-{day}-{n:05d}|{payer}|{row['name']}|{Money(fen).text}|{day}")
            total += fen
        content = "\n".join([*lines, f"T|{len(lines) - 1}|{Money(total).text}\n"]).encode("gb18030")
        given = {"channel": "bank", "day": self.clock.today().isoformat()}
        return "LEV-14", CLERK, given | {"file": self.office.keep(f"bank-{day}.txt", content)}
