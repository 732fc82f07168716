"""One decorator, every face: permission, own data only, request ids, review, batch."""

import threading

import pytest

from backend.kernel import audit, auth, batch, items
from backend.kernel.cases import AlreadyDecided, OwnCase, SecondLook
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.review import Decide
from backend.kernel.sentences import read
from backend.kernel.vault import Vault
from backend.registry.model import Person
from backend.registry.persons import AlreadyRegistered, OutOfReach
from backend.registry.schema import RegisterPerson
from backend.systems import CATALOGUE
from tests.backend.payout.city import fund
from tests.backend.people import LI, ZHANG, a_person, citizen, officer

REGISTER = CATALOGUE["REG-01"]
SEE = CATALOGUE["REG-Q1"]
LOAD = CATALOGUE["PAY-22"]


def who(ident: str = ZHANG, **changed: str) -> RegisterPerson:
    given = {"ident": ident, "name": "张三", "area": "310101", "phone": "13800000000", "address": "示例路"}
    return read(RegisterPerson, given | changed)


def rows(run: Runner, outcome: str) -> int:
    return run.system(
        lambda uow: uow.session.query(audit.Row).filter(audit.Row.outcome.startswith(outcome)).count()
    )


def test_a_request_id_does_a_thing_once_and_gives_the_same_answer(run: Runner) -> None:
    first = items.perform(run.by(officer()), REGISTER, who(), "r1")
    again = items.perform(run.by(officer()), REGISTER, who(), "r1")
    assert first == again
    assert rows(run, "done") == 1
    with pytest.raises(AlreadyRegistered):
        items.perform(run.by(officer()), REGISTER, who(), "r2")
    with pytest.raises(items.RequestReused):
        items.perform(run.by(officer()), REGISTER, who(LI), "r1")


def test_a_refusal_is_kept_in_the_audit(run: Runner) -> None:
    items.perform(run.by(officer()), REGISTER, who())
    with pytest.raises(AlreadyRegistered):
        items.perform(run.by(officer()), REGISTER, who())
    assert rows(run, "refused:AlreadyRegistered") == 1


def test_who_has_no_permission_is_refused_before_anything_happens(run: Runner) -> None:
    with pytest.raises(Forbidden):
        items.perform(run.by(officer(role="复核")), REGISTER, who())
    with pytest.raises(Forbidden):
        items.perform(run.by(citizen(ZHANG, 1)), REGISTER, who())


def test_a_citizen_sees_only_themselves(run: Runner) -> None:
    zhang, _li = a_person(run), a_person(run, LI)
    own = items.perform(run.by(citizen(ZHANG, zhang)), SEE, read(SEE.asks, {"ident": ZHANG}))
    assert own.model_dump()["name"] == "张秀䶮"
    with pytest.raises(items.NotYours):
        items.perform(run.by(citizen(ZHANG, zhang)), SEE, read(SEE.asks, {"ident": LI}))


def test_an_officer_works_within_their_own_area(run: Runner) -> None:
    pudong = officer(area="310115")
    with pytest.raises(OutOfReach):
        items.perform(run.by(pudong), REGISTER, who())
    items.perform(run.by(pudong), REGISTER, who(LI, area="310115"))


def test_an_officers_look_at_a_person_is_in_the_audit(run: Runner) -> None:
    a_person(run)
    items.perform(run.by(officer()), SEE, read(SEE.asks, {"ident": ZHANG}))
    assert rows(run, "read") == 1


def test_review_lets_it_happen_when_another_has_approved(run: Runner) -> None:
    run.system(auth.register_device, id="00000001", name="自助机", area="310101", key="k" * 32)
    command = read(LOAD.asks, {"kiosk": "00000001", "amount_fen": 100, "sheet": "1"})
    filed = items.perform(run.by(officer()), LOAD, command)
    assert isinstance(filed, items.Filed)
    fund(run)
    decide = Decide(no=filed.case_no, decision="approved")
    review = CATALOGUE["CAS-01"]
    with pytest.raises(OwnCase):
        items.perform(run.by(officer(role="复核")), review, decide)
    done = items.perform(run.by(officer("officer:2", "复核")), review, decide)
    assert done.model_dump()["state"] == "done"
    with pytest.raises(AlreadyDecided):
        items.perform(run.by(officer("officer:3", "复核")), review, decide)


