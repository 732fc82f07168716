"""The sums that must hold at any moment, added up here from the rows themselves, by none of the product's own functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from backend.kernel.db import Runner, Uow

FUNDS = {"110": "pension", "210": "unemployment", "310": "medical", "410": "injury"}
RATE_MILLIONTHS = 500  # 社会保险法 第八十六条: 万分之五 a day
DEPOSITS = ("receipts_deposit", "state_treasury_deposit", "treasury_deposit", "expenditure_deposit", "cash")
STANDS = """
  select a.fund, a.kind, sum(m.fen)::bigint as fen from (
    select debit as account, amount_fen as fen from ledger.transfer union all
    select credit, -amount_fen from ledger.transfer) m
  join ledger.account a on a.id = m.account group by a.fund, a.kind
"""
OPENED = """
  select a.fund, sum(t.amount_fen)::bigint as fen from ledger.batch b
  join ledger.transfer t on t.batch = b.id and t.ym = b.ym join ledger.account a on a.id = t.credit
  where b.document = 'opening' and a.kind = 'fund_balance' group by a.fund
"""
# a receipt of before the books were opened has no batch; its money is in no deposit of ours
RECEIPTS = """
  select r.id, r.amount, r.unallocated, r.refunded, r.reversed_at is null as living,
    r.file is not null or r.batches <> '{}' as ours from levy.receipt r
"""
SETTLED = """
  select s.receipt_id, s.bill_id, b.insurance, b.kind, s.amount, r.received_on from levy.settlement s
  join levy.bill b on b.id = s.bill_id join levy.receipt r on r.id = s.receipt_id where s.undone_at is null
"""
BILLS = """
  select b.id, b.kind, b.insurance, b.due, b.paid, b.written_off, b.due_day, b.voided_at is not null as voided,
    b.late_of, b.late_receipt, coalesce(e.uscc, p.ident) as payer from levy.bill b
  left join registry.employer e on e.id = b.employer_id left join registry.person p on p.id = b.person_id
"""
LINES = """
  select b.id as bill, l.month, l.person_id, l.insurance, l.employer_share, l.person_share from levy.due_line l
  join levy.bill b on b.run_id = l.run_id and b.insurance = l.insurance and b.kind = 'dues'
    and b.employer_id is not distinct from l.employer_id and (b.person_id is null or b.person_id = l.person_id)
"""
PAID_OUT = """
  select p.person_id, p.month, p.item, p.amount, coalesce(o.n, 0) as cash, coalesce(l.n, 0) as bank
  from payout.payable p
  left join (select payable_id, count(*) n from payout."order" where state = 'paid' and method = 'cash' group by 1) o
    on o.payable_id = p.id
  left join (
    select payable_id, count(*) n from payout.bank_line left join payout.bank_file f on f.id = file_id
    where result = 'paid' or (result = 'filed' and f.answered_at is not null) group by 1
  ) l on l.payable_id = p.id
"""
FROM_RESIDENTS = """
  select coalesce(sum(amount), 0)::bigint as fen from pension.resident_payment where batch is not null and reversed_at is null
"""
RETURNED = "select coalesce(sum(amount), 0)::bigint as fen from payout.repayment where way = 'returned'"
NEGATIVE = """
  select 'account_year ' || person_id from pension.account_year where least(opening, credited, interest, paid, closing) < 0
  union all select 'account ' || person_id from pension.account where least(months_paid, index_sum) < 0
  union all select 'balance ' || b.account from ledger.balance b join ledger.account a on a.id = b.account
    where a.kind = any(:kinds) group by b.account, a.normal
    having sum(b.debit - b.credit) * case a.normal when 'D' then 1 else -1 end < 0
"""
TWICE = """
  select p.month || ' ' || p.person_id from payout.payable p where p.cancelled_at is null
  group by p.month, p.person_id, p.item having count(*) > 1
  union all select 'line ' || month || ' ' || person_id from levy.due_line where seq = 1
  group by month, person_id, insurance having count(*) > 1
  union all select 'booked ' || regexp_replace(key, '/[0-9]+$', '') from ledger.batch where document = 'benefit'
  group by 1 having count(*) <> (select count(*) from payout.batch
    where 'booked payout/' || fund || '/' || item || '/' || area || '/' || to_char(month, 'YYYY-MM')
      = 'booked ' || regexp_replace(min(key), '/[0-9]+$', ''))
"""
YEARS = """
  select person_id, year, opening, credited, interest, paid, closing from pension.account_year order by person_id, year
