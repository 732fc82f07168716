"""How a vacancy lies in the embedded index: fields to find by, columns to count and sort by."""

from __future__ import annotations

import tantivy

from search import choices, order
from search.packing import pack
from search.port import Document
from search.reading import BODY, EMPLOYER, GRAMS, INITIALS, NAMES, OCCUPATION, PINYIN, SOUND, TITLE, entry

ID, STORED, EASE, NEWEST, PAY = "id", "stored", "ease", "newest", "pay"
REACHED, BAND, PUBLISHED, EDUCATION, AREA, TYPE = "reached", "band", "published", "education", "area", "type"
COUNTED = (TITLE, EMPLOYER, BODY)
"""Text fields in which it matters how often a word stands there."""
PLAIN = (NAMES, GRAMS, PINYIN, INITIALS, SOUND)
LEVELS = {choices.AREA: len(choices.AREA_LEVELS), choices.OCCUPATION: choices.OCCUPATION_LEVELS}
COLUMNS = {
    choices.EDUCATION: EDUCATION,
    choices.TYPE: TYPE,
    choices.SALARY: BAND,
    choices.AGE: PUBLISHED,
}
"""Where the values of a facet are counted; one with levels has a column a level, several times as quick."""


def column(facet: str, level: int) -> str:
    return f"{facet}_{level}"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(STORED, stored=True)
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in PLAIN:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in (AREA, OCCUPATION):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        for level in range(1, LEVELS[name] + 1):
            builder.add_text_field(column(name, level), fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(TYPE, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (REACHED, BAND, PUBLISHED, EDUCATION, NEWEST, PAY):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field(EASE, fast=True)
    return builder.build()


SCHEMA = _schema()


def row_of(document: Document) -> tantivy.Document:
    row = tantivy.Document()
    row.add_text(ID, document.id)
    row.add_bytes(STORED, pack(document).encode())
    for name, found in entry(document).items():
        row.add_text(name, " ".join(found))
    for facet, code in ((AREA, document.area), (OCCUPATION, document.occupation)):
        for level, above in enumerate(choices.PATHS[facet](code), 1):
            row.add_text(facet, above)
            row.add_text(column(facet, level), above)
    if document.type:
        row.add_text(TYPE, document.type)
    if reached := choices.pay_reached_fen(document):
        row.add_unsigned(REACHED, reached)
        row.add_unsigned(BAND, choices.salary_band(document))
    row.add_unsigned(EDUCATION, document.education)
    row.add_unsigned(PUBLISHED, document.published.toordinal())
    row.add_unsigned(NEWEST, order.newest_key(document))
    row.add_unsigned(PAY, order.salary_key(document))
    row.add_float(EASE, order.ease_of(document))
    return row
