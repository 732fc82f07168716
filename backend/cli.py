"""renshe: the backend's commands."""

from __future__ import annotations

import csv
import gc
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, track
from rich.table import Table
from rich.text import Text

from backend import connect
from backend.kernel.errors import Refusal
from backend.kernel.given import content_of, json_of
from backend.kernel.language import EN, ZH, of_terminal, translate
from backend.kernel.settings import settings
from backend.kernel.text import rows_of

if TYPE_CHECKING:
    from backend.kernel import items

main = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
audits = typer.Typer(no_args_is_help=True, help="经办留痕")
books = typer.Typer(no_args_is_help=True, help="基金总账")
drills = typer.Typer(no_args_is_help=True, help="演练")
cards = typer.Typer(no_args_is_help=True, help="社会保障卡制卡")
LANGUAGES = (ZH, EN)
reader: ContextVar[str] = ContextVar("reader", default=ZH)  # whose language answers are in


@main.callback()
def speak(
    lang: Annotated[str, typer.Option(help="答复用的语言：zh-CN 或 en；不写就看 LANG")] = "",
) -> None:
    """人社：后台的命令。"""
    if lang and lang not in LANGUAGES:
        raise typer.BadParameter("只能是 zh-CN 或 en", param_hint="--lang")
    reader.set(lang or of_terminal(os.environ))
    gc.set_threshold(FEW_SWEEPS)


main.add_typer(audits, name="audit")
main.add_typer(books, name="ledger")
main.add_typer(drills, name="drill")
main.add_typer(cards, name="cards")
out = Console()
err = Console(stderr=True)
COUNTING = SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}")
Persons = Annotated[int, typer.Option(min=100, help="演示人数")]
Vacancies = Annotated[int, typer.Option(min=0, help="演示招聘岗位数")]
PERSONS, VACANCIES = 3000, 2000
FEW_SWEEPS = 50_000  # objects between two: what a command loads is no garbage, and was swept a hundred times


@main.command("up")
def command_up(persons: Persons = PERSONS, vacancies: Vacancies = VACANCIES) -> None:
    """启动数据库、门户、自助机和后台任务；第一次启动先装入演示城市。"""
    from backend import up

    up.up(persons, vacancies)


@main.command()
def init(
    demo: Annotated[bool, typer.Option("--demo", help="装入演示城市")] = False,
    persons: Persons = PERSONS,
    vacancies: Vacancies = VACANCIES,
) -> None:
    """建立数据库结构；加 --demo 装入演示城市。"""
    from backend import up

    url = up.prepare(persons, vacancies, with_demo=demo)
    out.print(f"已就绪：{url if settings().database_url else settings().root}")


@main.command("worker")
def command_worker() -> None:
    """运行后台任务和定时任务。"""
    from backend import worker

    worker.work(connect.database_url())


@main.command("items")
def command_items() -> None:
    """列出全部业务事项和查询。"""
    from backend.systems import CATALOGUE

    table = Table("编号", "名称", "类别", "复核人数")
    for known in sorted(CATALOGUE.values(), key=lambda one: one.code):
        table.add_row(known.code, known.title, "查询" if known.question else "事项", str(known.review or ""))
    out.print(table)


