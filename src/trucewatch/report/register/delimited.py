"""The first table of a document as CSV, for a spreadsheet.

RFC 4180: comma, double quotes where needed, CRLF, a header; UTF-8 without a byte order mark. The
first three columns say of each line what the page says on top. Text from outside that a
spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.report.register.document import Cell, Document

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = ("notice", "level", "marked")


def delimited(document: Document) -> bytes:
    """Return the first table."""
    sheet = document.sheets[0]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    notice = "EXERCISE" if document.exercise else ""
    writer.writerow((*_MARKS, *sheet.columns))
    for row in sheet.rows:
        marks = (notice, document.level, " ".join(document.marked))
        writer.writerow((*marks, *map(_cell, row)))
    return text.getvalue().encode()


def _cell(value: Cell) -> str:
    shown = "" if value is None else str(value)
    return f"'{shown}" if isinstance(value, str) and shown.startswith(_FORMULA) else shown
