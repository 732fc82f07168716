"""Shapes of what comes to levy by file: a day's receipts, a company's bases."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import FileId, Shape
from backend.kernel.language import EN, ZH
from backend.levy.schema import CHANNELS, Channel
from backend.registry.schema import Uscc

LANGUAGES: JsonDict = {ZH: "中文", EN: "英文"}
Language = Annotated[
    Literal["zh-CN", "en"], Field(title="结果文件的语言", json_schema_extra={"labels": LANGUAGES})
]


class DeclareBases(Shape):
    """单位用一张表申报全部职工的缴费基数，xlsx 或者 CSV，最多五万行；每行分别受理或者退回，原因写在结果文件里。"""

    uscc: Uscc
    file: FileId = Field(
        title="申报表",
        description="第一行写栏目名：公民身份号码（设成文本格式）、从哪个月起、上年度月平均工资（元）",
    )
    dry: bool = Field(default=False, title="只试算", description="只检查每一行，不申报")
    language: Language = "zh-CN"


class BasesDeclared(Shape):
    """缴费基数批量申报的结果。"""

    lines: int = Field(title="申报（行）")
    accepted: int = Field(title="受理（行）")
    refused: int = Field(title="退回（行）")
    dry: bool = Field(title="只试算")
    results: FileId = Field(title="结果文件")


class TakeReceiptFile(Shape):
    """一个到账文件：一个渠道一天的到账，首行写渠道和日期，末行写笔数和金额；收过的不会再收。"""

    channel: Channel = Field(title="渠道", json_schema_extra={"labels": CHANNELS})
    day: date = Field(title="文件日期", json_schema_extra={"widget": "day"})
    file: FileId = Field(title="到账文件", description="GB 18030 编码的文本，各栏用竖线隔开")
    language: Language = "zh-CN"


class FileTaken(Shape):
    """到账文件的结果。"""

    lines: int = Field(title="文件里（笔）")
    taken: int = Field(title="收下（笔）")
    taken_fen: int = Field(title="收下（分）")
    waiting: int = Field(title="其中认不出缴款人（笔）")
    waiting_fen: int = Field(title="其中认不出缴款人（分）")
    already: int = Field(title="以前收过（笔）")
    already_fen: int = Field(title="以前收过（分）")
    refused: int = Field(title="退回（笔）")
    refused_fen: int = Field(title="退回（分）")
    results: FileId = Field(title="结果文件")
