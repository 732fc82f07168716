"""The office 经办机构: every command of the story is a service item, filed by one officer and looked at by others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from backend.demo import cast
from backend.kernel import auth, files, items, ledger, review
from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.db import Runner, Uow
from backend.kernel.sentences import read
from backend.registry import service as registry
from backend.wiring import CHECKS

APPROVAL = "CAS-01"


def _officer(key: str) -> Actor:
    member = next(one for one in cast.OFFICERS if one.key == key)
    permissions = frozenset[Permission]().union(*(auth.ROLES[role] for role in member.roles))
    return Actor(
        Kind.OFFICER, f"officer:{member.login}", member.name, area=member.area, permissions=permissions
    )


CLERK, KEEPER = _officer("counter"), _officer("accountant")
CHECKERS = (_officer("reviewer"), _officer("director"))


@dataclass(frozen=True)
class Office:
    """Whoever acts in the story acts through here."""

    run: Runner

    def do(self, code: str, by: Actor | None = None, **body: Any) -> Any:
        """Carry an item out: by its officer (else `by`), approved by as many others as it needs; its answer."""
        filed = self.file(code, by, **body)
        if not isinstance(filed, items.Filed):
            return filed
        case: Any = None
        for checker in CHECKERS[: filed.need]:
            approval = review.Decide(no=filed.case_no, decision="approved")
            case = items.perform(self.run.by(checker), items.find(APPROVAL), approval)
        return items.find(code).answers.model_validate(case.answer)

    def file(self, code: str, by: Actor | None = None, **body: Any) -> Any:
        """Only the first step: the answer, or the case that waits for others (items.Filed)."""
        known = items.find(code)
        return items.perform(self.run.by(by or _who_may(known)), known, read(known.asks, body))

    def keep(self, name: str, content: bytes, by: Actor = CLERK) -> str:
        """Hand a file in; its number comes back."""
        return self.run.by(by)(files.keep, name=name, content=content).file

    def fetch(self, file: str) -> bytes:
        return self.run.by(CLERK)(files.fetch, file).content

    def boss(self, uscc: str) -> Actor:
        """An employer, acting for itself."""
        id = self.run.system(lambda uow: registry.employer(uow, uscc).id)
        return Actor(Kind.EMPLOYER, f"employer:{uscc}", subject=uscc, subject_id=id)

    def citizen(self, ident: str) -> Actor:
        """A person, acting for themselves."""
        id = self.run.system(lambda uow: registry.person(uow, ident).id)
        return Actor(Kind.CITIZEN, f"citizen:{ident}", subject=ident, subject_id=id)

    def rows(self, asked: str, **facts: Any) -> list[Mapping[str, Any]]:
        """What stands in the books, for whoever tells the story."""

        def look(uow: Uow) -> list[Mapping[str, Any]]:
            return [dict(row) for row in uow.session.execute(text(asked), facts).mappings()]

        return self.run.system(look)

    def differences(self) -> list[ledger.Difference]:
        """What `renshe ledger check` would find."""
        return [found for check in CHECKS for found in self.run.system(check)]


def _who_may(known: items.Item) -> Actor:
    return KEEPER if known.may in (Permission.FUND_KEEP, Permission.FUND_READ) else CLERK
