"""Everything that was paid, year by year, on the page and to take along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.kernel.documents import Column, Document, Grid
from backend.payout.schema import PaymentView
from backend.pension.residents.books import FUNERAL, INHERITANCE
from backend.pension.residents.books import ITEM as RESIDENTS
from portal.language import current
from portal.language import gettext as _
from portal.pages.account import see, show
from portal.pages.levy import papers
from portal.render import day, month
from portal.session import Citizen, together

router = APIRouter(prefix="/payments")
BY_BANK = frozenset({RESIDENTS, INHERITANCE, FUNERAL})  # of a fund whose cash lies in no kiosk
SETTLED = frozenset({"collected", "paid"})


@dataclass(frozen=True)
class Year:
    """The months of one year, and what they come to: what was cancelled is due to nobody."""

    year: str
    payments: tuple[PaymentView, ...]

    @property
    def due_fen(self) -> int:
        return sum(one.amount_fen for one in self.payments if one.state != "cancelled")

    @property
    def settled_fen(self) -> int:
        return sum(one.amount_fen for one in self.payments if one.state in SETTLED)


def _years(payments: Sequence[PaymentView]) -> list[Year]:
    """The newest first, as the payments come."""
    return [Year(year, tuple(some)) for year, some in groupby(payments, key=lambda one: one.month[:4])]


@router.get("")
def payments(request: Request, run: Citizen) -> Response:
    unread, found, owed = see(run, "PAY-Q1", "PAY-Q4")
    return show(
        request,
        unread,
        "pension/payments",
        years=_years(found.payments) if found else [],
        cash=any(one.item not in BY_BANK for one in found.payments) if found else False,
        owing=owed.recoveries if owed else (),
    )


@router.get("/{kind}")
def taken_along(run: Citizen, kind: papers.Kind) -> Response:
    mine = {"ident": run.actor.subject}
    found, me = together(run, ("PAY-Q1", mine), ("REG-Q1", mine))
    now = run.clock.now()
    paper = Document(
        title=_("待遇发放记录"),
        facts=(
            (_("姓名"), me.name),
            (_("证件号码"), run.actor.subject),
            (_("制表日期"), day(now)),
            (_("金额单位"), _("元")),
        ),
        grids=_grids(_years(found.payments)),
        remarks=(_("金额有疑问的，请到柜台查询，或者拨打 12333。"),),
        language=current.get(),
    )
    return papers.given(paper, kind, paper.title, now)


def _grids(years: Sequence[Year]) -> tuple[Grid, ...]:
    sums = Grid(
        _("逐年合计"),
        (
            Column(_("年份")),
            Column(_("笔数"), "number"),
            Column(_("应发"), "fen"),
            Column(_("已付"), "fen"),
        ),
        tuple((one.year, len(one.payments), one.due_fen, one.settled_fen) for one in years),
    )
    columns = (
        Column(_("月份")),
        Column(_("项目"), width=4),
        Column(_("金额"), "fen"),
        Column(_("状态"), width=4),
        Column(_("日期"), width=4),
        Column(_("回单号"), width=5),
    )
    rows = (
        (
            month(one.month),
            _(one.item),
            one.amount_fen,
            _(one.state_label),
            day(one.settled_on),
            one.receipt_no,
        )
        for year in years
        for one in year.payments
    )
    return sums, Grid(_("逐月发放"), columns, tuple(rows))
