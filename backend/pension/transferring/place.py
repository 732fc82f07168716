"""Place of benefit 待遇领取地 of a real person: by province, from the months that count here and where they were paid."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.params import Lookup
from backend.kernel.settings import settings
from backend.pension.calculators.place import SAID
from backend.pension.model import Contribution
from backend.pension.rules.transfer import Places, Stay, benefit_place
from backend.pension.statement import account_of
from backend.pension.transferred import TransferCase
from backend.pension.transferring import temporary
from backend.pension.transferring.schema import AskPlace
from backend.pension.transferring.shown import PlaceMonths, PlaceView
from backend.registry import service as registry

REGISTERED = "户籍所在地没有登记过，按登记的行政区划算；户籍不在那里的，请填写户籍所在地再查。"
NOT_HERE = "只有转入本地的月份在内；在外地还有没转来的，请先办转入再看。"


def province(area: str) -> str:
    """
    >>> province("310115")
    '310000'
    """
    return area[:2] + "0000"


@question("PEN-Q60", "待遇领取地", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def place(uow: Uow, ask: AskPlace) -> PlaceView:
    """Years that count as paid are counted for this place, as the ones who recognised them are here."""
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    known = ask.hukou or _hukou(uow, person.id)
    home = province(known or person.area)
    only = temporary.flagged(uow, person.id) is not None
    own = province(settings().area)
    stays = _stays(uow, person.id, own, only)
    if account.deemed_months:
        stays.insert(0, Stay(own, account.deemed_months, only))
    missing = max(0, account.months_paid - sum(one.months for one in stays[bool(account.deemed_months) :]))
    stays.append(Stay(own, missing, only))  # the relation is here, whatever was recorded month by month
    look = Lookup(uow.today)
    area, why = benefit_place(Places(home, stays), int(look.value("pension.transfer.place_months")))
    sums = Places(home, [Stay(one.area, one.months) for one in stays]).sums
    remarks = (NOT_HERE,) if known else (REGISTERED, NOT_HERE)
    return PlaceView(
        name=person.name,
        area=area,
        here=area == own and not only,
        why=SAID[why],
        hukou=home,
        temporary=only,
        places=tuple(PlaceMonths(area=of, months=n) for of, n in sums.items()),
        warnings=(*remarks, *look.warnings()),
    )


def _stays(uow: Uow, person_id: int, own: str, only: bool) -> list[Stay]:
    rows = uow.session.scalars(
        select(Contribution.area).where(Contribution.person_id == person_id).order_by(Contribution.month)
    )
    places = (province(area) if area else own for area in rows)
    return [Stay(area, len(list(run)), only and area == own) for area, run in groupby(places)]


def _hukou(uow: Uow, person_id: int) -> str | None:
    """As it was last told with a transfer or a temporary account."""
    if flag := temporary.flagged(uow, person_id):
        return flag.hukou
    return uow.session.scalar(
        select(TransferCase.hukou)
        .where(TransferCase.person_id == person_id, TransferCase.hukou.is_not(None))
        .order_by(TransferCase.id.desc())
        .limit(1)
    )
