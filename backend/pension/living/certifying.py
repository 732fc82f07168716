"""Certificates of benefits 养老待遇证明: what a person is paid by the month, since when, how much now; kept, checked and
listed with the other certificates (levy)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.kernel import codes, documents, files
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.documents import Column, Document, Grid
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.language import ZH, day_in, month_in
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.levy import service as levy
from backend.levy.service import CertifiedBenefit
from backend.payout import service as payout
from backend.pension.amounts import present_of
from backend.pension.awarding.viewing import STATES
from backend.pension.benefits import ITEM as PENSION
from backend.pension.living.certified import BenefitsCertified, CertifyBenefits
from backend.pension.living.model import Disability
from backend.pension.living.rating import in_force, rates
from backend.pension.living.receiving import ALLOWANCE, STANDING
from backend.pension.model import Award
from backend.registry import service as registry

TITLE = "养老待遇证明"
RUNNING, STOPPED = STATES["active"], STATES["suspended"]
COLUMNS = (
    Column("待遇项目", width=4),
    Column("从哪个月起发放", width=4),
    Column("每月金额（元）", "fen", 4),
    Column("状态", width=3),
)


class NothingToCertify(Refusal):
    """{name}现在没有按月领取的养老待遇，不能开养老待遇证明。"""


@item(
    "PEN-33",
    "开具养老待遇证明",
    may=Permission.PENSION_READ,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="证明从哪个月起按月领取养老金或者病残津贴、现在每月多少钱，带验证码，任何人都可以在网上查验真伪。",
        who="按月领取养老待遇的人",
        law="社会保险经办条例 第三十二条",
    ),
)
def certify(uow: Uow, cmd: CertifyBenefits) -> BenefitsCertified:
    who = registry.person(uow, cmd.ident)
    benefits = tuple(_of(uow, who.id))
    if not benefits or who.died is not None:
        raise NothingToCertify(name=who.name)
    made = levy.issue(uow, who, "pension", {"benefits": [one.model_dump() for one in benefits]})
    paper = documents.pdf(_paper(who, benefits, made.code, day_in(made.issued_on, ZH)), uow.now)
    kept = files.keep(
        uow, name=f"{TITLE} {made.code}.pdf", content=paper, may=Permission.PENSION_READ, ours=True
    )
    return BenefitsCertified(
        code=made.code, name=who.name, issued_on=made.issued_on, benefits=benefits, file=kept.file
    )


def _of(uow: Uow, person_id: int) -> Iterator[CertifiedBenefit]:
    """The pension, or the allowance that is paid this month or stopped for now."""
    award = uow.session.scalar(select(Award).where(Award.person_id == person_id, Award.state.in_(STANDING)))
    if award:
        yield CertifiedBenefit(
            item=PENSION,
            first=str(award.first_month),
            amount_fen=present_of(award).fen,
            state=STATES[award.state],
        )
    this = Month.of(uow.today)
    allowance = uow.session.scalar(
        select(Disability).where(
            Disability.person_id == person_id, Disability.first_month <= this, Disability.until > this
        )
    )
    if allowance:
        yield CertifiedBenefit(
            item=ALLOWANCE,
            first=str(allowance.first_month),
            amount_fen=in_force(rates(uow, allowance), this).total.fen,
            state=STOPPED if payout.standing(uow, person_id, ALLOWANCE) else RUNNING,
        )


def _paper(who: registry.Person, benefits: tuple[CertifiedBenefit, ...], code: str, issued: str) -> Document:
    """A paper of office, in Chinese only."""
    rows = tuple(
        (one.item, month_in(Month.parse(one.first), ZH), one.amount_fen, one.state) for one in benefits
    )
    return Document(
        title=TITLE,
        facts=(),
        leads=(
            f"　　{who.name}（公民身份号码 {who.ident}）到{issued}为止，在本机构按月领取的养老待遇如下。",
        ),
        grids=(Grid("", COLUMNS, rows),),
        remarks=(f"验证码：{code}", "查验：在本机构网站的“证明查验”里输入验证码，就能看到这张证明的内容。"),
        signed=(
            settings().agency_name or f"{codes.name('area', settings().area)}社会保险经办机构",
            issued,
        ),
    )
