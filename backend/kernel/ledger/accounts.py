"""Accounts 账户: found by fund, area, kind and owner; opened by the chart when first needed."""

from __future__ import annotations

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.funds import Fund, chart
from backend.kernel.ledger.refusals import refusing

FIND = text(
    "select id, normal, no_overdraft, shards from ledger.account"
    " where fund = :fund and area = :area and kind = :kind and owner is not distinct from :owner"
)
OPEN = text(
    "insert into ledger.account (fund, area, kind, owner, normal, no_overdraft, shards)"
    " values (:fund, :area, :kind, :owner, :normal, :no_overdraft, :shards) on conflict do nothing"
)
COVERED = text("select ledger.require_covered(:account, :fen)")


class ChartChanged(RuntimeError):
    """An account was opened by another chart than today's: books do not change alone, write a migration."""


def account(uow: Uow, fund: str, area: str, kind: str, owner: str | None = None) -> int:
    """The account's number; the first to ask opens it by the chart.

    `area` is the six-digit code of the pooling area; `owner` (a kiosk) where the chart says owned.
    ValueError for a fund, kind or owner that the chart does not know.
    """
    known = chart().get(kind)
    if known is None or Fund(fund) not in known.funds:
        raise ValueError(f"the chart of accounts has no {kind} for the {fund} fund")
    if known.owned != (owner is not None):
        raise ValueError(f"{kind} {'needs' if known.owned else 'has no'} owner")
    names = {"fund": str(fund), "area": area, "kind": kind, "owner": owner}
    rule = {"normal": known.normal, "no_overdraft": known.no_overdraft, "shards": known.shards}
    row = uow.session.execute(FIND, names).one_or_none()
    if row is None:
        uow.session.execute(OPEN, names | rule)
        row = uow.session.execute(FIND, names).one()
    if (row.normal, row.no_overdraft, row.shards) != tuple(rule.values()):
        raise ChartChanged(f"{fund} {area} {kind}")
    return int(row.id)


def require_covered(uow: Uow, account: int, fen: int) -> None:
    """Overdrawn where the account does not hold `fen` free; until this transaction ends nobody else moves it."""
    with refusing():
        uow.session.execute(COVERED, {"account": account, "fen": fen})
