"""Flexible retirement 弹性退休 (PEN-15 … PEN-18): told or agreed in writing, in time; a late one is never made longer.

实施弹性退休制度暂行办法（人社部发〔2024〕94号）. Who insures themselves has no employer to agree with: they do not retire
late here.
"""

from __future__ import annotations

from datetime import date

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.pension.careers.choosing import Dates, TooFewMonths, dates, going_on, minimum, standing
from backend.pension.careers.chosen import (
    CHOICES,
    AgreeLate,
    AskLate,
    ChoiceWithdrawn,
    Chosen,
    TellEarly,
    WithdrawChoice,
)
from backend.pension.careers.model import Choice
from backend.pension.careers.recognising import InPensionAlready
from backend.pension.careers.spans import whose
from backend.pension.careers.summing import Listed
from backend.pension.model import Account
from backend.registry import service as registry

AT_COUNTER = Kind.OFFICER, Kind.SYSTEM  # who may enter what was written before


class NothingToChoose(Refusal):
    """{name}在改革开始以前就到退休年龄，法定退休时间是 {legal}，不适用弹性退休。"""


class OutsideEarly(Refusal):
    """弹性提前退休可以选 {earliest} 到 {last}（法定退休时间是 {legal}），{month} 不在里面，请改选。"""

    status = 422


class OutsideLate(Refusal):
    """弹性延迟退休可以选 {first} 到 {latest}（法定退休时间是 {legal}），{month} 不在里面，请改选。"""

    status = 422


class ToldTooLate(Refusal):
    """选在 {month} 退休，最晚要在 {deadline} 书面告知，已经来不及；现在最早可以选 {first}。"""


class ToldTooLateForAny(Refusal):
    """选在 {month} 退休，最晚要在 {deadline} 书面告知，已经来不及；请按法定退休时间 {legal} 退休。"""


class AgreedTooLate(Refusal):
    """弹性延迟退休最晚要在 {deadline} 书面约定（法定退休时间的一个月以前），已经来不及，没有办理；法定退休时间是 {legal}。"""


class PaperAhead(Refusal):
    """书面的日期 {day} 还没有到，请核对。"""

    status = 422


class PaperMissing(Refusal):
    """补录以前书面告知、申请或者约定的，请填写日期和文书号。"""

    status = 422


class OnlyToday(Refusal):
    """网上办理的以今天为准，不用填日期；以前交过书面材料的，请到柜台补录。"""

    status = 422


class ChosenAlready(Refusal):
    """{name}已经选择了{kind}，退休年月是 {month}；改变主意的，请先撤回（PEN-18）。"""


class NeverLonger(Refusal):
    """{name}已经约定延迟到 {agreed} 退休，确定以后不再延长，只能申请提早结束。"""


class EndTooEarly(Refusal):
    """延迟退休最早在 {first} 结束，请改选月份。"""

    status = 422


class NoEmployer(Refusal):
    """{name}现在没有在单位就业，弹性延迟退休要和单位约定，不能申请；缴费不够的，可以延长缴费。"""


class NotYourWorker(Refusal):
    """没有找到这个人在这个单位的在职记录，请核对号码和单位。"""

    status = 404


class NothingAsked(Refusal):
    """{name}还没有申请弹性延迟退休，请本人先申请（PEN-16）。"""


class AskedOther(Refusal):
    """{name}申请的是延迟到 {asked} 退休，不是 {month}；双方约定的月份要一样，请核对。"""


class AgreedAlready(Refusal):
    """{name}延迟到 {agreed} 退休已经约定，不能单方撤回；提早结束的，办 PEN-16、PEN-17（单位注销的，凭书面材料到柜台）。"""


class PaperOfGone(Refusal):
    """{employer}的社会保险登记已经在 {cancelled_on} 注销；提早结束延迟退休，要凭和单位的协议或者单位终止的文件，请填写文书号。"""

    status = 422


@item(
    "PEN-15",
    "弹性提前退休告知",
    may=Permission.PENSION_DECIDE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="缴费年限够了，可以自愿选择提前退休，最多提前三年；至少在选择的退休时间三个月以前书面告知。",
        who="达到按月领取基本养老金最低缴费年限的职工本人",
        bring=("居民身份证",),
        law="国务院关于渐进式延迟法定退休年龄的办法 第三条；实施弹性退休制度暂行办法",
    ),
)
def tell_early(uow: Uow, cmd: TellEarly) -> Chosen:
    person, when = _choosing(uow, cmd.ident)
    month, told_on = Month.parse(cmd.month), _written(uow, cmd.told_on, cmd.document)
    earliest, legal = Month.of(when.earliest), when.legal_month
    if earliest == legal:
        raise NothingToChoose(name=person.name, legal=when.legal)
    if not earliest <= month < legal:
        raise OutsideEarly(earliest=earliest, last=legal - 1, legal=when.legal, month=month)
    _require_in_time(when, month, told_on)
    _require_months(uow, person.id, month)
    if known := standing(uow, person.id):
        raise _chosen_already(person, known)
    row = _new(uow, person.id, "early", month, told_on, cmd.document)
    return view(person, when, row)


