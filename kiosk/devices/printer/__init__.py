"""The receipt printer: its simulator, what can go wrong in it, and the queue that loses no receipt."""

from kiosk.devices.printer.paper import FilePrinter, layout
from kiosk.devices.printer.plan import Paper, PrinterPlan, Trouble
from kiosk.devices.printer.queue import KEPT, NoSuchReceipt, ReceiptQueue

__all__ = [
    "KEPT",
    "FilePrinter",
    "NoSuchReceipt",
    "Paper",
    "PrinterPlan",
    "ReceiptQueue",
    "Trouble",
    "layout",
]
