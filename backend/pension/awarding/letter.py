"""The paper of an award 养老待遇核定表: a paper of office, in Chinese only, laid out as bureaus print it."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.documents import Column, Document, Grid
from backend.kernel.language import ZH, day_in
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import AgeYM, Month
from backend.kernel.settings import settings
from backend.pension.awarding.schema import NoticeView

TITLE = "养老待遇核定表"
FOUR = (Column("", width=4), Column("", width=7), Column("", width=4), Column("", width=7))
ITEMS = (Column("项目", width=5), Column("怎么算的（元）", width=18), Column("金额（元/月）", "fen", 4))


def called(one: NoticeView) -> str:
    """What its file is called."""
    return f"{TITLE} {one.name} {one.award}"


def letter(one: NoticeView) -> Document:
    """Who, from which facts, how much and how it was worked out, by which law, and how to object."""
    return Document(
        title=f"{TITLE}（预核定）" if one.provisional else TITLE,
        facts=(("核定编号", str(one.award)), ("核定日期", day_in(one.decided_on, ZH)), ("金额单位", "元")),
        grids=(_person(one), _grounds(one), _items(one), _sum(one)),
        remarks=(*_remarks(one), *_objecting(one), _checking(one)),
        signed=(
            settings().agency_name or f"{codes.name('area', settings().area)}社会保险经办机构",
            day_in(one.decided_on, ZH),
        ),
    )


def _person(one: NoticeView) -> Grid:
    rows = (
        ("姓名", one.name, "公民身份号码", one.ident),
        ("性别", one.sex, "出生日期", day_in(one.birth, ZH)),
        ("退休时的单位", one.employer),
        (
            "退休年月",
            _month(one.retired),
            "退休时的年龄",
            one.age.removesuffix("0个月") if one.age.endswith("岁0个月") else one.age,
        ),
    )
    return Grid("一、基本情况", FOUR, rows, form=True)


def _grounds(one: NoticeView) -> Grid:
    whole = one.months_paid + one.deemed_months
    base = f"{one.base}（{one.base_year}年度）" if one.base_year else one.base
    rows = (
        ("累计缴费年限", _years(whole), "平均缴费指数", one.index),
        ("其中实际缴费", _years(one.months_paid), "其中视同缴费", _years(one.deemed_months)),
        ("计发基数", base, "计发月数", one.divisor),
        ("个人账户储存额", one.account, "其中退休当年利息", one.running),
    )
    return Grid("二、核定依据", FOUR, rows, form=True)


def _items(one: NoticeView) -> Grid:
    rows = tuple((step.name, step.formula, Money.yuan(step.value).fen) for step in one.components)
    return Grid("三、待遇构成", ITEMS, rows, frozenset({len(rows) - 1}))


def _sum(one: NoticeView) -> Grid:
    total = Money(one.total_fen)
    rows = (
        ("每月养老金", f"{total} 元", "大写", total.capitals),
        ("首次发放月", _month(one.first_month), "发放办法", "按月发放，次月起"),
    )
    return Grid("四、核定结果", FOUR, rows, form=True)


def _remarks(one: NoticeView) -> tuple[str, ...]:
    law = "核定的依据：《中华人民共和国社会保险法》第十五条、第十六条；国发〔2005〕38号 第六条和当地的实施办法。"
    again = (f"本表代替以前的核定，原因：{one.replaces}。",) if one.replaces else ()
    return (law, *again, *(f"说明：{said}" for said in one.warnings))


def _objecting(one: NoticeView) -> tuple[str, ...]:
    """How long, for an award of a day whose law is on record; of an older one only that it can be asked."""
    look = Lookup(one.decided_on)
    days, months = (look.optional(f"pension.objection.{name}") for name in ("review_days", "suit_months"))
    ask = "有疑问的，也可以先到社会保险经办窗口或者拨打 12333 询问。"
    if days is None or months is None:
        return (f"对本核定不服的，可以依法申请行政复议或者向人民法院提起行政诉讼，期限按核定时的法律。{ask}",)
    return (
        f"对本核定不服的，可以自知道本核定之日起 {days.value} 日以内依法申请行政复议，或者在 {months.value} 个月以内"
        "依法向人民法院提起行政诉讼（社会保险法 第八十三条、行政复议法 第二十条、行政诉讼法 第四十六条）。"
        f"{ask}",
    )


def _checking(one: NoticeView) -> str:
    return f"验证码：{one.code}。查验：在本机构网站的“证明查验”输入验证码，就能看到这份核定表的主要内容。"


def _years(months: int) -> str:
    """368 months as people say it."""
    if not months:
        return "0"
    age = AgeYM.of_months(months)
    parts = [f"{age.years} 年" if age.years else "", f"{age.months} 个月" if age.months else ""]
    return f"{''.join(parts)}（{months} 个月）" if age.years else f"{months} 个月"


def _month(text: str) -> str:
    month = Month.parse(text)
    return f"{month.year}年{month.month}月"
