"""The cast 演示人物: the same people for any seed and any size, with their passwords and cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.demo import cards, numbers
from backend.demo.companies import Employer
from backend.demo.people import FEMALE, MALE, Drawn, Life, Person, retired_by, retirement_age_months
from backend.demo.places import city

PASSWORD = "Shili-2026"  # noqa: S105 - printed at every start: the people are made up
ISSUED = date(2023, 3, 1)
VERIFIED_DAY = 1  # the company proves who it is on the first of the month


@dataclass(frozen=True)
class Citizen:
    """Of a person in the cast, what does not change with the day."""

    birth: date
    sex: str
    order: int
    education: str
    life: Life
    track: int
    drawn: Drawn
    area: str
    address: str
    pin: str

    @property
    def ident(self) -> str:
        return numbers.citizen_number(self.area, f"{self.birth:%Y%m%d}", self.order)


@dataclass(frozen=True)
class Member:
    """One of the cast: who they are, how they sign in, which card they hold."""

    key: str
    role: str
    name: str
    kind: str  # citizen, officer or employer
    login: str
    area: str
    roles: tuple[str, ...] = ()  # of an officer
    citizen: Citizen | None = None
    card: cards.Card | None = None
    profile: str = "field"  # of the card: "collect" keeps count and proofs of its own
    password: str = PASSWORD

    @property
    def card_no(self) -> str:
        return self.card.card_no if self.card else ""

    @property
    def card_code(self) -> str:
        return self.card.card_code if self.card else ""

    @property
    def pin(self) -> str:
        return self.citizen.pin if self.citizen else ""


def _citizen(index: int, key: str, role: str, name: str, citizen: Citizen, profile: str = "field") -> Member:
    card = cards.issued_on(index, ISSUED)
    return Member(
        key,
        role,
        name,
        "citizen",
        citizen.ident,
        citizen.area,
        citizen=citizen,
        card=card,
        profile=profile,
    )


def profile_of(index: int) -> str:
    """Of the card of the city's person with an index."""
    return CITIZENS[index].profile if index < len(CITIZENS) else "field"


CITIZENS = (
    _citizen(
        0,
        "retiree_cash",
        "退休人员（刷卡领取）",
        "张秀英",
        Citizen(
            birth=date(1958, 3, 8),
            sex=FEMALE,
            order=982,
            education="40",
            life="retired",
            track=50,
            drawn="card",
            area="310104",
            address="示例市徐汇区梧桐路88弄6号302室",
            pin="123456",
        ),
    ),
    _citizen(
        1,
        "retiree_bank",
        "退休人员（银行代发）",
        "李建国",
        Citizen(
            birth=date(1954, 5, 12),
            sex=MALE,
            order=981,
            education="60",
            life="retired",
            track=60,
            drawn="bank",
            area="310101",
            address="示例市黄浦区人民路120弄3号201室",
            pin="112233",
        ),
        profile="collect",
    ),
    _citizen(
        2,
        "seeker",
        "求职者",
        "陈晓雯",
        Citizen(
            birth=date(1998, 9, 16),
            sex=FEMALE,
            order=984,
            education="20",
            life="unemployed",
            track=55,
            drawn="",
            area="310115",
            address="示例市浦东新区科苑路560弄18号604室",
            pin="246810",
        ),
    ),
    _citizen(
        3,
        "worker",
        "在职职工",
        "周䶮",
        Citizen(
            birth=date(1986, 6, 21),
            sex=MALE,
            order=983,
            education="30",
            life="working",
            track=60,
            drawn="",
            area="310112",
            address="示例市闵行区春晓路301弄9号503室",
            pin="135790",
        ),
    ),
    _citizen(
        4,
        "flexible",
        "灵活就业人员",
        "吴桂芳",
        Citizen(
            birth=date(1984, 2, 17),
            sex=FEMALE,
            order=986,
            education="40",
            life="flexible",
            track=55,
            drawn="",
            area="310106",
            address="示例市静安区长乐路66弄2号401室",
            pin="864209",
        ),
    ),
)
RESIDENTS_SEED = 2014
RESIDENT = _citizen(  # no row of the city's own: registered with the other residents (residents.py)
    900_000,
    "resident",
    "城乡居民（每年缴费）",
    "何秀莲",
    Citizen(
        birth=date(1968, 9, 12),
        sex=FEMALE,
        order=988,
        education="70",
        life="flexible",
        track=55,
        drawn="",
        area="310151",
        address="示例市崇明区新河镇永丰村3组12号",
        pin="975310",
    ),
)
OFFICERS = (
    Member("counter", "柜面经办人员", "沈佳怡", "officer", "310001", city()[0], ("经办",)),
    Member("reviewer", "复核人员", "顾立新", "officer", "310002", city()[0], ("复核",)),
    Member("director", "局长", "郑国华", "officer", "310003", city()[0], ("复核", "审计")),
    Member("accountant", "财务人员", "许安澜", "officer", "310004", city()[0], ("财务",)),
)
COMPANY_AREA, COMPANY_NAME, COMPANY_CONTACT = "310112", "示例市闵行明远精密机械有限公司", "林静"
COMPANY_USCC = numbers.credit_code(0, COMPANY_AREA, "91")
HR = Member(
    "employer", "用人单位人事（明远精密机械）", COMPANY_CONTACT, "employer", COMPANY_USCC, COMPANY_AREA
)
CAST = (*CITIZENS, RESIDENT, HR, *OFFICERS)


def company(today: date) -> Employer:
    """The cast's own company, number 0 of the city."""
    return Employer(
        key=0,
        uscc=COMPANY_USCC,
        name=COMPANY_NAME,
        kind="company",
        section="C",
        division="34",
        injury_class=4,
        size=186,
        area=COMPANY_AREA,
        address="示例市闵行区工业路1688号",
        contact=COMPANY_CONTACT,
        phone=numbers.phone("121", 0),
        licence="",
        verified_on=today.replace(day=VERIFIED_DAY),
    )


def citizens(today: date) -> tuple[Person, ...]:
    """The citizens of the cast as persons 0, 1, 2 … of the city."""
    return tuple(_person(index, member, today) for index, member in enumerate(CITIZENS))


def _person(index: int, member: Member, today: date) -> Person:
    known = member.citizen
    if known is None:
        raise ValueError(f"{member.key} is not a citizen")
    age_months = retirement_age_months(known.birth.year, known.birth.month, known.track)
    retired = retired_by(known.birth, age_months, today)
    return Person(
        key=index,
        ident=known.ident,
        name=member.name,
        sex=known.sex,
        birth=known.birth,
        nation="01",
        education=known.education,
        area=known.area,
        phone=numbers.phone("120", index),
        address=known.address,
        life="retired" if retired else "working" if known.life == "retired" else known.life,
        track=known.track,
        retired=retired,
        drawn=known.drawn if retired else "",
    )
