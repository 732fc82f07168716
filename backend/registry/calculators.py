"""Public calculators of the registry: is this number a possible one, and what does it say."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from backend.kernel import codes, ident
from backend.kernel.calculators import Answer, Ask, calculator
from backend.kernel.errors import Wrong
from backend.kernel.rules import Steps

SEXES: dict[str, Literal["male", "female"]] = {ident.MALE: "male", ident.FEMALE: "female"}
KINDS = {"citizen": "公民身份号码", "permit": "港澳台居民居住证号码", "foreigner": "外国人永久居留身份证号码"}
SHOWN = 40


class AskIdentityNumber(Ask):
    """身份证件上的号码。只检查号码本身，不查这个人。"""

    number: str = Field(
        title="证件号码",
        description="公民身份号码、港澳台居民居住证号码或者外国人永久居留身份证号码",
        max_length=SHOWN,
        examples=["11010519491231002X"],
    )


class IdentityNumber(Answer):
    """号码是不是一个可能的号码，从号码里能读出什么。"""

    valid: bool = Field(title="号码正确")
    reason: str = Field(title="说明")
    number: str | None = Field(default=None, title="18 位号码")
    kind: str | None = Field(default=None, title="号码种类")
    birth: date | None = Field(default=None, title="出生日期")
    sex: Literal["male", "female"] | None = Field(default=None, title="性别")
    area: str | None = Field(default=None, title="行政区划代码")
    area_name: str | None = Field(default=None, title="行政区划")


@calculator("identity-number", title="证件号码核对", law="GB 11643—1999", hint="检查号码有没有写错")
def identity_number(ask: AskIdentityNumber, today: date) -> IdentityNumber:
    steps = Steps()
    try:
        found = ident.read(ask.number, today)
    except Wrong as problem:
        return IdentityNumber(valid=False, reason=f"{problem}。")
    if len(found.number) == 18:
        total = " + ".join(f"{d}×{w}" for d, w in zip(found.number, ident.WEIGHTS, strict=False))
        rest = sum(int(d) * w for d, w in zip(found.number, ident.WEIGHTS, strict=False)) % 11
        steps.add(
            "校验码", f"({total}) 除以 11 余 {rest}，对应 {ident.CHECKS}", found.number[17], "GB 11643—1999"
        )
    reason = f"号码符合{KINDS[found.kind]}的编排规则。"
    if len(ask.number.strip()) == 15 and len(found.number) == 18:
        reason = "15 位的旧号码，已按规则升为 18 位。"
    elif len(found.number) == 15:
        reason = "旧版外国人永久居留身份证号码，只核对了格式和出生日期。"
    elif not codes.known("area", found.area) and found.kind == "citizen":
        reason = "号码正确；号码里的行政区划已经撤销，不影响号码有效。"
    return IdentityNumber(
        valid=True,
        reason=reason,
        number=found.number,
        kind=KINDS[found.kind],
        birth=found.birth,
        sex=SEXES[found.sex] if found.sex else None,
        area=found.area,
        area_name=ident.area_name(found),
        steps=steps.all(),
    )


class AskCreditCode(Ask):
    """营业执照或登记证书上的代码。只检查代码本身，不查这个单位。"""

    code: str = Field(title="统一社会信用代码", max_length=SHOWN, examples=["91350100M000100Y43"])


class CreditCode(Answer):
    """代码是不是一个可能的代码。"""

    valid: bool = Field(title="代码正确")
    reason: str = Field(title="说明")
    code: str | None = Field(default=None, title="18 位代码")


@calculator("credit-code", title="统一社会信用代码核对", law="GB 32100—2015", hint="检查代码有没有写错")
def credit_code(ask: AskCreditCode) -> CreditCode:
    steps = Steps()
    try:
        code = ident.credit_code(ask.code)
    except Wrong as problem:
        return CreditCode(valid=False, reason=f"{problem}。")
    values = [ident.CREDIT_ALPHABET.index(c) for c in code[:17]]
    total = " + ".join(f"{value}×{pow(3, i, 31)}" for i, value in enumerate(values))
    rest = sum(value * pow(3, i, 31) for i, value in enumerate(values)) % 31
    steps.add("校验码", f"31 - ({total}) 除以 31 的余数 {rest}", code[17], "GB 32100—2015")
    return CreditCode(valid=True, reason="代码符合统一社会信用代码的编排规则。", code=code, steps=steps.all())
