"""Fixtures of levy: another law than the one on record, to be written before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from backend.kernel import params


@pytest.fixture
def another_law(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A copy of the parameters, to be changed before anything is asked."""
    home = Path(copytree(params.HOME, tmp_path / "params"))
    monkeypatch.setattr(params, "HOME", home)
    forget()
    yield home
    monkeypatch.undo()
    forget()


def forget() -> None:
    for known in (params._tree, params.history, params._found):
        known.cache_clear()
