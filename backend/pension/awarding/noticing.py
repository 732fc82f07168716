"""Noticing 待遇核定表: the paper of an award, issued once under a code by which anybody checks it, printed at will."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.kernel import codes, documents, files
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import Guide, item, question
from backend.levy import service as levy
from backend.pension.awarding import letter
from backend.pension.awarding.model import Notice
from backend.pension.awarding.schema import AskNotice, AwardPrinted, NoticeView, PrintAward
from backend.pension.awarding.viewing import award_of, award_view
from backend.pension.calculators.items import ACCOUNT, BASIC, TOTAL
from backend.pension.model import Award, Working
from backend.registry import service as registry

EMPLOYEES = "110"  # 险种代码：企业职工基本养老保险


class NoAward(NotFound):
    """没有查到{name}的养老待遇核定，还不能打印核定表。请先办理“养老待遇核定”。"""


@item(
    "PEN-09",
    "打印待遇核定表",
    may=Permission.PENSION_READ,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="领取本人的养老待遇核定表：依据、每一项怎么算、每月多少、从哪个月起；带验证码，任何人都可以在网上查验真伪。",
        who="已经核定养老待遇的人",
        law="社会保险经办条例 第三十二条",
    ),
)
def print_award(uow: Uow, cmd: PrintAward) -> AwardPrinted:
    person = registry.person(uow, cmd.ident)
    seen = _issued(uow, person, *_standing(uow, person))
    content = documents.pdf(letter.letter(seen), uow.now)
    kept = files.keep(
        uow, name=f"{letter.called(seen)}.pdf", content=content, may=Permission.PENSION_READ, ours=True
    )
    return AwardPrinted(award=seen.award, name=seen.name, code=seen.code, file=kept.file)


@question("PEN-Q5", "待遇核定表的内容", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def notice(uow: Uow, ask: AskNotice) -> NoticeView:
    """As it was issued; as it would be, where it was not yet (then without a code)."""
    person = registry.person(uow, ask.ident)
    row, working = _standing(uow, person)
    kept = uow.session.get(Notice, row.id)
    return _kept(uow, kept.code) if kept else _view(uow, person, row, working)


def _standing(uow: Uow, person: registry.Person) -> tuple[Award, Working]:
    found = award_of(uow, person.id)
    if found is None:
        raise NoAward(name=person.name)
    return found


def _issued(uow: Uow, person: registry.Person, row: Award, working: Working) -> NoticeView:
    """The one that was issued, else a new one. Who prints at the same time waits for the other."""
    uow.session.get_one(Award, row.id, with_for_update={"key_share": True})
    if kept := uow.session.get(Notice, row.id):
        return _kept(uow, kept.code)
    seen = _view(uow, person, row, working)
    facts = (
        ("每月养老金", f"{row.total} 元"),
        ("退休年月", seen.retired),
        ("首次发放月", seen.first_month),
        ("核定编号", str(row.id)),
    )
    code = levy.issue(uow, person, "award", {"notice": seen.model_dump(mode="json")}, facts).code
    uow.session.add(Notice(award_id=row.id, code=code))
    uow.session.flush()
    return seen.model_copy(update={"code": code})


def _kept(uow: Uow, code: str) -> NoticeView:
    return NoticeView.model_validate(levy.issued(uow, code)["notice"] | {"code": code})


def _view(uow: Uow, person: registry.Person, row: Award, working: Working) -> NoticeView:
    seen, facts = award_view(uow, row, working), working.facts
    steps = {step.name: step.value for step in seen.steps}
    deemed = int(facts["deemed_months"])
    return NoticeView(
        award=row.id,
        name=person.name,
        ident=person.ident,
        sex=codes.name("sex", person.sex),
        birth=person.birth,
        employer=_employer(uow, person.id),
        retired=seen.retired,
        age=str(facts["age"]),
        first_month=seen.first_month,
        decided_on=row.decided_on,
        months_paid=int(facts["months"]) - deemed,
        deemed_months=deemed,
        index=str(facts["index"]),
        base=str(facts["base"]),
        base_year=str(facts.get("base_year", "")),
        account=str(facts["account"]),
        running=str(facts.get("running", "")),
        divisor=steps.get("计发月数", ""),
        components=tuple(step for step in seen.steps if _pays(step.name, step.value, seen.steps)),
        total_fen=row.total.fen,
        provisional=row.provisional,
        replaces=seen.replaces.reason if seen.replaces else "",
        warnings=seen.warnings,
    )


def _pays(name: str, value: str, steps: Any) -> bool:
    """Components and the total; not how their facts came about, nor what came to nothing."""
    names = [step.name for step in steps]
    return name in {BASIC, ACCOUNT, TOTAL} or (
        names.index(name) > names.index(ACCOUNT) and "年限" not in name
    )


def _employer(uow: Uow, person_id: int) -> str:
    last = registry.auditing.last_employers(EMPLOYEES)
    name = uow.session.scalar(select(last.c.employer_name).where(last.c.person_id == person_id))
    return str(name or "灵活就业人员")
