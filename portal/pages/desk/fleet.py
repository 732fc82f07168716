"""The kiosks at the counter: which are alive, what cash they hold and how long it lasts, what is wrong; stop and start."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backend import http
from backend.kernel import documents, files
from backend.kernel.actor import Permission
from backend.kernel.documents import Column, Document, Grid
from backend.kernel.errors import Refusal
from backend.kiosks.schema import DEVICES, HAPPENINGS, HEALTH, OVER, PLACES, SHORT, STATES
from backend.kiosks.seen import DaySheet, Fleet, KioskView
from portal import charts
from portal.language import current, said
from portal.language import gettext as _
from portal.pages.desk import known
from portal.render import day, moment, page, yuan
from portal.session import Officer, ask

router = APIRouter(prefix="/desk/kiosks")
COUNTED = {"agreed": "账实相符", "open": "待处理", "decided": "已处理"}
WARNS_DAYS = 3  # ours: from here a bag has to be made ready
LOOKS = "done", "waits", "stopped"


def look(one: KioskView) -> str:
    """The sign beside a kiosk: what stops it, what waits for somebody, or that all is well."""
    if one.state not in ("serving", "visit"):
        return "stopped"
    return "waits" if troubles(one) or not one.serve else "done"


def troubles(one: KioskView) -> list[str]:
    """Everything about a kiosk that somebody has to see to, in words."""
    found = [
        f"{_(DEVICES.get(device.name, device.name))}{_('：')}{_(HEALTH[device.state])}"
        for device in one.devices
        if device.state != "ok"
    ]
    if one.doubts:
        found.append(_("待核实 {n} 张").format(n=len(one.doubts)))
    if one.outbox:
        found.append(_("没有报告 {n} 张").format(n=one.outbox))
    if one.cases:
        found.append(_("现金差额 {n} 件").format(n=one.cases))
    if one.off_fen:
        found.append(_("现金和账不符 {yuan} 元").format(yuan=yuan(one.off_fen)))
    if one.days is not None and one.days < WARNS_DAYS:
        found.append(_("现金不够 {n} 天").format(n=WARNS_DAYS))
    if one.skew_s is not None and abs(one.skew_s) > 120:
        found.append(_("时钟相差 {n} 秒").format(n=one.skew_s))
    return found


def ago(seconds: int | None) -> str:
    """How old the last word is."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("{n} 秒前").format(n=seconds)
    if seconds < 7200:
        return _("{n} 分钟前").format(n=seconds // 60)
    return _("{n} 小时前").format(n=seconds // 3600)


def in_words(detail: str) -> str:
    """What happened, in the reader's language as far as it is words of ours.

    >>> in_words("打印机：故障 PAPER_OUT"), in_words("暂停服务：换纸")
    ('打印机：故障 PAPER_OUT', '暂停服务：换纸')
    """
    parts = [part.partition(" ") for part in detail.split("：", 1)]
    return _("：").join(_(head) + gap + rest if head else rest for head, gap, rest in parts)


def _shown(fleet: Fleet) -> list[tuple[KioskView, str, list[str]]]:
    """Each with its sign and its troubles; what is wrong first."""
    rows = [(one, look(one), troubles(one)) for one in fleet.kiosks]
    return sorted(rows, key=lambda row: (-LOOKS.index(row[1]), row[0].kiosk))


@router.get("")
def fleet(request: Request, run: Officer) -> Response:
    known.item(run, "KSK-Q31")
    answer = ask(run, "KSK-Q31")
    return page(
        request,
        "desk/kiosks.html",
        rows=_shown(answer),
        now=answer.now,
        states=STATES,
        ago=ago,
        picture=_lasting(answer),
        differences=ask(run, "KSK-Q34").differences,
        counts={look: sum(row[1] == look for row in _shown(answer)) for look in LOOKS},
    )


def _lasting(answer: Fleet) -> charts.Picture | None:
    """How many days the cash of each kiosk lasts."""
    lasting = [one for one in answer.kiosks if one.days is not None][: charts.MOST]
    if not lasting:
        return None
    return charts.rows(
        _("现金还够几天"), [one.name for one in lasting], [float(one.days or 0) for one in lasting], _("天")
    )


@router.get("/{kiosk}")
def one(request: Request, run: Officer, kiosk: str) -> Response:
    return _one(request, run, kiosk)


def _one(request: Request, run: Officer, kiosk: str, status: int = 200, wrong: str = "") -> Response:
    known.item(run, "KSK-Q32")
    answer = ask(run, "KSK-Q32", kiosk=kiosk)
    view = answer.kiosk
    return page(
        request,
        "desk/kiosk.html",
        status=status,
        wrong=wrong,
        one=view,
        look=look(view),
        troubles=troubles(view),
        answer=answer,
        ago=ago,
        states=STATES,
        health=HEALTH,
        devices=DEVICES,
        happenings=HAPPENINGS,
        in_words=in_words,
        counted=COUNTED,
        ways=OVER | SHORT,
        picture=_kinds(view),
        manages=run.actor.may(Permission.KIOSK_MANAGE),
        today=run.clock.today(),
    )


def _kinds(view: KioskView) -> charts.Picture | None:
    """What lies in the cassettes, by denomination, in yuan."""
    if not view.kinds:
        return None
    return charts.rows(
        _("钞箱现金，按面额（元）"),
        [_("{yuan} 元").format(yuan=yuan(one.fen)) for one in view.kinds],
        [one.fen * one.cassette / 100 for one in view.kinds],
        _("元"),
    )


@router.post("/{kiosk}/{deed}")
def decide(
    request: Request,
    run: Officer,
    kiosk: str,
    deed: Literal["stop", "start"],
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Stop or start it, with a reason; it hears of it with its next word."""
    try:
        ask(run, {"stop": "KSK-41", "start": "KSK-42"}[deed], kiosk=kiosk, reason=reason)
    except Refusal as refusal:
        return _one(request, run, kiosk, refusal.status, said(refusal))
    return RedirectResponse(f"/desk/kiosks/{kiosk}", 303)


@router.get("/{kiosk}/day")
def sheet_of_day(request: Request, run: Officer, kiosk: str, day: date) -> Response:
    """The day's cash as a document to sign."""
    known.item(run, "KSK-Q33")
    answer = ask(run, "KSK-Q33", kiosk=kiosk, day=day)
    paper = sheet(answer)
    if "pdf" in request.query_params:
        content = documents.pdf(paper, run.clock.now())
        called = f"{files.cleaned(f'{paper.title}-{kiosk}-{day}')}.pdf"
        return http.download(files.Fetched(called, files.MEDIA[".pdf"], content))
    return page(request, "desk/kiosk_day.html", paper=paper, kiosk=kiosk, day=day, name=answer.name)


def sheet(answer: DaySheet) -> Document:
    """现金日结单."""
    moved: list[tuple[str, int]] = [
        (_("日初账面"), answer.opening_fen),
        (_("加钞"), answer.loaded_fen),
        (_("付出（{n} 笔）").format(n=answer.paid), -answer.paid_fen),
        (_("取出回库"), -answer.taken_fen),
        (_("清点长短款"), answer.counted_fen),
        (_("日终账面"), answer.closing_fen),
    ]
    inside: list[Any] = [(_(PLACES[place]), answer.inside.get(place, 0)) for place in PLACES]
    inside.append((_("机内合计"), answer.inside_fen))
    beside = [
        (_("已登记未装入的封包"), answer.waiting_fen),
        (_("没有结清的领取单（{n} 张）").format(n=len(answer.held)), answer.held_fen),
    ]
    columns = (Column(_("项目"), width=6), Column(_("金额（元）"), "fen", 3))
    return Document(
        _("自助机现金日结单"),
        (
            (_("自助机"), f"{answer.kiosk} {answer.name}"),
            (_("日期"), day(answer.day)),
            (_("最后报告"), moment(answer.reported_at) if answer.reported_at else _("没有")),
        ),
        (
            Grid(_("账面"), columns, tuple(moved), frozenset({0, len(moved) - 1})),
            Grid(_("出钞机计数"), columns, tuple(inside), frozenset({len(inside) - 1})),
            Grid(_("另记"), columns, tuple(beside)),
        ),
        remarks=tuple(_("没有结清的领取单：{order}").format(order=order) for order in answer.held),
        signed=((" " * 24).join(f"{_(one)}{_('：')}" for one in ("操作员", "复核")),),
        language=current.get(),
    )
