"""Check characters worked out from the standards' own tables, apart from the code they check."""

from __future__ import annotations

from datetime import date

CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # GB 32100—2015 表 3
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def citizen_number(number: str) -> bool:
    """ISO 7064 MOD 11-2, which GB 11643 is: a number with its check character leaves one."""
    remainder = 0
    for character in number:
        remainder = (remainder * 2 + (10 if character == "X" else int(character))) % 11
    return len(number) == 18 and remainder == 1


def birth(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def credit_code(code: str) -> bool:
    """GB 32100: check = 31 - Σ mod 31, where 31 is written as nought."""
    total = sum(CREDIT.index(c) * weight for c, weight in zip(code[:17], CREDIT_WEIGHTS, strict=True))
    return len(code) == 18 and CREDIT[(31 - total % 31) % 31] == code[17] and organisation(code[8:17])


def organisation(code: str) -> bool:
    """GB 11714: C9 = 11 - Σ mod 11, where 10 is X and 11 is 0."""
    values = [int(c) if c.isdigit() else ord(c) - ord("A") + 10 for c in code[:8]]
    check = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return len(code) == 9 and code[8] == {10: "X", 11: "0"}.get(check, str(check))


def luhn(number: str) -> bool:
    doubled = {"0": 0, "1": 2, "2": 4, "3": 6, "4": 8, "5": 1, "6": 3, "7": 5, "8": 7, "9": 9}
    odd, even = number[-1::-2], number[-2::-2]
    return (sum(map(int, odd)) + sum(doubled[c] for c in even)) % 10 == 0
