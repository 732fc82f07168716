"""Employment 就业服务: what other parts may call."""

from backend.employment.applying import applicants, apply, cancel, move
from backend.employment.applying import mine as applications
from backend.employment.board import figures, similar, vacancy
from backend.employment.loading import LoadedVacancy, load
from backend.employment.messages import mine as messages
from backend.employment.messages import read as read_messages
from backend.employment.outbox import CHANNEL, changed, documents, expire_due, last_change, open_nos
from backend.employment.posting import (
    edit,
    mark_filled,
    on_closed,
    own_vacancies,
    own_vacancy,
    refresh,
    withdraw,
    write,
)
from backend.employment.reviewing import appeal, decide, queue

__all__ = [
    "CHANNEL",
    "LoadedVacancy",
    "appeal",
    "applicants",
    "applications",
    "apply",
    "cancel",
    "changed",
    "decide",
    "documents",
    "edit",
    "expire_due",
    "figures",
    "last_change",
    "load",
    "mark_filled",
    "messages",
    "move",
    "on_closed",
    "open_nos",
    "own_vacancies",
    "own_vacancy",
    "queue",
    "read_messages",
    "refresh",
    "similar",
    "vacancy",
    "withdraw",
    "write",
]
