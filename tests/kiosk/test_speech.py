"""What is said aloud: every screen in words, what is private for the headset alone, all of it recorded."""

from __future__ import annotations

import re
import shutil
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from backend.employment.applying import AlreadyApplied
from backend.employment.schema import APPLICATION_STATES
from backend.hall.refusals import CannotBeLost
from backend.kernel.errors import Told
from backend.kernel.language import EN, ZH
from backend.kernel.telling import tell
from backend.payout.visiting import STOPPED
from backend.registry.schema import CARD_STATUS
from kiosk import flow, pages, speech, spoken, told, words
from kiosk.case import LOUDEST, Comfort, Said, Screen
from kiosk.client import NoAnswer, Refused
from kiosk.flow import State
from kiosk.matter import Matter
from kiosk.recordings import INDEX, Recordings, keyed
from kiosk.services import SERVICES
from kiosk.spoken import spoken as said_by
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.refused import refused_here
from tests.kiosk.stills import stills

LANGUAGES = (ZH, EN)
BUTTON = re.compile(r'<button type="submit"([^>]*)>(?:<svg.*?</svg>)?<b>([^<]*)</b>')  # a choice: has a label
WANTED = {language: speech.recorded(language) for language in LANGUAGES}
NEEDS = pytest.mark.skipif(
    shutil.which(speech.PROGRAM) is None, reason="needs a voice: Debian package espeak-ng"
)


def listed(home: Path, wanted: dict[str, dict[str, str]]) -> Recordings:
    """An index of all that would be recorded, without the sound."""
    texts = {language: {key: key for key in said} for language, said in wanted.items()}
    (home / INDEX).write_text(speech.index_of(wanted, texts), "utf-8")
    return Recordings(home)


@pytest.fixture
def recordings(tmp_path: Path) -> Recordings:
    return listed(tmp_path, WANTED)


@pytest.fixture
def screens(books: ReferenceBackend) -> dict[str, Screen]:
    return {name: replace(one, services=SERVICES) for name, one in stills(books).items()}


