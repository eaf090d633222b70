"""The cells of a delimited text file, as programs write CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.register.importing.sheet import ROWS_MAX, Row, expect_size, sheet_of

if TYPE_CHECKING:
    from trucewatch.register.importing.mapping import ImportMapping
    from trucewatch.register.importing.sheet import Sheet

_BOM = b"\xef\xbb\xbf"


def read_delimited(raw: bytes, mapping: ImportMapping, *, name: str) -> Sheet:
    """Return the cells of a delimited text file.

    Args:
        raw: The bytes of the file.
        mapping: What its columns mean.
        name: How to name the file in an error message.

    Raises:
        BadInput: No such text, torn at its end, a quote that does not close, or headers that are
            not those of the mapping.
    """
    expect_size(raw, name)
    text = _decoded(raw, mapping, name)
    if not mapping.open_end and not text.endswith("\n"):
        advice = "If the program that wrote it leaves it out, say open_end: true in the mapping."
        problem = "ends inside a line, must end with a line break"
        raise BadInput(name, problem, advice=advice)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    try:
        for number, fields in enumerate(reader, start=1):
            cells = (each.strip() for each in fields)
            empty = mapping.empty
            rows.append(Row(number, tuple(None if not c or c in empty else c for c in cells)))
            if number > ROWS_MAX:
                raise BadInput(name, f"has more than {ROWS_MAX} rows, must have at most that")
    except csv.Error as error:
        where = f"{name}:{reader.line_num}"
        raise BadInput(where, f"not delimited text ({error}), must have closed quotes") from error
    return sheet_of(rows, mapping, name)


def _decoded(raw: bytes, mapping: ImportMapping, name: str) -> str:
    for sign, what in ((b"PK\x03\x04", "a zip or a workbook"), (b"\x1f\x8b", "a gzip")):
        if raw.startswith(sign):
            raise BadInput(name, f"starts as {what}, must be delimited text")
    if b"\0" in raw:
        raise BadInput(name, f"byte {raw.find(bytes(1))} is NUL, must be text")
    try:
        return raw.removeprefix(_BOM).decode(mapping.encoding)
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not {mapping.encoding}, must be {mapping.encoding} text"
        raise BadInput(name, problem) from error
