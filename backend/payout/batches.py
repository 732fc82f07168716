"""Monthly batches 发放批次: one month's benefits posted as one set, and the bank files drawn from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, func, insert, literal, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute

from backend.kernel import files, ledger
from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.text import text_of
from backend.payout import accounts
from backend.payout.model import BankFile, BankLine, Batch, Order, Payable
from backend.payout.schema import (
    AskBatches,
    AskPayments,
    BankFileRead,
    BankFileView,
    Batches,
    BatchView,
    MakeBankFile,
    Payments,
    PaymentView,
    ReadBankFile,
)
from backend.registry import service as registry

LABELS = {
    "payable": "可以领取",
    "held": "正在办理",
    "collected": "已领现金",
    "at_bank": "银行办理中",
    "paid": "已到银行账户",
    "returned": "银行退回",
}


class AlreadyRun(Refusal):
    """{month} 的{item}已经发放过（批次 {batch}），不能再发。个别人员补发请办理补发。"""


class NobodyDue(Refusal):
    """{month} 没有需要发放{item}的人，请核对月份。"""


class NothingToSend(Refusal):
    """批次 {batch} 里没有等待银行发放的人，可能文件已经做过了。"""


class UnknownLine(Refusal):
    """回盘第 {no} 行的流水号不在报盘文件 {file} 里，文件没有登记，请和银行核对。"""

    status = 422


class BadLine(Refusal):
    """回盘第 {no} 行的格式不对，应该是“流水号|结果|原因”，文件没有登记。"""

    status = 422


def run_month(
    uow: Uow, *, fund: str, what: str, area: str, month: Month, due: Select[*tuple[Any, ...]], checker: str
) -> BatchView:
    """Post one month as one set. `due` selects (person_id, amount in fen), once a person."""
    known = uow.session.scalar(
        select(Batch.id).where(
            Batch.fund == fund, Batch.item == what, Batch.area == area, Batch.month == month
        )
    )
    if known:
        raise AlreadyRun(month=month, item=what, batch=known)
    rows = due.subquery()
    n, total = uow.session.execute(
        select(func.count(), func.coalesce(func.sum(type_coerce(rows.c.amount, BigInteger)), 0))
    ).one()
    if not n:
        raise NobodyDue(month=month, item=what)
    batch = Batch(
        fund=fund,
        item=what,
        area=area,
        month=month,
        n=n,
        total=Money(int(total)),
        maker=uow.actor.id,
        checker=checker,
        posted_at=uow.now,
    )
    uow.session.add(batch)
    uow.session.flush()
    uow.session.execute(
        insert(Payable).from_select(
            ["batch_id", "person_id", "month", "item", "amount", "state"],
            select(
                literal(batch.id),
                rows.c.person_id,
                literal(month.first),
                literal(what),
                rows.c.amount,
                literal("payable"),
            ),
        )
    )
    ledger.post_select(
        uow,
        month=Month(uow.today.year, uow.today.month),
        document="benefit",
        key=f"payout/{fund}/{what}/{area}/{month}",
        source=select(
            literal(accounts.benefit(uow, fund)).label("debit"),
            literal(accounts.payable(uow, fund)).label("credit"),
            Payable.amount.label("amount_fen"),
        ).where(Payable.batch_id == batch.id),
        maker=uow.actor.id,
        checker=checker,
    )
    return _view(uow, batch)


def _view(uow: Uow, batch: Batch) -> BatchView:
    count = func.count().filter
    waiting, settled, at_bank = uow.session.execute(
        select(
            count(Payable.state.in_(("payable", "held", "returned"))),
            count(Payable.state.in_(("collected", "paid"))),
            count(Payable.state == "at_bank"),
        ).where(Payable.batch_id == batch.id)
    ).one()
    return BatchView(
        batch=batch.id,
        month=str(batch.month),
        item=batch.item,
        n=batch.n,
        total_fen=batch.total.fen,
        waiting=waiting,
        settled=settled,
        at_bank=at_bank,
    )


@question("PAY-Q2", "发放批次查询", may=Permission.PAYOUT_READ)
def listed(uow: Uow, ask: AskBatches) -> Batches:
    query = select(Batch).order_by(Batch.month.desc(), Batch.id.desc()).limit(60)
    if ask.month:
        query = query.where(Batch.month == Month.parse(ask.month))
    return Batches(batches=tuple(_view(uow, batch) for batch in uow.session.scalars(query)))


@item(
    "PAY-02",
    "银行报盘",
    may=Permission.PAYOUT_RUN,
    guide=Guide(
        what="把每月由银行发放的人做成文件送银行。",
        who="经办机构",
        law="社会保险法 第七十三条",
    ),
)
def make_bank_file(uow: Uow, cmd: MakeBankFile) -> BankFileView:
    batch = uow.session.get(Batch, cmd.batch)
    if batch is None:
        raise NotFound(what=f"发放批次 {cmd.batch}")
    rows = uow.session.execute(
        select(Payable, registry.BankAccount)
        .join(registry.BankAccount, registry.BankAccount.person_id == Payable.person_id)
        .where(Payable.batch_id == batch.id, Payable.state == "payable", registry.BankAccount.standing)
        .order_by(Payable.id)
        .with_for_update(of=Payable)
    ).all()
    if not rows:
        raise NothingToSend(batch=batch.id)
    total = Money(sum(due.amount.fen for due, _ in rows))
    file = BankFile(batch_id=batch.id, n=len(rows), total=total, made_at=uow.now)
    uow.session.add(file)
    uow.session.flush()
    lines = [
        {
            "end_to_end": f"F{file.id}P{due.id}",
            "file_id": file.id,
            "payable_id": due.id,
            "bank": account.bank,
            "number": account.number,
            "holder": account.holder,
            "amount": due.amount,
        }
        for due, account in rows
    ]
    uow.session.execute(insert(BankLine), lines)
    uow.session.execute(update(Payable).where(_id_in(Payable.id, rows)).values(state="at_bank"))
    head = f"H|{file.id}|{uow.today:%Y%m%d}|{len(lines)}|{_yuan(total)}"
    body = (
        f"{line['end_to_end']}|{line['bank']}|{line['number']}|{line['holder']}|{_yuan(due.amount)}"
        for line, (due, _) in zip(lines, rows, strict=True)
    )
    text = "\n".join([head, *body]) + "\n"
    kept = files.keep(
        uow,
        name=f"报盘-{file.id}-{uow.today:%Y%m%d}.txt",
        content=text.encode("gb18030"),
        may=Permission.PAYOUT_READ,
    )
    file.sent = kept.file
    ledger.post(
        uow,
        month=Month(uow.today.year, uow.today.month),
        document="bank-file",
        key=f"bank-file/{file.id}",
        lines=[ledger.Line(accounts.payable(uow, batch.fund), accounts.clearing(uow, batch.fund), total.fen)],
        maker=uow.actor.id,
        checker=batch.checker,
    )
    return BankFileView(file=file.id, n=file.n, total_fen=total.fen, sent=kept.file)


def _id_in(column: InstrumentedAttribute[int], rows: Any) -> Any:
    return column.in_([due.id for due, _ in rows])


def _yuan(amount: Money) -> str:
    return f"{amount.fen // 100}.{amount.fen % 100:02d}"


@item("PAY-03", "银行回盘", may=Permission.PAYOUT_RUN)
def read_bank_file(uow: Uow, cmd: ReadBankFile) -> BankFileRead:
    file = uow.session.scalar(select(BankFile).where(BankFile.id == cmd.file).with_for_update())
    if file is None:
        raise NotFound(what=f"报盘文件 {cmd.file}")
    sent = {
        line.end_to_end: line
        for line in uow.session.scalars(select(BankLine).where(BankLine.file_id == file.id).with_for_update())
    }
    paid, returned, already = list[BankLine](), list[BankLine](), 0
    content = files.fetch(uow, cmd.returned).content
    for no, (key, result, reason) in _lines(text_of(content)):
        line = sent.get(key)
        if line is None:
            raise UnknownLine(no=no, file=file.id)
        if line.result != "sent":
            already += 1
            continue
        line.result, line.reason = ("paid", "") if result == "00" else ("returned", reason[:100])
        (paid if line.result == "paid" else returned).append(line)
    _settle(uow, file, paid, returned)
    file.returned = cmd.returned
    return BankFileRead(
        file=file.id,
        paid=len(paid),
        paid_fen=sum(line.amount.fen for line in paid),
        returned=len(returned),
        returned_fen=sum(line.amount.fen for line in returned),
        already=already,
    )


def _lines(content: str) -> list[tuple[int, tuple[str, str, str]]]:
    read = []
    for no, text in enumerate(content.splitlines(), 1):
        if not text.strip() or text.startswith("H|"):
            continue
        parts = [part.strip() for part in text.split("|")]
        if len(parts) not in (2, 3) or not parts[0] or not parts[1]:
            raise BadLine(no=no)
        read.append((no, (parts[0], parts[1], parts[2] if len(parts) == 3 else "")))
    return read


def _settle(uow: Uow, file: BankFile, paid: list[BankLine], returned: list[BankLine]) -> None:
    """Paid: out of clearing into the expenditure account. Returned: owed again, and free to be drawn."""
    batch = uow.session.get_one(Batch, file.batch_id)
    fund = batch.fund
    for lines, state, credit, debit in (
        (paid, "paid", accounts.expenditure(uow, fund), accounts.clearing(uow, fund)),
        (returned, "payable", accounts.payable(uow, fund), accounts.clearing(uow, fund)),
    ):
        if not lines:
            continue
        ids = [line.payable_id for line in lines]
        settled = uow.now if state == "paid" else None
        uow.session.execute(
            update(Payable)
            .where(Payable.id.in_(ids), Payable.state == "at_bank")
            .values(state=state, settled_at=settled)
        )
        ledger.post(
            uow,
            month=Month(uow.today.year, uow.today.month),
            document="bank-return",
            key=f"bank-return/{file.id}/{state}/{min(ids)}",
            lines=[ledger.Line(debit, credit, line.amount.fen) for line in lines],
            maker=uow.actor.id,
            checker=batch.checker,
        )
    file.returned_at = uow.now
    uow.session.flush()


@question("PAY-Q1", "待遇发放记录", may=Permission.PAYOUT_READ, by=(Kind.CITIZEN,))
def payments(uow: Uow, ask: AskPayments) -> Payments:
    person = registry.person(uow, ask.ident)
    return Payments(payments=tuple(of_person(uow, person.id, 240)))


def of_person(uow: Uow, person_id: int, limit: int) -> list[PaymentView]:
    """What a person was and is due, the newest first."""
    rows = uow.session.execute(
        select(Payable, Order.receipt_no)
        .outerjoin(Order, (Order.payable_id == Payable.id) & (Order.state == "paid"))
        .where(Payable.person_id == person_id)
        .order_by(Payable.month.desc(), Payable.id.desc())
        .limit(limit)
    )
    return [
        PaymentView(
            entitlement=str(due.id),
            month=str(due.month),
            item=due.item,
            amount_fen=due.amount.fen,
            state=due.state,
            state_label=LABELS[due.state],
            settled_at=due.settled_at,
            settled_on=due.settled_at.astimezone(CHINA).date() if due.settled_at else None,
            receipt_no=receipt,
        )
        for due, receipt in rows
    ]
