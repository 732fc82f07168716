"""What the world says of 死亡待遇 and hears (PEN-50 … PEN-54, PEN-Q50 … PEN-Q52)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from backend.kernel import ident
from backend.kernel.errors import Wrong
from backend.kernel.fields import FileId, Shape
from backend.kernel.text import plain
from backend.payout.recovery.schema import Document
from backend.pension.schema import StepView
from backend.registry.schema import Ident

RELATIONS = {
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母",
    "grandchild": "孙子女",
    "other": "其他",
}
Relation = Literal["spouse", "child", "parent", "sibling", "grandparent", "grandchild", "other"]
SAID = {
    "丈夫": "spouse",
    "妻子": "spouse",
    "儿子": "child",
    "女儿": "child",
    "父亲": "parent",
    "母亲": "parent",
}
WORDS = {word: key for key, word in RELATIONS.items()} | {key: key for key in RELATIONS} | SAID
KINDS = {"benefit": "丧葬补助金和抚恤金", "account": "个人账户继承"}
BENEFITS = {"open": "没有核定", "waiting": "已核定，等待发放", "paid": "已发放"}
ACCOUNTS = {
    "open": "没有继承",
    "none": "没有余额",
    "closed": "已结清",
    "more": "结清以后又有余额，要补差",
    "rate": "记账利率已经公布，要补差",
}
FUNERALS = {
    "here": "在养老保险领；没有在别处领过，以后也不再领",
    "unemployment": "已经选择在失业保险领",
    "injury": "因工死亡，在工伤保险领",
}
MOST_HEIRS = 20
SHARE = re.compile(r"^([1-9][0-9]{0,3}/[1-9][0-9]{0,3}|[0-9]{1,3}(\.[0-9]{1,2})?%|1)$")


class ShareWrong(Wrong):
    """份额请写成“1/2”这样的分数，或者“50%”，一个人全得的写 1"""


class LineWrong(Wrong):
    """“{title}”第 {line} 行要写成三项，用空格隔开：公民身份号码、关系、份额，例如：310101195003070029 配偶 1/2"""


class LineRelation(Wrong):
    """“{title}”第 {line} 行的关系只能是：配偶、子女、父母、兄弟姐妹、祖父母、孙子女、其他"""


class LineNumber(Wrong):
    """“{title}”第 {line} 行的公民身份号码不对，请对照证件重填"""


class LineShare(Wrong):
    """“{title}”第 {line} 行的份额请写成“1/2”这样的分数，或者“50%”，一个人全得的写 1"""


def fraction(text: str) -> Fraction:
    """A share as a part of the whole.

    >>> fraction("1/3"), fraction("12.5%"), fraction("1")
    (Fraction(1, 3), Fraction(1, 8), Fraction(1, 1))
    """
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _share(text: str) -> str:
    """Looked at before it is worked out: 1e999999999 is a number, too."""
    if not SHARE.fullmatch(text) or not 0 < fraction(text) <= 1:
        raise ShareWrong
    return text


def _lines(given: Any) -> Any:
    """As typed at the counter: a line for each person."""
    if not isinstance(given, str):
        return given
    typed = [line for line in given.splitlines() if line.strip()]
    return [_line(no, line) for no, line in enumerate(typed, 1)]


def _line(no: int, line: str) -> Mapping[str, str]:
    parts = plain(line.replace("\t", " ")).replace("，", " ").replace(",", " ").replace("、", " ").split()
    if len(parts) != 3:
        raise LineWrong(line=no)
    number, relation, share = parts
    try:
        ident.citizen_number(number)
    except Wrong:
        raise LineNumber(line=no) from None
    if relation not in WORDS:
        raise LineRelation(line=no)
    try:
        _share(share)
    except Wrong:
        raise LineShare(line=no) from None
    return {"ident": number, "relation": WORDS[relation], "share": share}


class Heir(Shape):
    """一名领取人。"""

    ident: Ident
    relation: Relation = Field(title="和去世的人的关系", json_schema_extra={"labels": {**RELATIONS}})
    share: Annotated[str, AfterValidator(_share)] = Field(
        max_length=9,
        pattern=SHARE.pattern,
        title="份额",
        examples=["1/2"],
    )


Heirs = Annotated[
    tuple[Heir, ...],
    BeforeValidator(_lines),
    Field(
        min_length=1,
        max_length=MOST_HEIRS,
        title="领取人和份额",
        description="每行一个人：公民身份号码、关系、份额，用空格隔开；份额由各人协商，加起来要正好是全部。"
        "例如：310101195003070029 配偶 1/2。关系：配偶、子女、父母、兄弟姐妹、祖父母、孙子女、其他",
        json_schema_extra={"widget": "textarea"},
    ),
]
Kinship = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="亲属关系证明和分配协议的编号",
        description="户口簿、结婚证、公证书、判决书或者全体继承人签的协议",
    ),
]
Deceased = Annotated[Ident, Field(title="去世的人的公民身份号码")]


class ClaimSurvivors(Shape):
    """核定一个人去世以后家属一次领取的丧葬补助金和抚恤金。"""

    ident: Deceased
    heirs: Heirs
    funeral: Literal["here", "unemployment", "injury"] = Field(
        title="丧葬补助金在哪里领",
        description="同时符合几种保险的条件的，只能选一项领取（社会保险法 第四十九条）",
        json_schema_extra={"labels": {**FUNERALS}},
    )
    document: Kinship
    evidence: FileId | None = Field(
        default=None, title="证明文件", description="扫描件", json_schema_extra={"widget": "file"}
    )


class InheritAccount(Shape):
    """结清去世的人的个人账户：计息到去世当月，先抵扣多领的，余额由继承人领取。"""

    ident: Deceased
    heirs: Heirs
    document: Kinship
    evidence: FileId | None = Field(
        default=None, title="证明文件", description="扫描件", json_schema_extra={"widget": "file"}
    )


class SupplementAccount(Shape):
    """去世那年的记账利率公布了，或者账户又记入了钱：补给原来的继承人，份额不变。"""

    ident: Deceased
    document: Document


class PaySurvivors(Shape):
    """把已经核定、还没有发放的丧葬补助金、抚恤金和个人账户余额全部记账发放。"""


class WithdrawSurvivors(Shape):
    """核定错了的撤销：没有领的不再发，已经领的登记为多发，账户恢复原样；然后可以重新核定。"""

    decision: int = Field(ge=1, le=2**62, title="遗属核定编号")
    document: Document


class SurvivorPartView(Shape):
    """一个人得多少，领到哪一步。"""

    name: str = Field(title="领取人")
    relation: str = Field(title="关系", json_schema_extra={"labels": {**RELATIONS}})
    share: str = Field(title="份额")
    item: str = Field(title="待遇项目")
    amount_fen: int = Field(title="金额（分）")
    month: str | None = Field(title="发放月份")
    state: str = Field(title="状态")


class SurvivorDecisionView(Shape):
    """一份核定：给谁多少，怎么算的。"""

    decision: int = Field(title="遗属核定编号")
    name: str = Field(title="去世的人")
    died: date = Field(title="去世日期")
    kind: str = Field(title="核定的是", json_schema_extra={"labels": {**KINDS}})
    decided_on: date = Field(title="核定日期")
    total_fen: int = Field(title="合计（分）")
    parts: tuple[SurvivorPartView, ...] = Field(title="各人领取")
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="请注意")
    withdrawn: bool = Field(title="已经撤销")


class SurvivorsPaid(Shape):
    """已经记账，领取人可以到银行或者持卡领取。"""

    batches: tuple[int, ...] = Field(title="发放批次")
    n: int = Field(title="笔数")
    total_fen: int = Field(title="金额（分）")
    waiting: int = Field(title="没有发的笔数", description="同一个人这个月已经发过同一项，或者领取人已经去世")


class DecisionWithdrawn(Shape):
    """核定已经撤销。"""

    name: str = Field(title="去世的人")
    kind: str = Field(title="核定的是", json_schema_extra={"labels": {**KINDS}})
    cancelled_fen: int = Field(title="不再发的（分）")
    claimed_fen: int = Field(title="要追回的（分）")


class AskMySurvivors(Shape):
    """查询本人作为家属领取的丧葬补助金、抚恤金和继承的个人账户。"""

    ident: Ident


class MySurvivorPart(Shape):
    died_name: str = Field(title="去世的人")
    died: date = Field(title="去世日期")
    item: str = Field(title="待遇项目")
    share: str = Field(title="份额")
    amount_fen: int = Field(title="金额（分）")
    decided_on: date = Field(title="核定日期")
    month: str | None = Field(title="发放月份")
    state: str = Field(title="状态")


class MyDecision(Shape):
    died_name: str = Field(title="去世的人")
    kind: str = Field(title="核定的是", json_schema_extra={"labels": {**KINDS}})
    total_fen: int = Field(title="全家合计（分）")
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="请注意")


class MySurvivors(Shape):
    """本人领取的每一笔，和它们是怎么算的。"""

    parts: tuple[MySurvivorPart, ...] = Field(title="本人领取的")
    decisions: tuple[MyDecision, ...] = Field(title="怎么核定的")
    warnings: tuple[str, ...] = Field(title="请注意")


class AskUnsettled(Shape):
    """去世以后遗属待遇或者个人账户还没有办完的人，去世早的在前。"""


class Unsettled(Shape):
    ident: str = Field(title="公民身份号码")
    name: str = Field(title="姓名")
    died: date = Field(title="去世日期")
    benefit: str = Field(title="丧葬补助金和抚恤金", json_schema_extra={"labels": {**BENEFITS}})
    account: str = Field(title="个人账户", json_schema_extra={"labels": {**ACCOUNTS}})
    balance_fen: int = Field(title="账户余额（分）")


class UnsettledList(Shape):
    total: int = Field(title="没有办完的（人）")
    people: tuple[Unsettled, ...] = Field(title="名单")


class AskAfterDeath(Shape):
    """查看一个人去世以后家属可以领什么、已经办了什么；什么也不改。"""

    ident: Deceased


class DueView(Shape):
    item: str = Field(title="待遇项目")
    amount_fen: int = Field(title="金额（分）")


class AfterDeath(Shape):
    """家属可以领的、要先办的和已经办的。"""

    name: str = Field(title="去世的人")
    died: date = Field(title="去世日期")
    due: tuple[DueView, ...] = Field(title="还可以领的")
    first: tuple[str, ...] = Field(title="要先办的")
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="请注意")
    decisions: tuple[SurvivorDecisionView, ...] = Field(title="已经核定的")
