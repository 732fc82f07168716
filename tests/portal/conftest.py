"""Fixtures: the gallery, and the portal of a small city, as a client sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.employment import service as employment
from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from portal.app import create
from portal.indexing import Indexer
from portal.occupations import table
from search.engine import open_index
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer
from tests.portal import gallery
from tests.portal.city import HERE, employer_id, sign_up, vacancy


@pytest.fixture(scope="session")
def shown() -> Iterator[TestClient]:
    with TestClient(gallery.create(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def site(run: Runner, tmp_path: Path, clock: FixedClock) -> Iterator[TestClient]:
    """The portal with one employer, two persons, an officer and one open vacancy, found by search."""
    an_employer(run)
    for ident in (ZHANG, LI):
        person = a_person(run, ident)
        sign_up(run, ident, Kind.CITIZEN, person)
    sign_up(run, USCC, Kind.EMPLOYER, run.system(employer_id))
    sign_up(run, "1001", Kind.OFFICER, None, ("经办",))
    run.system(employment.load, [vacancy(run, clock)])
    with open_index(tmp_path, table(), write=True) as writing:
        Indexer(run, writing, tmp_path).rebuild()
    with TestClient(create(run, open_index(tmp_path, table())), headers=HERE) as client:
        yield client
