"""Weapons declared at a site against those counted there, category by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step


class Difference(NamedTuple):
    """One category at one site.

    Attributes:
        declared: Number declared.
        seen: Number counted, or None when the visit did not count this category.
        closed: Whether some of the site was closed to the visit.
    """

    declared: int
    seen: int | None
    closed: bool

    @property
    def differs(self) -> bool | None:
        """Whether the number is surely another; None when a closed part, or no count, hides it."""
        if self.seen is None:
            return None
        if self.seen > self.declared:
            return True
        if self.closed:
            return None
        return self.seen != self.declared

    def shown(self) -> Json:
        """Return the numbers, and the range of what is missing or too many."""
        if self.seen is None:
            return {"declared": self.declared, "says": "not counted", "seen": None}
        missing = max(0, self.declared - self.seen)
        surplus = max(0, self.seen - self.declared)
        least = 0 if self.closed else missing
        return {
            "declared": self.declared,
            "missing_max": missing,
            "missing_min": least,
            "says": _in_words(least, missing, surplus, closed=self.closed),
            "seen": self.seen,
            "surplus_min": surplus,
        }


def _in_words(least: int, most: int, surplus: int, *, closed: bool) -> str:
    if surplus:
        return f"surplus {'at least ' if closed else ''}{surplus}"
    missing = f"missing {most}" if least == most else f"missing {least}-{most}"
    return f"{missing}, not verified" if closed else missing


def baseline(inventory: Record, visit: Record | None) -> Step:
    """Return the declaration that a visit is compared with: the newest that was logged before it.

    What was corrected after the visit is no baseline of it; a first declaration always is one.
    """
    steps = inventory.all("declared", "amended")
    if visit is None:
        return steps[-1]
    made = counted_at(visit)
    known = [step for step in steps if max(step.at, step.logged_at) <= made.at]
    return known[-1] if known else steps[0]


def counted_at(visit: Record) -> Step:
    """Return the act that ended a visit."""
    return visit.steps[-1]


def differences(categories: Sequence[str], declared: Step, visit: Record) -> dict[str, Difference]:
    """Return the difference in each of some categories that was declared or counted."""
    count = counted_at(visit)
    told, seen = counts(declared.detail["weapons"]), counts(count.detail["seen"])
    planned = texts(visit.opening.detail["weapons"])
    closed = bool(texts(count.detail["closed_parts"]))
    found = {}
    for name in sorted(categories):
        if name in told or name in seen:
            number = seen.get(name, 0 if name in planned else None)
            found[name] = Difference(told.get(name, 0), number, closed)
    return found


def counts(value: Json) -> dict[str, int]:
    """Return a table of counts."""
    return {name: int(str(n)) for name, n in value.items()} if isinstance(value, dict) else {}


def texts(value: Json) -> tuple[str, ...]:
    """Return a list of texts."""
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
