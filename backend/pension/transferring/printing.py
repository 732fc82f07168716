"""Printing: the papers of a transfer as they are sent to the other place."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.settings import settings
from backend.pension.transferred import TransferCase, TransferStep
from backend.pension.transferring import cases, papers, table
from backend.pension.transferring.cases import IN, OUT
from backend.pension.transferring.schema import Print
from backend.pension.transferring.shown import Printed
from backend.registry import service as registry

LAW = "国办发〔2009〕66号 第八条"
STATES = {"letter": (IN, ("asked", "informed", "done")), "table": (OUT, ("decided", "done"))}


class NothingToPrint(Refusal):
    """{name}没有可以打印的{what}：联系函在受理转入以后、信息表在办理转出以后才有。"""

    status = 404


@item(
    "PEN-73",
    "打印转移文书",
    may=Permission.PENSION_READ,
    guide=Guide(what="打印联系函、转移信息表等转移用的文书。", who="经办机构", law=LAW),
)
def print_paper(uow: Uow, cmd: Print) -> Printed:
    """Of the newest transfer that has it."""
    person = registry.person(uow, cmd.ident)
    direction, states = STATES[cmd.what]
    case = uow.session.scalar(
        select(TransferCase)
        .where(
            TransferCase.person_id == person.id,
            TransferCase.direction == direction,
            TransferCase.state.in_(states),
        )
        .order_by(TransferCase.id.desc())
        .limit(1)
    )
    if case is None:
        raise NothingToPrint(name=person.name, what=papers.LETTER if direction == IN else table.NAME)
    if direction == IN:
        asked = select(TransferStep.day).where(TransferStep.case_id == case.id, TransferStep.what == "asked")
        document = papers.letter(case, person, uow.session.scalars(asked).one())
    else:
        spans = tuple(table.spans(cases.months_of(uow, case), settings().area))
        document = papers.told(case, person, spans, cases.years_of(uow, case))
    return Printed(case=case.id, name=person.name, paper=papers.kept(uow, document, person))
