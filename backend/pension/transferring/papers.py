"""Papers of a transfer: the letter 联系函 and the information table 信息表 as they are sent, in Chinese, signed by us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.kernel import codes, documents, files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.documents import Column, Document, Grid
from backend.kernel.language import ZH, day_in
from backend.kernel.params import value
from backend.kernel.settings import settings
from backend.levy.certified import CertificateView
from backend.pension.transferred import TransferCase, TransferYear
from backend.pension.transferring.table import NAME, Span
from backend.registry import service as registry

LETTER = "基本养老保险关系转移接续联系函"
SPANS = (
    Column("起", width=3),
    Column("止", width=3),
    Column("月数", "number", 2),
    Column("参保地", width=6),
    Column("月缴费基数（元）", "fen", 4),
)
YEARS = (
    Column("年份", width=2),
    *(Column(f"{label}（元）", "fen", 3) for label in ("年初", "本金", "利息", "支出", "年末")),
)


def agency() -> str:
    return settings().agency_name or f"{codes.name('area', settings().area)}社会保险经办机构"


def kept(uow: Uow, document: Document, person: registry.Person) -> str:
    """The paper as a PDF, kept for who works on the case."""
    content = documents.pdf(document, uow.now)
    name = f"{document.title} {person.name}.pdf"
    return files.keep(uow, name=name, content=content, may=Permission.PENSION_READ, ours=True).file


def voucher(one: CertificateView) -> Document:
    """The certificate with which a transfer is asked for elsewhere."""
    rows = tuple((line.payer, line.first, line.last, line.months) for line in one.spans)
    columns = (
        Column("缴费单位或者参保地", width=6),
        Column("起"),
        Column("止"),
        Column("月数", "number", 2),
    )
    return Document(
        title=one.title,
        facts=(("验证码", one.code),),
        leads=(
            f"姓名：{one.name}　　公民身份号码：{one.number}",
            *(f"{told.name}：{told.value}" for told in one.facts),
        ),
        grids=(Grid("缴费经历", columns, rows),),
        remarks=("查验：在本机构网站的“证明查验”输入验证码，就能看到这张凭证的内容。",),
        signed=(agency(), day_in(one.issued_on, ZH)),
    )


def letter(case: TransferCase, person: registry.Person, sent: date) -> Document:
    """What the other place is asked for, by when."""
    days = value("pension.transfer.step_days", sent)
    money = "并划转转移资金" if case.with_money else "本次不划转资金"
    return Document(
        title=LETTER,
        facts=(("编号", case.letter or ""),),
        grids=(),
        leads=(
            f"{case.other_agency}：",
            f"　　{person.name}（公民身份号码 {person.ident}）已经在本地参加企业职工基本养老保险，"
            f"于{day_in(case.applied_on, ZH)}提出基本养老保险关系转移接续申请，经审核同意接收。",
            f"　　请在收到本函之日起 {days} 个工作日内办理转出手续，发来《{NAME}》，{money}。",
            "　　依据：国办发〔2009〕66号第八条。",
        ),
        signed=(agency(), day_in(sent, ZH)),
    )


def told(
    case: TransferCase,
    person: registry.Person,
    spans: Sequence[Span],
    years: Sequence[TransferYear],
) -> Document:
    """The months, the account, and how much goes along."""
    rows = tuple(
        (str(one.first), str(one.last), one.months, codes.full_name(one.area), one.base.fen) for one in spans
    )
    balance = tuple(
        (
            str(one.year),
            one.opening.fen,
            one.credited.fen,
            one.interest.fen,
            one.paid.fen,
            one.closing.fen,
        )
        for one in years
    )
    kind = "临时基本养老保险缴费账户" if case.temporary else "一般账户"
    months = sum(one.months for one in spans)
    return Document(
        title=NAME,
        facts=(("联系函编号", case.letter or ""), ("转移编号", str(case.id)), ("金额单位", "元")),
        leads=(
            f"姓名：{person.name}　　公民身份号码：{person.ident}　　账户类型：{kind}",
            f"转入地：{codes.full_name(case.other_area)}　{case.other_agency}",
            f"实际缴费 {months} 个月，视同缴费 {case.deemed_months} 个月。个人账户转移额 {case.account} 元，"
            f"统筹基金转移额 {case.pooled} 元，转移总额 {case.total} 元。"
            + ("资金随后划付。" if case.with_money else "本次不划转资金。"),
        ),
        grids=(Grid("缴费经历", SPANS, rows), Grid("个人账户", YEARS, balance)),
        signed=(agency(), day_in(case.decided_on or case.applied_on, ZH)),
    )
