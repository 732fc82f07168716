"""A model of the collection protocol: every step that kiosks, backend, time and an adversary can take.

One entitlement, two orders (the first at kiosk A, the second at A or B), one card, a network that loses,
repeats, delays and reorders, power losses at every step, a card torn before or after its commit, jams, and,
where asked for, an adversary: cloned or lying kiosk software, or a kiosk without the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.model.world import (
    FINAL,
    IDLE,
    NONE,
    OFF,
    Dispenser,
    Kiosk,
    Message,
    Next,
    Order,
    Rules,
    World,
    free,
    put,
)


@dataclass(frozen=True)
class Protocol:
    """Every step that anybody can take from a state of the world."""

    rules: Rules = field(default_factory=Rules)
    clone: bool = False
    no_card: bool = False

    def steps(self, world: World) -> Iterator[Next]:
        for k in (0, 1):
            yield from self._kiosk(world, k)
            yield from self._power(world, k)
            yield from self._adversary(world, k)
        for message in world.net:
            yield from self._backend(world, message)
        for o in (0, 1):
            yield from self._by_time(world, o)
            yield from self._counted(world, o)

    # ---- one kiosk ----

    def _kiosk(self, world: World, k: int) -> Iterator[Next]:
        act = ACTS.get(world.kiosks[k].at)
        if act is not None:
            for label, after in act(self, world, k):
                yield f"{'AB'[k]}: {label}", after

    def _change(
        self,
        world: World,
        k: int,
        kiosk: Kiosk,
        dispenser: Dispenser | None = None,
        losses: int = 0,
        **more: Any,
    ) -> World:
        changed = world._replace(kiosks=put(world.kiosks, k, kiosk), losses=world.losses - losses, **more)
        if dispenser is not None:
            changed = changed._replace(dispensers=put(world.dispensers, k, dispenser))
        return self._prune(changed)

    def _prune(self, world: World) -> World:
        """Drop messages that can no longer change anything: fewer states, the same truth."""
        return world._replace(net=frozenset(m for m in world.net if self._matters(m, world.orders)))

    def _matters(self, message: Message, orders: tuple[Order, Order]) -> bool:
        kind, state = message[0], orders[message[1]].state
        if kind in ("STARTED", "TOKEN"):
            return True
        if kind == "OPEN":
            return state == "new"
        if kind == "CONFIRM":
            return state in ("new", "OPENED") or (state == "AUTHORISED" and not self.rules.pinned)
        return state not in FINAL

    def idle(self, world: World, k: int) -> Iterator[Next]:
        for o in (0, 1):
            first_elsewhere = o == 0 and k != 0
            too_soon = o == 1 and ("STARTED", 0) not in world.net
            if first_elsewhere or too_soon or ("STARTED", o) in world.net:
                continue
            net = world.net | {("OPEN", o, k), ("STARTED", o)}
            yield f"starts order {o}", self._change(world, k, Kiosk("opening", o, "ORDERED", o), net=net)

    def opening(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        state = world.orders[kiosk.order].state
        if state not in ("new", "REFUSED"):
            yield "opened", self._change(world, k, kiosk._replace(at="card"))
        if state in ("REFUSED", "CANCELLED"):
            yield "refused", self._change(world, k, IDLE)

    def card(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        signed = (kiosk.order, world.card[1] | 1 << kiosk.order)
        yield "card commits", self._change(world, k, kiosk._replace(at="confirm"), card=signed)
        yield "card torn after its commit", self._change(world, k, kiosk._replace(at="torn"), card=signed)
        yield "card torn before its commit", self._change(world, k, kiosk._replace(at="torn"))

    def torn(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        if self.rules.proof_again and world.card[0] == kiosk.order:
            yield "card again, proof again", self._change(world, k, kiosk._replace(at="confirm"))
        if world.card[0] != kiosk.order:
            yield "card again, not committed", self._change(world, k, kiosk._replace(at="card"))
        yield "the person went away", self._change(world, k, kiosk._replace(at="clear"))

    def confirm(self, world: World, k: int) -> Iterator[Next]:
        kiosk, nonce = world.kiosks[k], world.dispensers[k].nonce
        net = world.net | {("CONFIRM", kiosk.order, k, nonce)}
        yield f"confirms with nonce {nonce}", self._change(world, k, kiosk._replace(at="token"), net=net)
        yield "cancels", self._change(world, k, kiosk._replace(at="clear"))

    def _tokens(self, world: World, k: int) -> Iterator[int]:
        """The nonces for which a token of this order has come."""
        for message in world.net:
            if message[:3] == ("TOKEN", world.kiosks[k].order, k):
                yield message[3]

    def token(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        for nonce in self._tokens(world, k):
            ahead = Kiosk("dispense", kiosk.order, "DISPENSING", kiosk.order)
            yield f"has the token for nonce {nonce}", self._change(world, k, ahead)
        if world.orders[kiosk.order].state in FINAL:
            yield "confirmation refused", self._change(world, k, kiosk._replace(at="clear"))
        yield "gives up waiting for the token", self._change(world, k, kiosk._replace(at="clear"))

    def _takes(self, dispenser: Dispenser, nonce: int) -> bool:
        return not self.rules.token_bound or (nonce == dispenser.nonce and not dispenser.used)

    def dispense(self, world: World, k: int) -> Iterator[Next]:
        kiosk, device = world.kiosks[k], world.dispensers[k]
        o = kiosk.order
        for nonce in self._tokens(world, k):
            if self._takes(device, nonce):
                full = device._replace(used=True, stacked=o, status="no", of=o)
                yield "stacked", self._change(world, k, Kiosk("stacked", o, "STACKED", o), full)
                yield "jam", self._change(world, k, kiosk._replace(at="clear"), full)
            else:
                yield "token refused by the dispenser", self._change(world, k, kiosk._replace(at="clear"))

    def stacked(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        ahead = kiosk._replace(at="present")
        if self.rules.write_ahead:
            ahead = ahead._replace(stage="PRESENTING", journalled=kiosk.order)
        yield "journals PRESENTING", self._change(world, k, ahead)

    def present(self, world: World, k: int) -> Iterator[Next]:
        kiosk, device = world.kiosks[k], world.dispensers[k]
        o = kiosk.order
        if device.stacked != o:
            return
        given = tuple(sorted((*device.given, o)))
        out = device._replace(stacked=NONE, status="yes", of=o, given=given)
        yield "presented and taken", self._change(world, k, Kiosk("out", o, "PAID", o), out)
        if world.losses:
            off = OFF._replace(stage=kiosk.stage, journalled=kiosk.journalled)
            for gone in (False, True):
                for known in (True, False) if self.rules.device_remembers else (False,):
                    after = Dispenser(
                        nonce=device.nonce + 1,
                        used=False,
                        stacked=NONE if gone else o,
                        status=("yes" if gone else "no") if known else "unknown",
                        of=o,
                        given=given if gone else device.given,
                    )
                    label = f"POWER LOSS inside present, out={gone} known={known}"
                    yield label, self._change(world, k, off, after, losses=1)
        back = device._replace(stacked=o, status="no", of=o)
        yield "not taken, retracted", self._change(world, k, kiosk._replace(at="retracted"), back)

    def retracted(self, world: World, k: int) -> Iterator[Next]:
        yield "all came back", self._change(world, k, world.kiosks[k]._replace(at="clear"))

    def clear(self, world: World, k: int) -> Iterator[Next]:
        kiosk, device = world.kiosks[k], world.dispensers[k]
        after = device._replace(stacked=NONE)
        if self.rules.clears:
            after = after._replace(nonce=device.nonce + 1, used=False)
        out = Kiosk("out", kiosk.order, "NOT", kiosk.order)
        yield "clears the nonce, rejects the notes, journals NOT", self._change(world, k, out, after)

    def out(self, world: World, k: int) -> Iterator[Next]:
        kiosk = world.kiosks[k]
        net = world.net | {("REPORT", kiosk.order, k, kiosk.stage, world.dispensers[k].nonce)}
        yield f"reports {kiosk.stage}", self._change(world, k, kiosk._replace(at="reported"), net=net)

    def reported(self, world: World, k: int) -> Iterator[Next]:
        state = world.orders[world.kiosks[k].order].state
        if state in FINAL or state == "IN_DOUBT":
            yield "acknowledged", self._change(world, k, IDLE)

    def off(self, world: World, k: int) -> Iterator[Next]:
        kiosk, device = world.kiosks[k], world.dispensers[k]
        stage, o = kiosk.stage, kiosk.journalled
        again = kiosk._replace(order=o)
        if stage == "none":
            yield "boots clean", self._change(world, k, IDLE)
        elif stage in ("PAID", "NOT", "UNKNOWN"):
            yield "boots, reports again", self._change(world, k, again._replace(at="out"))
        elif stage != "PRESENTING":
            yield f"boots at {stage}, clears", self._change(world, k, again._replace(at="clear"))
        else:
            status = device.status if device.of == o else "no"
            if status == "unknown":
                status = {"doubt": "unknown", "not": "no", "paid": "yes"}[self.rules.unknown]
            if status == "no":
                yield "boots, not presented", self._change(world, k, again._replace(at="clear"))
            else:
                word = "PAID" if status == "yes" else "UNKNOWN"
                yield f"boots, {word}", self._change(world, k, Kiosk("out", o, word, o))

    def _power(self, world: World, k: int) -> Iterator[Next]:
        kiosk, device = world.kiosks[k], world.dispensers[k]
        restarted = device._replace(nonce=device.nonce + 1, used=False)
        if kiosk.at not in ("off", "idle") and world.losses:
            off = OFF._replace(stage=kiosk.stage, journalled=kiosk.journalled)
            label = f"{'AB'[k]}: POWER LOSS while {kiosk.at}"
            yield label, self._change(world, k, off, restarted, losses=1)
        doubted = any(
            o.state == "IN_DOUBT" and o.kiosk == k and o.nonce >= device.nonce for o in world.orders
        )
        if kiosk.at == "idle" and kiosk.stage == "none" and doubted:
            yield f"{'AB'[k]}: stopped for a count", self._change(world, k, OFF, restarted)

    # ---- the adversary: kiosk software in front of the real dispenser ----

    def _adversary(self, world: World, k: int) -> Iterator[Next]:
        for message in world.net:
            if self.clone:
                yield from self._cloned(world, k, message)
            if self.no_card:
                yield from self._cardless(world, k, message)

    def _cloned(self, world: World, k: int, message: Message) -> Iterator[Next]:
        kind, o, device = message[0], message[1], world.dispensers[k]
        if kind == "TOKEN" and message[2] == k:
            if device.stacked == NONE and len(device.given) < 2 and self._takes(device, message[3]):
                given = tuple(sorted((*device.given, o)))
                out = Dispenser(device.nonce, True, NONE, "yes", o, given)
                yield (
                    f"ADVERSARY {k} uses the token of order {o}",
                    self._change(world, k, world.kiosks[k], out),
                )
            yield from self._say(world, ("CONFIRM", o, k, device.nonce))
        order = world.orders[o]
        if kind == "STARTED" and order.kiosk == k and order.state not in FINAL:
            yield from self._say(world, ("REPORT", o, k, "NOT", device.nonce))

    def _cardless(self, world: World, k: int, message: Message) -> Iterator[Next]:
        o = message[1]
        order = world.orders[o]
        signed = world.card[1] >> o & 1 or not self.rules.proof_needed
        if message[0] == "STARTED" and order.kiosk == k and order.state == "OPENED" and signed:
            yield from self._say(world, ("CONFIRM", o, k, world.dispensers[k].nonce))

    def _say(self, world: World, message: Message) -> Iterator[Next]:
        if message not in world.net:
            yield f"ADVERSARY says {message}", self._prune(world._replace(net=world.net | {message}))

    # ---- the backend: any request, any number of times, in any order ----

    def _backend(self, world: World, message: Message) -> Iterator[Next]:
        handle = HANDLERS.get(str(message[0]))
        if handle is not None:
            yield from handle(self, world, message)

    def _order(
        self, world: World, o: int, order: Order, label: str, token: Message | None = None
    ) -> Iterator[Next]:
        orders = put(world.orders, o, order)
        net = world.net if token is None else world.net | {token}
        if orders != world.orders or net != world.net:
            yield f"B: {label} order {o}", self._prune(world._replace(orders=orders, net=net))

    def handle_open(self, world: World, message: Message) -> Iterator[Next]:
        _, o, k = message
        if world.orders[o].state != "new":
            return
        paid = any(order.state == "PAID" for order in world.orders)
        may = free(world.orders) if self.rules.one_open else not paid
        yield from self._order(world, o, Order("OPENED" if may else "REFUSED", k, NONE), "asked to open")

    def handle_confirm(self, world: World, message: Message) -> Iterator[Next]:
        _, o, k, nonce = message
        order = world.orders[o]
        if order.state == "OPENED":
            yield from self._order(
                world, o, Order("AUTHORISED", k, nonce), "authorised", ("TOKEN", o, k, nonce)
            )
        elif order.state == "AUTHORISED":
            again = order.nonce if self.rules.pinned else nonce
            yield from self._order(world, o, order, "token again for", ("TOKEN", o, k, again))

    def handle_report(self, world: World, message: Message) -> Iterator[Next]:
        _, o, k, word, _ = message
        order = world.orders[o]
        if self.rules.evidence and not self._borne_out(world, o, k, str(word)):
            return
        table = {
            ("PAID", "AUTHORISED"): "PAID",
            ("PAID", "IN_DOUBT"): "PAID",
            ("NOT", "new"): "CANCELLED",
            ("NOT", "OPENED"): "CANCELLED",
            ("NOT", "AUTHORISED"): "RELEASED",
            ("NOT", "IN_DOUBT"): "RELEASED",
            ("UNKNOWN", "AUTHORISED"): "IN_DOUBT",
        }
        if (state := table.get((str(word), order.state))) is not None:
            yield from self._order(world, o, Order(state, k, order.nonce), f"hears {word} of")

    def _borne_out(self, world: World, o: int, k: int, word: str) -> bool:
        """Whether the dispenser's signed word agrees."""
        device, pinned = world.dispensers[k], world.orders[o].nonce
        if word == "PAID":
            return o in device.given
        if word == "NOT":
            dead = pinned == NONE or device.nonce > pinned or not self.rules.clears
            return o not in device.given and dead and not (device.status == "unknown" and device.of == o)
        return True

    def _by_time(self, world: World, o: int) -> Iterator[Next]:
        order = world.orders[o]
        if order.state == "OPENED":
            yield from self._order(world, o, order._replace(state="CANCELLED"), "lapsed:")
        if order.state == "AUTHORISED":
            stale = "IN_DOUBT" if self.rules.never_by_time else "RELEASED"
            yield from self._order(world, o, order._replace(state=stale), f"stale, {stale}:")

    def _counted(self, world: World, o: int) -> Iterator[Next]:
        """Two persons count the cash of a stopped kiosk whose dispenser is past the token's nonce."""
        order = world.orders[o]
        if order.state != "IN_DOUBT" or order.kiosk < 0:
            return
        kiosk, device = world.kiosks[order.kiosk], world.dispensers[order.kiosk]
        resting = kiosk.at == "off" or (kiosk.at == "idle" and kiosk.stage == "none")
        if not resting or device.nonce <= order.nonce:
            return
        gone = o in device.given
        status = device.status if device.of != o else ("yes" if gone else "no")
        after = Dispenser(device.nonce, False, NONE, status, device.of, device.given)
        settled = put(world.orders, o, order._replace(state="PAID" if gone else "RELEASED"))
        rested = OFF if kiosk.journalled == o else kiosk
        yield (
            f"B: counted, order {o} out={gone}",
            self._change(world, order.kiosk, rested, after, orders=settled),
        )


Act = Callable[[Protocol, World, int], Iterator[Next]]
ACTS: Final[dict[str, Act]] = {
    "idle": Protocol.idle,
    "opening": Protocol.opening,
    "card": Protocol.card,
    "torn": Protocol.torn,
    "confirm": Protocol.confirm,
    "token": Protocol.token,
    "dispense": Protocol.dispense,
    "stacked": Protocol.stacked,
    "present": Protocol.present,
    "retracted": Protocol.retracted,
    "clear": Protocol.clear,
    "out": Protocol.out,
    "reported": Protocol.reported,
    "off": Protocol.off,
}
HANDLERS: Final[dict[str, Callable[[Protocol, World, Message], Iterator[Next]]]] = {
    "OPEN": Protocol.handle_open,
    "CONFIRM": Protocol.handle_confirm,
    "REPORT": Protocol.handle_report,
}
