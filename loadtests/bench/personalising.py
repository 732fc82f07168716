"""Personalising: the file of a production of 100,000 cards, written by the real command, beside its bare parts.

Yardstick: the same keys derived, checked and enciphered in a bare loop, and the very same bytes written and synced: what
no such file can do without. Beyond that are the rows, their text, a MAC a line, the digest, and how far it is.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from backend import migrate, wiring
from backend.cards import service as cards
from backend.cards.produced import MakeProduction, ReceiveBlanks
from backend.kernel import db as kernel
from backend.kernel import embedded, files
from backend.kernel.db import Runner, Uow
from backend.kernel.vault import Vault
from loadtests.bench import frame
from loadtests.bench.copies import peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes

FULL = {"cards": 100_000}
QUICK = {"cards": 2_000}
AREA, DISTRICT = "310000", "310101"
PERSONS = """insert into registry.person
  (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
  select '310101' || to_char(born, 'YYYYMMDD') || lpad((n / 12000)::text, 4, '0'), '张' || n, '1', born, '01', '60',
    :area, '12000000000', '示例市黄浦区人民路', now()
  from generate_series(1, :n) n, lateral (select date '1930-01-01' + n % 12000 as born) b"""
APPLICATIONS = """insert into cards.application (person_id, reason, state, photo, area, said, maker, applied_at)
  select id, 'first', 'approved', :photo, :area, '', 'bench', now() from registry.person"""


def measure(asked: Sizes) -> list[Figure]:
    with (
        frame.city(quick=asked.quick) as house,
        embedded.running(house.home) as server,
        TemporaryDirectory() as kept,
    ):
        url = embedded.ensure_database(server, "personalising")
        migrate.upgrade(url)
        run = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        run(settle, asked.cards)
        made = run(cards.make_production, MakeProduction(area=AREA, most=asked.cards))
        before_mb = peak_mb()
        with frame.timed() as watch:
            done = cards.write(run, made.no, Path(kept), lambda at, n: None)
        if done.lines != asked.cards:
            raise SystemExit(f"没有全部写出：{done}")
        after_mb = peak_mb()
        beside = bare(run, made.no, asked.cards, done.path)
    return [
        Figure(
            f"制卡文件 {asked.cards:,} 张",
            watch.seconds,
            "秒",
            "只算密钥、只写同样的字节",
            beside,
            Bar("ratio", "≤", 4),
            note=f"{done.size / 2**20:.0f} MB；内存 {before_mb:.0f} → {after_mb:.0f} MB",
        )
    ]


def settle(uow: Uow, n: int) -> None:
    """So many who wait for a card with one photograph between them, and a blank card for each."""
    photo = files.keep(uow, name="照片.jpg", content=b"\xff\xd8\xff" + bytes(15_000)).file
    uow.session.execute(text(PERSONS), {"n": n, "area": DISTRICT})
    uow.session.execute(text(APPLICATIONS), {"photo": photo, "area": DISTRICT})
    cards.stocking.receive(uow, ReceiveBlanks(place=AREA, n=n, document="bench"))


def bare(run: Runner, no: int, n: int, path: Path) -> float:
    content = path.read_bytes()
    began = time.perf_counter()
    keys = run.vault.personaliser(AREA, 1, no)
    for serial in range(n):
        keys.keys(f"{AREA}D156000005{serial:016X}")
    with path.with_suffix(".bare").open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return time.perf_counter() - began


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
