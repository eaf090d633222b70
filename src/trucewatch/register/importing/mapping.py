"""How the columns of a tracker's file become fields: a YAML file, strict, refusals with lines.

The format is `trucewatch/import/v1`. Keys may be added to it, never changed or taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.part import read_part
from trucewatch.agreement.reading.form import NAME, Choice, Many, Names, Text, Truth, Whole, Word
from trucewatch.agreement.reading.record import (
    ByKey,
    Filled,
    Maybe,
    Record,
    fill,
    object_schema,
    told,
)
from trucewatch.errors import BadAgreement, BadInput
from trucewatch.records.claims.delivery import DELIVERY
from trucewatch.register.importing.cell import DAYS, Scale, Signs, Wrong, day, number, text
from trucewatch.register.importing.fields import DAY_FIELDS, NUMBERS, REQUIRED, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.agreement.reading.form import Schema
    from trucewatch.agreement.reading.record import Keys
    from trucewatch.register.importing.cell import Cell, Value

SCHEMA = "trucewatch/import/v1"
ENCODINGS = ("utf-8", "windows-1252")
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_SIGNS = {"point": ".", "comma": ",", "space": " ", "apostrophe": "'", "none": ""}
_PLAIN = Signs(".", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the file, or one value that all rows have.

    Attributes:
        header: Its header; "" for a value that all rows have.
        field: The field of a delivery that it fills.
        values: What each text of it means; empty when it stands for itself.
        day: How it writes days.
        signs: How it writes numbers.
        scale: What its numbers are worth.
        constant: The value that all rows have, or None.
    """

    header: str
    field: str
    values: Mapping[str, str]
    day: str
    signs: Signs
    scale: Scale
    constant: str | None = None

    def read(self, cell: Cell) -> Value:
        """Return what a cell of this column says, or why it says nothing."""
        if self.values:
            words = text(cell)
            if words is None or isinstance(words, Wrong):
                return words
            if words not in self.values:
                return Wrong(f"is {words[:40]!r}, which the mapping gives no meaning")
            cell = self.values[words]
        if self.field in NUMBERS:
            return number(cell, self.signs, self.scale)
        if self.field in DAY_FIELDS:
            return day(cell, self.day)
        return WORDS[self.field](cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """A mapping.

    Attributes:
        id: Such as `support-tracker`.
        title: In words.
        file: `csv` or `xlsx`.
        sheet: Of a workbook, the sheet; "" for a CSV.
        header_row: Row of the headers, from 1.
        delimiter: Between the fields of a CSV.
        encoding: Of a CSV.
        open_end: Whether a CSV may end without a line break, as some programs write it; then
            nobody can tell a whole last value from a torn one.
        empty: Texts that mean that nothing is said.
        ignored: Headers of columns that are not read.
        columns: What is read, and values that all rows have.
    """

    id: str
    title: str
    file: str
    sheet: str
    header_row: int
    delimiter: str
    encoding: str
    open_end: bool
    empty: frozenset[str]
    ignored: frozenset[str]
    columns: tuple[Column, ...]


def _column(filled: Filled) -> dict[str, Any]:
    values, field = filled.values, filled.values["field"]
    wrong = {"day": field not in DAY_FIELDS, "times": field not in NUMBERS}
    wrong["rounded_to"] = wrong["times"]
    for key, is_wrong in wrong.items():
        if is_wrong and key in filled.parts:
            raise BadAgreement(filled.where(key), f"{key} is given for {field}, which takes none")
    return values


_COLUMN = Record(
    build=_column,
    keys={
        "field": Choice(tuple(DELIVERY)),
        "values": Maybe(Word(NAME)),
        "day": Maybe(Choice(tuple(DAYS))),
        "times": Maybe(Whole(1, 10**12), 1),
        "rounded_to": Maybe(Whole(0, 6), None),
    },
)

KEYS: Keys = {
    "schema": Choice((SCHEMA,)),
    "id": Word(NAME),
    "title": Text(),
    "file": Choice(("csv", "xlsx")),
    "sheet": Maybe(Text()),
    "header_row": Maybe(Whole(1, 1000), 1),
    "delimiter": Maybe(Choice(tuple(_DELIMITERS)), "comma"),
    "encoding": Maybe(Choice(ENCODINGS), "utf-8"),
    "open_end": Maybe(Truth(), default=False),
    "decimal": Maybe(Choice(("point", "comma")), "point"),
    "thousands": Maybe(Choice(tuple(_SIGNS)), "none"),
    "day": Maybe(Choice(tuple(DAYS)), "YYYY-MM-DD"),
    "empty": Maybe(Many(Text()), ()),
    "ignored": Maybe(Many(Text()), ()),
    "columns": ByKey(Text(), _COLUMN, "column"),
    "constants": Maybe(ByKey(Choice(tuple(DELIVERY)), Text()), {}),
    "values": Maybe(ByKey(Word(NAME), ByKey(Text(), Text())), {}),
}
"""What a mapping may hold."""


def parse_mapping(raw: bytes, *, name: str) -> ImportMapping:
    """Return the mapping in a file.

    Args:
        raw: The bytes of the file, UTF-8 YAML.
        name: How to name the file in an error message.

    Raises:
        BadInput: The file is not in the format or contradicts itself; the message names the line.
    """
    try:
        top = read_part(raw, name=name)
        parts = top.fields(*told(KEYS))
        return _mapping(fill(KEYS, parts, top, Names()))
    except BadAgreement as error:
        raise BadInput(error.where, error.problem, advice=error.advice) from error


def mapping_schema() -> Schema:
    """Return the JSON Schema of a mapping."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA} | (
        object_schema(KEYS)
    )


def _mapping(filled: Filled) -> ImportMapping:
    values = filled.values
    if (values["file"] == "xlsx") != bool(values["sheet"]):
        needs = "must be given" if values["file"] == "xlsx" else "must not be given"
        raise BadAgreement(filled.where("sheet"), f"file is {values['file']}, sheet {needs}")
    for key in ("delimiter", "encoding", "open_end"):
        if values["file"] == "xlsx" and key in filled.parts:
            raise BadAgreement(filled.where(key), f"file is xlsx, {key} must not be given")
    if values["decimal"] == values["thousands"]:
        problem = f"thousands is {values['thousands']}, must differ from decimal"
        raise BadAgreement(filled.where("thousands"), problem)
    columns = (*_columns(filled), *_constants(filled))
    _expect_fields(columns, filled)
    return ImportMapping(
        **{key: values[key] for key in ("id", "title", "file", "sheet", "header_row", "open_end")},
        delimiter=_DELIMITERS[values["delimiter"]],
        encoding=values["encoding"],
        empty=frozenset(values["empty"]),
        ignored=frozenset(values["ignored"]),
        columns=columns,
    )


def _columns(filled: Filled) -> tuple[Column, ...]:
    values, found = filled.values, []
    signs = Signs(_SIGNS[values["decimal"]], _SIGNS[values["thousands"]])
    for name, meanings in values["values"].items():
        if not meanings:
            raise BadAgreement(filled.where("values"), f"{name} is empty, must name at least one")
    for header, column in values["columns"].items():
        if column["values"] and column["values"] not in values["values"]:
            known = ", ".join(values["values"]) or "none is declared"
            problem = f"column {header}: values is {column['values']!r}, must be one of: {known}"
            raise BadAgreement(filled.where("columns"), problem)
        if header in values["ignored"]:
            problem = f"{header} is a column that is read, must not be ignored"
            raise BadAgreement(filled.where("ignored"), problem)
        found.append(
            Column(
                header=header,
                field=column["field"],
                values=values["values"].get(column["values"], {}),
                day=column["day"] or values["day"],
                signs=signs,
                scale=Scale(column["times"], column["rounded_to"]),
            )
        )
    return tuple(found)


def _constants(filled: Filled) -> tuple[Column, ...]:
    found = []
    for field, value in filled.values["constants"].items():
        column = Column(
            header="",
            field=field,
            values={},
            day="YYYY-MM-DD",
            signs=_PLAIN,
            scale=Scale(),
            constant=value,
        )
        read = column.read(value)
        if isinstance(read, Wrong):
            raise BadAgreement(filled.where("constants"), f"{field} {read.reason}")
        found.append(column)
    return tuple(found)


def _expect_fields(columns: tuple[Column, ...], filled: Filled) -> None:
    fields = [each.field for each in columns]
    twice = sorted({each for each in fields if fields.count(each) > 1})
    if twice:
        problem = f"field {twice[0]} is filled twice, must be filled once"
        raise BadAgreement(filled.where("columns"), problem)
    missing = [each for each in REQUIRED if each not in fields]
    if missing:
        problem = f"nothing fills {', '.join(missing)}, must be a column or a constant"
        raise BadAgreement(filled.where("columns"), problem)
