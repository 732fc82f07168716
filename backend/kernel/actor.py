"""Actor 办理人: who asks for a command, what they may do, and how far they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """One word for each kind of work an officer can be given."""

    REGISTRY_READ = "registry.read"
    REGISTRY_WRITE = "registry.write"
    PENSION_READ = "pension.read"
    PENSION_DECIDE = "pension.decide"
    LEVY_READ = "levy.read"
    LEVY_RUN = "levy.run"
    PAYOUT_READ = "payout.read"
    PAYOUT_RUN = "payout.run"
    CARD_MANAGE = "card.manage"
    EMPLOYMENT_READ = "employment.read"
    EMPLOYMENT_REVIEW = "employment.review"
    FUND_READ = "fund.read"
    FUND_KEEP = "fund.keep"
    CASE_APPROVE = "case.approve"
    AUDIT_READ = "audit.read"
    KIOSK_READ = "kiosk.read"
    KIOSK_MANAGE = "kiosk.manage"
    KIOSK_OPERATE = "kiosk.operate"


class Kind(StrEnum):
    """What sort of person or machine stands before the system."""

    ANYONE = "anyone"
    CITIZEN = "citizen"
    EMPLOYER = "employer"
    OFFICER = "officer"
    KIOSK = "kiosk"
    SYSTEM = "system"


def reach(area: str) -> str:
    """The prefix of every area that lies in this one.

    >>> reach("310000"), reach("310115"), reach("000000")
    ('31', '310115', '')
    """
    while area.endswith("00"):
        area = area[:-2]
    return area


@dataclass(frozen=True)
class Actor:
    """`id` is the login's, the kiosk's or the program's own; `subject` is whom a person or employer is:
    the citizen number or the credit code, and `subject_id` its row."""

    kind: Kind
    id: str
    name: str = ""
    area: str = "000000"
    subject: str = ""
    subject_id: int | None = None
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        return self.kind is Kind.SYSTEM or permission in self.permissions


ANYONE = Actor(Kind.ANYONE, "anyone")
SYSTEM = Actor(Kind.SYSTEM, "system", name="系统")
