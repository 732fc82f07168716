"""The index of vacancies looked into from the command line; the program that opens it runs these commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from search.port import MAX_SIZE, Document, Facets, Hit, How, Index, Piece, Query, Sort

FEN = 100
SAMPLE = 500

app = typer.Typer(help="职位检索：看索引、试查询、做检查。", no_args_is_help=True)


HOWS = {
    How.WORD: "原词",
    How.SYNONYM: "同义词",
    How.OCCUPATION: "同一职业",
    How.PINYIN: "拼音",
    How.INITIALS: "拼音首字母",
    How.FUZZY_PINYIN: "近似拼音",
}


def _opened(context: typer.Context) -> Index:
    """Opened as the program that runs these commands opens it."""
    opened: Callable[[], Index] = context.obj
    return opened()


@app.command()
def stats(context: typer.Context) -> None:
    """索引里有多少职位，按地区、职业、类型各多少。"""
    with _opened(context) as index:
        answer = index.find(Query(size=1))
    Console().print(f"职位 {answer.total} 个，用时 {answer.took_ms} 毫秒")
    if answer.hits:
        Console().print(f"最近发布：{answer.hits[0].document.published}")
    Console().print(_counted(answer.facets))


@app.command()
def query(
    context: typer.Context,
    text: str,
    area: Annotated[str, typer.Option(help="行政区划代码")] = "",
    occupation: Annotated[str, typer.Option(help="职业代码，可只写前几级")] = "",
    salary_min: Annotated[int, typer.Option(help="月薪至少能到多少元")] = 0,
    sort: Sort = Sort.RELEVANCE,
    page: int = 1,
    size: int = 10,
) -> None:
    """按求职者的问法查一次，并说明每个职位为什么被找到。"""
    asked = Query(
        text,
        area=area or None,
        occupation=occupation or None,
        salary_min_fen=salary_min * FEN or None,
        sort=sort,
        page=page,
        size=size,
    )
    with _opened(context) as index:
        answer = index.find(asked)
    Console().print(
        f"共 {answer.total} 个，用时 {answer.took_ms} 毫秒，试过：{'、'.join(answer.tried) or '无'}"
    )
    table = Table("编号", "职位", "单位", "月薪（元）", "发布", "为什么")
    for hit in answer.hits:
        table.add_row(*_cells(hit))
    Console().print(table)


@app.command()
def check(
    context: typer.Context,
    sample: Annotated[int, typer.Option(help="抽查多少个职位")] = SAMPLE,
) -> None:
    """检查索引：抽到的职位都能按标题找到，每个筛选旁的数字都对；有错时以 1 退出。"""
    with _opened(context) as index:
        problems = [*_lost_titles(index, sample), *_wrong_numbers(index)]
    for problem in problems:
        Console().print(Text(problem, style="red"))
    if problems:
        raise typer.Exit(1)
    Console().print("索引完好")


def _counted(facets: Facets) -> Table:
    table = Table("筛选", "取值", "职位")
    for name, numbers in facets.items():
        for value, number in numbers.items():
            table.add_row(name, value, str(number))
    return table


def _cells(hit: Hit) -> Iterator[Text]:
    document = hit.document
    why = "；".join(dict.fromkeys(f"{why.word} → {why.found}（{HOWS[why.how]}）" for why in hit.why))
    yield Text(document.id)
    yield _marked(hit.title)
    yield Text(document.employer)
    yield Text(_pay(document))
    yield Text(document.published.isoformat())
    yield Text(why)


def _marked(pieces: tuple[Piece, ...]) -> Text:
    return Text.assemble(*((piece.text, "bold red" if piece.marked else "") for piece in pieces))


def _pay(document: Document) -> str:
    ends = (document.salary_min_fen, document.salary_max_fen)
    return "-".join(str(end // FEN) for end in dict.fromkeys(ends) if end) or "面议"


def _all(index: Index) -> Iterator[Document]:
    page, asked = 1, Query(size=MAX_SIZE)
    while hits := index.find(replace(asked, page=page)).hits:
        yield from (hit.document for hit in hits)
        page += 1


def _lost_titles(index: Index, sample: int) -> Iterator[str]:
    for document in islice(_all(index), sample):
        hits = index.find(Query(document.title, size=MAX_SIZE)).hits
        if all(hit.document.title != document.title for hit in hits):
            yield f"{document.id}：按标题“{document.title}”找不到"


def _wrong_numbers(index: Index) -> Iterator[str]:
    facets = index.find(Query(size=1)).facets
    chosen = (
        *((name, value, Query(area=value)) for name, value in _of(facets, "area")),
        *((name, value, Query(occupation=value)) for name, value in _of(facets, "occupation")),
        *((name, value, Query(type=value)) for name, value in _of(facets, "type")),
        *((name, value, Query(education=int(value))) for name, value in _of(facets, "education")),
        *((name, value, Query(salary_min_fen=int(value))) for name, value in _of(facets, "salary")),
    )
    for name, value, asked in chosen:
        said, real = facets[name][value], index.count(asked)
        if said != real:
            yield f"筛选 {name}={value}：旁边写 {said}，实有 {real}"


def _of(facets: Facets, name: str) -> Iterator[tuple[str, str]]:
    return ((name, value) for value in facets[name])
