"""A forged backend at the other end of the line: whoever no trusted authority has certified hears not one byte."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.responses import Response
from typer.testing import CliRunner

from backend.cards.schema import AskStopped
from backend.drill.papers import Papers, issue
from backend.hall.schema import AskGuide, Guidebook
from backend.kiosks.enrolment import hand_over
from backend.kiosks.schema import Beat, CountAtKiosk, EnterOperator, PlaceBag, TakeOut
from backend.payout.schema import (
    BeginVisit,
    Reported,
    ReportOrder,
)
from kiosk import cli, line
from kiosk.client import HttpBackend, NoAnswer
from kiosk.officeline import HttpOffice
from kiosk.settings import Settings
from kiosk.vacancies import FindJobs, Found
from tests.kiosk.conftest import KIOSK, Office
from tests.kiosk.people import persona
from tests.kiosk.process import free_port
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.served import KEY, Wire, served
from tests.kiosk.visitors import AMOUNT

ROOT = Path(line.__file__).parent
BEGIN = BeginVisit(
    card_no=persona().card_no, card_code=persona().card_code, area=persona().area, ident=persona().ident
)
BEAT = Beat(clock=datetime(2026, 11, 24, tzinfo=UTC), state="serving")
REPORT = ReportOrder(order="0000000100010001", outcome="not", journal_seq=1, journal_head="0" * 64)


class Ear:
    """A server of the attacker's: whatever reaches it in readable form is kept."""

    def __init__(self, papers: Papers | None) -> None:
        self.heard, self.met = b"", 0
        self._papers = None
        if papers is not None:
            self._papers = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._papers.load_cert_chain(papers.certificate, papers.key)
        self._listening = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if papers is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                came, _ = self._listening.accept()
                self.met += 1
                with came, suppress(OSError):
                    came.settimeout(5)
                    kiosk = self._papers.wrap_socket(came, server_side=True) if self._papers else came
                    self.heard += kiosk.recv(65536)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@contextmanager
def ear(papers: Papers | None = None) -> Iterator[Ear]:
    listening = Ear(papers)
    try:
        yield listening
    finally:
        listening.close()


@contextmanager
def everything(url: str, ca: Path | None) -> Iterator[list[Callable[[], object]]]:
    """All that a kiosk ever says to its office, by both of its lines."""
    backend, office = HttpBackend(url, KIOSK, KEY, ca=ca), HttpOffice(url, KIOSK, KEY, ca=ca)
    cash = {"sheet": "S-1", "first": "1" * 32, "second": "2" * 32}
    yield [
        lambda: backend.begin(BEGIN, "k"),
        lambda: backend.report(REPORT, "k"),
        lambda: backend.serve(REPORT, Reported, "k"),
        lambda: backend.ask(AskGuide(), Guidebook),
        lambda: backend.ask(FindJobs(q="仓库"), Found),
        lambda: backend.hand_in("p.png", b"a picture"),
        lambda: office.beat(BEAT),
        lambda: office.stopped(AskStopped(since=0)),
        lambda: office.enter(EnterOperator.model_construct(visit="a" * 32)),
        lambda: office.place(PlaceBag.model_construct(**cash)),
        lambda: office.count(CountAtKiosk.model_construct(**cash)),
        lambda: office.take_out(TakeOut.model_construct(**cash)),
    ]
    backend.close()
    office.close()


@pytest.mark.parametrize("believed", ["the system's authorities", "another authority", "for another address"])
def test_a_server_that_nobody_trusted_has_certified_hears_no_request_at_all(
    tmp_path: Path, believed: str
) -> None:
    """Not a line, not a header, not the key, whatever the kiosk had to say."""
    elsewhere = believed == "for another address"
    papers = issue("127.0.0.2" if elsewhere else "127.0.0.1", tmp_path / "forged")
    other = papers if elsewhere else issue("127.0.0.1", tmp_path / "ours")
    ca = None if believed.startswith("the system") else other.authority
    with ear(papers) as attacker, everything(attacker.url, ca) as all_it_says:
        for say in all_it_says:
            with pytest.raises(NoAnswer) as unknown:
                say()
            assert unknown.value.detail.startswith("certificate: "), "staff see why the line is down"
        assert attacker.met == len(all_it_says)
        assert attacker.heard == b""


