"""States: which of the four signs (done, waits, stopped, info) stands beside a state of what we show. One place for all."""

from __future__ import annotations

SIGNS = {
    "vacancy": {"open": "done", "in_review": "waits", "refused": "stopped", "expired": "stopped"},
    "application": {
        "new": "waits",
        "in_progress": "waits",
        "postponed": "waits",
        "pool": "waits",
        "to_be_hired": "done",
        "accepted": "done",
        "refused": "stopped",
        "obsolete": "stopped",
    },
    "payment": {"collected": "done", "paid": "done", "payable": "waits", "cancelled": "stopped"},
    "recovery": {"open": "waits", "overdue": "stopped", "closed": "done"},
    "dues": {"paid": "done", "part": "waits", "open": "waits", "overdue": "stopped", "deferred": "waits"},
    "deferral": {"running": "waits", "kept": "done", "broken": "stopped", "ended": "stopped"},
    "part": {"paid": "done", "open": "waits", "short": "stopped"},
    "case": {"waiting": "waits", "done": "done", "refused": "stopped", "failed": "stopped"},
    "batch": {"waiting": "waits", "running": "waits", "done": "done", "stopped": "stopped"},
    "card": {
        "inactive": "waits",
        "active": "done",
        "suspended": "stopped",
        "lost": "stopped",
        "frozen": "stopped",
        "replaced": "stopped",
        "cancelled": "stopped",
    },
    "production": {"waiting": "waits", "writing": "waits", "sent": "waits", "back": "done"},
}


def sign_of(what: str, state: str) -> str:
    """
    >>> sign_of("vacancy", "open"), sign_of("application", "cancelled")
    ('done', 'info')
    """
    return SIGNS[what].get(state, "info")
