"""A reference line, from which distances are measured and on which sides stand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.zone import Edges


class LineStatus(StrEnum):
    """What the parties make of a line."""

    AGREED = "agreed"
    DE_FACTO = "de_facto"
    DISPUTED = "disputed"


class Side(StrEnum):
    """A side of a line, seen along the order of its points."""

    LEFT = "left"
    RIGHT = "right"

    def other(self) -> Side:
        """Return the opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; each party may measure from another one, its datum.

    Attributes:
        id: Identifier inside the agreement, such as `LINE_A`.
        status: What the parties make of it.
        epoch: The instant whose situation it describes, aware, or None when no text says so.
        accuracy_m: How far, in metres (one standard deviation across it), it may lie from what
            was meant; None when no text says so, and then nothing can be measured from it.
        datum_for: Ids of the parties that measure from it.
        sides: On which side of it each party stands, by the party's id.
        points: (longitude, latitude) in WGS 84 degrees, in order.
        edges: How points are joined.
        since: First instant at which it is valid, aware, or None for no bound of its own.
        until: First instant at which it is no longer valid, aware, or None.
        text: The line in words.
    """

    id: str
    status: LineStatus
    epoch: datetime | None
    accuracy_m: float | None
    datum_for: tuple[str, ...]
    sides: dict[str, Side]
    points: tuple[tuple[float, float], ...]
    edges: Edges
    since: datetime | None
    until: datetime | None
    text: str
