"""A small town in which anything may be done in any order: dues and pensions, files and cards, stops, deaths, closing.

Every step is a real command, filed by one officer and approved by others where it needs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from backend.demo import numbers
from backend.demo.story import bank
from backend.demo.story.office import Office
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.bankfiles.profiles import PAID, PENDING, profiles
from backend.registry import service as registry
from backend.registry.model import BankAccount
from backend.registry.schema import IssueCard, Leave
from backend.wiring import CHECKS
from tests.backend import sums
from tests.backend.levy.town import LOW, MIDDLE, SUN, WANG, WHOLE, ZHAO, a_town, flexible
from tests.backend.payout.city import fund
from tests.backend.payout.terminal import Card, Terminal
from tests.backend.pension.test_service import pay_from, with_account
from tests.backend.people import USCC, ZHANG, an_employer

FIRST = Month(2026, 8)
OTHER = numbers.credit_code(43, "350100", "91")
NEIGHBOUR = numbers.citizen_number("310101", "19630215", 3)
MAN = numbers.citizen_number("310101", "19631015", 1)
RETIRED = {MAN: "2023-10", NEIGHBOUR: "2023-02"}
FAMILY = f"{WANG} 子女 2/3\n{ZHAO} 子女 1/3"
AMOUNTS = (1, 777, 1_000_001, WHOLE // 3, WHOLE - 1, WHOLE, WHOLE + 50_000, 3 * WHOLE)
PAYERS = (USCC, USCC, OTHER, ZHANG, "某某公司")
FILES = "select f.id, f.profile, f.sent from payout.bank_file f order by id"
CASH_FEN = 50_000_000
STEPS = (
    *("declare", "choose", "bill", "bill", "reassess", "move"),
    *("take", "take", "take_whole", "take_file", "reverse", "assign", "refund", "write_off"),
    *("pay_month", "send", "send", "answer", "answer", "answer_again", "mend"),
    *("collect", "collect", "count", "suspend", "resume", "die", "claim", "offset", "repay"),
    *("grant", "inherit", "pay_family", "take_back"),
    *("imprison", "release", "prove", "lapse"),
    *("wait", "wait", "close", "reopen"),
)


def a_place(run: Runner, clock: FixedClock) -> None:
    """Two employers, three employees, one who insures themselves; two pensioners with cards and accounts."""
    a_town(run, clock)
    an_employer(run, OTHER, name="隔壁有限公司")
    flexible(run, ZHANG, FIRST)
    fund(run)
    for n, (ident, retired) in enumerate(RETIRED.items()):
        person = with_account(run, ident, months=360, balance="5000", index=10_500)
        run.system(registry.leave, Leave(uscc=USCC, ident=ident, ended=date(2026, 6, 30), reason="6301"))
        Office(run).do("PEN-04", ident=ident, retired=retired)
        run.system(pay_from, person, FIRST)
        run.system(_card_and_account, person, ident, n)


def _card_and_account(uow: Any, person: int, ident: str, n: int) -> None:
    card = {
        "ident": ident,
        "card_no": numbers.card_number(n + 1),
        "card_code": numbers.card_code("310000", n),
    }
    days = {"issued": "2024-01-02", "expires": "2034-01-01", "version": "3.00"}
    registry.issue_card(uow, IssueCard.model_validate(card | days))
    account = {"bank": "示例银行", "number": numbers.bank_account(n), "holder": "张秀䶮", "standing": True}
    uow.session.add(BankAccount(person_id=person, **account))


class Walk:
    """One way through the town; what is not possible now is refused, and that is an answer too."""

    def __init__(self, run: Runner, clock: FixedClock, chance: Random, kiosk: Terminal) -> None:
        self.run, self.clock, self.chance, self.kiosk = run, clock, chance, kiosk
        self.office = Office(run)
        self.numbers: Iterator[int] = count(1)
        self.done = Counter[str]()
        self.start = run.system(sums.before, (FIRST - 1).first)

    @property
    def month(self) -> Month:
        return Month.of(self.clock.today())

    def step(self, name: str) -> None:
        try:
            getattr(self, f"_{name}")()
        except (Refusal, LookupError):  # not now; nothing to choose from yet
            return
        self.done[name] += 1

    def holds(self) -> None:
        """What must be true after every step."""
        for check in CHECKS:
            assert self.run.system(check) == []
        sums.hold(self.run, self.start)

    def _one(self, asked: str, **facts: Any) -> Any:
        """One of the rows, where there is any."""
        found = self.office.rows(asked, **facts)
        if not found:
            raise LookupError
        return self.chance.choice(found)

    # ---- levy ----

    def _declare(self) -> None:
        given = {
            "since": str(FIRST + self.chance.randrange(4)),
            "wage_fen": self.chance.choice((LOW, MIDDLE)),
        }
        boss = self.chance.choice((USCC, USCC, OTHER))
        self.office.do("LEV-02", uscc=boss, ident=self.chance.choice((WANG, ZHAO, SUN)), **given)

    def _choose(self) -> None:
        self.office.do("LEV-03", ident=ZHANG, since=str(self.month), base_fen=MIDDLE)

    def _bill(self) -> None:
        self.office.do("LEV-04", month=str(self.chance.choice((FIRST, self.month, self.month))))

    def _reassess(self) -> None:
        who = self.chance.choice((WANG, ZHAO, SUN))
        wage = self.chance.choice((LOW, MIDDLE, 2 * MIDDLE))
        until = self._one("select to_char(month, 'YYYY-MM') as month from levy.run order by id")["month"]
        given = {"since": str(FIRST), "until": until, "wage_fen": wage}
        self.office.do("LEV-16", uscc=USCC, ident=who, **given)

    def _move(self) -> None:
        """From one employer to the other, at the end of last month."""
        who = self.chance.choice((WANG, ZHAO, SUN))
        left, ended = self.chance.sample((USCC, OTHER), 2), (self.month - 1).last
        self.office.do("REG-04", uscc=left[0], ident=who, ended=ended.isoformat(), reason="6301")
        given = {"ident": who, "name": "张秀䶮", "started": self.month.first.isoformat()}
        self.office.do("REG-03", uscc=left[1], **given)

    def _take(self) -> None:
        """Under one of few references, so that some come twice; on the day or late."""
        day = self.clock.today() - timedelta(days=self.chance.choice((0, 0, 9)))
        self.office.do(
            "LEV-05",
            channel=self.chance.choice(("bank", "tax")),
            reference=f"B{self.chance.randrange(6):04}",
            payer=self.chance.choice(PAYERS),
            amount_fen=self.chance.choice(AMOUNTS),
            received_on=day.isoformat(),
        )

    def _take_whole(self) -> None:
        """All that the employer owes, to the fen."""
        owed = self.office.do("LEV-Q1", uscc=USCC).owed_fen
        day = self.clock.today().isoformat()
        given = {"channel": "bank", "payer": USCC, "amount_fen": max(owed, 1), "received_on": day}
        self.office.do("LEV-05", reference=f"W{next(self.numbers):04}", **given)

    def _take_file(self) -> None:
        """Some of its lines may have come before, by file or by message."""
        day, n = self.clock.today(), self.chance.randrange(1, 4)
        lines, total = [f"H|bank|{day:%Y%m%d}"], 0
        for reference in self.chance.sample(range(6), n):
            fen = self.chance.choice(AMOUNTS)
            payer = self.chance.choice(PAYERS)
            lines.append(f"B{reference:04}|{payer}|户名|{Money(fen).text}|{day:%Y%m%d}")
            total += fen
        content = "\n".join([*lines, f"T|{n}|{Money(total).text}\n"]).encode("gb18030")
        kept = self.office.keep("到账.txt", content)
        self.office.do("LEV-14", channel="bank", day=day.isoformat(), file=kept)

    def _receipt(self, which: str) -> dict[str, str]:
        asked = f"select channel, reference from levy.receipt where reversed_at is null {which} order by id"
        return dict(self._one(asked))

    def _reverse(self) -> None:
        self.office.do("LEV-07", **self._receipt(""), reason="银行退回")

    def _assign(self) -> None:
        self.office.do("LEV-06", **self._receipt("and unallocated > 0"), payer=self.chance.choice(PAYERS))

    def _refund(self) -> None:
        self.office.do("LEV-08", **self._receipt("and unallocated > 0"), reason="多缴")

    def _write_off(self) -> None:
        bill = self._one("select id from levy.bill where paid + written_off < due order by id")["id"]
        self.office.do("LEV-09", bill=bill, reason="无法收回")

    # ---- payout ----

    def _pay_month(self) -> None:
        self.office.do("PEN-05", month=str(self.month))

    def _send(self) -> None:
        batch = self._one("select id from payout.batch order by id")["id"]
        self.office.do("PAY-02", batch=batch, profile=self.chance.choice(list(profiles())))

    def _answer(self) -> None:
        """The bank says of each line what it likes."""
        one = self._one(FILES)
        sent = self.office.fetch(one["sent"])
        content = bank.answer(
            one["profile"], sent, lambda number: self.chance.choice((PAID, PAID, "03", PENDING))
        )
        kept = self.office.keep("回盘.txt", content)
        self.office.do("PAY-03", file=one["id"], returned=kept)

    def _answer_again(self) -> None:
        """The same answer once more, perhaps of another file."""
        returned = self._one("select returned from payout.bank_file where returned is not null order by id")
        self.office.do("PAY-03", file=self._one(FILES)["id"], returned=returned["returned"])

    def _mend(self) -> None:
        number = numbers.bank_account(100 + next(self.numbers))
        who = self.chance.choice(list(RETIRED))
        standing = self.chance.random() < 0.8
        account = {"bank": "示例银行", "number": number, "holder": "张秀䶮", "standing": standing}
        self.office.do("REG-22", ident=who, **account)

    def _collect(self) -> None:
        """At the kiosk; between card and notes the pension may be stopped, and the kiosk may fall silent."""
        n = self.chance.randrange(len(RETIRED))
        ident = list(RETIRED)[n]
        card = Card(self.run.vault, ident, numbers.card_number(n + 1), numbers.card_code("310000", n))
        visit = self.kiosk.visit(card)
        free = [one for one in visit.payables if one.state == "payable"]
        if not free:
            raise LookupError
        visit = visit.model_copy(update={"payables": (self.chance.choice(free),)})
        opened = self.kiosk.open(visit)
        if self.chance.random() < 0.2:
            self._suspend()
        confirmed = self.kiosk.confirm(visit, opened, card)
        ending = self.chance.choice(("paid", "paid", "silent", "not"))
        if ending == "silent":
            return
        if ending == "not":
            self.kiosk.dispenser.clear()
            self.kiosk.report(opened.order, "not", self.kiosk.dispenser.status(opened.order))
            return
        assert confirmed.token
        self.kiosk.dispenser.hand_out(opened.order, confirmed.token, visit.payables[0].amount_fen)
        self.kiosk.report(opened.order, "paid", self.kiosk.dispenser.status(opened.order))
        self.kiosk.dispenser.clear()

    def _count(self) -> None:
        self.run.system(payout.settle_stale)
        order = self._one("""select id from payout."order" where state = 'in_doubt' order by id""")["id"]
        self.office.do("PAY-21", order=order, handed_out=self.chance.random() < 0.5)

    def _suspend(self) -> None:
        since = str(FIRST + self.chance.randrange(self.month - FIRST + 2))
        given = {"since": since, "reason": "04", "claims": self.chance.random() < 0.5, "document": "停1"}
        self.office.do("PEN-21", ident=self.chance.choice(list(RETIRED)), **given)

    def _resume(self) -> None:
        since = self.chance.choice(({}, {"since": str(self.month)}, {"since": str(self.month + 1)}))
        self.office.do("PEN-22", ident=self.chance.choice(list(RETIRED)), document="复1", **since)

    def _imprison(self) -> None:
        day = self.clock.today() - timedelta(days=self.chance.randrange(90))
        given: dict[str, Any] = {"effective": day.isoformat(), "claims": self.chance.random() < 0.5}
        if self.chance.random() < 0.3:
            given["released"] = self.clock.today().isoformat()
        self.office.do("PEN-27", ident=self.chance.choice(list(RETIRED)), document="刑1号", **given)

    def _release(self) -> None:
        day = self.clock.today() - timedelta(days=self.chance.randrange(30))
        who = self.chance.choice(list(RETIRED))
        self.office.do("PEN-28", ident=who, released=day.isoformat(), document="释1号")

    def _prove(self) -> None:
        given = {"day": self.clock.today().isoformat(), "source": "医保门诊结算"}
        self.office.do("PEN-25", ident=self.chance.choice(list(RETIRED)), **given)

    def _lapse(self) -> None:
        """Stopped by hand, as by a run: the proofs of a walk's months never lapse."""
        given = {"since": str(self.month + 1), "reason": "02", "document": "认证1"}
        self.office.do("PEN-21", ident=self.chance.choice(list(RETIRED)), **given)

    def _die(self) -> None:
        died = self.clock.today() - timedelta(days=self.chance.randrange(90))
        given = {"died": died.isoformat(), "document": "殡证1", "reported_by": "家属"}
        self.office.do("REG-21", ident=NEIGHBOUR, **given)

    def _grant(self) -> None:
        self.office.do("PEN-50", ident=NEIGHBOUR, heirs=FAMILY, funeral="here", document="户口1")

    def _inherit(self) -> None:
        self.office.do("PEN-51", ident=NEIGHBOUR, heirs=FAMILY, document="户口1")

    def _pay_family(self) -> None:
        self.office.do("PEN-52")

    def _take_back(self) -> None:
        standing = "select id from pension.survivor_decision where withdrawn_at is null order by id"
        self.office.do("PEN-54", decision=self._one(standing)["id"], document="撤1")

    def _claim(self) -> None:
        given = {"amount_fen": self.chance.randrange(1, 200_000), "reason": "07", "note": "多算"}
        document = f"追{next(self.numbers)}号"
        who = self.chance.choice(list(RETIRED))
        self.office.do("PAY-31", ident=who, document=document, **given)

    def _recovery(self) -> int:
        return int(self._one("select id from payout.recovery where closed_at is null order by id")["id"])

    def _offset(self) -> None:
        percent = self.chance.randrange(1, 21)
        self.office.do("PAY-34", recovery=self._recovery(), percent=percent, document="抵1")

    def _repay(self) -> None:
        fen, slip = self.chance.randrange(1, 100_000), f"回单{next(self.numbers)}"
        self.office.do("PAY-32", recovery=self._recovery(), amount_fen=fen, document=slip)

    # ---- time and books ----

    def _wait(self) -> None:
        self.clock.set(self.clock.now() + timedelta(days=self.chance.choice((1, 13, 31))))

    def _close(self) -> None:
        self.office.do("FIN-01", month=self.office.do("FIN-Q6").due)

    def _reopen(self) -> None:
        closed = "select max(ym) as ym from ledger.period where status = 'closed' having max(ym) is not null"
        year, month = divmod(self._one(closed)["ym"], 100)
        self.office.do("FIN-02", month=f"{year}-{month:02}", reason="重新核对")
