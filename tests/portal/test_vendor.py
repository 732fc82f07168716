"""Vendor: exact versions, no address in the lock, the few files that are served are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal import vendor

WANTED = json.loads((vendor.HERE / "package.json").read_text("utf-8"))["dependencies"]
LOCK = json.loads(vendor.LOCK.read_text("utf-8"))


def test_versions_are_exact_and_the_lock_agrees() -> None:
    assert set(WANTED) == {"htmx.org", "@picocss/pico", "axe-core", "@expo-google-fonts/noto-sans-sc"}
    for name, version in WANTED.items():
        assert version[0].isdigit()
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_the_lock_names_no_address_and_has_every_digest() -> None:
    assert "://" not in vendor.LOCK.read_text("utf-8")
    assert all("integrity" in one for path, one in LOCK["packages"].items() if path)


def test_the_files_that_pages_use_are_there() -> None:
    assert vendor.current(), "run make vendor"
    for name in vendor.FILES.values():
        assert (vendor.HOME / name).stat().st_size > 4_000


def test_what_was_made_from_another_lock_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "HOME", tmp_path)
    assert not vendor.current()
    (tmp_path / "lock").write_text("{}", "utf-8")
    assert not vendor.current()
    (tmp_path / "lock").write_text(vendor.LOCK.read_text("utf-8"), "utf-8")
    assert not vendor.current(), "a file is missing"


def test_a_failing_npm_is_told_in_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "package-lock.json"
    broken.write_text("{", "utf-8")
    monkeypatch.setattr(vendor, "LOCK", broken)
    monkeypatch.setattr(vendor, "HOME", tmp_path / "vendor")
    with pytest.raises(SystemExit):
        vendor.fetch()
    assert "没有取到页面用的 htmx、Pico 和 axe-core" in capsys.readouterr().err
    assert not (tmp_path / "vendor").exists()
