"""The demo city exported: what is in the files is what is in the books, and whoever reads them can tell."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from backend.exchange import service as exchange
from backend.exchange.export import MANIFEST
from backend.exchange.inspecting import NoManifest
from backend.exchange.reading import records
from backend.exchange.service import NothingToExport
from backend.exchange.stores import FolderClosed, FolderInUse
from backend.exchange.values import Value
from backend.kernel import audit, ledger
from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from tests.backend.exchange.conftest import PERSONS, YEAR, City, export

pytestmark = pytest.mark.xdist_group("exchange")  # one city, exported once
WRITTEN = {1, 2, 4, 5, 6, 8, 10, 11, 13, 15, 16, 17, 18, 19, 20}
Typed = dict[str, Value]


def read(folder: Path) -> dict[int, list[Typed]]:
    """Every record of every file, typed, by table."""
    found: dict[int, list[Typed]] = defaultdict(list)
    for path in sorted(folder.glob("*.xml")):
        with path.open("rb") as file:
            for record in records(file, path.name):
                found[record.table.number].append(record.typed())
    return found


def total(rows: list[Typed], code: str) -> Money:
    return sum((row[code] for row in rows if isinstance(row[code], Money)), ZERO)


def of_insurance(rows: list[Typed], code: str) -> list[Typed]:
    return [row for row in rows if row["AAE140"] == code]


def asked(city: City, query: str) -> Any:
    return city.run(lambda uow: uow.session.execute(text(query)).one())


@pytest.fixture(scope="module")
def everything(city: City, tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Typed]]:
    """All years of all tables."""
    folder = tmp_path_factory.mktemp("all")
    export(city.run, folder)
    return read(folder)


def test_every_table_that_there_are_data_for_is_written(everything: dict[int, list[Typed]]) -> None:
    assert everything.keys() == WRITTEN


def test_persons_are_all_there_once(city: City, everything: dict[int, list[Typed]]) -> None:
    numbers = {row["AAC002"] for row in everything[2]}
    (held,) = asked(city, "select count(*) from pension.account")
    (residents,) = asked(city, "select count(*) from pension.resident_account")
    assert len(numbers) == len(everything[2]) == held + residents
    assert held <= PERSONS
    one = next(row for row in everything[2] if row["AIC162"])
    assert (one["AAC016"], one["AAC016N"]) == (None, "退休")


def test_amounts_are_those_of_the_books(city: City, everything: dict[int, list[Typed]]) -> None:
    base, person, employer = asked(
        city, "select sum(base), sum(person_share), sum(employer_share) from pension.contribution"
    )
    monthly = [row for row in everything[11] if row["AAE078"] == "1"]
    assert [total(monthly, code).fen for code in ("AAE180", "AAE058")] == [base, person + employer]
    assert all(row["AAE020"] == ZERO for row in monthly if row["AAB001"] is None), "all is their own"
    assert all(row["AAE082"] == row["AAE022"] for row in monthly)
    arrears = [row for row in everything[11] if row["AAE078"] == "0"]
    (owed,) = asked(
        city,
        "select sum(due) from levy.bill where insurance = '110' and kind = 'dues' and settled_at is null",
    )
    assert total(arrears, "AAE058").fen == owed
    for insurance, years in (("110", "account_year"), ("170", "resident_year")):
        closing, paid = asked(city, f"select sum(closing), sum(paid) from pension.{years}")
        kept = of_insurance(everything[6], insurance)
        assert [total(kept, code).fen for code in ("ZZB005", "AIC340")] == [closing, paid]
    (settled,) = asked(
        city,
        "select sum(amount) from payout.payable p left join payout.bank_file f on f.id = p.file_id"
        " where p.state in ('collected', 'paid') or f.answered_at is not null",
    )
    assert total(everything[13], "AAE019").fen == settled
    (awarded,) = asked(city, "select sum(total) from pension.award where state = 'active'")
    assert total(everything[5], "EIC009").fen == awarded


def test_a_resident_pays_by_the_year(city: City, everything: dict[int, list[Typed]]) -> None:
    n, paid = asked(city, "select count(*), sum(amount) from pension.resident_payment where kind = 'own'")
    assert (len(everything[10]), total(everything[10], "AAE082").fen) == (n, paid)
    assert {(row["AAE140N"], row["AIC079"], row["AAE034"]) for row in everything[10]} == {
        ("城乡居民社会养老保险", 12, None)
    }
    accounts = {(row["AAC001"], row["AAE001"]) for row in of_insurance(everything[6], "170")}
    assert {(row["AAC001"], row["AAE101"]) for row in everything[10]} <= accounts


def test_an_employers_months_are_its_peoples_months(everything: dict[int, list[Typed]]) -> None:
    by_month: dict[tuple[Value, Value], list[Typed]] = defaultdict(list)
    for row in everything[11]:
        if row["AAB001"]:
            by_month[row["AAB001"], row["AAE003"]].append(row)
    assert len(everything[8]) == len(by_month)
    for row in everything[8]:
        people = by_month[row["AAB001"], row["AAE003"]]
        assert row["AAB119"] == len(people)
        for whole, part in (("AAE020", "AAE020"), ("AAE022", "AAE022"), ("AAB121", "AAE180")):
            assert row[whole] == total(people, part)
        assert row["AAE078"] == people[0]["AAE078"]
        if people[0]["AAE023"] is not None:
            paid = row["AAE078"] == "1"
            assert row["AAE023"] == total(people, "AAE023")
            assert row["AAE083"] == (row["AAE023"] if paid else ZERO)
            assert row["AAE081"] == row["AAE021"] == total(people, "AAE021")


def test_what_is_credited_by_month_is_what_the_account_was_credited(
    everything: dict[int, list[Typed]],
) -> None:
    """Since 2006 all of 8 % comes out of the person's own share."""
    credited: dict[tuple[Value, int], Money] = defaultdict(lambda: ZERO)
    for row in everything[11]:
        month, part = row["AAE003"], row["AAE023"]
        if (
            row["AAE078"] == "1"
            and isinstance(month, Month)
            and month.year >= 2006
            and isinstance(part, Money)
        ):
            assert row["AAE021"] == ZERO
            credited[row["AAC001"], month.year] += part
    for row in of_insurance(everything[6], "110"):
        if isinstance(row["AAE001"], int) and row["AAE001"] >= 2006:
            assert row["ZZB001"] == credited[row["AAC001"], row["AAE001"]], (row["AAC001"], row["AAE001"])


