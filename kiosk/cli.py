"""The command line of one kiosk: serve its screen, look into its journal, count its cash."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from backend.kernel import log as masked
from backend.kernel.errors import Told
from backend.kernel.money import Money
from cardio.card import Accepted
from cardio.keys import SoftwareTerminalKey
from kiosk import journal as journals
from kiosk import sams, services
from kiosk.app import create
from kiosk.case import Kiosk, Slot
from kiosk.client import TIMEOUT_S, Caller, HttpBackend, Patience
from kiosk.desk import Desk
from kiosk.devices.camera import SimCamera
from kiosk.devices.cassettes import FULL, total_fen
from kiosk.devices.dispenser import Memory, SimDispenser
from kiosk.devices.pinpad import SimPinPad
from kiosk.devices.port import DeviceDead, Dispenser, Printer
from kiosk.devices.printer import FilePrinter, ReceiptQueue
from kiosk.duty import Duty
from kiosk.heartbeat import Heart
from kiosk.mishaps import LABELS, Stand
from kiosk.officeline import HttpOffice
from kiosk.operator.deeds import Deeds
from kiosk.operator.local import LocalCode
from kiosk.operator.panel import Panel
from kiosk.settings import Settings
from kiosk.slot import EitherSlot, ReaderSlot, TraySlot, demo_cards
from kiosk.stopped import Asked, StopList
from kiosk.terminal import kindly
from kiosk.visit import Teller

log = structlog.get_logger()
console = Console()
app = typer.Typer(help="社会保障自助机", no_args_is_help=True, add_completion=False)
JOURNAL: Final = "journal.log"
DISPENSER: Final = "dispenser.json"
LOCAL_CODE: Final = "operator.json"
STOPPED: Final = "stopped.list"
PLACES: Final = {
    "cassettes": "钞箱",
    "stacker": "暂存",
    "shutter": "出钞口",
    "rejected": "废钞箱",
    "retracted": "回收箱",
    "caught": "卡在机内",
    "customers": "已被取走",
}


def main() -> None:
    app()


class NotEnrolled(Told):
    """自助机还没有登记好，缺少或写错：{wrong}。请放好 kiosk.json 和密钥文件，或者设置 RENSHE_KIOSK_ 开头的环境变量。"""


class PortTaken(Told):
    """端口 {port} 已被占用，请换一个：renshe-kiosk serve --port 8101"""


class NoSuchMishap(Told):
    """没有“{name}”这种故障，可以选：{names}。只有演示时能制造故障。"""


class NoJournal(Told):
    """没有日志：{file}"""


class StillServing(Told):
    """自助机正在运行，请先停下再装钞。"""


class OrdersOpen(Told):
    """还有领取单没有核实：请先启动自助机，等它核实、报告完；待核实的先由两人清点。"""


class DispenserSilent(Told):
    """出钞机没有回应，没有装钞。请检查出钞机以后再试。"""


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = sorted({".".join(map(str, found["loc"])) for found in error.errors()})
        raise NotEnrolled(wrong=", ".join(wrong)) from None


@app.command()
@kindly()
def serve(
    port: Annotated[int | None, typer.Option(help="端口", min=1, max=65535)] = None,
    host: Annotated[str, typer.Option(help="只给本机屏幕用，不要改成对外的地址")] = "127.0.0.1",
    mishap: Annotated[
        list[str] | None, typer.Option(help=f"演示：一开始就有的故障，可写几个（{'、'.join(LABELS)}）")
    ] = None,
) -> None:
    """打开自助机。"""
    known = _settings()
    masked.configure(as_json=False)
    reader = ReaderSlot(known.reader, known.module_reader) if known.mode in ("pcsc", "both") else None
    with _listen(host, port or known.port) as listening:
        try:
            desk, stand = _desk(known, reader, mishap or ())
            panel = _panel(known, desk)
            log.info("kiosk.serves", port=port or known.port, mode=known.mode, backend=known.backend)
            config = uvicorn.Config(
                create(desk, stand.tray, stand if stand.tray else None, panel),
                log_config=None,
                access_log=False,
                server_header=False,
            )
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            if reader is not None:
                reader.stop()


def _panel(known: Settings, desk: Desk) -> Panel:
    """What the machine says for itself, and what staff open."""
    teller = desk.teller
    key = known.key.get_secret_value()
    office = HttpOffice(known.backend, known.id, key, ca=known.backend_ca)
    teller.kiosk.stops = _stops(known, office)
    desk.heart = Heart(teller.kiosk, lambda: teller.state, office)
    local = LocalCode(known.home / LOCAL_CODE, key)
    return Panel(desk, desk.heart, local, Deeds(known.home / "deeds.json"))


def _stops(known: Settings, office: Asked) -> StopList | None:
    if known.notice_key is None:
        log.warning("stopped.no_key")
        return None
    return StopList(known.home / STOPPED, office, known.notice_key, known.key.get_secret_value())


def _desk(known: Settings, reader: ReaderSlot | None, mishaps: Iterable[str]) -> tuple[Desk, Stand]:
    """The machine behind the screen, and its simulated devices; in a demonstration a tray of cards beside them."""
    key = bytes.fromhex(known.dispenser_key.get_secret_value())
    dispenser = SimDispenser(known.home / DISPENSER, known.dispenser, key)
    printer = FilePrinter(known.home / "receipts")
    stand = Stand(
        tray=TraySlot(demo_cards(known.demo_cards)) if known.mode in ("tray", "both") else None,
        dispenser=dispenser,
        printer=printer,
        pad=_pad(known) if known.pin_pad == "simulated" else None,
        camera=_camera(known),
    )
    _befall(stand, mishaps)
    if reader is not None:
        reader.start()
    kiosk = _kiosk(known, _slot(reader, stand.tray), dispenser, printer)
    kiosk.pad, kiosk.camera = stand.pad, stand.camera
    return Desk(Teller(kiosk)), stand


def _pad(known: Settings) -> SimPinPad:
    return SimPinPad(bytes.fromhex(known.pad_key.get_secret_value()) if known.pad_key else b"")


def _camera(known: Settings) -> SimCamera | None:
    """Where real cards are put in nobody invented is filed as their picture: no still, no camera."""
    still, demonstrates = known.home / "camera.pgm", known.mode == "tray"
    return SimCamera(still, invents=demonstrates) if demonstrates or still.exists() else None


def _befall(stand: Stand, mishaps: Iterable[str]) -> None:
    switches = stand.switches if stand.tray is not None else {}
    for name in mishaps:
        if name not in switches:
            raise NoSuchMishap(name=name, names="、".join(switches))
        switches[name].turn(True)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise PortTaken(port=port) from None
    return listening


def _slot(reader: ReaderSlot | None, tray: TraySlot | None) -> Slot:
    if reader is not None and tray is not None:
        return EitherSlot(reader, tray)
    return reader or tray or TraySlot([])


def _kiosk(known: Settings, slot: Slot, dispenser: Dispenser, printer: Printer) -> Kiosk:
    """The machine as its settings describe it."""
    terminal = known.terminal_key
    return Kiosk(
        id=known.id,
        slot=slot,
        caller=_caller(known),
        dispenser=dispenser,
        printer=ReceiptQueue(printer, known.home / "receipts" / "kept"),
        journal=journals.Journal(known.home / JOURNAL),
        duty=Duty(known.home / "duty.json"),
        terminal=SoftwareTerminalKey(bytes.fromhex(terminal.get_secret_value())) if terminal else None,
        services=services.offered(known.services),
        sam=sams.module(known),
        accepted=Accepted(areas=known.areas),
    )


def _caller(known: Settings) -> Caller:
    timeout_s = min(TIMEOUT_S, known.patience_s)
    key = known.key.get_secret_value()
    backend = HttpBackend(known.backend, known.id, key, timeout_s, ca=known.backend_ca)
    return Caller(backend, Patience(deadline_s=known.patience_s))


@app.command("journal")
@kindly()
def show_journal(path: Annotated[Path | None, typer.Argument(help="日志文件，默认本机的")] = None) -> None:
    """查看日志，并核对它的哈希链。"""
    file = path or _settings().home / JOURNAL
    if not file.exists():
        raise NoJournal(file=file)
    table = Table("序号", "阶段", "领取单", "内容", title=str(file), title_justify="left")
    try:
        for entry in journals.read(file):
            facts = "，".join(f"{name}={value}" for name, value in entry.facts.items() if name != "token")
            table.add_row(str(entry.seq), entry.stage.value, entry.order, facts)
    finally:  # what stands before the damage is shown too
        console.print(table)
    console.print("哈希链完整。")


@app.command()
@kindly()
def code(
    code: Annotated[str, typer.Option(prompt="本机操作码", hide_input=True, confirmation_prompt=True)],
) -> None:
    """设定本机操作码：网络不通时打开操作员页用，六到十二位数字。"""
    known = _settings()
    LocalCode(known.home / LOCAL_CODE, known.key.get_secret_value()).set(code)
    console.print("本机操作码已设定。")


@app.command()
@kindly()
def cash() -> None:
    """清点模拟出钞机里的钱。"""
    memory = Memory.read(_settings().home / DISPENSER)
    table = Table("位置", "张数", "金额（元）", title="出钞机", title_justify="left")
    for place, name in PLACES.items():
        pieces: dict[int, int] = getattr(memory, place)
        table.add_row(name, str(sum(pieces.values())), str(Money(total_fen(pieces))))
    console.print(table)


@app.command()
@kindly()
def load() -> None:
    """给模拟出钞机装满钞箱、清空废钞箱和回收箱（先停下自助机）。"""
    known = _settings()
    try:
        journal = journals.Journal(known.home / JOURNAL)
    except journals.JournalBusy:
        raise StillServing from None
    try:
        if journal.open_orders():
            raise OrdersOpen
        key = bytes.fromhex(known.dispenser_key.get_secret_value())
        SimDispenser(known.home / DISPENSER, known.dispenser, key).load(FULL)
    except DeviceDead:
        raise DispenserSilent from None
    finally:
        journal.close()
    cash()
