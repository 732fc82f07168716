"""What is on a card: selecting, reading, and where in it we are."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any, Final

from cardio import apdu, layout
from cardio.apdu import Command, complete, exchange
from cardio.environment import PAYMENT, PSAM, SSF33
from cardio.faults import (
    BankCard,
    CardGarbled,
    CardLocked,
    CardTooOld,
    CardUnfinished,
    TerminalCard,
    TerminalNotTrusted,
    fault,
)
from cardio.layout import HOLDER, ISSUER, SSSE, File
from cardio.link import OK, Answer, CardFault, Latch, NotSocialSecurityCard
from cardio.status import Status, describe, status
from cardio.tlv import Malformed

MOST_RECORDS: Final = 32
CHUNK: Final = 0xF0
END: Final = (Status.NO_RECORD, Status.NOT_FOUND)
ALL: Final = frozenset[str]()
BLANK: Final = {0x00, 0xFF}  # what memory holds before it is written
VITAL: Final = (ISSUER, HOLDER)
OTHERS: Final[tuple[tuple[bytes, type[CardFault]], ...]] = (
    (SSF33, CardTooOld),
    (PAYMENT, BankCard),
    (PSAM, TerminalCard),
)


class CardFiles:
    """The reading half of a session."""

    def __init__(self, link: Latch) -> None:
        self._link = link
        self._at: tuple[int, int] | None = None  # the folder and file selected

    def _forget(self) -> None:
        """What a card forgets when its application is selected anew."""
        raise NotImplementedError

    def _introduce(self, file: File, sw: int) -> None:
        """The terminal, to a card that first wants to know it."""
        raise NotImplementedError

    def _must(self, command: Command) -> bytes:
        data, sw = exchange(self._link, command)
        if sw != OK:
            raise fault(sw)
        return data

    def _select_application(self) -> bytes:
        self._at = (0, 0)
        self._forget()
        data, sw = exchange(self._link, apdu.select_application(SSSE))
        if sw == OK:
            return data
        if status(sw) in (Status.INVALIDATED, Status.NOT_SUPPORTED):
            raise CardLocked(describe(sw))
        raise self._other(sw)

    def _other(self, sw: int) -> CardFault:
        """What else it may be, by the applications it has."""
        for aid, kind in OTHERS:
            if exchange(self._link, apdu.select_application(aid)).sw == OK:
                return kind(f"{aid.hex()} instead: {describe(sw)}")
        return NotSocialSecurityCard(describe(sw))

    def _to(self, file: File | None) -> bool:
        """Select a file, or the application again; False where the card has no such file."""
        target = (file.folder, file.fid) if file else None
        if self._at is None or (self._at[0] and (target is None or target[0] != self._at[0])):
            self._select_application()
        if file is None or self._at == target:
            return True
        here = self._at[0] if self._at else 0
        self._at = None  # until it is known where we are
        if file.folder != here and not self._selected(apdu.select_folder(file.folder)):
            return False
        if not self._selected(apdu.select_file(file.fid)):
            return False
        self._at = target
        return True

    def _selected(self, command: Command) -> bool:
        _, sw = exchange(self._link, command)
        if sw != OK and status(sw) is not Status.NOT_FOUND:
            raise fault(sw)
        return sw == OK

    def _values(self, file: File, version: str, wanted: frozenset[str] = ALL) -> dict[str, Any]:
        """What a file holds; where only some of it is wanted and lies where it should, no more is asked for."""
        if not self._to(file):
            raise (CardUnfinished if file in VITAL else CardGarbled)(f"no file {file.path}")
        try:
            if wanted:
                some = self._records(file, version, wanted)
                if all(BLANK.issuperset(record[2:]) for record in some):
                    raise CardUnfinished(f"{len(some)} blank records in {file.path}")
                found = file.decode(dict(map(layout.record, some)), version)
                if wanted <= found.keys() | {"姓名扩展"}:
                    return found
            if file.kind == "bytes":
                return {file.items[0].title: file.items[0].decode(self._bytes(file))}
            if file.kind == "rows":
                return {str(n): row.hex().upper() for n, row in enumerate(self._records(file, version), 1)}
            return file.decode(dict(map(layout.record, self._records(file, version))), version)
        except Malformed as why:
            raise CardGarbled(f"{file.path}: {why}") from why

    def _records(self, file: File, version: str, wanted: frozenset[str] = ALL) -> list[bytes]:
        """The records by number; which item lies at which number is told by its tag, not assumed."""
        commands = _reads(file, version, wanted)
        found: list[bytes] = []
        while len(found) < len(commands):
            *whole, last = self._link.run([command.encoded for command in commands[len(found) :]])
            found += [answer.data for answer in whole]
            data, sw = last if last.sw == OK else self._read(file, commands[len(found)], last)
            if sw == OK:
                found.append(data)
            elif status(sw) in END:
                break
            else:
                raise fault(sw)
        return found

    def _bytes(self, file: File) -> bytes:
        length, found = file.items[0].length, b""
        while len(found) < length:
            command = apdu.read_binary(len(found), min(CHUNK, length - len(found)))
            data, sw = self._read(file, command, self._link.send(command.encoded))
            if sw != OK and status(sw) is not Status.WRONG_OFFSET:
                raise fault(sw)
            if sw != OK or not data:
                break
            found += data
        return found

    def _read(self, file: File, command: Command, said: Answer) -> Answer:
        """What was said to a read, to its end; where the card first wants to know the terminal, introduce it once."""
        answer = complete(self._link, command, said)
        if answer.sw != OK and status(answer.sw) is Status.NOT_ALLOWED:
            self._introduce(file, answer.sw)
            answer = exchange(self._link, command)
            if status(answer.sw) is Status.NOT_ALLOWED:
                raise TerminalNotTrusted(describe(answer.sw))
        return answer


@lru_cache(256)
def _reads(file: File, version: str, wanted: frozenset[str]) -> tuple[Command, ...]:
    """READ RECORD for each of these; where nobody knows what there is, for as many as there may be."""
    items = file.of(version)
    if not items:
        return tuple(apdu.read_record(number) for number in range(1, MOST_RECORDS + 1))
    return tuple(
        apdu.read_record(number, length)
        for number, item, length in zip(count(1), items, file.lengths[version], strict=False)
        if not wanted or item.title in wanted
    )
