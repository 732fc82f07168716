"""Loading the demo city: everybody's rows by COPY, then money, kiosk and cast by the real commands."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time

import psycopg
from pydantic import SecretStr
from rich.progress import Progress
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.accounting import service as accounting
from backend.demo import cardlife, cast, dues, residents
from backend.demo.city import City
from backend.demo.places import city as city_code
from backend.demo.published import minimum_wage, terms_of
from backend.demo.rows import Rows
from backend.employment import service as employment
from backend.kernel import auth, codes, files
from backend.kernel.actor import Kind, Permission
from backend.kernel.clock import CHINA
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.kiosks import enrolment
from backend.kiosks import service as kiosks
from backend.payout import service as payout
from backend.payout.notes import worth_fen
from backend.pension import service as pension
from backend.registry import service as registry

SEED = 1998
KIOSK, KIOSK_NAME = "00000001", "示例市政务大厅一号自助机"
DISPENSER = "D-0001"
FUND_FEN = 10**13  # 演示: what the fund holds at the start
MONTHS = 12
# 演示: a bag as full as the kiosk's new cassettes (kiosk/devices/cassettes.py; a test compares)
CASSETTES = {
    10000: 2000,
    5000: 400,
    2000: 400,
    1000: 400,
    500: 400,
    100: 800,
    50: 400,
    10: 800,
    5: 400,
    2: 800,
    1: 800,
}
OPERATOR_CODES = ("246813", "975312")  # 演示: of the first two officers who may open a kiosk
OPENING = time(9)  # adverts of the demo appear when the office opens
SEQUENCES = ("registry.employer", "registry.person", "pension.award")


def load(url: str, run: Runner, persons: int, vacancies: int, progress: Progress, seed: int = SEED) -> None:
    """Load the city (`url`: its owner's), the people all or nothing; then open the house.

    A loading that was cut off goes on with what is not there yet.
    """
    today = run.clock.today()
    city = City(
        seed, today, persons, tuple((one.code, one.name, one.aliases) for one in codes.choices("occupation"))
    )
    if not run.system(_any, "registry.person"):
        _people(url, city, run, progress)
    step = progress.add_task("示例市：招聘岗位", total=vacancies)
    if not run.system(_any, "employment.vacancy"):
        run.system(employment.load, _adverts(city, vacancies, lambda: progress.advance(step)))
    step = progress.add_task("示例市：本月养老金、社保缴费、自助机、演示人物", total=len(OPENED_BY))
    for table, opening in OPENED_BY.items():
        if not run.system(_any, table):
            run.system(opening)
        progress.advance(step)


def _any(uow: Uow, table: str) -> bool:
    """Whether that part of the city is there; each comes as a whole or not at all."""
    return bool(uow.session.scalar(text(f"select exists (select from {table})")))  # noqa: S608 - our own names


def _people(url: str, city: City, run: Runner, progress: Progress) -> None:
    step = progress.add_task("示例市：人、单位、缴费记录", total=city.size)
    rows = Rows(city, terms_of(city_code()[0]), run.clock.now())
    rows.fill(city.persons(), lambda: progress.advance(step))
    owner = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner) as db:
        rows.copy(db, lambda table: progress.update(step, description=f"示例市：写入 {table}"))
        for name in SEQUENCES:
            db.execute(f"select setval('{name}_id_seq', (select max(id) from {name}))")  # noqa: S608
    with psycopg.connect(owner, autocommit=True) as db:
        db.execute("analyze")
    progress.update(step, completed=city.size, description="示例市：人、单位、缴费记录")


def _adverts(city: City, n: int, told: Callable[[], None]) -> Iterator[employment.LoadedVacancy]:
    """The demo's adverts as the job board takes them; each employer's own contact answers."""
    wage = minimum_wage(city.today).fen
    for one in city.vacancies(n, wage):
        told()
        employer = city.employers[one.employer]
        published = datetime.combine(one.published, OPENING, tzinfo=CHINA) if one.published else None
        yield employment.LoadedVacancy(
            employer_id=one.employer + 1,
            title=one.title,
            occupation=one.occupation,
            area=one.area,
            address=one.address,
            work=one.work,
            pay_min_fen=one.pay_min_fen,
            pay_max_fen=one.pay_max_fen,
            contact=employer.contact,
            phone=employer.phone,
            conditions="；".join(one.conditions),
            education=one.education,
            experience_years=one.experience_years,
            type=one.type,
            headcount=one.headcount,
            source=one.source,
            published=published,
            filled=published if one.state == "filled" else None,
            valid_until=one.valid_until,
        )


def _open_books(uow: Uow) -> None:
    """The month's period, the fund's money, and this month's pensions as one set."""
    payout.open_books(uow, FUND_FEN, FUND_FEN // 10, maker="demo/maker", checker="demo/checker")
    batch = pension.pay_month(uow, Month.of(uow.today), checker="demo/checker")
    _bank_month(uow, batch.batch)
    _budget(uow, uow.today.year, batch.total_fen * MONTHS)


def _budget(uow: Uow, year: int, benefits_fen: int) -> None:
    """What the pension fund is to take in and spend in the year."""
    for kind, fen in (("contribution_income", benefits_fen), ("benefit_expense", benefits_fen)):
        accounting.set_budget(
            replace(uow, approvers=("demo/checker",)),
            accounting.SetBudget.model_validate(
                {
                    "fund": "pension",
                    "year": year,
                    "kind": kind,
                    "amount": Money(fen).text,
                    "reason": "示例市基金预算",
                }
            ),
        )


def _bank_month(uow: Uow, batch: int) -> None:
    """Who is paid by bank every month has been paid: file out, file back."""
    out = payout.make_bank_file(uow, payout.MakeBankFile(batch=batch))
    sent = files.fetch(uow, out.sent).content.decode("gb18030")
    back = "".join(f"{line.split('|')[0]}|00|\n" for line in sent.splitlines()[1:])
    kept = files.keep(
        uow, name=f"回盘-{out.file}.txt", content=back.encode("gb18030"), may=Permission.PAYOUT_READ
    )
    payout.read_bank_file(uow, payout.ReadBankFile(file=out.file, returned=kept.file))


def _enrol_kiosk(uow: Uow) -> None:
    """The kiosk's key goes to the kiosk's own home, its hash to the backend; cash goes into its cassettes."""
    key = secrets.token_hex(32)
    auth.register_device(uow, id=KIOSK, name=KIOSK_NAME, area=city_code()[0], key=key)
    payout.enrol_dispenser(uow, KIOSK, DISPENSER)
    payout.load(uow, KIOSK, worth_fen(CASSETTES), f"{KIOSK}/opening", "F-000001", CASSETTES)
    kiosks.place_opening(uow, KIOSK, "opening")
    root = settings().root
    told = {
        "id": KIOSK,
        "key": key,
        "dispenser": DISPENSER,
        "dispenser_key": uow.vault.dispenser_key(DISPENSER).hex(),
        "notice_key": uow.vault.signer("stopped-cards").public.hex(),  # whose list it believes (CRD-Q9)
    }
    enrolment.hand_over(root / "kiosk", root / enrolment.CREDENTIALS, told)
    personas = [_persona(member, uow.vault) for member in (*cast.CITIZENS, cast.RESIDENT)]
    cards = root / "kiosk" / "cards.json"
    cards.write_text(json.dumps(personas, ensure_ascii=False, indent=1), "utf-8")
    cards.chmod(0o600)


def _persona(member: cast.Member, vault: Vault) -> dict[str, str]:
    """A demo card as the kiosk's tray holds it; a real one would carry its key in the chip."""
    citizen, card = member.citizen, member.card
    if citizen is None or card is None:
        raise ValueError(f"{member.key} has no card")
    return {
        "card_no": card.card_no,
        "card_code": card.card_code,
        "area": card.area,
        "ident": member.login,
        "name": member.name,
        "sex": citizen.sex,
        "nation": "01",
        "birth": citizen.birth.isoformat(),
        "issued": card.issued.isoformat(),
        "expires": card.expires.isoformat(),
        "version": card.version,
        "key": vault.card_key(card.area, card.card_code).hex(),
        "pin": citizen.pin,
        "note": member.role,
    } | (vault.of_collect_card(card.area, card.card_code) if member.profile == "collect" else {})


def _sign_ins(uow: Uow) -> None:
    codes_left = list(OPERATOR_CODES)
    for member in cast.CAST:
        subject = None
        if member.kind == Kind.CITIZEN:
            subject = registry.person(uow, member.login).id
        elif member.kind == Kind.EMPLOYER:
            subject = registry.employer(uow, member.login).id
        login = auth.enrol(
            uow,
            name=member.login,
            kind=Kind(member.kind),
            shown=member.name,
            password=member.password,
            area=member.area,
            subject_id=subject,
            roles=member.roles,
        )
        who = auth.actor(login)
        if who.kind is Kind.OFFICER and who.may(Permission.KIOSK_OPERATE) and codes_left:
            code = SecretStr(codes_left.pop(0))
            kiosks.set_code(replace(uow, actor=who), kiosks.SetCode(code=code))


def _levy(uow: Uow) -> None:
    """A year of dues, then this month's; then the cast's company hires."""
    dues.bill_the_year(uow)
    dues.bill_this_month(uow)
    dues.hire_some(uow)


OPENED_BY = {
    "payout.batch": _open_books,
    "pension.resident_account": residents.open_village,
    "levy.run": _levy,
    "auth.device": _enrol_kiosk,
    "auth.login": _sign_ins,
    "cards.stock": cardlife.open_lives,
}
