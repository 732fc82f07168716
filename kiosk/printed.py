"""Printed: the papers a kiosk prints beside the receipt, in the language of the screen; nobody's name or number is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from backend.hall.schema import GuideItem, Paper, PaperLine, Records
from backend.kernel.language import day_in
from kiosk.devices.port import Receipt
from kiosk.words import month, translate, yuan

COLUMNS: Final = 36  # of the paper, less a little
Lines = Iterator[tuple[str, str]]


def number(visit: str, paper: Paper | Records) -> str:
    """The name of the print: the same paper again in a visit is the same print."""
    return f"{visit[:12]}-{paper.kind if isinstance(paper, Paper) else 'year'}"


def slip(paper: Paper | Records, language: str) -> Receipt:
    return _certificate(paper, language) if isinstance(paper, Paper) else _year(paper, language)


def _certificate(paper: Paper, language: str) -> Receipt:
    def _(text: str) -> str:
        return translate(text, language)

    titles = {"career": _("参保缴费证明（演示数据）"), "benefit": _("养老待遇证明（演示数据）")}
    lines = [
        (_("姓名"), paper.masked_name),
        (_("公民身份号码"), paper.masked_ident),
        (_("开具日期"), day_in(paper.issued_on, language)),
        *(pair for line in paper.lines for pair in _line(line, language)),
        (_("验证码"), paper.code),
    ]
    return Receipt(titles[paper.kind], tuple(lines), _("查验全文：本机构网站“证明查验”，输入验证码。"))


def _line(line: PaperLine, language: str) -> Lines:
    def _(text: str) -> str:
        return translate(text, language)

    if line.amount_fen is not None:
        yield _(line.name), yuan(line.amount_fen)
        yield _("从哪个月起"), month(line.first, language)
        yield _("状态"), _(line.state) if line.state else ""
        return
    yield _(line.name), f"{line.months} {_('个月')}"
    yield "", f"{month(line.first, language)} – {month(line.last or line.first, language)}"


def _year(records: Records, language: str) -> Receipt:
    def _(text: str) -> str:
        return translate(text, language)

    lines = [
        (_("姓名"), records.masked_name),
        (_("公民身份号码"), records.masked_ident),
        (_("查询日期"), day_in(records.on, language)),
    ]
    for one in records.months:
        paid = _("已缴清") if one.paid else _("未缴清")
        lines.append((month(one.month, language), f"{yuan(one.person_fen)} {paid}"))
    foot = _("金额是个人部分（元）。本单只供本人查看，要证明请打印参保缴费证明。")
    return Receipt(_("今年的缴费记录（演示数据）"), tuple(lines), foot)


def errand(one: GuideItem, language: str) -> Receipt:
    """What to bring, to take home."""

    def _(text: str) -> str:
        return translate(text, language)

    parts = [
        (_("谁可以办"), _(one.who)),
        *((_("要带什么"), _(thing)) for thing in one.bring),
        (_("多久办好"), _(one.days)),
        (_("依据"), _(one.law)),
    ]
    lines = [pair for label, text in parts if text for pair in _wrapped(label, text)]
    return Receipt(_(one.title), tuple(lines), _("有疑问请到柜台，或者拨打 12333。"))


def _wrapped(label: str, text: str) -> Lines:
    """A long text in lines that the paper is wide enough for.

    >>> list(_wrapped("谁", "按月领取养老待遇的人，本人或者代办的亲属都可以"))
    [('谁', '按月领取养老待遇的人，本人或者代办的'), ('', '亲属都可以')]
    """
    line, width = "", 0
    for character in text:
        wide = 1 if character.isascii() else 2
        if width + wide > COLUMNS:
            yield label, line
            label, line, width = "", "", 0
        line, width = line + character, width + wide
    yield label, line
