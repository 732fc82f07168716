"""Work at a kiosk: one vacancy as everybody sees it, and applying for it by card with what is on record."""

from __future__ import annotations

from backend.employment import service as employment
from backend.employment.schema import Apply as ApplyThere
from backend.employment.schema import AskMine, AskVacancy
from backend.hall.schema import Applied, ApplyHere, AskJob, Job
from backend.hall.visitor import visitor
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item, question

OPEN = "open"
TAKEN_BACK = "cancelled"


@question("KSK-Q4", "自助机职位详情", by=(Kind.KIOSK,))
def job(uow: Uow, ask: AskJob) -> Job:
    seen = employment.vacancy(uow, AskVacancy(vacancy=ask.vacancy))
    own = _own(uow, ask.visit, ask.vacancy) if ask.visit else {}
    return Job(
        vacancy=seen.vacancy,
        title=seen.title,
        employer=seen.employer,
        area=seen.area_name,
        address=seen.address,
        work=seen.work,
        conditions=seen.conditions,
        education=seen.education_name,
        experience_years=seen.experience_years,
        salary_min_fen=seen.salary_min_fen,
        salary_max_fen=seen.salary_max_fen,
        openings=max(0, seen.headcount - seen.hired),
        applicants=seen.applicants,
        contact=seen.contact,
        phone=seen.phone,
        open=seen.status == OPEN,
        status=seen.status_name,
        **own,
    )


def _own(uow: Uow, visit: str, vacancy: str) -> dict[str, str | None]:
    """How far the visitor's own application has come, and by which number the employer would call."""
    who = visitor(uow, visit).holder
    sent = employment.applications(uow, AskMine(ident=who.ident)).applications
    mine = next((one for one in sent if one.vacancy == vacancy and one.state != TAKEN_BACK), None)
    return {"applied": mine.state_name if mine else None, "own_phone": masked_phone(who.phone) or None}


def masked_phone(number: str) -> str:
    """
    >>> masked_phone("13800001234"), masked_phone("021-6543210"), masked_phone("")
    ('138****1234', '021****3210', '')
    """
    return f"{number[:3]}****{number[-4:]}" if len(number) > 7 else ""


@item(
    "KSK-03",
    "自助机申请职位",
    by=(Kind.KIOSK,),
    guide=Guide(
        what="在自助机上找到职位以后，插着卡申请，用登记的姓名和电话，不用再填写。姓名和电话只有这家单位能看到。",
        who="年满十六周岁的求职者",
        bring=("社会保障卡",),
        law="就业促进法 第三条",
    ),
)
def apply(uow: Uow, cmd: ApplyHere) -> Applied:
    who = visitor(uow, cmd.visit).holder
    done = employment.apply(uow, ApplyThere(ident=who.ident, vacancy=cmd.vacancy))
    return Applied(title=done.title, employer=done.employer, state=done.state_name)
