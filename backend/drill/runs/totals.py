"""Totals: what a city comes to, counted and added up from the rows; two cities that lived the same have the same."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from backend.kernel.db import Runner, Uow

# name, how many, what they come to; numbers of rows do not count: one that was cut leaves a gap
ROWS = """
  select 'levy.run ' || kind || ' ' || month || '/' || run, n, total from levy.run
  union all select 'levy.due_line ' || month || ' ' || kind, count(*), sum(employer_share + person_share)
    from levy.due_line group by month, kind
  union all select 'levy.problem', count(*), 0 from levy.problem
  union all select 'levy.bill due ' || month || ' ' || insurance || ' ' || kind, count(*), sum(due)
    from levy.bill group by month, insurance, kind
  union all select 'levy.bill paid ' || month || ' ' || insurance || ' ' || kind, count(settled_at), sum(paid)
    from levy.bill group by month, insurance, kind
  union all select 'levy.receipt', count(*), sum(amount) from levy.receipt
  union all select 'levy.receipt waiting', count(*) filter (where unallocated > 0), sum(unallocated) from levy.receipt
  union all select 'levy.settlement', count(*), sum(amount) from levy.settlement
  union all select 'payout.batch ' || month || '/' || run, n, total from payout.batch
  union all select 'payout.payable ' || month || ' ' || state, count(*), sum(amount) from payout.payable
    group by month, state
  union all select 'payout.bank_file', count(*), sum(total) from payout.bank_file
  union all select 'payout.bank_file answered', count(returned), 0 from payout.bank_file
  union all select 'payout.bank_line ' || result || ' ' || code, count(*), sum(amount) from payout.bank_line
    group by result, code
  union all select 'pension.contribution', count(*), sum(person_share) from pension.contribution
  union all select 'pension.account_year ' || year, sum(months), sum(closing) from pension.account_year group by year
  union all select 'ledger.batch ' || document, count(*), sum(total) from ledger.batch group by document
  union all select 'ledger.account ' || fund || ' ' || kind || ' debit', count(*), sum(debit)
    from ledger.balance b join ledger.account a on a.id = b.account group by fund, kind
  union all select 'ledger.account ' || fund || ' ' || kind || ' credit', count(*), sum(credit)
    from ledger.balance b join ledger.account a on a.id = b.account group by fund, kind
  union all select 'ledger.transfer', count(*), sum(amount_fen) from ledger.transfer
  union all select 'kernel.file', count(*), 0 from kernel.file
  union all select 'kernel.case ' || state, count(*), 0 from kernel."case" group by state
  union all select 'kernel.request answered', count(answer), count(*) from kernel.request
  union all select 'audit ' || item || ' ' || outcome, count(*), 0 from audit.row group by item, outcome
"""
Totals = Mapping[str, tuple[int, int]]


def of(run: Runner) -> Totals:
    def count(uow: Uow) -> Totals:
        return {name: (int(n), int(fen or 0)) for name, n, fen in uow.session.execute(text(ROWS))}

    return run.at_one_moment(count)


def lost(expected: Totals, found: Totals) -> list[str]:
    """What is there less often, or to a smaller sum, than it should be."""
    return _differ(expected, found)


def doubled(expected: Totals, found: Totals) -> list[str]:
    """What is there more often, or to a larger sum, than it should be."""
    return _differ(found, expected)


def _differ(more: Totals, less: Totals) -> list[str]:
    return [
        f"{name} {more[name]} ≠ {less.get(name, (0, 0))}"
        for name in sorted(more)
        if any(one > other for one, other in zip(more[name], less.get(name, (0, 0)), strict=True))
    ]
