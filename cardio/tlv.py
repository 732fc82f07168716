"""Tag, length, value: how a card labels its data (BER-TLV, definite lengths)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

FILLERS: Final = (0x00, 0xFF)  # may stand between objects and mean nothing
CONSTRUCTED: Final = 0x20
DEEPEST: Final = 8


class Malformed(ValueError):
    """These bytes are not what the card's layout says they should be."""


class Tlv(NamedTuple):
    tag: int
    value: bytes


def parse(data: bytes) -> tuple[Tlv, ...]:
    """
    >>> [(f"{t.tag:X}", t.value.hex()) for t in parse(bytes.fromhex("0A0131 9F0C028603"))]
    [('A', '31'), ('9F0C', '8603')]
    """
    found, at = [], 0
    while at < len(data):
        if data[at] in FILLERS:
            at += 1
            continue
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data):
            raise Malformed(f"标签 {tag:X} 的数据不完整")
        found.append(Tlv(tag, data[at : at + length]))
        at += length
    return tuple(found)


def _tag(data: bytes, at: int) -> tuple[int, int]:
    tag, more = data[at], data[at] & 0x1F == 0x1F
    at += 1
    while more:
        if at >= len(data) or tag > 0xFFFF:
            raise Malformed("标签不完整")
        tag, more = tag << 8 | data[at], bool(data[at] & 0x80)
        at += 1
    return tag, at


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise Malformed("缺少长度")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if count not in (1, 2) or at + 1 + count > len(data):
        raise Malformed("长度的写法不对")
    return int.from_bytes(data[at + 1 : at + 1 + count]), at + 1 + count


def encode(tag: int, value: bytes) -> bytes:
    """
    >>> encode(0x9F0C, b"\\x86\\x03").hex()
    '9f0c028603'
    """
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    elif size < 0x100:
        length = bytes([0x81, size])
    else:
        length = bytes([0x82]) + size.to_bytes(2)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + length + value


def build(objects: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(encode(tag, value) for tag, value in objects)


def find(data: bytes, tag: int, depth: int = DEEPEST) -> bytes | None:
    """The first value under this tag, at any depth.

    >>> find(bytes.fromhex("6F08 A506 9F0C028603 00"), 0x9F0C)
    b'\\x86\\x03'
    """
    for one in parse(data):
        if one.tag == tag:
            return one.value
        first = one.tag >> (one.tag.bit_length() - 1) // 8 * 8
        if first & CONSTRUCTED and depth:
            inner = find(one.value, tag, depth - 1)
            if inner is not None:
                return inner
    return None
