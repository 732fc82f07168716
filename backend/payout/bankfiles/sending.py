"""Out 银行报盘: whom the bank pays every month becomes a file, and is owed no other way until the bank has answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, literal, select, true, update
from sqlalchemy.sql import func

from backend.kernel import files, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk
from backend.kernel.errors import NotFound
from backend.kernel.items import Guide, item
from backend.kernel.pooling import require_reach
from backend.payout import accounts
from backend.payout.bankfiles import delimited, iso20022
from backend.payout.bankfiles.profiles import Delimited, Iso, Profile, profile
from backend.payout.bankfiles.refusals import NothingToSend
from backend.payout.following import FILED
from backend.payout.model import BankFile, BankLine, Batch, Payable
from backend.payout.schema import BankFileView, MakeBankFile
from backend.registry import service as registry

READ_AT_ONCE = 10_000


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
    require_reach(uow)
    in_bulk(uow)
    known = profile(cmd.profile)
    batch = uow.session.get(Batch, cmd.batch)
    if batch is None:
        raise NotFound(what=f"发放批次 {cmd.batch}")
    given = {"made_at": uow.now, "profile": known.key}
    number = uow.session.scalar(_writing(batch.id, known), given)
    if number is None:
        raise NothingToSend(batch=batch.id)
    file = uow.session.get_one(BankFile, number)
    kept = files.keep(
        uow,
        name=f"报盘-{file.id}-{uow.today:%Y%m%d}" + (".xml" if isinstance(known, Iso) else ".txt"),
        content=_written(uow, known, file),
        may=Permission.PAYOUT_READ,
    )
    file.sent = kept.file
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="bank-file",
        key=f"bank-file/{file.id}",
        lines=[
            ledger.Line(accounts.payable(uow, batch.fund), accounts.clearing(uow, batch.fund), file.total.fen)
        ],
        maker=uow.actor.id,
        checker=batch.checker,
    )
    return BankFileView(file=file.id, n=file.n, total_fen=file.total.fen, sent=kept.file)


def _writing(batch: int, known: Profile) -> Any:
    """One statement: whom the bank pays every month becomes a file and its lines, so many as a file may have."""
    account = registry.BankAccount
    chosen = (
        select(Payable.id, Payable.amount, account.bank, account.number, account.holder)
        .join(account, account.person_id == Payable.person_id)
        .where(Payable.batch_id == batch, Payable.stored == "payable", account.standing)
        .limit(known.most)
        .with_for_update(of=Payable)
    )
    if known.bank:
        chosen = chosen.where(account.bank == known.bank)
    rows = chosen.cte("rows").prefix_with("materialized")
    given = [bindparam(name, type_=BankFile.__table__.c[name].type) for name in ("made_at", "profile")]
    counted = select(literal(batch), func.count(), func.sum(rows.c.amount), *given).select_from(rows)
    header = (
        insert(BankFile)
        .from_select(["batch_id", "n", "total", "made_at", "profile"], counted.having(func.count() > 0))
        .returning(BankFile.id)
        .cte("header")
    )
    lines = (
        insert(BankLine)
        .from_select(
            [
                "end_to_end",
                "file_id",
                "payable_id",
                "bank",
                "number",
                "holder",
                "amount",
                "result",
                "code",
                "reason",
            ],
            select(
                func.concat("F", header.c.id, "P", rows.c.id),
                header.c.id,
                rows.c.id,
                rows.c.bank,
                rows.c.number,
                rows.c.holder,
                rows.c.amount,
                literal(FILED),
                literal(""),
                literal(""),
            ).select_from(header.join(rows, true())),
        )
        .cte("lines")
    )
    moved = (
        update(Payable)
        .where(Payable.id == rows.c.id)
        .values({Payable.stored: FILED, Payable.file_id: select(header.c.id).scalar_subquery()})
        .cte("moved")
    )
    return select(header.c.id).add_cte(lines, moved)


def _written(uow: Uow, known: Delimited | Iso, file: BankFile) -> bytes:
    lines = uow.session.execute(
        select(BankLine.end_to_end, BankLine.bank, BankLine.number, BankLine.holder, BankLine.amount)
        .where(BankLine.file_id == file.id)
        .order_by(BankLine.payable_id)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    if isinstance(known, Iso):
        return iso20022.written(known, file, uow.now, uow.today, lines)
    return delimited.written(known, file, uow.today, lines)
