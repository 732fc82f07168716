"""The house style that a machine can check. Each failure says what, why and what to do."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
CLOCKS = {"now", "today", "utcnow"}
PROGRAMS = ["backend", "portal", "kiosk", "cardio", "search", "loadtests"]
PYTHON = [p for top in PROGRAMS for p in (ROOT / top).rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = [p for top in ("portal", "kiosk") for p in (ROOT / top).rglob("*.html")]


def problems(path: Path) -> Iterator[str]:
    source = path.read_text("utf-8")
    where = path.relative_to(ROOT).as_posix()
    if (lines := source.count("\n")) > 400:
        yield f"{where} has {lines} lines; past 400 make it a package of the same name"
    tree = ast.parse(source)
    if source.strip() and not ast.get_docstring(tree):
        yield f"{where} has no docstring; say in one line what it is for"
    for node in ast.walk(tree):
        at = f"{where}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno
            if node.end_lineno - node.lineno >= 60:
                yield f"{at} {node.name} is longer than a screen; keep the ifs, move the work out"
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"commit", "rollback"}
            and where.startswith(("backend/", "portal/"))
            and where != "portal/indexing.py"  # the search index has commits of its own
        ):
            yield f"{at} only Runner ends a transaction; return, or raise a Refusal"
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and "rules" in where:
            yield f"{at} a float in a rule loses fen; use Decimal, and put policy numbers in params/"
        if (
            isinstance(node, ast.Attribute)
            and node.attr in CLOCKS
            and isinstance(node.value, ast.Name)
            and node.value.id in {"date", "datetime", "time"}
            and "clock" not in where
        ):
            yield f"{at} asks the clock; take the day as an argument, tests and back-dated work need it"


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_python(path: Path) -> None:
    assert list(problems(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_sentence_can_be_translated(path: Path) -> None:
    text = path.read_text("utf-8")
    for said in (
        r"\{#.*?#\}",
        r"\{% trans.*?%\}.*?\{% endtrans %\}",
        r"_\(\".*?\"\)",
        r"_\('.*?'\)",
        r"_\('.*?'\)",
    ):
        text = re.sub(said, "", text, flags=re.S)
    assert re.findall(r"[\u4e00-\u9fff]+", text) == [], "wrap it in {% trans %} or _()"


PARAMETERS = [p for p in sorted((ROOT / "backend/params").rglob("*.yaml")) if p.name != "accounts.yaml"]


@pytest.mark.parametrize("path", PARAMETERS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_parameter_has_its_law(path: Path) -> None:
    for group in yaml.load(path.read_text("utf-8"), yaml.BaseLoader).values():
        for name, known in group.items():
            assert {"label", "unit", "values"} <= known.keys(), name
            assert all(dated.get("source") and dated.get("evidence") for dated in known["values"].values()), (
                name
            )


FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")


def test_only_these_folders_stand_at_the_top() -> None:
    tops = {path.split("/")[0] for path in FILES if "/" in path}
    assert tops == {".ci", "backend", "cardio", "kiosk", "loadtests", "portal", "search", "tests"}


def test_no_lock_file_names_an_address() -> None:
    for name in (
        "requirements.lock",
        "requirements-dev.lock",
        "package-lock.json",
        "portal/package-lock.json",
    ):
        if (ROOT / name).exists():
            assert "://" not in (ROOT / name).read_text("utf-8").replace("https://opencollective", ""), name
