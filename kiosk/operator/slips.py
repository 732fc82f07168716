"""Slips: what the operator prints: a test, a count, the end of the day. Nothing on them about any person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backend.kernel.clock import CHINA
from backend.kiosks.schema import Beat, Counted
from kiosk import words
from kiosk.devices.port import Receipt


def moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def test(kiosk: str, at: datetime, found: Mapping[str, str], language: str) -> Receipt:
    def _(text: str) -> str:
        return words.translate(text, language)

    lines = [(_("自助机"), kiosk), (_("时间"), moment(at)), *found.items()]
    return Receipt(_("自检单"), tuple(lines), _("测试用，没有点钞。"))


def count(kiosk: str, at: datetime, counted: Counted, names: str, language: str) -> Receipt:
    def _(text: str) -> str:
        return words.translate(text, language)

    lines = [
        (_("自助机"), kiosk),
        (_("时间"), moment(at)),
        (_("清点号"), str(counted.count)),
        (_("账面（元）"), words.yuan(counted.book_fen)),
        (_("清点（元）"), words.yuan(counted.counted_fen)),
        (_("差额（元）"), words.yuan(counted.difference_fen)),
        (_("清点人"), names),
    ]
    return Receipt(_("现金清点单"), tuple(lines), _("两人签字：________  ________"))


def day(kiosk: str, at: datetime, beat: Beat, places: Mapping[str, str], name: str, language: str) -> Receipt:
    """By place, and what is open; the office has the same day's books (KSK-Q33)."""

    def _(text: str) -> str:
        return words.translate(text, language)

    notes = beat.notes or ()
    inside = {place: sum(one.fen * one.n for one in notes if one.place == place) for place in places}
    lines = [(_("自助机"), kiosk), (_("时间"), moment(at)), (_("操作员"), name)]
    lines += [(label, words.yuan(inside[place])) for place, label in places.items()]
    lines += [
        (_("机内合计（元）"), words.yuan(sum(inside.values()))),
        (_("没有办完的领取单"), str(beat.open)),
        (_("没有报告的领取单"), str(beat.outbox)),
        (_("待核实的领取单"), str(len(beat.doubts))),
        (_("日志序号"), str(beat.journal_seq or "")),
    ]
    return Receipt(_("现金日结单"), tuple(lines), _("签字：________"))
