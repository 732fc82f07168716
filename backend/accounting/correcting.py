"""Corrections 红字冲销、更正凭证: what was entered by hand is set right by a further voucher, never by a change (FIN-07,
FIN-08, FIN-Q7).

会计基础工作规范 第五十一条: within its year a wrong voucher is undone by the same in red; what an earlier year has wrong
is set right by a correcting voucher in the open year. A carried year is therefore never opened again. What stands on
an account that other systems' rows explain is set right by those systems; the chart says which (`by_hand`).
"""

from __future__ import annotations

from sqlalchemy import select

from backend.accounting.model import Correction
from backend.accounting.schema import (
    AdjustBooks,
    AskCorrections,
    Corrected,
    CorrectionRow,
    Corrections,
    ReverseVoucher,
)
from backend.accounting.statements import NoSuchAccount, titled
from backend.kernel import auth, files, ledger, pooling
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund, chart
from backend.kernel.items import Guide, item, question
from backend.kernel.ledger import YEAR_END, Line, VoucherLine
from backend.kernel.money import Money
from backend.kernel.period import Month

CORRECTION, REVERSAL = "correction", "reversal"
MANUAL = ("transfer", "pooling", CORRECTION)  # what officers enter here; all else other systems book


class NotByHand(Refusal):
    """凭证 {voucher} 是业务系统记的“{document}”，没有冲销。请在原来的业务里更正，账会跟着更正。"""


class CarryingStays(Refusal):
    """凭证 {voucher} 是年结，不能冲销。以前年度的差错请用“更正凭证”（FIN-08）记到当前月份。"""


class OfEarlierYear(Refusal):
    """凭证 {voucher} 记在 {of}，红字冲销只用在当年。请用“更正凭证”（FIN-08）记到当前月份。"""


class ReversedAlready(Refusal):
    """凭证 {voucher} 已经由凭证 {by} 冲销，没有再冲销。"""


class SameAccount(Refusal):
    """借方和贷方是同一个科目，没有可以更正的，请核对。"""

    status = 422


@item(
    "FIN-07",
    "红字冲销凭证",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="当年手工录入的凭证记错了，原样冲回；需要重记的，冲销以后用新的凭单号再录。",
        who="经办机构财务人员",
        bring=("更正审批单",),
        days="复核后当场入账",
        law="社会保险经办条例 第四十一条；会计基础工作规范 第五十一条",
    ),
)
def reverse_voucher(uow: Uow, cmd: ReverseVoucher) -> Corrected:
    lines = ledger.voucher(uow, cmd.voucher)
    first, month = lines[0], _month(uow, cmd.month)
    pooling.require_reach(uow, first.debit.area)
    _require_manual(first)
    if month.year != first.month.year:
        raise OfEarlierYear(voucher=cmd.voucher, of=first.month)
    if by := ledger.reversal_of(uow, cmd.voucher):
        raise ReversedAlready(voucher=cmd.voucher, by=by)
    for line in lines:
        _require_covered(uow, line.debit.kind, line.debit.id, line.fen)
    batch = ledger.reverse(uow, cmd.voucher, month=month)
    _keep(uow, batch, cmd, first.debit.fund, first.debit.area, reverses=cmd.voucher)
    return Corrected(batch=batch, month=str(month), amount_fen=sum(line.fen for line in lines))


def _require_manual(line: VoucherLine) -> None:
    if line.document == YEAR_END:
        raise CarryingStays(voucher=line.batch)
    if line.document == REVERSAL:
        raise ledger.ReversesReversal(batch=line.batch)
    if line.document not in MANUAL:
        raise NotByHand(voucher=line.batch, document=titled(line.document))


@item(
    "FIN-08",
    "更正凭证",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="在同一个基金的两个科目之间更正差错；以前年度的差错也这样记到当前月份。",
        who="经办机构财务人员",
        bring=("更正审批单、审计意见或者批复",),
        days="复核后当场入账",
        law="社会保险经办条例 第四十一条；会计基础工作规范 第五十一条",
    ),
)
def adjust_books(uow: Uow, cmd: AdjustBooks) -> Corrected:
    area, fund, month = pooling.area_of(uow, cmd.area), Fund(cmd.fund), _month(uow, cmd.month)
    if cmd.debit == cmd.credit:
        raise SameAccount
    debit, credit = (_account(uow, fund, area, kind) for kind in (cmd.debit, cmd.credit))
    key, fen = f"{CORRECTION}/{fund}/{area}/{cmd.document}", Money.yuan(cmd.amount).fen
    new = ledger.posted(uow, key) is None
    if new:
        _require_covered(uow, cmd.credit, credit, fen)
    batch = ledger.post(uow, month=month, document=CORRECTION, key=key, lines=[Line(debit, credit, fen)])
    if new:
        _keep(uow, batch, cmd, fund, area)
    return Corrected(batch=batch, month=str(ledger.voucher(uow, batch)[0].month), amount_fen=fen)


def _month(uow: Uow, asked: str | None) -> Month:
    return Month.parse(asked) if asked else ledger.this_month(uow)


def _account(uow: Uow, fund: Fund, area: str, kind: str) -> int:
    if fund not in chart()[kind].funds:
        raise NoSuchAccount(fund=fund.label, kind=chart()[kind].name)
    return ledger.account(uow, fund, area, kind)


def _require_covered(uow: Uow, kind: str, account: int, fen: int) -> None:
    """Nothing is taken out of a deposit or an investment that does not hold it."""
    if chart()[kind].element == "asset":
        ledger.require_covered(uow, account, fen)


def _keep(
    uow: Uow,
    batch: int,
    cmd: ReverseVoucher | AdjustBooks,
    fund: Fund,
    area: str,
    reverses: int | None = None,
) -> None:
    uow.session.add(
        Correction(
            batch=batch,
            reverses=reverses,
            fund=fund.value,
            area=area,
            document=cmd.document,
            reason=cmd.reason,
            evidence=files.handed_in(uow, cmd.evidence),
        )
    )
    uow.session.flush()


@question("FIN-Q7", "更正记录", may=Permission.FUND_READ)
def corrections(uow: Uow, ask: AskCorrections) -> Corrections:
    area, fund = pooling.area_of(uow, ask.area), Fund(ask.fund)
    kept = {
        one.batch: one
        for one in uow.session.scalars(
            select(Correction).where(Correction.fund == ask.fund, Correction.area == area)
        )
    }
    lines = tuple(ledger.vouchers(uow, fund, area, Month(ask.year, 1), Month(ask.year, 12), kept))
    names = auth.shown(uow, {id for line in lines for id in (line.maker, line.checker)})
    rows = tuple(_row(line, kept[line.batch], names) for line in lines)
    return Corrections(fund=ask.fund, area=area, year=ask.year, rows=rows)


def _row(line: VoucherLine, why: Correction, names: dict[str, str]) -> CorrectionRow:
    return CorrectionRow(
        batch=line.batch,
        month=str(line.month),
        reverses=why.reverses,
        debit=chart()[line.debit.kind].name,
        credit=chart()[line.credit.kind].name,
        amount_fen=line.fen,
        document=why.document,
        reason=why.reason,
        evidence=why.evidence,
        maker=names.get(line.maker, line.maker),
        checker=names.get(line.checker, line.checker),
        at=line.approved_at,
    )
