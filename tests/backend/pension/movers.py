"""Who comes and who goes: people with every month on record, and a table as another place sends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from backend.kernel import files, ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.pension import years
from backend.pension.crediting import PARTS, average_wage
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.transferred import TransferCase
from backend.pension.transferring import service as transferring
from backend.pension.transferring.schema import AcceptIn, ApplyIn
from backend.pension.transferring.shown import TransferView
from backend.pension.transferring.table import HEADS
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.people import LI, USCC, a_person, an_employer

GUANGZHOU, HUNAN = "440100", "430000"
BASE, SHARE, EMPLOYER = Money(1_000_000), Money(80_000), Money(160_000)
PAID = (Month(2024, 1), Month(2025, 12))


def insured(run: Runner, ident: str = LI, *, started: date = date(2020, 8, 1)) -> int:
    """Somebody hired here; the account is open and empty."""
    if not run.system(lambda uow: uow.session.query(registry.Employer).count()):
        an_employer(run)
    person_id = a_person(run, ident)
    run.system(registry.hire, Hire(uscc=USCC, ident=ident, name="张秀䶮", started=started))
    return person_id


def paid(run: Runner, person_id: int, first: Month, last: Month) -> None:
    """Months on record, as dues paid in full leave them, on one base; the last year has no interest yet."""

    def write(uow: Uow) -> None:
        account = uow.session.get_one(Account, person_id)
        left = years.balance(uow, person_id)
        months = list(first.until(last))
        uow.session.add_all(
            Contribution(
                person_id=person_id,
                month=month,
                employer_id=registry.employer(uow, USCC).id,
                area=None,
                base=BASE,
                person_share=SHARE,
                employer_share=EMPLOYER,
            )
            for month in months
        )
        for year in range(first.year, last.year + 1):
            moved = [SHARE.fen if Month(year, n) in months else 0 for n in range(1, 13)]
            credited = Money(sum(moved))
            uow.session.add(
                AccountYear(
                    person_id=person_id,
                    year=year,
                    months=sum(map(bool, moved)),
                    opening=left,
                    credited=credited,
                    interest=ZERO,
                    paid=ZERO,
                    closing=left + credited,
                    rate=None if year == last.year else 0,
                    moved=moved,
                )
            )
            left += credited
        account.months_paid += len(months)
        account.index_sum += sum(round_half(BASE.fen * PARTS, average_wage(month)) for month in months)

    run.system(write)


def round_half(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def leaver(run: Runner, ident: str = LI) -> int:
    """Two years on record, and no longer insured here."""
    person_id = insured(run, ident)
    paid(run, person_id, *PAID)
    run.system(registry.leave, Leave(uscc=USCC, ident=ident, ended=date(2026, 9, 30), reason="6301"))
    return person_id


def written(lines: Iterable[str]) -> bytes:
    """A table; each line: 类别 and its cells, by comma, without what stands empty at the end."""
    rows = [",".join(HEADS), *(line + "," * (len(HEADS) - 1 - line.count(",")) for line in lines)]
    return "\n".join(rows).encode()


def sheet(run: Runner, lines: Iterable[str]) -> str:
    """A table as handed in."""
    return run.system(lambda uow: files.keep(uow, name="信息表.csv", content=written(lines))).file


def asked(run: Runner, ident: str = LI, **changed: object) -> TransferView:
    """The relation is asked for, and the letter is on its way."""
    told = {
        "ident": ident,
        "other_area": GUANGZHOU,
        "other_agency": "广州市社会保险基金管理中心",
        "hukou": HUNAN,
    }
    run.system(transferring.apply, ApplyIn.model_validate(told | changed))
    return run.system(transferring.accept, AcceptIn(ident=ident))


def newest(run: Runner, person_id: int) -> TransferCase:
    def find(uow: Uow) -> TransferCase:
        found = uow.session.query(TransferCase).filter_by(person_id=person_id)
        return found.order_by(TransferCase.id.desc()).limit(1).one()

    return run.system(find)


def balance(run: Runner, person_id: int) -> int:
    return run.system(years.balance, person_id).fen


def stands(run: Runner, kind: str) -> int:
    """A ledger account of the fund, so that more is more."""
    fen = run.system(lambda uow: ledger.balance(uow, ledger.account(uow, "pension", "310000", kind)))
    return -fen if kind in {"transfers_in_transit", "transfer_income", "benefit_payable"} else fen
