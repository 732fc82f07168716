"""Cards: a whole card session through pcscd and the virtual reader, beside the bare round trips of the same commands.

The session is what a kiosk does: who issued the card, whose it is, tries, PIN, two proofs. The bare trips send the
same to the same card, in the same reader, by the raw library call. Powering up is in neither. A second
figure has it: from a card put in to its holder's name, beside the same by the raw library calls.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cardio import pcsc
from cardio.apdu import get_challenge
from cardio.card import CardSession
from cardio.keys import FACTOR, response
from cardio.link import Answer, CardFault, Link
from cardio.pcsc import PcscLink
from cardio.sandbox import READERS, Sandbox, missing, pcsc_sandbox
from cardio.sim import SimCard, sample
from loadtests.bench import frame
from loadtests.bench.frame import Bar, Figure, Sizes, console
from loadtests.house import ROOT

FULL = {"sessions": 200}
QUICK = {"sessions": 10}
PATIENCE_S = 10.0
DONE = {0x90, 0x61, 0x63, 0x6A}  # done, more to fetch, tries left, no such record: what a session meets
CARD = sample(bytes(range(16)))


@dataclass
class Counted:
    """A card that remembers what it was asked."""

    card: SimCard
    commands: list[bytes] = field(default_factory=list)

    def atr(self) -> bytes:
        return self.card.atr()

    def send(self, apdu: bytes) -> Answer:
        self.commands.append(apdu)
        return self.card.send(apdu)

    def close(self) -> None:
        self.card.close()


class Took(NamedTuple):
    """Milliseconds: powering up, until the holder was known, and everything that was asked."""

    power: float
    named: float
    asked: float


def measure(asked: Sizes) -> list[Figure]:
    if why := missing():
        console.print(f"[yellow]读卡没有量：{why}[/]")
        return []
    commands, until_named = questions()
    trips = [get_challenge(FACTOR).encoded] * len(commands)
    with pcsc_sandbox() as service, in_slot(service):
        inserted(service)
        turns = [
            (visit(turn.to_bytes(16)), library(trips, until_named), library(commands, until_named))
            for turn in range(asked.sessions)
        ]
    session, bare, same = map(usual, zip(*turns, strict=True))
    return [
        Figure(
            "一次领取要卡片做的指令，从插卡到证明领取单",
            len(commands),
            "条",
            bar=Bar("value", "≤", 25),
        ),
        Figure(
            f"一次读卡，{len(commands)} 条指令，经 pcscd 和虚拟读卡器",
            session.asked,
            "毫秒",
            "同样的指令由库函数直接重放",
            same.asked,
            Bar("ratio", "≤", 1.5),
            f"{asked.sessions} 次里最快十分之一处的值；{len(commands)} 次光往返（取随机数）{bare.asked:.2f} 毫秒；"
            f"上电和复位另外 {session.power:.1f} 毫秒",
        ),
        Figure(
            f"插入以后，上电、复位、{until_named} 条指令，到读出姓名",
            session.named,
            "毫秒",
            "同样的事由库函数直接做",
            same.named,
            Bar("ratio", "≤", 1.5),
            f"{asked.sessions} 次里最快十分之一处的值；由库函数上电和复位 {same.power:.1f} 毫秒",
        ),
    ]


@contextmanager
def in_slot(service: Sandbox) -> Iterator[None]:
    """The card, in a program of its own: it must not wait for the terminal's interpreter."""
    argv = service.inside([sys.executable, "-m", "loadtests.bench.slot"])
    program = subprocess.Popen(argv, stdin=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own program
    try:
        if program.stdin is not None:
            program.stdin.write(json.dumps(json.loads(CARD.to_json())) + "\n")
            program.stdin.flush()
        yield
    finally:
        program.kill()
        program.wait()


def usual(took: Iterable[Took]) -> Took:
    """The lowest tenths. The system puts reader, service and card on one processor or on several, as it happens, and
    then every trip takes three times as long: a median of some of both says nothing."""
    return Took(*(statistics.quantiles(each, n=10)[0] for each in zip(*took, strict=True)))


def questions() -> tuple[list[bytes], int]:
    """What a session asks of a card, and after how many of it the holder is known."""
    card = Counted(SimCard(CARD))
    session = CardSession(card)
    session.read()
    until_named = len(card.commands)
    proven(session, bytes(16))
    return card.commands, until_named


def proven(session: CardSession, challenge: bytes) -> tuple[bool, bytes]:
    """What a kiosk asks of a card whose holder it knows: whether the PIN is right, and the proofs of visit and order."""
    verified = session.verify(CARD.pin).ok
    session.prove(challenge)
    return verified, session.prove(challenge)


def visit(challenge: bytes) -> Took:
    """Everything a kiosk asks of a card, from its insertion to the proof of an order."""
    with frame.timed() as power:
        link: Link = PcscLink(READERS[0])
    with frame.timed() as reading:
        session = CardSession(link)
        _, holder, _ = session.read()
    with frame.timed() as proving:
        said = proven(session, challenge)
    session.close()
    if (holder.ident, *said) != (CARD.ident, True, response(CARD.key, challenge)):
        raise SystemExit("读卡的结果不对")
    return Took(power.ms, power.ms + reading.ms, reading.ms + proving.ms)


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


def library(commands: Sequence[bytes], until_named: int) -> Took:
    """The same by the library's own calls, nothing around them."""
    api = pcsc.api()
    how = (api.SCARD_SHARE_EXCLUSIVE, api.SCARD_PROTOCOL_T0)
    with frame.timed() as power:
        context = pcsc.open_context()
        card, _ = pcsc.checked("SCardConnect", *api.SCardConnect(context, READERS[0], *how))
        pcsc.checked("SCardReconnect", *api.SCardReconnect(card, *how, api.SCARD_UNPOWER_CARD))
    sent = [list(command) for command in commands]
    with frame.timed() as reading:
        for command in sent[:until_named]:
            transmit(api, card, command)
    with frame.timed() as proving:
        for command in sent[until_named:]:
            transmit(api, card, command)
    api.SCardDisconnect(card, api.SCARD_UNPOWER_CARD)
    api.SCardReleaseContext(context)
    return Took(power.ms, power.ms + reading.ms, reading.ms + proving.ms)


def transmit(api: Any, card: Any, command: list[int]) -> None:
    code, answer = api.SCardTransmit(card, api.SCARD_PCI_T0, command)
    if code or answer[-2] not in DONE:
        raise SystemExit(f"SCardTransmit: {code} {answer}")


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
