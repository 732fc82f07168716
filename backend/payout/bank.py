"""The bank as payout sees it: transfers under our own number, asked again under the same number."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Answer = Literal["paid", "returned", "unknown"]


@dataclass(frozen=True)
class Transfer:
    """One payment to a person's account; `end_to_end` (≤ 35 characters) is what makes it one."""

    end_to_end: str
    bank: str
    number: str
    holder: str
    amount_fen: int


class Bank(Protocol):
    """A bank's channel. `transfer` asked twice with one number pays once; `query` asks what became of it."""

    def transfer(self, wanted: Transfer) -> Answer: ...
    def query(self, end_to_end: str) -> Answer: ...


class FolderBank:
    """A simulated bank that remembers in a folder: one file a transfer, made once.

    It returns transfers to numbers that fail the Luhn check, as a real bank returns unknown accounts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def transfer(self, wanted: Transfer) -> Answer:
        answer: Answer = "paid" if luhn(wanted.number) else "returned"
        text = json.dumps({"amount_fen": wanted.amount_fen, "answer": answer})
        draft = self.folder / f".{wanted.end_to_end}.{os.getpid()}"
        draft.write_text(text, "utf-8")
        try:
            os.link(draft, self.folder / wanted.end_to_end)
        except FileExistsError:
            return self.query(wanted.end_to_end)
        finally:
            draft.unlink()
        return answer

    def query(self, end_to_end: str) -> Answer:
        path = self.folder / end_to_end
        if not path.exists():
            return "unknown"
        answer: Answer = json.loads(path.read_text("utf-8"))["answer"]
        return answer


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1 Annex B.

    >>> luhn("6217000000000000004"), luhn("6217000000000000007")
    (True, False)
    """
    if not number.isdecimal():
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
