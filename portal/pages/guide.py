"""Service directory 办事指南: what can be done, who may ask, what to bring, the law."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.http import Run
from backend.kernel import items
from backend.kernel.actor import Kind
from backend.kernel.errors import NotFound
from backend.systems import CATALOGUE
from portal.pages.desk.known import grouped
from portal.render import page

router = APIRouter(prefix="/guide")
ONLINE = {
    "EMP-01": "/employer/vacancies/new",
    "EMP-11": "/jobs",
    "EMP-13": "/employer",
    "EMP-06": "/employer",
    "CRD-02": "/account/card",
    "CRD-03": "/account/card",
    "CRD-04": "/account/card",
    "CRD-05": "/account/card",
    "CRD-07": "/account/card",
    "CRD-21": "/account/card",
    "CRD-23": "/account/card",
    "PEN-04": "/account/pension",
    "REG-03": "/employer/levy/hire",
    "REG-04": "/employer/staff",
    "LEV-01": "/employer/registration/insure",
    "LEV-24": "/employer/registration/change",
    "LEV-25": "/employer/registration/cancel",
    "LEV-26": "/employer/registration/insurance",
    "LEV-15": "/employer/levy/bases/batch",
    "LEV-02": "/employer/levy/bases",
    "LEV-03": "/account/levy",
    "LEV-27": "/account/insurance/enrol",
    "LEV-28": "/account/insurance/stop",
    "RES-01": "/account/pension/resident",
    "RES-02": "/account/pension/resident",
    "RES-04": "/account/pension/resident",
    "LEV-10": "/employer/levy",
    "LEV-11": "/account/levy",
    "LEV-12": "/account/levy/certificates",
    "LEV-13": "/employer/levy/certificates",
}


@router.get("")
def directory(request: Request, run: Run) -> Response:
    listed = sorted((one for one in CATALOGUE.values() if one.guide), key=lambda one: one.code)
    return page(request, "guide/list.html", groups=grouped(listed))


@router.get("/{code}")
def one(request: Request, run: Run, code: str) -> Response:
    known = items.find(code)
    if known.guide is None:
        raise NotFound(what=f"事项 {code[:20]}")
    online = ONLINE.get(code, "") if known.by & {Kind.CITIZEN, Kind.EMPLOYER, Kind.ANYONE} else ""
    return page(request, "guide/one.html", item=known, guide=known.guide, online=online)
