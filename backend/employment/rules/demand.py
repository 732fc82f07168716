"""求人倍率: how many posts there are for each person who looks for one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")


def demand_ratio(wanted: int, seekers: int) -> str | None:
    """Persons wanted over persons seeking, to two places; None where nobody seeks.

    >>> demand_ratio(4785, 4733), demand_ratio(4337, 3542), demand_ratio(5638, 3560), demand_ratio(3, 0)
    ('1.01', '1.22', '1.58', None)
    """
    if seekers == 0:
        return None
    return str((Decimal(wanted) / seekers).quantize(HUNDREDTH, ROUND_HALF_UP))
