"""Special work 特殊工种: whether months in hard or harmful work are enough to retire early, and since when.

Kinds of which the law asks the same number of years add up (井下和高温九年, 高空和特别繁重十年, 有毒有害八年).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

YEAR = 12


def worked(spells: Iterable[tuple[str, int, int]], until: int) -> Counter[str]:
    """Months of each kind up to and including one; spells are kind, first and last month, counted since year 0.

    >>> worked([("heat", 10, 21), ("toxic", 30, 41)], 31)
    Counter({'heat': 12, 'toxic': 2})
    """
    months = Counter[str]()
    for kind, first, last in spells:
        months[kind] += max(0, min(last, until) - first + 1)
    return months


def enough_since(spells: Iterable[tuple[str, int, int]], years: Mapping[str, int]) -> int | None:
    """The month in which some group of kinds has its years; None where none has. Spells in order of time.

    >>> need = {"underground": 9, "heat": 9, "toxic": 8}
    >>> enough_since([("underground", 0, 59), ("heat", 100, 147)], need), enough_since([("toxic", 0, 94)], need)
    (147, None)
    """
    months = Counter[int]()
    for kind, first, last in spells:
        need = years.get(kind)
        if need is None:
            continue
        if months[need] + last - first + 1 >= need * YEAR:
            return first + need * YEAR - months[need] - 1
        months[need] += last - first + 1
    return None


def short_months(months: Mapping[str, int], years: Mapping[str, int]) -> int:
    """How many months the group that is nearest still lacks; 0 where one has enough.

    >>> short_months({"heat": 100, "toxic": 12}, {"heat": 9, "toxic": 8})
    8
    """
    groups = Counter[int]()
    for kind, n in months.items():
        if kind in years:
            groups[years[kind]] += n
    lacks = [max(0, need * YEAR - n) for need, n in groups.items()]
    return min(lacks, default=min(years.values()) * YEAR)
