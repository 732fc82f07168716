"""What existing halls read: the eleven fields of `iReadCardBas` (LD/T 33—2015, as terminal makers publish it).

    行政区划|社会保障号码|卡号|卡识别码|姓名|卡复位信息|规范版本|发卡日期|有效期|终端机编号|终端设备号|

GBK, days as eight digits, each field ended by a bar. The standard itself was not read.
"""

from __future__ import annotations

from typing import Final

from cardio.atr import historical
from cardio.card import CardSession
from cardio.codecs import gb18030
from cardio.tlv import Malformed

BAR: Final = "|"
FIELDS: Final = (
    "行政区划",
    "社会保障号码",
    "卡号",
    "卡识别码",
    "姓名",
    "卡复位信息",
    "规范版本",
    "发卡日期",
    "有效期",
    "终端机编号",
    "终端设备号",
)


def base(session: CardSession, terminal: str = "", device: str = "") -> str:
    """The line for a card. `terminal` is the number of the security module, `device` that of the reader."""
    card, holder = session.identify(), session.holder()
    values = (
        card.area,
        holder.ident,
        card.card_no,
        card.card_code,
        holder.name,
        historical(session.atr),
        card.version,
        f"{card.issued:%Y%m%d}",
        f"{card.expires:%Y%m%d}",
        terminal,
        device,
    )
    if any(BAR in value for value in values):
        raise Malformed("有一项内容里有竖线，不能按这种格式输出")
    return "".join(value + BAR for value in values)


def gbk(line: str) -> bytes:
    """As halls receive it. What GBK does not have — rare characters of a name — is in GB 18030, which holds all of GBK.

    >>> gbk("张三|").hex()
    'd5c5c8fd7c'
    """
    return gb18030(line)
