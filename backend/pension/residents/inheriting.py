"""Inheriting 继承: what a death leaves in the account, and funeral money where the area pays it."""

from __future__ import annotations

from sqlalchemy import literal, select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.payout import accounts
from backend.payout import service as payout
from backend.pension import years
from backend.pension.residents.accounts import account_of, balance
from backend.pension.residents.awarding import award_of, basic_at
from backend.pension.residents.books import FUND, FUNERAL, INHERITANCE, ITEM, RESIDENTS
from backend.pension.residents.model import ResidentAccount, ResidentAward, ResidentGrant
from backend.pension.residents.schema import Bury, Granted, Inherit
from backend.pension.residents.settling import bear_until
from backend.pension.residents.terms import look
from backend.registry import service as registry

ITEMS = {"inheritance": INHERITANCE, "funeral": FUNERAL}
MISTAKE = "07"  # of stop_reason
NOT_VERIFIED = "账户计息到去世当月，当年利率没有公布的按最近一年的利率，这样的办法没有核实过。"


class StillLives(Refusal):
    """{name}没有登记死亡，请先办“死亡登记”（REG-21）。"""


class GrantedAlready(Refusal):
    """{name}的{item}已经给 {heir} 办过（{amount} 元），没有再办。"""


class HeirIsDead(Refusal):
    """{name}登记的死亡日期是 {died}，不能领取，请写在世的继承人。"""

    status = 422


class NothingLeft(Refusal):
    """{name}的个人账户里没有余额，没有可以继承的。"""


class MonthsUnpaid(Refusal):
    """{name}去世以前的 {month} 还没有发放，请先发放（RES-09），再办继承，账户余额才准确。"""


class HeirThisMonth(Refusal):
    """{heir}本月已经领过一笔{item}，请下个月再办。"""


class NoFuneralMoney(Refusal):
    """本地没有规定居民养老保险的丧葬补助金，没有办理。"""


class NotReceiving(Refusal):
    """{name}去世时没有在领居民养老金，没有丧葬补助金。"""


@item(
    "RES-14",
    "居民养老保险个人账户继承",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="参保人去世，个人账户里剩下的钱一次发给继承人。",
        who="法定继承人或者遗嘱指定的继承人",
        bring=("死亡证明", "继承人的居民身份证", "继承公证书、判决书或者亲属关系证明"),
        law="国发〔2014〕8号 第五条；社会保险法 第十四条",
    ),
)
def inherit(uow: Uow, cmd: Inherit) -> Granted:
    require_reach(uow)
    who, heir = _both(uow, cmd.ident, cmd.heir)
    account = account_of(uow, who.id, who.name, lock=True)
    _require_new(uow, who, "inheritance")
    award = award_of(uow, who.id)
    died = Month.of(who.died or uow.today)
    if award is not None:
        _require_paid(uow, who, award, died)
    if account.status in ("1", "4"):
        bear_until(uow, who.id, died)
    left = balance(uow, who.id)
    if not left or account.status not in ("1", "4"):
        raise NothingLeft(name=who.name)
    years.pay_debt(uow, who.id, left, RESIDENTS)
    account.status = "2"
    return _grant(uow, who, heir, "inheritance", left, cmd.document, (NOT_VERIFIED,))


@item(
    "RES-15",
    "居民养老保险丧葬补助金",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="领取居民养老金的人去世，给办理丧事的人发一次丧葬补助金（当地有规定的）。",
        who="办理丧事的亲属",
        bring=("火化证明或者死亡证明", "领取人的居民身份证"),
        law="国发〔2014〕8号 第六条（有条件的地方可以建立丧葬补助金制度）",
    ),
)
def bury(uow: Uow, cmd: Bury) -> Granted:
    require_reach(uow)
    who, heir = _both(uow, cmd.ident, cmd.heir)
    account_of(uow, who.id, who.name)
    _require_new(uow, who, "funeral")
    award, died = award_of(uow, who.id), who.died or uow.today
    if award is None or award.first_month > Month.of(died):
        raise NotReceiving(name=who.name)
    at = look(died)
    months = at.optional("resident.benefit.funeral_months")
    if months is None:
        raise NoFuneralMoney
    amount = Money(basic_at(Month.of(died), at).fen * months.value)
    return _grant(uow, who, heir, "funeral", amount, cmd.document, at.warnings())


