"""People 人员 (tables 2–6, 15): who is insured, has died, entered or left, pensioners, individual accounts by year."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.values import Value
from backend.kernel import ident
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout.service import auditing as payout
from backend.pension.service import auditing as pension
from backend.registry.service import auditing as registry

FUND = "pension"
NOT_INSURED = "未参保"
FOR_A_TIME = "63"  # how the codes of reasons for 中断缴费 begin; the others are for good
NO_EMPLOYER = "灵活就业人员"  # as whom those enrol who have none


def who(row: Any) -> Values:
    """The person of a row, with the kind of document that the number is of."""
    return {
        "AAC001": str(row.person_id),
        "AAC002": row.ident,
        "AAC003": row.name,
        **coded("AAA029", ident.read(row.ident).kind),
        "AAE135": row.ident,
        **coded("AAC004", row.sex),
        **coded("AAC005", row.nation),
        "AAC006": row.birth,
        "AAE138": row.died,
    }


def standing(row: Any) -> Values:
    """就业状态."""
    return coded("AAC016", "retired" if row.retired else "working" if row.working else "neither")


def began(row: Any) -> Values:
    """参加工作日期: our first job of theirs, unless there was work before it that counts as paid."""
    return {"AAC007": None if row.deemed_months else row.began}


def insured(row: Any, scope: Scope) -> Values:
    return {
        **who(row),
        **standing(row),
        **began(row),
        "EAZ049": row.bank,
        "AAE010": row.number,
        "AAE009": row.holder,
        "AAE005": row.phone,
        "AAE006": row.address,
        "AAE200": row.deemed_months,
        "AIC162": row.retired and row.retired.first,
    }


def dead(row: Any, scope: Scope) -> Values:
    return {**who(row), "AAE201": row.months_paid, "AIC268": row.closing or ZERO}


def _after(row: Any) -> str:
    """个人缴费状态 of who has left: for good by a pension or a death, else for a time."""
    return "ended" if row.retired or row.died else "paused"


def enrolments(row: Any, scope: Scope) -> Values:
    over = row.ended is not None
    state = _after(row) if over else "paying"
    return {
        **who(row),
        **coded("AAE140", FUND),
        "AAB001": row.employer_id and str(row.employer_id),
        "AAB004": row.employer_name or NO_EMPLOYER,
        "AAC049": row.opened,
        "AAC008": "终止参保" if state == "ended" else "正常参保",
        **coded("AAC031", state),
        "AAE180": row.base,
        "AAE030": row.started.first,
        "AAE031": row.ended.last if over else None,
    }


def transfers(row: Any, scope: Scope) -> Values:
    """A relation that came or went. What of an account came from employers before 2006 is not told apart: all of it is
    the person's part."""
    return {
        **who(row),
        **coded("AAE140", FUND),
        **coded("EAC071", row.direction),
        "AAC077": row.other_agency,
        "AAE200": row.deemed_months,
        "AAE201": row.months,
        "AIC099": row.account,
        "AIC102": row.total,
        "AIC103": row.pooled,
        "AAE011": row.maker[:64],
        "AAE036": row.decided_on,
        **coded("OAA027", row.other_area),
    }


def changes(row: Any, scope: Scope) -> Values:
    """Somebody entered the insurance, or left it, and why, where a hire or leaving behind it says so."""
    if row.what == "began":
        reason = _hired(row, scope.area)
        before = NOT_INSURED if row.nth == 1 else _state("paused")
        said = {**coded("AAC050", reason or "entered"), "AAE123": before, "AAE124": _state("paying")}
    else:
        reason = _left(row, scope.area)
        after = ("paused" if reason.startswith(FOR_A_TIME) else "ended") if reason else _after(row)
        why = coded("AAE160", reason) if reason else {}
        said = {**coded("AAC050", after), **why, "AAE123": _state("paying"), "AAE124": _state(after)}
    return {
        **who(row),
        **said,
        "AAZ308": f"{row.enrolment_id}-{row.what}",
        "AAC049": row.opened,
        "AAE035": row.month.first if row.what == "began" else row.month.last,
    }


def _state(word: str) -> Value:
    return coded("AAC031", word)["AAC031N"]


def _hired(row: Any, area: str) -> str | None:
    """The reason of the hire by which somebody entered: in its first month, or the next, where another employer or
    they themselves paid for that one."""
    entered = row.hire_reason and 0 <= row.month - registry.hired_from(row.hired, area) <= 1
    return row.hire_reason if entered else None


def _left(row: Any, area: str) -> str | None:
    """The reason of the leaving by which somebody left the insurance, unless that was before they left."""
    return row.leave_reason if row.leave_reason and registry.left_until(row.left, area) == row.month else None


def awards(row: Any, scope: Scope) -> Values:
    all_here = row.pays_from == row.first_month  # else what came before this system is not known
    return {
        **who(row),
        **coded("AAE140", FUND),
        **coded("AIC161", "award"),
        **began(row),
        "AAE211": Month.of(row.decided_on),
        "AIC162": row.retired.first,
        "AIC160": row.first_month,
        "AAE200": row.deemed_months,
        "AAE201": row.months_paid,
        "EAC047": row.deemed_months + row.months_paid,
        "AIC165": Money.yuan(row.facts["account"]),
        "EIC009": row.total,
        "EAC062": row.late_months or (0 if all_here else None),
        "EAC063": row.late_amount or (ZERO if all_here else None),
    }


def awards_and_arrears() -> Select[*tuple[Any, ...]]:
    of, late = pension.awards().subquery("awards"), payout.arrears(FUND)
    return (
        select(of, late.c.late_months, late.c.late_amount)
        .outerjoin(late, late.c.person_id == of.c.person_id)
        .order_by(of.c.person_id)
    )


def account_years(row: Any, scope: Scope) -> Values:
    return {
        **who(row),
        **standing(row),
        **coded("AAE140", FUND),
        "AAE001": row.year,
        "AIC200": row.opening,
        "ZZB001": row.credited,
        "ZZB002": row.interest,
        "AIC340": row.paid,
        "ZZB005": row.closing,
        "AIC042": int(row.months_before),
        **coded("EAC040", row.status),
    }
