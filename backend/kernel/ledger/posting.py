"""Posting 记账: batches written whole, from lines in hand or from a select of a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.ledger.periods import opened, this_month
from backend.kernel.ledger.refusals import AlreadyPosted, NotChecked, NothingToPost, refusing
from backend.kernel.period import Month

BATCH = table(
    "batch",
    *map(
        column, ("id", "ym", "document", "key", "maker", "checker", "approved_at", "n", "total", "reverses")
    ),
    schema="ledger",
)
TRANSFER = table(
    "transfer", *map(column, ("ym", "batch", "line", "debit", "credit", "amount_fen")), schema="ledger"
)


@dataclass(frozen=True, slots=True)
class Line:
    """分录: `fen` goes from account `credit` to account `debit`."""

    debit: int
    credit: int
    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int or self.fen <= 0:
            raise ValueError(f"a line moves a whole number of fen above zero, not {self.fen!r}")


def _header(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


def _writing(source: Select[Any]) -> Select[Any]:
    """One statement that writes the header and all lines; no row comes back where the key is taken already.

    `source` gives line, debit, credit, amount_fen. It is read once: what is counted is what is written.
    """
    rows = source.cte("rows").prefix_with("materialized")
    ym = _header("ym", Integer())
    header = (
        insert(BATCH)
        .from_select(
            ["ym", "document", "key", "maker", "checker", "approved_at", "reverses", "n", "total"],
            select(
                ym,
                _header("document", String()),
                _header("key", String()),
                _header("maker", String()),
                _header("checker", String()),
                _header("approved_at", DateTime(timezone=True)),
                _header("reverses", BigInteger()),
                func.count(),
                func.sum(rows.c.amount_fen),
            )
            .select_from(rows)
            .having(func.count() > 0),
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(BATCH.c.id)
        .cte("header")
    )
    lines = (
        insert(TRANSFER)
        .from_select(
            ["ym", "batch", "line", "debit", "credit", "amount_fen"],
            select(ym, header.c.id, rows.c.line, rows.c.debit, rows.c.credit, rows.c.amount_fen).select_from(
                header.join(rows, true())
            ),
        )
        .cte("lines")
    )
    return select(header.c.id).add_cte(lines)


def _in_hand() -> Select[Any]:
    arrays = [bindparam(name, type_=ARRAY(BigInteger)) for name in ("debits", "credits", "amounts")]
    rows = (
        func.unnest(*arrays)
        .table_valued("debit", "credit", "amount_fen", with_ordinality="line")
        .render_derived(name="given")
    )
    return select(rows.c.line, rows.c.debit, rows.c.credit, rows.c.amount_fen)


def _mirrored() -> Select[Any]:
    return select(
        TRANSFER.c.line,
        TRANSFER.c.credit.label("debit"),
        TRANSFER.c.debit.label("credit"),
        TRANSFER.c.amount_fen,
    ).where(
        TRANSFER.c.ym == bindparam("of_ym", type_=Integer()),
        TRANSFER.c.batch == bindparam("reverses", type_=BigInteger()),
    )


def _other(source: Select[Any]) -> Select[bool, bool]:
    """Whether a batch that was posted lacks a line of `source`, each counted as often as it stands there."""
    posted = select(TRANSFER.c.debit, TRANSFER.c.credit, TRANSFER.c.amount_fen).where(
        TRANSFER.c.ym == bindparam("posted_ym", type_=Integer()),
        TRANSFER.c.batch == bindparam("posted", type_=BigInteger()),
    )
    rows = source.subquery()
    asked = select(rows.c.debit, rows.c.credit, rows.c.amount_fen)
    counted = select(func.count()).select_from(rows).scalar_subquery()
    return select(
        counted != bindparam("posted_n", type_=BigInteger()),
        select(asked.except_all(posted).subquery()).exists(),
    )


IN_HAND, MIRRORED = _in_hand(), _mirrored()
WRITE_IN_HAND, WRITE_MIRRORED = _writing(IN_HAND), _writing(MIRRORED)
OTHER_IN_HAND, OTHER_MIRRORED = _other(IN_HAND), _other(MIRRORED)
KNOWN = text("select id, ym, document, n from ledger.batch where key = :key")
BATCH_OF = text("select id, ym from ledger.batch where id = :id")


def post(
    uow: Uow,
    *,
    month: Month,
    document: str,
    key: str,
    lines: Sequence[Line],
    maker: str | None = None,
    checker: str | None = None,
) -> int:
    """Post one batch and give its number; the same key and content again give the first batch's number.

    document: the kind of voucher; key: the business key, used once; maker: who made it (else who asks);
    checker: who, other than the maker, approved it (else who approved the case in hand).
    Refuses: PeriodNotOpen, NotChecked, SamePerson, TwoFunds, Overdrawn, AlreadyPosted, NothingToPost.
    """
    values = {
        "debits": [line.debit for line in lines],
        "credits": [line.credit for line in lines],
        "amounts": [line.fen for line in lines],
    }
    header = _signed(uow, month, document, key, maker, checker)
    return _write(uow, WRITE_IN_HAND, OTHER_IN_HAND, header | values)


def posted(uow: Uow, key: str) -> int | None:
    """The number of the batch that was posted under a key."""
    known = uow.session.execute(KNOWN, {"key": key}).one_or_none()
    return None if known is None else int(known.id)


def post_select(
    uow: Uow,
    *,
    month: Month,
    document: str,
    key: str,
    source: Select[*tuple[Any, ...]],
    maker: str | None = None,
    checker: str | None = None,
) -> int:
    """Post as one set what `source` selects: columns debit, credit, amount_fen; a row is a line.

    Otherwise as `post`.
    """
    rows = source.subquery()
    numbered = select(func.row_number().over().label("line"), rows.c.debit, rows.c.credit, rows.c.amount_fen)
    header = _signed(uow, month, document, key, maker, checker)
    return _write(uow, _writing(numbered), _other(numbered), header)


def reverse(
    uow: Uow,
    batch: int,
    *,
    month: Month | None = None,
    maker: str | None = None,
    checker: str | None = None,
) -> int:
    """Undo a batch 冲正 by its mirror, in `month` (else the current one); asked again, the same reversal.

    Refuses: ReversesReversal, NotFound, and what `post` refuses.
    """
    known = uow.session.execute(BATCH_OF, {"id": batch}).one_or_none()
    if known is None:
        raise NotFound(what=f"凭证 {batch}")
    header = _signed(uow, month or this_month(uow), "reversal", f"reverse/{batch}", maker, checker)
    return _write(uow, WRITE_MIRRORED, OTHER_MIRRORED, header | {"reverses": batch, "of_ym": known.ym})


def _signed(
    uow: Uow, month: Month, document: str, key: str, maker: str | None, checker: str | None
) -> dict[str, Any]:
    checker = checker or next(reversed(uow.approvers), None)
    if checker is None:
        raise NotChecked
    return {
        "month": month,
        "document": document,
        "key": key,
        "maker": maker or uow.actor.id,
        "checker": checker,
        "approved_at": uow.now,
        "reverses": None,
    }


def _write(uow: Uow, writing: Select[Any], other: Select[bool, bool], values: dict[str, Any]) -> int:
    month, key = values.pop("month"), values["key"]
    with refusing(month=month, key=key, batch=values["reverses"]):
        ym = opened(uow, month)
        batch = uow.session.scalar(writing, values | {"ym": ym})
    if batch is not None:
        return int(batch)
    known = uow.session.execute(KNOWN, {"key": key}).one_or_none()
    if known is None:
        raise NothingToPost(key=key)
    differs = uow.session.execute(
        other, values | {"posted": known.id, "posted_ym": known.ym, "posted_n": known.n}
    ).one()
    if known.document != values["document"] or any(differs):
        raise AlreadyPosted(key=key)
    return int(known.id)
