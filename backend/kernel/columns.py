"""Columns 列速: rules of whole numbers for a million persons at once, by the very functions that one person has.

A column is a NumPy array of 64-bit whole numbers. A `kernel` is a plain function over columns that calls rules row by
row. With numba the kernel, and every rule that it calls, is compiled from its own source, and the rows are shared out
among the processors; without it (the `macro` extra) the same functions run in a loop. Both give the same numbers, as
long as nothing on the way leaves 64 bits: a kernel refuses rows beyond what its rules were shown to take.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

numba: Any
try:
    import numba
except ImportError:
    numba = None

Column = NDArray[np.int64]
Kernel = Callable[..., int]
SHARE = 50_000  # rows: fewer are not worth a thread


class RowRefused(ValueError):
    """A row holds a number below nothing, or beyond what the rules were shown to take."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}")
        self.row = row


def run(kernel: Kernel, rows: Sequence[Column], tables: Sequence[Column], into: Sequence[Column]) -> None:
    """The kernel over all rows: `kernel(*rows, *tables, *into)` fills `into`, and answers the first row that it
    refuses, counted from 1, or 0. Every part of the rows has the whole tables."""
    count = len(rows[0])
    work = compiled(kernel)
    parts = max(1, min(os.cpu_count() or 1, count // SHARE))
    edges = [count * part // parts for part in range(parts + 1)]

    def part(first: int, last: int) -> int:
        cut = slice(first, last)
        refused = work(*(one[cut] for one in rows), *tables, *(one[cut] for one in into))
        return first + int(refused) if refused else 0

    with ThreadPoolExecutor(max(1, parts - 1)) as pool:
        others = pool.map(part, edges[1:], edges[2:])
        refused = [one for one in (part(*edges[:2]), *others) if one]  # this thread works, too
    if refused:
        raise RowRefused(refused[0] - 1)


@cache
def compiled(rule: Callable[..., int]) -> Callable[..., int]:
    """The rule, compiled where numba is there; the functions and numbers around it are fixed as they are now."""
    if numba is None or not isinstance(rule, FunctionType):
        return rule
    inner = {name: compiled(one) for name, one in _called(rule.__code__, rule.__globals__)}
    copy = FunctionType(
        rule.__code__, {**rule.__globals__, **inner}, rule.__name__, rule.__defaults__, rule.__closure__
    )
    made: Callable[..., int] = numba.njit(nogil=True, error_model="numpy")(copy)
    return made


def _called(code: CodeType, known: dict[str, Any]) -> list[tuple[str, Callable[..., int]]]:
    """The plain functions of ours that the code names."""
    named = [(name, known.get(name)) for name in code.co_names]
    return [(name, one) for name, one in named if isinstance(one, FunctionType)]
