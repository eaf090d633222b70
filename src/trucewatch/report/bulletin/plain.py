"""A bulletin set as plain text, 80 columns wide, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.content import Paragraph, Points, Table, Voice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.report.bulletin.chart import Chart
    from trucewatch.report.bulletin.content import Bulletin, Cell

WIDTH = 80
_GAP = 2
_EXERCISE = "EXERCISE   Nothing here is a finding.   EXERCISE".center(WIDTH).rstrip()
_LABEL = 15  # columns for the label before a run of bytes; a SHA-256 fits beside it


def plain(bulletin: Bulletin) -> bytes:
    """Return the bulletin as text, UTF-8, lines of at most 80 characters ending in a newline.

    Only a word longer than a line, such as a file name, may stand wider.
    """
    return "\n".join([*_lines(bulletin), ""]).encode()


def _lines(bulletin: Bulletin) -> Iterator[str]:
    banner = [_EXERCISE] if bulletin.exercise else []
    yield from banner
    yield "=" * WIDTH
    yield from _wrapped(bulletin.mission)
    yield f"INCIDENT BULLETIN {bulletin.number}".ljust(WIDTH - len(bulletin.day)) + bulletin.day
    yield "=" * WIDTH
    for text in bulletin.basis:
        yield from _wrapped(text)
    for section in bulletin.sections:
        yield from ("", section.title.upper(), "-" * len(section.title))
        for place, block in enumerate(section.blocks):
            if place and not (_pair(block) and _pair(section.blocks[place - 1])):
                yield ""
            yield from _block(block)
    yield from ("", "=" * WIDTH)
    for text in bulletin.foot:
        yield from _wrapped(text)
    yield from banner


def _pair(block: object) -> bool:
    return isinstance(block, Paragraph) and block.voice is Voice.BYTES


def _block(block: Paragraph | Points | Table | Chart) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _paragraph(block)
    elif isinstance(block, Points):
        for number, item in enumerate(block.items, start=1):
            yield from _wrapped(item, first=f"{number:2}. ", rest="    ")
    elif isinstance(block, Table):
        yield from _wrapped(block.caption)
        yield ""
        yield from _stacked(block) if block.stacked else _ruled(block)
    else:
        yield from _wrapped(f"{block.alt} The map is in the HTML page of this bulletin.")
        for note in block.notes:
            yield from _wrapped(note)


def _paragraph(block: Paragraph) -> Iterator[str]:
    if block.voice is Voice.SEALED:
        yield from _wrapped(block.text, first="  | ", rest="  | ")
        yield from _wrapped(block.cite, first="    ", rest="    ")
    elif block.voice is Voice.BYTES:
        yield from _wrapped(block.text, first=block.cite.ljust(_LABEL), rest=" " * _LABEL)
    else:
        yield from _wrapped(block.text)


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _said(cell: Cell) -> str:
    return f"{cell.text} ({cell.under})" if cell.under else cell.text


def _stacked(table: Table) -> Iterator[str]:
    """Yield each row as a few lines; columns of figures carry their title."""
    for number, row in enumerate(table.rows, start=1):
        for place, columns in enumerate(table.stacked):
            parts = [
                f"{table.head[column]}: {_said(row[column])}"
                if column in table.numeric
                else _said(row[column])
                for column in columns
            ]
            first = "    " if place else f"{number:2}. "
            yield from _wrapped(" | ".join(parts), first=first, rest="      ")


def _ruled(table: Table) -> Iterator[str]:
    cells = [list(table.head), *([_said(cell) for cell in row] for row in table.rows)]
    widths = _widths(cells)
    lines = [_line(row, widths, table.numeric) for row in cells]
    rule = "-" * min(WIDTH, sum(widths) + _GAP * (len(widths) - 1))
    yield from lines[0]
    yield rule
    for place, row in enumerate(lines[1:], start=1):
        if table.total and place == len(table.rows):
            yield rule
        yield from row


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    """Return column widths that fit the page: the widest give way first, down to a word."""
    columns = list(zip(*cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    least = [max(len(word) for text in column for word in text.split()) for column in columns]
    room = WIDTH - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        loose = [place for place, width in enumerate(widths) if width > least[place]]
        if not loose:
            break
        widths[max(loose, key=lambda place: widths[place])] -= 1
    return widths


def _line(row: Sequence[str], widths: Sequence[int], numeric: frozenset[int]) -> list[str]:
    wrapped = [textwrap.wrap(text, width) for text, width in zip(row, widths, strict=True)]
    lines = []
    for depth in range(max(map(len, wrapped))):
        texts = [part[depth] if depth < len(part) else "" for part in wrapped]
        set_texts = [
            text.rjust(width) if place in numeric else text.ljust(width)
            for place, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        lines.append((" " * _GAP).join(set_texts).rstrip())
    return lines
