"""Terminal: whatever goes wrong in a command is one sentence in the terminal's language, and an exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from backend.kernel.errors import Sentence, Told
from backend.kernel.language import of_terminal
from cardio.link import CardFault
from cardio.tlv import Malformed
from kiosk import words

err = Console(stderr=True, highlight=False)


class CardDataWrong(Told):
    """卡片资料有误：{why}"""


@contextmanager
def kindly() -> Iterator[None]:
    try:
        yield
    except CardFault as fault:
        raise _stop(fault, fault.detail) from fault
    except Malformed as why:
        raise _stop(CardDataWrong(why=str(why))) from why
    except Told as happened:
        raise _stop(happened) from happened


def tell(happened: Sentence, detail: str = "") -> None:
    sentence = words.said(happened, of_terminal(os.environ))
    err.print(Text.assemble((sentence, "red"), (f" {detail}" if detail else "", "dim")), soft_wrap=True)


def _stop(happened: Sentence, detail: str = "") -> typer.Exit:
    tell(happened, detail)
    return typer.Exit(1)
