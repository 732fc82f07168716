"""Certificates: what is certified, whom it shows to, and that nobody changes one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.kernel.actor import ANYONE
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.certified import (
    AskCertificate,
    AskEmployerCertificates,
    AskOwnCertificates,
    CertificateView,
    Certify,
    CertifyEmployer,
)
from backend.levy.certifying import CertificateUnknown, InArrears, NothingPaid
from backend.registry import service as registry
from tests.backend.levy.town import SUN, WANG, WHOLE, ZHAO, a_town, at, bill, declare_all, owed, receive
from tests.backend.people import USCC, ZHANG, a_person, citizen


@pytest.fixture
def paid(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    receive(run, "B0001", WHOLE)


def certified(run: Runner, ident: str = ZHAO) -> CertificateView:
    return run.system(levy.certify, Certify(ident=ident))


def test_all_months_paid_by_insurance_and_by_whom(run: Runner, paid: None) -> None:
    seen = certified(run)
    assert (seen.kind, seen.name, seen.number) == ("person", "张秀䶮", ZHAO)
    assert [(one.insurance_name, one.months, one.first, one.last) for one in seen.lines] == [
        ("企业职工基本养老保险", 1, "2026-08", "2026-08"),
        ("失业保险", 1, "2026-08", "2026-08"),
        ("职工基本医疗保险", 1, "2026-08", "2026-08"),
        ("工伤保险", 1, "2026-08", "2026-08"),
    ]
    assert {one.payer for one in seen.spans} == {"示例精密机械有限公司"}


def test_months_from_before_are_told_by_the_pension_system(run: Runner, paid: None) -> None:
    def before(uow: Uow) -> None:
        who = registry.person(uow, ZHAO).id
        for month in (Month(2019, 11), Month(2019, 12), Month(2020, 1), Month(2026, 7)):
            uow.session.execute(
                text(
                    "insert into pension.contribution (person_id, month, base, person_share, employer_share)"
                    " values (:person_id, :month, 1, 1, 1)"
                ),
                {"person_id": who, "month": month.first},
            )

    run.system(before)
    seen = certified(run)
    assert (seen.lines[0].months, seen.lines[0].first) == (5, "2019-11")
    spans = [(one.payer, one.first, one.last, one.months) for one in seen.spans if one.months != 1]
    assert spans == [("灵活就业", "2019-11", "2020-01", 3)]


def test_a_month_that_is_not_paid_is_not_certified(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    with pytest.raises(NothingPaid):
        certified(run)
    a_person(run, ZHANG)
    with pytest.raises(NothingPaid):
        certified(run, ZHANG)


def test_anybody_checks_a_code_and_sees_no_more_than_a_holder_would_know(run: Runner, paid: None) -> None:
    seen = certified(run)
    anybody = run.by(ANYONE)
    checked = anybody(levy.verify, AskCertificate(code=seen.code.lower().replace("-", " ")))
    assert (checked.name, checked.number) == ("张*䶮", "310***********0017")
    assert (checked.lines, checked.spans, checked.issued_on) == (seen.lines, (), seen.issued_on)
    with pytest.raises(CertificateUnknown):
        anybody(levy.verify, AskCertificate(code="2345-6789-ABCD-EFGH"))
    for wrong in ("", "2345-6789", "0345-6789-ABCD-EFGH"):
        with pytest.raises(ValidationError):
            AskCertificate(code=wrong)


def test_every_certificate_has_a_code_of_its_own_and_only_its_holder_sees_it_whole(
    run: Runner, paid: None
) -> None:
    first, second = certified(run), certified(run)
    assert first.code != second.code
    certified(run, SUN)
    mine = run.system(levy.own_certificates, AskOwnCertificates(ident=ZHAO)).certificates
    assert [one.code for one in mine] == [second.code, first.code]
    [one] = run.system(levy.own_certificates, AskOwnCertificates(ident=ZHAO, code=first.code)).certificates
    assert one == first
    who = run.system(lambda uow: registry.person(uow, WANG).id)
    with pytest.raises(CertificateUnknown):
        run.by(citizen(WANG, who))(levy.own_certificates, AskOwnCertificates(ident=WANG, code=first.code))


def test_an_employer_without_arrears_gets_its_certificate(run: Runner, paid: None) -> None:
    seen = run.system(levy.certify_employer, CertifyEmployer(uscc=USCC))
    assert (seen.employees, seen.billed_until, seen.number) == (3, "2026-08", USCC)
    checked = run.by(ANYONE)(levy.verify, AskCertificate(code=seen.code))
    assert (checked.name, checked.number) == ("示例精密机械有限公司", "913***********0Y4D")
    ask = AskEmployerCertificates(uscc=USCC)
    assert run.system(levy.employer_certificates, ask).certificates == (seen,)


def test_an_employer_in_arrears_is_told_how_much(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    run.system(levy.certify_employer, CertifyEmployer(uscc=USCC))  # owed, and not yet due
    at(clock, 2026, 9, 9)
    with pytest.raises(InArrears):
        run.system(levy.certify_employer, CertifyEmployer(uscc=USCC))
    receive(run, "B0001", WHOLE)
    at(clock, 2026, 9, 10)
    assert owed(run).overdue_fen > 0, "the late fee is overdue too"
    with pytest.raises(InArrears):
        run.system(levy.certify_employer, CertifyEmployer(uscc=USCC))


@pytest.mark.parametrize(
    "change", ["update levy.certificate set name = '别人'", "delete from levy.certificate"]
)
def test_nobody_changes_a_certificate(run: Runner, paid: None, change: str) -> None:
    certified(run)

    def tamper(uow: Uow) -> None:
        uow.session.execute(text(change))

    with pytest.raises(ProgrammingError):
        run.system(tamper)
