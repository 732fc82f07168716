"""Files: kept whole, given out only to who may see them, and nobody can change one."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.kernel import audit, files
from backend.kernel.actor import ANYONE, Actor, Kind, Permission
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound

WORDS = "流水号|00|\n".encode("gb18030")


def officer(id: str, area: str = "310101", *may: Permission) -> Actor:
    return Actor(Kind.OFFICER, f"officer:{id}", name=id, area=area, permissions=frozenset(may))


KEEPER = officer("甲")
COLLEAGUE = officer("乙", "310101", Permission.PAYOUT_READ)
CITY = officer("丙", "310000", Permission.PAYOUT_READ)
NEIGHBOUR = officer("丁", "310104", Permission.PAYOUT_READ)
OTHER_DESK = officer("戊", "310101", Permission.EMPLOYMENT_READ)


def kept(
    run: Runner, name: str = "回盘.txt", may: Permission | None = Permission.PAYOUT_READ
) -> files.FileKept:
    return run.by(KEEPER)(files.keep, name=name, content=WORDS, may=may)


def test_a_file_comes_back_byte_for_byte_with_its_hash(run: Runner) -> None:
    file = kept(run)
    assert (file.name, file.size, file.sha256) == ("回盘.txt", len(WORDS), hashlib.sha256(WORDS).hexdigest())
    assert run.by(KEEPER)(files.fetch, file.file) == files.Fetched("回盘.txt", "text/plain", WORDS)


@pytest.mark.parametrize("reader", [COLLEAGUE, CITY])
def test_who_does_this_work_within_reach_may_read_it(run: Runner, reader: Actor) -> None:
    file = kept(run)
    assert run.by(reader)(files.fetch, file.file).content == WORDS

    def traces(uow: Uow) -> list[str]:
        rows = uow.session.scalars(audit.Row.__table__.select().with_only_columns(audit.Row.actor_id))
        return list(rows)

    assert run.system(traces) == [reader.id]


@pytest.mark.parametrize("reader", [NEIGHBOUR, OTHER_DESK, ANYONE, Actor(Kind.CITIZEN, "citizen:1")])
def test_for_all_others_there_is_no_such_file(run: Runner, reader: Actor) -> None:
    file = kept(run)
    with pytest.raises(NotFound):
        run.by(reader)(files.fetch, file.file)


def test_without_a_permission_only_who_kept_it_reads_it(run: Runner) -> None:
    file = kept(run, may=None)
    assert run.by(KEEPER)(files.fetch, file.file).content == WORDS
    with pytest.raises(NotFound):
        run.by(CITY)(files.fetch, file.file)


def test_an_empty_file_is_refused_with_its_name(run: Runner) -> None:
    with pytest.raises(files.FileEmpty, match=r"“a\.txt”是空的"):
        run.by(KEEPER)(files.keep, name="a.txt", content=b"")


def test_a_name_that_is_too_long_keeps_its_ending(run: Runner) -> None:
    assert kept(run, "长" * 300 + ".xml").name == "长" * 116 + ".xml"


@pytest.mark.parametrize(
    "tampering",
    ["update kernel.file set name = 'x'", "delete from kernel.file", "truncate kernel.file cascade"],
)
def test_the_programs_cannot_change_a_file(run: Runner, tampering: str) -> None:
    kept(run)
    with pytest.raises(DBAPIError, match="permission denied"):
        run.system(lambda uow: uow.session.execute(text(tampering)))


def test_the_database_itself_checks_size_and_hash(owner: Engine) -> None:
    row = (
        "insert into kernel.file (id, name, media, size, sha256, content, keeper, area, kept_at) "
        "values ('x', 'x', 'x', {size}, '{sha}', 'abc', 'x', '310000', now())"
    )
    right = hashlib.sha256(b"abc").hexdigest()
    for size, sha in ((4, right), (3, "0" * 64)):
        with owner.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(text(row.format(size=size, sha=sha)))


def test_over_http_a_file_is_handed_in_only_by_who_is_known(api: TestClient) -> None:
    answer = api.post("/api/v1/files", files={"file": ("a.txt", b"abc")})
    assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedIn")
    assert api.get("/api/v1/files/" + "x" * 22).status_code == 404


@pytest.mark.parametrize("kind", [Kind.CITIZEN, Kind.EMPLOYER])
def test_who_hands_in_for_themselves_hands_in_little(run: Runner, clock: FixedClock, kind: Kind) -> None:
    own = run.by(Actor(kind, f"{kind}:1", subject_id=1))
    with pytest.raises(files.FileTooLarge, match="超过 5 MB"):
        own(files.keep, name="a.txt", content=b"x" * (5 * 1024 * 1024 + 1))
    for number in range(files.OWN_FILES):
        own(files.keep, name=f"{number}.txt", content=b"x")
        own(files.keep, name=f"{number}.pdf", content=b"x", ours=True)
    with pytest.raises(files.TooManyFiles, match="一天最多收存 20 个文件"):
        own(files.keep, name="a.txt", content=b"x")
    run.by(Actor(kind, f"{kind}:2", subject_id=2))(files.keep, name="a.txt", content=b"x")
    clock.set(clock.now() + timedelta(days=1, seconds=1))
    own(files.keep, name="a.txt", content=b"x")


def test_a_kiosk_hands_in_little_at_a_time_for_everybody_who_comes(run: Runner) -> None:
    kiosk = run.by(Actor(Kind.KIOSK, "kiosk:1"))
    with pytest.raises(files.FileTooLarge, match="超过 5 MB"):
        kiosk(files.keep, name="a.png", content=b"x" * (5 * 1024 * 1024 + 1))
    for number in range(2 * files.OWN_FILES):
        kiosk(files.keep, name=f"{number}.png", content=b"x")


def test_an_officer_hands_in_as_much_as_before(run: Runner) -> None:
    content = b"x" * (6 * 1024 * 1024)
    assert run.by(KEEPER)(files.keep, name="a.txt", content=content).size == len(content)
    for _ in range(files.OWN_FILES + 1):
        kept(run)
