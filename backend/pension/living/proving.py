"""Proving 资格认证: by the person in the portal or with their card, by an officer who saw them, or by data."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from backend.kernel import files
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.payout import service as payout
from backend.pension.living.keeping import Terms, good_until, held, keep, terms
from backend.pension.living.lapsing import state_of
from backend.pension.living.model import Proof
from backend.pension.living.proved import (
    AskProof,
    ProofState,
    ProofView,
    ProveByCard,
    Proved,
    ProveMatch,
    ProveSelf,
    ProveVisit,
)
from backend.pension.living.receiving import of_person
from backend.pension.stopping import UNPROVED
from backend.registry import service as registry

LAW = "社会保险经办条例 第二十六条；人社厅发〔2018〕107号"
SHOWN = 24


class NothingToProve(Refusal):
    """{name}现在没有按月领取的养老待遇，不用做资格认证。"""

    status = 404


class RegisteredDead(Refusal):
    """{name}已经登记在 {died} 去世，不能认证；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class DayAhead(Refusal):
    """认证日期不能晚于今天（{today}），请核对。"""

    status = 422


class TooOld(Refusal):
    """{day} 太早，超过了 {months} 个月的有效期，证明不了现在健在；请用更近的数据，或者请本人重新认证。"""

    status = 422


@item(
    "PEN-23",
    "养老待遇资格认证（网上）",
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="在网上确认本人健在、继续领取养老待遇，从认证当天起十二个月有效。这里不做人脸比对：登录的人确认什么，就照实登记什么，"
        "经办机构可能上门或者打电话核实。在自助机上持卡领取或者持卡认证，也算认证。",
        who="按月领取养老待遇的人",
        law=LAW,
    ),
)
def prove_self(uow: Uow, cmd: ProveSelf) -> Proved:
    return _prove(uow, registry.person(uow, cmd.ident, lock=True), uow.today, "portal", "本人登录后确认")


@item(
    "PEN-24",
    "养老待遇资格认证（上门）",
    may=Permission.PENSION_DECIDE,
    review=1,
    guide=Guide(
        what="行动不便、不会用手机的人，工作人员上门见到本人，登记认证；因为没有认证暂停的，从停发的月份起补发。",
        who="经办机构",
        bring=("上门核实表",),
        law=LAW,
    ),
)
def prove_visit(uow: Uow, cmd: ProveVisit) -> Proved:
    photo = files.handed_in(uow, cmd.photo)
    evidence = f"{cmd.evidence}（文件 {photo}）" if photo else cmd.evidence
    return _prove(uow, registry.person(uow, cmd.ident, lock=True), cmd.day, "visit", evidence)


@item(
    "PEN-25",
    "养老待遇资格认证（数据比对）",
    may=Permission.PENSION_DECIDE,
    guide=Guide(
        what="别的部门的数据证明本人健在的，不用本人再认证；一行一个人，成批的用文件报盘。",
        who="经办机构",
        bring=("比对结果文件",),
        law=LAW,
    ),
)
def prove_match(uow: Uow, cmd: ProveMatch) -> Proved:
    return _prove(uow, registry.person(uow, cmd.ident, lock=True), cmd.day, "match", cmd.source)


@item("CRD-14", "自助机资格认证", by=(Kind.KIOSK,))
def prove_by_card(uow: Uow, cmd: ProveByCard) -> Proved:
    """A card that has answered, opened by its PIN: its holder stands there."""
    visit = payout.proved(uow, cmd.visit)
    who = registry.card_by_id(uow, visit.card_id).holder
    return _prove(uow, who, uow.today, "card", f"自助机 {visit.kiosk}{_photo(uow, cmd.photo)}")


def _photo(uow: Uow, id: str | None) -> str:
    """The picture that the kiosk took, kept so that officers may look at it: what a kiosk hands in only it can read."""
    if id is None:
        return ""
    taken = files.fetch(uow, id)
    kept = files.keep(uow, name=taken.name, content=taken.content, may=Permission.PENSION_READ, ours=True)
    return f"（照片 {kept.file}）"


def _prove(uow: Uow, who: registry.Person, day: date, way: str, evidence: str) -> Proved:
    if who.died is not None:
        raise RegisteredDead(name=who.name, died=who.died)
    if day > uow.today:
        raise DayAhead(today=uow.today)
    received, known = of_person(uow, who.id), terms(uow)
    if received is None:
        raise NothingToProve(name=who.name)
    if day < known.earliest:
        raise TooOld(day=day, months=known.window_months)
    before = held(uow, who.id)
    keep(uow, who.id, day, way, evidence)
    still = before and held(uow, who.id)
    return Proved(
        name=who.name,
        day=day,
        way=way,
        valid_until=good_until(uow, who.id, received.decided_on, known.window_months),
        payment="at_counter" if still else "resumed" if before else "goes_on",
        warnings=known.warnings,
    )


@question("PEN-Q20", "我的资格认证", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def my_proof(uow: Uow, ask: AskProof) -> ProofState:
    who, known = registry.person(uow, ask.ident), terms(uow)
    received = of_person(uow, who.id)
    if received is None:
        raise NothingToProve(name=who.name)
    return _state(
        uow, who, received.item, good_until(uow, who.id, received.decided_on, known.window_months), known
    )


def _state(uow: Uow, who: registry.Person, what: str, until: date, known: Terms) -> ProofState:
    rows = uow.session.scalars(
        select(Proof)
        .where(Proof.person_id == who.id)
        .order_by(Proof.day.desc(), Proof.made_at.desc())
        .limit(SHOWN)
    ).all()
    proofs = tuple(ProofView(day=row.day, way=row.way, evidence=row.evidence) for row in rows)
    state, told = state_of(uow, who.id, what, until)
    stopped = payout.standing(uow, who.id, what, UNPROVED)
    return ProofState(
        name=who.name,
        state=state,
        valid_until=until,
        last_day=proofs[0].day if proofs else None,
        last_way=proofs[0].way if proofs else None,
        grace_until=told.grace_until if told else None,
        suspended_from=str(stopped.since) if stopped else None,
        proofs=proofs,
        warnings=known.warnings,
    )
