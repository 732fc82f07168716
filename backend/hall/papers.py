"""Papers 证明 and records printed at a kiosk: the same certificates as in the portal, the person on them masked.

A paper left lying tells a finder nothing of use; who has to see it whole types its code on the portal.
"""

from __future__ import annotations

from itertools import groupby

from backend.hall.refusals import NothingLevied, NothingReceived
from backend.hall.schema import AskRecords, MakePaper, MonthPaid, Paper, PaperLine, Records
from backend.hall.visitor import visitor
from backend.kernel import ident
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item, question
from backend.levy import service as levy
from backend.levy.certified import CertificateView, Certify
from backend.levy.schema import AskOwnLines
from backend.pension.living import certifying
from backend.pension.living.certified import BenefitsCertified, CertifyBenefits
from backend.registry import service as registry


@item(
    "KSK-01",
    "自助机打印证明",
    by=(Kind.KIOSK,),
    guide=Guide(
        what="在自助机上插卡、输密码，打印参保缴费证明或者养老待遇证明。纸上的姓名和号码是遮掩的，凭验证码可以在网上查验。",
        who="持社会保障卡的人",
        bring=("社会保障卡",),
        law="社会保险经办条例 第三十二条",
    ),
)
def make_paper(uow: Uow, cmd: MakePaper) -> Paper:
    who = visitor(uow, cmd.visit).holder
    return _career(uow, who) if cmd.kind == "career" else _benefit(uow, who)


def _career(uow: Uow, who: registry.Person) -> Paper:
    made: CertificateView = levy.certify(uow, Certify(ident=who.ident))
    lines = tuple(
        PaperLine(name=one.insurance_name, first=one.first, last=one.last, months=one.months)
        for one in made.lines
    )
    return _paper("career", who, made, lines)


def _benefit(uow: Uow, who: registry.Person) -> Paper:
    try:
        made = certifying.certify(uow, CertifyBenefits(ident=who.ident))
    except certifying.NothingToCertify:
        raise NothingReceived from None
    lines = tuple(
        PaperLine(name=one.item, first=one.first, amount_fen=one.amount_fen, state=one.state)
        for one in made.benefits
    )
    return _paper("benefit", who, made, lines)


def _paper(
    kind: str, who: registry.Person, made: CertificateView | BenefitsCertified, lines: tuple[PaperLine, ...]
) -> Paper:
    return Paper.model_validate(
        {
            "kind": kind,
            "code": made.code,
            "masked_name": ident.masked_name(who.name),
            "masked_ident": ident.masked(who.ident),
            "issued_on": made.issued_on,
            "lines": lines,
        }
    )


@question("KSK-Q1", "自助机缴费记录", by=(Kind.KIOSK,))
def records(uow: Uow, ask: AskRecords) -> Records:
    """This year month by month; an insurance that is not paid leaves its month unpaid."""
    who = visitor(uow, ask.visit).holder
    found = levy.own_lines(uow, AskOwnLines(ident=who.ident, year=uow.today.year)).lines
    if not found:
        raise NothingLevied(year=uow.today.year)
    months = tuple(
        MonthPaid(
            month=month,
            insurances=len({one.insurance_name for one in lines}),
            person_fen=sum(one.person_fen for one in lines),
            paid=all(one.paid for one in lines),
        )
        for month, lines in ((month, list(run)) for month, run in groupby(found, key=lambda one: one.month))
    )
    return Records(
        year=uow.today.year,
        on=uow.today,
        masked_name=ident.masked_name(who.name),
        masked_ident=ident.masked(who.ident),
        months=months,
    )
