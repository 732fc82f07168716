"""Notices to pay 催缴通知 (责令限期缴纳, 社会保险法 第六十三条、第八十六条): made for everybody in arrears as one set.

A payer has one open notice at most. A further run closes those that are paid or deferred since, makes notices for
who has none, and replaces one whose day has passed where more has become overdue. So nothing is ever made twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, type_coerce, update

from backend.kernel import codes, documents, files
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import MoneyType, Uow, see_everybody
from backend.kernel.errors import NotFound
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.levy import agreed, letters
from backend.levy.agreed import among, plans_of
from backend.levy.model import OPEN, Bill, Notice, Settlement
from backend.levy.noticed import (
    AskEmployerNotices,
    AskNotices,
    AskPersonNotices,
    IssueNotices,
    NoticeLine,
    NoticePrinted,
    NoticeRow,
    Notices,
    NoticesIssued,
    NoticeView,
    OwnNotices,
    PrintNotice,
)
from backend.levy.paying import late_fee_fen
from backend.levy.rules.deferring import Plan, spared
from backend.levy.schema import KINDS
from backend.registry import service as registry

MOST = 1000  # notices of a list
SHOWN = 20  # notices of a payer
AT_ONCE = 1_000  # payers
ALONE = text("select pg_advisory_xact_lock(hashtext('levy.notices'))")
PAY_DAYS = "levy.notice.pay_days"


@dataclass
class Made:
    """What a run makes; written some thousand at a time."""

    pay_by: date
    first: int  # the number of the next notice
    n: int = 0
    employers: int = 0
    owed: int = 0
    late_fee: int = 0
    rows: list[Notice] = field(default_factory=list)


@item(
    "LEV-20",
    "催缴通知",
    may=Permission.LEVY_RUN,
    guide=Guide(
        what="给全部逾期没有缴清社会保险费的单位和灵活就业人员发限期缴纳通知；再做一次只补还没有通知的。",
        who="经办机构",
        law="社会保险法 第六十三条",
    ),
)
def issue_notices(uow: Uow, cmd: IssueNotices) -> NoticesIssued:
    require_reach(uow)
    see_everybody(uow)
    uow.session.execute(ALONE)
    look = Lookup(uow.today, settings().area)
    year = uow.today.year
    last = uow.session.scalar(select(func.max(Notice.no)).where(Notice.year == year)) or 0
    made = Made(uow.today + timedelta(days=look.value(PAY_DAYS)), last + 1)
    deferred = agreed.covered(uow, agreed.running(uow))
    closed = _close(uow, deferred)
    replaced = 0
    for payers in _by_payer(uow, deferred):
        known = _open_of(uow, payers)
        plans = plans_of(uow, [bill.id for _, bills in payers for bill in bills])
        for payer, bills in payers:
            old = known.get(payer)
            if old is not None:
                if old.pay_by >= uow.today or {bill.id for bill in bills} <= set(old.bills):
                    continue
                old.closed_on, old.closed = uow.today, "replaced"
                replaced += 1
            _make(uow, made, payer, bills, plans)
        uow.session.flush()  # who is replaced is closed before the new one is open
        _write(uow, made)
    still = select(func.count()).select_from(Notice).where(Notice.closed_on.is_(None))
    return NoticesIssued(
        issued=made.n,
        employers=made.employers,
        persons=made.n - made.employers,
        owed_fen=made.owed,
        late_fee_fen=made.late_fee,
        pay_by=made.pay_by,
        closed=closed,
        replaced=replaced,
        still_open=uow.session.scalar(still) or 0,
        warnings=look.warnings(),
    )


Payer = tuple[int | None, int | None]
Chunk = list[tuple[Payer, list[Any]]]


def _close(uow: Uow, deferred: set[int]) -> int:
    """Of what an open notice names nothing is owed any more (paid), or all that is, is put off (deferred)."""
    unpaid = select(Bill.id).where(Bill.id == func.any(Notice.bills), OPEN)
    n = 0
    for how, left in (("paid", unpaid), ("deferred", unpaid.where(~among(Bill.id, deferred)))):
        done = (
            update(Notice)
            .where(Notice.closed_on.is_(None), ~left.exists())
            .values(closed_on=uow.today, closed=how)
            .returning(Notice.id)
        )
        n += len(uow.session.scalars(done, execution_options={"synchronize_session": False}).all())
    return n


def _by_payer(uow: Uow, deferred: set[int]) -> Iterator[Chunk]:
    """Everybody's overdue bills, payer by payer."""
    rows = uow.session.execute(
        select(
            Bill.id,
            Bill.employer_id,
            Bill.person_id,
            Bill.month,
            Bill.insurance,
            Bill.kind,
            Bill.due_day,
            type_coerce(Bill.due - Bill.paid - Bill.written_off, MoneyType()).label("owed"),
        )
        .where(OPEN, Bill.due_day < uow.today, ~among(Bill.id, deferred))
        .order_by(Bill.employer_id, Bill.person_id, Bill.month, Bill.kind, Bill.insurance)
    )
    chunk: Chunk = []
    for payer, bills in groupby(rows, key=lambda row: (row.employer_id, row.person_id)):
        chunk.append((payer, list(bills)))
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _open_of(uow: Uow, payers: Chunk) -> dict[Payer, Notice]:
    employers, persons = ([one for payer, _ in payers if (one := payer[at])] for at in (0, 1))
    rows = uow.session.scalars(
        select(Notice).where(
            Notice.closed_on.is_(None),
            among(Notice.employer_id, employers) | among(Notice.person_id, persons),
        )
    )
    return {(row.employer_id, row.person_id): row for row in rows}


