"""Notes 券别: how many pieces of each kind, as fields that a form can draw; no database, the kiosk reads it too."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from backend.kernel.fields import Shape

KINDS_FEN = (10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2, 1)
MOST = 100_000  # pieces of one kind


class Notes(Shape):
    """各面额的张数、枚数。"""

    n10000: int = Field(default=0, ge=0, le=MOST, title="100 元（张）")
    n5000: int = Field(default=0, ge=0, le=MOST, title="50 元（张）")
    n2000: int = Field(default=0, ge=0, le=MOST, title="20 元（张）")
    n1000: int = Field(default=0, ge=0, le=MOST, title="10 元（张）")
    n500: int = Field(default=0, ge=0, le=MOST, title="5 元（张）")
    n100: int = Field(default=0, ge=0, le=MOST, title="1 元（张）")
    n50: int = Field(default=0, ge=0, le=MOST, title="5 角（张）")
    n10: int = Field(default=0, ge=0, le=MOST, title="1 角（张）")
    n5: int = Field(default=0, ge=0, le=MOST, title="5 分（枚）")
    n2: int = Field(default=0, ge=0, le=MOST, title="2 分（枚）")
    n1: int = Field(default=0, ge=0, le=MOST, title="1 分（枚）")

    @property
    def pieces(self) -> dict[int, int]:
        """What there is, by fen, large ones first."""
        return {fen: n for fen in KINDS_FEN if (n := getattr(self, f"n{fen}"))}


def fields_of(pieces: Mapping[int, int]) -> dict[str, int]:
    """Pieces by fen as the fields of `Notes`.

    >>> fields_of({10000: 3, 1: 2})
    {'n10000': 3, 'n1': 2}
    """
    return {f"n{fen}": n for fen, n in pieces.items() if n}


def worth_fen(pieces: Mapping[int, int]) -> int:
    """
    >>> worth_fen({10000: 3, 1: 2})
    30002
    """
    return sum(fen * n for fen, n in pieces.items())