@main.command()
def do(
    code: Annotated[str, typer.Argument(help="事项编号，例如 REG-01")],
    file: Annotated[
        Path | None, typer.Argument(help="报盘文件（CSV，UTF-8 或 GB 18030）；不写就从标准输入读一条 JSON")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry", help="试办：检查每一行，什么也不保存")] = False,
    key: Annotated[str, typer.Option(help="批次号；同一批次号再报一次不会重复办理")] = "",
) -> None:
    """办理一个事项：一条 JSON，或者整个报盘文件（逐行办理，一行有误不影响其他行）。"""
    from backend.kernel.sentences import read
    from backend.systems import items

    try:
        known = items.find(code)
        given = json_of(sys.stdin.buffer.read()) if file is None else rows_of(content_of(file))
        with connect.session() as run:
            if file is None:
                command = read(known.asks, given)
                with _told_step_by_step(known.title):
                    done = items.perform(run.system, known, command, key or None)
                out.print_json(
                    done.model_dump_json()
                    if not isinstance(done, items.Filed)
                    else json.dumps({"case": done.case_no})
                )
                return
            _batch(run, known, given, key or f"{code}/{uuid.uuid4().hex[:12]}", dry)
    except Refusal as refusal:
        _refuse(refusal)


@contextmanager
def _told_step_by_step(title: str) -> Iterator[None]:
    """What a long command is doing now, and for how long; a short one is over before anything is seen."""
    from backend.kernel import progress

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as shown:
        task = shown.add_task(translate(title, reader.get()), total=None)

        def told(name: str, n: int | None) -> None:
            said = translate(name, reader.get())
            shown.update(task, description=said if n is None else f"{said} {n:,}")

        token = progress.listening.set(told)
        try:
            yield
        finally:
            progress.listening.reset(token)


def _batch(run: Any, known: items.Item, rows: list[dict[str, str]], key: str, dry: bool) -> None:
    from backend.kernel.batch import each_line
    from backend.kernel.telling import said

    language, bad = reader.get(), 0
    lines = each_line(run.system, known, rows, key=key, dry=dry)
    writer = csv.writer(sys.stdout)
    writer.writerow([translate(head, language) for head in ("行", "结果", "说明")])
    for line in track(lines, total=len(rows), console=err, description=known.title, transient=True):
        bad += not line.ok
        result = translate("成功" if line.ok else "失败", language)
        writer.writerow([line.no, result, said(line.told, language)])
    err.print(f"共 {len(rows)} 行，失败 {bad} 行；批次号 {key}")
    raise typer.Exit(1 if bad else 0)


@main.command()
def keep(path: Annotated[Path, typer.Argument(help="要收存的文件")]) -> None:
    """收存一个文件，给出编号；事项里要附的文件先这样收存。"""
    from backend.kernel import files

    try:
        content = content_of(path)
        with connect.session() as run:
            kept = run.system(files.keep, name=path.name, content=content)
            out.print_json(kept.model_dump_json())
    except Refusal as refusal:
        _refuse(refusal)


@main.command()
def calc(name: Annotated[str, typer.Argument(help="测算名称，例如 pension")]) -> None:
    """测算：从标准输入读 JSON，结果写到标准输出。"""
    from backend.systems import calculate

    try:
        json.dump(calculate(name, json_of(sys.stdin.buffer.read())), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    except Refusal as refusal:
        _refuse(refusal)


def _refuse(refusal: Refusal) -> None:
    from backend.kernel.telling import said

    err.print(Text(said(refusal, reader.get()), style="red"))
    raise typer.Exit(2)


@main.command()
def migration(message: str) -> None:
    """按代码里表结构的变化写一个新的迁移。"""
    from backend import migrate

    url = connect.database_url()
    migrate.upgrade(url)
    migrate.revision(url, message)


@audits.command("verify")
def audit_verify() -> None:
    """重新计算全部封块，看有没有人动过留痕。"""
    from backend.kernel import audit

    with connect.session() as run:
        broken = run.system(audit.verify)
        written, sealed = run.system(audit.count)
    for block in broken:
        out.print(f"[red]封块 {block.seq}：{block.what}[/]")
    out.print(
        f"留痕 {written} 行，已封存 {sealed} 行，{'全部相符' if not broken else f'{len(broken)} 块不符'}"
    )
    raise typer.Exit(1 if broken else 0)


@audits.command("export")
def audit_export(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹；新的或者空的")],
    year: Annotated[int | None, typer.Option(help="年度；不写就从建账起全部")] = None,
    tables: Annotated[str, typer.Option(help="表号，用逗号分开，例如 1,2,13；不写就是全部")] = "",
) -> None:
    """按 GB/T 40217—2021 导出养老保险基金审计数据：XML 文件、大纲和清单。"""
    from backend.exchange import service as exchange
    from backend.kernel.sentences import read

    try:
        asked = read(exchange.ExportAudit, {"year": year, "tables": tables})
        store = exchange.Folder(folder)
        with connect.session() as run, Progress(*COUNTING, console=err, transient=True) as progress:
            steps: dict[int, TaskID] = {}

            def told(table: Any, records: int) -> None:
                if table.number not in steps:
                    steps[table.number] = progress.add_task(table.name, total=None)
                progress.update(steps[table.number], completed=records)

            done = run.system.at_one_moment(exchange.export_to, asked, store, str(folder.resolve()), told)
    except Refusal as refusal:
        _refuse(refusal)
    shown = Table("表号", "数据表", "记录数", "说明")
    for line in done.lines:
        shown.add_row(str(line.table.number), line.table.name, str(line.records), line.why_not)
    out.print(shown)


@audits.command("inspect")
def audit_inspect(folder: Annotated[Path, typer.Argument(help="导出的文件夹")]) -> None:
    """把导出的审计数据读回来，逐条对照标准和清单。"""
    from backend.exchange import service as exchange

    found = 0
    try:
        for finding in exchange.inspect(folder):
            found += 1
            err.print(Text(str(finding), style="red"))
    except Refusal as refusal:
        _refuse(refusal)
    out.print("和标准、清单全部相符" if not found else f"{found} 处不符")
    raise typer.Exit(1 if found else 0)


@books.command("check")
def ledger_check() -> None:
    """重新计算全部余额、预留、封块和各基金的报表，和应付待遇、银行文件、追回、征缴、个人账户逐项核对。"""
    from backend.wiring import CHECKS

    with connect.session() as run:
        differences = [one for check in CHECKS for one in run.system(check)]
    for difference in differences:
        out.print(f"[red]{difference}[/]")
    out.print("总账相符，各基金的报表相符" if not differences else f"{len(differences)} 处不符")
    raise typer.Exit(1 if differences else 0)


@cards.command("personalise")
def cards_personalise(
    no: Annotated[int, typer.Argument(help="批次号（CRD-24 的答复）")],
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹")],
) -> None:
    """写一个批次的制卡文件和照片：每张卡的密钥只以传输密钥加密以后的样子写出。"""
    from backend.cards import service as cards_service

    try:
        with connect.session() as run, Progress(console=err, transient=True) as progress:
            step = progress.add_task("制卡数据", total=None)
            done = cards_service.write(
                run.system, no, folder, lambda at, n: progress.update(step, completed=at, total=n)
            )
    except Refusal as refusal:
        _refuse(refusal)
    out.print(f"{done.path}：{done.lines} 张，{done.size} 字节，SM3 {done.digest}")


NewFile = Annotated[Path, typer.Argument(help="写到哪个文件；新的", dir_okay=False)]
KeyFile = Annotated[
    Path | None, typer.Option("--key", help="钥匙文件，没有就做一把新的；不写就用口令", dir_okay=False)
]


@cards.command("ring")
def cards_ring(
    area: Annotated[str, typer.Argument(help="发卡地的行政区划，六位数字")],
    to: NewFile,
    counter: Annotated[bool, typer.Option("--counter", help="柜台用的，还能给密码解锁")] = False,
    key: KeyFile = None,
) -> None:
    """给一个地区的自助机或者柜台写安全模块的密钥文件：各版密钥都在里面，加密，办理留痕。"""
    from backend.cards import service as cards_service

    _entrust(to, key, cards_service.ring, area, counter)


@cards.command("transport")
def cards_transport(
    no: Annotated[int, typer.Argument(help="批次号（CRD-24 的答复）")], to: NewFile, key: KeyFile = None
) -> None:
    """给制卡厂写一个批次的传输密钥（加密）和核对制卡文件的公钥；和制卡文件分开送，办理留痕。"""
    from backend.cards import service as cards_service

    _entrust(to, key, cards_service.transport, no)


def _entrust(to: Path, key: Path | None, take: Callable[..., Any], *of: Any) -> None:
    """Nothing leaves the vault before it is known how it is sealed, and none of it is printed."""
    from backend.kernel import sealing

    try:
        sealing.require_new(to)
        if key is None:
            opener = sealing.passphrase(typer.prompt("口令", hide_input=True, confirmation_prompt=True))
        else:
            opener = sealing.key_file(key)
        with connect.session() as run:
            taken = run.system(take, *of)
        sealing.write(to, sealing.seal(taken.secret, opener, **taken.told))
    except Refusal as refusal:
        _refuse(refusal)
    out.print(f"已写入 {to}")


@main.command("story")
def command_story(
    months: Annotated[int, typer.Option(min=1, max=120, help="讲几个月")] = 24,
    persons: Annotated[int, typer.Option(min=100, help="演示人数")] = 150,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
) -> None:
    """另起一座示例市，用真正的业务事项一个月一个月地办：申报、核定、到账、发放、退发、追回、结账，每个月末对账。"""
    from backend.drill import story

    raise typer.Exit(0 if story.tell(months, persons, seed, out) else 1)


@drills.command("collect")
def drill_collect(
    faults: Annotated[int, typer.Option(min=1, help="演练次数")] = 500,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    real: Annotated[
        bool, typer.Option("--real", help="用真正的程序：数据库、门户、自助机、读卡服务各在各的进程里")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="把每一步写到标准错误")] = False,
) -> None:
    """持卡领取演练：每次在一处断开，看有没有丢钱、重付。"""
    from backend import drill

    raise typer.Exit(drill.collect(faults, seed, real=real, trace=trace))


@drills.command("runs")
def drill_runs(
    kills: Annotated[int, typer.Option(min=1, help="强行中断的次数")] = 100,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    persons: Annotated[int, typer.Option(min=100, help="演示人数")] = 1000,
) -> None:
    """批量办理演练：核定、发放、报盘、回盘、到账文件办到一半强行中断，再办一次，和没有中断过的城市核对。"""
    from backend.drill import runs

    raise typer.Exit(0 if runs.drill(kills, seed, persons, out).good else 1)


if __name__ == "__main__":
    main()
