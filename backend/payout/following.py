"""Following 随文件: what is in a bank file is at the bank until the file is answered, and paid from then on.

A bank pays nearly all of a file. So the answer is one row (`bank_file.answered_at`), and only what the bank says
otherwise of is written line by line: a million payments are settled without touching a million rows. What follows its
file is stored as filed; this is the one place that knows what that means.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    SQLColumnExpression,
    String,
    case,
    column,
    literal_column,
    select,
    table,
)

FILED = "filed"
PAID = "paid"
ANSWER = table(
    "bank_file",
    column("id", BigInteger()),
    column("answered_at", DateTime(timezone=True)),
    schema="payout",
).alias("answer")


def holds(stored: str, answered_at: datetime | None, under_way: str) -> str:
    """What holds of one row; `under_way` is what is said of one whose bank has not answered."""
    if stored != FILED:
        return stored
    return PAID if answered_at else under_way


def holding(
    stored: SQLColumnExpression[str], file_id: SQLColumnExpression[int | None], under_way: str
) -> ColumnElement[str]:
    """The same of rows. (Its words stand in it as they are, so that rows can be grouped by it.)"""
    answered = select(ANSWER.c.id).where(ANSWER.c.id == file_id, ANSWER.c.answered_at.is_not(None)).exists()
    return case(
        (stored == _word(FILED), case((answered, _word(PAID)), else_=_word(under_way))),
        else_=stored,
    )


def settling(
    stored: SQLColumnExpression[str],
    stored_at: SQLColumnExpression[datetime | None],
    file_id: SQLColumnExpression[int | None],
) -> ColumnElement[datetime | None]:
    """When rows reached the person: each by itself, or with its file."""
    answered_at = select(ANSWER.c.answered_at).where(ANSWER.c.id == file_id).scalar_subquery()
    return case((stored == _word(FILED), answered_at), else_=stored_at)


def _word(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'", String())
