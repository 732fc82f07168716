"""The social-security card's files as data: tag, type, length, who may read, and an example of each.

What five independent public sources agree on (LD/T 32—2015 and the 1999 specification before it). An item
whose name they do not give is called by its tag. Balances are not for the card: version 2.00 dropped them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, Final, Literal

from cardio import tlv
from cardio.codecs import CODECS
from cardio.tlv import Malformed

SSSE: Final = bytes.fromhex("7378312E73682E C9E7BBE1B1A3D5CF")  # "sx1.sh." and 社会保障
VERSIONS: Final = ("1.00", "2.00", "3.00")
ALGORITHMS: Final = {0x01: "3DES", 0x02: "SSF33", 0x03: "SM4"}
FCI_ISSUER: Final = 0x9F0C  # where the byte after 86 names the algorithm
ALGORITHM_MARK: Final = 0x86
CHANNEL_MARK: Final = 0x87
PROVIDER: Final = "D156000005"  # registered application provider: follows the division in a card code
Type = Literal["an", "cn", "b", "dec", "date"]
Value = str | int | date


class Access(Enum):
    """Who may read a file."""

    FREE = "anybody"
    TERMINAL = "an authenticated terminal, on cards that ask for one"
    PIN = "whoever gave the PIN"


@dataclass(frozen=True)
class Item:
    """One data element. `example` is (bytes in hexadecimal, value); trailing zeros may be left out."""

    tag: int
    type: Type
    length: int
    example: tuple[str, Value]
    name: str = ""
    since: str = "1.00"
    until: str = "3.00"

    @cached_property
    def title(self) -> str:
        return self.name or f"{self.tag:02X}"

    def encode(self, value: Any) -> bytes:
        if self.type == "date" and isinstance(value, str):
            value = date.fromisoformat(value)
        return CODECS[self.type].encode(value, self.length)

    def decode(self, data: bytes) -> Any:
        if len(data) > self.length:
            raise Malformed(f"{self.title}有 {len(data)} 个字节，最多 {self.length} 个")
        return CODECS[self.type].decode(data)


@dataclass(frozen=True)
class File:
    """One elementary file: records of one tagged item each, rows that repeat, or plain bytes."""

    folder: int  # 0: SSSE itself
    fid: int
    name: str
    items: tuple[Item, ...] = ()
    read: Access = Access.FREE
    kind: Literal["items", "rows", "bytes"] = "items"

    @property
    def path(self) -> str:
        """
        >>> ISSUER.path, file("DF03/EF07").name
        ('SSSE/EF05', '养老保险')
        """
        folder = f"DF{self.folder & 0xFF:02X}" if self.folder else "SSSE"
        return f"{folder}/EF{self.fid & 0xFF:02X}"

    @cached_property
    def _by_tag(self) -> dict[str, dict[int, Item]]:
        """For every version its items, in the order of their records."""
        return {
            version: {item.tag: item for item in self.items if item.since <= version <= item.until}
            for version in VERSIONS
        }

    def of(self, version: str) -> tuple[Item, ...]:
        """The items in a card of this version, in the order of their records."""
        return tuple(self._by_tag[version].values())

    @cached_property
    def lengths(self) -> dict[str, tuple[int, ...]]:
        """For every version the bytes of its records: tag, length, value."""
        return {version: tuple(2 + item.length for item in self.of(version)) for version in VERSIONS}

    def decode(self, records: Mapping[int, bytes], version: str) -> dict[str, Any]:
        """Values by title, from the values read by tag; tags nobody knows stay bytes in hexadecimal."""
        known, values = self._by_tag[version], dict[str, Any]()
        for tag, data in records.items():
            if item := known.get(tag):
                values[item.title] = item.decode(data)
            else:
                values[f"{tag:02X}"] = data.hex().upper()
        return values

    def encode(self, values: Mapping[str, Any], version: str) -> list[bytes] | bytes:
        """What the card stores, from values by tag; days may be ISO text, unknown items are hexadecimal."""
        if self.kind == "bytes":
            return bytes.fromhex(values["00"])
        if self.kind == "rows":
            return [bytes.fromhex(row) for row in values.values()]
        known = {f"{item.tag:02X}": item for item in self.of(version)}
        if not self.items:
            return [tlv.encode(int(tag, 16), bytes.fromhex(value)) for tag, value in values.items()]
        missing = values.keys() - known.keys()
        if any(values[tag] for tag in missing):
            raise Malformed(f"{version} 版的 {self.path} 没有 {'、'.join(sorted(missing))}")
        return [
            tlv.encode(item.tag, item.encode(values[tag])) for tag, item in known.items() if tag in values
        ]


def record(raw: bytes) -> tuple[int, bytes]:
    """One record as it lies in the card: a tag, a length, a value.

    >>> record(bytes.fromhex("0A0131"))
    (10, b'1')
    """
    if len(raw) > 1 and raw[1] == len(raw) - 2 < 0x80 and raw[0] and raw[0] & 0x1F != 0x1F:
        return raw[0], raw[2:]  # as nearly all are: one byte of tag, one of length
    found = tlv.parse(raw)
    if len(found) != 1:
        raise Malformed("一条记录里应当正好有一项")
    return found[0].tag, found[0].value


ISSUER: Final = File(
    0,
    0xEF05,
    "发卡机构",
    (
        Item(0x01, "b", 16, ("310000D1560000050000000000000001",) * 2, "卡识别码"),
        Item(0x02, "an", 1, ("31", "1"), "卡类别"),
        Item(0x03, "an", 4, ("322E3030", "2.00"), "规范版本"),
        Item(0x04, "cn", 12, ("310000000000000000000001",) * 2, "初始化机构编号"),
        Item(0x05, "date", 4, ("20190601", date(2019, 6, 1)), "发卡日期"),
        Item(0x06, "date", 4, ("20290601", date(2029, 6, 1)), "有效期"),
        Item(0x07, "an", 9, ("443030303030303133", "D00000013"), "卡号"),
    ),
)
HOLDER: Final = File(
    0,
    0xEF06,
    "持卡人",
    (
        Item(
            0x08,
            "an",
            18,
            ("313130313035313934393132333130303258", "11010519491231002X"),
            "社会保障号码",
        ),
        Item(0x09, "an", 30, ("D5C5FE9F9933A932", "张䶮𬭎"), "姓名"),
        Item(0x4E, "an", 20, ("C2F2C2F2CCE1", "买买提"), "姓名扩展", since="2.00"),
        Item(0x0A, "an", 1, ("32", "2"), "性别"),
        Item(0x0B, "cn", 1, ("01", "01"), "民族"),
        Item(0x0C, "cn", 3, ("110105", "110105"), "出生地"),
        Item(0x0D, "date", 4, ("19491231", date(1949, 12, 31)), "出生日期"),
    ),
    Access.TERMINAL,
)
FILES: Final = (
    ISSUER,
    HOLDER,
    File(0, 0xEF07, "指纹", (Item(0, "b", 0x400, ("464D5200", "464D5200"), "指纹"),), Access.PIN, "bytes"),
    File(0, 0xEF08, "照片", (Item(0, "b", 0x1000, ("FFD8FFE0", "FFD8FFE0"), "照片"),), Access.PIN, "bytes"),
    File(
        0,
        0xEF0D,
        "地方信息",
        (
            Item(0xEA, "an", 12, ("3331303130314131", "310101A1")),
            Item(0xEB, "cn", 3, ("310101", "310101")),
            Item(0xEC, "an", 1, ("31", "1")),
            Item(0xED, "an", 1, ("30", "0")),
        ),
    ),
    File(
        0xDF01,
        0xEF05,
        "户籍",
        (
            Item(0x20, "an", 2, ("3130", "10")),
            Item(0x21, "an", 0x50, ("C8CBC3F1B4F3B5C0", "人民大道")),
            Item(0x0E, "cn", 3, ("310101", "310101")),
        ),
        Access.TERMINAL,
    ),
    File(
        0xDF01,
        0xEF06,
        "常住地",
        (
            Item(0x23, "an", 0x50, ("C8CBC3F1B4F3B5C031BAC5", "人民大道1号")),
            Item(0x24, "cn", 3, ("310101", "310101")),
            Item(0x28, "an", 0x0F, ("3132303030303030303031", "12000000001")),
            Item(0x2C, "an", 0x32, ("D6DCCBC4", "周四")),
            Item(0x2D, "an", 0x0F, ("3132303030303030303032", "12000000002")),
        ),
        Access.TERMINAL,
    ),
    File(0xDF01, 0xEF07, "公共信息三", read=Access.TERMINAL),
    File(0xDF01, 0xEF08, "公共信息四", read=Access.TERMINAL),
    File(
        0xDF01,
        0xEF09,
        "单位",
        (
            Item(0x2E, "an", 0x46, ("CABEC0FDCFD8BBFAD0B5B3A7", "示例县机械厂")),
            Item(0x30, "an", 9, ("443231343335363958", "D2143569X")),
            Item(0x32, "an", 2, ("3031", "01")),
        ),
        Access.TERMINAL,
    ),
    File(
        0xDF01,
        0xEF0A,
        "公共信息六",
        (
            Item(0x37, "an", 3, ("303231", "021")),
            Item(0x38, "an", 2, ("3230", "20")),
            Item(0x39, "date", 4, ("20080701", date(2008, 7, 1))),
        ),
        Access.TERMINAL,
    ),
    File(0xDF01, 0xEF15, "学历", read=Access.TERMINAL),
    *(File(0xDF02, fid, "就业", read=Access.TERMINAL) for fid in (0xEF05, 0xEF06, 0xEF09, 0xEF15)),
    *(File(0xDF02, fid, "就业记录", read=Access.TERMINAL, kind="rows") for fid in (0xEF07, 0xEF16)),
    File(0xDF03, 0xEF05, "失业保险", read=Access.TERMINAL),
    File(0xDF03, 0xEF06, "劳动能力鉴定", read=Access.TERMINAL),
    File(
        0xDF03,
        0xEF07,
        "养老保险",
        (
            Item(0x70, "an", 3, ("303031", "001")),
            Item(0x71, "dec", 4, ("0001E240", 123456), until="1.00"),
            Item(0x71, "cn", 3, ("310101", "310101"), since="2.00"),
            Item(0x72, "dec", 4, ("000F4240", 1000000), until="1.00"),
            Item(0x6E, "date", 4, ("20260901", date(2026, 9, 1))),
            Item(0x6C, "date", 4, ("19880701", date(1988, 7, 1))),
            Item(0x6D, "dec", 4, ("00000000", 0), until="1.00"),
            Item(0x6F, "date", 4, ("20261001", date(2026, 10, 1))),
            Item(0x73, "date", 4, ("20261101", date(2026, 11, 1))),
        ),
        Access.TERMINAL,
    ),
    File(0xDF03, 0xEF15, "工伤保险", read=Access.TERMINAL),
    File(0xDF03, 0xEF16, "生育保险", read=Access.TERMINAL),
    *(File(0xDF03, fid, "社会保险", read=Access.TERMINAL) for fid in (0xEF17, 0xEF18, 0xEF19)),
    *(File(0xDF04, fid, "医疗保险", read=Access.TERMINAL) for fid in (0xEF05, 0xEF06, 0xEF15)),
    File(0xDF04, 0xEF08, "医疗交易", read=Access.TERMINAL, kind="rows"),
    File(0xDF0C, 0xEF02, "领取记录", read=Access.PIN, kind="rows"),  # ours: sim/applet.py, collect.py
)

PATHS: Final = {one.path: one for one in FILES}


def file(path: str) -> File:
    """
    >>> file("SSSE/EF06").name
    '持卡人'
    """
    try:
        return PATHS[path]
    except KeyError as unknown:
        raise Malformed(f"卡片规范里没有 {path} 这个文件") from unknown


@lru_cache(16)
def algorithm(fci: bytes) -> str:
    """The card's algorithm, as its application's control information says; empty where it says nothing.

    >>> algorithm(bytes.fromhex("6F07 A505 9F0C028603"))
    'SM4'
    """
    issuer = _issuers(fci)
    mark = issuer.find(ALGORITHM_MARK)
    code = issuer[mark + 1] if 0 <= mark < len(issuer) - 1 else 0
    return ALGORITHMS.get(code, "")


@lru_cache(16)
def channel_version(fci: bytes) -> int:
    """Which version of its key a card offers secure messaging under; 0: none. The mark is ours.

    >>> channel_version(bytes.fromhex("6F09 A507 9F0C0486038702")), channel_version(b"")
    (2, 0)
    """
    issuer = _issuers(fci)
    return issuer[3] if len(issuer) == 4 and issuer[2] == CHANNEL_MARK else 0


def _issuers(fci: bytes) -> bytes:
    """The issuer's part of the control information."""
    return tlv.find(fci, FCI_ISSUER) or b""


def control_information(algorithm: str, channel: int = 0) -> bytes:
    """What a card says when its application is selected."""
    code = next(code for code, name in ALGORITHMS.items() if name == algorithm)
    marks = bytes([ALGORITHM_MARK, code]) + (bytes([CHANNEL_MARK, channel]) if channel else b"")
    return tlv.encode(0x6F, tlv.encode(0x84, SSSE) + tlv.encode(0xA5, tlv.encode(FCI_ISSUER, marks)))
