"""What is written for people is true: the glossary's names stand in the code, both READMEs say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = re.findall(
    r"^\| ([^|]+) \| (\w+) \| ([^|]+) \|$", (ROOT / "backend/GLOSSARY.md").read_text("utf-8"), flags=re.M
)
CODE = "\n".join(
    path.read_text("utf-8")
    for top in ("backend", "portal", "kiosk", "cardio", "search")
    for path in (ROOT / top).rglob("*")
    if path.suffix in {".py", ".yaml"}
)


@pytest.mark.parametrize(("chinese", "name", "source"), ROWS[1:], ids=[row[0] for row in ROWS[1:]])
def test_a_name_of_the_glossary_stands_in_the_code(chinese: str, name: str, source: str) -> None:
    assert re.search(rf"\b{name}\b", CODE), f"{chinese}: no {name} in the code"
    assert source.strip(), f"{chinese} has no source"


def test_the_readmes_say_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert len(re.findall(r"^## ", english, flags=re.M)) == len(re.findall(r"^## ", chinese, flags=re.M))
    assert len(re.findall(r"^\| ", english, flags=re.M)) == len(re.findall(r"^\| ", chinese, flags=re.M))
    assert set(re.findall(r"`(RENSHE_\w+)`", english)) == set(re.findall(r"`(RENSHE_\w+)`", chinese))


def test_the_map_names_every_folder() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for top in ("backend", "portal", "kiosk", "cardio", "search", "loadtests", "tests"):
        assert f"`{top}/`" in text


def test_every_dependency_is_in_the_decisions() -> None:
    """A dependency without a reason has no place."""
    text = (ROOT / "README.md").read_text("utf-8").lower()
    declared = (ROOT / "pyproject.toml").read_text("utf-8")
    block = declared[declared.index("dependencies = [") : declared.index("[project.optional-dependencies]")]
    for name in re.findall(r'"([a-z0-9-]+)', block):
        word = {"uvicorn": "uvicorn", "pydantic-settings": "pydantic", "python-multipart": "fastapi"}.get(
            name, name
        )
        known = {
            "meilisearch-python-sdk": "meilisearch",
            "vl-convert-python": "vl-convert",
            "pyyaml": "pyyaml",
        }
        assert known.get(word, word) in text, f"README's decisions do not say why {name} is there"
