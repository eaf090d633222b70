"""A document as an XLSX workbook, one sheet for each table.

Written by hand, stored without compression and with fixed times: the same document gives the same
bytes with any version of any library, so that a published workbook can be made again. Every cell
is text or a whole number; text is never a formula.

Source: ECMA-376, Office Open XML, transitional; parts of a minimal workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from trucewatch.report.register.document import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.report.register.document import Cell, Document

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
_LETTERS = 26
_TEXT_MAX = 32_767  # characters of a cell, by the format's own limits
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def workbook(document: Document) -> bytes:
    """Return the workbook; its first sheet tells what it rests on."""
    notice = ("EXERCISE. Nothing here is a finding.",) if document.exercise else ()
    lines = (*notice, document.title, str(document.day), f"level {document.level}")
    lines = (*lines, *document.marked, *document.basis)
    read = Sheet(
        id="read_me",
        title="Read me",
        notes=(),
        columns=("Read this first",),
        rows=tuple((line,) for line in lines),
    )
    sheets = (read, *document.sheets)
    files = io.BytesIO()
    with zipfile.ZipFile(files, "w", zipfile.ZIP_STORED) as package:
        for name, text in _parts(sheets, document):
            member = zipfile.ZipInfo(name, date_time=_TIME)
            member.create_system = 3  # else it is that of the machine
            member.external_attr = 0o644 << 16
            package.writestr(member, (_HEAD + text).encode())
    return files.getvalue()


def _parts(sheets: tuple[Sheet, ...], document: Document) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_PART}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        f'.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{_PART}'
        f'.sheet.main+xml"/>{kinds}</Types>',
    )
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    yield (
        "_rels/.rels",
        f'{relations}<Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
        f' Target="xl/workbook.xml"/></Relationships>',
    )
    listed = "".join(
        f'<sheet name={quoteattr(sheet.id)} sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, start=1)
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
    )
    tied = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    yield "xl/_rels/workbook.xml.rels", f"{relations}{tied}</Relationships>"
    for n, sheet in enumerate(sheets, start=1):
        yield f"xl/worksheets/sheet{n}.xml", _sheet(sheet, exercise=document.exercise)


def _sheet(sheet: Sheet, *, exercise: bool) -> str:
    rows = "".join(
        _row(number, row) for number, row in enumerate((sheet.columns, *sheet.rows), start=1)
    )
    head = "&CEXERCISE. Nothing here is a finding." if exercise else ""
    printed = f"<headerFooter><oddHeader>{escape(head)}</oddHeader></headerFooter>" if head else ""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{printed}</worksheet>'


def _row(number: int, row: tuple[Cell, ...]) -> str:
    cells = "".join(
        _cell(f"{_column(place)}{number}", value)
        for place, value in enumerate(row)
        if value is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(at: str, value: str | int) -> str:
    if isinstance(value, int):
        return f'<c r="{at}"><v>{value}</v></c>'
    text = escape(_UNWRITABLE.sub("\ufffd", value)[:_TEXT_MAX])
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _column(place: int) -> str:
    """Return the letters of a column, counted from 0.

    Example:
        >>> _column(0), _column(25), _column(26)
        ('A', 'Z', 'AA')
    """
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
