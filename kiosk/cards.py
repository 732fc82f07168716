"""renshe-card: look at readers and cards, record and replay sessions, serve a simulated card."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.kernel.errors import Told
from backend.kernel.money import Money
from cardio import compat, pcsc, secure, sim, tape, vpcd
from cardio.atr import Atr
from cardio.card import CardSession, PinMalformed, PinTooSimple
from cardio.collect import CollectCard, Logged
from cardio.faults import digits, hard_to_guess
from cardio.link import Link
from cardio.sim.bad import CARDS, InSlot
from cardio.tac import Result
from cardio.tlv import Malformed
from cardio.watch import events
from kiosk import sams, terminal
from kiosk.environment import card_environment

main = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="社会保障卡：读卡器、读卡、录制与回放、模拟卡",
)
main.add_typer(sams.app, name="sam")
out = Console(highlight=False)
Reader = Annotated[str | None, typer.Option("--reader", help="读卡器名称里的几个字；不写就用第一个有卡的")]
Plain = Annotated[bool, typer.Option("--plain", help="不遮掩姓名和号码")]
TapeFile = Annotated[Path, typer.Argument(help="记录文件", dir_okay=False)]
PersonaFile = Annotated[Path, typer.Argument(help="卡片资料（JSON）", exists=True, dir_okay=False)]


class NoVirtualReader(Told):
    """虚拟读卡器没有应答。请先启动 pcscd（Debian 软件包 pcscd 和 vsmartcard-vpcd）。"""


class NoSuchBadCard(Told):
    """没有“{kind}”这种坏卡，可以选：{kinds}。"""


class KeyMistyped(Told):
    """密钥是 32 位十六进制，请核对以后再填一次。"""


class NotOpened(Told):
    """打不开文件“{file}”。请核对文件名，以及是不是有权读写它。"""


@contextmanager
def kindly() -> Iterator[None]:
    """Every failure is a sentence, and an exit code for scripts."""
    with terminal.kindly():
        try:
            yield
        except ConnectionError as why:
            raise NoVirtualReader from why
        except OSError as why:
            raise NotOpened(file=why.filename) from why


@main.command()
def readers() -> None:
    """列出接好的读卡器。"""
    with kindly():
        names = pcsc.readers()
        if not names:
            raise pcsc.NoReader
        for name in names:
            out.print(escape(name))


@main.command()
def watch() -> None:
    """报告卡片的插入和拔出，直到按 Ctrl-C。"""
    stop = Event()
    signal.signal(signal.SIGINT, lambda number, frame: stop.set())
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    words = {"inserted": "插入", "removed": "拔出"}
    with kindly():
        for event in events(stop):
            note = "，但没有反应" if event.mute else ""
            out.print(f"{words[event.kind]} 第 {event.insertion} 次{note}  {escape(event.reader)}")


@main.command()
def read(
    reader: Reader = None,
    plain: Plain = False,
    like_halls: Annotated[
        bool, typer.Option("--compat", help="按 iReadCardBas 的十一项输出（GBK，竖线分隔，不遮掩）")
    ] = False,
    terminal_no: Annotated[str, typer.Option("--terminal", help="--compat 里的终端机编号")] = "",
    device_no: Annotated[str, typer.Option("--device", help="--compat 里的终端设备号")] = "",
) -> None:
    """读出一张社会保障卡的发卡资料和持卡人。"""
    with kindly(), _closing(pcsc.connect(reader)) as link:
        _read(CardSession(link), plain, (terminal_no, device_no) if like_halls else None)


@main.command()
def pin(reader: Reader = None) -> None:
    """更改一张卡的密码；旧密码不对会用掉一次机会。"""
    with kindly(), _closing(pcsc.connect(reader)) as link:
        session = CardSession(link)
        session.identify()
        old = typer.prompt("现在的密码", hide_input=True)
        new = typer.prompt("新密码", hide_input=True, confirmation_prompt=True)
        result = session.change_pin(old, new)
        out.print("密码改好了。" if result.ok else _tries(result.tries_left))


@main.command()
def unblock(
    reader: Reader = None,
    sam: Annotated[
        Path | None, typer.Option("--sam", help="柜台的安全模块：密钥文件", dir_okay=False)
    ] = None,
    key: sams.Key = None,
    module: Annotated[str, typer.Option("--module", help="柜台的安全模块：装它的读卡器名称里的几个字")] = "",
    plain: Plain = False,
) -> None:
    """给忘了密码的人设新密码：用柜台的安全模块；没有的，用密码重置（CRD-09）给的两把密钥。"""
    with kindly():
        counter = sams.counter(sam, key, module)
        with _closing(pcsc.connect(reader)) as link:
            session = CardSession(link, sam=counter)
            hide: Any = str if plain else tape.masked
            out.print(f"卡号 {hide(session.identify().card_no)}")
            if counter is None:
                _unblock_from_afar(session)
            else:
                out.print(f"持卡人 {escape(hide(session.holder().name))}")
                session.unblock(_new_pin())
            out.print("新密码设好了，原来的不能再用。")


def _unblock_from_afar(session: CardSession) -> None:
    """The card stays in: it takes only what is made for the number that it gave last."""
    out.print(f"卡片随机数 {session.card_random().hex().upper()}")
    out.print("请把它填进密码重置（CRD-09），再把答复里的两把密钥填在这里；办完以前不要取出卡片。")
    cipher_key, mac_key = (_key_typed(what) for what in ("加密密钥", "校验密钥"))
    session.unblock_by(secure.unblock_by(cipher_key, mac_key, _new_pin()))


def _key_typed(what: str) -> bytes:
    while not re.fullmatch(r"[0-9a-fA-F]{32}", told := typer.prompt(what).strip()):
        terminal.tell(KeyMistyped())
    return bytes.fromhex(told)


def _new_pin() -> str:
    """Typed twice by the holder and never shown; what the card would be too easy with is asked again."""
    while True:
        new: str = typer.prompt("新密码", hide_input=True, confirmation_prompt=True)
        try:
            return hard_to_guess(digits(new))
        except (PinMalformed, PinTooSimple) as why:
            terminal.tell(why)


@main.command()
def tries(reader: Reader = None) -> None:
    """查看密码还能试几次（不会用掉次数）。"""
    with kindly(), _closing(pcsc.connect(reader)) as link:
        left = CardSession(link).tries()
        out.print("这张卡不说明还能试几次。" if left is None else _tries(left))


@main.command()
def log(reader: Reader = None, plain: Plain = False) -> None:
    """读出领取型的卡自己记下的领取记录（要核对密码）。"""
    with kindly(), _closing(pcsc.connect(reader)) as link:
        session = CardSession(link)
        result = session.verify(typer.prompt("密码", hide_input=True))
        if not result.ok:
            out.print(_tries(result.tries_left))
            raise typer.Exit(1)
        _show_log(CollectCard(session).log(), plain)


@main.command()
def record(
    to: TapeFile,
    reader: Reader = None,
    ask: Annotated[bool, typer.Option("--pin", help="同时核对密码；密码不会写进记录")] = False,
    plain: Plain = False,
) -> None:
    """读一张卡，并把读卡器和卡之间的每一句话记下来。"""
    with kindly(), _closing(tape.Recorder(pcsc.connect(reader), to)) as link:
        session = CardSession(link)
        _show(session, plain)
        if ask:
            result = session.verify(typer.prompt("密码", hide_input=True))
            out.print("密码正确。" if result.ok else _tries(result.tries_left))


@main.command()
def replay(
    of: TapeFile,
    plain: Plain = False,
    like_halls: Annotated[bool, typer.Option("--compat", help="按 iReadCardBas 的十一项输出")] = False,
) -> None:
    """用记录代替卡片，再读一遍。"""
    with kindly():
        _read(CardSession(tape.Replay(tape.read(of))), plain, ("", "") if like_halls else None)


@main.command()
def show(of: TapeFile) -> None:
    """用文字说明一份记录；持卡人的资料是遮掩的。"""
    with kindly():
        for line in tape.told(tape.read(of)):
            out.print(escape(line))


@main.command()
def environment() -> None:
    """列出卡片的应用、目录、文件和密钥，谁可以读写，以及每个值的出处。"""
    for table in card_environment():
        out.print(table)


@main.command()
def serve(
    persona: PersonaFile,
    number: Annotated[int, typer.Option("--card", min=1, help="文件里的第几张卡")] = 1,
    host: Annotated[str, typer.Option(help="虚拟读卡器的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="虚拟读卡器的端口")] = vpcd.PORT,
    memory: Annotated[Path | None, typer.Option(help="保存卡片存储器（密码次数）的文件")] = None,
    faults: Annotated[Path | None, typer.Option(help="故障计划（JSON）", exists=True)] = None,
    kind: Annotated[str | None, typer.Option("--bad", help=f"换成一张坏卡：{'、'.join(CARDS)}")] = None,
) -> None:
    """把一张模拟卡插进虚拟读卡器；按 Ctrl-C 或者结束进程就是拔卡。"""
    with kindly():
        cards = sim.load(persona)
        if number > len(cards):
            raise Malformed(f"文件里只有 {len(cards)} 张卡")
        whose = cards[number - 1]
        card = _card(whose, kind, memory, faults)
        line = vpcd.dial(host, port)
        inside = vpcd.InReader(card, line)
        pulled = _pulled_by_a_signal(inside)
        out.print(f"已插入：{escape(tape.masked(whose.name))} 的卡 {whose.card_no}")
        inside.wait()
        if memory and isinstance(card, sim.SimCard):
            memory.write_bytes(card.nv)
        out.print("已拔出。" if pulled.is_set() else "读卡器断开或卡片已拔出。")


@main.command()
def persona(
    to: Annotated[Path, typer.Argument(help="写到哪里")],
    master: Annotated[str, typer.Option(help="演示主密钥，32 位十六进制", metavar="HEX")] = "00" * 16,
    profile: Annotated[
        Literal["field", "collect"],
        typer.Option(help="field 人们手里的卡，collect 自己记次数、留证明的卡"),
    ] = "field",
) -> None:
    """写一张示例卡片的资料，供 serve 使用。"""
    with kindly():
        if not re.fullmatch(r"[0-9a-fA-F]{32}", master):
            raise Malformed("主密钥是 32 位十六进制")
        to.write_text(sim.sample(bytes.fromhex(master), profile).to_json() + "\n", "utf-8")
        out.print(f"已写入 {escape(str(to))}，密码 123456")


def _card(whose: sim.Persona, kind: str | None, memory: Path | None, faults: Path | None) -> InSlot:
    """What is put in: this person's card, or a bad one made from it."""
    if kind is not None:
        if kind not in CARDS:
            raise NoSuchBadCard(kind=kind, kinds="、".join(CARDS))
        return CARDS[kind](whose)
    kept = memory.read_bytes() if memory and memory.exists() else None
    plan = sim.Faults.from_json(faults.read_text("utf-8")) if faults else None
    return sim.SimCard(whose, plan, kept)


