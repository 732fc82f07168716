"""What the world says to payout 发放 and hears from it: the collection protocol and the payment batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from backend.kernel.agreements import LAST_COUNT, Ended, KeyIndex
from backend.kernel.fields import FileId, MonthText, Shape
from backend.payout.notes import Notes

ORDER = r"^[0-9a-f]{16}$"  # kiosk 4 bytes, boot epoch 2, sequence 2, in hex
HEX8 = r"^[0-9a-f]{16}$"
HEX16 = r"^[0-9a-f]{32}$"
HEX32 = r"^[0-9a-f]{64}$"
DISPENSER = r"^[0-9A-Za-z-]{1,32}$"

Order = Annotated[str, Field(pattern=ORDER, title="领取单号", description="自助机编号、开机序号、流水号")]
Method = Literal["cash", "bank"]
Outcome = Literal["paid", "not", "unknown"]
ORDER_STATES = {
    "opened": "已受理",
    "authorised": "已授权",
    "paid": "已付款",
    "released": "没有付款，已退回",
    "in_doubt": "待核实",
    "cancelled": "已取消",
    "refused": "已拒绝",
}
OrderState = Literal["opened", "authorised", "paid", "released", "in_doubt", "cancelled", "refused"]


# ---- a visit: the card says who is there (CRD-11, CRD-12) ----


class BeginVisit(Shape):
    """自助机读到卡片后登记一次来访。"""

    card_no: str = Field(pattern=r"^[0-9A-Z]{9}$", title="社会保障卡卡号")
    card_code: Annotated[str, AfterValidator(str.upper)] = Field(
        pattern=r"^[0-9a-fA-F]{32}$", title="卡识别码"
    )
    area: str = Field(pattern=r"^[0-9]{6}$", title="发卡地行政区划")
    ident: str = Field(pattern=r"^[0-9]{17}[0-9X]$", title="社会保障号码")


class VisitBegun(Shape):
    visit: str = Field(title="来访号", description="一次有效，十分钟")
    challenge: str = Field(pattern=HEX16, title="卡片内部认证的随机数")
    masked_name: str = Field(title="姓名（遮掩）", examples=["张*丰"])


class ProveVisit(Shape):
    """密码核对以后，卡片用内部认证回答后台的随机数，证明卡是真的、人在场。"""

    visit: str = Field(pattern=HEX16, title="来访号")
    response: str = Field(pattern=HEX16, title="内部认证的回答")


class Payable(Shape):
    """一笔可以领取的待遇。"""

    entitlement: str = Field(title="待遇编号", examples=["1024"])
    month: MonthText = Field(title="待遇所属月")
    item: str = Field(title="待遇项目", examples=["基本养老金"])
    amount_fen: int = Field(gt=0, title="金额（分）")
    state: Literal["payable", "held", "collected", "sent_to_bank"] = Field(
        title="状态", description="可领、另一笔领取正在办、已领、已送银行"
    )
    collected_on: date | None = Field(default=None, title="领取日期")


class YearOfAccount(Shape):
    year: int
    opening_fen: int
    credited_fen: int
    interest_fen: int
    paid_fen: int
    closing_fen: int
    settled: bool = Field(default=True, title="已结息")


class Closing(Shape):
    """一笔领取怎样结束的，由后台签给卡片，写进卡里给本人看。"""

    order: Order
    ended: Ended = Field(title="结果", description="1 已付，2 没有付")
    mac3: str = Field(pattern=HEX8, title="后台的校验码")


class Visit(Shape):
    """证明以后，自助机可以给本人看的全部内容。"""

    visit: str
    name: str
    masked_ident: str
    months_paid: int = Field(ge=0, title="累计缴费月数")
    account_fen: int = Field(title="个人账户储存额（分）")
    pension_fen: int | None = Field(default=None, title="现在每月的养老金（分）")
    years: tuple[YearOfAccount, ...] = Field(title="最近几年的账户", description="最近的年在前，最多十年")
    payables: tuple[Payable, ...] = Field(title="待遇", description="最近的月在前，最多十二笔")
    bank: str | None = Field(title="待遇领取银行账户（遮掩）", examples=["示例银行 ****6217"])
    collect_key: KeyIndex | None = Field(
        default=None, title="领取密钥序号", description="领取型的卡才有：用哪一把密钥开始领取"
    )
    closings: tuple[Closing, ...] = Field(
        default=(), title="要告诉卡片的结果", description="卡里那一笔怎样结束的；卡不认得的那一条它自己拒绝"
    )


# ---- an order: OPENED -> AUTHORISED -> PAID | RELEASED | IN_DOUBT (PAY-11, PAY-12, PAY-13) ----


class CardBegun(Shape):
    """领取型的卡开始领取时的回答：它数到了第几次，并证明问它的正是这一笔。"""

    count: int = Field(ge=0, le=LAST_COUNT, title="卡片已经领取的次数")
    rnd: str = Field(pattern=HEX8, title="卡片随机数")
    mac1: str = Field(pattern=HEX8, title="卡片的校验码")
    key_version: KeyIndex = Field(title="领取密钥序号")


class CardTerms(Shape):
    """后台签给卡片的约定：它验过才会同意。"""

    moment: str = Field(pattern=r"^[0-9]{14}$", title="日期和时间")
    month: MonthText = Field(title="待遇所属月")
    mac2: str = Field(pattern=HEX8, title="后台的校验码")


class OpenOrder(Shape):
    """请求领取一笔待遇。后台一次只为一笔待遇开一张领取单。"""

    order: Order
    visit: str = Field(pattern=HEX16, title="来访号")
    entitlement: str = Field(pattern=r"^[0-9]{1,18}$", title="待遇编号")
    amount_fen: int = Field(gt=0, le=10**11, title="屏幕上给本人看过的金额（分）")
    method: Method = Field(title="领取方式")
    journal_seq: int = Field(ge=1, le=2**62, title="自助机日志序号", description="每台自助机严格递增")
    journal_head: str = Field(pattern=HEX32, title="自助机日志链头", description="上一条日志的 SHA-256")
    begun: CardBegun | None = Field(default=None, title="领取型的卡的回答", description="其他的卡没有")


class Opened(Shape):
    order: Order
    state: OrderState
    nonce: str = Field(pattern=HEX16, title="后台随机数", description="卡片证明要对它作答")
    terms: CardTerms | None = Field(default=None, title="签给领取型的卡的约定")
    frozen: bool = Field(default=False, title="卡片已停用待核查")


class ConfirmOrder(Shape):
    """本人的卡片对这张领取单作了证明；要求授权。"""

    order: Order
    proof: str = Field(
        pattern=r"^(?:[0-9a-f]{16}|[0-9a-f]{32})$",
        title="卡片证明",
        description="INTERNAL AUTHENTICATE(前16字节 SM3(order|amount|entitlement|kiosk|nonce))；领取型的卡是 TAC",
    )
    dispenser: str = Field(pattern=DISPENSER, title="出钞机号", description="银行转账时写 bank")
    dispenser_nonce: str = Field(pattern=HEX16, title="出钞机随机数", description="授权令牌只对它有效")


class Confirmed(Shape):
    order: Order
    state: OrderState
    token: str | None = Field(
        title="出钞授权令牌",
        description="HMAC-SHA256(出钞机密钥, order|nonce|amount)；再问得到同一个令牌；银行转账为空",
    )
    frozen: bool = Field(default=False, title="卡片已停用待核查")


class PresentStatus(Shape):
    """出钞机自己签名的出钞状态：最后一次出钞给谁、给了没有。"""

    dispenser: str = Field(pattern=DISPENSER)
    order: str = Field(pattern=r"^[0-9a-f]{0,16}$", description="最后一次出钞的领取单，没有为空")
    nonce: str = Field(pattern=HEX16, description="出钞机现在的随机数")
    presented: Literal["yes", "no", "unknown"]
    amount_fen: int = Field(ge=0)
    signature: str = Field(
        pattern=HEX32, description="HMAC-SHA256(出钞机密钥, dispenser|order|nonce|presented|amount_fen)"
    )


class ReportOrder(Shape):
    """报告结果，直到后台确认收到为止。"""

    order: Order
    outcome: Outcome = Field(title="结果")
    status: PresentStatus | None = Field(default=None, title="出钞机签名的状态")
    journal_seq: int = Field(ge=1, le=2**62, title="自助机日志序号")
    journal_head: str = Field(pattern=HEX32, title="自助机日志链头")


class Reported(Shape):
    order: Order
    state: OrderState = Field(title="状态", json_schema_extra={"labels": {**ORDER_STATES}})
    receipt_no: str | None = Field(default=None, title="回单号")
    at: datetime | None = Field(default=None, title="入账时间")


# ---- the cash of a kiosk (PAY-21, PAY-22) ----

KIOSK = r"^[0-9a-f]{8}$"


class CountCash(Shape):
    """两人清点停用的自助机以后，对一张待核实的领取单下结论。"""

    order: Order
    handed_out: bool = Field(
        title="现金已经被取走",
        description="清点发现少了这笔钱，就是已经取走；只少一部分的也算取走，剩下的清点后列暂收款，补给本人",
    )


class LoadCash(Notes):
    """给自助机的钞箱加钞。装在封包里的，写封包号和各面额的张数。"""

    kiosk: str = Field(pattern=KIOSK, title="自助机编号", examples=["00000001"])
    amount_fen: int = Field(gt=0, le=10**9, title="金额（元）", json_schema_extra={"widget": "amount"})
    sheet: str = Field(pattern=r"^[0-9A-Za-z-]{1,32}$", title="加钞单号", examples=["2026-1124-01"])
    bag: str = Field(default="", pattern=r"^[0-9A-Za-z-]{0,32}$", title="封包号", examples=["F-000123"])


class Loaded(Shape):
    kiosk: str = Field(title="自助机编号")
    amount_fen: int = Field(title="金额（分）")


class NameDispenser(Shape):
    """登记一台自助机里装的是哪一台出钞机。"""

    kiosk: str = Field(pattern=KIOSK, title="自助机编号", examples=["00000001"])
    dispenser: str = Field(pattern=DISPENSER, title="出钞机号", examples=["D-0001"])


class DispenserNamed(Shape):
    kiosk: str = Field(title="自助机编号")
    dispenser: str = Field(title="出钞机号")


# ---- monthly batches and bank files (PAY-01 … PAY-03, PAY-Q1, PAY-Q2) ----


class BatchView(Shape):
    """一个发放批次。"""

    batch: int = Field(title="批次号")
    month: str = Field(title="待遇所属月")
    item: str = Field(title="待遇项目")
    run: int = Field(title="第几次", description="同一个月第二次起是补发")
    n: int = Field(title="人数")
    total_fen: int = Field(title="合计（分）")
    waiting: int = Field(title="待领")
    settled: int = Field(title="已付")
    at_bank: int = Field(title="银行办理中")
    cancelled: int = Field(title="已撤销")


class AskBatches(Shape):
    """查询发放批次。"""

    month: MonthText | None = Field(default=None, title="待遇所属月")


class Batches(Shape):
    batches: tuple[BatchView, ...] = Field(title="发放批次")


Profile = Literal["plain", "counted", "iso20022"]  # as in bankfiles/banks.yaml; a test compares
PROFILES = {
    "plain": "通用文本（竖线分隔）",
    "counted": "逗号分隔文本（尾行有笔数和合计）",
    "iso20022": "ISO 20022（pain.001 和 pain.002）",
}


class MakeBankFile(Shape):
    """把一个批次里每月由银行发放的人做成银行报盘文件。"""

    batch: int = Field(ge=1, le=2**62, title="批次号")
    profile: Profile = Field(
        default="plain",
        title="文件格式",
        description="和银行约定的格式",
        json_schema_extra={"labels": {**PROFILES}},
    )


class BankFileView(Shape):
    file: int = Field(title="报盘文件号")
    n: int = Field(title="笔数")
    total_fen: int = Field(title="合计（分）")
    sent: FileId = Field(title="报盘文件", description="一个批次人数太多时分成几个文件，再办一次就是下一个")


class ReadBankFile(Shape):
    """读入银行回盘文件：逐笔登记成功或退回，同一文件再读一次不会重复入账。"""

    file: int = Field(ge=1, le=2**62, title="报盘文件号")
    returned: FileId = Field(
        title="回盘文件",
        description="银行按报盘的格式给的；通用文本每行是：流水号|结果|原因，结果用银行回盘结果代码（00 成功）",
    )


class BankFileRead(Shape):
    file: int = Field(title="报盘文件号")
    paid: int = Field(title="成功笔数")
    paid_fen: int = Field(title="成功金额（分）")
    returned: int = Field(title="退回笔数")
    returned_fen: int = Field(title="退回金额（分）")
    pending: int = Field(title="银行还在处理的笔数")
    already: int = Field(title="此前已登记的笔数")


class AskBankFiles(Shape):
    """查询银行文件：送出多少、成功多少、退回多少、还在办的多少。"""

    batch: int | None = Field(default=None, ge=1, le=2**62, title="批次号", description="不写就是最近的")


class FileView(Shape):
    """一个报盘文件。"""

    file: int = Field(title="报盘文件号")
    batch: int = Field(title="批次号")
    profile: str = Field(title="文件格式")
    n: int = Field(title="笔数")
    total_fen: int = Field(title="合计（分）")
    open: int = Field(title="银行办理中")
    paid: int = Field(title="成功笔数")
    returned: int = Field(title="退回笔数")
    made: date = Field(title="报盘日期")
    answered: date | None = Field(title="最近一次回盘")
    sent: str | None = Field(title="报盘文件", json_schema_extra={"widget": "file"})


class BankFiles(Shape):
    files: tuple[FileView, ...] = Field(title="银行文件")


class AskReturned(Shape):
    """查询一个报盘文件里被银行退回、还没有再发的人。"""

    file: int = Field(ge=1, le=2**62, title="报盘文件号")


class ReturnedView(Shape):
    name: str = Field(title="姓名")
    month: str = Field(title="待遇所属月")
    amount_fen: int = Field(title="金额（分）")
    account: str = Field(title="账号（遮掩）")
    reason: str = Field(title="银行退回的原因")
    bank_note: str = Field(title="银行的说明")


class Returns(Shape):
    lines: tuple[ReturnedView, ...] = Field(title="退发")


class AskPayments(Shape):
    """查询我的待遇发放记录。"""

    ident: str = Field(pattern=r"^[0-9]{17}[0-9X]$", title="公民身份号码")


class PaymentView(Shape):
    entitlement: str = Field(title="待遇编号")
    month: str = Field(title="待遇所属月")
    item: str = Field(title="待遇项目")
    amount_fen: int = Field(title="金额（分）", description="实际发给本人的，抵扣的已经减去")
    kept_fen: int = Field(title="抵扣多发待遇（分）")
    state: str
    state_label: str = Field(title="状态")
    returned: str | None = Field(title="银行退回的原因", description="还没有重新领取的，改好账户后可以再发")
    settled_at: datetime | None = Field(title="办结时间")
    settled_on: date | None = Field(title="日期")
    receipt_no: str | None = Field(title="回单号")


class Payments(Shape):
    payments: tuple[PaymentView, ...] = Field(title="发放记录")
