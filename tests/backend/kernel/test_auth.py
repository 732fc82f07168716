"""Sign-in, its limits, sessions, kiosks' keys."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from backend.kernel import auth
from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import DeviceUnknown, KioskStopped

GOOD = auth.SignIn(name="1001", password=SecretStr("Kaoru-2026"))
BAD = auth.SignIn(name="1001", password=SecretStr("wrong"))


@pytest.fixture(autouse=True)
def an_officer(run: Runner) -> None:
    run.system(
        auth.enrol,
        name="1001",
        kind=Kind.OFFICER,
        shown="陈办",
        password="Kaoru-2026",
        area="310000",
        roles=("经办",),
    )


def test_the_right_password_opens_a_session_of_that_person(run: Runner) -> None:
    token = run.system(auth.check_password, GOOD, "127.0.0.1")
    assert isinstance(token, str)
    who = run.system(auth.who, token)
    assert who is not None
    assert (who.kind, who.name, who.area) == (Kind.OFFICER, "陈办", "310000")
    assert who.may(Permission.PENSION_DECIDE)
    assert not who.may(Permission.CASE_APPROVE)


def test_a_wrong_password_says_how_many_tries_are_left_and_then_waits(run: Runner, clock: FixedClock) -> None:
    for left in (4, 3, 2, 1, 0):
        refusal = run.system(auth.check_password, BAD, "127.0.0.1")
        assert isinstance(refusal, auth.SignInFailed)
        assert refusal.facts == {"left": left}
    assert isinstance(run.system(auth.check_password, GOOD, "127.0.0.1"), auth.TooManyTries)
    clock.set(clock.now() + timedelta(minutes=16))
    assert isinstance(run.system(auth.check_password, GOOD, "127.0.0.1"), str)


def test_an_unknown_name_is_told_the_same_as_a_wrong_password(run: Runner) -> None:
    nobody = auth.SignIn(name="9999", password=SecretStr("x"))
    assert isinstance(run.system(auth.check_password, nobody, "127.0.0.1"), auth.SignInFailed)


def test_a_session_ends_by_sign_out_by_rest_and_by_the_end_of_the_day(run: Runner, clock: FixedClock) -> None:
    began = clock.now()
    token = str(run.system(auth.check_password, GOOD, "127.0.0.1"))
    clock.set(began + timedelta(minutes=29))
    assert run.system(auth.who, token) is not None
    clock.set(began + timedelta(minutes=58))
    assert run.system(auth.who, token) is not None
    clock.set(began + timedelta(minutes=90))
    assert run.system(auth.who, token) is None
    token = str(run.system(auth.check_password, GOOD, "127.0.0.1"))
    run.system(auth.sign_out, token)
    assert run.system(auth.who, token) is None
    assert run.system(auth.who, "no such token") is None


def test_a_kiosk_is_known_by_its_key_until_it_is_stopped(run: Runner) -> None:
    run.system(auth.register_device, id="00000001", name="大厅一号", area="310101", key="ab" * 32)
    assert run.system(auth.device, "00000001", "ab" * 32).kind is Kind.KIOSK
    for id, key in (("00000001", "cd" * 32), ("00000002", "ab" * 32)):
        with pytest.raises(DeviceUnknown):
            run.system(auth.device, id, key)
    run.system(auth.stop_device, "00000001", "检修")
    with pytest.raises(KioskStopped):
        run.system(auth.device, "00000001", "ab" * 32)


def test_what_is_over_is_forgotten(run: Runner, clock: FixedClock) -> None:
    token = str(run.system(auth.check_password, GOOD, "127.0.0.1"))
    run.system(auth.check_password, BAD, "127.0.0.1")

    def left(uow: Uow) -> tuple[int, int]:
        return uow.session.query(auth.Session).count(), uow.session.query(auth.Attempt).count()

    run.system(auth.forget)
    assert run.system(left) == (1, 2)
    assert run.system(auth.who, token) is not None
    clock.set(clock.now() + timedelta(minutes=31))
    run.system(auth.forget)
    assert run.system(left) == (0, 2)
    clock.set(clock.now() + timedelta(days=1))
    run.system(auth.forget)
    assert run.system(left) == (0, 0)


def test_officers_are_shown_by_name_and_programs_by_nothing(run: Runner) -> None:
    def asked(uow: Uow) -> tuple[str, dict[str, str]]:
        login = auth.enrol(
            uow, name="310099", kind=Kind.OFFICER, shown="周䶮", password="Shili-2026", area="310000"
        )
        mine = f"officer:{login.id}"
        return mine, auth.shown(uow, {mine, "officer:999999999", "system", "demo/maker", "officer:x"})

    mine, names = run(asked)
    assert names == {mine: "周䶮"}