def test_two_reviews_need_two_persons(run: Runner) -> None:
    assert CATALOGUE["PEN-04"].review == 2
    case = run.by(officer())(
        lambda uow: items.cases.file(uow, "REG-01", ZHANG, who().model_dump(mode="json"), 2)
    )
    decide = Decide(no=case.no, decision="approved")
    second, third = officer("officer:2", "复核"), officer("officer:3", "复核")
    assert run.by(second)(items.decide, decide.no, "approved", "")[0].state == "waiting"
    with pytest.raises(SecondLook):
        run.by(second)(items.decide, decide.no, "approved", "")
    assert run.by(third)(items.decide, decide.no, "approved", "")[0].state == "done"


def test_a_case_of_another_area_is_not_theirs_to_review(run: Runner) -> None:
    filed = items.perform(
        run.by(officer()), LOAD, read(LOAD.asks, {"kiosk": "00000001", "amount_fen": 100, "sheet": "1"})
    )
    assert isinstance(filed, items.Filed)
    with pytest.raises(NotFound):
        run.by(officer("officer:2", "复核", area="310115"))(items.decide, filed.case_no, "approved", "")


def test_a_refused_case_never_happens(run: Runner) -> None:
    command = read(LOAD.asks, {"kiosk": "00000001", "amount_fen": 100, "sheet": "1"})
    filed = items.perform(run.by(officer()), LOAD, command)
    assert isinstance(filed, items.Filed)
    assert (
        run.by(officer("officer:2", "复核"))(items.decide, filed.case_no, "refused", "金额不对")[0].state
        == "refused"
    )


def test_a_batch_line_fails_alone_and_a_dry_run_keeps_nothing(run: Runner) -> None:
    good = who().model_dump(mode="json")
    lines = [good, good | {"ident": "110105194912310021"}, {"name": "李四"}, who(LI).model_dump(mode="json")]
    dry = list(batch.each_line(run.by(officer()), REGISTER, lines, key="b", dry=True))
    assert [line.ok for line in dry] == [True, False, False, True]
    assert rows(run, "done") == 0
    done = list(batch.each_line(run.by(officer()), REGISTER, lines, key="b"))
    assert [line.ok for line in done] == [True, False, False, True]
    assert done[2].refusal
    assert "请填写“公民身份号码”" in done[2].refusal.message
    again = list(batch.each_line(run.by(officer()), REGISTER, lines, key="b"))
    assert [line.ok for line in again] == [True, False, False, True]
    assert rows(run, "done") == 2


def test_one_request_id_from_two_connections_at_once_happens_once(fresh: object) -> None:
    """Real commits: the second waits for the first and gets its answer."""
    run = runner(fresh(), {}, Vault.new(), size=4)  # type: ignore[operator]
    answers: list[object] = []

    def ask() -> None:
        answers.append(items.perform(run.by(officer()), REGISTER, who(), "same"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({str(answer) for answer in answers}) == 1
    assert rows(run, "done") == 1
    run.sessions.kw["bind"].dispose()


def test_every_item_says_what_it_is_for() -> None:
    for known in CATALOGUE.values():
        assert known.title
        assert known.may or known.by, f"{known.code} is open to nobody"
        for name, field in known.asks.model_fields.items():
            assert field.title, f"{known.code}: {name} has no title"
        assert (known.asks.__doc__ or "").strip(), f"{known.code}: say in a sentence what the command is"


def test_row_security_hides_other_people_even_from_code_that_forgot_to_ask(run: Runner) -> None:
    zhang, _li = a_person(run), a_person(run, LI, area="310115")

    def everybody(uow: Uow) -> set[str]:
        return {row.ident for row in uow.session.query(Person)}

    assert run.by(citizen(ZHANG, zhang))(everybody) == {ZHANG}
    assert run.by(officer(area="310115"))(everybody) == {LI}
    assert run.by(officer(area="310000"))(everybody) == {ZHANG, LI}
