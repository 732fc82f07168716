"""Bases by spreadsheet 缴费基数批量申报: LEV-02 for all employees at once, by the same rules.

Each line is read by LEV-02's own schema and judged as LEV-02 judges; what is accepted is written as one set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, bindparam, column, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from backend.kernel import files, sheets
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal, Told
from backend.kernel.items import Guide, item
from backend.kernel.language import translate
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.sentences import read
from backend.kernel.telling import CouldBeDone, Done, said
from backend.kernel.text import plain
from backend.levy import results
from backend.levy.declaring import not_insured_there, standings, year_end
from backend.levy.filed import BasesDeclared, DeclareBases
from backend.levy.model import DeclaredBase
from backend.levy.schema import DeclareBase
from backend.registry import service as registry

MOST_LINES = 50_000
AT_ONCE = 10_000
COLUMNS = (("公民身份号码", "ident"), ("从哪个月起", "since"), ("上年度月平均工资（元）", "wage", "wage_fen"))
NAME = "缴费基数批量申报结果"
HEADS = ("行号", "公民身份号码", "结果", "说明")
OUTCOMES = {"accepted": "受理", "refused": "退回"}


class NoLines(Refusal):
    """申报表里没有可以办理的行。第一行写栏目名，从第二行起每人一行，填好再上传。"""

    status = 422


class FormulaInCell(Refusal):
    """“{title}”是公式，不能受理，请粘贴为数值再上传。"""

    status = 422


class WageUnreadable(Refusal):
    """上年度月平均工资要写成以元为单位的数，最多两位小数，请改好再上传。"""

    status = 422


class SamePersonTwice(Refusal):
    """这个人从同一个月起的缴费基数在第 {line} 行已经申报过一次，请只留一行。"""

    status = 422


@dataclass
class Line:
    """One line of the table, and what comes of it; lines are numbered as the spreadsheet numbers them."""

    no: int
    ident: str
    command: DeclareBase | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Base:
    """What a line declares, of whom."""

    person_id: int
    since: Month
    wage: Money


@item(
    "LEV-15",
    "缴费基数批量申报",
    may=Permission.LEVY_RUN,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="每个缴费年度把全部职工的上年度月平均工资做成一张表，一次申报；可以先试算，看清每一行再申报。",
        who="用人单位",
        bring=("职工上年度月平均工资表（xlsx 或者 CSV）",),
        law="社会保险法 第六十条、第六十二条",
    ),
)
def declare_bases(uow: Uow, cmd: DeclareBases) -> BasesDeclared:
    boss = registry.active_employer(uow, cmd.uscc)
    lines = _lines(cmd.uscc, files.fetch(uow, cmd.file).content)
    for first in range(0, len(lines), AT_ONCE):
        _declare(uow, boss.id, lines[first : first + AT_ONCE], dry=cmd.dry)
    refused = sum(line.refusal is not None for line in lines)
    return BasesDeclared(
        lines=len(lines),
        accepted=len(lines) - refused,
        refused=refused,
        dry=cmd.dry,
        results=_kept(uow, cmd, lines),
    )


def _lines(uscc: str, content: bytes) -> list[Line]:
    """The table, every line read or refused."""
    table = enumerate(sheets.rows(content, MOST_LINES), 1)
    at = sheets.places(next(table, (1, list[str]()))[1], COLUMNS)
    said = [(no, row) for no, row in table if any(row)]  # too many are refused before any is judged
    lines = [_line(no, uscc, [row[place] if place < len(row) else "" for place in at]) for no, row in said]
    if not lines:
        raise NoLines
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.command is None:
            continue
        before = first.setdefault((line.command.ident, line.command.since), line.no)
        if before != line.no:
            line.refusal = SamePersonTwice(line=before)
    return lines


def _line(no: int, uscc: str, row: Sequence[str]) -> Line:
    line = Line(no, row[0])
    try:
        line.command = _command(uscc, row)
    except Refusal as refusal:
        line.refusal = refusal
    return line


def _command(uscc: str, row: Sequence[str]) -> DeclareBase:
    """LEV-02's own command, with its own sentences for what is wrong."""
    for cell, (title, *_) in zip(row, COLUMNS, strict=True):
        if sheets.is_formula(cell):
            raise FormulaInCell(title=title)
    number, since, wage = row
    said = {"ident": number, "since": plain(since), "wage_fen": _fen(wage)}
    return read(DeclareBase, {"uscc": uscc} | {name: value for name, value in said.items() if value != ""})


def _fen(wage: str) -> int | str:
    """Fen of an amount in yuan; nothing where nothing was written."""
    text = plain(wage).replace(",", "")
    try:
        return Money.yuan(text).fen if text else ""
    except (ValueError, ArithmeticError):
        raise WageUnreadable from None


def _declare(uow: Uow, employer_id: int, lines: Sequence[Line], *, dry: bool) -> None:
    """Judge the lines that are still good, as one set, and write them."""
    good = [(line, line.command) for line in lines if line.command and not line.refusal]
    people = registry.numbered(uow, [command.ident for _, command in good])
    known = []
    for line, command in good:
        if found := people.get(command.ident):
            base = Base(found[0], Month.parse(command.since), Money(command.wage_fen))
            known.append((line, found[1], base))
        else:
            line.refusal = not_insured_there(command.ident, Month.parse(command.since))
    judged = standings(uow, employer_id, [(base.person_id, base.since) for _, _, base in known])
    for (line, name, base), standing in zip(known, judged, strict=True):
        line.refusal = standing.hindrance(line.ident, name, base.since)
    if not dry:
        _write(uow, employer_id, [base for line, _, base in known if not line.refusal])


def _write(uow: Uow, employer_id: int, bases: Sequence[Base]) -> None:
    """One row each; said again for the same month it replaces what was said."""
    if not bases:
        return
    columns = {
        "person_id": [base.person_id for base in bases],
        "since": [base.since for base in bases],
        "until": [year_end(base.since) for base in bases],
        "wage": [base.wage for base in bases],
    }
    types = {name: DeclaredBase.__table__.c[name].type for name in columns}
    given = (
        func.unnest(*(bindparam(None, rows, type_=ARRAY(types[name])) for name, rows in columns.items()))
        .table_valued(*(column(name, kind) for name, kind in types.items()))
        .render_derived(name="given")
    )
    adding = insert(DeclaredBase).from_select(
        [*columns, "employer_id", "declared_at"], select(given, literal(employer_id), literal(uow.now))
    )
    uow.session.execute(
        adding.on_conflict_do_update(
            index_elements=["person_id", "employer_id", "since"],
            set_={"wage": adding.excluded.wage, "declared_at": adding.excluded.declared_at},
        )
    )


def _kept(uow: Uow, cmd: DeclareBases, lines: Sequence[Line]) -> str:
    good: Told = CouldBeDone() if cmd.dry else Done()
    outcomes = {name: translate(word, cmd.language) for name, word in OUTCOMES.items()}
    return results.keep(
        uow,
        NAME,
        cmd.language,
        HEADS,
        (
            (
                line.no,
                line.ident,
                outcomes["refused" if line.refusal else "accepted"],
                said(line.refusal or good, cmd.language),
            )
            for line in lines
        ),
    )
