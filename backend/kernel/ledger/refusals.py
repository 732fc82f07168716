"""Refusals of the ledger: what the database would not do, as a sentence for the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Error
from sqlalchemy.exc import DBAPIError

from backend.kernel.errors import Refusal


class PeriodNotOpen(Refusal):
    """{month} 的账没有打开或者已经结账，不能记账。请记到当前月份，或先打开这个月。"""


class LaterClosed(Refusal):
    """{month} 之后已经有月份结账，不能再打开这个月。请记到当前月份。"""


class EarlierOpen(Refusal):
    """{month} 之前还有没结账的月份，请先结前面的月份。"""


class Overdrawn(Refusal):
    """账户余额不够，这笔钱没有入账。请核对金额，或先补足资金再办。"""


class TwoFunds(Refusal):
    """一笔账的借方和贷方不是同一个基金、同一个地区的账户，没有入账。各项基金不能互相挤占。"""


class NotChecked(Refusal):
    """这张凭证还没有人复核，没有入账。请另一个人复核后再办。"""


class SamePerson(Refusal):
    """制单和复核是同一个人，没有入账。请换一个人复核。"""


class AlreadyPosted(Refusal):
    """凭证 {key} 已经入过账，内容和这一次不一样，没有再入账。请查明以后用新的凭证更正。"""


class NothingToPost(Refusal):
    """凭证 {key} 没有一笔要入账的金额，请核对。"""


class ReversesReversal(Refusal):
    """凭证 {batch} 本身就是冲正，不能再冲正。请重新做一张凭证。"""


class NotNewest(Refusal):
    """{month} 不是最近结账的月份，不能反月结。只能从最近结账的月份起，一个月一个月地打开。"""


class ReopenNotChecked(Refusal):
    """反月结要由经办以外的两个人审核，{month} 没有打开。"""


class YearCarried(Refusal):
    """{year} 年已经年结，{month} 不能再打开。以前年度的差错请用“更正凭证”（FIN-08）记到当前月份。"""


class UnknownHold(Refusal):
    """没有找到预留 {key}，请核对。"""

    status = 404


class HoldSettled(Refusal):
    """预留 {key} 已经办结，不能再改。"""


class HoldReused(Refusal):
    """预留 {key} 已经用在另一笔钱上，请核对。"""


STATES: dict[str, type[Refusal]] = {
    "LG003": PeriodNotOpen,
    "LG004": LaterClosed,
    "LG005": EarlierOpen,
    "LG007": TwoFunds,
    "LG009": ReversesReversal,
    "LG010": UnknownHold,
    "LG011": HoldSettled,
    "LG012": NotNewest,
    "LG013": ReopenNotChecked,
    "LG014": YearCarried,
    "LG015": Overdrawn,
}
CONSTRAINTS: dict[str, type[Refusal]] = {
    "balance_no_overdraft": Overdrawn,
    "batch_two_persons": SamePerson,
}


@contextmanager
def refusing(**facts: Any) -> Iterator[None]:
    """Turn what the database refuses into its sentence; anything else is a bug and goes on up."""
    try:
        yield
    except DBAPIError as error:
        refusal = _known(error.orig)
        if refusal is None:
            raise
        raise refusal(**facts) from error


def _known(error: BaseException | None) -> type[Refusal] | None:
    if not isinstance(error, Error):
        return None
    if error.sqlstate == "23514" and error.diag.table_name == "transfer" and not error.diag.constraint_name:
        return PeriodNotOpen  # a month that was never opened has no partition
    return STATES.get(error.sqlstate or "") or CONSTRAINTS.get(error.diag.constraint_name or "")
