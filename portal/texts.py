"""Texts: everything a page can say, gathered for the English catalogue.

`python -m portal.texts` adds what is new to en.po (untranslated) and takes out what nobody says any more.
The rules, so that nothing is forgotten: `_("…")` in templates and pages; every constant in capitals of a
page (a label chosen by a key); and of the backend what it declares: titles, hints and choices of every
schema, guides, steps, refusals, sentences and the short code tables; the words it has for states; and what it
says to somebody: whole sentences (they end with 。) and the patterns of those with a fact inside.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, get_args

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import backend.kernel.documents.paper
import backend.kernel.given  # whose refusals are declared by being imported
import backend.kernel.sealing  # noqa: F401 - likewise
import portal.app  # noqa: F401 - likewise
from backend import systems
from backend.employment.rules import PAY_UNITS
from backend.exchange import standard
from backend.kernel import calculators, codes, composed, funds, params, sentences
from backend.kernel.errors import Told, Wrong, sentence_of
from backend.kernel.language import CATALOGUE
from backend.kernel.settings import settings
from backend.pension.calculators.items import UNITS
from backend.pension.rules.index import MODES
from backend.pension.rules.years import READINGS
from portal.pages import public
from portal.reading import in_yuan
from search.port import SearchRefusal

HERE = Path(__file__).parent
BACKEND = Path(systems.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff、；：]")  # and the marks that stand between words
SOUGHT = re.compile(r"[?|\[\n]")  # in what is searched for, or asked of the database
LONGEST_TABLE = 130  # longer tables are places and occupations: names, which stay as they are
CITY = settings().area[:2]
OPTIONS = {
    "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "silent": "false",
    "newstyle_gettext": "true",
    "trimmed": "true",
}
Text = str | tuple[str, ...]
T = TypeVar("T")
SILENT = (  # what speaks to staff at a terminal, or makes up the demo city
    "backend/accounting/checking.py",
    "backend/demo/",
    "backend/cli.py",
    "backend/drill/",
    "backend/connect.py",
    "backend/exchange/export.py",
    "backend/exchange/inspecting.py",
    "backend/exchange/schemas.py",
    "backend/exchange/sources/",  # what auditors are given stays in the standard's own words
    "backend/up.py",
    "backend/kernel/audit.py",
    "backend/kernel/composed.py",
    "backend/kernel/embedded.py",
    "backend/kernel/language.py",
    "backend/kernel/ledger/checking.py",
    "backend/payout/checking.py",
    "backend/kernel/ledger/sealing.py",
    "backend/kernel/money.py",  # capitals stand on papers of office
    "backend/levy/letters.py",  # a paper of office, in Chinese only
    "backend/pension/awarding/letter.py",
    "backend/pension/transferring/papers.py",  # likewise
)
CALCULATED = (  # parameters that calculators name
    *("pension.", "resident.", "levy.", "medical.contribution.", "medical.flexible."),
    *("unemployment.contribution.", "unemployment.flexible.", "injury.contribution."),
)
WORDS = {  # what only shows inside another text, or is put together without an f-string
    "backend/employment": (
        "已经招满",
        "不再招聘",
        "（单位已经注销）",
        "原因：{reason}。",
        "原因：{reason}。单位留言：{note}",
    ),
    "backend/employment/vacancies.py": tuple(f"{{pay}} {unit}" for unit in PAY_UNITS.values()),
    "backend/hall/guiding.py": ("养老金和养老保险", "缴费和参保"),
    "backend/levy/calculators": ("单位缴费", "其中划入个人账户", "每人每月的定额", "职工不缴纳"),
    "backend/payout/collection.py": ("这笔待遇",),
    "backend/pension": ("灵活就业", *((mode.__doc__ or "").partition("\n")[0] for mode in MODES.values())),
    "backend/pension/awarding": ("灵活就业人员",),
    "backend/pension/calculators": (
        *("视同缴费年限", "缴费年限", "长缴增发", "过渡调节金", "基本养老金补贴", "每人每月"),
        *("平均缴费指数", "视同缴费指数"),
        *("{years}岁{months}个月", "{months}个月", "{year} 年：{years} 年 {months} 个月"),
        *(f"{{formula}}{rounded}" for _, rounded in UNITS.values() if rounded),
        *(read.__doc__ or "" for read in READINGS.values()),
    ),
    "backend/registry": ("有效期",),
    "backend/kernel/sentences.py": ("内容", "{one} 或 {other}"),
    "portal/charts.py": ("这张图",),
}


def texts() -> dict[Text, str]:
    """Every text and the first place it is said."""
    found: dict[Text, str] = {}
    for where, text in (
        *_templates(),
        *_pages(),
        *_items(),
        *_calculators(),
        *_refusals(),
        *_words(),
        *_of_the_standard(),
    ):
        if CHINESE.search(text if isinstance(text, str) else text[0]):
            found.setdefault(text, where)
    shapes = {_shape(text) for text in found}
    for where, text in _said():
        if CHINESE.search(_key(text)) and _shape(text) not in shapes:
            shapes.add(_shape(text))
            found[text] = where
    return found


def _shape(text: Text) -> str:
    """Patterns that differ by the names of their facts are one pattern."""
    return composed.PLACE.sub("{}", _key(text))


def _templates() -> Iterator[tuple[str, Text]]:
    for path in sorted((HERE / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _, text, _, _ in extract("jinja2", file, options=OPTIONS):
                yield f"portal/{path.relative_to(HERE).as_posix()}", text


def _pages() -> Iterator[tuple[str, Text]]:
    """What pages say: `_("…")`, and the constants in capitals that `_` is given by a key."""
    for path in sorted(HERE.rglob("*.py")):
        where = f"portal/{path.relative_to(HERE).as_posix()}"
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in {"_", "gettext"}:
                    yield from ((where, text) for text in _strings(node.args[:1]))
                elif node.func.id == "ngettext":
                    yield where, tuple(_strings(node.args[:2]))
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and _in_capitals(node) and node.value:
                yield from ((where, text) for text in _strings([node.value]))


def _in_capitals(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(
        isinstance(one, ast.Name) and one.id.isupper()
        for target in targets
        for one in (target.elts if isinstance(target, ast.Tuple) else [target])
    )


def _strings(nodes: list[ast.expr]) -> Iterator[str]:
    """What is written in them, but not what is searched for (`re.compile`)."""
    for top in nodes:
        if isinstance(top, ast.Call) and ast.unparse(top.func).startswith("re."):
            continue
        for node in ast.walk(top):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _items() -> Iterator[tuple[str, Text]]:
    for one in sorted(systems.CATALOGUE.values(), key=lambda one: one.code):  # imported in any order
        yield one.code, one.title
        if one.guide:
            for text in (one.guide.what, one.guide.who, *one.guide.bring, one.guide.days, one.guide.law):
                yield one.code, text
        if one.may is not None or one.guide:
            yield from _schema(one.code, one.asks)
        yield from _schema(one.code, one.answers)


def _schema(where: str, shape: type[BaseModel]) -> Iterator[tuple[str, Text]]:
    """Titles, hints and choices, of what is inside too."""
    for field in shape.model_fields.values():
        for text in (field.title, field.description):
            if text:
                yield where, in_yuan(text)
        for extra in _extras(field):
            labels = extra.get("labels", {})
            yield from ((where, str(text)) for text in labels.values())
        for inner in _models(field.annotation):
            yield from _schema(where, inner)


def _extras(field: FieldInfo) -> Iterator[Mapping[str, Any]]:
    for one in (
        field,
        *field.metadata,
        *(part for arg in get_args(field.annotation) for part in get_args(arg)),
    ):
        extra = getattr(one, "json_schema_extra", None)
        if isinstance(extra, Mapping):
            yield extra


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for arg in get_args(annotation):
        yield from _models(arg)


def _calculators() -> Iterator[tuple[str, Text]]:
    for one in sorted(calculators.CATALOGUE.values(), key=lambda one: one.name):  # imported in any order
        yield from ((one.name, text) for text in (one.title, one.hint, one.law))
        yield from _schema(one.name, one.asks)
        yield from _schema(one.name, one.answers)
    for path in sorted(BACKEND.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "steps.add":
                yield from (("backend steps", text) for text in _strings(node.args[:1]))


def _refusals() -> Iterator[tuple[str, Text]]:
    """Of the programs a person meets here; tests may add refusals of their own."""
    for root in (Told, Wrong, SearchRefusal):
        for shape in _below(root):
            if shape.__module__.partition(".")[0] in {"backend", "portal", "search"}:
                yield f"{shape.__module__}.{shape.__name__}", sentence_of(shape)


def _below(shape: type[T]) -> Iterator[type[T]]:
    for one in shape.__subclasses__():
        yield one
        yield from _below(one)


def _words() -> Iterator[tuple[str, Text]]:
    yield from (
        ("backend/kernel/sentences.py", text) for text in (*sentences.TEMPLATES.values(), sentences.OTHERWISE)
    )
    for where, names in WORDS.items():
        yield from ((where, text) for text in names)
    yield from (("backend/params/accounts.yaml", one.name) for one in funds.chart().values())
    yield from (("backend/params", text) for text in _parameters())
    for key in codes.tables():
        known = codes.table(key)
        yield "backend/codes", known.title
        if len(known.codes) <= LONGEST_TABLE:
            yield from ((f"backend/codes/{key}.csv", one.name) for one in known.codes.values())
    for one in codes.choices("area"):
        if one.code.startswith(CITY) and one.name not in codes.FILLERS:  # places elsewhere stay names
            yield from (("backend/codes/area.csv", name) for name in (one.name, codes.full_name(one.code)))


def _parameters() -> Iterator[str]:
    """What calculators and the home page say of a parameter, and the sources that a warning names."""
    for found in params.everything():
        calculated = found.path.startswith(CALCULATED)
        if calculated or found.path in public.STANDARDS:
            yield found.label
            if found.area != params.NATION:
                yield f"{{place}}{found.label}"
        if calculated and found.evidence is params.Evidence.UNVERIFIED and found.value != params.ENDED:
            yield found.source
        if found.path.endswith(".remark"):
            yield str(found.value)


def _of_the_standard() -> Iterator[tuple[str, Text]]:
    """The tables of the audit interface; files keep their names, and what stands inside them is not translated."""
    for table in standard.tables().values():
        yield from (("backend/exchange/gbt40217/tables.yaml", text) for text in (table.name, table.why_not))


def _said() -> Iterator[tuple[str, Text]]:
    """What the backend says: its words for states, whole sentences, and the patterns of those with facts in them."""
    for path in sorted(BACKEND.rglob("*.py")):
        where = f"backend/{path.relative_to(BACKEND).as_posix()}"
        if where.startswith(SILENT):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for told in tree.body:
            if isinstance(told, ast.Assign | ast.AnnAssign) and _in_capitals(told):
                yield from ((where, text) for text in _strings(_shown(told.value)) if not SOUGHT.search(text))
        inside = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield where, pattern_of(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                yield from ((where, text) for text in (node.value,) if text.endswith("。"))


def _shown(told: ast.expr | None) -> list[ast.expr]:
    """The values of a mapping, or the text itself."""
    if isinstance(told, ast.Dict):
        return [one for one in told.values if isinstance(one, ast.Constant)]
    return [told] if isinstance(told, ast.Constant | ast.Tuple) else []


def pattern_of(made: ast.JoinedStr) -> str:
    """An f-string as a pattern, its facts by their last names; '' for a regular expression or a mere joint.

    >>> pattern_of(ast.parse("f'职位 {cmd.vacancy}'", mode="eval").body)
    '职位 {vacancy}'
    >>> pattern_of(ast.parse("f'{one[0]}岁{age // 12}个月'", mode="eval").body)
    '{fact}岁{fact2}个月'
    >>> pattern_of(ast.parse("f'{name}：{title}'", mode="eval").body)
    ''
    """
    facts: dict[str, str] = {}
    parts = [_part(part, facts) for part in made.values]
    text = "".join(parts)
    own = "".join(part for part in parts if not part.startswith("{"))
    return "" if "(?" in text or text.startswith(" ") or not composed.CHINESE.search(own) else text


def _part(part: ast.expr, facts: dict[str, str]) -> str:
    if not isinstance(part, ast.FormattedValue):
        return str(part.value) if isinstance(part, ast.Constant) else ""
    told, whole = part.value, ast.unparse(part.value)
    if whole not in facts:
        name = getattr(told, "attr", "") or getattr(told, "id", "") or "fact"
        name = name.lower().strip("_")
        facts[whole] = name if name not in facts.values() else f"{name}{len(facts) + 1}"
    return "{" + facts[whole] + "}"


def update(path: Path = CATALOGUE) -> Catalog:
    """The catalogue as it should be: every text, with the English it has."""
    known: dict[str, Any] = {}
    if path.exists():
        with path.open("rb") as file:
            known = {_key(one.id): one.string for one in read_po(file) if one.id}
    catalogue = Catalog(locale="en", project="renshe", charset="utf-8")
    for text, where in texts().items():
        told = known.get(_key(text), "")
        plural = isinstance(text, tuple)
        catalogue.add(text, told if isinstance(told, tuple) == plural else "", locations=[(where, 0)])
    return catalogue


def _key(text: Any) -> str:
    return text if isinstance(text, str) else str(text[0])


def written(catalogue: Catalog) -> bytes:
    """As a file: in order of the texts, without the day it was made, so that it changes only by its words."""
    out = BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    return HEADER.encode() + out.getvalue()


HEADER = """# English of what the backend and the portal say. The source text is Chinese.
msgid ""
msgstr ""
"Project-Id-Version: renshe 1\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_bytes(written(update()))
