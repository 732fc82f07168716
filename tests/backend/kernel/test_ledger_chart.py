"""The chart of accounts and the funds: the file, the code and the database say the same."""

from __future__ import annotations

from sqlalchemy import Engine, text

from backend.kernel import ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.funds import Fund, chart

CLASSES = {"asset": "1D", "liability": "2C", "net": "3C", "income": "4C", "expense": "5D"}


def test_every_line_of_the_chart_is_whole() -> None:
    kinds = chart()
    assert len({kind.code for kind in kinds.values()}) == len(kinds)
    assert list(kinds) == sorted(kinds, key=lambda kind: kinds[kind].code)
    for kind in kinds.values():
        assert kind.code[0] + kind.normal == CLASSES[kind.element], kind
        assert not (kind.no_overdraft and kind.shards != 1), kind
        assert kind.evidence in {"S", "O", "T", "K", "C"}
        assert kind.name
        assert kind.funds


def test_what_pays_out_authorises() -> None:
    assert {name for name, kind in chart().items() if kind.no_overdraft} == {
        "cash",
        "expenditure_deposit",
        "benefit_payable",
        "bank_clearing",
        "transfers_in_transit",
    }


def test_every_fund_has_a_name_and_the_database_knows_them_all(owner: Engine) -> None:
    with owner.connect() as connection:
        rule = connection.scalar(
            text("select pg_get_constraintdef(oid) from pg_constraint where conname = 'account_fund'")
        )
    assert {fund for fund in Fund if f"'{fund}'" in rule} == set(Fund)
    assert rule.count("'::text") == len(Fund)
    assert all(fund.label.endswith("基金") for fund in Fund)


def test_every_account_of_the_chart_can_be_opened_in_its_funds(run: Runner) -> None:
    def open_all(uow: Uow) -> set[int]:
        return {
            ledger.account(uow, fund, "310000", kind.kind, "00000001" if kind.owned else None)
            for kind in chart().values()
            for fund in kind.funds
        }

    assert len(run(open_all)) == sum(len(kind.funds) for kind in chart().values())
    assert run(ledger.check) == []
