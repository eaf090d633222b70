"""The cells of a sheet of a workbook (XLSX): values as they stand, formulas never.

Formulas are read as such and named as problems. The number that a program once computed of one is
not taken: nobody can see from the file whether it is still true.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import openpyxl

from trucewatch.errors import BadInput, TruceWatchError
from trucewatch.register.importing.cell import Wrong
from trucewatch.register.importing.sheet import (
    COLUMNS_MAX,
    ROWS_MAX,
    Refused,
    Row,
    expect_size,
    sheet_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.workbook import Workbook

    from trucewatch.register.importing.cell import Cell
    from trucewatch.register.importing.mapping import ImportMapping
    from trucewatch.register.importing.sheet import Sheet

UNPACKED_MAX_BYTES = 536_870_912  # 512 MiB: 16 times the largest file, as spreadsheets pack
MEMBERS_MAX = 1000
_ZIP = b"PK\x03\x04"


def read_workbook(raw: bytes, mapping: ImportMapping, *, name: str) -> Sheet:
    """Return the cells of one sheet of a workbook.

    Hidden sheets are named as problems of the file: what its reader does not see is not imported
    and may be what the rest rests on.

    Args:
        raw: The bytes of the file.
        mapping: Which sheet, and what its columns mean.
        name: How to name the file in an error message.

    Returns:
        The sheet; `BadInput` when it is no workbook, one that unpacks to too much or without the
        sheet, or when its headers are not those of the mapping.
    """
    expect_size(raw, name)
    _expect_plain_zip(raw, name)
    rows, hidden = _read(raw, mapping, name)
    sheet = sheet_of(rows, mapping, name)
    return sheet._replace(refused=(*hidden, *sheet.refused))


def _read(raw: bytes, mapping: ImportMapping, name: str) -> tuple[list[Row], tuple[Refused, ...]]:
    try:
        with warnings.catch_warnings():
            # The library warns of parts that it does not read, such as styles and validation.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
            return _rows(book, mapping, name), _hidden(book)
    except TruceWatchError:
        raise
    except Exception as error:  # the library leaks what zip, XML and its own readers raise
        problem = f"not a workbook ({type(error).__name__}), must be XLSX"
        raise BadInput(name, problem) from error


def _expect_plain_zip(raw: bytes, name: str) -> None:
    """Check the package before anything in it is unpacked to more than its say.

    Raises:
        BadInput: No zip, too many members, or members that say they unpack to too much.
    """
    if not raw.startswith(_ZIP):
        raise BadInput(name, "does not start as a zip package, must be XLSX")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadInput(name, "is no zip package, must be XLSX") from error
    unpacked = sum(each.file_size for each in members)
    if len(members) > MEMBERS_MAX or unpacked > UNPACKED_MAX_BYTES:
        found = f"has {len(members)} parts of {unpacked} bytes"
        most = f"at most {MEMBERS_MAX} of {UNPACKED_MAX_BYTES} bytes"
        raise BadInput(name, f"{found}, must have {most}")


def _hidden(book: Workbook) -> tuple[Refused, ...]:
    return tuple(
        Refused(None, None, f"sheet {each.title!r} is hidden, must be shown or taken out")
        for each in book.worksheets
        if each.sheet_state != "visible"
    )


def _rows(book: Workbook, mapping: ImportMapping, name: str) -> list[Row]:
    titles = [each.title for each in book.worksheets]
    if mapping.sheet not in titles:
        known = ", ".join(titles) or "none"
        raise BadInput(name, f"sheet {mapping.sheet!r} is missing, must be one of: {known}")
    sheet: Any = book[mapping.sheet]  # its class has no `reset_dimensions` in the library's types
    sheet.reset_dimensions()  # what the file says of its size may be less than it holds
    found: list[tuple[int, list[Cell]]] = []
    width = 0
    for number, cells in enumerate(islice(sheet.iter_rows(), ROWS_MAX + 1), start=1):
        row = [_cell(each, mapping) for each in cells[: COLUMNS_MAX + 1]]
        while row and row[-1] is None:
            row.pop()
        found.append((number, row))
        width = max(width, len(row))
    return _padded(found, width)


def _padded(rows: Sequence[tuple[int, list[Cell]]], width: int) -> list[Row]:
    """Return rows of one width: a workbook leaves out what is empty at the end of a row."""
    return [Row(number, (*row, *(None,) * (width - len(row)))) for number, row in rows]


def _cell(cell: Any, mapping: ImportMapping) -> Cell:  # noqa: ANN401 - of the library, untyped
    value = cell.value
    kind = getattr(cell, "data_type", "n")
    if value is None:
        return None
    if kind == "f":
        return Wrong("is a formula, must be a value")
    if kind == "e":
        return Wrong(f"is the error {value}, must be a value")
    if isinstance(value, str):
        words = value.strip()
        return None if not words or words in mapping.empty else words
    return _native(value)


def _native(value: object) -> Cell:
    """Return a number or a day as a spreadsheet holds it."""
    if isinstance(value, bool):
        return Wrong(f"is {value}, must be text, a number or a day")
    if isinstance(value, int | float):
        return Decimal(repr(value))  # the shortest decimal that is this double
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else Wrong(f"is {value}, must be a day")
    if isinstance(value, date):
        return value
    return Wrong(f"is {value}, must be text, a number or a day")
