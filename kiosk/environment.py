"""The card's environment as tables for the terminal: what is on a card, who may read and write it, by what evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from cardio import environment as known
from cardio.layout import FILES, VERSIONS, Access

READERS = {Access.FREE: "任何人", Access.TERMINAL: "经认证的终端", Access.PIN: "输入密码以后"}


def card_environment() -> Iterator[Table]:
    yield _table(
        "应用",
        ("AID", "名称", "出处"),
        ((a.aid.hex().upper(), a.name, a.evidence.value) for a in known.APPLICATIONS),
    )
    yield _table(
        "目录",
        ("编号", "AID", "名称", "出处"),
        ((f"{f.fid:04X}", f.aid.hex().upper(), f.name, f.evidence.value) for f in known.FOLDERS),
    )
    yield _table(
        "密钥",
        ("编号", "用途", "名称", "可试次数", "出处"),
        (
            (f"{k.id:02X}", k.purpose, k.name, str(k.tries or "不限"), k.evidence.value)
            for k in (*known.KEYS, known.PIN)
        ),
    )
    for version in VERSIONS:
        yield _table(f"{version} 版的文件", ("文件", "名称", "读", "更新密钥", "出处"), _files(version))


def _files(version: str) -> Iterator[tuple[str, ...]]:
    for file in FILES:
        rule = known.rule(file, version)
        update = "" if rule.update_key is None else f"{rule.update_key:02X}"
        yield file.path, file.name, READERS[rule.read], update, rule.evidence.value


def _table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(*heads, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table
