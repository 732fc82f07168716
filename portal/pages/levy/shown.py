"""How dues are laid out on a page: a row a month, a column an insurance, a picture of twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from backend.kernel.period import Month
from backend.levy.schema import KINDS, Bills, BillView, OwnLine
from portal import charts
from portal.language import gettext as _

STATES = {
    "paid": "已缴清",
    "part": "缴了一部分",
    "open": "还没有缴",
    "overdue": "逾期",
    "deferred": "缓缴",
    "given_up": "核销",
}


@dataclass(frozen=True)
class Row:
    """One month of a payer."""

    month: str
    due: dict[str, int]  # by insurance; late fees under their own name
    total_fen: int
    paid_fen: int
    given_up_fen: int
    owed_fen: int
    until: date
    state: str

    @property
    def state_name(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class Dues:
    """What a payer is shown."""

    bills: Bills
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    picture: charts.Picture | None
    days_overdue: int
    relieved: tuple[BillView, ...]  # by policy, or taken back
    undeclared: tuple[Undeclared, ...]


@dataclass(frozen=True)
class Undeclared:
    """A month that was billed by the one before it, of so many persons."""

    month: str
    n: int
    percent: int


def dues(bills: Bills, today: date) -> Dues:
    named = dict.fromkeys(_column(one) for one in bills.bills)
    columns = tuple(sorted(named, key=lambda name: name == KINDS["late_fee"]))
    since = bills.overdue_since
    return Dues(
        bills=bills,
        columns=columns,
        rows=tuple(
            _row(month, list(of_month), today)
            for month, of_month in groupby(bills.bills, key=lambda one: one.month)
        ),
        picture=_picture(bills),
        days_overdue=(today - since).days if since else 0,
        relieved=tuple(one for one in bills.bills if one.relief_fen),
        undeclared=tuple(
            Undeclared(month, max(one.undeclared for one in found), found[0].undeclared_percent)
            for month, of_month in groupby(bills.bills, key=lambda one: one.month)
            if (found := [one for one in of_month if one.undeclared])
        ),
    )


def _column(bill: BillView) -> str:
    return bill.insurance_name if bill.kind_name == KINDS["dues"] else bill.kind_name


def _row(month: str, bills: Sequence[BillView], today: date) -> Row:
    due: dict[str, int] = {}
    for one in bills:
        due[_column(one)] = due.get(_column(one), 0) + one.due_fen
    owed, paid = sum(one.owed_fen for one in bills), sum(one.paid_fen for one in bills)
    still = [one.due_day for one in bills if one.owed_fen]
    late = any(one.owed_fen and one.due_day < today and not one.deferred for one in bills)
    state = "overdue" if late else "part" if paid else "open"
    given_up = sum(one.written_off_fen for one in bills)
    if not owed:
        state = "given_up" if given_up else "paid"
    elif not late and any(one.deferred for one in bills):
        state = "deferred"
    until = min(still or [one.due_day for one in bills])
    return Row(month, due, sum(one.due_fen for one in bills), paid, given_up, owed, until, state)


def _picture(bills: Bills) -> charts.Picture | None:
    """The months as columns, filled as far as they are paid."""
    if not bills.months:
        return None
    return charts.filled(
        _("最近十二个月应缴和已缴"),
        [one.month for one in bills.months],
        [one.due_fen / 100 for one in bills.months],
        [one.paid_fen / 100 for one in bills.months],
        _("元"),
    )


@dataclass(frozen=True)
class Stretch:
    """Months in a row of one person in one insurance, paid (or not yet) by one payer on one base."""

    insurance_name: str
    payer: str
    first: str
    last: str
    months: int
    base_fen: int
    person_fen: int
    employer_fen: int
    relief_fen: int
    paid: bool


def stretches(lines: Sequence[OwnLine]) -> list[Stretch]:
    """Lines that differ by their month alone as one, each insurance for itself, the newest first."""
    found = []
    for name in dict.fromkeys(one.insurance_name for one in lines):
        same = [one for one in lines if one.insurance_name == name]
        run: list[OwnLine] = []
        for one in sorted(same, key=lambda one: one.month, reverse=True):
            if run and (
                _what(run[-1]) != _what(one) or Month.parse(one.month) + 1 != Month.parse(run[-1].month)
            ):
                found.append(_stretch(run))
                run = []
            run.append(one)
        found.append(_stretch(run))
    return found


def _what(one: OwnLine) -> tuple[object, ...]:
    return one.payer, one.base_fen, one.person_fen, one.employer_fen, one.relief_fen, one.paid


def _stretch(run: Sequence[OwnLine]) -> Stretch:
    one = run[0]
    return Stretch(
        insurance_name=one.insurance_name,
        payer=one.payer,
        first=run[-1].month,
        last=one.month,
        months=len(run),
        base_fen=one.base_fen,
        person_fen=one.person_fen,
        employer_fen=one.employer_fen,
        relief_fen=one.relief_fen,
        paid=one.paid,
    )
