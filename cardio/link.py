"""The seam between us and a card: bytes out, bytes and a status word back, or nothing: what that means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
OK: Final = 0x9000


class CardFault(Exception):
    """读卡没有完成。请取出卡片，稍等两秒再插入；还是不行，请叫工作人员。

    The first line of a subclass's docstring is the sentence the person reads; `detail` is for the log.
    """

    def __init__(self, detail: str = "", **facts: object) -> None:
        self.detail, self.facts = detail, facts
        super().__init__(self.template.format(**facts))
        if detail:
            self.add_note(detail)

    @property
    def code(self) -> str:
        return type(self).__name__

    @property
    def template(self) -> str:
        """The sentence before its facts: what is translated."""
        return (type(self).__doc__ or "").partition("\n")[0]


class OutcomeUnknown(CardFault):
    """卡片没有答完就断开了。请取出卡片，稍等两秒再插入。

    The command may or may not have been carried out; no error code of any reader tells which. Only the card
    can, when it is asked again in a new session.
    """


class CardPulled(OutcomeUnknown):
    """卡片拔得太早了，还没有读完。请稍等两秒再插入，看到提示以后再取卡。"""


class CardStuck(OutcomeUnknown):
    """卡片没有反应。请取出卡片，稍等两秒再插入；还是不行，请叫工作人员。"""


class CardDirty(OutcomeUnknown):
    """卡片接触不好，读到一半没有声音了。请取出卡片，用软布擦一擦芯片，稍等两秒再插入；还是不行，请到柜台换卡。

    It is still in the reader and says nothing more.
    """


class CardMute(CardFault):
    """读不出这张卡。请看看芯片是不是朝上、有没有插到底；芯片脏了，用软布擦一擦再试。"""


class NotSocialSecurityCard(CardFault):
    """这不是社会保障卡。请插入社会保障卡，带芯片的一头朝里，芯片朝上。"""


class SessionOver(CardFault):
    """这次读卡已经结束。请取出卡片，稍等两秒再插入。"""


class Answer(NamedTuple):
    data: bytes
    sw: int


class Link(Protocol):
    """A reader with a card in it: a real one (pcsc.py), a simulated one (sim), a recording (tape.py).

    `atr` powers the card up if need be. `send` either returns what the card said or raises a CardFault.
    `close` powers it down; it may be called again and raises nothing. One that works in a thread of its own
    also has `during(work)`: several commands, taken there in one go.
    """

    def atr(self) -> bytes: ...
    def send(self, apdu: bytes) -> Answer: ...
    def close(self) -> None: ...


class Latch:
    """A link that is dead from its first exception on.

    After a failed transmit the very same reader handle may already be talking to the next person's card, so
    nothing is ever sent again: the card is powered down and a new session starts from SELECT.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._during: Callable[[Callable[[], Any]], Any] | None = getattr(link, "during", None)
        self.dead = False

    def atr(self) -> bytes:
        if self.dead:
            raise SessionOver
        try:
            return self._link.atr()
        except BaseException:
            self.close()
            raise

    def send(self, apdu: bytes) -> Answer:
        if self.dead:
            raise SessionOver
        try:
            return self._link.send(apdu)
        except BaseException:
            self.close()
            raise

    def run(self, apdus: Iterable[bytes]) -> list[Answer]:
        """One after the other until one is not done: its answer is the last."""
        answers: list[Answer] = []
        for apdu in apdus:
            answers.append(self.send(apdu))
            if answers[-1].sw != OK:
                break
        return answers

    def during(self, work: Callable[[], T]) -> T:
        """Commands that belong together; the link's deadline is for all of them."""
        if self.dead:
            raise SessionOver
        if self._during is None:
            return work()
        try:
            done: T = self._during(work)
        except OutcomeUnknown:
            self.close()
            raise
        return done

    def close(self) -> None:
        self.dead = True
        self._link.close()
