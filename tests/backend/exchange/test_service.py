"""The item and its question: reviewed, within reach only, kept for auditors, traced."""

from __future__ import annotations

import io
import json

import pytest

from backend.exchange import service as exchange
from backend.exchange.reading import records
from backend.exchange.schema import AskExports, AskTables, ExportAudit, ExportedView, Exports
from backend.exchange.service import NothingToExport, TooMany
from backend.kernel import audit, files, items
from backend.kernel.cases import Case
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.pooling import BeyondReach
from backend.kernel.review import Decide
from backend.kernel.sentences import Invalid, read
from backend.systems import CATALOGUE
from tests.backend.payout.city import a_retiree, fund
from tests.backend.people import USCC, ZHANG, an_employer, citizen, officer

EXPORT, LIST, EXPORTS = CATALOGUE["EXC-01"], CATALOGUE["EXC-Q1"], CATALOGUE["EXC-Q2"]
REVIEW = CATALOGUE["CAS-01"]
AUDITOR = officer("officer:9", "审计")
COLLEAGUE = officer("officer:8", "审计")
DISTRICT = officer("officer:7", "审计", area="310115")
CLERK = officer("officer:1", "经办")
CHECKER = officer("officer:2", "复核")


@pytest.fixture
def books(run: Runner) -> Runner:
    """A pensioner, an employer, and some vouchers."""
    fund(run)
    a_retiree(run)
    an_employer(run)
    return run


def approved(run: Runner, command: ExportAudit) -> ExportedView:
    filed = items.perform(run.by(AUDITOR), EXPORT, command)
    assert isinstance(filed, items.Filed)
    items.perform(run.by(CHECKER), REVIEW, Decide(no=filed.case_no, decision="approved"))
    (row,) = run.system(
        lambda uow: uow.session.query(audit.Row).filter_by(item="EXC-01", outcome="done").all()
    )
    assert (row.actor_id, row.case_no) == (AUDITOR.id, filed.case_no)
    return ExportedView.model_validate(
        run.system(lambda uow: uow.session.get_one(Case, filed.case_no)).answer
    )


def test_an_auditor_files_another_person_approves_and_auditors_fetch_the_files(books: Runner) -> None:
    done = approved(books, ExportAudit(tables="16,18,19,20"))
    assert [file.name for file in done.files] == ["参数信息.xml", "财务信息.xml"]
    assert {table.number: table.records > 0 for table in done.tables} == {
        16: True,
        18: True,
        19: True,
        20: True,
    }
    for reader in (AUDITOR, COLLEAGUE):
        fetched = books.by(reader)(files.fetch, done.files[1].file)
        assert fetched.name == "审计数据-310000-20261124-财务信息.xml"
        assert len(list(records(io.BytesIO(fetched.content), "x"))) == done.files[1].records
    manifest = json.loads(books.by(AUDITOR)(files.fetch, done.manifest).content)
    assert [one["SHA-256"] for one in manifest["文件"]] == [file.sha256 for file in done.files]


def test_what_was_exported_is_found_again(books: Runner) -> None:
    done = approved(books, ExportAudit(year=2026, tables="18"))
    told = items.perform(books.by(COLLEAGUE), EXPORTS, AskExports())
    assert isinstance(told, Exports)
    (one,) = told.exports
    assert (one.year, one.maker_name, one.manifest) == (2026, AUDITOR.name, done.manifest)
    assert one.files == done.files
    with pytest.raises(BeyondReach):
        items.perform(books.by(DISTRICT), EXPORTS, AskExports())


def test_nobody_else_fetches_them(books: Runner) -> None:
    done = approved(books, ExportAudit(tables="18"))
    for reader in (CLERK, CHECKER, DISTRICT, citizen(ZHANG, 1)):
        with pytest.raises(NotFound):
            books.by(reader)(files.fetch, done.files[0].file)


def test_only_who_may_read_the_audit_asks(books: Runner) -> None:
    for asker in (CLERK, CHECKER, citizen(ZHANG, 1)):
        with pytest.raises(Forbidden):
            items.perform(books.by(asker), EXPORT, ExportAudit())
        with pytest.raises(Forbidden):
            items.perform(books.by(asker), LIST, AskTables())


def test_an_officer_of_a_district_gets_nothing_of_the_whole_citys(books: Runner) -> None:
    with pytest.raises(BeyondReach):
        items.perform(books.by(DISTRICT), LIST, AskTables())
    filed = items.perform(books.by(DISTRICT), EXPORT, ExportAudit(tables="18"))
    assert isinstance(filed, items.Filed)
    with pytest.raises(BeyondReach):
        items.perform(books.by(CHECKER), REVIEW, Decide(no=filed.case_no, decision="approved"))


def test_the_question_says_what_each_table_holds(books: Runner) -> None:
    told = items.perform(books.by(AUDITOR), LIST, AskTables())
    assert isinstance(told, exchange.Tables)
    assert [table.number for table in told.tables] == list(range(1, 21))
    by_number = {table.number: table for table in told.tables}
    assert (by_number[20].records, by_number[20].note) == (6, "")
    assert (by_number[7].records, by_number[7].note) == (0, "没有符合范围的记录")
    assert (by_number[9].records, by_number[9].note) == (0, "系统还没有机关事业单位养老保险业务")
    assert (by_number[3].records, by_number[3].note) == (0, "没有符合范围的记录")
    assert by_number[20].file == "财务信息.xml"
    assert told.period == "2026-01-01 — 2026-11-24"
    earlier = items.perform(books.by(AUDITOR), LIST, AskTables(year=2025))
    assert isinstance(earlier, exchange.Tables)
    assert earlier.period == "2025-01-01 — 2025-12-31"
    assert {table.number for table in earlier.tables if table.records} == {16, 17}


def test_too_much_for_kept_files_goes_by_the_command_line(
    books: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST", 3)
    with pytest.raises(TooMany, match="一共有 6 条记录，超过了一次收存的 3 条"):
        books.by(AUDITOR)(exchange.export_audit, ExportAudit(tables="20"))


def test_nothing_to_export_is_said(books: Runner) -> None:
    with pytest.raises(NothingToExport):
        books.by(AUDITOR)(exchange.export_audit, ExportAudit(year=2001, tables="20,7"))


@pytest.mark.parametrize("tables", ["0", "21", "1,x", "1-3", "一"])
def test_a_table_that_is_none_is_refused(tables: str) -> None:
    with pytest.raises(Invalid, match="“要导出的表”请写 1 到 20 的表号"):
        read(ExportAudit, {"tables": tables})


@pytest.mark.parametrize("year", [1991, 2100, "去年"])
def test_a_year_that_is_none_is_refused(year: object) -> None:
    with pytest.raises(Invalid, match="“年度”"):
        read(ExportAudit, {"year": year})


def test_an_employer_with_nobody_insured_is_not_among_the_insured(books: Runner) -> None:
    told = items.perform(books.by(AUDITOR), LIST, AskTables())
    assert isinstance(told, exchange.Tables)
    assert told.tables[0].records == 0, USCC
