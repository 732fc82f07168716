"""Seals 封块: blocks of lines closed by hash, each carrying the one before: no line can be rewritten."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from backend.kernel.db import Uow

FIRST = "0" * 64
BLOCK = 1000
SEAL = text("select ledger.seal(:rows, :at)")

# every line falls into the first block that ends at it or after it: one pass, whatever was slipped in between
VERIFY = text(
    """
    with places as (
      select batch, line, content, null::bigint as seq from ledger.sealing
      union all select last_batch, last_line, null, seq from ledger.seal
    ), placed as (
      select batch, line, content, min(seq) over (
        order by batch desc, line desc, seq nulls last rows between unbounded preceding and current row
      ) as block from places
    ), found as (
      select block, count(*) as n, min(batch) as first_batch,
        (array_agg(line order by batch, line))[1] as first_line,
        encode(sha256(convert_to(string_agg(content, chr(10) order by batch, line), 'UTF8')), 'hex') as root
      from placed where content is not null and block is not null group by block
    )
    select s.seq, s.previous, s.hash,
      (f.n, f.first_batch, f.first_line, f.root)
        is not distinct from (s.n, s.first_batch, s.first_line, s.root) as whole,
      s.hash = ledger.seal_hash(
        s.seq, s.previous, s.first_batch, s.first_line, s.last_batch, s.last_line, s.n, s.root
      ) as true
    from ledger.seal s left join found f on f.block = s.seq order by s.seq
    """
)


@dataclass(frozen=True)
class Broken:
    """A block that does not say what it said when it was sealed."""

    seq: int
    what: str

    def __str__(self) -> str:
        return f"总账封块 {self.seq}：{self.what}"


def seal(uow: Uow, rows: int = BLOCK) -> int:
    """Seal what has been posted since the last seal, in blocks of `rows` lines; how many lines comes back.

    A posting that takes long is waited for two seconds; then nothing is sealed, and the next call does it.
    """
    return int(uow.session.execute(SEAL, {"rows": rows, "at": uow.now}).scalar_one())


def verify_seals(uow: Uow) -> list[Broken]:
    """Recompute every seal; an empty list says that nothing sealed was changed, taken out or slipped in."""
    broken: list[Broken] = []
    expected, previous = 1, FIRST
    for seal in uow.session.execute(VERIFY):
        if seal.seq != expected or seal.previous != previous:
            broken.append(Broken(seal.seq, "与上一封块接不上"))
        if not seal.true:
            broken.append(Broken(seal.seq, "封块自身的校验不符"))
        elif not seal.whole:
            broken.append(Broken(seal.seq, "分录与封存时不同"))
        expected, previous = seal.seq + 1, seal.hash
    return broken
