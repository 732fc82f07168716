"""Bank file: what a bank says of a million payments, read and booked by the real command, beside a bare copy.

Yardstick: `copy` of the very same file into a table of its columns, logged as usual, without a key, a constraint or a
trigger, committed as the command is.
"""

from __future__ import annotations

import io
import statistics
from typing import Any

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.kernel import db as kernel
from backend.kernel import embedded, files, ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.payout import accounts
from backend.payout import service as payout
from loadtests.bench import frame
from loadtests.bench.copies import checkpoint, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"lines": 1_000_000, "files": 3}
QUICK = {"lines": 5_000, "files": 1}
RETURNED = 100  # one line in so many comes back
TABLE = "create table bench_back (key text, result text, reason text)"
COPY = "copy bench_back from stdin (delimiter '|', encoding 'gb18030')"
PERSONS = """insert into registry.person
  (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
  select '310101' || to_char(born, 'YYYYMMDD') || lpad((n / 12000)::text, 4, '0'), '张' || n, '1', born, '01', '60',
    '310101', '12000000000', '示例市黄浦区人民路', now()
  from generate_series(1, :lines) n, lateral (select date '1930-01-01' + n % 12000 as born) b"""
BATCH = """insert into payout.batch (fund, item, area, month, run, n, total, maker, checker, posted_at)
  select 'pension', '基本养老金', :area, :month, 1, count(*), sum(380000 + id % 5000), 'bench/maker', 'bench/checker', now()
  from registry.person returning id, total"""
REST = (
    """insert into payout.payable (batch_id, person_id, month, item, amount, state)
    select :batch, id, :month, '基本养老金', 380000 + id % 5000, 'payable' from registry.person""",
    """insert into payout.bank_file (batch_id, profile, n, total, made_at)
    select id, 'plain', n, total, now() from payout.batch where id = :batch""",
    """update payout.payable set state = 'filed', file_id = (select max(id) from payout.bank_file)
    where batch_id = :batch""",
    """insert into payout.bank_line (end_to_end, file_id, payable_id, bank, number, holder, amount, result, code, reason)
    select 'F' || f.id || 'P' || p.id, f.id, p.id, '示例银行', '6217000000000000004', '张', p.amount, 'filed', '', ''
    from payout.payable p join payout.bank_file f using (batch_id) where p.batch_id = :batch""",
)
LINES = "select end_to_end, payable_id from payout.bank_line l join payout.bank_file f on f.id = l.file_id"


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "bankfile")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        run = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        with owner.begin() as db:
            db.execute(text(PERSONS), {"lines": asked.lines})
            db.execute(text(TABLE))
        heard = Statements(run.sessions.kw["bind"])
        before_mb = peak_mb()
        booked, bare = [], []
        for back in range(asked.files):
            month = Month.of(run.clock.today()) - back
            file = sent(owner, run, month)
            content = answer(owner, file)
            kept = run(files.keep, name="回盘.txt", content=content)
            settle(owner)
            with frame.timed() as watch:
                done = run(payout.read_bank_file, payout.ReadBankFile(file=file, returned=kept.file))
            if done.paid + done.returned != asked.lines:
                raise SystemExit(f"没有全部登记：{done}")
            booked.append(watch.seconds)
            bare += [bare_copy(owner, content) for _ in range(2)]
        after_mb, longest = peak_mb(), heard.told(asked.files)
        wrong = [str(one) for one in run(ledger.check) + run(payout.check)]
        run.sessions.kw["bind"].dispose()
        owner.dispose()
    if wrong:
        raise SystemExit(f"账不符：{wrong}")
    return [
        Figure(
            f"银行回盘 {asked.lines:,} 笔，登记和入账",
            statistics.median(booked),
            "秒",
            "同一个文件复制到一张表",
            statistics.median(bare),
            Bar("ratio", "≤", 10),
            f"每次 {', '.join(f'{one:.2f}' for one in booked)} 秒；{longest}；账相符",
        ),
        Figure("回盘进程的内存峰值", after_mb, "MB", "回盘以前", before_mb, Bar("value", "≤", 500)),
    ]


def sent(owner: Engine, run: Runner, month: Month) -> int:
    """A month that is at the bank as a whole, in one file, with its ledger batches; the file's number."""
    facts: dict[str, Any] = {"area": settings().area, "month": month.first}
    with owner.begin() as db:
        batch, total = db.execute(text(BATCH), facts).one()
        for statement in REST:
            db.execute(text(statement), facts | {"batch": batch})
        file = db.execute(text("select max(id) from payout.bank_file")).scalar_one()
    run(_post, file, int(total))
    return int(file)


def _post(uow: Uow, file: int, fen: int) -> None:
    moved = {
        "benefit": ledger.Line(accounts.benefit(uow), accounts.payable(uow), fen),
        "bank-file": ledger.Line(accounts.payable(uow), accounts.clearing(uow), fen),
        "opening": ledger.Line(accounts.expenditure(uow), accounts.surplus(uow), fen),
    }
    for document, line in moved.items():
        ledger.post(
            uow,
            month=Month.of(uow.today),
            document=document,
            key=f"{document}/{file}",
            lines=[line],
            maker="bench/maker",
            checker="bench/checker",
        )


def answer(owner: Engine, file: int) -> bytes:
    """What a bank sends back: nearly everything paid."""
    out = io.StringIO()
    with owner.connect() as db:
        rows = db.execution_options(yield_per=10_000).execute(
            text(f"{LINES} where f.id = :file"), {"file": file}
        )
        for key, payable in rows:
            out.write(f"{key}|01|账号不存在\n" if payable % RETURNED == 0 else f"{key}|00|\n")
    return out.getvalue().encode("gb18030")


def settle(owner: Engine) -> None:
    """Statistics and nothing left to write."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    checkpoint(owner)


def bare_copy(owner: Engine, content: bytes) -> float:
    """How long the same file takes into a table where nothing is checked."""
    with owner.begin() as db:
        db.execute(text("truncate bench_back"))
    checkpoint(owner)
    with frame.timed() as watch, owner.begin() as db:
        raw: Any = db.connection.cursor()
        with raw, raw.copy(COPY) as copy:
            copy.write(content)
    return watch.seconds


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
