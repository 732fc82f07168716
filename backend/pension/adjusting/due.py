"""Due 该调整的: whose turn it is in a year, from which facts, and what the year's rule gives, as one select."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.amounts import contains, present
from backend.pension.benefits import ITEM
from backend.pension.calculators.adjustment import Known
from backend.pension.model import Account, Award, Contribution
from backend.pension.rules.adjustment import Pensioner, Speed, increase
from backend.registry import service as registry

SQL = Speed(
    lambda one, other: func.least(one, other, type_=BigInteger()),
    lambda one, other: func.greatest(one, other, type_=BigInteger()),
)
PARTS = ("fixed", "linked", "tilted", "top_up")
FACTS = ("award_id", "person_id", "before", "months", "age")
SERVING = "03"  # 停发原因代码：服刑


def due(known: Known) -> Select[*tuple[Any, ...]]:
    """Who is adjusted now: facts, parts, increase, and how many months were posted without it."""
    facts = _facts(known.year).subquery("facts")
    one = Pensioner(*(type_coerce(facts.c[name], BigInteger()) for name in ("before", "months", "age")))
    given = increase(one, known.scheme, SQL)
    # each by itself (offset): else the rule is worked out anew wherever its result is used
    parts = (
        select(
            *(facts.c[name] for name in FACTS),
            *((_whole(getattr(given, name)) * facts.c.takes_part).label(name) for name in PARTS),
        )
        .offset(0)
        .subquery("parts")
    )
    posted = payout.standing_months(ITEM, Month(known.year, 1)).subquery("posted")
    return select(
        *parts.c,
        (parts.c.fixed + parts.c.linked + parts.c.tilted + parts.c.top_up).label("increase"),
        cast(func.coalesce(posted.c.n, 0), Integer).label("arrears_months"),
    ).outerjoin(posted, posted.c.person_id == parts.c.person_id)


def _whole(part: Any) -> Any:
    return literal(part, BigInteger()) if isinstance(part, int) else type_coerce(part, BigInteger())


def _facts(year: int) -> Select[*tuple[Any, ...]]:
    """Whose newest amount contains the year before: each year in its turn. Age as of the end of the year before. Who is in
    prison takes no part (劳社厅函〔2001〕44号): the year gives them nothing, and the next has its turn."""
    born = cast(func.extract("year", registry.Person.birth), SmallInteger)
    inside = payout.held_for(SERVING).subquery("inside")
    served = exists().where(inside.c.person_id == Award.person_id, inside.c.item == ITEM)
    return (
        select(
            Award.id.label("award_id"),
            Award.person_id,
            present().label("before"),
            months().label("months"),
            (year - 1 - born).label("age"),
            case((served, 0), else_=1).label("takes_part"),
        )
        .join(Account, Account.person_id == Award.person_id)
        .join(registry.Person, registry.Person.id == Award.person_id)
        .where(standing(year), contains() == year - 1)
    )


def months() -> ColumnElement[int]:
    """Years of contributions are those of the award: what was paid for months after retirement counts for nothing. (Of
    awards that are joined to their account.)"""
    late = (
        select(func.count())
        .where(Contribution.person_id == Award.person_id, Contribution.month > Award.retired)
        .correlate(Award)
        .scalar_subquery()
    )
    return Account.months_paid + Account.deemed_months - late


def standing(year: int) -> ColumnElement[bool]:
    """In payment or suspended, or ended by a death within the year: then some of its months are due. (Of rows that are
    joined to the person.)"""
    here = Award.area == settings().area
    within = registry.Person.died >= date(year, 1, 1)
    return here & or_(Award.state.in_(("active", "suspended")), (Award.state == "ended") & within)


def waiting(uow: Uow, year: int) -> int:
    """Who lacks an earlier year."""
    query = (
        select(func.count())
        .select_from(Award)
        .join(registry.Person, registry.Person.id == Award.person_id)
        .where(standing(year), contains() < year - 1)
    )
    return int(uow.session.scalar(query) or 0)