def test_a_rate_is_given_where_it_is_the_one_that_was_reckoned_by(everything: dict[int, list[Typed]]) -> None:
    last = [row for row in everything[11] if row["AAE003"] == Month(2025, 12)]
    rates = {(row["AAB001"] is None, row["AAA042"], row["AAA041"]) for row in last}
    assert rates <= {(False, Decimal("0.1600"), Decimal("0.0800")), (True, None, Decimal("0.2000"))}
    assert (False, Decimal("0.1600"), Decimal("0.0800")) in rates


def test_months_before_a_year_are_counted(everything: dict[int, list[Typed]]) -> None:
    paid = defaultdict(set)
    for row in everything[11]:
        paid[row["AAC001"]].add(row["AAE003"])
    for row in of_insurance(everything[6], "110"):
        before = {month for month in paid[row["AAC001"]] if month.year < row["AAE001"]}  # type: ignore[union-attr,operator]
        assert row["AIC042"] == len(before)


def test_vouchers_are_the_balances(city: City, everything: dict[int, list[Typed]]) -> None:
    assert total(everything[20], "EAD143") == total(everything[20], "EAD144") != ZERO
    by_account: dict[tuple[Value, Value], list[Typed]] = defaultdict(list)
    for row in everything[20]:
        by_account[row["ZZA101"], row["EAD004"]].append(row)
    for row in everything[19]:
        lines = by_account[row["ZZA101"], row["EAD004"]]
        assert (row["AAD088"], row["AAD089"]) == (total(lines, "EAD143"), total(lines, "EAD144"))
        assert row["AAD082"] == "11月"
    named = {(row["ZZA101"], row["EAD004"]): row["EAD006"] for row in everything[18]}
    assert named["310000-110", "1001-00000001"] == "库存现金--00000001"
    assert by_account.keys() <= named.keys()
    trial = city.run(ledger.trial_balance, Month(2026, 11))
    closing = {
        line.account.fund.value: line.closing_fen for line in trial if line.account.kind == "treasury_deposit"
    }
    (treasury,) = [
        row for row in everything[19] if (row["ZZA101"], row["EAD006"]) == ("310000-110", "财政专户存款")
    ]
    assert treasury["AAD092"] == Money(closing["pension"])


def test_enrolments_tell_who_pays_now(city: City, everything: dict[int, list[Typed]]) -> None:
    states = {(row["AAC031"], row["AAC008"], row["AAE031"] is None) for row in everything[4]}
    assert states == {("1", "正常参保", True), ("2", "正常参保", False), ("3", "终止参保", False)}
    for row in everything[4]:
        assert (row["AAE180"] is None) == (row["AAC031"] != "1") or row["AAE030"]
    (n,) = asked(city, "select count(*) from registry.enrolment where insurance = '110'")
    assert len(everything[4]) == n


def test_every_record_says_whose_and_of_when_it_is(city: City) -> None:
    found = read(city.folder)
    heads = {tuple(row[code] for code in ("ZZZ001", "ZZZ002", "AAB301", "AAA146", "AAB034", "AAB034N"))
             for rows in found.values() for row in rows}  # fmt: skip
    assert heads == {
        ("2025010120251231", "310000", "310000", "上海市", "310199", "示例市社会保险事业管理中心")
    }


