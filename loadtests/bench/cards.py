"""Cards: a whole card session through pcscd and the virtual reader, beside as many bare round trips.

The session is what a kiosk does: who issued the card, whose it is, tries, PIN, two proofs. The bare trips ask the
same card, in the same reader, for a random number by the raw library call. Powering up is in neither.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cardio import pcsc
from cardio.apdu import get_challenge
from cardio.card import CardSession
from cardio.keys import FACTOR, response
from cardio.link import Answer, CardFault, Link
from cardio.pcsc import PcscLink
from cardio.sandbox import READERS, Sandbox, missing, pcsc_sandbox
from cardio.sim import SimCard, sample
from cardio.vpcd import InReader
from loadtests.bench import frame
from loadtests.bench.frame import Bar, Figure, Sizes, console

T = TypeVar("T")
FULL = {"sessions": 40}
QUICK = {"sessions": 3}
PATIENCE_S = 10.0
DONE = {0x90, 0x61, 0x63, 0x6A}  # done, more to fetch, tries left, no such record: what a session meets
CARD = sample(bytes(range(16)))


@dataclass
class Counted:
    """A reader's link that remembers what went through it."""

    link: PcscLink
    commands: list[bytes] = field(default_factory=list)

    def atr(self) -> bytes:
        return self.link.atr()

    def send(self, apdu: bytes) -> Answer:
        self.commands.append(apdu)
        return self.link.send(apdu)

    def during(self, work: Callable[[], T]) -> T:
        return self.link.during(work)

    def close(self) -> None:
        self.link.close()


def measure(asked: Sizes) -> list[Figure]:
    if why := missing():
        console.print(f"[yellow]读卡没有量：{why}[/]")
        return []
    with pcsc_sandbox() as service, InReader(SimCard(CARD), service.dial()):
        inserted(service)
        sessions, bare, same, powered = [], [], [], []
        for turn in range(asked.sessions):
            with frame.timed() as up:
                link = Counted(PcscLink(READERS[0]))
            powered.append(up.ms)
            with frame.timed() as watch:
                seen = visit(link, turn.to_bytes(16))
            link.close()
            if seen != (CARD.ident, True, response(CARD.key, turn.to_bytes(16))):
                raise SystemExit("读卡的结果不对")
            sessions.append(watch.ms)
            bare.append(trips([get_challenge(FACTOR).encode()] * len(link.commands)))
            same.append(trips(link.commands))
    number = len(link.commands)
    return [
        Figure(
            f"一次读卡，{number} 条指令，经 pcscd 和虚拟读卡器",
            statistics.median(sessions),
            "毫秒",
            f"{number} 次光往返（取随机数）",
            statistics.median(bare),
            Bar("ratio", "≤", 1.5),
            f"{asked.sessions} 次的中位数；同样的指令由库函数直接重放 {statistics.median(same):.2f} 毫秒；"
            f"上电和复位另外 {statistics.median(powered):.1f} 毫秒",
        )
    ]


def inserted(service: Sandbox) -> None:
    """The service sees a new card within half a second."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            PcscLink(READERS[0]).close()
        except CardFault:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def visit(link: Link, challenge: bytes) -> tuple[str, bool, bytes]:
    """Everything a kiosk asks of a card, from its insertion to the proof of an order: whose it is, whether the PIN
    was right, its proof."""
    session = CardSession(link)
    _, holder, _ = session.read()
    verified = session.verify(CARD.pin).ok
    session.prove(challenge)
    return holder.ident, verified, session.prove(challenge)


def trips(commands: Sequence[bytes]) -> float:
    """Milliseconds of these commands by the library's own call, nothing around it."""
    api = pcsc.api()
    context = pcsc.open_context()
    card, _ = pcsc.checked(
        "SCardConnect",
        *api.SCardConnect(context, READERS[0], api.SCARD_SHARE_EXCLUSIVE, api.SCARD_PROTOCOL_T0),
    )
    sent = [list(command) for command in commands]
    with frame.timed() as watch:
        for command in sent:
            transmit(api, card, command)
    api.SCardDisconnect(card, api.SCARD_UNPOWER_CARD)
    api.SCardReleaseContext(context)
    return watch.ms


def transmit(api: Any, card: Any, command: list[int]) -> None:
    code, answer = api.SCardTransmit(card, api.SCARD_PCI_T0, command)
    if code or answer[-2] not in DONE:
        raise SystemExit(f"SCardTransmit: {code} {answer}")


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
