"""Street: what a drill's city has besides money due — work to be found, awards to be proved, so that every service of a
kiosk has something to show. All by the real commands; the search alone is a plain look at what is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter

from backend.employment import service as employment
from backend.employment.schema import Apply, MoveApplication, VacancyDoc, WriteVacancy
from backend.kernel import codes
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.levy import service as levy
from backend.pension import service as pension
from backend.pension.model import Account
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import Hire, RegisterEmployer

RETIRED: Final = (
    200  # of those who wander have an award, and an answer to an application; the others nothing to see
)
BORN: Final = date(1968, 10, 1)  # of those who wander, the first
TRACK: Final = 55  # they retired in 2023: what a pension is worked out from is on record
WORKED_MONTHS: Final = 360
AVERAGE_INDEX: Final = 10_000
USCC: Final = "91310000MA1FL0001R"
BOSS: Final = Actor(Kind.EMPLOYER, f"employer:{USCC}", name="演练单位", subject=USCC)
HIRED: Final = date(1993, 11, 1)
AREA: Final = "310115"
TITLES: Final = ("小区保洁员", "夜班保安", "餐厅服务员", "仓库管理员", "仓库叉车司机")


def open_street(run: Runner, idents: Sequence[str]) -> None:
    """One employer with work to be had; the first of these people are pensioners of it."""
    run(_employer)
    adverts = [_advert(title, run.clock.today()) for title in TITLES]
    known = [run.by(BOSS)(employment.write, advert).vacancy for advert in adverts]
    for ident in idents[:RETIRED]:
        run(_retire, ident)
        run(_apply, ident, known[-1])


def _employer(uow: Uow) -> None:
    registry.register_employer(
        uow,
        RegisterEmployer(
            uscc=USCC,
            name="演练精密机械有限公司",
            area=AREA,
            industry="C",
            injury_class=4,
            address="演练路 2 号",
            contact="王经理",
            phone="021-12345678",
        ),
    )
    levy.insure_employer(uow, levy.InsureEmployer(uscc=USCC, since="1990-01", injury_class=4))


def _advert(title: str, today: date) -> WriteVacancy:
    return WriteVacancy(
        uscc=USCC,
        title=title,
        occupation="4-02-06-01",
        headcount=9_999,
        area=AREA,
        address="演练路 2 号",
        work="按排班做好本岗位的工作，交接清楚，保持整洁，做五休二。",
        pay_min="5000",
        pay_max="8000",
        contact="王经理",
        phone="021-12345678",
        valid_until=today + timedelta(days=60),
    )


def _retire(uow: Uow, ident: str) -> None:
    """After thirty years of work. Their payments in the drill are its own; the monthly payout is never run there."""
    who = registry.person(uow, ident)
    registry.hire(uow, Hire(uscc=USCC, ident=ident, name=who.name, started=HIRED))
    account = uow.session.get_one(Account, who.id)
    account.track = TRACK
    account.months_paid, account.index_sum = WORKED_MONTHS, WORKED_MONTHS * AVERAGE_INDEX
    uow.session.flush()
    pension.award(uow, Award(ident=ident))


def _apply(uow: Uow, ident: str, vacancy: str) -> None:
    """They have asked for work, and there is an answer."""
    sent = employment.apply(uow, Apply(ident=ident, vacancy=vacancy))
    employment.move(uow, MoveApplication(uscc=USCC, application=sent.application, state="in_progress"))


def found(run: Runner) -> APIRouter:
    """The public search as a kiosk asks it, without the search engine: what is open, by its title."""
    router = APIRouter()

    @router.get("/vacancies")
    def vacancies(q: str = "", size: int = 30) -> dict[str, object]:
        open_now = run(lambda uow: employment.documents(uow, employment.open_nos(uow)))
        hits = [_hit(one) for one in open_now if q in one.title]
        return {"total": len(hits), "hits": hits[:size]}

    return router


def _hit(one: VacancyDoc) -> dict[str, object]:
    return {
        "id": one.vacancy,
        "title": one.title,
        "employer": one.employer,
        "area_name": codes.full_name(one.area),
        "salary_min": Money(one.salary_min_fen).text,
        "salary_max": Money(one.salary_max_fen).text,
        "openings": one.openings,
        "applicants": one.applicants,
    }
