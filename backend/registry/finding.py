"""Finding 查找: the person, employer or card behind a number, for every system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from backend.kernel import ident, params
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.period import Month, add_months
from backend.registry.model import BankAccount, Card, Employer, Enrolment, FormerClass, Person


class Held(NamedTuple):
    """A card, whose it is, and where their benefits go."""

    card: Card
    holder: Person
    bank: BankAccount | None


HELD = (
    select(Card, Person, BankAccount)
    .join(Person, Person.id == Card.person_id)
    .outerjoin(BankAccount, BankAccount.person_id == Card.person_id)
)
HELD_BY_NUMBERS = HELD.where(Card.card_no == bindparam("card_no"), Card.card_code == bindparam("card_code"))
HELD_BY_ID = HELD.where(Card.id == bindparam("id"))


def person(uow: Uow, number: str, *, lock: bool = False) -> Person:
    """The person behind a citizen number, if the actor may see them."""
    found = select(Person).where(Person.ident == number)
    row = uow.session.scalar(found.with_for_update(of=Person) if lock else found)
    if row is None:
        raise NotFound(what=f"证件号码 {ident.masked(number)} 的登记信息")
    return row


def handle(uow: Uow, number: str) -> str:
    """The person as an address names them: the citizen number never stands in one."""
    return uow.vault.handle("person", person(uow, number).id)


def ident_behind(uow: Uow, handle: str) -> str:
    """The citizen number behind a handle, if the actor may see the person."""
    id = uow.vault.behind("person", handle)
    number = uow.session.scalar(select(Person.ident).where(Person.id == id)) if id else None
    if number is None:
        raise NotFound(what="这个人的登记信息")
    return number


def alive(
    person: SQLColumnExpression[int], day: ColumnElement[date] | ColumnElement[Month]
) -> ColumnElement[bool]:
    """Whether the person of a row had not died before that row's day."""
    return ~select(Person.id).where(Person.id == person, Person.died < day).exists()


def employer(uow: Uow, uscc: str) -> Employer:
    row = uow.session.scalar(select(Employer).where(Employer.uscc == uscc))
    if row is None:
        raise NotFound(what=f"统一社会信用代码 {uscc} 的单位")
    return row


class EmployerCancelled(Refusal):
    """{name} 的社会保险登记已经在 {cancelled_on} 注销，不能再办；重新设立的单位请用新的统一社会信用代码登记。"""


class NotInsured(Refusal):
    """{name} 还没有办理社会保险登记，请先办理参保登记，再为职工参保。"""


def active_employer(uow: Uow, uscc: str) -> Employer:
    """One that is not cancelled, and will not be before this work is done."""
    found = select(Employer).where(Employer.uscc == uscc).execution_options(populate_existing=True)
    row = uow.session.scalar(found.with_for_update(of=Employer, read=True, key_share=True))
    if row is None:
        raise NotFound(what=f"统一社会信用代码 {uscc} 的单位")
    if row.cancelled_on is not None:
        raise EmployerCancelled(name=row.name, cancelled_on=row.cancelled_on)
    return row


def lock_employer(uow: Uow, uscc: str) -> Employer:
    """The employer, and nobody is hired there until this work is done."""
    found = select(Employer).where(Employer.uscc == uscc).with_for_update(of=Employer)
    row = uow.session.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(what=f"统一社会信用代码 {uscc} 的单位")
    return row


def insured_employer(uow: Uow, uscc: str) -> Employer:
    """One that may insure people."""
    row = active_employer(uow, uscc)
    if row.insured_on is None:
        raise NotInsured(name=row.name)
    return row


def employer_by_id(uow: Uow, employer_id: int) -> Employer:
    return uow.session.get_one(Employer, employer_id)


def employers(uow: Uow, ids: set[int]) -> dict[int, Employer]:
    return {row.id: row for row in uow.session.scalars(select(Employer).where(Employer.id.in_(ids)))}


def persons(uow: Uow, ids: set[int]) -> dict[int, Person]:
    """Those of them whom the actor may see."""
    return {row.id: row for row in uow.session.scalars(select(Person).where(Person.id.in_(ids)))}


def numbered(uow: Uow, numbers: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Id and name behind each citizen number that the actor may see somebody by; all are locked, in one order."""
    rows = uow.session.execute(
        select(Person.ident, Person.id, Person.name)
        .where(Person.ident == func.any(bindparam("numbers", type_=ARRAY(String))))
        .order_by(Person.id)
        .with_for_update(of=Person),
        {"numbers": list(numbers)},
    )
    return {number: (id, name) for number, id, name in rows}


def enrolled(month: Month | SQLColumnExpression[Month]) -> Select[int, str, int | None, int | None]:
    """Selects who is in which insurance in a month: person_id, insurance, employer_id, the employer's injury_class
    in that month (both null for flexible workers)."""
    then = and_(
        FormerClass.employer_id == Enrolment.employer_id,
        or_(FormerClass.since.is_(None), FormerClass.since <= month),
        FormerClass.until >= month,
    )
    return (
        select(
            Enrolment.person_id,
            Enrolment.insurance,
            Enrolment.employer_id,
            func.coalesce(FormerClass.injury_class, Employer.injury_class).label("injury_class"),
        )
        .outerjoin(Employer, Employer.id == Enrolment.employer_id)
        .outerjoin(FormerClass, then)
        .where(Enrolment.started <= month, or_(Enrolment.ended.is_(None), Enrolment.ended >= month))
    )


def insured_since(uow: Uow, person_id: int, insurance: str) -> Month | None:
    """From which month on a person is in an insurance that has not ended before this month."""
    now = Month.of(uow.today)
    return uow.session.scalar(
        select(Enrolment.started)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.insurance == insurance,
            or_(Enrolment.ended.is_(None), Enrolment.ended >= now),
        )
        .order_by(Enrolment.started)
        .limit(1)
    )


def uninsurable(month: Month) -> Select[int, str]:
    """Selects who cannot be insured in a month, whatever is enrolled: person_id, and why: `dead` before it, or `young`."""
    lowest = int(params.value("employment.age.lowest", month.first))
    dead, young = Person.died < month.first, Person.birth > add_months(month.last, -12 * lowest)
    reason = case((dead, "dead"), else_="young")
    return select(Person.id.label("person_id"), reason.label("reason")).where(or_(dead, young))


def employees(uow: Uow, employer_id: int, month: Month) -> int:
    """How many an employer insures in a month."""
    insured = select(Enrolment.person_id).where(
        Enrolment.employer_id == employer_id,
        Enrolment.started <= month,
        or_(Enrolment.ended.is_(None), Enrolment.ended >= month),
    )
    return uow.session.scalar(select(func.count()).select_from(insured.distinct().subquery())) or 0


def bank_account(uow: Uow, person_id: int) -> BankAccount | None:
    return uow.session.get(BankAccount, person_id)


def card(uow: Uow, card_no: str, card_code: str) -> Held | None:
    numbers = {"card_no": card_no, "card_code": card_code}
    found = uow.session.execute(HELD_BY_NUMBERS, numbers).one_or_none()
    return found and Held(*found)


def card_by_id(uow: Uow, card_id: int) -> Held:
    return Held(*uow.session.execute(HELD_BY_ID, {"id": card_id}).one())
