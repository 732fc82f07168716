"""Every page walked by each role, every link and every form; then everything that one role saw, asked for by all others."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from backend.http import SESSION_COOKIE
from backend.kernel.actor import Kind
from backend.systems import CATALOGUE
from portal.pages import account, calculators, desk, employer, guide, jobs, levy, public, signin
from tests.fuzz.world import LOGINS, OFFICERS, ROLES, TIMES, World

PAGES = (public, jobs, signin, account, employer, levy, desk, calculators, guide)
ADDRESSES = sorted(  # also those that no page leads to
    route.path
    for one in PAGES
    for route in one.router.routes
    if isinstance(route, APIRoute) and "GET" in route.methods and "{" not in route.path
)
ALIKE, SAME = (
    2 * TIMES,
    6 * TIMES,
)  # of one shape, and of one path: a city has many vacancies, a search many filters
VARIABLE = re.compile(r"(?<=/)(?:[A-Z0-9]{6,}|[A-Za-z0-9_-]{22}|\d+)(?=/|$)")
IDENT = re.compile(r"(?<!\d)\d{17}[\dX](?!\d)")
LEAVES = {"/sign-out", "/preferences"}  # would end the walk, or change its language
ALLOWED = {200, 202, 303, 400, 401, 403, 404, 409, 410, 422, 429}


@dataclass(frozen=True)
class Step:
    """One thing a page offers: a link, or a form as it stands."""

    method: str
    address: str
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def shape(self) -> tuple[str, str, frozenset[str]]:
        split = urlsplit(self.address)
        names = frozenset(name for name, _ in parse_qsl(split.query))
        return self.method, VARIABLE.sub("*", split.path), names


@dataclass
class Offered(HTMLParser):
    """What can be done from a page."""

    here: str
    steps: list[Step] = field(default_factory=list)
    form: tuple[str, str] | None = None
    typed: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a" and not known.get("href", "#").startswith("#"):
            self._offer("GET", known["href"])
        for name in ("hx-get", "hx-post"):
            if name in known:
                self._offer(name[3:].upper(), known[name])
        if tag == "form":
            self.form = known.get("method", "get").upper(), known.get("action", self.here)
            self.typed = []
        if tag in ("input", "select", "textarea") and self.form and known.get("name"):
            self.typed.append((known["name"], known.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form:
            self._offer(*self.form, tuple(self.typed))
            self.form = None

    def _offer(self, method: str, address: str, typed: tuple[tuple[str, str], ...] = ()) -> None:
        whole = urljoin(self.here, address)
        if method == "GET" and typed:
            whole, typed = f"{urlsplit(whole).path}?{urlencode(typed)}", ()
        if whole.startswith("/") and not whole.startswith("//"):
            self.steps.append(Step(method, whole.partition("#")[0], typed))


def take(world: World, role: str, step: Step) -> httpx2.Response:
    """Go there, and see that nobody sees more than is theirs."""
    if step.method == "GET":
        answer = world.judged(role, "GET", step.address)
    else:
        answer = world.judged(role, step.method, step.address, data=dict(step.typed))
    assert answer.status_code in ALLOWED, (role, step, answer.status_code)
    return answer


def walk(world: World, role: str, strangers: frozenset[str]) -> set[Step]:
    """Everywhere from the first page on; what stands there is the role's own."""
    seen: Counter[object] = Counter()
    done: set[Step] = set()
    ahead = deque(Step("GET", path) for path in ADDRESSES)
    while ahead:
        step = ahead.popleft()
        path = step.shape[:2]
        if step in done or seen[step.shape] >= ALIKE or seen[path] >= SAME or path[1] in LEAVES:
            continue
        seen.update((step.shape, path))
        done.add(step)
        answer = take(world, role, step)
        if answer.status_code == 303:
            ahead.append(Step("GET", urljoin(step.address, answer.headers["location"])))
        if answer.headers.get("content-type", "").startswith("text/html"):
            keeps_to_itself(answer, strangers)
            page = Offered(urlsplit(step.address).path)
            page.feed(answer.text)
            ahead.extend(page.steps)
    return done