def _require_in_time(when: Dates, month: Month, told_on: date) -> None:
    deadline = when.tell_by(month)
    if told_on <= deadline:
        return
    for later in when.early:
        if told_on <= when.tell_by(later):
            raise ToldTooLate(month=month, deadline=deadline, first=later)
    raise ToldTooLateForAny(month=month, deadline=deadline, legal=when.legal)


def _require_months(uow: Uow, person_id: int, month: Month) -> None:
    """Who goes on paying until the chosen month has enough by then."""
    account, listed = uow.session.get_one(Account, person_id), Listed.of(uow, [person_id])
    behind, needed = going_on(account, listed, month, Month.of(uow.today)), minimum(month.year)
    if behind < needed:
        raise TooFewMonths(months=behind, short=needed - behind, minimum=needed)


@item(
    "PEN-16",
    "弹性延迟退休申请",
    may=Permission.PENSION_DECIDE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="到了法定退休年龄还想工作的，和单位协商一致可以延迟退休，最多延迟三年；本人申请、单位同意以后有效，至少在法定退休时间一个月以前约定。约定以后不再延长，双方同意可以提早结束。",
        who="在职的职工本人",
        bring=("居民身份证", "和单位签订的书面协议（柜台补录的）"),
        law="国务院关于渐进式延迟法定退休年龄的办法 第三条；实施弹性退休制度暂行办法",
    ),
)
def ask_late(uow: Uow, cmd: AskLate) -> Chosen:
    person, when = _choosing(uow, cmd.ident)
    month, row = Month.parse(cmd.month), standing(uow, person.id)
    at_counter = uow.actor.kind in AT_COUNTER
    if at_counter and not cmd.document:
        raise PaperMissing
    if row is not None and row.kind == "early":
        raise _chosen_already(person, row)
    if row is not None and row.agreed is not None:
        _require_earlier(uow, person, when, row.agreed, month)
        row.asked, row.asked_on, row.document = month, uow.today, cmd.document
    else:
        if when.legal == when.latest:
            raise NothingToChoose(name=person.name, legal=when.legal)
        first, latest = when.legal_month + 1, Month.of(when.latest)
        if not first <= month <= latest:
            raise OutsideLate(first=first, latest=latest, legal=when.legal, month=month)
        if registry.flexible.boss_of(uow, person) is None:
            raise NoEmployer(name=person.name)
        if not at_counter and uow.today > when.agree_by:
            raise AgreedTooLate(deadline=when.agree_by, legal=when.legal)
        row = row or _new(uow, person.id, "late", month, uow.today, cmd.document)
        row.asked, row.asked_on, row.document = month, uow.today, cmd.document
    uow.session.flush()
    return view(person, when, row)


def _require_earlier(uow: Uow, person: registry.Person, when: Dates, agreed: Month, month: Month) -> None:
    if month >= agreed:
        raise NeverLonger(name=person.name, agreed=agreed)
    if month < (first := max(when.legal_month, Month.of(uow.today))):
        raise EndTooEarly(first=first)


@item(
    "PEN-17",
    "弹性延迟退休约定",
    may=Permission.PENSION_DECIDE,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="单位同意职工申请的延迟退休（或者提早结束），月份和申请的一样才有效；至少在法定退休时间一个月以前约定。",
        who="用人单位",
        bring=(
            "和职工签订的书面协议（柜台补录的）",
            "协议或者单位终止的文件（单位注销以后，职工到柜台提早结束的）",
        ),
        law="国务院关于渐进式延迟法定退休年龄的办法 第三条；实施弹性退休制度暂行办法",
    ),
)
def agree_late(uow: Uow, cmd: AgreeLate) -> Chosen:
    boss = registry.employer(uow, cmd.uscc)
    if boss.cancelled_on is None:
        boss = registry.active_employer(uow, cmd.uscc)
    person, when, row = _worker(uow, boss, cmd.ident)
    _require_only_ending(uow, boss, row, cmd.document)
    month, agreed_on = Month.parse(cmd.month), _written(uow, cmd.agreed_on, cmd.document)
    if row is None or row.kind != "late":
        raise NothingAsked(name=person.name)
    if row.asked != month:
        raise AskedOther(name=person.name, asked=row.asked, month=month)
    if row.agreed is not None:
        _require_earlier(uow, person, when, row.agreed, month)
    elif agreed_on > when.agree_by:
        raise AgreedTooLate(deadline=when.agree_by, legal=when.legal)
    row.agreed, row.agreed_on, row.employer_id, row.agreement = month, agreed_on, boss.id, cmd.document
    uow.session.flush()
    return view(person, when, row)


