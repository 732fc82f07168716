"""Certificates of contribution 参保缴费证明: issued to a person or an employer, kept as issued, checked by anybody.

社会保险经办条例 第三十二条: persons and employers look up and prove what they have paid free of charge.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select

from backend.kernel import codes, ident
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.levy.certified import (
    ALPHABET,
    LENGTH,
    TITLES,
    AskCertificate,
    AskEmployerCertificates,
    AskOwnCertificates,
    Certificates,
    CertificateView,
    CertifiedBenefit,
    CertifiedFact,
    CertifiedLine,
    CertifiedSpan,
    Certify,
    CertifyEmployer,
    a_code,
)
from backend.levy.model import Bill, Certificate
from backend.levy.owing import overdue_fen
from backend.levy.records import FLEXIBLE, months_of_person
from backend.registry import service as registry

SHOWN = 20  # certificates of a holder
Payer = int | None


class NothingPaid(Refusal):
    """还没有缴清过的月份，不能开参保缴费证明；请缴清以后再来开。"""


class InArrears(Refusal):
    """还有 {overdue} 元逾期没有缴，不能开无欠费证明；缴清以后再来开。"""


class CertificateUnknown(NotFound):
    """没有查到验证码 {code} 的证明。请对照证明再输一次；还是查不到的，这张证明不是我们开的。"""


@dataclass(frozen=True)
class Certifying:
    """Fact: what a person has paid is being certified. Who keeps months from before dues were levied here adds them.

    `months`: insurance → month → employer (none: the person's own).
    """

    person_id: int
    months: dict[str, dict[Month, Payer]] = field(default_factory=dict)

    def add(self, insurance: str, month: Month, payer: Payer) -> None:
        self.months.setdefault(insurance, {}).setdefault(month, payer)


@item(
    "LEV-12",
    "开具个人参保缴费证明",
    may=Permission.LEVY_READ,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="证明到今天为止缴清了哪些月份的社会保险费，带验证码，任何人都可以在网上查验真伪。",
        who="参保人",
        law="社会保险经办条例 第三十二条",
    ),
)
def certify(uow: Uow, cmd: Certify) -> CertificateView:
    who = registry.person(uow, cmd.ident)
    paid = Certifying(who.id)
    for month in uow.session.execute(months_of_person(who.id)):
        if month.counts:
            paid.add(month.insurance, month.month, month.employer_id)
    uow.emit(paid)
    if not paid.months:
        raise NothingPaid
    return issue(uow, who, "person", {"spans": list(_spans(uow, paid))})


def _spans(uow: Uow, paid: Certifying) -> Iterator[dict[str, Any]]:
    """Months in a row that one payer paid in one insurance."""
    payers = {payer for known in paid.months.values() for payer in known.values() if payer}
    bosses = registry.employers(uow, payers)
    for insurance, known in sorted(paid.months.items()):
        in_a_row = enumerate(sorted(known.items()))
        for (_, payer), run in groupby(in_a_row, key=lambda one: (one[1][0].number - one[0], one[1][1])):
            months = [month for _, (month, _) in run]
            yield {
                "insurance": insurance,
                "payer": bosses[payer].name if payer else FLEXIBLE,
                "first": str(months[0]),
                "last": str(months[-1]),
                "months": len(months),
            }


@item(
    "LEV-13",
    "开具单位无欠费证明",
    may=Permission.LEVY_READ,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="证明单位到今天为止没有逾期的社会保险费和滞纳金，带验证码，任何人都可以在网上查验真伪。",
        who="用人单位",
        law="社会保险经办条例 第三十二条",
    ),
)
def certify_employer(uow: Uow, cmd: CertifyEmployer) -> CertificateView:
    boss = registry.employer(uow, cmd.uscc)
    own = Bill.employer_id == boss.id
    if overdue := overdue_fen(uow, own):
        raise InArrears(overdue=Money(overdue))
    newest = uow.session.scalar(select(func.max(Bill.month)).where(own, Bill.kind == "dues"))
    employees = registry.employees(uow, boss.id, Month.of(uow.today))
    content = {"employees": employees, "billed_until": str(newest) if newest else None}
    row = _new(uow, "employer", boss.name, boss.uscc, content)
    row.employer_id = boss.id
    return _keep(uow, row)


def issue(
    uow: Uow, who: registry.Person, kind: str, content: dict[str, Any], facts: Sequence[tuple[str, str]] = ()
) -> CertificateView:
    """A paper of another system about a person, kept with its content, under a code by which anybody checks it (and
    `facts`, where its content is not levy's own). Its `kind` has a title (`TITLES`)."""
    row = _new(
        uow, kind, who.name, who.ident, content | ({"facts": [list(one) for one in facts]} if facts else {})
    )
    row.person_id = who.id
    return _keep(uow, row)


def issued(uow: Uow, code: str) -> dict[str, Any]:
    """What a paper says that was issued under this code, as it was kept."""
    row = uow.session.scalars(select(Certificate).where(Certificate.code == a_code(code))).one()
    return row.content


def _new(uow: Uow, kind: str, name: str, number: str, content: dict[str, Any]) -> Certificate:
    return Certificate(
        code="".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        kind=kind,
        name=name,
        number=number,
        content=content,
        issued_on=uow.today,
        issued_at=uow.now,
    )


def _keep(uow: Uow, row: Certificate) -> CertificateView:
    uow.session.add(row)
    uow.session.flush()
    return _view(row)


@question("LEV-Q10", "证明查验", may=Permission.LEVY_READ, by=(Kind.ANYONE,))
def verify(uow: Uow, ask: AskCertificate) -> CertificateView:
    """What was certified, and when; of a person's name and number only so much that a holder is recognised."""
    row = uow.session.scalar(select(Certificate).where(Certificate.code == ask.code))
    if row is None:
        raise CertificateUnknown(code=grouped(ask.code))
    seen = _view(row)
    name = row.name if row.kind == "employer" else ident.masked_name(row.name)
    seen = seen.model_copy(update={"name": name, "number": ident.masked(row.number), "spans": ()})
    return seen.model_copy(update={"facts": ()}) if row.kind == "transfer" else seen


@question("LEV-Q11", "个人开过的证明", may=Permission.LEVY_READ, by=(Kind.CITIZEN,))
def own_certificates(uow: Uow, ask: AskOwnCertificates) -> Certificates:
    own = Certificate.person_id == registry.person(uow, ask.ident).id
    return _of_holder(uow, own & (Certificate.kind != "award"), ask.code)


@question("LEV-Q12", "单位开过的证明", may=Permission.LEVY_READ, by=(Kind.EMPLOYER,))
def employer_certificates(uow: Uow, ask: AskEmployerCertificates) -> Certificates:
    return _of_holder(uow, Certificate.employer_id == registry.employer(uow, ask.uscc).id, ask.code)


def _of_holder(uow: Uow, whose: ColumnElement[bool], code: str | None) -> Certificates:
    asked = select(Certificate).where(whose).order_by(Certificate.id.desc()).limit(SHOWN)
    rows = uow.session.scalars(asked.where(Certificate.code == code) if code else asked).all()
    if code and not rows:
        raise CertificateUnknown(code=grouped(code))
    return Certificates(certificates=tuple(map(_view, rows)))


def grouped(code: str) -> str:
    """As it is printed.

    >>> grouped("ABCD2345EFGH6789")
    'ABCD-2345-EFGH-6789'
    """
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _view(row: Certificate) -> CertificateView:
    spans = row.content.get("spans", [])
    by_insurance = groupby(spans, key=lambda one: one["insurance"])
    return CertificateView(
        code=grouped(row.code),
        kind=row.kind,
        title=TITLES[row.kind],
        name=row.name,
        number=row.number,
        issued_on=row.issued_on,
        facts=tuple(CertifiedFact(name=name, value=value) for name, value in row.content.get("facts", ())),
        lines=tuple(_line(insurance, list(parts)) for insurance, parts in by_insurance),
        spans=tuple(
            CertifiedSpan(
                insurance_name=codes.name("insurance", one["insurance"]),
                payer=one["payer"],
                first=one["first"],
                last=one["last"],
                months=one["months"],
            )
            for one in spans
        ),
        benefits=tuple(CertifiedBenefit(**one) for one in row.content.get("benefits", ())),
        employees=row.content.get("employees"),
        billed_until=row.content.get("billed_until"),
    )


def _line(insurance: str, spans: list[dict[str, Any]]) -> CertifiedLine:
    return CertifiedLine(
        insurance_name=codes.name("insurance", insurance),
        months=sum(one["months"] for one in spans),
        first=spans[0]["first"],
        last=spans[-1]["last"],
    )
