"""The five counts of the rows of an observers' table, as they were written.

A row of such a table says where, when, what and how many: "3-5 km SE, sound, about 45, bursts".
Nothing is fused here: a row is taken as one happening, and two observers of one blast are two rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.count import add, in_words, read_count
from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.counting.rules import Count, counted, counts_of
from trucewatch.report.counting.table import Row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.records.count import Counted

OBSERVED = {
    "explosion": "explosion_undetermined",
    "impact": "explosion_impact",
    "outgoing": "explosion_outgoing",
    "airburst": "explosion_airburst",
    "projectile": "projectile_in_flight",
    "muzzle flash": "muzzle_flash",
    "flare": "flare",
    "burst": "burst",
    "shot": "shot",
    "crossing in the air": "crossing_air",
    "crossing on the ground": "crossing_ground",
}
"""What the column `observation` may say, and which kind of happening that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One row as an observer wrote it.

    Attributes:
        observation: One of `OBSERVED`.
        number: How many, in words; see `records.count`.
        start: Earliest time, aware.
        end: Latest time, aware.
        place_deg: (lat, lon), WGS 84; None when only the observer's own place is known.
        ruled: Whether a competent body ruled on it; None when none did.
    """

    observation: str
    number: str
    start: datetime
    end: datetime
    place_deg: tuple[float, float] | None = None
    ruled: bool | None = None


def units(rows: Sequence[RawRow]) -> dict[str, Counted]:
    """Return how many of each countable unit the rows speak of, and the `total`.

    Raises `BadInput` for a row that says what is not countable, or no count, with its number.
    """
    by_unit: dict[str, list[Counted]] = {}
    for place, row in enumerate(rows):
        unit = HAPPENINGS[_kind(row, place)].osce_unit
        if unit:
            by_unit.setdefault(unit, []).append(read_count(row.number, where=f"row {place}"))
    sums = {unit: add(each) for unit, each in by_unit.items()}
    return {**sums, "total": add(sums.values())}


def five(rows: Sequence[RawRow]) -> tuple[Count, ...]:
    """Return the count of every rule, in the order of `rules.counts_of`.

    `incident` takes each row as one; `ruled` counts rows that a body ruled to be a breach, and is
    not counted where no row was ruled on.

    Raises `BadInput` as `units` does.
    """
    told = [_row(row, place) for place, row in enumerate(rows)]
    counts = counts_of(told)
    total = units(rows)["total"]
    found = {each.rule: each for each in counts}
    found["osce_unit"] = replace(
        counted("osce_unit", total.low, total.high), qualifier=total.qualifier
    )
    decided = [row.ruled for row in rows if row.ruled is not None]
    if decided:
        found["ruled"] = counted("ruled", sum(decided), sum(decided))
    return tuple(found[each.rule] for each in counts)


def _row(row: RawRow, place: int) -> Row:
    number = read_count(row.number, where=f"row {place}")
    return Row(
        window="current",
        id=f"row {place}",
        kind=_kind(row, place),
        start=row.start,
        end=row.end,
        place_deg=row.place_deg,
        count_min=number.low,
        count_max=number.high,
        assessments=(),
        said={"number": in_words(number)},
    )


def _kind(row: RawRow, place: int) -> str:
    if row.observation not in OBSERVED:
        problem = f"observation is {row.observation[:40]!r}, must be one of: {', '.join(OBSERVED)}"
        where = f"row {place}"
        raise BadInput(where, problem)
    return OBSERVED[row.observation]
