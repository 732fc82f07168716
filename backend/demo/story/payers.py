"""Payers of the story 缴款人: who declares, and how each month's money comes in: whole, in part, late, too much,
under no name, twice, by file, by message and online."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from backend.demo.story.office import Office
from backend.kernel import codes
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month

TOO_MUCH_FEN = 123_456
FIRST_WAGE_FEN = 800_000  # 演示: of whoever has never declared one
RAISE_PERCENT = 8  # 演示: by how much a wage may grow in a year
STAFF = """
  select e.uscc, p.ident, coalesce(d.wage, :first) as wage from registry.enrolment o
  join registry.person p on p.id = o.person_id left join registry.employer e on e.id = o.employer_id
  left join lateral (select wage from levy.declared_base where person_id = p.id order by since desc limit 1) d on true
  where o.insurance = '110' and o.ended is null and p.died is null
    and not exists (select from levy.declared_base b where b.person_id = p.id
      and b.employer_id is not distinct from o.employer_id and b.since <= :month and b.until >= :month)
  order by e.uscc, p.ident
"""
OWED = """
  select coalesce(e.uscc, p.ident) as payer, coalesce(e.name, p.name) as name, e.id is null as alone,
    sum(b.due - b.paid - b.written_off)::bigint as owed
  from levy.bill b left join registry.employer e on e.id = b.employer_id left join registry.person p on p.id = b.person_id
  where b.paid + b.written_off < b.due and b.voided_at is null and b.kind = any(:kinds)
  group by 1, 2, 3 order by 1
