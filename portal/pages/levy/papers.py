"""Papers of levy: certificates and statements of a year as documents, in the reader's language, from the same answers as
the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from backend import http
from backend.kernel import documents, files
from backend.kernel.documents import Cell, Column, Document, Grid
from backend.levy.certified import CertificateView
from backend.levy.schema import Bills, BillView, OwnLine, PaidReceipt
from portal.language import current
from portal.language import gettext as _
from portal.render import day, month

Kind = Literal["pdf", "xlsx"]
WRITERS = {"pdf": documents.pdf, "xlsx": documents.xlsx}
STATES = {"paid": "已缴清", "open": "还没有缴清"}
OFFERED = 3  # years
Row = tuple[Cell, ...]


def given(document: Document, kind: Kind, called: str, now: datetime) -> Response:
    """The document as a file."""
    content = WRITERS[kind](document, now)
    return http.download(files.Fetched(f"{files.cleaned(called)}.{kind}", files.MEDIA[f".{kind}"], content))


def years(today: date) -> tuple[int, ...]:
    """Of which statements are offered: the newest first."""
    return tuple(range(today.year, today.year - OFFERED, -1))


def certificate(one: CertificateView, request: Request) -> Document:
    """A certificate as it was issued, with its code and where anybody checks it."""
    person, benefits = one.kind != "employer", one.kind == "pension"
    facts = [
        (_("姓名") if person else _("单位名称"), one.name),
        (_("证件号码") if person else _("统一社会信用代码"), one.number),
    ]
    if one.employees is not None:
        facts.append((_("参保职工"), _("{n} 人").format(n=one.employees)))
    if one.billed_until:
        facts.append((_("应缴核定到"), month(one.billed_until)))
    facts += [(_(told.name), _(told.value)) for told in one.facts]
    leads = [f"{name}{_('：')}{value}" for name, value in facts]
    says = (
        _("到 {day} 为止，按月领取的养老待遇如下。")
        if benefits
        else _("到 {day} 为止，已经缴清的月份如下。")
        if person
        else _("该单位到 {day} 为止，没有逾期的社会保险费和滞纳金。")
    )
    address = f"{request.base_url}verify?code={one.code}"
    return Document(
        title=_(one.title),
        facts=(),
        leads=(*leads, says.format(day=day(one.issued_on))),
        grids=_benefits(one) if benefits else _certified(one) if person else (),
        remarks=(
            f"{_('验证码')}{_('：')}{one.code}",
            _("查验：打开 {address}，或者在本网站“证明查验”输入验证码，就能看到这张证明的内容。").format(
                address=address
            ),
        ),
        signed=(f"{_('开具日期')}{_('：')}{day(one.issued_on)}",),
        language=current.get(),
    )


def _benefits(one: CertificateView) -> tuple[Grid, ...]:
    columns = (
        Column(_("待遇项目"), width=4),
        Column(_("从哪个月起发放"), width=4),
        Column(_("每月金额（元）"), "fen", 4),
        Column(_("状态")),
    )
    rows = tuple((_(line.item), month(line.first), line.amount_fen, _(line.state)) for line in one.benefits)
    return (Grid(_("按月发放的待遇"), columns, rows),)


def _certified(one: CertificateView) -> tuple[Grid, ...]:
    lines = Grid(
        _("缴费月数"),
        (
            Column(_("险种"), width=5),
            Column(_("最早的月份")),
            Column(_("最近的月份")),
            Column(_("缴费月数"), "number", 2),
        ),
        tuple(
            (_(line.insurance_name), month(line.first), month(line.last), line.months) for line in one.lines
        ),
    )
    spans = Grid(
        _("缴费经历"),
        (
            Column(_("险种"), width=5),
            Column(_("缴费单位"), width=6),
            Column(_("起")),
            Column(_("止")),
            Column(_("月数"), "number", 2),
        ),
        tuple(
            (_(line.insurance_name), _(line.payer), month(line.first), month(line.last), line.months)
            for line in one.spans
        ),
    )
    return (lines, spans) if spans.rows else (lines,)


def statement(
    holder: Sequence[tuple[str, str]],
    year: int,
    bills: Bills,
    receipts: Sequence[PaidReceipt],
    now: datetime,
    own: Sequence[OwnLine] = (),
) -> Document:
    """A year of a payer: what was levied, what came, where it went, and what is owed today; of a person also what
    was levied for them at their employers."""
    grids = [_own(own)] if own else []
    if bills.bills or receipts or not own:
        grids = [_sums(bills, receipts), *grids, _bills(bills.bills), _receipts(receipts)]
    return Document(
        title=_("{year} 年社会保险费对账单").format(year=year),
        facts=(*holder, (_("制表日期"), day(now)), (_("金额单位"), _("元"))),
        grids=tuple(grids),
        remarks=(_("对不上的，请在“社保缴费”里逐笔核对，或者拨打 12333。"),),
        language=current.get(),
    )


def _sums(bills: Bills, receipts: Sequence[PaidReceipt]) -> Grid:
    living = [one for one in receipts if not one.reversed]
    rows = (
        (_("本年应缴（含滞纳金）"), sum(one.due_fen for one in bills.bills)),
        (_("其中已缴"), sum(one.paid_fen for one in bills.bills)),
        (_("其中核销"), sum(one.written_off_fen for one in bills.bills)),
        (_("本年到账"), sum(one.amount_fen for one in living)),
        (_("其中已经退回"), sum(one.refunded_fen for one in living)),
        (_("到制表日的欠缴（全部年份）"), bills.owed_fen),
        (_("其中已经逾期"), bills.overdue_fen),
        (_("今天缴清另加的滞纳金"), bills.fee_fen),
        (_("到制表日的预缴和待转"), bills.unallocated_fen),
    )
    return Grid(_("汇总"), (Column(_("项目"), width=6), Column(_("金额"), "fen", 3)), rows, frozenset({5}))


def _bills(bills: Sequence[BillView]) -> Grid:
    columns = (
        Column(_("核定月份")),
        Column(_("险种"), width=5),
        Column(_("项目"), width=4),
        Column(_("缴款期限"), width=4),
        *(Column(label, "fen") for label in (_("应缴"), _("已缴"), _("核销"), _("还欠"))),
    )
    rows: list[Row] = [
        (
            month(one.month),
            _(one.insurance_name),
            _(one.kind_name),
            day(one.due_day),
            one.due_fen,
            one.paid_fen,
            one.written_off_fen,
            one.owed_fen,
        )
        for one in sorted(bills, key=lambda one: one.month)
    ]
    sums = (
        sum(getattr(one, name) for one in bills)
        for name in ("due_fen", "paid_fen", "written_off_fen", "owed_fen")
    )
    rows.append((_("合计"), "", "", "", *sums))
    return Grid(_("应缴"), columns, tuple(rows), frozenset({len(rows) - 1}))


def _receipts(receipts: Sequence[PaidReceipt]) -> Grid:
    """Each receipt, and under it where its money went."""
    columns = (
        Column(_("到账日期"), width=4),
        Column(_("流水号"), width=6),
        Column(_("渠道"), width=2),
        Column(_("去向"), width=7),
        Column(_("金额"), "fen"),
    )
    rows: list[Row] = []
    strong = set[int]()
    for one in reversed(receipts):
        strong.add(len(rows))
        state = _("已冲正") if one.reversed else ""
        rows.append((day(one.received_on), one.reference, _(one.channel_name), state, one.amount_fen))
        rows += [
            ("", "", "", f"{month(part.month)} {_(part.insurance_name)} {_(part.kind_name)}", part.amount_fen)
            for part in one.parts
        ]
        if one.unallocated_fen:
            rows.append(("", "", "", _("预缴，下个月核定以后先抵"), one.unallocated_fen))
        if one.refunded_fen:
            rows.append(("", "", "", _("已经退回"), one.refunded_fen))
    return Grid(_("到账和去向"), columns, tuple(rows), frozenset(strong))


def _own(lines: Sequence[OwnLine]) -> Grid:
    columns = (
        Column(_("费款所属期")),
        Column(_("险种"), width=5),
        Column(_("缴费单位"), width=6),
        Column(_("状态")),
        *(Column(label, "fen") for label in (_("缴费基数"), _("单位部分"), _("个人部分"))),
    )
    rows = tuple(
        (
            month(one.month),
            _(one.insurance_name),
            _(one.payer),
            _(STATES["paid" if one.paid else "open"]),
            one.base_fen,
            one.employer_fen,
            one.person_fen,
        )
        for one in sorted(lines, key=lambda one: one.month)
    )
    return Grid(_("逐月缴费"), columns, rows)
