"""A certificate of benefits says what is paid today; anybody checks it by its code and sees no more than they hold."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel import files, items
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden
from backend.levy.certified import AskCertificate, AskOwnCertificates, CertificateView
from backend.pension import service as pension
from backend.pension.living import certifying
from backend.pension.living.certified import BenefitsCertified, CertifyBenefits
from backend.pension.schema import Suspend
from backend.registry import service as registry
from backend.registry.schema import RegisterDeath
from tests.backend.pension.test_service import MAN
from tests.backend.pension.test_stopping import total
from tests.backend.people import ZHANG, a_person, citizen


def certify(run: Runner, person_id: int) -> BenefitsCertified:
    made = items.perform(run.by(citizen(MAN, person_id)), items.find("PEN-33"), CertifyBenefits(ident=MAN))
    assert isinstance(made, BenefitsCertified)
    return made


def test_a_pensioner_certifies_it_themselves_and_anybody_can_check(run: Runner, man: int) -> None:
    made = certify(run, man)
    [one] = made.benefits
    assert (one.item, one.first, one.amount_fen, one.state) == (
        "基本养老金",
        "2023-12",
        total(run),
        "正常发放",
    )
    seen = items.perform(run, items.find("LEV-Q10"), AskCertificate(code=made.code))
    assert isinstance(seen, CertificateView)
    assert (seen.title, seen.name, seen.benefits) == ("养老待遇证明", "张*䶮", made.benefits)
    assert MAN not in seen.model_dump_json()
    own = items.perform(run.by(citizen(MAN, man)), items.find("LEV-Q11"), AskOwnCertificates(ident=MAN))
    assert [row.code for row in own.certificates] == [made.code]  # type: ignore[union-attr]
    paper = run.by(citizen(MAN, man))(files.fetch, made.file)
    assert paper.name == f"养老待遇证明 {made.code}.pdf"
    assert paper.content.startswith(b"%PDF")


def test_it_says_what_is_stopped_and_is_not_given_where_nothing_is_paid(run: Runner, man: int) -> None:
    run.system(pension.stopping.suspend, Suspend(ident=MAN, since="2026-12", reason="04", document="停1号"))
    assert certify(run, man).benefits[0].state == "暂停发放"
    a_person(run, ZHANG)
    with pytest.raises(certifying.NothingToCertify):
        run.system(certifying.certify, CertifyBenefits(ident=ZHANG))
    with pytest.raises(Forbidden):
        items.perform(run.by(citizen(MAN, man)), items.find("PEN-33"), CertifyBenefits(ident=ZHANG))
    death = RegisterDeath(ident=MAN, died=date(2026, 11, 3), document="死证 1", reported_by="儿子")
    run.system(registry.register_death, death)
    with pytest.raises(certifying.NothingToCertify):
        run.system(certifying.certify, CertifyBenefits(ident=MAN))
