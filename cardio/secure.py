"""Secure messaging: what terminal and card say to each other under keys of this one meeting. Both ends' mathematics.

The frame is public (CLA 04/84, EXTERNAL and INTERNAL AUTHENTICATE, 84 24); the rest is ours, to be agreed with the
key centre before real cards use it: LD/T 32.4—2015 was not read.

* The card draws 16 random bytes; the terminal answers with 16 of its own and half a CMAC over both; the card
  answers with a CMAC over both, too. Every CMAC begins with a letter of its own, so that none is good for another.
* Two keys of the meeting, again CMACs over both random numbers: one enciphers (SM4-CBC), one is for CMACs.
* Every command counts, and its CMAC covers the count, the whole CMAC before it, its header and its data. One that
  is altered, left out, sent twice or out of turn is refused with 6988, and the meeting is over.
* Answers bear no CMAC: a forged 9000 to a PIN wins nothing, as the proof that follows comes from the card alone.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cardio.apdu import Command
from cardio.codecs import pin_block
from cardio.environment import CHANNEL, UNBLOCK
from cardio.keys import BLOCK, cmac, sm4

RANDOM: Final = 16
MAC: Final = 8
PROTECTED: Final = 0x04  # this bit of the class
HELLO_SIZE: Final = RANDOM + MAC
UNBLOCK_INS: Final = 0x24
MARK: Final = 0x80  # ends the data, before the zeros that fill a block


class MacWrong(Exception):
    """Somebody else said this, or said it before, or changed it on the way."""


def hello(key: bytes, card_random: bytes, own: bytes) -> bytes:
    """What the terminal says first: that it has the key, and a random number of its own."""
    return own + cmac(key, b"T" + card_random + own)[:MAC]


def is_hello(key: bytes, card_random: bytes, said: bytes) -> bool:
    return len(said) == HELLO_SIZE and hmac.compare_digest(said, hello(key, card_random, said[:RANDOM]))


def greeting(key: bytes, card_random: bytes, own: bytes) -> bytes:
    """What the card answers: that it has the key, too."""
    return cmac(key, b"C" + card_random + own)


def mutual_authenticate(said: bytes) -> Command:
    """EXTERNAL AUTHENTICATE that brings an answer back: both ends prove themselves in one exchange."""
    return Command(0x82, 0, CHANNEL, said, le=BLOCK)


@dataclass
class Channel:
    """One end of the messaging; both ends count alike. After a wrong CMAC an end must be thrown away."""

    cipher_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    count: int = 0
    chain: bytes = field(default=bytes(BLOCK), repr=False)

    @classmethod
    def between(cls, key: bytes, card_random: bytes, own: bytes) -> Channel:
        """The meeting of these two random numbers."""
        return cls(cmac(key, b"E" + card_random + own), cmac(key, b"M" + card_random + own))

    def wrap(self, command: Command) -> Command:
        """The same command, enciphered and signed; the next one must be the next to reach the card."""
        cla = command.cla | PROTECTED
        body = self._cipher(command.data, self._iv(self.count + 1))
        head = bytes((cla, command.ins, command.p1, command.p2, len(body) + MAC))
        return Command(command.ins, command.p1, command.p2, body + self._next(head + body), command.le, cla)

    def unwrap(self, head: bytes, data: bytes) -> bytes:
        """The plain data of a protected command, from its header of five bytes and its data."""
        body, mac = data[:-MAC], data[-MAC:]
        if not hmac.compare_digest(mac, self._next(head + body)) or len(data) % BLOCK != MAC:
            raise MacWrong
        return unpadded(self._decipher(body, self._iv(self.count)))

    def _next(self, said: bytes) -> bytes:
        self.count += 1
        self.chain = cmac(self.mac_key, self.count.to_bytes(4) + self.chain + said)
        return self.chain[:MAC]

    def _iv(self, count: int) -> bytes:
        return sm4(self.cipher_key, count.to_bytes(BLOCK))

    def _cipher(self, data: bytes, iv: bytes) -> bytes:
        encryptor = Cipher(algorithms.SM4(self.cipher_key), modes.CBC(iv)).encryptor()
        return encryptor.update(padded(data)) + encryptor.finalize()

    def _decipher(self, body: bytes, iv: bytes) -> bytes:
        decryptor = Cipher(algorithms.SM4(self.cipher_key), modes.CBC(iv)).decryptor()
        return decryptor.update(body) + decryptor.finalize()


def padded(data: bytes) -> bytes:
    """
    >>> padded(b"abc").hex(), len(padded(bytes(16)))
    ('61626380000000000000000000000000', 32)
    """
    return (data + bytes([MARK])).ljust((len(data) // BLOCK + 1) * BLOCK, b"\0")


def unpadded(data: bytes) -> bytes:
    """
    >>> unpadded(padded(b"abc")), unpadded(padded(b""))
    (b'abc', b'')
    """
    found = data.rstrip(b"\0")
    if not found.endswith(bytes([MARK])):
        raise MacWrong
    return found[:-1]


# ---- a new PIN for a card whose old one is forgotten ----


def unblock_command(key: bytes, card_random: bytes, pin: str) -> Command:
    """UNBLOCK under the card's own PUK, for whoever keeps the master: a counter's SAM, or the backend far away.

    Keys for this one number of the card: what is recorded today is worth nothing tomorrow.
    """
    return _new_pin(_unblocking(key, card_random), pin)


def unblock_by(cipher_key: bytes, mac_key: bytes, pin: str) -> Command:
    """The same at a reader that has no PUK, under the two keys that who keeps it made for the card's number."""
    return _new_pin(Channel(cipher_key, mac_key), pin)


def unblocked_pin(key: bytes, card_random: bytes, head: bytes, data: bytes) -> bytes:
    """The new PIN, if the command was made for this number of the card."""
    return _unblocking(key, card_random).unwrap(head, data)


def _new_pin(channel: Channel, pin: str) -> Command:
    return channel.wrap(Command(UNBLOCK_INS, 0, UNBLOCK, pin_block(pin), cla=0x80))


def _unblocking(key: bytes, card_random: bytes) -> Channel:
    return Channel(cmac(key, b"e" + card_random), cmac(key, b"m" + card_random))