@contextmanager
def _closing(link: Link) -> Iterator[Link]:
    try:
        yield link
    finally:
        link.close()


def _pulled_by_a_signal(inside: vpcd.InReader) -> Event:
    pulled = Event()

    def pull(number: int, frame: FrameType | None) -> None:
        pulled.set()
        inside.hang_up()

    signal.signal(signal.SIGINT, pull)
    signal.signal(signal.SIGTERM, pull)
    return pulled


def _made(atr: bytes) -> str:
    """Who made the card, where its answer to reset tells."""
    try:
        return str(Atr.of(atr))
    except Malformed:
        return "未说明"


def _tries(left: int | None) -> str:
    return f"密码还能试 {left} 次。" if left else "密码已锁定，请带身份证到柜台解锁。"


def _read(session: CardSession, plain: bool, numbers: tuple[str, str] | None) -> None:
    if numbers is None:
        _show(session, plain)
    else:
        sys.stdout.buffer.write(compat.gbk(compat.base(session, *numbers)) + b"\n")


ENDED = {Result.OPEN: "未回写", Result.PAID: "已付", Result.CANCELLED: "没有付"}


def _show_log(rows: Sequence[Logged], plain: bool) -> None:
    if not rows:
        out.print("这张卡还没有记过领取。")
        return
    table = Table(box=None)
    for title in ("次数", "月份", "金额（元）", "结果", "时间", "自助机", "领取单号", "校验码"):
        table.add_column(title, no_wrap=True)
    for row in rows:
        amount = str(Money(row.amount_fen)) if plain else "***"
        at = f"{row.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.ctc), row.month, amount, ENDED[row.result], at, row.kiosk, row.order, row.check)
    out.print(table)


def _show(session: CardSession, plain: bool) -> None:
    card, holder = session.identify(), session.holder()
    hide: Any = str if plain else tape.masked
    table = Table(show_header=False, box=None)
    for title, value in (
        ("卡号", hide(card.card_no)),
        ("卡识别码", card.card_code),
        ("发卡地", card.area),
        ("规范版本", card.version),
        ("算法", card.algorithm or "未说明"),
        ("发卡日期", card.issued),
        ("有效期至", card.expires),
        ("社会保障号码", hide(holder.ident)),
        ("姓名", hide(holder.name)),
        ("性别", {"1": "男", "2": "女"}.get(holder.sex, holder.sex)),
        ("民族", holder.nation),
        ("出生日期", holder.birth if plain else f"{holder.birth.year} 年"),
        ("ATR", session.atr.hex().upper()),
        ("芯片和制卡", _made(session.atr)),
    ):
        table.add_row(title, escape(str(value)))
    out.print(table)
