"""Every real title goes the whole way: written by an employer, checked, published, indexed, found by its own words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import Money
from portal.indexing import Indexer
from portal.occupations import suggest, table
from search.engine import open_index
from search.port import Query
from tests.backend.employment.city import post
from tests.backend.employment.test_rules import LOOKED_AT, honest, titles
from tests.backend.people import an_employer

FIRST_PAGE = 20


@pytest.mark.slow
def test_all_real_titles_from_posting_to_being_found(run: Runner, clock: FixedClock, tmp_path: Path) -> None:
    an_employer(run)
    ends: Counter[str] = Counter()
    written: dict[str, str] = {}
    for title in titles():
        advert = honest(title)
        pay = {"pay_min": Money(advert.pay_min_fen).text, "pay_max": Money(advert.pay_max_fen).text}
        likely = suggest(title, 1)
        occupation = {"occupation": likely[0][0]} if likely else {}
        done = post(run, title=title[:60], **pay, **occupation)
        ends[done.status] += 1
        if done.status == "open":
            written[done.vacancy] = title[:60]
    assert sum(ends.values()) == len(titles())
    assert ends["open"] >= len(titles()) - len(LOOKED_AT)
    with open_index(tmp_path, table(), write=True) as index:
        assert Indexer(run, index, tmp_path).rebuild() == ends["open"]
        missed = [
            title
            for no, title in written.items()
            if no
            not in {
                hit.id for hit in index.find(Query(text=title, today=clock.today(), size=FIRST_PAGE)).hits
            }
        ]
    assert len(missed) <= len(written) // 100, missed[:20]
