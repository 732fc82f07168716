"""What the law and an agreement say of giving back: how a sum is split, and what of it is late."""

from __future__ import annotations

WHOLE = 10_000  # shares are ten-thousandths


def split(fen: int, parts: int) -> tuple[int, ...]:
    """A sum in so many parts as equal as fen allow, the larger ones first; they add up to it.

    >>> split(100, 3), split(2, 3)
    ((34, 33, 33), (1, 1))
    """
    each, over = divmod(fen, parts)
    return tuple(each + (no < over) for no in range(parts) if each + (no < over))


def overdue(parts: tuple[int, ...], back_fen: int) -> int:
    """How much of the parts that are due is not yet back.

    >>> overdue((34, 33), 40), overdue((34,), 40)
    (27, 0)
    """
    return max(0, sum(parts) - back_fen)
