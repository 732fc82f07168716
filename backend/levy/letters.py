"""The letter of a notice to pay 催缴通知书: a paper of office, in Chinese only, in the words of the law."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.documents import Column, Document, Grid
from backend.kernel.language import ZH, day_in
from backend.kernel.money import Money
from backend.kernel.params import value
from backend.kernel.rules import percent
from backend.kernel.settings import settings
from backend.levy.noticed import NoticeView
from backend.levy.schema import KINDS

COLUMNS = (
    Column("费款所属期", width=3),
    Column("险种", width=6),
    Column("缴款期限", width=4),
    Column("欠缴金额（元）", "fen", 4),
    Column("滞纳金（元）", "fen", 3),
)


def called(notice: NoticeView) -> str:
    """What its file is called."""
    return f"{_title(notice)} {notice.notice}"


def notice(one: NoticeView) -> Document:
    """Whom, what, how much, until when, by which law, and what follows."""
    year, _, no = one.notice.partition("-")
    rows = [
        (
            line.month,
            line.insurance_name
            if line.kind_name == KINDS["dues"]
            else f"{line.insurance_name} {line.kind_name}",
            day_in(line.due_day, ZH),
            line.owed_fen,
            line.late_fee_fen,
        )
        for line in one.lines
    ]
    rows.append(("合计", "", "", one.owed_fen, one.late_fee_fen))
    kind = "限缴" if one.employer else "催缴"
    return Document(
        title=_title(one),
        facts=(("", f"{kind}〔{year}〕{no}号"),),
        leads=(f"{one.name}（{one.number}）：", *(_to_employer(one) if one.employer else _to_person(one))),
        grids=(Grid("", COLUMNS, tuple(rows), frozenset({len(rows) - 1})),),
        remarks=(
            "缴款方式：在本机构网站的“社保缴费”里缴，或者通过银行、税务机关缴。已经缴清的，请不必理会本通知。",
            "签收人：                                        签收日期：            年        月        日",
        ),
        signed=(
            settings().agency_name or f"{codes.name('area', settings().area)}社会保险经办机构",
            day_in(one.issued_on, ZH),
        ),
    )


def _title(one: NoticeView) -> str:
    return "社会保险费限期缴纳通知书" if one.employer else "社会保险费催缴通知书"


def _sums(one: NoticeView) -> tuple[str, str, str, str, str]:
    whole = one.owed_fen + one.late_fee_fen
    return (
        day_in(one.issued_on, ZH),
        day_in(one.pay_by, ZH),
        str(Money(one.owed_fen)),
        str(Money(one.late_fee_fen)),
        str(Money(whole)),
    )


def _to_employer(one: NoticeView) -> tuple[str, ...]:
    day, until, owed, fee, whole = _sums(one)
    rate = percent(value("levy.overdue.late_fee_rate", one.issued_on))
    return (
        f"　　经核查，截至{day}，你单位未按时足额缴纳社会保险费，欠缴 {owed} 元；算到当日的滞纳金 {fee} 元，合计 {whole} 元。"
        "明细见下表。",
        f"　　根据《中华人民共和国社会保险法》第六十三条、第八十六条的规定，责令你单位在{until}以前缴清。"
        f"滞纳金自欠缴之日起按日加收欠缴金额的 {rate}，算到实际缴纳之日。滞纳金由单位承担，不得要求职工承担。",
        "　　逾期仍未缴清的，将依法查询你单位的存款账户，申请划拨社会保险费，申请人民法院扣押、查封、拍卖财产抵缴，"
        "并由有关行政部门依法处以罚款。",
        "　　账户余额不足、暂时确有困难的，可以提供担保，申请签订缓缴协议。对本通知有异议的，"
        "可以向本机构提出，也可以依法申请行政复议或者提起行政诉讼。",
    )


def _to_person(one: NoticeView) -> tuple[str, ...]:
    day, until, owed, fee, whole = _sums(one)
    return (
        f"　　您以灵活就业身份参加社会保险，截至{day}，有 {owed} 元社会保险费过了缴款期限还没有缴；"
        f"算到当日的滞纳金 {fee} 元，合计 {whole} 元。明细见下表。",
        f"　　请您在{until}以前缴清。没有缴清的月份不计入缴费年限，医疗保险待遇也可能受影响。",
        "　　有疑问的，请拨打 12333，或者到社会保险经办窗口询问。",
    )
