"""Spoken: what a screen says aloud — the one place; what only the holder may hear is said into a headset alone.

A digit of the PIN is never spoken, only how many there are. A template may put its own sentence into its block
`voice`; it is heard by everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from backend.kernel.language import day_in
from cardio.card import CardGarbled, PinMalformed
from cardio.link import (
    CardFault,
    CardMute,
    CardPulled,
    CardStuck,
    NotSocialSecurityCard,
    OutcomeUnknown,
    SessionOver,
)
from kiosk import matter, words
from kiosk.case import LOUDEST, Screen
from kiosk.client import NoAnswer
from kiosk.flow import State
from kiosk.services import SERVICES
from kiosk.told import CashBroken, NotDone, NotTaken, PartTaken, PinWrong

S = State
QUESTIONS: Final[Mapping[State, str]] = {
    S.WELCOME: "您好。请插入社会保障卡，带芯片的一头朝里，芯片朝上，插到底。",
    S.PIN: "请输入六位密码，输完按确认。输的时候请用手遮一下。",
    S.MENU: "您要办什么？",
    S.ACCOUNT: "这是您的个人账户，请看屏幕。要看金额，请按住下面的“看金额”。看完按返回。",
    S.PAYMENTS: "这是发放记录，请看屏幕。要看金额，请按住下面的“看金额”。看完按返回。",
    S.CHOOSING: "您有几笔可以领，先领哪一笔？",
    S.METHOD: "请核对屏幕上的金额。您想怎么领？",
    S.STACKED: "钱已经点好。请先取卡，取出卡以后，出钞口马上打开。",
    S.PRESENTING: "请取走现金，当面点清。",
    S.TAKE_CARD: "请取卡。",
    S.STOPPED: "这台机器暂停服务，请到另一台自助机或柜台办理。",
    S.REFUSED: "这次不能领。",
}
CHOICES: Final[Mapping[State, tuple[str, ...]]] = {
    S.METHOD: ("领现金", "转到银行卡"),
    S.REFUSED: ("知道了",),
}
ENDED: Final[Mapping[str, str]] = {
    "paid": "领好了。",
    "to_bank": "已交银行办理。",
    "in_doubt": "这笔领取待核实，您的钱不会少，也不会重复发。请把领取单号记下来。",
    "not_paid": "这次没有领，您的钱没有动。",
}
STATES: Final[Mapping[str, str]] = {
    "payable": "可以领",
    "held": "办理中",
    "collected": "已领",
    "sent_to_bank": "已送银行",
    "paid": "已到银行账户",
}
VOLUMES: Final = ("声音已经关掉", "声音小", "声音中等", "声音大")
LOUDER, SOFTER, SLOWER, FASTER = "响一点", "轻一点", "慢一点", "照平常的快慢"
WITH_HEADSET, NO_HEADSET = "我戴了耳机", "我没戴耳机"
READ_IT, MORE_TIME = "请看屏幕上的说明。", "需要更多时间吗？"
STAY, GO, GO_WITHOUT_CARD = "还要，继续办理", "不要了，取卡", "不要了"
READ_OUT: Final = 4  # payments that are read out; the eye finds the others
TYPED: Final = "已输入 %(n)s 位"
PRESS, CONFIRM = "按 {n}，{choice}。", "选好按确认。"
NEXT, DONE, SLIP = "接着领", "好，办完了", "请取回单。"
AGAIN, RETRY, MORE = "再打一张回单", "再试打印回单", "更多"
ON_PAD = "请在密码键盘上输入六位密码，输完按确认。"
PAID, SAVED, PENSION, ORDER = "累计缴费", "个人账户储存额", "现在每月的养老金", "领取单号"
CALLED = "已经叫了工作人员，请稍等。请不要把密码告诉任何人。"
OF_THE_MACHINE: Final = (
    CardFault,
    CardGarbled,
    CardMute,
    CardPulled,
    CardStuck,
    CashBroken,
    NoAnswer,
    NotDone,
    NotSocialSecurityCard,
    NotTaken,
    OutcomeUnknown,
    PartTaken,
    PinMalformed,
    PinWrong,
    SessionOver,
)
ALOUD: Final = frozenset(one.__name__ for one in OF_THE_MACHINE) | {
    "ReaderFault",
    "NoCard",
}  # everybody may hear it


@dataclass(frozen=True)
class Phrase:
    """One thing that is said; `choice` is the digit of the choice it names."""

    text: str
    choice: int = 0


def spoken(screen: Screen, busy: str = "") -> tuple[Phrase, ...]:
    """All that this screen says, in its language and in order; `busy` is what the machine is doing."""
    return (*(Phrase(text) for text in _told(screen, busy) if text), *_choices(screen))


def _told(screen: Screen, busy: str) -> Iterator[str]:
    def _(text: str) -> str:
        return words.translate(text, screen.language)

    if screen.staff_called:
        yield _(CALLED)
    if screen.asking:
        yield _(MORE_TIME)
    elif screen.comfort.open:
        yield _(VOLUMES[screen.comfort.volume])
    elif busy:
        yield _(busy)
    elif screen.state is S.PIN and screen.typed:
        yield words.CATALOGUE.counted(TYPED, screen.typed, screen.language) % {"n": screen.typed}
    elif screen.state is S.WELCOME and screen.hindered is not None:
        yield words.said(screen.hindered, screen.language)
    else:
        yield from _asked(screen)
    if screen.comfort.headset and not screen.asking and not screen.comfort.open:
        yield from _private(screen)


def _asked(screen: Screen) -> Iterator[str]:
    """How it ended, or what is asked now."""
    if screen.state is S.RESULT and screen.errand is not None:
        errand = screen.errand
        yield words.translate(ENDED[errand.ending], screen.language)
        if errand.ending == "not_paid" or (errand.ending == "in_doubt" and screen.part_taken):
            # else it is about what was tried, not about how it ended
            yield from _explained(screen)
        if errand.printed and errand.ending != "not_paid":
            yield words.translate(SLIP, screen.language)
        elif errand.unprinted is not None:
            yield words.said(errand.unprinted, screen.language)
        return
    yield from _explained(screen)
    on_pad = screen.state is S.PIN and screen.pad
    yield words.translate(ON_PAD if on_pad else QUESTIONS.get(screen.state, ""), screen.language)


def _explained(screen: Screen) -> Iterator[str]:
    """What went wrong; of what concerns the person, aloud only that it can be read."""
    if screen.said is None or screen.state not in (S.PIN, S.REFUSED, S.RESULT, S.TAKE_CARD):
        return
    if screen.comfort.headset or screen.said.code in ALOUD:
        yield words.said(screen.said, screen.language)
    else:
        yield words.translate(READ_IT, screen.language)


def _private(screen: Screen) -> Iterator[str]:
    """Names, amounts and numbers of the screen: for the headset."""
    language, account, errand = screen.language, screen.account, screen.errand

    def _(text: str) -> str:
        return words.translate(text, language)

    if screen.state is S.METHOD and screen.payable is not None:
        payable = screen.payable
        yield f"{words.month(payable.month, language)} {_(payable.item)}"
        yield f"¥{words.yuan(payable.amount_fen)}"
    elif screen.state is S.ACCOUNT and account is not None:
        yield f"{_(PAID)} {words.years_and_months(account.months_paid, language)}"
        yield f"{_(SAVED)} ¥{words.yuan(account.account_fen)}"
        if account.pension_fen:
            yield f"{_(PENSION)} ¥{words.yuan(account.pension_fen)}"
    elif screen.state is S.PAYMENTS and account is not None:
        for paid in account.payables[:READ_OUT]:
            yield f"{words.month(paid.month, language)} ¥{words.yuan(paid.amount_fen)} {_(STATES[paid.state])}"
            yield day_in(paid.collected_on, language) if paid.collected_on else ""
    elif screen.state in (S.STACKED, S.PRESENTING, S.RESULT) and errand is not None:
        yield f"¥{words.yuan(errand.amount_fen)}" if errand.ending != "not_paid" or not errand.outcome else ""
        yield f"{_(ORDER)} {errand.order}" if screen.state is S.RESULT and errand.outcome else ""


def labels(screen: Screen) -> tuple[str, ...]:
    """What can be chosen, by the digit it has; an empty one cannot be chosen now."""
    comfort = screen.comfort
    if screen.asking:
        return (STAY, GO_WITHOUT_CARD if screen.insertion is None else GO)
    if comfort.open:
        return (
            LOUDER if comfort.volume < LOUDEST else "",
            SOFTER if comfort.volume else "",
            FASTER if comfort.slow else SLOWER,
            NO_HEADSET if comfort.headset else WITH_HEADSET,
        )
    if screen.state is S.WELCOME:
        return _without_card(screen)
    if screen.state is S.MENU:
        page = matter.shown(screen.matter, screen.state, screen.services)
        return (*(one.name for _, one in page.rows), *([MORE] if page.of > 1 else []))
    if screen.state is S.CHOOSING:
        return tuple(words.month(one.month, screen.language) for one in screen.due)
    if screen.state is S.RESULT:
        again = [AGAIN if screen.errand.printed else RETRY] if screen.errand and screen.errand.prints else []
        return (*([NEXT] if screen.due else []), *again, DONE)
    if screen.state is S.METHOD and screen.account is not None:
        cash, bank = CHOICES[S.METHOD]
        return (cash if screen.gives_cash else "", bank if screen.account.bank else "")
    return CHOICES.get(screen.state, ())


def _without_card(screen: Screen) -> tuple[str, ...]:
    """What can be looked at before a card is put in; nothing where nobody can be served."""
    if screen.closed is not None or screen.offline or screen.hindered is not None:
        return ()
    return tuple(one.name for one in screen.services if not one.card)[: matter.MOST]


def _choices(screen: Screen) -> Iterator[Phrase]:
    found = [(digit, text) for digit, text in enumerate(labels(screen), 1) if text]
    for digit, text in found:
        said = words.translate(PRESS, screen.language)
        yield Phrase(said.format(n=digit, choice=words.translate(text, screen.language)), digit)
    if found:
        yield Phrase(words.translate(CONFIRM, screen.language))


def texts() -> Iterator[str]:
    """Every text that is said here, in Chinese and with its blanks: what is translated and recorded."""
    yield from (*QUESTIONS.values(), *ENDED.values(), *STATES.values(), *VOLUMES)
    yield from (label for group in CHOICES.values() for label in group)
    yield from (LOUDER, SOFTER, SLOWER, FASTER, WITH_HEADSET, NO_HEADSET, READ_IT, MORE_TIME)
    yield from (STAY, GO, GO_WITHOUT_CARD)
    yield from (TYPED, PRESS, CONFIRM, NEXT, DONE, SLIP, CALLED, PAID, SAVED, PENSION, ORDER)
    yield from (AGAIN, RETRY, MORE, ON_PAD)
    yield from (one.name for one in SERVICES)
