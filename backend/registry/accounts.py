"""Accounts 待遇领取账户: at which bank a person's benefits arrive."""

from __future__ import annotations

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.registry.finding import bank_account, person
from backend.registry.model import BankAccount
from backend.registry.schema import AccountChanged, ChangeAccount


class HolderDiffers(Refusal):
    """账户户名“{holder}”和登记的姓名“{name}”不一样；待遇只发到本人的账户，请核对。"""

    status = 422


class SameAccount(Refusal):
    """{name}的领取账户已经是这一个，不需要再办。"""


@item(
    "REG-22",
    "待遇领取账户登记",
    may=Permission.REGISTRY_WRITE,
    review=1,
    guide=Guide(
        what="登记或者更正待遇发到哪个银行账户；银行退回的，更正以后再发，不会重发。",
        who="领取待遇的本人",
        bring=("居民身份证", "本人的银行卡"),
        law="社会保险法 第七十三条",
    ),
)
def change_account(uow: Uow, cmd: ChangeAccount) -> AccountChanged:
    """What is at a bank already goes on under the account it was sent to."""
    who = person(uow, cmd.ident, lock=True)
    if cmd.holder != who.name:
        raise HolderDiffers(holder=cmd.holder, name=who.name)
    known = bank_account(uow, who.id)
    given = {"bank": cmd.bank, "number": cmd.number, "holder": cmd.holder, "standing": cmd.standing}
    if known is None:
        uow.session.add(BankAccount(person_id=who.id, **given))
    elif all(getattr(known, name) == value for name, value in given.items()):
        raise SameAccount(name=who.name)
    else:
        for name, value in given.items():
            setattr(known, name, value)
    uow.session.flush()
    return AccountChanged(
        name=who.name, bank=cmd.bank, number=f"****{cmd.number[-4:]}", standing=cmd.standing
    )
