"""Schemas of the certificates of contribution 参保缴费证明: asked, issued, and checked by anybody."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from backend.kernel.errors import Wrong
from backend.kernel.fields import Shape
from backend.kernel.text import plain
from backend.registry.schema import Ident, Uscc

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for something else
LENGTH = 16
CODE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
HOLDERS = {"person": "个人", "employer": "单位", "transfer": "个人", "award": "个人", "pension": "个人"}
TITLES = {
    "person": "参保缴费证明（个人）",
    "employer": "社会保险费无欠费证明（单位）",
    "award": "养老待遇核定表",
    "pension": "养老待遇证明",
    "transfer": "基本养老保险参保缴费凭证",
}


class CodeWrong(Wrong):
    """验证码是 16 位数字和大写字母，每四位一组，没有 0、1、I、L、O；请对照证明再输一次"""


def a_code(text: str) -> str:
    """A code as it is kept, however it was grouped.

    >>> a_code("abcd-2345 efgh-6789")
    'ABCD2345EFGH6789'
    """
    code = re.sub(r"[\s-]", "", plain(text)).upper()
    if not CODE.fullmatch(code):
        raise CodeWrong
    return code


Code = Annotated[
    str,
    AfterValidator(a_code),
    Field(max_length=40, title="验证码", description="在证明的下方", examples=["ABCD-2345-EFGH-6789"]),
]


class Certify(Shape):
    """开一张个人参保缴费证明：到今天为止缴清的月份，按险种。"""

    ident: Ident


class CertifyEmployer(Shape):
    """开一张单位无欠费证明：到今天为止没有逾期的社会保险费和滞纳金。"""

    uscc: Uscc


class AskCertificate(Shape):
    """凭验证码查验一张证明。"""

    code: Code


class AskOwnCertificates(Shape):
    """自己开过的参保缴费证明。"""

    ident: Ident
    code: Code | None = Field(default=None, title="验证码")


class AskEmployerCertificates(Shape):
    """单位开过的无欠费证明。"""

    uscc: Uscc
    code: Code | None = Field(default=None, title="验证码")


class CertifiedLine(Shape):
    """Months paid in one insurance."""

    insurance_name: str = Field(title="险种")
    months: int = Field(title="缴费月数")
    first: str = Field(title="最早的月份")
    last: str = Field(title="最近的月份")


class CertifiedSpan(Shape):
    """Months in a row, paid by one payer."""

    insurance_name: str = Field(title="险种")
    payer: str = Field(title="缴费单位")
    first: str = Field(title="起")
    last: str = Field(title="止")
    months: int = Field(title="月数")


class CertifiedFact(Shape):
    """One thing that a paper of another system says, as anybody may check it."""

    name: str = Field(title="项目")
    value: str = Field(title="内容")


class CertifiedBenefit(Shape):
    """What a person is paid by the month on the day of issue."""

    item: str = Field(title="待遇项目")
    first: str = Field(title="从哪个月起发放")
    amount_fen: int = Field(title="每月金额（分）")
    state: str = Field(title="状态")


class CertificateView(Shape):
    """A certificate as it was issued."""

    code: str = Field(title="验证码")
    kind: str = Field(title="类别", json_schema_extra={"labels": {**HOLDERS}})
    title: str = Field(title="证明")
    name: str = Field(title="姓名或名称")
    number: str = Field(title="证件号码或统一社会信用代码")
    issued_on: date = Field(title="开具日期")
    lines: tuple[CertifiedLine, ...] = Field(default=(), title="缴费月数")
    spans: tuple[CertifiedSpan, ...] = Field(default=(), title="缴费经历")
    benefits: tuple[CertifiedBenefit, ...] = Field(default=(), title="按月发放的待遇")
    employees: int | None = Field(default=None, title="参保职工（人）")
    billed_until: str | None = Field(default=None, title="应缴核定到")
    facts: tuple[CertifiedFact, ...] = Field(default=(), title="内容")


class Certificates(Shape):
    """Certificates of one holder, the newest first."""

    certificates: tuple[CertificateView, ...] = Field(title="证明")
