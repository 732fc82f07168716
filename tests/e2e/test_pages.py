"""Every page, for everybody, in both languages: it answers, keeps its policy, fits its screen, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backend.demo.cast import CAST
from backend.kernel import calculators
from backend.systems import CATALOGUE
from tests.e2e.conftest import DESKTOP, PHONE, House, axe, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("house")]
BY = {member.key: member for member in CAST}
GUIDED = sorted(code for code, known in CATALOGUE.items() if known.guide)
PUBLIC = [
    "/",
    "/jobs",
    "/jobs?q=fuwuyuan&sort=newest",
    "/jobs?q=zzzzzz",
    "/calculators",
    *(f"/calculators/{name}" for name in sorted(calculators.CATALOGUE)),
    "/guide",
    *(f"/guide/{code}" for code in GUIDED[:2]),
    "/sign-in",
    "/verify",
    "/verify?code=ABCD-2345-EFGH-6789",
    "/verify?code=12345",
    "/accessibility",
    "/no/such/page",
]
ACCOUNT = [
    "/account",
    "/account/statement",
    "/account/statement?year=2000",
    "/account/levy",
    "/account/levy/receipts",
    "/account/levy/certificates",
    "/account/pension",
    "/account/pension/when",
    "/account/pension/estimate?share=300&months=12",
    "/account/pension/resident",
    "/account/payments",
    "/account/applications",
    "/account/messages",
    "/account/card",
]
EMPLOYER = [
    "/employer",
    "/employer/vacancies/new",
    "/employer/about",
    "/employer/levy",
    "/employer/levy/bases",
    "/employer/levy/bases?page=2",
    "/employer/levy/bases/batch",
    "/employer/levy/receipts",
    "/employer/levy/certificates",
    "/employer/levy/hire",
    "/employer/staff",
    "/employer/registration",
    "/employer/registration/change",
]
DESK = [
    "/desk",
    "/desk?words=PEN",
    "/desk/person/HANDLE",
    "/desk/person/nobody",
    "/desk/PEN-04?person=HANDLE",
    "/desk/PEN-Q1?person=HANDLE",
    "/desk/PEN-Q2?person=HANDLE",
    "/desk/cases",
    "/desk/REG-01",
    "/desk/REG-01/batch",
    "/desk/PAY-Q2",
]
BOOKS = [
    *(f"/desk/books/{name}" for name in ("sheet", "flow", "trial", "detail", "budget", "periods")),
    "/desk/books/sheet?fund=pension&month=x",
    "/desk/FIN-03",
]
READERS = {
    "nobody": PUBLIC,
    "retiree_cash": ACCOUNT,
    "seeker": ACCOUNT,
    "flexible": ACCOUNT[3:6],
    "worker": ACCOUNT[3:6],
    "employer": EMPLOYER,
    "counter": DESK,
    "accountant": BOOKS,
}


def at_the_counter(page: Page, house: House) -> str:
    """Finds a retiree by the keyboard alone; what the address says of them comes back."""
    page.goto(f"{house.portal}/desk")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.keyboard.press("/")
    page.keyboard.type(BY["retiree_cash"].login)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/person/*")
    return page.url.rpartition("/")[2]


@pytest.mark.parametrize(
    ("size", "lang"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone-zh", "desktop-en"]
)
@pytest.mark.parametrize("whom", READERS)
def test_every_page_is_sound(
    house: House, visitor: Callable[..., Page], whom: str, size: tuple[int, int], lang: str
) -> None:
    page = visitor(size, lang=lang)
    if whom in BY:
        sign_in(page, house, BY[whom])
    handle = at_the_counter(page, house) if whom == "counter" else ""
    wrong: list[str] = []
    for address in READERS[whom]:
        answer = page.goto(house.portal + address.replace("HANDLE", handle))
        assert answer
        if answer.status >= 500:
            wrong.append(f"{address}: {answer.status}")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 1:
            wrong.append(f"{address}: {wide} px wider than the screen")
        wrong.extend(f"{address}: {line}" for line in axe(page))
    assert wrong == []