def all_said(screen: Screen) -> str:
    return " ".join(one.text for one in said_by(screen, pages.BUSY.get(screen.state, "")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_says_something_and_all_of_it_can_be_put_together_from_recordings(
    recordings: Recordings, screens: dict[str, Screen], language: str
) -> None:
    for name, screen in screens.items():
        if screen.state in flow.PINS - {State.PIN}:
            continue  # their template speaks for them
        for headset in (False, True):
            seen = replace(screen, language=language, comfort=replace(screen.comfort, headset=headset))
            phrases = said_by(seen, pages.BUSY.get(seen.state, ""))
            assert phrases, name
            for one in phrases:
                assert recordings.clips(one.text, language), (name, one.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_refused_can_be_said_from_recordings(recordings: Recordings, language: str) -> None:
    applied = [AlreadyApplied(state=state) for state in APPLICATION_STATES.values()]
    lost = [CannotBeLost(tail="0042", status=status) for status in CARD_STATUS.values()]
    for refusal in (*refused_here(), *applied, *lost):
        heard = words.said(Said.of(Refused(refusal.code, tell(refusal, ZH).message)), language)
        assert recordings.clips(heard, language), heard


def test_what_nobody_recorded_is_not_said_in_part(recordings: Recordings) -> None:
    assert recordings.clips("请取卡，欧阳䶮。", ZH) == ()
    assert recordings.clips("请取卡。" * 1000, ZH) == ()


def test_the_loudspeaker_says_no_amount_no_number_and_no_name(screens: dict[str, Screen]) -> None:
    for name, screen in screens.items():
        loud = all_said(screen)
        assert not re.search(r"\d[.,]\d|\*|\d{5}|挂失|到期|去世", loud), name
        assert "欧" not in loud, name


def test_the_headset_says_the_amount_the_number_and_what_went_wrong(screens: dict[str, Screen]) -> None:
    def heard(name: str) -> str:
        return all_said(replace(screens[name], comfort=Comfort(headset=True)))

    for name in ("stacked", "presenting", "paid"):
        assert "¥14,580.37" in heard(name)
    assert "2026年12月 基本养老金 ¥14,580.49" in heard("method")
    assert "累计缴费 28 年 4 个月" in heard("account")
    assert heard("payments").count("¥") == spoken.READ_OUT
    assert "领取单号 0000000100010001" in heard("doubt")
    stopped = " ".join(heard(name) for name in screens if "CardStopped" in name)
    for status in STOPPED.values():
        assert f"已经{status}" in stopped


@pytest.mark.parametrize("headset", [False, True])
@pytest.mark.parametrize("said", [told.CashBroken(), told.NotTaken(), told.ShutterShut(), NoAnswer("cut")])
def test_of_money_in_doubt_nobody_hears_that_it_is_back(
    screens: dict[str, Screen], said: Told, headset: bool
) -> None:
    heard = all_said(replace(screens["doubt"], said=Said.of(said), comfort=Comfort(headset=headset)))
    assert "待核实" in heard
    assert not re.search("退回|没有动|看屏幕上的说明", heard)


def test_while_it_asks_whether_somebody_is_there_nothing_private_is_said(
    screens: dict[str, Screen],
) -> None:
    asking = replace(screens["method"], asking=True, comfort=Comfort(headset=True))
    assert all_said(asking).startswith("需要更多时间吗？ 按 1，还要，继续办理。")
    assert "¥" not in all_said(asking)


def test_what_is_said_to_be_chosen_is_what_stands_on_the_buttons(screens: dict[str, Screen]) -> None:
    """By the digit each button has; one that cannot be pressed is not offered."""
    menu = screens["menu"]
    later = {f"menu {at}": replace(menu, matter=Matter(pages={State.MENU: at})) for at in range(4)}
    with_card = {"asking, card in": replace(screens["asking"], insertion=1)}
    for name, screen in (screens | later | with_card).items():
        html = pages.render(screen, None, "1")
        question = html.partition("<main")[2].partition("</main>")[0]
        buttons = re.findall(BUTTON, question)
        offered = {at: text for at, (how, text) in enumerate(buttons, 1) if "disabled" not in how}
        assert {at: text for at, text in enumerate(spoken.labels(screen), 1) if text} == offered, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_private_is_not_even_in_the_page_without_a_headset(
    screens: dict[str, Screen], language: str
) -> None:
    for name, screen in screens.items():
        html = pages.render(replace(screen, language=language), None, "1")
        voice = html.partition('id="voice" hidden>')[2].partition("</div>")[0]
        assert "¥" not in voice, name


def test_volume_and_pace_stay_within_their_bounds() -> None:
    comfort = Comfort()
    for _ in range(9):
        comfort = comfort.wish("louder")
    assert comfort.volume == LOUDEST
    for _ in range(9):
        comfort = comfort.wish("softer")
    assert comfort.volume == 0
    assert comfort.wish("pace").wish("pace") == comfort.wish("nonsense") == comfort


def test_two_readings_of_a_word_are_told_apart() -> None:
    assert speech.spelled("转到银行卡，还要继续", ZH).startswith("zhuan3 dao4 yin2 hang2 ka3 ， hai2 yao4")
    assert speech.spelled("Take your card", EN) == "Take your card"


@NEEDS
def test_recordings_are_made_once_and_what_nobody_says_any_more_goes(tmp_path: Path) -> None:
    wanted = {ZH: {"请取卡": "请取卡", "一": "一"}, EN: {"take your card": "Take your card"}}
    speech.make(tmp_path, wanted)
    assert speech.current(tmp_path, wanted)
    made = Recordings(tmp_path)
    (file,) = made.clips("请取卡。", ZH)
    with wave.open(str(tmp_path / file)) as sound:
        assert 0.3 < sound.getnframes() / sound.getframerate() < 3, "the words without silence around them"
        assert max(sound.readframes(sound.getnframes())) > 0
    before = (tmp_path / file).stat().st_mtime_ns
    fewer = {ZH: {"请取卡": "请取卡"}, EN: {}}
    assert not speech.current(tmp_path, fewer)
    speech.make(tmp_path, fewer)
    assert (tmp_path / file).stat().st_mtime_ns == before
    assert len([*tmp_path.glob("*.wav")]) == 1
    assert Recordings(tmp_path).clips("Take your card", EN) == ()


def test_without_recordings_the_kiosk_is_silent(tmp_path: Path) -> None:
    silent = Recordings(tmp_path)
    assert (len(silent), silent.clips("请取卡。", ZH)) == (0, ())


@pytest.mark.parametrize(
    ("heard", "alike"), [("请取卡。", "请取卡"), ("请 取卡！", "请取卡"), ("¥1", "1"), ("A-b", "ab")]
)
def test_signs_make_no_difference(heard: str, alike: str) -> None:
    assert keyed(heard, ZH) == alike


def test_of_the_pin_only_how_many_digits_there_are_is_said(screens: dict[str, Screen]) -> None:
    for typed in range(1, 7):
        screen = replace(screens["wrong PIN"], said=None, typed=typed, comfort=Comfort(headset=True))
        assert all_said(screen) == f"已输入 {typed} 位"
    assert all_said(replace(screen, language=EN, typed=1)) == "1 digit entered"
