"""Reading 读回: records out of a file of the interface, one by one; no document type, no entities."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from backend.exchange.standard import NAMESPACE, Table, files
from backend.exchange.values import Value, value_of
from backend.kernel.errors import Refusal

CHUNK = 1 << 16
ENCODED, DECLARED, CUT = "文字编码不对", "里面有文档类型或实体的声明", "不是完整的 XML 文档"
DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
NAMED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9_ -]+)["']""")


class NotInterface(Refusal):
    """文件“{name}”不是养老保险基金审计数据接口的文件：{why}。请核对是不是选错了文件。"""

    status = 422


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its table, and its elements' names and texts in the order in which they stand."""

    table: Table
    fields: tuple[tuple[str, str], ...]

    def typed(self) -> dict[str, Value]:
        """By element code."""
        texts = dict(self.fields)
        return {one.code: value_of(one, texts.get(one.name, "")) for one in self.table.elements}


class _Records:
    """What the parser tells, gathered into records: root, table, element, text."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.tables: Mapping[str, Table] = {}
        self.fields: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.done: list[Record] = []

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        space, _, name = tag.removeprefix("{").rpartition("}")
        depth = len(self.path)
        if space != NAMESPACE:
            raise _Strange(f"“{name}”不在标准的命名空间里")
        if depth == 0:
            self.tables = next(
                ({one.name: one for one in file.tables} for file in files() if file.name == name), {}
            )
            if not self.tables:
                raise _Strange(f"没有叫“{name}”的文件")
        elif depth == 1 and name not in self.tables:
            raise _Strange(f"“{self.path[0]}”里没有叫“{name}”的表")
        elif depth > 2:
            raise _Strange(f"“{self.path[-1]}”里还有“{name}”")
        self.path.append(name)
        self.text.clear()

    def data(self, text: str) -> None:
        if len(self.path) == 3:
            self.text.append(text)

    def end(self, _tag: str) -> None:
        name = self.path.pop()
        if len(self.path) == 2:
            self.fields.append((name, "".join(self.text)))
        elif len(self.path) == 1:
            self.done.append(Record(self.tables[name], tuple(self.fields)))
            self.fields.clear()

    def close(self) -> None:
        """The parser asks for it; everything has been told by then."""


class _Strange(Exception):
    """The document is another one than the standard's."""


def records(file: BinaryIO, name: str) -> Iterator[Record]:
    """The records of a file, in order, whatever its size. `name` is for the sentence that refuses it."""
    gathered = _Records()
    parser = DefusedXMLParser(target=gathered, encoding="utf-8", forbid_dtd=True)
    try:
        for text in _texts(file):
            parser.feed(text.encode("utf-8"))
            yield from gathered.done
            gathered.done.clear()
        parser.close()
        yield from gathered.done
    except _Strange as strange:
        raise NotInterface(name=name, why=str(strange)) from None
    except UnicodeDecodeError:
        raise NotInterface(name=name, why=ENCODED) from None
    except DefusedXmlException:
        raise NotInterface(name=name, why=DECLARED) from None
    except ParseError:
        raise NotInterface(name=name, why=CUT) from None


def _texts(file: BinaryIO) -> Iterator[str]:
    """The document without its declaration, which says what the bytes were and not what the parser is given.

    (The standard prints the encoding as “GB 18030”, with a blank that XML does not allow.)
    """
    first = file.read(CHUNK)
    found = NAMED.search(first[:200])
    named = found[1].decode().replace(" ", "").lower() if found else "utf-8"
    if named not in ENCODINGS:
        raise _Strange(f"不认识的编码 {named}")
    decoder = codecs.getincrementaldecoder(ENCODINGS[named])()
    yield DECLARATION.sub("", decoder.decode(first), count=1)
    while more := file.read(CHUNK):
        yield decoder.decode(more)
    yield decoder.decode(b"", final=True)
