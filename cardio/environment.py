"""The card's environment as data: applications, folders, keys, tries, and who may read and write each file.

Nothing here was read in the standard's own text (LD/T 32—2015 could not be had): each value says where it is from.
What is ours must be agreed with the key centre before a real card is touched by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from cardio import layout
from cardio.layout import HOLDER, ISSUER, SSSE, Access, File


class Evidence(Enum):
    """Where a value is from; the value is told in lists."""

    AGREED = "几份公开资料一致"
    SINGLE = "一份公开资料"
    INFERRED = "由公开资料推断"
    OURS = "本系统自定，须与密钥中心商定"


@dataclass(frozen=True)
class Application:
    aid: bytes
    name: str
    evidence: Evidence


@dataclass(frozen=True)
class Folder:
    fid: int
    aid: bytes
    name: str
    evidence: Evidence


@dataclass(frozen=True)
class Key:
    """A key of the card: what it is for, by which number it is named, how many wrong answers it bears."""

    id: int
    purpose: str
    name: str
    tries: int | None
    evidence: Evidence


@dataclass(frozen=True)
class Rule:
    """Who may read and who may write a file in a card of some version; a key's number, or None for nobody."""

    read: Access
    read_key: int | None
    update_key: int | None
    evidence: Evidence


PROVIDER: Final = bytes.fromhex(layout.PROVIDER)
SSF33: Final = bytes.fromhex("7378322E73682E")  # "sx2.sh.": the environment of cards with SSF33
PAYMENT: Final = b"1PAY.SYS.DDF01"
PSAM: Final = bytes.fromhex("D15600000590")

APPLICATIONS: Final = (
    Application(SSSE, "社会保障应用环境 sx1.sh.社会保障", Evidence.AGREED),
    Application(SSF33, "SSF33 算法的社会保障应用环境 sx2.sh.", Evidence.AGREED),
    Application(PSAM, "终端安全模块（PSAM）", Evidence.AGREED),
    Application(PAYMENT, "银行应用（PBOC 支付环境）", Evidence.AGREED),
)
# The folders' numbers agree. Which name belongs to which is inferred: one source calls …03 the medical one.
FOLDERS: Final = (
    Folder(0xDF01, PROVIDER + b"\x01", "公共信息", Evidence.INFERRED),
    Folder(0xDF02, PROVIDER + b"\x02", "就业", Evidence.INFERRED),
    Folder(0xDF03, PROVIDER + b"\x03", "社会保险", Evidence.INFERRED),
    Folder(0xDF04, PROVIDER + b"\x04", "医疗保险", Evidence.INFERRED),
    Folder(0xDF0C, PROVIDER + b"\x0c", "领取", Evidence.OURS),
)

INTERNAL: Final = 0x01
CHANNEL: Final = 0x02
UNBLOCK: Final = 0x03
UPDATE: Final = 0x04
READ: Final = 0x0A
PIN_TRIES: Final = 3
PUK_TRIES: Final = 10
KEYS: Final = (
    Key(INTERNAL, "IRK", "内部认证密钥", None, Evidence.OURS),
    Key(CHANNEL, "STK", "安全报文密钥", None, Evidence.OURS),
    Key(UNBLOCK, "PUK", "密码解锁密钥", PUK_TRIES, Evidence.OURS),
    Key(UPDATE, "UK", "持卡人文件更新密钥", None, Evidence.SINGLE),
    Key(READ, "RK", "读持卡人密钥", None, Evidence.SINGLE),
    Key(0x83, "UK1", "公共信息更新密钥", None, Evidence.SINGLE),
)
PIN: Final = Key(0x00, "PIN", "持卡人密码，六位数字", PIN_TRIES, Evidence.INFERRED)
BY_PURPOSE: Final = {key.purpose: key for key in KEYS}
UPDATES: Final = {HOLDER.path: UPDATE} | {one.path: 0x83 for one in layout.FILES if one.folder == 0xDF01}


def rule(file: File, version: str) -> Rule:
    """Who may read and write a file in a card of this version.

    >>> rule(HOLDER, "2.00").read.name, rule(HOLDER, "3.00").read.name, rule(HOLDER, "3.00").update_key
    ('FREE', 'TERMINAL', 4)
    """
    update = UPDATES.get(file.path)
    if file == ISSUER:
        return Rule(Access.FREE, None, update, Evidence.AGREED)
    read = Access.FREE if file.read is Access.TERMINAL and version < "3.00" else file.read
    return Rule(read, READ if read is Access.TERMINAL else None, update, Evidence.INFERRED)
