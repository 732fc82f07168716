"""Schemas 大纲: the XML schemas of appendix A, one for the types and one a file, as the files name them.

As printed they allow one record a table and no empty field, and hold misprints (`xs:Length`). Here records repeat
and a field may be empty; what the standard wants 非空 is looked at in checking.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from backend.exchange.standard import ENCODING, NAMESPACE, Element, File, elements, files

TYPES = "标准数据元类型.xsd"
BEGINNING = (
    f'<?xml version="1.0" encoding="{ENCODING}"?>\n'
    f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:养老保险基金="{NAMESPACE}" xmlns="{NAMESPACE}"'
    f' targetNamespace="{NAMESPACE}" elementFormDefault="qualified" attributeFormDefault="unqualified">\n'
)
END = "</xs:schema>\n"
NUMBERS = {"whole": "xs:int", "decimal": "xs:decimal"}


def schemas() -> dict[str, str]:
    """Each schema's name and text."""
    return {TYPES: _types()} | {f"{file.name}.xsd": _of_file(file) for file in files()}


def _types() -> str:
    types = "".join(map(_type, elements().values()))
    location = '<xs:attribute name="locID" type="xs:string"/>\n'
    return f"{BEGINNING}{location}{types}{END}"


def _type(element: Element) -> str:
    name = f'<xs:simpleType name="{element.name}类型">'
    inside = "".join(_facets(element))
    base = NUMBERS.get(element.kind, "xs:string")
    told = f'<xs:restriction base="{base}">{inside}</xs:restriction>'
    if element.kind != "text":
        empty = '<xs:restriction base="xs:string"><xs:length value="0"/></xs:restriction>'
        told = f"<xs:union>{_anonymous(told)}{_anonymous(empty)}</xs:union>"
    return f"{name}{told}</xs:simpleType>\n"


def _anonymous(restriction: str) -> str:
    return f"<xs:simpleType>{restriction}</xs:simpleType>"


def _facets(element: Element) -> Iterator[str]:
    if element.kind == "decimal":
        yield f'<xs:totalDigits value="{element.length}"/><xs:fractionDigits value="{element.places}"/>'
    elif element.kind == "whole":
        yield f'<xs:totalDigits value="{element.length}"/>'
    elif element.exact:
        length = f".{{{element.length}}}"
        yield f'<xs:pattern value="({length})?"/>'
    else:
        yield f'<xs:maxLength value="{element.length}"/>'


def _of_file(file: File) -> str:
    tables = "".join(
        f'<xs:element ref="{table.name}" minOccurs="0" maxOccurs="unbounded"/>' for table in file.tables
    )
    root = f'<xs:element name="{file.name}">{_complex(tables, file.mark)}</xs:element>\n'
    records = "".join(
        f'<xs:element name="{table.name}">{_complex("".join(map(_field, table.elements)))}</xs:element>\n'
        for table in file.tables
    )
    return f'{BEGINNING}<xs:include schemaLocation="{quote(TYPES)}"/>\n{root}{records}{END}'


def _complex(sequence: str, mark: str = "") -> str:
    attribute = f'<xs:attribute ref="locID" use="optional" fixed="{mark}"/>' if mark else ""
    return f"<xs:complexType><xs:sequence>{sequence}</xs:sequence>{attribute}</xs:complexType>"


def _field(element: Element) -> str:
    attribute = f'<xs:attribute ref="locID" use="optional" fixed="{element.identifier}"/>'
    extended = f'<xs:extension base="{element.name}类型">{attribute}</xs:extension>'
    content = f"<xs:complexType><xs:simpleContent>{extended}</xs:simpleContent></xs:complexType>"
    return f'<xs:element name="{element.name}">{content}</xs:element>\n'
