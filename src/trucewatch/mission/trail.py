"""The steps of a recomputation, numbered as they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(StrEnum):
    """What became of a step."""

    SAME = "same"
    WITHIN = "within tolerance"
    DIFFERENT = "DIFFERENT"
    NOT_OPEN = "not open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was derived again, or could not be.

    Attributes:
        number: Its place, from 1.
        what: What was derived.
        source: From what.
        outcome: How it compares with what was sealed.
        found: What there was; for a step that is not open, why.
    """

    number: int
    what: str
    source: str
    outcome: Outcome
    found: str


class Trail:
    """Steps as they are taken.

    Args:
        told: Is called with each.
    """

    def __init__(self, told: Callable[[Step], None] | None = None) -> None:
        self.steps: list[Step] = []
        self._told = told

    def add(self, what: str, source: str, outcome: Outcome, found: str = "") -> None:
        """Take a step."""
        number = len(self.steps) + 1
        step = Step(number=number, what=what, source=source, outcome=outcome, found=found)
        self.steps.append(step)
        if self._told is not None:
            self._told(step)

    def compare(self, what: str, source: str, pair: tuple[object, object], found: str = "") -> bool:
        """Take a step that is the same when both of a pair are equal; return whether they are."""
        same = pair[0] == pair[1]
        self.add(what, source, Outcome.SAME if same else Outcome.DIFFERENT, found)
        return same
