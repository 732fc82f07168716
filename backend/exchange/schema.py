"""What is asked of the exchange and what it answers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from backend.exchange.standard import tables
from backend.kernel.errors import Wrong
from backend.kernel.fields import FileId, Shape

BETWEEN = re.compile(r"[\s,，、;；]+")


class NoSuchTable(Wrong):
    """“{title}”请写 1 到 20 的表号，用逗号分开，例如 1,2,13"""


def _table_numbers(text: str) -> str:
    """
    >>> _table_numbers(" 13， 2、2"), _table_numbers("")
    ('2,13', '')
    """
    words = [word for word in BETWEEN.split(text) if word]
    if any(not re.fullmatch("[0-9]{1,2}", word) or int(word) not in tables() for word in words):
        raise NoSuchTable
    return ",".join(map(str, sorted(set(map(int, words)))))


def numbers_of(text: str) -> frozenset[int]:
    return frozenset(map(int, filter(None, text.split(","))))


Year = Annotated[
    int | None,
    Field(
        ge=1992,
        le=2099,
        title="年度",
        description="征缴、账户、发放、账务只取这一年的；不填就从建账起全部",
        examples=[2026],
    ),
]
TableNumbers = Annotated[
    str,
    AfterValidator(_table_numbers),
    Field(
        max_length=80,
        title="要导出的表",
        description="写表号，用逗号分开；不填就是全部二十张表",
        examples=["1,2,13"],
    ),
]


class ExportAudit(Shape):
    """按 GB/T 40217—2021 导出养老保险基金审计数据，收存成文件，审计人员下载。"""

    year: Year = None
    tables: TableNumbers = ""


class AskTables(Shape):
    """查询审计数据接口的各张表现在有多少条记录。"""

    year: Year = None


class TableView(Shape):
    number: int = Field(title="表号")
    name: str = Field(title="数据表")
    file: str = Field(title="文件")
    records: int = Field(title="记录数")
    note: str = Field(title="说明")


class Tables(Shape):
    period: str = Field(title="时间属性", description="起始日期和截止日期")
    tables: tuple[TableView, ...] = Field(title="数据表")


class FileView(Shape):
    name: str = Field(title="文件名")
    file: FileId
    records: int = Field(title="记录数")
    size: int = Field(title="字节数")
    sha256: str = Field(title="SHA-256")


class ExportedView(Shape):
    """导出的文件已经收存。"""

    manifest: FileId = Field(title="清单", description="各文件的校验值、各表的记录数和合计")
    files: tuple[FileView, ...] = Field(title="数据文件")
    tables: tuple[TableView, ...] = Field(title="数据表")


class AskExports(Shape):
    """查询已经导出、收存起来的审计数据，可以下载。"""


class ExportView(Shape):
    case_no: int = Field(title="办件号")
    maker_name: str = Field(title="经办")
    closed_at: datetime | None = Field(title="办结时间")
    year: int | None = Field(title="年度")
    manifest: FileId = Field(title="清单", description="各文件的校验值、各表的记录数和合计")
    files: tuple[FileView, ...] = Field(title="数据文件")


class Exports(Shape):
    exports: tuple[ExportView, ...] = Field(title="已导出的审计数据")
