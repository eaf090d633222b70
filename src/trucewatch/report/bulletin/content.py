"""What a bulletin says, apart from how it is set: sections of paragraphs, lists, tables, one map.

Both settings, page and plain text, are made from the same content, so they cannot differ in a
number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.report.bulletin.chart import Chart


class Voice(StrEnum):
    """Who is speaking: the software, a person who signed, or plain bytes."""

    COMPUTED = "computed"
    SEALED = "sealed"
    NOTE = "note"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text; `cite` says where sealed words come from."""

    text: str
    voice: Voice = Voice.COMPUTED
    cite: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A numbered list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell; never empty, because an empty cell could be read as zero.

    Attributes:
        text: What it says.
        under: A second, smaller line, or "".
        mark: Name of a glyph that stands before the text, or "".
        code: Whether `under` is an id, a hash or another run of bytes.
    """

    text: str
    under: str = ""
    mark: str = ""
    code: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty cell.

        Raises:
            BadInput: There is no text.
        """
        if not self.text.strip():
            raise BadInput("bulletin table", "a cell is empty, expected words for what is missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        caption: Rule, interval and coverage of its numbers.
        head: Column titles.
        rows: As many cells each as there are titles.
        numeric: Indices of the columns that are set to the right.
        stacked: Which columns stand in one line where there is little room; () where the table
            stays a table.
        total: Whether the last row is a sum over the others.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    stacked: tuple[tuple[int, ...], ...] = ()
    total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what is under it; `id` is the anchor."""

    id: str
    title: str
    blocks: tuple[Paragraph | Points | Table | Chart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """A whole bulletin.

    Attributes:
        number: Such as "178 / 2026".
        day: Such as "27 June 2026".
        mission: Name of the mission.
        basis: What it is based on, and how times and places are to be read.
        exercise: Whether every page carries EXERCISE.
        sections: In fixed order.
        foot: What holds of the whole page.
    """

    number: str
    day: str
    mission: str
    basis: tuple[str, ...]
    exercise: bool
    sections: tuple[Section, ...]
    foot: tuple[str, ...]