"""
HEADS = "公民身份号码,从哪个月起,上年度月平均工资（元）"
ODD = 5  # 演示: so many payers a month do not pay in the usual way
WAYS = ("part", "late", "more", "nobody", "reversed", "online", "refunded", "twice")


@dataclass
class Payers:
    """Who pays, and what of the month before is still to be put right."""

    office: Office
    chance: Random
    silent: str  # the employer that neither declares nor pays
    numbers: dict[str, int] = field(default_factory=dict)
    bounced: list[str] = field(default_factory=list)  # receipts that the bank takes back
    nameless: dict[str, str] = field(default_factory=dict)  # receipt → whose it will turn out to be

    # ---- declaring ----

    def declare(self, month: Month) -> None:
        """Whoever has no base for the month declares one; the silent employer never does."""
        staff: dict[str | None, list[Mapping[str, Any]]] = {}
        for row in self.office.rows(STAFF, month=month.first, first=FIRST_WAGE_FEN):
            staff.setdefault(row["uscc"], []).append(row)
        for uscc, people in staff.items():
            if uscc is None:
                for one in people:
                    self._choose(one["ident"], month, one["wage"])
            elif uscc != self.silent:
                self._declare(uscc, people, month)

    def _declare(self, uscc: str, people: list[Mapping[str, Any]], month: Month) -> None:
        """One by the form, several by a table."""
        boss = self.office.boss(uscc)
        wages = [(one["ident"], self._grown(one["wage"])) for one in people]
        if len(wages) == 1:
            [(ident, fen)] = wages
            self.office.do("LEV-02", by=boss, uscc=uscc, ident=ident, since=str(month), wage_fen=fen)
            return
        lines = [HEADS, *(f"{ident},{month},{Money(fen).text}" for ident, fen in wages)]
        table = self.office.keep("基数.csv", "\n".join(lines).encode("gb18030"), by=boss)
        done = self.office.do("LEV-15", by=boss, uscc=uscc, file=table)
        if done.refused:
            raise ValueError(f"{uscc}: {done}")

    def _choose(self, ident: str, month: Month, wage_fen: int) -> None:
        me = self.office.citizen(ident)
        limits = self.office.do("LEV-Q9", by=me, ident=ident)
        fen = min(max(self._grown(wage_fen), limits.floor_fen), limits.ceiling_fen)
        self.office.do("LEV-03", by=me, ident=ident, since=str(month), base_fen=fen)

    def _grown(self, fen: int) -> int:
        return fen * (100 + self.chance.randrange(RAISE_PERCENT + 1)) // 100

    # ---- paying ----

    def owing(self, *kinds: str) -> dict[str, Mapping[str, Any]]:
        """Payers who owe dues (or these kinds), without the one that never pays."""
        rows = self.office.rows(OWED, kinds=list(kinds or ("dues",)))
        return {row["payer"]: row for row in rows if row["payer"] != self.silent}

    def pay(self) -> None:
        """A few pay in a way of their own; of all others the money comes in three files."""
        for reference, payer in self.nameless.items():
            self.office.do("LEV-06", channel="bank", reference=reference, payer=payer)
        self.nameless = {}
        owing = self.owing()
        bosses = [payer for payer, row in owing.items() if not row["alone"]]
        odd = self.chance.sample(bosses, min(ODD, len(bosses) // 2))
        for way, payer in zip(self.chance.sample(WAYS, len(WAYS)), odd, strict=False):
            getattr(self, f"_{way}")(payer, owing[payer]["owed"])
        rest = [row for payer, row in owing.items() if payer not in odd]
        alone = [row for row in rest if row["alone"]]
        staffed = [row for row in rest if not row["alone"]]
        half = len(staffed) // 2
        for channel, rows in (("bank", staffed[:half]), ("treasury", staffed[half:]), ("tax", alone)):
            self._file(channel, rows)

    def bounce(self) -> None:
        """The bank takes back what was never there."""
        for reference in self.bounced:
            self.office.do("LEV-07", channel="bank", reference=reference, reason="银行退回")
        self.bounced = []

    def pay_late(self) -> None:
        """After the due day: those who come late, with the late fees raised so far."""
        for payer, row in self.owing("dues", "late_fee").items():
            if self.chance.random() < 0.5:
                self._take(payer, row["owed"])

    def _file(self, channel: str, rows: list[Mapping[str, Any]]) -> None:
        if not rows:
            return
        day = f"{self.office.run.clock.today():%Y%m%d}"
        columns = codes.table(f"receipt_{channel}").codes
        lines = [f"H|{channel}|{day}"]
        for row in rows:
            facts = {
                "reference": self._number(channel),
                "payer": row["payer"],
                "payer_name": row["name"],
                "amount": Money(row["owed"]).text,
                "received_on": day,
                "budget_item": "10201",
            }
            lines.append("|".join(facts[column] for column in columns))
        total = Money(sum(row["owed"] for row in rows)).text
        content = "\n".join([*lines, f"T|{len(rows)}|{total}\n"]).encode("gb18030")
        kept = self.office.keep(f"{channel}-{day}.txt", content)
        given: dict[str, Any] = {
            "channel": channel,
            "day": self.office.run.clock.today().isoformat(),
            "file": kept,
        }
        taken = self.office.do("LEV-14", **given)
        if taken.taken != len(rows):
            raise ValueError(f"{channel}: {taken}")

    def _number(self, channel: str) -> str:
        """A reference that the channel has not given yet."""
        self.numbers[channel] = n = self.numbers.get(channel, 0) + 1
        return f"{channel.upper()}-{n:06d}"

    def _take(self, payer: str, fen: int, channel: str = "bank", reference: str = "") -> str:
        reference = reference or self._number(channel)
        self.office.do(
            "LEV-05",
            channel=channel,
            reference=reference,
            payer=payer,
            amount_fen=fen,
            received_on=self.office.run.clock.today().isoformat(),
        )
        return reference

    # ---- ways of paying that are not the usual one ----

    def _part(self, payer: str, owed: int) -> None:
        self._take(payer, max(owed // 3, 1))

    def _late(self, payer: str, owed: int) -> None:
        """Nothing now: `pay_late` or the next month."""

    def _more(self, payer: str, owed: int) -> None:
        """What is over waits for the next month's dues."""
        self._take(payer, owed + TOO_MUCH_FEN)

    def _refunded(self, payer: str, owed: int) -> None:
        """What is over goes back."""
        reference = self._take(payer, owed + TOO_MUCH_FEN)
        self.office.do("LEV-08", channel="bank", reference=reference, reason="多缴退回")

    def _nobody(self, payer: str, owed: int) -> None:
        """Nobody knows whose money it is, until next month."""
        self.nameless[self._take("某单位社保费", owed)] = payer

    def _reversed(self, payer: str, owed: int) -> None:
        """The bank finds that the money was not there; it comes late, under another number."""
        self.bounced.append(self._take(payer, owed))

    def _online(self, payer: str, owed: int) -> None:
        self.office.do("LEV-10", by=self.office.boss(payer), uscc=payer, amount_fen=owed)

    def _twice(self, payer: str, owed: int) -> None:
        """The bank sends the same message once more."""
        reference = self._take(payer, owed)
        with suppress(Refusal):
            self._take(payer, owed, reference=reference)
            raise ValueError(f"{reference} was taken twice")
