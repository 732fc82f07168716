"""Pictures: clean under the strict policy, with a name and a sentence for who listens."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import date

import pytest

from portal import charts
from tests.portal.gallery import pictures

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", ["steps", "bars", "line", "rows", "moments"])
def test_a_picture_needs_nothing_the_policy_forbids(kind: str) -> None:
    svg = pictures()[kind].svg
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|(?:href|src)=", svg)


@pytest.mark.parametrize("kind", ["steps", "bars", "line", "rows", "moments"])
def test_a_picture_is_one_image_with_a_name_and_a_sentence(kind: str) -> None:
    root = ElementTree.fromstring(pictures()[kind].svg)
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert (title.text, root.get("role")) == (pictures()[kind].title, "img")
    assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert told.text


def test_two_pictures_on_a_page_do_not_share_names() -> None:
    ids = [re.findall(r'\bid="([^"]+)"', one.svg) for one in pictures().values()]
    flat = [name for names in ids for name in names]
    assert len(flat) == len(set(flat))


def test_the_last_value_stands_beside_the_drawing_and_the_zero_line_shows() -> None:
    svg = charts.bars("x", ["2025", "2026"], [70_051.2, 82_340.15], "元").svg
    assert "82,340.15</text>" in svg
    assert ">0</text>" in svg


def test_few_values_are_all_told_and_many_by_first_highest_and_last() -> None:
    assert "<desc" in charts.rows("x", ["甲", "乙"], [3, 2], "人").svg
    assert "甲 3 人; 乙 2 人" in charts.rows("x", ["甲", "乙"], [3, 2], "人").svg
    many = charts.bars("x", [str(n) for n in range(1990, 2020)], [*range(29), 0], "").svg
    assert "1990 0; 2018 28; 2019 0" in many


def test_a_part_of_a_whole_is_drawn_and_told_beside_it() -> None:
    svg = charts.filled("x", ["2026-10", "2026-11"], [100, 120], [100, 72.5], "元").svg
    assert "2026-10 100 / 100 元; 2026-11 72.50 / 120 元" in svg
    assert svg.count(charts.WASH) >= 2, "the wholes stand behind"
    with pytest.raises(ValueError, match="whole"):
        charts.filled("x", ["2026-10"], [], [1], "元")


def test_names_cannot_become_markup() -> None:
    svg = charts.rows("<b>x</b>", ["<script>", '"&'], [1, 2], "").svg
    assert "<script>" not in svg
    assert "<b>" not in svg


def test_the_same_data_are_drawn_once() -> None:
    assert charts.rows("x", ["甲"], [1], "") is charts.rows("x", ["甲"], [1], "")


@pytest.mark.parametrize(("labels", "values"), [([], []), (["甲"], [1, 2]), (["x"] * 201, [1] * 201)])
def test_a_picture_of_nothing_or_of_too_much_is_a_bug(labels: list[str], values: list[float]) -> None:
    with pytest.raises(ValueError, match="a picture needs"):
        charts.bars("x", labels, values, "")


def test_eight_visitors_at_once_may_be_the_first_to_need_a_picture() -> None:
    """The drawing is loaded when it is first needed: by threads that come together, in a fresh program."""
    program = """
import threading
from portal import charts
wrong = []
def draw():
    try:
        charts.rows("各区", ["甲", "乙"], [1, 2], "")
    except Exception as error:
        wrong.append(error)
visitors = [threading.Thread(target=draw) for _ in range(8)]
[one.start() for one in visitors]
[one.join() for one in visitors]
raise SystemExit(str(wrong) if wrong else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_measures_are_told_by_their_names_and_end_with_them() -> None:
    drawn = charts.two("收支", ["10月", "11月"], (("收入", [3, 4.5]), ("支出", [2, 1])), "万元")
    root = ElementTree.fromstring(drawn.svg)
    told = root.find(f"{SVG}desc")
    assert told is not None
    assert told.text == "收入: 10月 3 万元; 11月 4.50 万元; 支出: 10月 2 万元; 11月 1 万元"
    assert "收入 4.50" in drawn.svg
    assert "支出 1" in drawn.svg
    assert not re.search(r"\sstyle=|<style|<script", drawn.svg)
    with pytest.raises(ValueError, match="1 to 200 values"):
        charts.two("收支", ["10月"], (("收入", [3, 4]), ("支出", [2])), "万元")


def test_days_stand_on_a_line_of_years_with_their_dates_and_the_choice_behind_them() -> None:
    days = [date(2026, 11, 24), date(2027, 3, 10)]
    drawn = charts.moments("何时", ["今天", "法定"], days, ["11月24日", "3月10日"], (days[0], days[1])).svg
    assert "今天 11月24日; 法定 3月10日" in drawn
    assert charts.WASH in drawn
    assert charts.WASH not in charts.moments("何时", ["今天"], days[:1], ["11月24日"], None).svg
    with pytest.raises(ValueError, match="a picture needs"):
        charts.moments("何时", ["今天"], days, ["11月24日"], None)
