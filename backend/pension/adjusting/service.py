"""Yearly adjustment 待遇调整: what the other parts of pension and the composition may call."""

from backend.pension.adjusting.asking import increases, mine, runs
from backend.pension.adjusting.carrying import adjusted_among, carry
from backend.pension.adjusting.checking import check
from backend.pension.adjusting.reversing import reverse
from backend.pension.adjusting.running import ARREARS, adjust_year
from backend.pension.adjusting.settling import on_withdrawn, settle
from backend.pension.adjusting.trying import try_year

__all__ = [
    "ARREARS",
    "adjust_year",
    "adjusted_among",
    "carry",
    "check",
    "increases",
    "mine",
    "on_withdrawn",
    "reverse",
    "runs",
    "settle",
    "try_year",
]
