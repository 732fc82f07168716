"""Persona: everything one simulated card holds, as a dataclass and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from cardio import layout
from cardio.atr import DIRECT
from cardio.codecs import is_card_number, is_citizen_number, pin_block, split_name
from cardio.keys import card_key
from cardio.layout import HOLDER, ISSUER, PROVIDER, VERSIONS
from cardio.sam.ring import KeyRing, Purpose
from cardio.tac import LOAD_VERSIONS, collect_key
from cardio.tlv import Malformed

CHIP: Final = bytes.fromhex("0081 543141 8660")  # chip maker, operating system, card maker
DAYS: Final = ("birth", "issued", "expires")
KEYS: Final = ("key", "read_key", "channel_key", "puk", "load_key", "next_load_key", "tac_key")


@dataclass(frozen=True)
class Persona:
    """One card. `key` answers INTERNAL AUTHENTICATE; with a `read_key` only known terminals may read it.

    `files` holds more of the card: path → {tag: value}, such as {"DF03/EF07": {"73": "2026-11-01"}}.
    """

    card_no: str
    card_code: str
    area: str
    ident: str
    name: str
    sex: str
    nation: str
    birth: date
    issued: date
    expires: date
    key: bytes = field(repr=False)
    pin: str = field(default="123456", repr=False)
    version: str = "3.00"
    algorithm: str = "SM4"
    birthplace: str = "000000"
    atr: str = ""
    read_key: bytes | None = field(default=None, repr=False)
    channel_key: bytes | None = field(default=None, repr=False)  # with it the card knows secure messaging
    puk: bytes | None = field(default=None, repr=False)
    key_version: int = 1  # of all its keys
    profile: str = "field"  # "collect": with a counter, a log and proofs of its own (applet.py)
    load_key: bytes | None = field(
        default=None, repr=False
    )  # LK, and where it has one that to change over to
    next_load_key: bytes | None = field(default=None, repr=False)
    tac_key: bytes | None = field(default=None, repr=False)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # files the factory did not get to
    stopped: bool = False  # by its issuer, for good
    note: str = ""  # what a tray of cards says of it

    def __post_init__(self) -> None:
        split_name(self.name, 30, 20 if self.version != VERSIONS[0] else 0)
        pin_block(self.pin)
        for right, what in (
            (is_card_number(self.card_no), f"卡号 {self.card_no} 的校验码不对"),
            (is_citizen_number(self.ident), "社会保障号码的校验码不对"),
            (
                re.fullmatch(r"[0-9]{6}[0-9A-F]{26}", self.card_code),
                f"卡识别码 {self.card_code} 不是 32 位大写十六进制",
            ),
            (self.card_code.startswith(self.area), f"卡识别码要以发卡地 {self.area} 开头"),
            (self.version in VERSIONS, f"没有 {self.version} 这一版"),
            (self.algorithm in layout.ALGORITHMS.values(), f"没有 {self.algorithm} 这种算法"),
            (all(len(getattr(self, name) or bytes(16)) == 16 for name in KEYS), "密钥是 16 个字节"),
            (self.profile in ("field", "collect"), f"没有 {self.profile} 这种卡"),
            (
                self.profile == "field" or (self.load_key and self.tac_key),
                "能记录领取的卡要有领取密钥和证明密钥",
            ),
        ):
            if not right:
                raise Malformed(what)
        if not self.atr:
            object.__setattr__(self, "atr", self._usual_atr())
        self.contents()

    def _usual_atr(self) -> str:
        """As real cards answer to reset: who made chip, system and card, then a serial number."""
        return (DIRECT + CHIP + bytes.fromhex(self.card_code)[-6:]).hex().upper()

    @classmethod
    def issue(cls, master: bytes, *, area: str, card_code: str, **rest: Any) -> Self:
        """A new card, its keys derived from the key centre's master."""
        if rest.get("profile") == "collect":
            own = (collect_key(master, "LK", version, area, card_code) for version in LOAD_VERSIONS)
            rest["load_key"], rest["next_load_key"] = own
            rest["tac_key"] = collect_key(master, "TK", 1, area, card_code)
        return cls(area=area, card_code=card_code, key=card_key(master, area, card_code), **rest)

    @staticmethod
    def code(area: str, serial: int) -> str:
        """A card identification code.

        >>> Persona.code("310000", 1)
        '310000D1560000050000000000000001'
        """
        return f"{area}{PROVIDER}{serial:016X}"

    def equipped(self, ring: KeyRing, version: int = 1) -> Self:
        """The same card as a third-generation one with all keys of its own, from the key centre's ring."""

        def own(purpose: Purpose) -> bytes:
            return ring.card(purpose, self.area, self.card_code, version)

        return replace(
            self,
            key=own(Purpose.IRK),
            read_key=own(Purpose.RK),
            channel_key=own(Purpose.STK),
            puk=own(Purpose.PUK),
            key_version=version,
        )

    @property
    def channel_version(self) -> int:
        """What it says of secure messaging when it is selected; 0: it knows none."""
        return self.key_version if self.channel_key else 0

    def to_json(self) -> str:
        plain = asdict(self)
        for name in DAYS:
            plain[name] = plain[name].isoformat()
        for name in KEYS:
            plain[name] = plain[name] and plain[name].hex()
        plain["files"] = {path: dict(items) for path, items in self.files.items()}
        return json.dumps(plain, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str | Mapping[str, Any]) -> Self:
        """From the text of one card, or from what it was already read into."""
        try:
            plain = dict(json.loads(text) if isinstance(text, str) else text)
            for name in DAYS:
                plain[name] = date.fromisoformat(plain[name])
            for name in KEYS:
                plain[name] = bytes.fromhex(plain[name]) if plain.get(name) else None
            plain["missing"] = tuple(plain.get("missing", ()))
            return cls(**plain)
        except Malformed:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as why:
            raise Malformed(f"缺少内容，或者读不懂：{why}") from why

    def contents(self) -> dict[str, list[bytes] | bytes]:
        """The files of the card, by path: records, or plain bytes."""
        first, more = split_name(self.name, 30, 20)
        held: dict[str, dict[str, Any]] = {
            ISSUER.path: {
                "01": self.card_code,
                "02": "1",
                "03": self.version,
                "04": self.card_code[:6].ljust(24, "0"),
                "05": self.issued,
                "06": self.expires,
                "07": self.card_no,
            },
            HOLDER.path: {
                "08": self.ident,
                "09": first,
                "4E": more,
                "0A": self.sex,
                "0B": self.nation,
                "0C": self.birthplace,
                "0D": self.birth,
            },
        }
        held |= {path: dict(items) for path, items in self.files.items()}
        written = {path: items for path, items in held.items() if path not in self.missing}
        return {path: layout.file(path).encode(items, self.version) for path, items in written.items()}


def load(path: Path) -> tuple[Persona, ...]:
    """The cards in a file: one, or a list."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as why:
        raise Malformed(f"{path.name} 不是 JSON：{why}") from why
    return tuple(Persona.from_json(one) for one in (found if isinstance(found, list) else [found]))


def sample(master: bytes, profile: str = "field") -> Persona:
    """A card of nobody: the example number of the standard itself."""
    return Persona.issue(
        master,
        area="310000",
        card_code=Persona.code("310000", 1),
        card_no="D00000013",
        ident="11010519491231002X",
        name="张䶮𬭎",
        sex="2",
        nation="01",
        birth=date(1949, 12, 31),
        issued=date(2019, 6, 1),
        expires=date(2029, 6, 1),
        profile=profile,
    )
