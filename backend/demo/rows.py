"""Rows of the demo city as the tables take them, copied in by the owner of the database."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg

from backend.demo import cards, cast
from backend.demo.careers import Career, contributions
from backend.demo.city import City
from backend.demo.companies import Employer
from backend.demo.dues import bases
from backend.demo.people import Person
from backend.demo.places import city as city_code
from backend.demo.retired import retired
from backend.demo.series import Terms
from backend.kernel.period import Month
from backend.registry.service import PENSION, TOGETHER

TABLES = {
    "registry.employer": "id uscc name area industry injury_class address contact phone licence verified_on registered_at"
    " insured_on pay_area",
    "registry.participation": "employer_id insurance since until",
    "registry.person": "id ident name sex birth nation education area phone address retired registered_at",
    "registry.card": "person_id card_no card_code area version issued expires status key_version profile",
    "registry.bank_account": "person_id bank number holder standing",
    "registry.job": "person_id employer_id started ended occupation",
    "registry.enrolment": "person_id insurance category employer_id started ended",
    "levy.declared_base": "person_id employer_id since until wage declared_at",
    "pension.account": "person_id status opened track months_paid deemed_months index_sum",
    "pension.account_year": "person_id year months opening credited interest paid closing rate moved",
    "pension.contribution": "person_id month employer_id base person_share employer_share index",
    "pension.deemed_period": "person_id first last ground evidence archive decided_on",
    "pension.award": "id person_id area decided_on retired first_month pays_from basic account transitional additions total"
    " provisional state decided_at",
    "pension.working": "award_id facts steps",
}
DEEMED = (
    "state_worker",
    "招工审批表、工资调整表（演示）",
    "演示档案",
)  # 演示: work before accounts, and by which evidence


@dataclass
class Rows:
    """One list a table, filled person by person and copied in the order of TABLES."""

    city: City
    terms: Terms
    now: datetime
    kept: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def fill(self, persons: Iterable[Person], told: Callable[[], None]) -> None:
        """Everybody's rows. An id is the demo's own number and one."""
        everyone = list(persons)
        for person, card in zip(everyone, self.city.cards(everyone), strict=True):
            self._person(person, card)
        known = {one.key: one for one in everyone}
        for career in self.city.careers(self.terms, everyone):
            self._career(known[career.person], career)
            told()
        self._employers()

    def _employers(self) -> None:
        """Every employer takes part in everything, since its first employee (or now, where it has had none), but not
        since before contributions were kept."""
        earliest = date(self.terms.since.year, self.terms.since.month, 1)
        first: dict[int, date] = {}
        for _, _, _, employer, started, _ in self.kept["registry.enrolment"]:
            if employer is not None:
                first[employer] = max(earliest, min(started, first.get(employer, started)))
        today = self.now.date().replace(day=1)
        for one in self.city.employers:
            since = first.get(one.key + 1, today)
            self.kept["registry.employer"].append((*self._employer(one), since, one.area))
            self.kept["registry.participation"].extend(
                (one.key + 1, insurance, since, None) for insurance in TOGETHER
            )

    def _employer(self, one: Employer) -> tuple[Any, ...]:
        return (
            one.key + 1,
            one.uscc,
            one.name,
            one.area,
            one.section,
            one.injury_class,
            one.address,
            one.contact,
            one.phone,
            one.licence or None,
            one.verified_on,
            self.now,
        )

    def copy(self, db: psycopg.Connection[Any], told: Callable[[str], None]) -> None:
        for table, columns in TABLES.items():
            told(table)
            statement = f"copy {table} ({', '.join(columns.split())}) from stdin"
            with db.cursor() as cursor, cursor.copy(statement) as copy:
                for row in self.kept[table]:
                    copy.write_row(row)

    def _person(self, one: Person, card: cards.Card) -> None:
        id = one.key + 1
        person = (id, one.ident, one.name, one.sex, one.birth, one.nation, one.education, one.area, one.phone)
        retired = Month.parse(one.retired).first if one.retired else None
        self.kept["registry.person"].append((*person, one.address, retired, self.now))
        self.kept["registry.card"].append((id, *card[1:], "active", 1, cast.profile_of(one.key)))
        if account := cards.account(one):
            self.kept["registry.bank_account"].append((id, *account[1:]))

    def _career(self, person: Person, career: Career) -> None:
        id = person.key + 1
        for spell in career.spells:
            started, ended = first_day(spell.started), last_day(spell.ended) if spell.ended else None
            if spell.employer is not None:
                job = (id, spell.employer + 1, started, ended, spell.occupation or None)
                self.kept["registry.job"].append(job)
            category = "flexible" if spell.employer is None else "employee"
            employer = None if spell.employer is None else spell.employer + 1
            until = first_day(spell.ended) if spell.ended else None
            insurances = TOGETHER if spell.employer is not None else (PENSION,)
            self.kept["registry.enrolment"].extend(
                (id, insurance, category, employer, started, until) for insurance in insurances
            )
        self.kept["levy.declared_base"].extend(
            (id, None if one.employer is None else one.employer + 1, *one[1:], self.now)
            for one in bases(career, Month.of(self.city.today))
        )
        self._account(person, career)

    def _account(self, person: Person, career: Career) -> None:
        id = person.key + 1
        years, status = career.years, "1"
        if person.retired:
            done = retired(person, career, self.terms, city_code()[0], self.city.today, self.now)
            years, status = done.years, "4"
            award = len(self.kept["pension.award"]) + 1
            self.kept["pension.award"].append((award, *done.award))
            self.kept["pension.working"].append((award, *done.working))
        opened = career.opened or career.spells[0].started
        self.kept["pension.account"].append(
            (
                id,
                status,
                first_day(opened),
                person.track,
                career.months_paid,
                career.deemed_months,
                career.index_sum,
            )
        )
        self.kept["pension.account_year"].extend((id, *year) for year in years)
        self.kept["pension.contribution"].extend(
            (
                id,
                first_day(one.month),
                None if one.employer is None else one.employer + 1,
                one.base_fen,
                one.person_fen,
                one.employer_fen,
                one.wage_index,
            )
            for one in contributions(career, self.terms)
        )
        self.kept["pension.deemed_period"].extend(
            (id, first_day(first), first_day(last), *DEEMED, self.now.date()) for first, last in career.deemed
        )


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])
