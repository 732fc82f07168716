"""Words: every sentence the kiosk says that stands in no template, and its two languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from backend.kernel import language as languages
from backend.kernel import telling
from backend.kernel.errors import Sentence
from backend.kernel.language import EN, ZH, Catalogue, month_in
from backend.kernel.money import Money
from backend.kernel.period import Month
from kiosk.case import Errand
from kiosk.devices.port import Receipt

LANGUAGES: Final = {ZH: "中文", EN: "English"}  # each in its own words
OWN: Final = Path(__file__).parent / "locale" / "en.po"
CATALOGUE: Final = Catalogue(languages.CATALOGUE, OWN)
translate = CATALOGUE.translate


def said(happened: Sentence, language: str) -> str:
    """What the person reads, whoever tells it: this machine, the card or the backend."""
    return telling.said(happened, language, translate)


def yuan(fen: int) -> str:
    return str(Money(fen))


def month(text: str, language: str) -> str:
    """
    >>> month("2026-11", ZH), month("2026-11", EN)
    ('2026年11月', 'November 2026')
    """
    return month_in(Month.parse(text), language)


def years_and_months(months: int, language: str) -> str:
    """
    >>> years_and_months(220, ZH), years_and_months(220, EN)
    ('18 年 4 个月', '18 years 4 months')
    """
    years, rest = divmod(months, 12)
    if language != EN:
        return f"{years} 年 {rest} 个月"
    return f"{years} year{'s' * (years != 1)} {rest} month{'s' * (rest != 1)}"


def pay(low_fen: int, high_fen: int, language: str) -> str:
    """
    >>> pay(600_000, 800_000, ZH), pay(600_000, 600_000, EN), pay(0, 0, ZH)
    ('6,000–8,000 元/月', '6,000 yuan a month', '工资面议')
    """

    def _(text: str) -> str:
        return translate(text, language)

    if not low_fen or not high_fen:
        return _("工资面议")
    low, high = f"{low_fen // 100:,}", f"{high_fen // 100:,}"
    return f"{low} {_('元/月')}" if low == high else f"{low}–{high} {_('元/月')}"


ENDINGS: Final[Mapping[str, str]] = {
    "paid": "已领取现金",
    "to_bank": "已交银行办理",
    "in_doubt": "待核实",
}


def receipt(errand: Errand, language: str) -> Receipt:
    """The slip: masked, and enough for the counter to find the order."""

    def _(text: str) -> str:
        return translate(text, language)

    lines = [
        (_("领取单号"), errand.order),
        (_("姓名"), errand.masked_name),
        (_("待遇"), _(errand.item)),
        (_("月份"), month(errand.month, language)),
        (_("金额（元）"), yuan(errand.amount_fen)),
        (_("结果"), _(ENDINGS[errand.ending])),
    ]
    if errand.receipt_no:
        lines.append((_("回单号"), errand.receipt_no))
    if errand.tac:
        lines.append((_("校验码"), errand.check))
    if errand.method == "bank" and errand.bank:
        lines.append((_("银行账户"), errand.bank))
    foot = (
        _("待核实的，三个工作日内联系您。")
        if errand.ending == "in_doubt"
        else _("有疑问请带本单到柜台查询。")
    )
    return Receipt(
        _("待遇领取回单（演示数据）"), tuple(lines), foot, about_money=True, copy_mark=_("（补打）")
    )