def test_a_year_is_that_years_months_and_accounts_only(city: City) -> None:
    found = read(city.folder)
    assert {row["AAE003"].year for row in found[11]} == {YEAR}  # type: ignore[union-attr]
    assert {row["AAE001"] for row in found[6]} == {YEAR}
    assert found.keys() == WRITTEN - {13, 18, 19, 20}  # the books were opened in 2026


def test_the_manifest_says_what_is_there_and_what_is_not(city: City) -> None:
    told = json.loads((city.folder / MANIFEST).read_text("utf-8"))
    found = read(city.folder)
    assert {one["编号"]: one["记录数"] for one in told["数据表"]} == {
        n: len(rows) for n, rows in found.items()
    }
    monthly = next(one for one in told["数据表"] if one["编号"] == 11)
    assert monthly["合计"]["个人应缴金额"] == total(found[11], "AAE022").text
    missing = {one["编号"]: one["原因"] for one in told["未输出的表"]}
    assert missing[9] == "系统还没有机关事业单位养老保险业务"
    assert missing[20] == "没有符合范围的记录"
    assert missing.keys() | {one["编号"] for one in told["数据表"]} == set(range(1, 21))
    assert (told["标准"], told["时间属性"]) == ("GB/T 40217—2021", "2025010120251231")


def test_a_validating_parser_accepts_every_file(city: City) -> None:
    """By the schemas beside them."""
    for path in city.folder.glob("*.xml"):
        schema = etree.XMLSchema(etree.parse(str(path.with_suffix(".xsd"))))
        schema.assertValid(etree.parse(str(path)))


def test_an_export_just_made_is_found_in_order(city: City) -> None:
    assert list(exchange.inspect(city.folder)) == []


@pytest.fixture
def copied(city: City, tmp_path: Path) -> Path:
    for path in city.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_whatever_is_changed_afterwards_is_found(copied: Path) -> None:
    path = copied / "单位信息.xml"
    content = path.read_bytes().decode("gb18030")
    first = content.index("<单位名称>") + len("<单位名称>")
    path.write_bytes((content[:first] + content[content.index("</单位名称>") :]).encode("gb18030"))
    findings = [str(one) for one in exchange.inspect(copied)]
    assert findings[0] == "单位信息.xml：内容和清单里的校验值不同"
    assert findings[1] == "单位信息.xml 养老保险单位基本信息表第 1 条“单位名称”：应填没有填（）"


def test_a_file_taken_out_slipped_in_or_shortened_is_found(copied: Path) -> None:
    (copied / "参数信息.xml").rename(copied / "单位信息二.xml")
    findings = [str(one) for one in exchange.inspect(copied)]
    assert "参数信息.xml：清单里有，文件夹里没有" in findings
    assert "单位信息二.xml：文件夹里有，清单里没有" in findings
    assert any(one.startswith("参数表：有 0 条，清单里是") for one in findings)


def test_a_total_that_differs_is_found(copied: Path) -> None:
    told = (copied / MANIFEST).read_text("utf-8")
    manifest = json.loads(told)
    line = next(one for one in manifest["数据表"] if one["编号"] == 11)
    line["合计"]["个人应缴金额"] = "1.00"
    (copied / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    (finding,) = exchange.inspect(copied)
    assert finding.where == "职工基本养老保险个人征缴明细表"
    assert finding.what.endswith("清单里是 1.00")


@pytest.mark.parametrize("content", [None, "", "[]", '{"文件": [1]}'])
def test_a_folder_without_a_manifest_is_no_export(copied: Path, content: str | None) -> None:
    (copied / MANIFEST).unlink()
    if content is not None:
        (copied / MANIFEST).write_text(content, "utf-8")
    with pytest.raises(NoManifest):
        list(exchange.inspect(copied))


def test_it_leaves_a_trace(city: City) -> None:
    def trace(uow: Uow) -> list[audit.Row]:
        return uow.session.query(audit.Row).filter_by(item="EXC-01", subject=str(city.folder)).all()

    (row,) = city.run(trace)
    assert (row.outcome, row.command["year"]) == ("done", YEAR)
    assert row.command["records"] == sum(line.records for line in city.done.lines)


def test_only_the_tables_asked_for(city: City, tmp_path: Path) -> None:
    done = export(city.run, tmp_path / "some", tables="1,18")
    assert [part.name for part in done.parts] == ["单位信息.xml", "财务信息.xml"]
    assert read(tmp_path / "some").keys() == {1, 18}
    assert list(exchange.inspect(tmp_path / "some")) == []


def test_a_folder_in_use_is_left_alone(city: City) -> None:
    with pytest.raises(FolderInUse):
        export(city.run, city.folder)
    with pytest.raises(FolderClosed):
        export(city.run, city.folder / MANIFEST / "below a file")


def test_nothing_to_export_is_said(city: City, tmp_path: Path) -> None:
    with pytest.raises(NothingToExport):
        export(city.run, tmp_path / "none", 1995, "3,7")