"""
CREDITED = "select person_id, month, person_share as fen from pension.contribution where month >= :since"
PARTS = """
  select a.person_id, a.account as part, count(p.id) filter (where p.cancelled_at is null and v.payable_id is null) as months
  from pension.award a left join payout.payable p on p.person_id = a.person_id and p.item = '基本养老金'
    and p.batch_id in (select id from payout.batch where month > :since)
    and p.item = '基本养老金'
  left join payout.overpaid v on v.payable_id = p.id and v.lifted_at is null
  where a.state <> 'replaced' group by a.person_id, a.account
"""
# what left an account for its heirs, and for what had been overpaid
LEFT = """
  select person_id, sum(fen)::bigint as fen from (
    select person_id, total as fen from pension.survivor_decision where kind = 'account' and withdrawn_at is null
    union all select r.person_id, y.amount from payout.repayment y join payout.recovery r on r.id = y.recovery_id
      where y.way = 'account') l group by person_id
"""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Before:
    """How the individual accounts stood when the story began with this month."""

    since: date
    credited: Mapping[tuple[int, date], int]
    loaded: Mapping[tuple[int, date], int]  # that counted from the beginning, whatever became of their bills
    years: Mapping[int, tuple[int, int, int, int]]  # credited, interest, paid, closing


def rows(uow: Uow, asked: str, **facts: Any) -> list[Row]:
    return [dict(row) for row in uow.session.execute(text(asked), facts).mappings()]


def before(uow: Uow, since: date) -> Before:
    counts, paid = credited(uow, since), _paid_in_full(uow, since)
    loaded = {key: fen for key, fen in counts.items() if key not in paid}
    return Before(since, counts, loaded, years(uow))


def hold(run: Runner, start: Before | None = None) -> None:
    """All of them, at one moment."""
    run.system(_hold, start)


def _hold(uow: Uow, start: Before | None) -> None:
    stands = {(row["fund"], row["kind"]): row["fen"] for row in rows(uow, STANDS)}
    assert every_fund_is_its_accounts(uow, stands)
    assert bills_less_receipts_less_write_offs_are_arrears(uow)
    assert nobody_is_paid_twice(uow)
    if start is not None:
        assert accounts_are_credits_and_interest_less_payments(uow, start)


def every_fund_is_its_accounts(uow: Uow, stands: Mapping[tuple[str, str], int]) -> bool:
    """What a fund holds is what it began with and got, less what it paid; debits and credits come to nothing."""
    kept = {row["id"]: row for row in rows(uow, RECEIPTS)}
    holds = Counter({row["fund"]: row["fen"] for row in rows(uow, OPENED)})
    used = Counter[int]()
    for one in rows(uow, SETTLED):
        used[one["receipt_id"]] += one["amount"]
        if kept[one["receipt_id"]]["ours"]:
            holds[FUNDS[one["insurance"]]] += one["amount"]
    for id, one in kept.items():
        brought = one["amount"] if one["living"] else 0
        assert brought == used[id] + one["unallocated"] + one["refunded"], f"receipt {id}"
        holds["pension"] += one["unallocated"]
    paid = sum(row["amount"] * (row["cash"] + row["bank"]) for row in rows(uow, PAID_OUT))
    holds["pension"] += rows(uow, RETURNED)[0]["fen"] - paid
    holds["resident_pension"] += rows(uow, FROM_RESIDENTS)[0]["fen"]
    for fund in {fund for fund, _ in stands}:
        assert sum(fen for (of, _), fen in stands.items() if of == fund) == 0, fund
        deposits = sum(stands.get((fund, kind), 0) for kind in DEPOSITS)
        assert deposits == holds[fund], (
            f"{fund}: {deposits} in the accounts, {holds[fund]} by what came and went"
        )
    return True


def bills_less_receipts_less_write_offs_are_arrears(uow: Uow) -> bool:
    """Payer by payer, with the bills made up anew from their lines and the late fees from what came late."""
    asked, paid = Counter[int](), Counter[int]()
    for line in rows(uow, LINES):
        asked[line["bill"]] += line["employer_share"] + line["person_share"]
    late = Counter[tuple[int, int]]()
    bills = {row["id"]: row for row in rows(uow, BILLS)}
    for one in rows(uow, SETTLED):
        paid[one["bill_id"]] += one["amount"]
        if one["kind"] == "dues":
            days = max((one["received_on"] - bills[one["bill_id"]]["due_day"]).days, 0)
            late[one["bill_id"], one["receipt_id"]] += (
                one["amount"] * days * RATE_MILLIONTHS * 2 + 10**6
            ) // (2 * 10**6)
    raised = Counter[tuple[int, int]]()
    for bill in bills.values():
        if bill["kind"] == "late_fee" and not bill["voided"]:
            raised[bill["late_of"], bill["late_receipt"]] += bill["due"]
    assert +late == raised, "late fees by bill and receipt"
    arrears = Counter[str]()
    for id, bill in bills.items():
        due = 0 if bill["voided"] else asked[id] if bill["kind"] == "dues" else bill["due"]
        assert due == (0 if bill["voided"] else bill["due"]), f"bill {id} and its lines"
        arrears[bill["payer"]] += due - paid[id] - bill["written_off"]
    told = Counter[str]()
    for bill in bills.values():
        told[bill["payer"]] += 0 if bill["voided"] else bill["due"] - bill["paid"] - bill["written_off"]
    assert arrears == told
    assert min(arrears.values(), default=0) >= 0
    return True


def nobody_is_paid_twice(uow: Uow) -> bool:
    """A month goes out once, whichever way; nothing is posted twice and nothing is below nothing."""
    out = Counter[tuple[Any, ...]]()
    for row in rows(uow, PAID_OUT):
        out[row["person_id"], row["month"], row["item"]] += row["cash"] + row["bank"]
    assert max(out.values(), default=0) <= 1
    assert rows(uow, TWICE) == []
    assert (
        rows(uow, NEGATIVE, kinds=[*DEPOSITS, "benefit_payable", "bank_clearing", "unallocated_receipts"])
        == []
    )
    return True


def accounts_are_credits_and_interest_less_payments(uow: Uow, start: Before) -> bool:
    """Credits by the dues that are paid to the last fen, payments by the months that were posted and stand."""
    counts, paid = credited(uow, start.since), {**start.loaded, **_paid_in_full(uow, start.since)}
    differ = set(counts.items()) ^ set(paid.items())
    assert not differ, f"counted and paid in full: {sorted(differ)}"
    gained, gone = Counter[int](), Counter[int]()
    for (person, _), fen in counts.items():
        gained[person] += fen
    for (person, _), fen in start.credited.items():
        gone[person] += fen
    parts = {row["person_id"]: row["part"] * row["months"] for row in rows(uow, PARTS, since=start.since)}
    left = {row["person_id"]: row["fen"] for row in rows(uow, LEFT)}
    for person, (credit, interest, drawn, closing) in years(uow).items():
        was = start.years.get(person, (0, 0, 0, 0))
        assert closing - was[3] == (credit - was[0]) + (interest - was[1]) - (drawn - was[2]), person
        assert credit - was[0] == gained[person] - gone[person], person
        due = parts.get(person, 0) + left.get(person, 0)
        assert drawn - was[2] == due if closing else drawn - was[2] <= due, person
    return True


def years(uow: Uow) -> dict[int, tuple[int, int, int, int]]:
    """Each account's sums over its years; every year begins with what the one before left."""
    sums: dict[int, tuple[int, int, int, int]] = {}
    last: dict[int, int] = {}
    for row in rows(uow, YEARS):
        person = row["person_id"]
        assert row["opening"] == last.get(person, row["opening"]), f"{person} {row['year']}"
        assert row["closing"] == row["opening"] + row["credited"] + row["interest"] - row["paid"]
        last[person] = row["closing"]
        credit, interest, paid, _ = sums.get(person, (0, 0, 0, 0))
        sums[person] = (
            credit + row["credited"],
            interest + row["interest"],
            paid + row["paid"],
            row["closing"],
        )
    return sums


def credited(uow: Uow, since: date) -> dict[tuple[int, date], int]:
    return {(row["person_id"], row["month"]): row["fen"] for row in rows(uow, CREDITED, since=since)}


def _paid_in_full(uow: Uow, since: date) -> dict[tuple[int, date], int]:
    """Own shares of the months whose pension bills are settled by money that still stands."""
    paid, lines = Counter[int](), [row for row in rows(uow, LINES) if row["insurance"] == "110"]
    for one in rows(uow, SETTLED):
        paid[one["bill_id"]] += one["amount"]
    asked = Counter[int]()
    for line in lines:
        asked[line["bill"]] += line["employer_share"] + line["person_share"]
    shares = Counter[tuple[int, date]]()
    for line in lines:
        if line["month"] >= since and paid[line["bill"]] == asked[line["bill"]]:
            shares[line["person_id"], line["month"]] += line["person_share"]
    return dict(shares)
