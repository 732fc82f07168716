"""Crowd: what a load needs beyond the demo city — kiosks, earlier months to collect, people who can sign in.

Run in the home of a city of the load's own (`python -m loadtests.bench.crowd --kiosks 8 --months 10`), it does
everything by the real commands and leaves `load.json` there: all that the load may know besides HTTP.
"""

from __future__ import annotations

import argparse
import json
import secrets
from typing import Any

from sqlalchemy import column, select, table, text

from backend import connect
from backend.demo import cast
from backend.demo.places import city as city_code
from backend.kernel import auth
from backend.kernel.actor import Kind
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.payout import service as payout

FILE = "load.json"
CASSETTE_FEN = 10**10  # a hundred million yuan: no kiosk of the load runs out of notes
FIRST_KIOSK = 0xA000
AWARD = table("award", column("person_id"), column("total"), column("state"), schema="pension")

CARDS = """
select c.card_no, c.card_code, c.area, c.version, c.issued, c.expires, p.ident, p.name, p.sex, p.nation, p.birth,
  count(*) as payables
from registry.card c join registry.person p on p.id = c.person_id
join payout.payable d on d.person_id = p.id and d.state = 'payable'
where c.status = 'active' and c.expires >= current_date and c.profile = 'field'  -- as in people's hands
group by c.id, p.id order by p.id
"""
CITIZENS = """
select p.id, p.ident, p.name, p.area from registry.person p join pension.account a on a.person_id = p.id
where p.died is null and not exists (select from auth.login l where l.name = p.ident) order by p.id limit :n
"""
EMPLOYERS = """
select e.id, e.uscc, e.contact, e.area, e.address, e.phone from registry.employer e
where e.verified_on is not null and e.licence is null
and not exists (select from auth.login l where l.name = e.uscc) order by e.id limit :n
"""


def gather(run: Runner, kiosks: int, months: int, citizens: int, employers: int) -> dict[str, Any]:
    """The crowd, made by the real commands; everything the load is told of it."""
    this = Month.of(run.clock.today())
    for back in range(1, months + 1):
        run(owe, this - back)
    return {
        "kiosks": run(_kiosks, kiosks),
        "cards": run(_cards),
        "citizens": run(_citizens, citizens),
        "employers": run(_employers, employers),
        "today": run.clock.today().isoformat(),
        "password": cast.PASSWORD,
        "clerk": cast.OFFICERS[0].login,
    }


def owe(uow: Uow, month: Month) -> None:
    """An earlier month's pension for everybody in payment: one more that each can collect."""
    due = select(AWARD.c.person_id, payout.month_of(month).label("month"), AWARD.c.total.label("amount"))
    payout.run_month(
        uow,
        fund="pension",
        what="基本养老金",
        area=settings().area,
        month=month,
        due=due.where(AWARD.c.state == "active"),
        checker="load/checker",
    )


def _kiosks(uow: Uow, n: int) -> list[dict[str, str]]:
    made = []
    for at in range(n):
        id, key = f"{FIRST_KIOSK + at:08x}", secrets.token_hex(32)
        dispenser = f"D-{id}"
        auth.register_device(uow, id=id, name=f"负载测试自助机 {at + 1}", area=city_code()[0], key=key)
        payout.enrol_dispenser(uow, id, dispenser)
        payout.load(uow, id, CASSETTE_FEN, f"{id}/load")
        made.append(
            {
                "id": id,
                "key": key,
                "dispenser": dispenser,
                "dispenser_key": uow.vault.dispenser_key(dispenser).hex(),
            }
        )
    return made


def _cards(uow: Uow) -> list[dict[str, Any]]:
    """Everybody's card who has something to collect, as a tray of demo cards holds it."""
    return [
        {name: str(value) for name, value in row._mapping.items() if name != "payables"}
        | {"key": uow.vault.card_key(row.area, row.card_code).hex(), "pin": "123456"}
        | {"payables": row.payables}
        for row in uow.session.execute(text(CARDS))
    ]


def _citizens(uow: Uow, n: int) -> list[str]:
    return [
        _sign_in(uow, Kind.CITIZEN, row.ident, row.name, row.area, row.id)
        for row in uow.session.execute(text(CITIZENS), {"n": n}).all()
    ]


def _employers(uow: Uow, n: int) -> list[dict[str, str]]:
    return [
        {
            "uscc": _sign_in(uow, Kind.EMPLOYER, row.uscc, row.contact, row.area, row.id),
            "area": row.area,
            "address": row.address,
            "contact": row.contact,
            "phone": row.phone,
        }
        for row in uow.session.execute(text(EMPLOYERS), {"n": n}).all()
    ]


def _sign_in(uow: Uow, kind: Kind, name: str, shown: str, area: str, subject: int) -> str:
    auth.enrol(uow, name=name, kind=kind, shown=shown, password=cast.PASSWORD, area=area, subject_id=subject)
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("kiosks", "months", "citizens", "employers"):
        parser.add_argument(f"--{name}", type=int, default=0)
    asked = parser.parse_args()
    with connect.session() as run:
        made = gather(run.system, asked.kiosks, asked.months, asked.citizens, asked.employers)
    path = settings().root / FILE
    path.touch(0o600)
    path.write_text(json.dumps(made, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
