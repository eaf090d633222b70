"""What a product of a register shows: tables, and above them what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from datetime import date

    from trucewatch.report.material import ReleaseLevel

TITLES = {
    "register": "Register of commitments",
    "response": "Response to determinations",
    "gaps": "Contributions and gaps",
}
"""Products that are made of the register, and what they are."""

PUBLIC = frozenset({"register"})
"""Those that the public may see."""

Cell: TypeAlias = "str | int | None"
"""Text, a whole number, or nothing; an exact decimal is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table.

    Attributes:
        id: In one word of small letters, at most 31.
        title: What it shows.
        notes: What a reader must know of it, a sentence each.
        columns: Heads of its columns.
        rows: Its rows, each as long as the heads.
    """

    id: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a ragged table.

        Raises:
            BadInput: A row has another length than the heads.
        """
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                where = f"sheet {self.id}: row {number}"
                problem = f"has {len(row)} cells, expected {len(self.columns)}"
                raise BadInput(where, problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A product of a register.

    Attributes:
        product: Its name, such as `register`.
        title: What it is.
        day: The day of which it speaks.
        level: `public` or `mission`.
        exercise: Whether each page says EXERCISE.
        marked: What it rests on and what it is not, a sentence each; stands on every page.
        basis: How it was made: the log, its size and root, the version of the code.
        sheets: Its tables; the first is the one that the CSV holds.
    """

    product: str
    title: str
    day: date
    level: ReleaseLevel
    exercise: bool
    marked: tuple[str, ...]
    basis: tuple[str, ...]
    sheets: tuple[Sheet, ...]
