"""Reading a release table: one canonical JSON object per line, one line per incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.canonical import parse_canonical
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.instant import parse_instant
from trucewatch.report.release import MISSION, SHARED, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

WINDOWS = ("current", "previous")
_FIXED = ("v", "level", "assessments")
_COLUMNS = {"public": SHARED, "mission": (*SHARED, *MISSION)}
_ASSESSED = ("rule", "agreement_version", "outcome", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: an incident as it was released.

    Attributes:
        window: `current` or `previous`.
        id: Its name in the table.
        kind: Its likeliest kind, the column `class`.
        start: Earliest time, aware.
        end: Latest time, aware.
        place_deg: (lat, lon), WGS 84; None without a place.
        count_min: Fewest that reports speak of; None when none gives a number.
        count_max: Most; None when that is open.
        assessments: What was said of it against each rule.
        said: Every column by name, as in the line.
    """

    window: str
    id: str
    kind: str
    start: datetime
    end: datetime
    place_deg: tuple[float, float] | None
    count_min: int | None
    count_max: int | None
    assessments: tuple[Mapping[str, Json], ...]
    said: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTable:
    """A whole release table.

    Attributes:
        level: `public` or `mission`.
        exercise: Whether each line carries EXERCISE.
        rows: In the order of the lines.
    """

    level: str
    exercise: bool
    rows: tuple[Row, ...]

    def window(self, name: str) -> tuple[Row, ...]:
        """Return the rows of one window."""
        return tuple(row for row in self.rows if row.window == name)


def read_table(content: bytes, *, where: str, level: str, exercise: bool) -> ReleaseTable:
    """Return what a release table says.

    An empty table says nothing of itself, so level and exercise are given; each line repeats them.

    Args:
        content: Its bytes.
        where: How to name it in an error.
        level: `public` or `mission`.
        exercise: Whether it is of an exercise.

    Raises:
        BadInput: A line is torn, not canonical, or does not say what a line of that level says.
    """
    if level not in _COLUMNS:
        raise BadInput(where, f"level is {level[:40]!r}, expected {' or '.join(_COLUMNS)}")
    if content and not content.endswith(b"\n"):
        raise BadInput(where, "cut short, expected a newline at the end")
    lines = content.split(b"\n")[:-1]
    rows = tuple(
        _row(line, f"{where}:{number}", level, exercise=exercise)
        for number, line in enumerate(lines, start=1)
    )
    return ReleaseTable(level=level, exercise=exercise, rows=rows)


def _row(line: bytes, where: str, level: str, *, exercise: bool) -> Row:
    said = parse_canonical(line, where=where)
    expected = {*_FIXED, *_COLUMNS[level]} | ({"notice"} if exercise else set())
    if said.keys() != expected:
        odd = ", ".join(sorted(said.keys() ^ expected))
        raise BadInput(where, f"columns differ in {odd[:200]}, expected those of level {level}")
    fixed = (said["v"], said["level"], said.get("notice"))
    if fixed != (VERSION, level, "EXERCISE" if exercise else None):
        problem = f"says version {said['v']}, level {said['level']}, notice {said.get('notice')}"
        raise BadInput(where, f"{problem}, expected version {VERSION}, level {level}")
    if said["window"] not in WINDOWS or said["class"] not in HAPPENINGS:
        problem = f"window is {said['window']}, class is {said['class']}"
        raise BadInput(where, f"{problem}, expected ones that this version knows")
    return Row(
        window=str(said["window"]),
        id=str(said["id"]),
        kind=str(said["class"]),
        start=_instant(said, "time_start", where),
        end=_instant(said, "time_end", where),
        place_deg=_place(said, where),
        count_min=_count(said, "count_min", where),
        count_max=_count(said, "count_max", where),
        assessments=_assessments(said, where),
        said={name: said[name] for name in _COLUMNS[level]},
    )


def _instant(said: Mapping[str, Json], name: str, where: str) -> datetime:
    return parse_instant(str(said[name]), where=f"{where}: {name}").astimezone(UTC)


def _place(said: Mapping[str, Json], where: str) -> tuple[float, float] | None:
    lat_deg, lon_deg = said["lat_deg"], said["lon_deg"]
    if lat_deg is None and lon_deg is None:
        return None
    if isinstance(lat_deg, int | float) and isinstance(lon_deg, int | float):
        return float(lat_deg), float(lon_deg)
    raise BadInput(where, f"place is {lat_deg}, {lon_deg}, expected two numbers or none")


def _count(said: Mapping[str, Json], name: str, where: str) -> int | None:
    value = said[name]
    if value is None or (type(value) is int and value >= 0):
        return value
    raise BadInput(where, f"{name} is {value!r}, expected a whole number or nothing")


def _assessments(said: Mapping[str, Json], where: str) -> tuple[Mapping[str, Json], ...]:
    found = said["assessments"]
    each = found if isinstance(found, list) else [None]
    if all(isinstance(one, dict) and {*_ASSESSED} <= one.keys() for one in each):
        return tuple(one for one in each if isinstance(one, dict))
    raise BadInput(where, f"assessments are not a list of {', '.join(_ASSESSED)}")
