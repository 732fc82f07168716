"""Listing 银行文件清单: how far each file is answered, and who was sent back and waits for another way."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.payout.bankfiles.profiles import OTHERWISE, RESULTS, profile
from backend.payout.model import BankFile, BankLine, Payable
from backend.payout.schema import AskBankFiles, AskReturned, BankFiles, FileView, ReturnedView, Returns
from backend.registry import service as registry

FILES, LINES = 60, 500


@question("PAY-Q5", "银行文件查询", may=Permission.PAYOUT_READ)
def listed(uow: Uow, ask: AskBankFiles) -> BankFiles:
    """The newest first, with how many lines are paid, sent back, and still open."""
    wanted = select(BankFile).order_by(BankFile.id.desc()).limit(FILES)
    if ask.batch:
        wanted = wanted.where(BankFile.batch_id == ask.batch)
    files = uow.session.scalars(wanted).all()
    tally = {
        (file, result): n
        for file, result, n in uow.session.execute(
            select(BankLine.file_id, BankLine.result, func.count())
            .where(BankLine.file_id.in_([one.id for one in files]))
            .group_by(BankLine.file_id, BankLine.result)
        )
    }
    return BankFiles(
        files=tuple(
            FileView(
                file=one.id,
                batch=one.batch_id,
                profile=profile(one.profile).name,
                n=one.n,
                total_fen=one.total.fen,
                open=tally.get((one.id, "sent"), 0),
                paid=tally.get((one.id, "paid"), 0),
                returned=tally.get((one.id, "returned"), 0),
                made=one.made_at.astimezone(CHINA).date(),
                answered=one.returned_at.astimezone(CHINA).date() if one.returned_at else None,
                sent=one.sent,
            )
            for one in files
        )
    )


@question("PAY-Q6", "银行退发清单", may=Permission.PAYOUT_READ)
def sent_back(uow: Uow, ask: AskReturned) -> Returns:
    """Whose money came back in a file and has not been drawn since; of persons within the officer's reach."""
    rows = uow.session.execute(
        select(BankLine, Payable.month, registry.Person.name)
        .join(Payable, Payable.id == BankLine.payable_id)
        .join(registry.Person, registry.Person.id == Payable.person_id)
        .where(BankLine.file_id == ask.file, BankLine.result == "returned", Payable.state == "payable")
        .order_by(BankLine.payable_id)
        .limit(LINES)
    )
    return Returns(
        lines=tuple(
            ReturnedView(
                name=name,
                month=str(month),
                amount_fen=line.amount.fen,
                account=f"{line.bank} ****{line.number[-4:]}",
                reason=codes.name(RESULTS, line.code or OTHERWISE),
                bank_note=line.reason,
            )
            for line, month, name in rows
        )
    )
