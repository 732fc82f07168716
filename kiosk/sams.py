"""Security modules on the command line and in the settings: made, narrowed to an area, looked at, opened."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.kernel.errors import Told
from cardio import pcsc
from cardio.keys import BLOCK, sm4
from cardio.sam import COUNTER, TERMINAL, KeyNotHeld, KeyRing, PcscSam, Purpose, Sam, SoftSam, create
from cardio.sealing import GivenKey, KeyFile, Opener, Passphrase, unseal
from kiosk.settings import Settings
from kiosk.terminal import kindly

app = typer.Typer(no_args_is_help=True, help="安全模块（SAM）：密钥文件")
out = Console(highlight=False)
SamFile = Annotated[Path, typer.Argument(help="密钥文件", dir_okay=False)]
Key = Annotated[Path | None, typer.Option("--key", help="钥匙文件；不写就用口令", dir_okay=False)]
USES = {
    Purpose.IRK: "卡片证明自己",
    Purpose.RK: "读第三代卡",
    Purpose.STK: "安全报文",
    Purpose.PUK: "密码解锁",
    Purpose.LK: "领取：后台对卡",
    Purpose.TK: "领取：卡对账",
    Purpose.PAD: "密码键盘",
}


class FileThere(Told):
    """文件“{file}”已经有了，没有覆盖。请换一个文件名。"""


class SamNotOpened(Told):
    """设置了安全模块的密钥文件，却没有说怎样打开。请设置 sam_key（钥匙）或者 sam_passphrase（口令）。"""


def module(known: Settings) -> Sam | None:
    """The security module that the settings name: one on a card in its reader, or in a file; None: none."""
    if known.module_reader:
        return PcscSam(partial(pcsc.connect, known.module_reader))
    if known.sam is None:
        return None
    if known.sam_key is not None:
        return SoftSam.open(known.sam, GivenKey(known.sam_key.get_secret_value(), "sam_key"))
    if known.sam_passphrase is None:
        raise SamNotOpened
    return SoftSam.open(known.sam, Passphrase(known.sam_passphrase.get_secret_value()))


def counter(sam: Path | None, key: Path | None, reader: str) -> Sam | None:
    """A counter's module, on a card in its reader or in a file; None where none is named."""
    found: Sam | None = None
    if reader:
        found = PcscSam(partial(pcsc.connect, reader))
    elif sam is not None:
        found = SoftSam.open(sam, _opener(key))
    if found is not None and not found.versions(Purpose.PUK):
        raise KeyNotHeld(purpose=Purpose.PUK.value)
    return found


@app.command()
def new(to: SamFile, key: Key = None) -> None:
    """给密钥中心做一套新的主密钥，加密存进文件。"""
    with kindly():
        _write(to, KeyRing.new(), _opener(key, fresh=True))


@app.command()
def area(
    of: SamFile,
    code: Annotated[str, typer.Argument(help="行政区划，六位数字")],
    to: Annotated[Path, typer.Argument(help="写到哪里", dir_okay=False)],
    key: Key = None,
    to_key: Annotated[Path | None, typer.Option("--to-key", help="新文件的钥匙文件；不写就用口令")] = None,
    counter: Annotated[bool, typer.Option("--counter", help="柜台用的，还能给密码解锁")] = False,
) -> None:
    """从密钥中心的主密钥分出一个地区的终端密钥：只能用于这个地区的卡，也算不回去。"""
    with kindly():
        if not (len(code) == 6 and code.isascii() and code.isdecimal()):
            raise typer.BadParameter("行政区划是六位数字")
        ring = KeyRing.of(unseal(of, _opener(key)))
        _write(to, ring.for_area(code, COUNTER if counter else TERMINAL), _opener(to_key, fresh=True))


@app.command()
def show(of: SamFile, key: Key = None) -> None:
    """列出密钥文件里有哪些密钥、哪几版；密钥本身不显示，只显示校验值。"""
    with kindly():
        ring = KeyRing.of(unseal(of, _opener(key)))
        out.print(f"地区 {ring.area}" if ring.area else "全国")
        table = Table("用途", "说明", "版本", "校验值")
        for purpose in Purpose:
            for version in ring.versions(purpose):
                table.add_row(
                    purpose, USES[purpose], str(version), check_value(ring.master(purpose, version))
                )
        out.print(table)


def check_value(key: bytes) -> str:
    """Three bytes by which two holders of a key see that it is the same.

    >>> check_value(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    '2677F4'
    """
    return sm4(key, bytes(BLOCK))[:3].hex().upper()


def _opener(key: Path | None, *, fresh: bool = False) -> Opener:
    """The key in a file, a new one where a new module is made; else the words somebody types."""
    if key is None:
        words: str = typer.prompt("口令", hide_input=True, confirmation_prompt=fresh)
        return Passphrase(words)
    return KeyFile(key) if key.exists() or not fresh else KeyFile(key).make()


def _write(to: Path, ring: KeyRing, opener: Opener) -> None:
    try:
        create(to, ring, opener)
    except FileExistsError as why:
        raise FileThere(file=to) from why
    out.print(f"已写入 {escape(str(to))}")