def _require_only_ending(uow: Uow, boss: registry.Employer, row: Choice | None, document: str | None) -> None:
    """With an employer that is gone nothing is agreed any more; what was may be ended, at the counter on paper."""
    if boss.cancelled_on is None:
        return
    if row is None or row.agreed is None:
        raise registry.EmployerCancelled(name=boss.name, cancelled_on=boss.cancelled_on)
    if uow.actor.kind in AT_COUNTER and not document:
        raise PaperOfGone(employer=boss.name, cancelled_on=boss.cancelled_on)


def _worker(uow: Uow, boss: registry.Employer, ident: str) -> tuple[registry.Person, Dates, Choice | None]:
    """Somebody who works there (or who agreed with them before); of others an employer learns nothing."""
    try:
        person = registry.person(uow, ident, lock=True)
    except NotFound:
        raise NotYourWorker from None
    now, row = registry.flexible.boss_of(uow, person), standing(uow, person.id)
    if (now is None or now.id != boss.id) and (row is None or row.employer_id != boss.id):
        raise NotYourWorker
    person, when = _choosing(uow, ident)
    return person, when, row


@item(
    "PEN-18",
    "弹性退休撤回",
    may=Permission.PENSION_DECIDE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="改变主意的，在核定待遇以前可以撤回提前退休的告知，或者单位还没有同意的延迟申请；撤回以后按法定退休时间，重新选择要按期限重新办。",
        who="告知或者申请的职工本人",
        bring=("居民身份证",),
        law="实施弹性退休制度暂行办法",
    ),
)
def withdraw_choice(uow: Uow, cmd: WithdrawChoice) -> ChoiceWithdrawn:
    person, when = _choosing(uow, cmd.ident)
    row = standing(uow, person.id)
    if row is None:
        raise NotFound(what=f"{person.name}选择的退休时间")
    if row.agreed is not None:
        raise AgreedAlready(name=person.name, agreed=row.agreed)
    row.withdrawn_on, row.withdrawn_because = uow.today, cmd.because
    uow.session.flush()
    return ChoiceWithdrawn(name=person.name, kind=row.kind, legal=when.legal)


def _choosing(uow: Uow, ident: str) -> tuple[registry.Person, Dates]:
    """The person, who lives and has not retired, and when they may."""
    person, account = whose(uow, ident)
    if person.retired is not None:
        raise InPensionAlready(name=person.name, retired=person.retired)
    return person, dates(person.sex, account.track, person.birth)


def _written(uow: Uow, day: date | None, document: str | None) -> date:
    """The day of the writing: today, or what the paper handed in at the counter says."""
    if uow.actor.kind not in AT_COUNTER and day not in (None, uow.today):
        raise OnlyToday
    if day is not None and day > uow.today:
        raise PaperAhead(day=day)
    if day is not None and day < uow.today and not document:
        raise PaperMissing
    return day or uow.today


def _new(uow: Uow, person_id: int, kind: str, month: Month, on: date, document: str | None) -> Choice:
    row = Choice(
        person_id=person_id,
        kind=kind,
        asked=month,
        asked_on=on,
        document=document,
        agreed=None,
        agreed_on=None,
        employer_id=None,
        agreement=None,
        made_at=uow.now,
        withdrawn_on=None,
        withdrawn_because=None,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _chosen_already(person: registry.Person, known: Choice) -> ChosenAlready:
    return ChosenAlready(name=person.name, kind=str(CHOICES[known.kind]), month=known.agreed or known.asked)


def view(person: registry.Person, when: Dates, row: Choice) -> Chosen:
    ending = row.agreed is not None and row.asked < row.agreed
    deadline = when.tell_by(row.asked) if row.kind == "early" else when.agree_by
    return Chosen(
        name=person.name,
        kind=row.kind,
        month=str(row.asked),
        since=row.asked_on,
        deadline=None if ending else deadline,
        agreed=str(row.agreed) if row.agreed else None,
        agreed_on=row.agreed_on,
        legal=when.legal,
    )
