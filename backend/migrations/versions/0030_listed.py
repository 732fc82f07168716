"""The list of stopped cards has everybody on it who does not serve: also who had stopped before the list was kept."""

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives import hashes

revision = "0030"
down_revision = "0029"

PART = 10_000
ONE_AFTER_THE_OTHER = "select pg_advisory_xact_lock(hashtext('cards.stop'))"
UNLISTED = """
select c.id, c.card_code from registry.card c
where c.status <> 'active' and not exists (select from cards.stop s where s.card_id = c.id) order by c.id
"""
LIST = (
    "insert into cards.stop (serial, card_id, mark, stopped, at) values (:serial, :card, :mark, true, now())"
)


def upgrade() -> None:
    """After what is on it: a kiosk that knows the list up to there hears of these as of any other."""
    db = op.get_bind()
    db.execute(sa.text(ONE_AFTER_THE_OTHER))
    last = db.scalar(sa.text("select coalesce(max(serial), 0) from cards.stop"))
    found = db.execute(sa.text(UNLISTED)).all()
    rows = [
        {"serial": serial, "card": card, "mark": _mark(code)}
        for serial, (card, code) in enumerate(found, last + 1)
    ]
    for at in range(0, len(rows), PART):
        db.execute(sa.text(LIST), rows[at : at + PART])


def _mark(card_code: str) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(card_code.encode())
    return digest.finalize()[:16].hex()