def _both(uow: Uow, ident: str, other: str) -> tuple[registry.Person, registry.Person]:
    """Who has died, and who lives and takes."""
    who, heir = registry.person(uow, ident, lock=True), registry.person(uow, other)
    if who.died is None:
        raise StillLives(name=who.name)
    if heir.died is not None:
        raise HeirIsDead(name=heir.name, died=heir.died)
    return who, heir


def _require_new(uow: Uow, who: registry.Person, kind: str) -> None:
    known = uow.session.scalar(
        select(ResidentGrant).where(
            ResidentGrant.person_id == who.id, ResidentGrant.kind == kind, ResidentGrant.undone_at.is_(None)
        )
    )
    if known is not None:
        heir = registry.persons(uow, {known.heir_id}).get(known.heir_id)
        raise GrantedAlready(
            name=who.name, item=ITEMS[kind], heir=heir.name if heir else "继承人", amount=known.amount
        )


def _require_paid(uow: Uow, who: registry.Person, award: ResidentAward, died: Month) -> None:
    """Each month until the death draws on the account, so it is posted before the rest is given away."""
    for month in award.pays_from.until(died):
        at = payout.month_of(month)
        open_yet = payout.not_posted(literal(who.id), at, ITEM) & ~payout.stopped(literal(who.id), at, ITEM)
        if uow.session.scalar(select(open_yet)):
            raise MonthsUnpaid(name=who.name, month=month)


def _grant(
    uow: Uow,
    who: registry.Person,
    heir: registry.Person,
    kind: str,
    amount: Money,
    document: str,
    warnings: tuple[str, ...],
) -> Granted:
    """A batch of its own, drawn as any other."""
    month, what = Month.of(uow.today), ITEMS[kind]
    this = payout.month_of(month)
    if not uow.session.scalar(select(payout.not_posted(literal(heir.id), this, what))):
        raise HeirThisMonth(heir=heir.name, item=what)
    uow.session.add(
        ResidentGrant(
            person_id=who.id,
            kind=kind,
            heir_id=heir.id,
            month=month,
            amount=amount,
            document=document,
            at=uow.now,
        )
    )
    uow.session.flush()
    payout.run_month(
        uow,
        fund=FUND,
        what=what,
        area=settings().area,
        month=month,
        due=select(
            literal(heir.id).label("person_id"), this.label("month"), literal(amount.fen).label("amount")
        ),
        checker=accounts.checked(uow),
    )
    return Granted(
        name=who.name,
        heir=heir.name,
        item=what,
        month=str(month),
        amount_fen=amount.fen,
        warnings=warnings,
    )


def undo(uow: Uow, person_id: int, because: str) -> None:
    """The death was a mistake: what the heirs have not drawn is cancelled, what they drew they owe; the account has
    its money again."""
    rows = uow.session.scalars(
        select(ResidentGrant)
        .where(ResidentGrant.person_id == person_id, ResidentGrant.undone_at.is_(None))
        .with_for_update()
    ).all()
    for row in rows:
        row.undone_at = uow.now
        what = ITEMS[row.kind]
        payout.stop(
            uow,
            person_id=row.heir_id,
            fund=FUND,
            what=what,
            since=row.month,
            reason=MISTAKE,
            document=because,
            claims=True,
        )
        payout.lift(uow, person_id=row.heir_id, what=what, since=row.month + 1)
        if row.kind == "inheritance":
            years.pay_debt(uow, person_id, ZERO - row.amount, RESIDENTS)
            account = uow.session.get_one(ResidentAccount, person_id)
            account.status = "4" if award_of(uow, person_id) else "1"
    uow.session.flush()
