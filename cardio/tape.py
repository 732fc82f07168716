"""Tapes: what went between a reader and a card, written down, played again bit for bit, told in words.

A tape holds the holder's data, so its file is for its owner only. The PIN alone is never written down.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from cardio import layout
from cardio.layout import ISSUER, SSSE, File
from cardio.link import Answer, CardDirty, CardFault, CardMute, CardPulled, CardStuck, Link
from cardio.secure import PROTECTED, UNBLOCK_INS
from cardio.status import describe
from cardio.tlv import Malformed

FAULTS: Final = {kind.__name__: kind for kind in (CardPulled, CardStuck, CardMute, CardDirty)}
VERIFY: Final = 0x20
CHANGE: Final = 0x5E
SHORTEST: Final = 4  # bytes of a command


class TapeDiffers(CardFault):
    """这盘记录里没有这一步：记录的是 {recorded}，现在要的是 {asked}。"""


class TapeBroken(CardFault):
    """这盘记录的第 {line} 行读不懂。请重新录制。"""


def _hushed(apdu: bytes) -> str:
    """The command in hexadecimal, a PIN as stars."""
    if apdu[1] in (VERIFY, CHANGE) and len(apdu) > 5 and not apdu[0] & PROTECTED:
        return apdu[:5].hex() + "**" * (len(apdu) - 5)
    return apdu.hex()


@dataclass(frozen=True)
class Entry:
    """One exchange. Without a command it is the power-up, its data the answer to reset."""

    apdu: str = ""
    data: str = ""
    sw: str = "9000"
    fault: str = ""
    ms: int = 0

    def __post_init__(self) -> None:
        apdu = bytes.fromhex(self.apdu.replace("*", "0"))
        if 0 < len(apdu) < SHORTEST or len(bytes.fromhex(self.sw)) != 2:
            raise ValueError("no command and no status word is as short")
        bytes.fromhex(self.data)

    def answer(self) -> Answer:
        if self.fault:
            raise FAULTS.get(self.fault, CardFault)("as recorded")
        return Answer(bytes.fromhex(self.data), int(self.sw, 16))


class Recorder:
    """A link that writes down everything that goes through it, line by line as it happens."""

    def __init__(self, link: Link, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._link, self._clock = link, clock
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")

    def _write(self, entry: Entry) -> None:
        plain = {name: value for name, value in asdict(entry).items() if value}
        self._file.write(json.dumps(plain) + "\n")
        self._file.flush()

    def _recorded(self, apdu: str, ask: Callable[[], Answer]) -> Answer:
        began = self._clock()
        try:
            answer = ask()
        except CardFault as fault:
            self._write(Entry(apdu, fault=type(fault).__name__))
            raise
        took = round((self._clock() - began) * 1000)
        self._write(Entry(apdu, answer.data.hex(), f"{answer.sw:04x}", ms=took))
        return answer

    def atr(self) -> bytes:
        return self._recorded("", lambda: Answer(self._link.atr(), 0x9000)).data

    def send(self, apdu: bytes) -> Answer:
        return self._recorded(_hushed(apdu), lambda: self._link.send(apdu))

    def close(self) -> None:
        self._file.close()
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(path: Path) -> list[Entry]:
    """The entries of a tape."""
    entries = []
    for line, text in enumerate(path.read_bytes().splitlines(), 1):
        try:
            entries.append(Entry(**json.loads(text)))
        except (ValueError, TypeError, AttributeError, RecursionError) as why:
            raise TapeBroken(line=line) from why
    return entries


class Replay:
    """A link that answers as the recorded card did, as long as it is asked the same."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = iter(entries)

    def _answer(self, asked: str) -> Answer:
        entry = next(self._entries, None)
        if entry is None or entry.apdu != asked:
            recorded = "（到头了）" if entry is None else entry.apdu or "上电"
            raise TapeDiffers(recorded=recorded, asked=asked or "上电")
        return entry.answer()

    def atr(self) -> bytes:
        return self._answer("").data

    def send(self, apdu: bytes) -> Answer:
        return self._answer(_hushed(apdu))

    def close(self) -> None:
        self._entries = iter(())


def masked(text: str) -> str:
    """Enough to recognise, not enough to use.

    >>> masked("11010519491231002X"), masked("张䶮𬭎"), masked("周四"), masked("2")
    ('110*************2X', '张*𬭎', '周*', '*')
    """
    if len(text) > 8:
        return text[:3] + "*" * (len(text) - 5) + text[-2:]
    return text[:1] + "*" * (len(text) - 2) + text[-1:] if len(text) > 2 else text[: len(text) - 1] + "*"


class _Teller:
    """Follows a tape from folder to file, to say in words what was read."""

    def __init__(self) -> None:
        self.folder, self.file = 0, File(0, 0, "")

    def tell(self, entry: Entry) -> str:
        apdu = bytes.fromhex(entry.apdu.replace("*", "0"))
        what = self._command(apdu) if apdu else "上电"
        if entry.fault:
            return f"{what} → 没有回答（{entry.fault}），做没做不知道"
        if not apdu:
            return f"{what} → {entry.data.upper()}"
        said = self._data(apdu[1], bytes.fromhex(entry.data))
        return f"{what} → {describe(int(entry.sw, 16))}{said}（{entry.ms} 毫秒）"

    def _command(self, apdu: bytes) -> str:
        ins, p1, data = apdu[1], apdu[2], apdu[5:]
        if ins == 0xA4:
            return self._select(p1, data)
        if ins == VERIFY:
            return "核对密码 ******" if data else "问密码还能试几次"
        return NAMES.get(ins, f"命令 {ins:02X}") + (f" {p1}" if ins == 0xB2 else "")

    def _select(self, p1: int, data: bytes) -> str:
        if p1 == 0x04:
            self.folder = 0
            return "选择社会保障应用" if data == SSSE else f"选择应用 {data.hex().upper()}"
        fid = int.from_bytes(data)
        if p1 == 0x01:
            self.folder = fid
            return f"选择目录 {fid:04X}"
        self.file = File(self.folder, fid, "")
        try:
            self.file = layout.file(self.file.path)
        except Malformed:
            return f"选择文件 {self.file.path}"
        return f"选择文件 {self.file.path} {self.file.name}"

    def _data(self, ins: int, data: bytes) -> str:
        if not data:
            return ""
        if ins != 0xB2:
            return f" {len(data)} 字节"
        try:
            tag, value = layout.record(data)
            ((title, found),) = self.file.decode({tag: value}, "3.00").items()
        except (Malformed, ValueError):
            return f" {len(data)} 字节"
        return f" {title} {found if self.file == ISSUER else masked(str(found))}"


NAMES: Final = {
    0xB2: "读记录",
    0xB0: "读文件",
    0xC0: "取回答",
    0x84: "取随机数",
    0x88: "内部认证",
    0x82: "外部认证",
    CHANGE: "更改密码 ******",
    UNBLOCK_INS: "解锁并换新密码",
    0x50: "开始领取",
    0x52: "同意领取",
    0x5A: "取领取证明",
    0x5C: "读领取次数",
    0x54: "记下领取结果",
}


def narrator() -> Callable[[bytes], str]:
    """Says of one command after the other what it asks; it follows a session from folder to file."""
    return _Teller()._command


def told(entries: Iterable[Entry]) -> Iterator[str]:
    """The tape in words, the holder masked."""
    teller = _Teller()
    for entry in entries:
        yield teller.tell(entry)