def _make(uow: Uow, made: Made, payer: Payer, bills: Sequence[Any], plans: Mapping[int, Plan]) -> None:
    fees = [_fee(bill, plans.get(bill.id), uow.today) if bill.kind == "dues" else 0 for bill in bills]
    owed, fee = sum(bill.owed.fen for bill in bills), sum(fees)
    made.rows.append(
        Notice(
            year=uow.today.year,
            no=made.first + made.n,
            employer_id=payer[0],
            person_id=payer[1],
            bills=[bill.id for bill in bills],
            lines=[
                {
                    "month": str(bill.month),
                    "insurance": bill.insurance,
                    "kind": bill.kind,
                    "due_day": str(bill.due_day),
                    "owed_fen": bill.owed.fen,
                    "late_fee_fen": raised,
                }
                for bill, raised in zip(bills, fees, strict=True)
            ],
            owed=Money(owed),
            late_fee=Money(fee),
            issued_on=uow.today,
            pay_by=made.pay_by,
            issued_at=uow.now,
            closed_on=None,
            closed=None,
        )
    )
    made.n += 1
    made.employers += payer[0] is not None
    made.owed += owed
    made.late_fee += fee


def _fee(bill: Any, plan: Plan | None, today: date) -> int:
    return late_fee_fen(bill.owed.fen, bill.due_day, today, spared(plan, today))


def _write(uow: Uow, made: Made) -> None:
    """With the names of the payers as they are today."""
    bosses = registry.employers(uow, {row.employer_id for row in made.rows if row.employer_id})
    people = registry.persons(uow, {row.person_id for row in made.rows if row.person_id})
    for row in made.rows:
        if row.employer_id is not None:
            row.name, row.number = bosses[row.employer_id].name, bosses[row.employer_id].uscc
        elif row.person_id is not None:
            row.name, row.number = people[row.person_id].name, people[row.person_id].ident
    uow.session.add_all(made.rows)
    uow.session.flush()
    made.rows.clear()


# ---- reading ----


@question("LEV-Q20", "催缴通知清单", may=Permission.LEVY_READ)
def notices(uow: Uow, ask: AskNotices) -> Notices:
    """Who was told, until when, and what has come since."""
    require_reach(uow)
    wanted: list[ColumnElement[bool]] = [
        Notice.closed_on.isnot(None) if ask.state == "closed" else Notice.closed_on.is_(None)
    ]
    if ask.state == "overdue":
        wanted.append(Notice.pay_by < uow.today)
    total = type_coerce(func.coalesce(func.sum(Notice.owed), 0), MoneyType())
    n, owed = uow.session.execute(select(func.count(), total).where(*wanted)).one()
    order = [Notice.id.desc()] if ask.state == "closed" else [Notice.pay_by, Notice.id]
    rows = uow.session.scalars(select(Notice).where(*wanted).order_by(*order).limit(MOST)).all()
    return Notices(n=n, owed_fen=owed.fen, notices=tuple(NoticeRow(**told) for told in _told(uow, rows)))


