"""Answer to reset: who made chip, system and card, and its serial number; told in words.

A hint only: what a card is, its applications say. Real cards answer 3B 6D 00 00 and thirteen historical bytes
(public sources agree; LD/T 32.2—2015 itself was not read).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from cardio.tlv import Malformed

DIRECT: Final = bytes.fromhex("3B6D0000")
HISTORICAL: Final = 13
SYSTEM: Final = 0x54  # T, then the system's version and the chip's capacity
CHIPS: Final = {"0081": "华大", "0085": "华虹", "0087": "大唐", "0090": "复旦"}
MAKERS: Final = {"8660": "东信和平"}


@dataclass(frozen=True)
class Atr:
    """The historical bytes by their places: T1–T2 chip maker, T3–T5 system, T6–T7 card maker, T8–TD serial number."""

    chip: str
    system: str
    maker: str
    serial: str

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """
        >>> str(Atr.of(bytes.fromhex("3B6D00000081543141 8660 000000000001")))
        '芯片 华大；系统 543141；制卡 东信和平；序号 000000000001'
        >>> str(Atr.of(bytes.fromhex("3B6D0000ABCD543141 1234 000000000001")))
        '芯片 ABCD；系统 543141；制卡 1234；序号 000000000001'
        """
        told = raw[len(DIRECT) :]
        if not raw.startswith(DIRECT) or len(told) != HISTORICAL or told[2] != SYSTEM:
            raise Malformed("复位应答不是社会保障卡的样子")
        return cls(*(told[a:b].hex().upper() for a, b in ((0, 2), (2, 5), (5, 7), (7, 13))))

    def __str__(self) -> str:
        chip, maker = CHIPS.get(self.chip, self.chip), MAKERS.get(self.maker, self.maker)
        return f"芯片 {chip}；系统 {self.system}；制卡 {maker}；序号 {self.serial}"


def historical(raw: bytes) -> str:
    """What halls call 卡复位信息: the historical bytes in hexadecimal, of any card.

    >>> historical(bytes.fromhex("3B6D00000081543141 8660 000000000001"))
    '00815431418660000000000001'
    >>> historical(bytes.fromhex("3B02 1450")), historical(bytes.fromhex("3B 82 80 01 AA BB 28"))
    ('1450', 'AABB')
    """
    if len(raw) < 2:
        return ""
    count, at, marks = raw[1] & 0x0F, 2, raw[1] >> 4
    while True:
        more = bool(marks & 0x8) and at + (marks & 0x7).bit_count() < len(raw)
        at += marks.bit_count()
        if not more:
            return raw[at : at + count].hex().upper()
        marks = raw[at - 1] >> 4
