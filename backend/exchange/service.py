"""Exchange 数据交换: the audit export of GB/T 40217—2021, as an item, a question and for the command line."""

from __future__ import annotations

from backend.exchange import export as exporting
from backend.exchange.export import Exported, Line, Told
from backend.exchange.inspecting import Finding, inspect
from backend.exchange.schema import (
    AskExports,
    AskTables,
    ExportAudit,
    ExportedView,
    Exports,
    ExportView,
    FileView,
    Tables,
    TableView,
    numbers_of,
)
from backend.exchange.scope import NOTHING, scope_of
from backend.exchange.standard import files
from backend.exchange.stores import Folder, Kept
from backend.exchange.writing import Store
from backend.kernel import audit, cases
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.pooling import require_reach

__all__ = ["ExportAudit", "Finding", "Folder", "export_audit", "export_to", "inspect", "list_tables"]
CODE = "EXC-01"
BEFORE = "审计数据"  # before the name of a kept file
MOST = 100_000  # records that one kept export may hold; beyond it the command line writes to a folder
LARGEST = 48 * 1024 * 1024  # of one kept file


class TooMany(Refusal):
    """一共有 {n} 条记录，超过了一次收存的 {most} 条，没有导出。请选一个年度或者少选几张表，或者由机房用命令行导出。"""


class NothingToExport(Refusal):
    """所选的表里没有符合范围的记录，没有导出。请换一个年度或者多选几张表。"""


@item(
    CODE,
    "导出审计数据",
    may=Permission.AUDIT_READ,
    review=1,
    guide=Guide(
        what="按国家标准把养老保险的登记、征缴、账户、发放和账务导出成审计机关读得懂的文件。",
        who="审计人员",
        law="社会保险法 第七十八条；GB/T 40217—2021",
    ),
)
def export_audit(uow: Uow, cmd: ExportAudit) -> ExportedView:
    require_reach(uow)
    scope, numbers = scope_of(uow, cmd.year), numbers_of(cmd.tables)
    records = sum(exporting.counts(uow, scope, numbers).values())
    if not records:
        raise NothingToExport
    if records > MOST:
        raise TooMany(n=records, most=MOST)
    store = Kept(uow, "-".join((BEFORE, scope.area, f"{scope.made:%Y%m%d}")))
    done = exporting.export(uow, scope, store, numbers, largest=LARGEST)
    return ExportedView(
        manifest=done.manifest,
        files=tuple(
            FileView(name=one.name, file=one.kept, records=one.records, size=one.size, sha256=one.sha256)
            for one in done.parts
        ),
        tables=tuple(map(_view, done.lines)),
    )


def _view(line: Line) -> TableView:
    return TableView(
        number=line.table.number,
        name=line.table.name,
        file=f"{line.file}.xml",
        records=line.records,
        note=line.why_not,
    )


@question("EXC-Q1", "审计数据接口的数据表", may=Permission.AUDIT_READ)
def list_tables(uow: Uow, ask: AskTables) -> Tables:
    require_reach(uow)
    scope = scope_of(uow, ask.year)
    counted = exporting.counts(uow, scope)
    return Tables(
        period=f"{scope.since} — {scope.until}",
        tables=tuple(
            TableView(
                number=table.number,
                name=table.name,
                file=f"{file.name}.xml",
                records=counted[table.number],
                note="" if counted[table.number] else table.why_not or NOTHING,
            )
            for file in files()
            for table in file.tables
        ),
    )


@question("EXC-Q2", "已导出的审计数据", may=Permission.AUDIT_READ)
def list_exports(uow: Uow, ask: AskExports) -> Exports:
    require_reach(uow)
    return Exports(exports=tuple(map(_exported, cases.done(uow, CODE))))


def _exported(case: cases.Case) -> ExportView:
    done = ExportedView.model_validate(case.answer)
    return ExportView(
        case_no=case.no,
        maker_name=case.maker_name,
        closed_at=case.closed_at,
        year=case.command["year"],
        manifest=done.manifest,
        files=done.files,
    )


def export_to(uow: Uow, cmd: ExportAudit, store: Store, where: str, told: Told) -> Exported:
    """The same for the command line, of any size, with the same trace in the audit."""
    scope = scope_of(uow, cmd.year)
    done = exporting.export(uow, scope, store, numbers_of(cmd.tables), told=told)
    if not done.parts:
        raise NothingToExport
    exporting.put_schemas(store)
    audit.write(
        uow,
        CODE,
        subject=where,
        outcome="done",
        command=cmd.model_dump(mode="json") | {"records": sum(line.records for line in done.lines)},
    )
    return done
