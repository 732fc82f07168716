"""A factory as it meets the file: it checks what it is given, opens the keys, makes cards and answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from backend.cards import service as cards
from backend.cards.personalising import Written
from backend.kernel import cardkeys, signing
from backend.kernel.vault import _sm4_back
from cardio.sim import Persona
from tests.backend.cards.town import AREA, CLERK, Town


class Made(NamedTuple):
    no: int
    card_no: str
    card_code: str
    keys: list[bytes]
    cells: list[str]
    key_version: int = 1

    def persona(self, pin: str = "135790") -> Persona:
        """The card as the factory loads it: what stands in its line, and the keys in the order of the file."""
        own, read, puk, channel, load, tac = self.keys
        _, card_no, card_code, version, issued, expires, ident, name, sex, nation, birth = self.cells[:11]
        issued_on, expires_on, born = (date.fromisoformat(day) for day in (issued, expires, birth))
        return Persona(
            **{"card_no": card_no, "card_code": card_code, "area": card_code[:6], "version": version},
            **{"ident": ident, "name": name, "sex": sex, "nation": nation, "birth": born},
            **{"issued": issued_on, "expires": expires_on, "pin": pin, "key": own, "read_key": read},
            **{"puk": puk, "channel_key": channel, "key_version": self.key_version},
            **{"profile": "collect", "load_key": load, "tac_key": tac},
        )


class Factory:
    """It is given transport keys by another way, and our public key once."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.public = town.run.vault.signer("production-file").public

    def order(self, **asked: int) -> int:
        self.town.blanks()
        return int(self.town.ask("CRD-24", area=AREA, **asked).no)

    def written(self, no: int) -> Written:
        return cards.write(self.town.run.system, no, self.folder, lambda done, n: None)

    def read(self, no: int, transport: bytes | None = None) -> list[Made]:
        """Every line, after its signature, digest, MAC and check values have been found right."""
        lines = (self.folder / f"ZK{no:08d}.txt").read_bytes().decode("gb18030").splitlines()
        head, body, tail = lines[0].split("|"), lines[1:-1], lines[-1].split("|")
        assert head[:3] == ["RSZK", "1", str(no)]
        assert (int(head[4]), int(tail[1])) == (len(body), len(body))
        assert signing.signed(self.public, f"RSZK|{no}|{len(body)}|{tail[2]}", tail[3])
        transport = transport or self.town.run.vault.transport_key(no)
        return [self._line(transport, line, int(head[5])) for line in body]

    def _line(self, transport: bytes, line: str, key_version: int) -> Made:
        said, _, seal = line.rpartition("|")
        assert seal == cardkeys.cmac(cardkeys.level(transport, b"LINE-MAC"), said.encode())[:8].hex()
        cells = said.split("|")
        wrapped = bytes.fromhex(cells[12])
        keys = [_sm4_back(transport, wrapped[at : at + 16]) for at in range(0, len(wrapped), 16)]
        checks = "".join(cardkeys.enciphers(key).update(bytes(16))[:3].hex() for key in keys)
        assert checks == cells[13]
        return Made(int(cells[0]), cells[1], cells[2], keys, cells, key_version)

    def back(self, no: int, made: list[Made], results: dict[int, tuple[str, str]] | None = None) -> str:
        results = results or {}
        good = sum(results.get(one.no, ("00", ""))[0] == "00" for one in made)
        lines = [f"RSZK-BACK|{no}|{len(made)}"]
        lines += [
            "|".join((str(one.no), one.card_no, one.card_code, *results.get(one.no, ("00", ""))))
            for one in made
        ]
        lines.append(f"END|{good}|{len(made) - good}")
        return "\n".join(lines) + "\n"

    def hand_in(self, no: int, back: str) -> object:
        file = self.town.keep("回盘.txt", back.encode("gb18030"), CLERK)
        return self.town.ask("CRD-25", no=no, returned=file)

    def make(self) -> list[Made]:
        """A whole production, all of it well made."""
        no = self.order()
        self.written(no)
        made = self.read(no)
        self.hand_in(no, self.back(no, made))
        return made
