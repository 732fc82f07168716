"""Pooling area 统筹地区: the fund's money belongs to the whole of it."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.actor import Kind, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Forbidden
from backend.kernel.settings import settings


class BeyondReach(Forbidden):
    """这项业务是全{area}统一办理的，您的管辖范围不够，请由市级经办机构办理。"""


def require_reach(uow: Uow) -> None:
    """An officer of a part of the area does not move the whole fund's money."""
    if uow.actor.kind is Kind.OFFICER and not settings().area.startswith(reach(uow.actor.area)):
        raise BeyondReach(area=codes.name("area", settings().area))
