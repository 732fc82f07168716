"""Transfer 关系转移接续: how much money goes along, where the pension is paid, and whose account is a temporary one.

国办发〔2009〕66号, 人社部发〔2009〕187号, 人社部规〔2016〕5号. Whole fen, whole months; an area is any text, and one place has
one: who asks makes one of all of a province (`calculators/place.py`, `transferring/place.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from backend.kernel.period import Month
from backend.kernel.rules import share_fen

Why = Literal["hukou", "here", "back", "gathered"]
MALE: Final = "1"


def pooled_fen(wages_fen: int, rate: int) -> int:
    """统筹基金 that goes along: a share of all wages that dues were paid on since 1998; the rate in millionths.

    >>> pooled_fen(36_000_000, 120_000), pooled_fen(4, 120_000), pooled_fen(5, 120_000)
    (4320000, 0, 1)
    """
    return share_fen(wages_fen, rate)


def temporary_pooled_fen(base_fen: int, employer_fen: int, rate: int) -> int:
    """Of a month of a temporary account: what the employer paid, where that is more than the share.

    >>> temporary_pooled_fen(1_000_000, 160_000, 120_000), temporary_pooled_fen(1_000_000, 0, 120_000)
    (160000, 120000)
    """
    return max(share_fen(base_fen, rate), employer_fen)


@dataclass(frozen=True)
class Stay:
    """参保的一段: at which place, how many months; `temporary`: in a temporary account, which makes no place."""

    area: str
    months: int
    temporary: bool = False


@dataclass(frozen=True)
class Places:
    """Where somebody was insured, in order of time, and at which of these the relation is now (none: the last)."""

    hukou: str
    stays: Sequence[Stay]
    current: int | None = None

    @property
    def real(self) -> Sequence[Stay]:
        return [one for one in self.stays if not one.temporary]

    @property
    def here(self) -> str | None:
        """Where the relation is: a temporary account left it where it was before."""
        last = len(self.stays) if self.current is None else self.current + 1
        known = [one.area for one in self.stays[:last] if not one.temporary]
        return known[-1] if known else next((one.area for one in self.real), None)

    @property
    def sums(self) -> Counter[str]:
        """Months of a place, from all times that somebody was there."""
        found = Counter[str]()
        for one in self.real:
            found[one.area] += one.months
        return found


def benefit_place(places: Places, enough: int) -> tuple[str, Why]:
    """待遇领取地 (第六条), and by which of its four rules; `enough`: the months of ten years.

    >>> of = lambda *stays: Places("A", [Stay(*one) for one in stays])
    >>> benefit_place(of(("B", 200), ("A", 1)), 120), benefit_place(of(("B", 130), ("C", 120)), 120)
    (('A', 'hukou'), ('C', 'here'))
    >>> benefit_place(of(("B", 130), ("D", 140), ("C", 119)), 120), benefit_place(of(("B", 119), ("C", 119)), 120)
    (('D', 'back'), ('A', 'gathered'))
    >>> benefit_place(of(("B", 60), ("C", 70), ("B", 60)), 120)
    ('B', 'here')
    """
    here, sums = places.here, places.sums
    if here == places.hukou:
        return here, "hukou"
    if here is not None and sums[here] >= enough:
        return here, "here"
    long = [one.area for one in places.real if sums[one.area] >= enough]
    return (long[-1], "back") if long else (places.hukou, "gathered")


@dataclass(frozen=True)
class TemporaryAges:
    """From which age on a first enrolment away from home opens only a temporary account, in years."""

    male: int
    female: int


def is_temporary(sex: str, birth: Month, first: Month, *, at_home: bool, ages: TemporaryAges) -> bool:
    """临时基本养老保险缴费账户 (第五条): first insured here, not at home, men from fifty and women from forty on.

    >>> of = TemporaryAges(50, 40)
    >>> [is_temporary("1", Month(1970, 5), Month(2020, m), at_home=False, ages=of) for m in (4, 5)]
    [False, True]
    >>> is_temporary("2", Month(1980, 5), Month(2020, 5), at_home=True, ages=of)
    False
    """
    age = ages.male if sex == MALE else ages.female
    return not at_home and first - birth >= age * 12


def refund_fen(account_fen: int, doubled_fen: int, credited_fen: int) -> int:
    """What of a transferred account goes back to the person for months that count already: as much of it, with its
    interest, as those months' credits are of all credits.

    >>> refund_fen(11_000, 2_000, 10_000), refund_fen(11_000, 0, 0)
    (2200, 0)
    """
    if not credited_fen:
        return 0
    return (2 * account_fen * doubled_fen + credited_fen) // (2 * credited_fen)
