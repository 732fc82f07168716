"""Words 参数 (tables 16 and 17): the codes that stand in the other tables, and the kinds of benefits that are paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.sources.paid import how_often
from backend.exchange.sources.people import FUND
from backend.exchange.sources.residents import FUND as RESIDENTS
from backend.exchange.standard import code_lists, elements
from backend.kernel.db import Uow

IN_FORCE = date(2021, 12, 1)  # of GB/T 40217—2021: since then these codes mean what the list says
PLACES = {"ZZZ002", "AAB301", "OAA027"}  # GB/T 2260 whole: nobody's parameters


def parameters(uow: Uow, scope: Scope) -> Iterator[Values]:
    for element, known in code_lists().items():
        if element in PLACES:
            continue
        title = elements()[element].name.removesuffix("代码")
        for code, name in known.codes.items():
            yield {
                **coded("AAE140", FUND),
                "AAA002": element,
                "AAA101": title,
                "AAA102": code,
                "EAA023": name,
                "AAE035": IN_FORCE,
                "AAE100": "是",
            }


def benefits(uow: Uow, scope: Scope) -> Iterator[Values]:
    for item in code_lists()["AAA036"].ours:
        fund = RESIDENTS if item.startswith("居民") else FUND
        yield {
            **coded("AAE140", fund),
            **coded("AAA036", item),
            **coded("EAE004", how_often(item)),
            **coded("EAE005", "fund"),
            **coded("AAA157", fund),
            "AAE100": "是",
        }
