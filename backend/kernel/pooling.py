"""Pooling areas 统筹区: a fund's money belongs to the whole area that pools it, not to a part."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.actor import Kind, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Forbidden
from backend.kernel.settings import settings


class BeyondReach(Forbidden):
    """这项业务是全{area}统一办理的，您的管辖范围不够，请由市级经办机构办理。"""


def within_reach(uow: Uow, area: str) -> bool:
    """Whether who asks may act for the area: programs may, an officer for what lies within their own."""
    return uow.actor.kind is not Kind.OFFICER or area.startswith(reach(uow.actor.area))


def require_reach(uow: Uow, area: str | None = None) -> None:
    """An officer of a part of an area (else: of this house's own) does not move the whole fund's money."""
    area = area or settings().area
    if not within_reach(uow, area):
        raise BeyondReach(area=codes.name("area", area))


def area_of(uow: Uow, asked: str | None) -> str:
    """The area that was asked for, else this house's own; an officer of a part of it is refused."""
    area = asked or settings().area
    require_reach(uow, area)
    return area


def superior(upper: str, lower: str) -> bool:
    """Whether one area lies within another and is not the same.

    >>> superior("310000", "310115"), superior("000000", "310000"), superior("310115", "310115")
    (True, True, False)
    """
    return lower.startswith(reach(upper)) and reach(lower) != reach(upper)
