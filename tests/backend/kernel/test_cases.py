"""A case that is approved is its maker's: their reach, their name in the audit, under the number of whom it is about."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.kernel import audit, cases, items
from backend.kernel.db import Runner, Uow, on_behalf
from backend.kernel.errors import NotFound
from backend.kernel.review import Decide
from backend.registry.model import Person
from backend.systems import CATALOGUE
from tests.backend.kernel.test_items import who
from tests.backend.people import LI, ZHANG, a_person, officer

REVIEW = CATALOGUE["CAS-01"]
DISTRICT = officer("officer:1", area="310115")
CITY = officer("officer:2", "复核", area="310000")


def filed(run: Runner, code: str, command: dict[str, object], subject: str = ZHANG) -> Decide:
    case = run.by(DISTRICT)(lambda uow: cases.file(uow, code, subject, command, 1))
    return Decide(no=case.no, decision="approved")


def rows(run: Runner, item: str) -> list[audit.Row]:
    return run.system(
        lambda uow: uow.session.query(audit.Row).filter_by(item=item).order_by(audit.Row.id).all()
    )


def test_it_reaches_no_further_than_its_maker(run: Runner) -> None:
    a_person(run, ZHANG, area="310101")
    decide = filed(run, "PEN-04", {"ident": ZHANG})
    with pytest.raises(NotFound, match="证件号码"):
        items.perform(run.by(CITY), REVIEW, decide)


def test_the_reviewer_sees_their_own_area_again_afterwards(run: Runner) -> None:
    a_person(run, ZHANG, area="310101")
    a_person(run, LI, area="310115")

    def look(uow: Uow) -> tuple[set[str], set[str]]:
        with on_behalf(uow, DISTRICT, ()) as maker:
            theirs = {one.ident for one in maker.session.query(Person)}
        return theirs, {one.ident for one in uow.session.query(Person)}

    assert run.by(CITY)(look) == ({LI}, {ZHANG, LI})


def test_it_has_a_row_of_its_own_in_the_audit(run: Runner) -> None:
    decide = filed(run, "REG-01", who(area="310115").model_dump(mode="json"))
    items.perform(run.by(CITY), REVIEW, decide)
    (done,) = rows(run, "REG-01")
    assert (done.outcome, done.subject, done.case_no) == ("done", ZHANG, decide.no)
    assert (done.actor_id, done.actor_area) == ("officer:1", "310115")
    assert done.changes["registry.person"][0]["after"]["name"] == "张三"
    (approved,) = rows(run, "CAS-01")
    assert (approved.actor_id, approved.subject, approved.changes) == ("officer:2", str(decide.no), {})


def test_what_was_left_out_when_it_was_filed_may_be_left_out_when_it_is_approved() -> None:
    """A command is kept with its defaults and read again from there: each must be one that may be said."""
    wrong = []
    for known in CATALOGUE.values():
        for name, field in known.asks.model_fields.items():
            if field.is_required():
                continue
            try:
                kept = TypeAdapter(Annotated[field.annotation, field])
                kept.validate_python(field.get_default(call_default_factory=True))
            except ValidationError:
                wrong.append(f"{known.code} {name}")
    assert not wrong


def test_only_what_an_officer_or_an_employer_files_can_wait_for_review() -> None:
    with pytest.raises(ValueError, match="officer"):
        items.item("XXX-01", "不可能", by=(items.Kind.CITIZEN,), review=1)(items.CATALOGUE["REG-01"].run)
