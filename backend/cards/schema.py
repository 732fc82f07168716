"""What the world says to cards 社会保障卡 and hears from them: lost and found, applied for, handed out, codes and keys."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from backend.kernel.errors import Wrong
from backend.kernel.fields import FileId, Shape
from backend.registry.schema import Area, Ident, Name

NO = r"^S[0-9]{10}$"
REASONS = {
    "first": "首次申领",
    "lost": "遗失补卡",
    "damaged": "损坏换卡",
    "expired": "到期换卡",
    "changed": "信息变更换卡",
}
APPLICATION_STATES = {
    "applied": "待审核",
    "approved": "待制卡",
    "producing": "制卡中",
    "made": "待领卡",
    "handed": "已领卡",
    "refused": "没有通过",
    "withdrawn": "已撤销",
    "ended": "因去世终止",
}
RESET_REASONS = {"forgotten": "忘记密码", "blocked": "密码输错锁住"}
Reason = Literal["first", "lost", "damaged", "expired", "changed"]
CardNo = Annotated[str, Field(pattern=r"^[0-9A-Z]{8}[0-9X]$", title="社会保障卡卡号", examples=["D00000013"])]
ApplicationNo = Annotated[str, Field(pattern=NO, title="申领编号", examples=["S0000000001"])]
Note = Annotated[
    str, Field(max_length=200, pattern=r"^[^<>|]*$", title="说明", json_schema_extra={"widget": "textarea"})
]


class SixDigits(Wrong):
    """“{title}”请写六个数字"""


def _six_digits(code: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{6}", code.get_secret_value()):
        raise SixDigits
    return code


# ---- lost and found (CRD-03 … CRD-06) ----


class ReportTemporaryLoss(Shape):
    """临时挂失：卡片立刻停用，到期自动恢复。"""

    ident: Ident


class TemporaryLoss(Shape):
    """已经临时挂失，卡片从现在起不能用。"""

    card_no: str = Field(title="卡号")
    status: str
    status_name: str = Field(title="状态")
    until: date = Field(title="到哪一天", description="过了这一天没有正式挂失的，自动恢复")


class FindCard(Shape):
    """解挂：卡找到了，恢复使用。"""

    ident: Ident
    card_no: CardNo | None = Field(
        default=None, title="社会保障卡卡号", description="到柜台解挂的，读卡或者照卡面填写"
    )
    note: Note = ""


class RegisterPhoneCode(Shape):
    """登记电话服务码：打 12333 挂失时报给话务员。"""

    ident: Ident
    code: Annotated[SecretStr, AfterValidator(_six_digits)] = Field(
        title="六位电话服务码", description="六个数字；和卡的密码分开，不要用一样的"
    )


class PhoneCodeRegistered(Shape):
    """电话服务码已经登记，原来的作废。"""

    name: str = Field(title="姓名")


class ReportLossByPhone(Shape):
    """话务员按来电人报的号码和电话服务码办理临时挂失。"""

    ident: Ident
    code: Annotated[SecretStr, AfterValidator(_six_digits)] = Field(title="来电人报的电话服务码")


class PhoneLoss(Shape):
    """来电挂失的结果。"""

    stopped: bool = Field(title="已经停用")
    told: str = Field(title="请告诉来电人")
    tail: str | None = Field(default=None, title="卡号尾号")
    until: date | None = Field(default=None, title="到哪一天")
    tries_left: int = Field(title="还可以说几次")


# ---- activated, cancelled, PIN, keys (CRD-07 … CRD-10) ----


class ActivateCard(Shape):
    """启用新领的卡；原来的卡从这时起作废。"""

    ident: Ident
    card_no: CardNo


class CancelCard(Shape):
    """注销社会保障卡：以后不能再用。"""

    ident: Ident
    card_no: CardNo
    note: Note = Field(
        min_length=2, title="原因", description="例如：社会保险关系转到外地、出国定居、卡已交回"
    )


class AuthorisePinReset(Shape):
    """授权一张卡重设密码：读卡器送来卡的随机数，后台给出只对这一次有效的密钥；新密码只在读卡器上输入。"""

    ident: Ident
    card_no: CardNo
    challenge: str = Field(pattern=r"^[0-9A-F]{32}$", title="卡片随机数", description="读卡器读出，16 个字节")
    reason: Literal["forgotten", "blocked"] = Field(
        title="原因", json_schema_extra={"labels": {**RESET_REASONS}}
    )
    evidence: FileId | None = Field(default=None, title="身份证件影像", json_schema_extra={"widget": "file"})
    note: Note = ""


class PinResetAuthorised(Shape):
    """已经授权；卡在读卡器里不要取出，请本人在读卡器上输入新密码。"""

    card_no: str = Field(title="卡号")
    cipher_key: str = Field(title="加密密钥", description="只对卡的这一个随机数有效")
    mac_key: str = Field(title="校验密钥", description="只对卡的这一个随机数有效")
    no: int = Field(title="授权编号")


class SetKeyVersion(Shape):
    """启用新的密钥版本：以后制的卡用新版本，旧版本的卡用到哪一天。"""

    version: int = Field(ge=2, le=99, title="新版本")
    since: date = Field(title="从哪一天起制卡用新版本", json_schema_extra={"widget": "day"})
    previous_until: date = Field(title="旧版本的卡用到哪一天", json_schema_extra={"widget": "day"})
    reason: str = Field(min_length=4, max_length=200, pattern=r"^[^<>|]*$", title="原因")


class KeyVersionSet(Shape):
    """新的密钥版本已经登记。"""

    version: int = Field(title="新版本")
    holding: int = Field(title="还拿着旧版本的卡（张）")


class AskKeyVersions(Shape):
    """各密钥版本的卡有多少。"""


class KeyVersionView(Shape):
    version: int = Field(title="版本")
    since: date = Field(title="制卡起")
    accepted_until: date | None = Field(title="用到")
    cards: int = Field(title="正在用的卡（张）")
    others: int = Field(title="停用、没有启用的卡（张）")
    reason: str = Field(title="原因")


class KeyVersions(Shape):
    versions: tuple[KeyVersionView, ...] = Field(title="密钥版本")


# ---- applied for (CRD-21 … CRD-23, CRD-26) ----


class ApplyForCard(Shape):
    """申领社会保障卡：第一次领，或者补卡、换卡。"""

    ident: Ident
    reason: Reason = Field(title="申领原因", json_schema_extra={"labels": {**REASONS}})
    photo: FileId | None = Field(
        default=None,
        title="照片",
        description="近期免冠照片，竖幅，JPG，宽 358、高 441 像素以上；以前交过的可以不交",
        json_schema_extra={"widget": "file"},
    )
    area: Area = Field(title="到哪里领卡", description="区县的行政区划")


class Applied(Shape):
    """已经受理。"""

    no: str = Field(title="申领编号")
    reason_name: str = Field(title="申领原因")
    state: str
    state_name: str = Field(title="状态")
    place: str = Field(title="领卡地点")


class DecideApplication(Shape):
    """审核一份申领：照片和身份核对过，同意制卡；或者写明原因不同意。"""

    no: ApplicationNo
    approve: bool = Field(title="同意制卡")
    note: Note = Field(default="", title="原因", description="不同意的要写明，本人看得到")


class WithdrawApplication(Shape):
    """撤销还没有送去制卡的申领。"""

    ident: Ident
    no: ApplicationNo


class HandOut(Shape):
    """发卡：核对身份，把做好的卡交给本人或者代领人。"""

    ident: Ident
    card_no: CardNo
    taken_by: Literal["holder", "agent"] = Field(
        title="谁来领", json_schema_extra={"labels": {"holder": "本人领取", "agent": "代领"}}
    )
    agent_name: Name | None = Field(default=None, title="代领人姓名")
    agent_ident: Ident | None = Field(default=None, title="代领人证件号码")
    evidence: FileId | None = Field(
        default=None, title="证明材料", description="代领的附委托材料", json_schema_extra={"widget": "file"}
    )
    activate: bool = Field(default=False, title="本人当场启用", description="启用以后旧卡作废")


class HandedOut(Shape):
    """卡已经发出。"""

    card_no: str = Field(title="卡号")
    status: str
    status_name: str = Field(title="状态")
    expires: date = Field(title="有效期至")


class AskApplications(Shape):
    """在办的申领，先申请的在前。"""

    state: Literal["applied", "approved", "producing", "made"] | None = Field(
        default=None,
        title="状态",
        json_schema_extra={
            "labels": {
                name: APPLICATION_STATES[name] for name in ("applied", "approved", "producing", "made")
            }
        },
    )
    page: int = Field(default=1, ge=1, le=10_000, title="第几页")


class ApplicationView(Shape):
    no: str = Field(title="申领编号")
    reason: str
    reason_name: str = Field(title="申领原因")
    state: str
    state_name: str = Field(title="状态")
    place: str = Field(title="领卡地点")
    applied_on: date = Field(title="申请日期")
    closed_on: date | None = Field(title="办结日期")
    said: str = Field(title="说明")
    card_no: str | None = Field(title="新卡卡号")


class Waiting(ApplicationView):
    ident: str = Field(title="证件号码")
    name: str = Field(title="姓名")
    photo: str = Field(title="照片")


class Applications(Shape):
    counts: dict[str, int] = Field(title="各状态的份数")
    applications: tuple[Waiting, ...] = Field(title="申领")
    more: bool = Field(title="后面还有")


# ---- mine (CRD-Q1), stopped (CRD-Q9) ----


class AskCard(Shape):
    """一个人的社会保障卡：现在的状态、来历、在办的申领。"""

    ident: Ident


class Happened(Shape):
    at: datetime = Field(title="时间")
    deed: str
    deed_name: str = Field(title="事情")
    after: str
    after_name: str = Field(title="以后的状态")
    until: date | None = Field(title="到哪一天")


class MyCard(Shape):
    card_no: str = Field(title="卡号")
    status: str
    status_name: str = Field(title="状态")
    issued: date = Field(title="发卡日期")
    expires: date = Field(title="有效期至")
    expired: bool = Field(title="已经到期")
    suspended_until: date | None = Field(title="临时挂失到")
    key_version: int = Field(title="密钥版本")
    history: tuple[Happened, ...] = Field(title="经过")


class MyCards(Shape):
    """一个人的社会保障卡。"""

    name: str = Field(title="姓名")
    area: str = Field(title="参保地")
    cards: tuple[MyCard, ...] = Field(title="社会保障卡")
    application: ApplicationView | None = Field(title="在办的申领")
    earlier: tuple[ApplicationView, ...] = Field(title="以前的申领")
    photo_known: bool = Field(title="交过照片")
    telephone: Literal["none", "set", "locked"] = Field(title="电话服务码")
    temporary_days: int = Field(title="临时挂失的天数")


class AskStopped(Shape):
    """停用卡名单：从一个序号以后的变化。自助机断线时照它拒绝停用的卡。"""

    since: int = Field(default=0, ge=0, le=2**62, title="已经有的最后一个序号")


class StoppedEntry(Shape):
    serial: int = Field(title="序号")
    mark: str = Field(title="卡的记号", description="卡识别码的 SM3 的前 16 个字节")
    stopped: bool = Field(title="停用；否则恢复")


class StoppedCards(Shape):
    """签了名的停用卡名单。签名的内容是：renshe-stopped|起|止|时间|各项（序号:记号:1 或 0，逗号分开）。"""

    since: int = Field(title="起")
    serial: int = Field(title="止")
    entries: tuple[StoppedEntry, ...] = Field(title="名单")
    more: bool = Field(title="后面还有")
    at: datetime = Field(title="时间")
    signature: str = Field(title="SM2 签名", description="r 和 s 共 64 个字节，十六进制")
