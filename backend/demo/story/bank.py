"""The bank of the story: what it says of a file of payments, in the form in which the file came."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from backend.payout.bankfiles.profiles import PAID, PENDING, Delimited, Iso, profile

Says = Callable[[str], str]  # account number → code of 银行回盘结果代码
SPACE = "urn:iso:std:iso:20022:tech:xsd:"
STATUS = {PAID: "ACSC", PENDING: "PDNG"}  # of all others: RJCT and why
REPORT = """<?xml version="1.0" encoding="utf-8"?>
<Document xmlns="{space}{message}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B{about}</MsgId><CreDtTm>2026-01-01T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{about}</OrgnlMsgId><OrgnlMsgNmId>{sends}</OrgnlMsgNmId><GrpSts>PART</GrpSts>
</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{about}</OrgnlPmtInfId>
{lines}
</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>
"""
LINE = "<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}</TxInfAndSts>"
WHY = "<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>"


class Payment(NamedTuple):
    key: str
    number: str
    amount: str


def answer(key: str, sent: bytes, says: Says) -> bytes:
    """What comes back for a file that went out in the form `key`."""
    known = profile(key)
    return _report(known, sent, says) if isinstance(known, Iso) else _lines(known, sent, says)


def _lines(known: Delimited, sent: bytes, says: Says) -> bytes:
    """A line a payment, with a tail that counts them where the form has one."""
    rows = [line.split(known.separator) for line in sent.decode(known.encoding).splitlines()]
    marked = [row for row in rows if f"={row[0]}" in (*known.sent.head[:1], *known.sent.tail[:1])]
    columns = {name: at for at, name in enumerate(known.sent.line)}
    paid = [
        Payment(*(row[columns[name]] for name in ("end_to_end", "number", "amount")))
        for row in rows
        if row not in marked
    ]
    theirs = {ours: code for code, ours in known.results.items()}
    back = [_row(known, one, theirs[says(one.number)]) for one in paid]
    if tail := known.returned.tail:
        facts = {
            "file": dict(zip(known.sent.tail, marked[0], strict=True))["file"],
            "n": str(len(paid)),
            "total": str(sum((Decimal(one.amount) for one in paid), Decimal("0.00"))),
        }
        back.append([name[1:] if name.startswith("=") else facts[name] for name in tail])
    return "".join(known.separator.join(row) + "\n" for row in back).encode(known.encoding)


def _row(known: Delimited, one: Payment, result: str) -> list[str]:
    said = {"end_to_end": one.key, "result": result, "amount": one.amount}
    return [said.get(name, "") for name in known.returned.line]


def _report(known: Iso, sent: bytes, says: Says) -> bytes:
    space = {"p": SPACE + known.sends}
    tree = etree.fromstring(sent)
    reasons = {ours: theirs for theirs, ours in reversed(list(known.reasons.items()))}
    lines = []
    for one in tree.iterfind(".//p:CdtTrfTxInf", space):
        code = says(one.findtext("p:CdtrAcct/p:Id/p:Othr/p:Id", namespaces=space))
        key = one.findtext("p:PmtId/p:EndToEndId", namespaces=space)
        why = "" if code in STATUS else WHY.format(reason=reasons[code])
        lines.append(LINE.format(key=key, status=STATUS.get(code, "RJCT"), why=why))
    about = tree.findtext(".//p:MsgId", namespaces=space)
    facts = {"space": SPACE, "message": known.hears[0], "sends": known.sends, "about": about}
    return REPORT.format(lines="\n".join(lines), **facts).encode()