@question("LEV-Q21", "单位的催缴通知", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def notices_of_employer(uow: Uow, ask: AskEmployerNotices) -> OwnNotices:
    return _of_payer(uow, Notice.employer_id == registry.employer(uow, ask.uscc).id, ask.notice)


@question("LEV-Q22", "个人的催缴通知", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def notices_of_person(uow: Uow, ask: AskPersonNotices) -> OwnNotices:
    return _of_payer(uow, Notice.person_id == registry.person(uow, ask.ident).id, ask.notice)


def _of_payer(uow: Uow, whose: ColumnElement[bool], number: str | None) -> OwnNotices:
    asked = select(Notice).where(whose, *(_numbered(number) if number else ()))
    rows = uow.session.scalars(asked.order_by(Notice.id.desc()).limit(SHOWN)).all()
    if number and not rows:
        raise NotFound(what=f"催缴通知 {number} ")
    return OwnNotices(notices=tuple(_views(uow, rows)))


@item("LEV-23", "打印催缴通知书", may=Permission.LEVY_READ)
def print_notice(uow: Uow, cmd: PrintNotice) -> NoticePrinted:
    """The same paper that its payer gets online; kept, for who sends or hands it out."""
    require_reach(uow)
    row = uow.session.scalar(select(Notice).where(*_numbered(cmd.notice)))
    if row is None:
        raise NotFound(what=f"催缴通知 {cmd.notice} ")
    (seen,) = _views(uow, [row])
    content = documents.pdf(letters.notice(seen), uow.now)
    kept = files.keep(
        uow, name=f"{letters.called(seen)}.pdf", content=content, may=Permission.LEVY_READ, ours=True
    )
    return NoticePrinted(notice=seen.notice, name=seen.name, file=kept.file)


def _numbered(number: str) -> tuple[ColumnElement[bool], ...]:
    year, _, no = number.partition("-")
    return Notice.year == int(year), Notice.no == int(no)


def _views(uow: Uow, rows: Sequence[Notice]) -> Iterator[NoticeView]:
    for row, told in zip(rows, _told(uow, rows), strict=True):
        lines = tuple(
            NoticeLine(
                month=one["month"],
                insurance_name=codes.name("insurance", one["insurance"]),
                kind_name=KINDS[one["kind"]],
                due_day=date.fromisoformat(one["due_day"]),
                owed_fen=one["owed_fen"],
                late_fee_fen=one["late_fee_fen"],
            )
            for one in row.lines
        )
        yield NoticeView(**told, employer=row.employer_id is not None, lines=lines)


def _told(uow: Uow, rows: Sequence[Notice]) -> Iterator[dict[str, Any]]:
    """What was issued, and how it stands today: what has been paid since for the bills it names, and what is open."""
    named = {bill for row in rows for bill in row.bills}
    left = type_coerce(Bill.due - Bill.paid - Bill.written_off, MoneyType())
    open_bills = uow.session.execute(select(Bill.id, left).where(among(Bill.id, named), OPEN))
    still = {bill: owed.fen for bill, owed in open_bills}
    paid = uow.session.execute(
        select(Settlement.bill_id, Settlement.at, Settlement.amount).where(
            among(Settlement.bill_id, named), Settlement.undone_at.is_(None)
        )
    ).all()
    deferred = agreed.covered(uow, agreed.running(uow))
    for row in rows:
        own = set(row.bills)
        owed = sum(still.get(bill, 0) for bill in row.bills)
        yield {
            "notice": f"{row.year}-{row.no}",
            "number": row.number,
            "name": row.name,
            "issued_on": row.issued_on,
            "pay_by": row.pay_by,
            "owed_fen": row.owed.fen,
            "late_fee_fen": row.late_fee.fen,
            "paid_fen": sum(one.amount.fen for one in paid if one.bill_id in own and one.at > row.issued_at),
            "left_fen": owed,
            "state": _state(row, owed, own & still.keys() <= deferred, uow.today),
        }


def _state(row: Notice, left: int, deferred: bool, today: date) -> str:
    if row.closed in ("replaced", "deferred"):
        return str(row.closed)
    if not left:
        return "paid"
    return "deferred" if deferred else "overdue" if row.pay_by < today else "open"
