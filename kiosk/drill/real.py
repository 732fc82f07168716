"""Real: the drill with real processes — pcscd, card, kiosk, portal, PostgreSQL — cut from outside.

A person works the kiosk by its own web page and puts a card into the virtual reader. A cut happens at a held
request, a held card command, a point on the kiosk's disk, or while the kiosk waits for the person; everything
that died is started again by the house's supervisor, and then books, notes and people are counted.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import httpx
import structlog
from rich.console import Console
from rich.progress import track

from cardio import sandbox
from kiosk.devices.cassettes import total_fen
from kiosk.devices.dispenser import Memory
from kiosk.drill import creep, hand
from kiosk.drill.crowd import SPARE, Queue, Retiree
from kiosk.drill.cuts import Cut, cuts
from kiosk.drill.deck import Deck
from kiosk.drill.person import Person, Screen
from kiosk.drill.report import Report, ending
from kiosk.drill.scene import give_rest, notes, rest_fen
from kiosk.drill.site import CardHand, Creeper, Opens, Site
from kiosk.drill.strike import Fault
from kiosk.line import trusted

log = structlog.get_logger()
VISIT_S, SETTLE_S = 40.0, 60.0
AGAIN: Final = (1, 4)  # of those who were paid come again and must be refused


def missing() -> str | None:
    """Why the drill with real processes cannot be held here, and what to do."""
    if os.geteuid() != 0:
        return "需要 root：要建立命名空间、虚拟网线和一块小磁盘。请用 root 再运行一次。"
    if tools := [tool for tool in ("mount", "umount", "sleep") if shutil.which(tool) is None]:
        return f"缺少程序：{' '.join(tools)}"
    if not creep.may_go_first():
        return "这里不许一个程序优先运行（实时调度，CAP_SYS_NICE），故障就不能断在准确的地方。"
    return sandbox.missing()


@dataclass
class _Account:
    """One person of the drill."""

    person: Retiree
    taken_fen: int = 0

    @property
    def settled(self) -> bool:
        return self.taken_fen >= self.person.amount_fen


@dataclass
class _Drill:
    site: Site
    report: Report
    people: list[_Account] = field(default_factory=list)
    waiting: list[_Account] = field(default_factory=list)  # to come again

    def __post_init__(self) -> None:
        self.house, self.hand, self.screen = self.site.house, self.site.hand, self.site.screen
        self.rng, self.queue = self.site.rng, Queue(self.site.house.books)
        self.deck = Deck(cuts(), self.rng)
        self.report.declared = tuple(cut.told for cut in self.deck.cuts)

    # ---- one turn ----

    def one(self, n: int) -> None:
        """Whoever waits is served; then the next person's collection is cut and settled."""
        self.serve_waiting()
        cut, began = self.deck.draw(), time.monotonic()
        account = _Account(self.queue.next(self.queue.rarest(self._kinds(cut))))
        self.people.append(account)
        before = self.house.books.paid_in_cash_fen()
        done, states = self._cut(account, cut)
        self.deck.note(cut, hit=done)
        cut_at = time.monotonic()
        counted = self._settle_for(account)
        log.info(
            "drill.turn",
            n=n,
            cut=" ".join(cut.told),
            done=done,
            states=">".join(states),
            cut_s=round(cut_at - began, 1),
            settle_s=round(time.monotonic() - cut_at, 1),
        )
        booked_fen = self.house.books.paid_in_cash_fen() - before
        self.report.end(ending(booked_fen, counted=counted), [cut.told] if done else [])
        if booked_fen != account.taken_fen:
            self.report.wrong.append(f"{n} {cut.told}: {booked_fen} booked, {account.taken_fen} taken")
        if not account.settled or self.rng.randrange(AGAIN[1]) < AGAIN[0]:
            self.waiting.append(account)

    def _kinds(self, cut: Cut) -> list[int]:
        """The kinds of card that this cut can meet."""
        books = self.house.books
        kinds = range(books.kinds)
        if cut.kind != "card":
            return list(kinds)
        return [one for one in kinds if hand.STEPS[cut.step](Retiree.of(books.retiree(one)).persona)]

    def serve_waiting(self) -> None:
        """An undisturbed visit: who was not paid is paid now, who was is told so."""
        for account in self.waiting:
            for _ in range(3):
                self._visit(account, lambda state: True)
                self._settle_for(account)
                if account.settled:
                    break
            self.report.collections += account.settled
        self.waiting = [account for account in self.waiting if not account.settled]

    def _visit(self, account: _Account, look: Callable[[str], bool]) -> Person:
        persona = account.person.persona
        before = self._customers_fen()
        person = Person(
            self.screen, persona.pin, lambda: self.hand.insert(persona.to_json()), self.hand.pull, look
        )
        person.visit(VISIT_S)
        person.leave()
        account.taken_fen += self._customers_fen() - before
        return person

    @property
    def _memory_path(self) -> Path:
        return self.house.kiosk_home / "dispenser.json"

    def memory(self) -> Memory:
        return Memory.read(self._memory_path)

    def _customers_fen(self) -> int:
        return total_fen(self.memory().customers)

    # ---- cutting ----

    def _cut(self, account: _Account, cut: Cut) -> tuple[bool, list[str]]:
        """Whether it came about, and what the screen showed."""
        fault = Fault(self.site, cut)
        fault.arm()
        person = self._visit(account, fault.look)
        before = self._customers_fen()
        fault.wait()
        account.taken_fen += self._customers_fen() - before
        return fault.done, person.states

    # ---- settling ----

    def _settle_for(self, account: _Account) -> bool:
        """Theirs is also what those who count hand them."""
        before = self._customers_fen()
        counted = self.settle()
        account.taken_fen += self._customers_fen() - before
        return counted

    def settle(self) -> bool:
        """All repaired and running again, every order known or counted. Whether counting was needed."""
        self.house.tell_door("go")
        self.hand.tell(go=True)
        self.house.cable("up")
        self.house.free_disk()
        self.house.wait_for_books()
        self._portal_answers()
        self._kiosk_serves()
        counted = False
        for _ in range(3):
            suspense = self.house.books.in_suspense()
            if not suspense and not self.screen.health().get("in_doubt"):
                break
            if not self.screen.health().get("unreported"):
                counted |= self._count()
            self.house.restart_kiosk()  # at its start it reports what it has, and asks what has been counted
            self._gone()
            self._kiosk_serves()
        return counted

    def _count(self) -> bool:
        """Two officers count the stopped kiosk: what is missing was handed out; who took a part is given the rest."""
        self.house.books.time_passes()
        memory, suspense = self.memory(), self.house.books.in_suspense()
        for order in suspense:
            self.house.books.count_cash(order, handed_out=order in memory.handed)
        if any(rest_fen(memory, order) for order in suspense):
            with self.house.unattended():
                self.house.kill("kiosk")
                give_rest(self._memory_path, suspense)
        return bool(suspense)

    def _portal_answers(self) -> None:
        deadline, papers = time.monotonic() + SETTLE_S, trusted(self.house.authority)
        while time.monotonic() < deadline:
            try:
                told = httpx.get(f"{self.house.portal_url}/health", timeout=3, trust_env=False, verify=papers)
                if told.status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("the portal does not come back")

    def _gone(self) -> None:
        self.screen.until(lambda state: not state, 15)

    def _kiosk_serves(self) -> None:
        """As staff would: what shows a result is dismissed, what is out of service is restarted."""
        deadline = time.monotonic() + SETTLE_S
        while (state := self.screen.state()) != "WELCOME":
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kiosk does not come back from {state!r}")
            if state == "STOPPED":
                self.house.restart_kiosk()
                self._gone()
            elif state in ("RESULT", "REFUSED", "MENU", "METHOD", "PIN"):
                self.screen.post("/press", event="LEAVE", at=state)
            elif state == "PRESENTING":
                self.screen.post("/tray/cash")
            time.sleep(0.02)

    # ---- the end ----

    def end(self, cash_fen: int, owed_fen: int) -> None:
        """Everybody has exactly their due; books, payables and notes agree to the fen."""
        for n, account in enumerate(self.people):
            if account.taken_fen > account.person.amount_fen:
                self.report.twice.append(n)
            if account.taken_fen < account.person.amount_fen:
                self.report.lost.append(n)
        books, report, memory = self.house.books, self.report, self.memory()
        report.paid_fen, report.handed_fen = books.paid_in_cash_fen(), total_fen(memory.customers)
        report.notes = [notes(memory, cash_fen)]
        if report.notes[0].inside_fen != cash_fen - report.paid_fen:
            report.wrong.append("what lies in the kiosk is not what the ledger says")
        if books.owed_fen() != owed_fen - report.handed_fen:
            report.wrong.append("payable does not fall by what was taken")
        if books.in_suspense():
            report.wrong.append(f"still in suspense: {books.in_suspense()}")
        report.wrong += books.differences()


def collect(faults: int, seed: int, opens: Opens, console: Console) -> Report:
    """Run the drill with real processes."""
    report, rng = Report(faults, seed), Random(seed)  # noqa: S311 - a demonstration
    with sandbox.pcsc_sandbox() as service:
        console.print("正在建立：数据库、门户、自助机、读卡服务")
        with opens(faults + SPARE, seed, service.env) as house:
            screen, cards, creeper = Screen(house.url), CardHand(service), Creeper(house.kiosk_home)
            try:
                drill = _Drill(Site(house, service, cards, creeper, screen, rng), report)
                drill.settle()
                memory, owed_fen = drill.memory(), house.books.owed_fen()
                for n in track(range(faults), "演练", console=console, transient=True):
                    drill.one(n)
                drill.serve_waiting()
                report.collections += faults
                drill.end(total_fen(memory.cassettes), owed_fen)
            finally:
                cards.close()
                creeper.close()
                screen.close()
    return report
