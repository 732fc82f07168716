"""The guide 办事指南 at a kiosk: what a person may ask for, from the very definitions that the portal's directory shows."""

from __future__ import annotations

from backend.hall.schema import AskGuide, Guidebook, GuideGroup, GuideItem
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import CATALOGUE, Guide, Item, question

GROUPS = {  # in the order in which people come
    "养老金和养老保险": ("PEN", "RES"),
    "社会保障卡": ("CRD",),
    "缴费和参保": ("LEV", "REG"),
    "找工作": ("EMP",),
}
HERE = {"LEV-12", "PEN-33", "PEN-23", "CRD-02", "EMP-11"}  # done at a kiosk by items of its own


@question("KSK-Q6", "自助机办事指南", by=(Kind.KIOSK,))
def guide(uow: Uow, ask: AskGuide) -> Guidebook:
    groups = (GuideGroup(name=name, items=tuple(_items(prefixes))) for name, prefixes in GROUPS.items())
    return Guidebook(groups=tuple(group for group in groups if group.items))


def _items(prefixes: tuple[str, ...]) -> list[GuideItem]:
    known = sorted(CATALOGUE.values(), key=lambda one: one.code)
    return [
        _item(one, one.guide)
        for one in known
        if one.guide is not None and Kind.CITIZEN in one.by and one.code.startswith(prefixes)
    ]


def _item(known: Item, guide: Guide) -> GuideItem:
    return GuideItem(
        code=known.code,
        title=known.title,
        what=guide.what,
        who=guide.who,
        bring=guide.bring,
        days=guide.days,
        law=guide.law,
        here=known.code in HERE,
    )
