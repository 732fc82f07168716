"""Temporary accounts 临时基本养老保险缴费账户 (国办发〔2009〕66号 第五条): who is first insured away from home at fifty
(women at forty) keeps the relation where it was; what is paid here is gathered there later."""

from __future__ import annotations

from datetime import date

from backend.kernel import codes
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.params import Lookup
from backend.kernel.period import AgeYM, Month
from backend.kernel.settings import settings
from backend.pension.model import Account
from backend.pension.rules.transfer import TemporaryAges, is_temporary
from backend.pension.transferred import TemporaryAccount
from backend.pension.transferring import cases
from backend.pension.transferring.schema import FlagTemporary
from backend.pension.transferring.shown import Flagged
from backend.registry import service as registry


class NotTemporary(Refusal):
    """{name} {first} 首次在本地参保，当时 {age}，户籍在{hukou}，不是临时账户；男满 {male}、女满 {female} 岁才是。"""


class FlaggedAlready(Refusal):
    """{name}的账户已经认定为临时账户，不需要再办。"""


class OnlyTemporary(Refusal):
    """{name} {first} 首次在本地参保，当时 {age}，户籍不在本地，本地只有临时账户，关系留在原参保地，不转入。"""


def ages(on: date) -> TemporaryAges | None:
    """None before there was such a rule."""
    look = Lookup(on, settings().area)
    male = look.optional("pension.transfer.male_years")
    female = look.optional("pension.transfer.female_years")
    return TemporaryAges(male.value, female.value) if male and female else None


def at_home(hukou: str) -> bool:
    """By province, as the places of benefit are counted (人社部规〔2016〕5号)."""
    return hukou[:2] == settings().area[:2]


def by_rule(person: registry.Person, account: Account, hukou: str) -> bool:
    """Whether the account that was opened here is only a temporary one."""
    of = ages(account.opened.first)
    born = Month.of(person.birth)
    return of is not None and is_temporary(person.sex, born, account.opened, at_home=at_home(hukou), ages=of)


def age_then(person: registry.Person, account: Account) -> AgeYM:
    return AgeYM.of_months(max(0, account.opened - Month.of(person.birth)))


def flagged(uow: Uow, person_id: int) -> TemporaryAccount | None:
    """The temporary account that a person has here now."""
    row = uow.session.get(TemporaryAccount, person_id)
    return row if row is not None and row.ended_on is None else None


@item(
    "PEN-70",
    "临时缴费账户认定",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="男满五十、女满四十，户籍不在本地、首次在本地参保的，本地只建立临时缴费账户，关系留在原参保地，以后归集。",
        who="经办机构",
        bring=("户口簿", "原参保地的参保缴费凭证（有的）"),
        days="十五个工作日",
        law="国办发〔2009〕66号 第五条",
    ),
)
def flag(uow: Uow, cmd: FlagTemporary) -> Flagged:
    person, account = cases.fit(uow, cmd.ident, statuses="15")
    if flagged(uow, person.id) is not None:
        raise FlaggedAlready(name=person.name)
    age = age_then(person, account)
    if not by_rule(person, account, cmd.hukou):
        of = ages(uow.today) or TemporaryAges(0, 0)
        raise NotTemporary(
            name=person.name,
            first=account.opened,
            age=str(age),
            hukou=codes.full_name(cmd.hukou),
            male=of.male,
            female=of.female,
        )
    told = {
        "hukou": cmd.hukou,
        "kept_area": cmd.kept_area,
        "document": cmd.document,
        "decided_on": uow.today,
        "maker": uow.actor.id,
        "ended_on": None,
    }
    if row := uow.session.get(TemporaryAccount, person.id):
        for name, value in told.items():
            setattr(row, name, value)
    else:
        uow.session.add(TemporaryAccount(person_id=person.id, **told))
    uow.session.flush()
    return Flagged(
        name=person.name,
        hukou=cmd.hukou,
        kept_area=cmd.kept_area,
        first=str(account.opened),
        age=str(age),
    )


def gathered(uow: Uow, person_id: int) -> None:
    """What was in it has gone to where the relation is."""
    if row := flagged(uow, person_id):
        row.ended_on = uow.today


def back(uow: Uow, person_id: int) -> None:
    """It has not gone after all."""
    if row := uow.session.get(TemporaryAccount, person_id):
        row.ended_on = None
