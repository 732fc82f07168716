"""Personalising 制卡数据: a production's file for the factory, written piece by piece, however many cards it has.

One text file (GB 18030, as the cards' own fields are) and one archive of photographs. A head names the production; a
line has what is printed and loaded, the card's keys under the production's transport key with their check values, and
its own MAC; the tail has count, digest (SM3 of the lines) and signature (SM2). No key is written, logged or kept in
plain. Whoever falls in the middle begins again: numbers and keys are the same, the file before was never given out. A file
that is whole is written again the same or not at all.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from sqlalchemy import LargeBinary, Row, String, column, select, table, text

from backend.cards import producing
from backend.cards.handing import VERSION, lasts_years
from backend.cards.model import Application, Line, Production
from backend.cards.refusals import FileDiffers, NoProduction
from backend.cards.rules import expires
from backend.kernel.db import Runner, Uow
from backend.registry import service as registry

SIGNED_BY = "production-file"
HEAD, TAIL, FORM = "RSZK", "END", "1"
ENCODING = "gb18030"
PIECE = 2000  # lines read in one transaction
FILE = table(
    "file", column("id", String), column("sha256", String), column("content", LargeBinary), schema="kernel"
)
# a piece is few rows by their keys; what was numbered a moment ago is in no statistics, and all were joined each time
BY_INDEX = text(
    "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
)
Told = Callable[[int, int], None]
Card = Row[int, str, str, str, str, str, str, date, str, str]


class Given(NamedTuple):
    """What stands in every line of a production's file."""

    id: int
    area: str
    n: int
    key_version: int
    issued: date
    expires: date


class Written(NamedTuple):
    """What was written: where, how many lines, how many bytes, and by which digest it is known."""

    path: Path
    lines: int
    size: int
    digest: str


def write(run: Runner, no: int, folder: Path, told: Told) -> Written:
    """Write a production's file and photographs into a folder; `told`: lines so far, of how many."""
    given = run(_begin, no)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ZK{no:08d}.txt"
    part, pictures = path.with_suffix(".part"), path.with_suffix(".zip")
    with (
        part.open("wb") as out,
        zipfile.ZipFile(pictures.with_suffix(".zip.part"), "w", zipfile.ZIP_STORED) as archive,
    ):
        for one in (part, pictures.with_suffix(".zip.part")):
            os.chmod(one, 0o600)
        digest = _write_lines(run, given, out.write, archive, told)
        run(_agree, no, digest)  # before it is signed: no second file of a production is ever a good one
        signature = run.vault.signer(SIGNED_BY).sign(f"{HEAD}|{no}|{given.n}|{digest}")
        out.write(f"{TAIL}|{given.n}|{digest}|{signature}\n".encode(ENCODING))
        out.flush()
        os.fsync(out.fileno())
    os.replace(pictures.with_suffix(".zip.part"), pictures)
    os.replace(part, path)
    run(_sent, no, digest, signature)
    return Written(path, given.n, path.stat().st_size, digest)


def _write_lines(
    run: Runner, given: Given, out: Callable[[bytes], int], archive: zipfile.ZipFile, told: Told
) -> str:
    keys = run.vault.personaliser(given.area, given.key_version, given.id)
    digest, done, seen = hashes.Hash(hashes.SM3()), 0, set[str]()
    head = (HEAD, FORM, given.id, given.area, given.n, given.key_version, f"{given.issued:%Y%m%d}")
    out(("|".join(map(str, head)) + "\n").encode(ENCODING))
    for piece in _pieces(run, given.id):
        lines = []
        for card in piece:
            wrapped, checks = keys.keys(card.card_code)
            body = "|".join((*_printed(given, card), wrapped, checks))
            lines.append(f"{body}|{keys.sealed(body)}\n")
        _add_photos(run, archive, {card.sha256: card.photo for card in piece if card.sha256 not in seen})
        seen.update(card.sha256 for card in piece)
        written = "".join(lines).encode(ENCODING)
        digest.update(written)
        out(written)
        done += len(lines)
        run(_beat, given.id, done)
        told(done, given.n)
    return digest.finalize().hex()


def _printed(given: Given, card: Card) -> tuple[str, ...]:
    """What is printed on the card and loaded into its files; the first six digits of a number are its division."""
    return (
        str(card.no),
        card.card_no,
        card.card_code,
        VERSION,
        f"{given.issued:%Y%m%d}",
        f"{given.expires:%Y%m%d}",
        card.ident,
        card.name,
        card.sex,
        card.nation,
        f"{card.birth:%Y%m%d}",
        f"{card.sha256}.jpg",
    )


def _begin(uow: Uow, no: int) -> Given:
    row = uow.session.get(Production, no, with_for_update=True)
    if row is None:
        raise NoProduction(no=no)
    if row.state == "waiting":
        row.state = "writing"
    last = expires(row.made_on, lasts_years(row))
    return Given(row.id, row.area, row.n, row.key_version, row.made_on, last)


def _beat(uow: Uow, no: int, done: int) -> None:
    row = uow.session.get_one(Production, no, with_for_update=True)
    row.written = done


def _agree(uow: Uow, no: int, digest: str) -> None:
    """A file that was given out already may only be written again as it was."""
    known = uow.session.get_one(Production, no).digest
    if known is not None and known != digest:
        raise FileDiffers(no=no)


def _sent(uow: Uow, no: int, digest: str, signature: str) -> None:
    """The file is whole and known by its digest: from now on the factory may answer. Written again, it is the same."""
    row = uow.session.get_one(Production, no, with_for_update=True)
    _agree(uow, no, digest)
    if row.state == "writing":
        row.state, row.digest, row.signature, row.sent_at = "sent", digest, signature, uow.now


def _pieces(run: Runner, no: int) -> Iterator[list[Card]]:
    after = 0
    while piece := run(_piece, no, after):
        yield piece
        after = piece[-1].no


def _piece(uow: Uow, no: int, after: int) -> list[Card]:
    person = registry.Person
    rows = (
        select(
            *(Line.no, Line.card_no, Line.card_code),
            *(person.ident, person.name, person.sex, person.nation, person.birth),
            *(Application.photo, FILE.c.sha256),
        )
        .join(Application, Application.id == Line.application_id)
        .join(person, person.id == Application.person_id)
        .join(FILE, FILE.c.id == Application.photo)
        .where(Line.production_id == no, Line.no > after, Line.no <= after + PIECE)
        .order_by(Line.no)
    )
    uow.session.execute(BY_INDEX)
    return list(uow.session.execute(rows).all())


def _add_photos(run: Runner, archive: zipfile.ZipFile, wanted: dict[str, str]) -> None:
    """Each photograph once, by its hash; a hundred at a time, so that few are in memory."""
    names = list(wanted.items())
    for at in range(0, len(names), 100):
        few = {id: sha for sha, id in names[at : at + 100]}
        for id, content in run(_contents, list(few)):
            archive.writestr(f"{few[id]}.jpg", content)


def _contents(uow: Uow, ids: list[str]) -> list[tuple[str, bytes]]:
    rows = select(FILE.c.id, FILE.c.content).where(FILE.c.id.in_(ids))
    return [(id, bytes(content)) for id, content in uow.session.execute(rows)]


def write_waiting(run: Runner, folder: Path) -> int:
    """What the worker does: the files of all productions that have none yet."""
    waiting = run(producing.unwritten)
    for no in waiting:
        write(run, no, folder, lambda done, n: None)
    return len(waiting)
