"""Posting 发布招聘信息: an employer writes a vacancy, the check runs at once, an officer decides what is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from backend.employment import rules
from backend.employment.applying import close_rest, fill
from backend.employment.board import view
from backend.employment.model import Application, Finding, Refresh, Review, Vacancy, standing
from backend.employment.outbox import tell
from backend.employment.rules import STATUS_NAMES, Advert, a_month, rulebook
from backend.employment.schema import (
    APPLICATION_STATES,
    Appeal,
    AskOwnVacancies,
    AskOwnVacancy,
    AskQueue,
    DecideVacancy,
    EditVacancy,
    FindingView,
    MarkFilled,
    OwnVacancies,
    OwnVacancyRow,
    OwnVacancyView,
    Posted,
    Queue,
    RefreshVacancy,
    ReviewView,
    WithdrawVacancy,
    WriteVacancy,
)
from backend.employment.vacancies import (
    Counts,
    by_no,
    counts,
    own,
    public_no,
    standing_of,
    within_reach,
)
from backend.kernel import codes
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.period import add_months
from backend.registry import service as registry
