"""The paper of an award: issued once, printed at will, checked by anybody; figures, words and law are the award's own."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from backend.kernel import files, items
from backend.kernel.actor import ANYONE
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden
from backend.kernel.money import Money
from backend.levy import service as levy
from backend.levy.certified import AskCertificate, AskOwnCertificates
from backend.pension import service as pension
from backend.pension.awarding import letter, noticing
from backend.pension.awarding.noticing import NoAward
from backend.pension.awarding.schema import AskNotice, PrintAward
from backend.pension.schema import AskMine, Award
from tests.backend.pension.test_service import WOMAN, with_account
from tests.backend.people import LI, a_person, citizen


@pytest.fixture
def woman(run: Runner) -> int:
    person_id = with_account(run, WOMAN, months=300, balance="90000", index=8_000, tells="2026-09")
    run.system(pension.award, Award(ident=WOMAN, retired="2026-09"))
    return person_id


def test_the_paper_says_what_the_award_says_in_figures_and_in_words(run: Runner, woman: int) -> None:
    by = run.by(citizen(WOMAN, woman))
    printed = items.perform(by, items.find("PEN-09"), PrintAward(ident=WOMAN))
    assert isinstance(printed, noticing.AwardPrinted)
    text = "".join(
        page.extract_text() for page in PdfReader(BytesIO(by(files.fetch, printed.file).content)).pages
    ).replace("\n", "")
    award = run.system(pension.view_award, AskMine(ident=WOMAN))
    for said in (
        "养老待遇核定表（预核定）",
        WOMAN,
        "张秀䶮",
        "示例精密机械有限公司",
        "25 年（300 个月）",
        "12434.00（2025年度）",
        Money(award.total_fen).capitals,
        str(Money(award.total_fen)),
        "2026年10月",
        "60 日",
        "6 个月",
        printed.code,
    ):
        assert said in text, said


def test_an_award_has_one_paper_that_anybody_checks_and_a_stranger_reads_no_more_of(
    run: Runner, woman: int
) -> None:
    asked = run.system(noticing.notice, AskNotice(ident=WOMAN))
    assert asked.code == "", "not issued yet"
    first = run.system(noticing.print_award, PrintAward(ident=WOMAN))
    again = run.system(noticing.print_award, PrintAward(ident=WOMAN))
    assert (first.code, first.award) == (again.code, again.award)
    kept = run.system(noticing.notice, AskNotice(ident=WOMAN))
    assert kept == asked.model_copy(update={"code": first.code})
    seen = run.by(ANYONE)(levy.verify, AskCertificate(code=first.code))
    assert (seen.title, seen.name) == ("养老待遇核定表", "张*䶮")
    assert WOMAN not in seen.model_dump_json()
    assert {fact.name: fact.value for fact in seen.facts}["每月养老金"] == f"{Money(kept.total_fen)} 元"
    own = run.system(levy.own_certificates, AskOwnCertificates(ident=WOMAN))
    assert own.certificates == (), "certificates of contribution are another list"


def test_the_paper_of_an_old_award_names_no_period_that_was_not_its(run: Runner, woman: int) -> None:
    """Who retired long ago can print the award, too; which periods held then is not on record."""
    seen = run.system(noticing.notice, AskNotice(ident=WOMAN))
    old = letter.letter(seen.model_copy(update={"decided_on": date(2008, 3, 31)}))
    objecting = [said for said in old.remarks if "行政复议" in said]
    assert len(objecting) == 1
    assert "期限按核定时的法律" in objecting[0]
    assert "60 日" not in objecting[0]


def test_who_has_no_award_or_asks_for_another_gets_no_paper(run: Runner, woman: int) -> None:
    a_person(run, LI)
    with pytest.raises(NoAward):
        run.system(noticing.print_award, PrintAward(ident=LI))
    with pytest.raises(Forbidden):
        items.perform(run.by(citizen(LI, woman + 1)), items.find("PEN-09"), PrintAward(ident=WOMAN))
