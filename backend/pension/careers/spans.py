"""Months in a row: how they are asked for, refused where they cannot be, and told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend.kernel import params
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month, add_months
from backend.pension.model import Account
from backend.pension.statement import account_of
from backend.registry import service as registry


class SpanOrder(Refusal):
    """终止月 {last} 早于起始月 {first}，请更正以后再办。"""

    status = 422


class SpanAhead(Refusal):
    """终止月 {last} 还没有过完，最晚写到 {latest}，请更正以后再办。"""

    status = 422


class SpanTooEarly(Refusal):
    """{name}到 {day} 才满 {age} 周岁，起始月 {first} 太早，请核对材料上的日期。"""

    status = 422


class RegisteredDead(Refusal):
    """{name}登记的死亡日期是 {died}，不能再办；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


def whose(uow: Uow, ident: str) -> tuple[registry.Person, Account]:
    """The person, who lives, and their account; both locked."""
    person = registry.person(uow, ident, lock=True)
    account = account_of(uow, person.id, person.name, lock=True)
    if person.died is not None:
        raise RegisteredDead(name=person.name, died=person.died)
    return person, account


def worked_span(uow: Uow, person: registry.Person, first: str, last: str) -> tuple[Month, Month]:
    """Months in which the person can have worked, and that are over."""
    span = Month.parse(first), Month.parse(last)
    if span[1] < span[0]:
        raise SpanOrder(first=first, last=last)
    if span[1] >= (now := Month.of(uow.today)):
        raise SpanAhead(last=last, latest=now - 1)
    age = int(params.value("pension.deemed.lowest_age", uow.today))
    if span[0] < Month.of(grown := add_months(person.birth, 12 * age)):
        raise SpanTooEarly(name=person.name, first=first, day=grown, age=age)
    return span


def in_a_row(months: Iterable[Month]) -> Iterator[tuple[Month, Month]]:
    """The stretches that these months make, in order of time."""
    first = last = None
    for month in sorted(months):
        if first is None or last is None:
            first = last = month
        elif month == last + 1:
            last = month
        else:
            yield first, last
            first = last = month
    if first is not None and last is not None:
        yield first, last
