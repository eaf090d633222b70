"""The cells of a file before anybody asks what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.register.importing.cell import Cell
    from trucewatch.register.importing.mapping import ImportMapping

SIZE_MAX_BYTES = 33_554_432  # 32 MiB: some 200,000 rows of a tracker
ROWS_MAX = 200_000
COLUMNS_MAX = 200


class Refused(NamedTuple):
    """One thing that is wrong.

    Attributes:
        row: Row of the sheet, from 1, as spreadsheets number it; None for the whole file.
        column: Header of its column, or None for the whole row.
        reason: What was wrong, what was expected.
    """

    row: int | None
    column: str | None
    reason: str


class Row(NamedTuple):
    """One row of a sheet.

    Attributes:
        number: From 1, as spreadsheets number it.
        cells: Its cells, one for each column of the sheet.
    """

    number: int
    cells: tuple[Cell, ...]


class Sheet(NamedTuple):
    """A sheet.

    Attributes:
        headers: The header of each column; "" where it has none.
        rows: The rows below the headers that are not empty.
        refused: What is wrong with the file as such, or with whole rows.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]


def expect_size(raw: bytes, name: str) -> None:
    """Check that a file is one that can be read.

    Raises:
        BadInput: It is empty or too large.
    """
    if not raw:
        raise BadInput(name, "file is empty, must be a table")
    if len(raw) > SIZE_MAX_BYTES:
        raise BadInput(name, f"file has {len(raw)} bytes, must have at most {SIZE_MAX_BYTES}")


def sheet_of(rows: Sequence[Row], mapping: ImportMapping, name: str) -> Sheet:
    """Return a sheet with its headers checked and its rows as long as they are.

    Args:
        rows: Rows from the first on, those before the headers too.
        mapping: What the columns mean.
        name: How to name the file in an error message.

    Raises:
        BadInput: It has no row of headers, too many rows or columns, a header twice, or lacks one
            that the mapping reads.
    """
    top = next((each for each in rows if each.number == mapping.header_row), None)
    where = f"{name}: row {mapping.header_row}"
    if top is None or all(each is None for each in top.cells):
        raise BadInput(where, "is empty, must hold the headers")
    if len(rows) > ROWS_MAX:
        raise BadInput(name, f"has more than {ROWS_MAX} rows, must have at most {ROWS_MAX}")
    headers = _headers(top, where)
    _expect_headers(headers, mapping, where)
    below = [each for each in rows if each.number > mapping.header_row]
    refused = [*_unread(headers, mapping), *_unnamed(headers, below)]
    kept: list[Row] = []
    for row in below:
        if all(each is None for each in row.cells):
            continue
        if len(row.cells) != len(headers):
            found = f"row has {len(row.cells)} fields, must have {len(headers)}"
            refused.append(Refused(row.number, None, found))
        else:
            kept.append(row)
    return Sheet(headers, tuple(kept), tuple(refused))


def _headers(top: Row, where: str) -> tuple[str, ...]:
    if len(top.cells) > COLUMNS_MAX:
        found = f"has {len(top.cells)} columns, must have at most {COLUMNS_MAX}"
        raise BadInput(where, found)
    for at, each in enumerate(top.cells, start=1):
        if each is not None and not isinstance(each, str):
            raise BadInput(where, f"header of column {at} is no text, must be text")
    return tuple(str(each or "") for each in top.cells)


def _expect_headers(headers: Sequence[str], mapping: ImportMapping, where: str) -> None:
    for header in headers:
        if header and headers.count(header) > 1:
            raise BadInput(where, f"header {header!r} stands there twice, must stand there once")
    read = [each.header for each in mapping.columns if each.header]
    missing = [each for each in read if each not in headers]
    if missing:
        problem = f"header {missing[0]!r} is missing, must be there for the mapping {mapping.id}"
        raise BadInput(where, problem)


def _unread(headers: Sequence[str], mapping: ImportMapping) -> list[Refused]:
    """Return columns that nobody decided on: a new one must not go by unseen."""
    known = {each.header for each in mapping.columns} | mapping.ignored
    reason = "is not in the mapping, must be read or listed in ignored"
    return [
        Refused(mapping.header_row, each, reason) for each in headers if each and each not in known
    ]


def _unnamed(headers: Sequence[str], below: Sequence[Row]) -> list[Refused]:
    """Return cells that stand under no header."""
    nameless = [at for at, header in enumerate(headers) if not header]
    return [
        Refused(row.number, None, f"column {at + 1} has a value and no header, must have one")
        for row in below
        for at in nameless
        if len(row.cells) == len(headers) and row.cells[at] is not None
    ]
