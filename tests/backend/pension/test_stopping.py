"""A pension is suspended, resumed, ended by death: every month is paid once or not at all, and every fen accounted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from backend.kernel import files, items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.model import Overpaid, Payable
from backend.payout.recovery.listing import AskMine as AskOwing
from backend.payout.schema import MakeBankFile, ReadBankFile
from backend.pension import service as pension
from backend.pension import stopping, years
from backend.pension.model import AccountYear
from backend.pension.schema import AskMine, Award, Resume, Suspend
from backend.pension.service import AlreadyAwarded
from backend.registry import service as registry
from backend.registry.deaths import DeadAlready
from backend.registry.jobs import DayAhead
from backend.registry.model import BankAccount, Death
from backend.registry.persons import WrongDay
from backend.registry.schema import RegisterDeath
from tests.backend.payout.books import agree
from tests.backend.payout.city import GOOD_BANK, fund
from tests.backend.pension.test_service import MAN, pay_from, with_account
from tests.backend.people import officer

DOC = "沪人社停〔2026〕1号"


@pytest.fixture
def man(run: Runner) -> int:
    """In payment since 2023-12; here since September, paid September to November."""
    fund(run)
    person_id = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, person_id, Month(2026, 9))
    for month in (9, 10, 11):
        run.system(pension.pay_month, Month(2026, month), "second")
    return person_id


def total(run: Runner) -> int:
    found = run.system(pension.mine, AskMine(ident=MAN)).award
    assert found is not None
    return found.total_fen


def part(run: Runner) -> int:
    found = run.system(pension.mine, AskMine(ident=MAN)).award
    assert found is not None
    return found.account_fen


def states(run: Runner) -> dict[str, str]:
    rows = run.system(
        lambda uow: uow.session.execute(select(Payable.month, Payable.state).order_by(Payable.id)).all()
    )
    return {str(month): state for month, state in rows}


def balance(run: Runner, person_id: int) -> Money:
    return run.system(years.balance, person_id)


def draw(run: Runner, month: int, state: str = "collected") -> None:
    """As if drawn, without a kiosk: the state and the ledger line of it, in one."""

    def book(uow: Uow) -> None:
        due = uow.session.scalars(
            select(Payable).where(Payable.month == Month(2026, month), Payable.cancelled_at.is_(None))
        ).one()
        due.state, due.settled_at = state, uow.now
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="collection",
            key=f"drawn/{due.id}",
            lines=[ledger.Line(accounts.payable(uow), accounts.expenditure(uow), due.amount.fen)],
            maker="a",
            checker="b",
        )

    run.system(book)


def owing(run: Runner) -> int:
    return run.system(
        lambda uow: sum(one.left_fen for one in payout.listing.mine(uow, AskOwing(ident=MAN)).recoveries)
    )


def claims(run: Runner) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.claims(uow)))


def ledger_agrees(run: Runner) -> bool:
    """The ledger and the claims; the states above are drawn without orders."""
    assert run.system(ledger.check) == []
    wrong = [one for one in run.system(payout.check) if one.question != "发放状态"]
    assert wrong == []
    return True


def suspend(
    run: Runner, since: str = "2026-10", *, reason: str = "02", claims: bool = False
) -> stopping.Suspended:
    return run.system(
        stopping.suspend, Suspend(ident=MAN, since=since, reason=reason, claims=claims, document=DOC)
    )


def test_suspended_nothing_is_owed_and_the_account_has_its_part_again(run: Runner, man: int) -> None:
    before, each = balance(run, man), part(run)
    done = suspend(run)
    assert (done.cancelled, done.cancelled_fen, done.claimed) == (2, 2 * total(run), 0)
    assert states(run) == {"2026-09": "payable", "2026-10": "cancelled", "2026-11": "cancelled"}
    assert balance(run, man) - before == Money(2 * each)
    award = run.system(pension.mine, AskMine(ident=MAN)).award
    assert award is not None
    assert award.stopped is not None
    assert (award.state, award.stopped.since) == ("suspended", "2026-10")
    assert agree(run)
    with pytest.raises(AlreadyAwarded):
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))


def test_resumed_the_next_run_pays_the_arrears_and_nobody_twice(
    run: Runner, man: int, clock: FixedClock
) -> None:
    before = balance(run, man)
    suspend(run)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2026, 12), "second")
    run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    batch = run.system(pension.pay_month, Month(2026, 12), "second")
    assert (batch.n, batch.total_fen) == (3, 3 * total(run))
    assert before - balance(run, man) == Money(part(run)), (
        "of the months of the stop nothing more, of December its own"
    )
    assert agree(run)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2026, 12), "second")


def test_resumed_from_a_later_month_the_months_between_are_not_paid(
    run: Runner, man: int, clock: FixedClock
) -> None:
    suspend(run)
    run.system(stopping.resume, Resume(ident=MAN, since="2026-11", document=DOC))
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    assert run.system(pension.pay_month, Month(2026, 12), "second").n == 2
    assert agree(run)


def test_a_stop_from_next_month_on_leaves_this_months_money(run: Runner, man: int, clock: FixedClock) -> None:
    assert suspend(run, "2026-12").cancelled == 0
    assert set(states(run).values()) == {"payable"}
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2026, 12), "second")


def test_what_was_drawn_is_claimed_back_only_where_the_stop_says_so(run: Runner, man: int) -> None:
    draw(run, 10)
    assert suspend(run).claimed == 0
    assert owing(run) == 0
    run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    done = suspend(run, reason="05", claims=True)
    assert (done.cancelled, done.claimed, done.claimed_fen) == (0, 1, total(run))
    assert owing(run) == claims(run) == total(run)
    assert ledger_agrees(run)
    with pytest.raises(stopping.MonthsClaimed, match="2026-11"):
        run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    run.system(stopping.resume, Resume(ident=MAN, since="2026-11", document=DOC))


@pytest.mark.parametrize(
    ("since", "reason", "refusal"),
    [
        ("2026-10", "01", stopping.DeathElsewhere),
        ("2026-10", "03", stopping.ServingElsewhere),
        ("2023-11", "02", stopping.MonthBeforeFirst),
        ("2027-01", "02", stopping.MonthTooFar),
    ],
)
def test_a_stop_has_a_month_within_and_a_reason_of_its_own(
    run: Runner, man: int, since: str, reason: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        suspend(run, since, reason=reason)


def test_only_what_runs_is_suspended_and_what_is_suspended_resumed(run: Runner, man: int) -> None:
    with pytest.raises(stopping.NotSuspended, match="正常发放"):
        run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    suspend(run)
    with pytest.raises(stopping.NotRunning, match="暂停发放"):
        suspend(run)
    with pytest.raises(stopping.BeforeTheStop, match="2026-10"):
        run.system(stopping.resume, Resume(ident=MAN, since="2026-09", document=DOC))


def test_a_stop_waits_for_another_officer(run: Runner, man: int) -> None:
    command = Suspend(ident=MAN, since="2026-10", reason="02", document=DOC)
    filed = items.perform(run.by(officer()), items.find("PEN-21"), command)
    assert isinstance(filed, items.Filed)
    assert set(states(run).values()) == {"payable"}
    run.by(officer("officer:2", "复核"))(items.decide, filed.case_no, "approved", "")
    assert states(run)["2026-11"] == "cancelled"
    assert agree(run)


# ---- death ----


def die(run: Runner, day: date) -> None:
    run.system(
        registry.register_death,
        RegisterDeath(ident=MAN, died=day, document="死证 2026-88", reported_by="张小明，儿子"),
    )


def test_after_the_month_of_death_nothing_is_owed_and_what_was_drawn_is_claimed(
    run: Runner, man: int
) -> None:
    before, each, fen = balance(run, man), part(run), total(run)
    draw(run, 10)
    die(run, date(2026, 9, 30))
    assert states(run) == {"2026-09": "payable", "2026-10": "collected", "2026-11": "cancelled"}
    assert owing(run) == claims(run) == fen
    assert balance(run, man) - before == Money(2 * each), "what is left of the account is the heirs'"
    assert ledger_agrees(run)
    [one] = run.system(lambda uow: payout.listing.mine(uow, AskOwing(ident=MAN)).recoveries)
    assert (one.reason, one.note, one.state) == ("死亡", "2026-10", "open")
    assert run.system(lambda uow: uow.session.scalars(select(Death.document)).one()) == "死证 2026-88"


def test_after_a_death_no_month_is_run_and_nothing_resumes(run: Runner, man: int, clock: FixedClock) -> None:
    suspend(run)
    die(run, date(2026, 11, 3))
    with pytest.raises(stopping.NotSuspended, match="停止发放"):
        run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2026, 12), "second")


def test_what_is_at_the_bank_when_a_death_is_known_is_claimed_or_cancelled_when_it_comes_back(
    run: Runner, man: int
) -> None:
    run.system(
        lambda uow: uow.session.add(
            BankAccount(person_id=man, bank="示例银行", number=GOOD_BANK, holder="张秀䶮", standing=True)
        )
    )
    batches = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches
    sent = {one.month: run.system(payout.make_bank_file, MakeBankFile(batch=one.batch)) for one in batches}
    die(run, date(2026, 9, 30))
    assert set(states(run).values()) == {"at_bank"}
    for month, code in (("2026-09", "00"), ("2026-10", "00"), ("2026-11", "03")):
        text = run.system(files.fetch, sent[month].sent).content.decode("gb18030")
        key = text.splitlines()[1].split("|")[0]
        kept = run.system(files.keep, name="回盘.txt", content=f"{key}|{code}|\n".encode())
        run.system(payout.read_bank_file, ReadBankFile(file=sent[month].file, returned=kept.file))
    assert states(run) == {"2026-09": "paid", "2026-10": "paid", "2026-11": "cancelled"}
    assert owing(run) == claims(run) == total(run)
    assert run.system(lambda uow: uow.session.query(Overpaid).count()) == 1
    assert agree(run)


def test_a_death_is_registered_once_and_on_a_day_that_can_be(run: Runner, man: int) -> None:
    with pytest.raises(DayAhead):
        die(run, date(2026, 12, 1))
    with pytest.raises(WrongDay):
        die(run, date(1950, 1, 1))
    die(run, date(2026, 11, 3))
    with pytest.raises(DeadAlready, match="2026-11-03"):
        die(run, date(2026, 11, 4))


def test_a_year_that_is_over_gets_its_part_back_and_the_next_begins_with_it(
    run: Runner, man: int, clock: FixedClock
) -> None:
    before = run.system(lambda uow: uow.session.get_one(AccountYear, (2026, man)).closing)
    clock.at = datetime(2027, 1, 10, 2, 0, tzinfo=UTC)
    run.system(pension.pay_month, Month(2027, 1), "second")  # with December, which nobody ran
    each = part(run)
    suspend(run, "2026-11")
    year = run.system(lambda uow: uow.session.get_one(AccountYear, (2026, man)))
    after = run.system(lambda uow: uow.session.get_one(AccountYear, (2027, man)))
    assert year.closing - before == Money(each)
    assert (after.opening, after.paid, after.closing) == (year.closing, Money(0), year.closing)
    assert agree(run)


def test_an_emptied_account_gets_back_only_what_it_gave(run: Runner, man: int, clock: FixedClock) -> None:
    """A part and a half were left when three months were posted: they stay with the month that stays."""
    each = part(run)

    def nearly_empty(uow: Uow) -> None:
        this = uow.session.get_one(AccountYear, (2026, man))
        this.paid = this.opening - Money(each + each // 2)
        this.closing = Money(each + each // 2)
        this.moved = [-this.paid.fen, *[0] * 11]

    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    run.system(nearly_empty)
    run.system(lambda uow: uow.session.execute(update(Payable).values(state="payable")))
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert balance(run, man) == Money(each // 2)
    suspend(run, "2026-12")
    assert balance(run, man) == Money(each + each // 2)
