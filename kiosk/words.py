"""Words: every sentence the kiosk says that stands in no template, and its two languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

import cardio.card
import cardio.link
import cardio.pcsc
from backend.kernel.money import Money
from backend.kernel.period import Month
from kiosk.case import Errand, Said
from kiosk.devices.port import Receipt

HERE: Final = Path(__file__).parent
LANGUAGES: Final = {"zh": ("zh-CN", "中文"), "en": ("en", "English")}  # tag, own name

# by the name of the refusal or fault; {day} arrives as YYYY-MM-DD
SENTENCES: Final[Mapping[str, str]] = {
    "PinWrong": "密码不对，请再输一次。",
    "PinBlocked": "密码已经连续输错，卡已锁定。您的钱是安全的，请带身份证到柜台解锁。",
    "NoAnswer": "网络暂时不通，这次没有办成，您的钱没有动。请稍后再试，或者到柜台办理。",
    "CashBroken": "出钞没有成功，钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。",
    "NotTaken": "现金没有取走，已经收回。钱退回您的待领账上，没有少，您可以重新领取。",
    "NotAuthorised": "这次没有办成，您的钱没有动。请取卡后重新办理，或者到柜台办理。",
    "NothingDue": "现在没有可以领取的待遇。有疑问请到柜台查询。",
    "InDoubt": "这笔领取正在核实，您的钱有记录，不会少。请记下领取单号 {order}，工作人员会联系您。",
    # the backend's refusals that a person may meet here
    "AlreadyCollected": "这笔待遇您已经领过了，领取日期是{day}。每个月只能领一次。",
    "HeldElsewhere": "这笔待遇正在另一次办理中，还没有结束。您的钱没有少，请稍后再来，或者到柜台查询。",
    "SentToBank": "这笔待遇已经送银行发放，请查看您的银行账户。",
    "AmountChanged": "金额刚刚有变动，请退出后重新查看再领取。",
    "NoBankAccount": "您还没有登记领取待遇的银行账户，请选择现金，或者到柜台登记银行账户。",
    "CashShort": "这台自助机里的现金不够这笔钱，您的钱没有动。请选择转到银行卡，或者换一台自助机。",
    "CardStopped": "这张社会保障卡已经停用或者挂失，不能办理业务。您的钱是安全的，请带身份证到柜台办理。",
    "CardUnknown": "这张卡不是本市发出的社会保障卡，或者登记的信息不一样，请带身份证到柜台查询。",
    "CardExpired": "这张社会保障卡已经过了有效期，请带身份证到柜台换卡。",
    "ProofWrong": "卡片没有通过验证。请取出卡片擦一擦芯片再试一次，或者到柜台办理。",
    "VisitExpired": "这次办理已经超过十分钟，为了安全请重新插卡。",
    "KioskStopped": "这台自助机已暂停服务，请到另一台自助机或柜台办理。",
    "DeviceUnknown": "这台自助机还没有登记，请到另一台自助机或柜台办理。",
}
# what a card or its reader can do wrong, in the card library's own words
FAULTS: Final[Mapping[str, str]] = {
    fault.__name__: (fault.__doc__ or "").partition("\n")[0]
    for module in (cardio.link, cardio.card, cardio.pcsc)
    for fault in vars(module).values()
    if isinstance(fault, type) and issubclass(fault, cardio.link.CardFault)
}
OTHER: Final = "这次没有办成：{message}"


@cache
def catalogue() -> Mapping[str, tuple[str, ...]]:
    """Chinese → English (one form, or singular and plural)."""
    with (HERE / "locale" / "en.po").open("rb") as file:
        messages = list(read_po(file, locale="en"))
    known: dict[str, tuple[str, ...]] = {}
    for message in messages:
        ids = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if ids and ids[0] and all(strings):
            known[ids[0]] = strings
    return known


def translate(text: str, language: str, n: int = 1) -> str:
    if language == "zh":
        return text
    strings = catalogue().get(text, (text,))
    return strings[0 if n == 1 else -1]


def sentence(said: Said, language: str) -> str:
    """What the person reads: the backend's own Chinese where it has one, ours in every other case."""
    if language == "zh" and said.message:
        return said.message
    template = SENTENCES.get(said.code) or FAULTS.get(said.code)
    if template is None:
        return translate(OTHER, language).format(message=said.message)
    facts = dict(said.facts)
    if "day" in facts:
        facts["day"] = day(facts["day"], language)
    return translate(template, language).format_map(facts)


def yuan(fen: int) -> str:
    return str(Money(fen))


def month(text: str, language: str) -> str:
    """
    >>> month("2026-11", "zh"), month("2026-11", "en")
    ('2026年11月', 'November 2026')
    """
    at = Month.parse(text)
    return f"{at.year}年{at.month}月" if language == "zh" else f"{MONTHS[at.month - 1]} {at.year}"


MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(text: str, language: str) -> str:
    """
    >>> day("2026-11-09", "zh"), day("2026-11-09", "en"), day("", "zh")
    ('2026年11月9日', '9 November 2026', '')
    """
    try:
        at = date.fromisoformat(text)
    except ValueError:
        return text
    return (
        f"{at.year}年{at.month}月{at.day}日"
        if language == "zh"
        else f"{at.day} {MONTHS[at.month - 1]} {at.year}"
    )


def years_and_months(months: int, language: str) -> str:
    """
    >>> years_and_months(220, "zh"), years_and_months(220, "en")
    ('18 年 4 个月', '18 years 4 months')
    """
    years, rest = divmod(months, 12)
    if language == "zh":
        return f"{years} 年 {rest} 个月"
    return f"{years} year{'s' * (years != 1)} {rest} month{'s' * (rest != 1)}"


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
    if errand.method == "bank" and errand.bank:
        lines.append((_("银行账户"), errand.bank))
    foot = (
        _("待核实的，三个工作日内联系您。")
        if errand.ending == "in_doubt"
        else _("有疑问请带本单到柜台查询。")
    )
    return Receipt(_("待遇领取回单（演示数据）"), tuple(lines), foot)
