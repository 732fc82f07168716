"""The printer and its queue: no receipt about money is lost, and none comes out for a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.devices.port import DeviceDead, DeviceFailed, Receipt
from kiosk.devices.printer import KEPT, FilePrinter, PrinterPlan, ReceiptQueue
from kiosk.devices.printer.queue import NoSuchReceipt

SLIP = Receipt("回单", (("金额", "¥1.00"),), "完", about_money=True, copy_mark="（补打）")


@pytest.fixture
def printer(tmp_path: Path) -> FilePrinter:
    return FilePrinter(tmp_path / "paper")


@pytest.fixture
def queue(printer: FilePrinter, tmp_path: Path) -> ReceiptQueue:
    return ReceiptQueue(printer, tmp_path / "kept")


TROUBLES = [
    (PrinterPlan(), "ok", "PAPERFULL"),
    (PrinterPlan(slips=40), "warns", "PAPERLOW"),
    (PrinterPlan(blind=True), "warns", "PAPERUNKNOWN"),
    (PrinterPlan(slips=0), "failed", "PAPEROUT"),
    (PrinterPlan(jam=True), "failed", "MEDIAJAMMED"),
    (PrinterPlan(cover_open=True), "failed", "COVEROPEN"),
    (PrinterPlan(offline=True), "away", "OFFLINE"),
]


@pytest.mark.parametrize(("plan", "state", "code"), TROUBLES, ids=lambda one: getattr(one, "paper", one))
def test_its_health_says_what_keeps_it_from_printing(
    tmp_path: Path, plan: PrinterPlan, state: str, code: str
) -> None:
    printer = FilePrinter(tmp_path, plan)
    assert (printer.health().state, printer.health().code) == (state, code)
    if state in ("failed", "away"):
        with pytest.raises((DeviceFailed, DeviceDead)):
            printer.print("1", SLIP)
        assert not list(tmp_path.iterdir()), "half a slip is none"
    else:
        printer.print("1", SLIP)
        assert "¥1.00" in (tmp_path / "1.txt").read_text("utf-8")


def test_every_slip_makes_the_roll_shorter(printer: FilePrinter) -> None:
    printer.plan.slips = 1
    printer.print("1", SLIP)
    with pytest.raises(DeviceFailed, match="PAPEROUT"):
        printer.print("2", SLIP)


def test_what_did_not_come_out_waits_through_a_restart_until_somebody_asks(
    printer: FilePrinter, queue: ReceiptQueue, tmp_path: Path
) -> None:
    printer.plan.slips = 0
    for name in ("2", "1"):
        with pytest.raises(DeviceFailed):
            queue.print(name, SLIP)
    printer.new_roll()
    after = ReceiptQueue(printer, tmp_path / "kept")
    assert after.waiting() == ("2", "1"), "the oldest first"
    assert (after.health().state, after.health().facts["waiting"]) == ("warns", 2)
    assert printer.last == "", "paper alone brings nothing out: somebody else stands there"
    after.again("2")
    assert after.waiting() == ("1",)
    assert "（补打）" not in printer.last, "it is the first that came out"
    after.again("1")
    assert after.health().code == "PAPERFULL"


def test_every_copy_but_the_first_says_that_it_is_one(printer: FilePrinter, queue: ReceiptQueue) -> None:
    queue.print("1", SLIP)
    first = printer.last
    queue.print("1", SLIP)
    assert printer.last.splitlines()[0].split() == ["回单", "（补打）"]
    queue.again("1")
    assert printer.last.splitlines()[1:] == first.splitlines()[1:]


def test_papers_that_are_not_about_money_are_not_kept(printer: FilePrinter, queue: ReceiptQueue) -> None:
    queue.print("statement", Receipt("缴费记录", (), ""))
    assert "缴费记录" in printer.last
    with pytest.raises(NoSuchReceipt):
        queue.again("statement")


def test_a_full_disk_does_not_keep_the_paper_from_its_holder(printer: FilePrinter, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("")  # no folder can be here
    ReceiptQueue(printer, tmp_path / "full").print("1", SLIP)
    assert "¥1.00" in printer.last


def test_of_what_came_out_only_the_newest_are_kept_and_of_what_did_not_all(
    printer: FilePrinter, queue: ReceiptQueue
) -> None:
    printer.plan.offline = True
    with pytest.raises(DeviceDead):
        queue.print("waits", SLIP)
    printer.plan.offline = False
    for n in range(KEPT + 2):
        queue.print(f"{n:04d}", SLIP)
    with pytest.raises(NoSuchReceipt):
        queue.again("0001")
    queue.again("0002")
    assert queue.waiting() == ("waits",)
