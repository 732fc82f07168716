"""Vacancies: the public search of the portal as a kiosk asks it, and what it reads of the answer."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from backend.kernel.money import Money

MOST: Final = 30  # ten screens of three: who has not found it by then asks for something else


class FindJobs(BaseModel):
    """Words as they were typed: Chinese, pinyin or initials."""

    model_config = ConfigDict(frozen=True)
    q: str = Field(max_length=40)
    size: int = MOST


class Hit(BaseModel):
    """Of the public answer what a kiosk shows; the rest is left."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    title: str
    employer: str
    area_name: str
    salary_min: str | None
    salary_max: str | None
    openings: int
    applicants: int

    @property
    def low_fen(self) -> int:
        return _fen(self.salary_min)

    @property
    def high_fen(self) -> int:
        return _fen(self.salary_max)


def _fen(text: str | None) -> int:
    """As the public API says it, in yuan; 0 where nothing is said.

    >>> _fen("6000.00"), _fen(None)
    (600000, 0)
    """
    return Money.yuan(text).fen if text else 0


class Found(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    total: int
    hits: tuple[Hit, ...]