def keeps_to_itself(answer: httpx2.Response, strangers: frozenset[str]) -> None:
    shown = strangers & set(IDENT.findall(answer.text))
    assert not shown, f"{answer.request.url} shows whose number it is: {shown}"


@pytest.fixture(scope="module")
def residents(world: World) -> frozenset[str]:
    """Everybody's citizen number."""
    with world.owner.connect() as connection:
        return frozenset(connection.execute(text("select ident from registry.person")).scalars())


def strangers(role: str, residents: frozenset[str]) -> frozenset[str]:
    """Whose numbers this role must never read: an officer reads those at hand."""
    return residents - {LOGINS.get(role)} if role not in OFFICERS else frozenset()


@pytest.fixture(scope="module")
def walked(world: World, residents: frozenset[str]) -> dict[str, set[Step]]:
    return {role: walk(world, role, strangers(role, residents)) for role in ROLES}


def test_each_role_walks_everywhere_it_is_led(walked: dict[str, set[Step]]) -> None:
    paths = {role: {step.shape[1] for step in steps} for role, steps in walked.items()}
    assert {"/jobs", "/jobs/*", "/guide/REG-01", "/calculators/pension", "/sign-in"} <= paths["anyone"]
    assert {"/account/statement", "/account/card/loss", "/account/messages"} <= paths["citizen"]
    assert {"/employer/about", "/employer/vacancies/*", "/employer/vacancies/new"} <= paths["employer"]
    assert {"/desk/REG-01", "/desk/REG-01/batch", "/desk/REG-01/template.csv"} <= paths["经办"]
    assert {"/desk/cases"} <= paths["复核"]


@pytest.mark.parametrize("role", ROLES)
def test_what_others_saw_is_refused_or_ones_own(
    world: World, walked: dict[str, set[Step]], residents: frozenset[str], role: str
) -> None:
    others = {step for name, steps in walked.items() if name != role for step in steps} - walked[role]
    for step in sorted(others, key=lambda one: (one.method, one.address)):
        answer = take(world, role, step)
        keeps_to_itself(answer, strangers(role, residents))
        top = urlsplit(step.address).path.split("/")[1]
        if top in ("account", "employer", "desk"):
            wanted = {"account": ("citizen", "neighbour"), "employer": ("employer",)}.get(top, OFFICERS)
            if role not in wanted:
                assert answer.status_code in (303, 401, 403), (role, step)
                assert answer.headers.get("location", "/sign-in").startswith("/sign-in"), (role, step)


@pytest.mark.parametrize(
    "code", sorted(one.code for one in CATALOGUE.values() if one.by & {Kind.CITIZEN, Kind.EMPLOYER})
)
def test_nobody_asks_in_anothers_name(world: World, residents: frozenset[str], code: str) -> None:
    """A citizen with a neighbour's number, an employer with another's code: refused, whatever else is sent."""
    known = CATALOGUE[code]
    with world.owner.connect() as connection:
        other = connection.execute(
            text("select uscc from registry.employer where uscc <> :mine limit 1"),
            {"mine": LOGINS["employer"]},
        ).scalar_one()
    for role, named in (("citizen", {"ident": LOGINS["neighbour"]}), ("employer", {"uscc": other})):
        if not set(named) & set(known.asks.model_fields):
            continue
        if known.question:
            answer = world.judged(role, "GET", f"/api/v1/questions/{code}?{urlencode(named)}")
        else:
            answer = world.judged(role, "POST", f"/api/v1/items/{code}", json=named)
        assert answer.status_code in (403, 422), (role, code)
        assert not strangers(role, residents) & set(IDENT.findall(answer.text)) - {LOGINS["neighbour"]}


def test_signing_out_ends_it(world: World) -> None:
    visitor = world.visitors["neighbour"]
    token = visitor.cookies[SESSION_COOKIE]
    assert world.judged("neighbour", "GET", "/account").status_code == 200
    name = LOGINS["neighbour"]
    again = world.judged("anyone", "POST", "/sign-in", data={"name": name, "password": "Shili-2026"})
    assert again.status_code == 303
    world.visitors["anyone"].cookies.clear()
    assert token not in again.headers["set-cookie"], "every sign-in has a token of its own"
