"""Status words: the two bytes that end every answer, and what they mean."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Status(Enum):
    """A status word by its meaning; the value is the sentence for logs and tapes."""

    OK = "成功"
    MORE = "还有数据待取"
    WRONG_LE = "要求的长度不对，卡片给出了正确的长度"
    PIN_WRONG = "密码不对"
    PIN_BLOCKED = "密码已锁定"
    INVALIDATED = "应用或文件已停用"
    NOT_ALLOWED = "不满足安全条件"
    NOT_NOW = "不满足使用条件"
    MAC_WRONG = "安全报文不对"
    WRONG_LENGTH = "长度错误"
    WRONG_DATA = "数据错误"
    NOT_SUPPORTED = "不支持此功能"
    NOT_FOUND = "找不到文件或应用"
    NO_RECORD = "找不到记录"
    WRONG_P1P2 = "参数错误"
    NO_KEY = "找不到密钥"
    WRONG_OFFSET = "起始位置超出文件"
    UNKNOWN_INS = "不认识的命令"
    UNKNOWN_CLA = "不认识的命令类别"
    MEMORY = "卡片存储器故障"
    WRONG_MAC = "校验码不对"
    NO_PROOF = "没有这一笔的证明"
    OTHER = "其他"


EXACT: Final = {
    0x9000: Status.OK,
    0x6283: Status.INVALIDATED,
    0x6300: Status.PIN_WRONG,
    0x6400: Status.MEMORY,
    0x6581: Status.MEMORY,
    0x6700: Status.WRONG_LENGTH,
    0x6982: Status.NOT_ALLOWED,
    0x6983: Status.PIN_BLOCKED,
    0x6984: Status.PIN_BLOCKED,
    0x6985: Status.NOT_NOW,
    0x6987: Status.MAC_WRONG,
    0x6988: Status.MAC_WRONG,
    0x6A80: Status.WRONG_DATA,
    0x6A81: Status.NOT_SUPPORTED,
    0x6A82: Status.NOT_FOUND,
    0x6A83: Status.NO_RECORD,
    0x6A86: Status.WRONG_P1P2,
    0x6A88: Status.NO_KEY,
    0x6B00: Status.WRONG_OFFSET,
    0x6D00: Status.UNKNOWN_INS,
    0x6E00: Status.UNKNOWN_CLA,
    0x9303: Status.INVALIDATED,
    0x9302: Status.WRONG_MAC,
    0x9403: Status.NO_KEY,
    0x9406: Status.NO_PROOF,
}


def status(sw: int) -> Status:
    """
    >>> status(0x9000).name, status(0x63C2).name, status(0x6113).name
    ('OK', 'PIN_WRONG', 'MORE')
    """
    if sw >> 8 == 0x61:
        return Status.MORE
    if sw >> 8 == 0x6C:
        return Status.WRONG_LE
    if sw & 0xFFF0 == 0x63C0:
        return Status.PIN_BLOCKED if sw == 0x63C0 else Status.PIN_WRONG
    return EXACT.get(sw, Status.OTHER)


def tries_left(sw: int) -> int | None:
    """How many tries of the PIN a status word says are left, if it says so.

    >>> tries_left(0x63C2), tries_left(0x6983), tries_left(0x9000)
    (2, 0, None)
    """
    if status(sw) is Status.PIN_BLOCKED:
        return 0
    return sw & 0x0F if sw & 0xFFF0 == 0x63C0 else None


def describe(sw: int) -> str:
    """
    >>> describe(0x6A82)
    '6A82 找不到文件或应用'
    """
    return f"{sw:04X} {status(sw).value}"
