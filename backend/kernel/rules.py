"""What every rule needs: whole-number rounding with a name, and the steps that explain an amount.

The roundings take a fraction (whole numerator and denominator, both at least 0) so that a rule
leaves whole numbers once, at its end, and stays exact until then. Plain ints: numba can compile them.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

FEN, JIAO = 1, 10  # what an amount is rounded to, in fen
MILLION = 1_000_000  # what a rate is counted in by the cores that take one


def half_up(numerator: int, denominator: int) -> int:
    """四舍五入.

    >>> half_up(5, 2), half_up(7, 3), half_up(4, 10)
    (3, 2, 0)
    """
    return (numerator + denominator // 2) // denominator


def up(numerator: int, denominator: int) -> int:
    """只入不舍.

    >>> up(21, 10), up(20, 10)
    (3, 2)
    """
    return (numerator + denominator - 1) // denominator


def to_unit(numerator: int, denominator: int, unit_fen: int) -> int:
    """Fen, rounded half up to whole units of fen (FEN, or JIAO 见分进角按四舍五入).

    >>> to_unit(359_677, 1, JIAO), to_unit(12_345, 100, FEN)
    (359680, 123)
    """
    return half_up(numerator, denominator * unit_fen) * unit_fen


def up_to_unit(fen: int, unit_fen: int) -> int:
    """Fen, raised to whole units 见分进角.

    >>> up_to_unit(502_561, JIAO), up_to_unit(502_560, JIAO)
    (502570, 502560)
    """
    return up(fen, unit_fen) * unit_fen


def millionths(rate: Decimal) -> int:
    """A rate as whole millionths.

    >>> millionths(Decimal("0.0005")), millionths(Decimal("1.1"))
    (500, 1100000)
    """
    return int(rate * MILLION)


def share_fen(amount_fen: int, rate: int) -> int:
    """A share of an amount, half up to the fen; the rate in millionths.

    >>> share_fen(458_800, 160_000), share_fen(754_655, 80_000)
    (73408, 60372)
    """
    return half_up(amount_fen * rate, MILLION)


class Step(BaseModel):
    """一步怎么算。"""

    model_config = ConfigDict(frozen=True)

    name: str = Field(title="项目")
    formula: str = Field(title="算式")
    value: str = Field(title="结果")
    law: str = Field(title="依据")


class Steps:
    """The steps of one answer, in the order they were worked out."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def add(self, name: str, formula: str, value: object, law: str) -> None:
        self._steps.append(Step(name=name, formula=formula, value=str(value), law=law))

    def all(self) -> tuple[Step, ...]:
        return tuple(self._steps)


def shown(number: Decimal) -> str:
    """A number without idle noughts and never in powers of ten.

    >>> shown(Decimal("138.40")), shown(Decimal("195")), shown(Decimal("1E+2"))
    ('138.4', '195', '100')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(rate: Decimal) -> str:
    """A rate as people say it.

    >>> percent(Decimal("0.013")), percent(Decimal("0.00083"))
    ('1.3%', '0.083%')
    """
    return f"{shown(rate * 100)}%"