def test_the_office_that_the_enrolled_authority_has_certified_is_spoken_to(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the settings as they are read at the start, on both lines."""
    papers = issue("127.0.0.1", tmp_path / "papers")
    office.books.owe(persona(), AMOUNT)
    home, chip = tmp_path / "kiosk", tmp_path / "chip"
    monkeypatch.setenv("RENSHE_KIOSK_HOME", str(home))
    monkeypatch.setenv("RENSHE_KIOSK_CREDENTIALS", str(chip))
    with served(Wire(office.books).app(), papers) as url:
        told = {"id": KIOSK, "key": KEY, "dispenser": "D-1", "dispenser_key": "cd" * 32, "backend": url}
        hand_over(home, chip, told | {"backend_ca": str(papers.authority)})
        known = Settings()
        desk, _ = cli._desk(known, None, ())
        panel = cli._panel(known, desk)
        assert desk.teller.kiosk.caller.begin(BEGIN).masked_name == "张*丰"
        assert panel.heart.office.beat(BEAT).serve
        desk.teller.kiosk.journal.close()
        for way in (desk.teller.kiosk.caller.backend, panel.heart.office):
            way.close()  # type: ignore[attr-defined]
        with everything(url, None) as all_it_says, pytest.raises(NoAnswer):
            all_it_says[0]()


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:8000",
        "http://rs.example.cn",
        "http://127.0.0.1.example.cn:8000",
        "http://127.0.0.1@10.0.0.1:8000",
        "http://localhost.example.cn",
        "http://[::ffff:10.0.0.1]:8000",
        "http://0.0.0.0:8000",
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "//127.0.0.1",
        "https://",
        "http://[",
        "",
    ],
)
def test_an_address_in_plain_is_refused_before_anybody_is_called(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(*where: object, **how: object) -> None:
        raise AssertionError(where)

    told = {"id": KIOSK, "key": KEY, "dispenser": "D-1", "dispenser_key": "cd" * 32, "backend": url}
    hand_over(tmp_path / "kiosk", tmp_path / "chip", told)
    monkeypatch.setenv("RENSHE_KIOSK_HOME", str(tmp_path / "kiosk"))
    monkeypatch.setenv("RENSHE_KIOSK_CREDENTIALS", str(tmp_path / "chip"))
    with monkeypatch.context() as wires:
        wires.setattr(socket.socket, "connect", called)
        wires.setattr(socket, "getaddrinfo", called)
        for way in (HttpBackend, HttpOffice):
            with pytest.raises(line.LineInPlain):
                way(url, KIOSK, KEY)
        done = CliRunner().invoke(
            cli.app, ["serve", "--port", str(free_port())], env={"LC_ALL": "zh_CN.UTF-8"}
        )
    assert (done.exit_code, "请改成 https:// 开头的地址" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.9.9.9:1", "http://[::1]:1", "HTTP://LOCALHOST:1"]
)
def test_to_an_office_on_this_machine_it_may_speak_in_plain(url: str) -> None:
    backend = HttpBackend(url, KIOSK, KEY)
    with pytest.raises(NoAnswer):
        backend.begin(BEGIN, "k")
    backend.close()


@pytest.mark.parametrize("wrong", ["none", "empty", "no certificate"])
def test_an_authority_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    ca = tmp_path / "ca.pem"
    if wrong != "none":
        ca.write_text("" if wrong == "empty" else "-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(line.AuthorityUnreadable, match=re.escape(str(ca))):
        HttpBackend("https://10.0.0.1", KIOSK, KEY, ca=ca)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_whoever_the_office_points_to_hears_nothing(books: ReferenceBackend, status: int) -> None:
    with ear() as attacker:
        wire = Wire(books, lambda code: Response(status_code=status, headers={"location": attacker.url}))
        with served(wire.app()) as url, everything(url, None) as all_it_says:
            for say in all_it_says[:7]:
                with pytest.raises(NoAnswer, match="网络"):
                    say()
        assert (attacker.met, attacker.heard) == (0, b"")


def test_nothing_of_a_kiosk_speaks_to_the_network_by_another_way() -> None:
    """One client, made in one place; a drill's own eyes and hands are no kiosk."""
    ways = re.compile(
        r"httpx\.(Client|AsyncClient|get|post|put|request|stream)\(|urllib|http\.client|create_connection"
    )
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "drill" not in path.parts and ways.search(path.read_text("utf-8"))
    }
    assert found == {"line.py"}
