"""Everything that a product may use: one frozen value that the caller gathers; no clock, no disk.

A product is a function of this value alone, so the same log prefix, configuration and code give
the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Literal

from trucewatch.records.table import SILENCE, empty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import polars as pl

    from trucewatch.report.watching import Watching

ReleaseLevel = Literal["public", "mission"]
Span = Literal["window", "all"]

REPORT_COLUMNS = ("span", "sensor", "accepted", "refused", "files", "first", "last")
"""Columns of `Material.reports`, in order.

`span` is `window` or `all`; `sensor` the module that read the files; `accepted`, `refused` and
`files` are integers (rows, rows, sealed objects), `refused` null for a window, as a row that could
not be read has no time that puts it into one; `first` and `last` are the earliest and latest
time that an accepted row speaks of (`records.table.TIME`), null when there is none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule of the agreement, as far as a reader of a bulletin needs it.

    Attributes:
        id: As in the assessments' `rule`, such as `R01`.
        clause: The clause in the agreement's own words.
        zone: The zone in words, or "" when the rule holds everywhere.
    """

    id: str
    clause: str
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One refused row, or one refused file.

    Attributes:
        file: Name of the file as it was received.
        line: Line of the unpacked file, from 1; None when the whole file was refused.
        problem: What was wrong, what was expected.
    """

    file: str
    line: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """A settlement or landmark for wording such as "3 km N of Pelven".

    Attributes:
        name: As it is to be printed.
        lat_deg: WGS 84.
        lon_deg: WGS 84.
    """

    name: str
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindered:
    """Monitors who were hindered, as the logbook has it.

    Attributes:
        hindrance: One of `records.logbook.restriction.HINDRANCES`.
        start: When they met it, aware.
        end: When it ended, aware; None while it lasts.
        lat_deg: WGS 84.
        lon_deg: WGS 84.
        radius_m: Ground around it that could not be observed, metres.
        asset: Which patrol, aircraft or sensor.
        planned: The inspection or flight that it hindered, or "".
        said: The reason that was given, word by word, or "" when none was.
    """

    hindrance: str
    start: datetime
    end: datetime | None
    lat_deg: float
    lon_deg: float
    radius_m: float
    asset: str
    planned: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOutline:
    """The outline of a zone, for the map only.

    Attributes:
        id: As in the agreement.
        ring_deg: (lon, lat) corners, WGS 84, at least 3; closing the ring is optional; edges are
            straight in lon/lat (a geodesic edge is densified by the caller).
    """

    id: str
    ring_deg: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a product is made from.

    Attributes:
        mission_name: As in the mission's configuration.
        exercise: Whether every page and file must carry EXERCISE.
        level: `public` coarsens places to the 1 km grid and times to the minute (see `release`);
            `mission` leaves them as they are. Release delay is the caller's decision.
        day: The report day; names the files.
        number: Number of the bulletin in the year of `day`, from 1.
        window_start: First instant of the window, aware.
        window_end: End of the window, aware, not itself inside.
        time_zone: IANA name; all times are shown in it.
        incidents: `records.table.INCIDENT`, those whose `time` is in the window, none superseded.
        previous: The same for the window from `previous_start` to before `window_start`.
        assessments: `records.table.ASSESSMENT`; at most one row per incident, rule, version of
            the agreement and line measured from, each of a rule in `rules`; rows of other
            incidents, and of what is no incident, are left out here.
        rules: Rules of the agreement, in its order.
        agreement_title: As in the agreement, or "" without one.
        agreement_status: Its status in words.
        in_force: Whether it was in force at any time in the window.
        reports: Rows received, columns as in `REPORT_COLUMNS`.
        unlinked_n: Accepted reports about the window that belong to no incident.
        refused: Refused rows to list, at most 20.
        refused_n: All refused rows and files of which `refused` lists the first.
        places: For "near" wording; may be empty, then coordinates stand alone.
        watching: What could have been seen; None where nobody declared what watches.
        silences: `records.table.SILENCE`, of any time: when sensors were silent beyond chance.
        corrections: Corrections to earlier bulletins, one sentence each.
        confidential_n: Incidents of the window that rest on confidential reports and are left out;
            0 at level mission, which leaves none out.
        input_size: Number of log entries that the numbers are a function of.
        input_root: Root hash of that prefix, lowercase hex.
        origin: Name of the log.
        code_version: Version of trucewatch.
        zones: Outlines for the map, and its frame when there are any.
        hindered: Hindrances of monitors that touch the window, by time.
        declared_n: Declared sites with an inventory on file.
        visited_n: Visits on file at which weapons were counted.
    """

    mission_name: str
    exercise: bool
    level: ReleaseLevel
    day: date
    number: int
    window_start: datetime
    window_end: datetime
    time_zone: str
    incidents: pl.DataFrame
    previous: pl.DataFrame
    assessments: pl.DataFrame
    rules: tuple[RuleRow, ...]
    agreement_title: str
    agreement_status: str
    in_force: bool
    reports: pl.DataFrame
    unlinked_n: int
    refused: tuple[RefusedRow, ...]
    refused_n: int
    input_size: int
    input_root: str
    origin: str
    code_version: str
    places: tuple[NamedPlace, ...] = field(default=())
    watching: Watching | None = None
    silences: pl.DataFrame = field(default_factory=lambda: empty(SILENCE))
    corrections: tuple[str, ...] = field(default=())
    confidential_n: int = 0
    zones: tuple[ZoneOutline, ...] = field(default=())
    hindered: tuple[Hindered, ...] = field(default=())
    declared_n: int = 0
    visited_n: int = 0

    @property
    def previous_start(self) -> datetime:
        """First instant of the previous window, which has as many hours as this one, in UTC.

        Counted in UTC, because a local day has 23 or 25 hours where clocks change.
        """
        start, end = self.window_start.astimezone(UTC), self.window_end.astimezone(UTC)
        return start - (end - start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished product.

    Attributes:
        files: File name to bytes, in the order in which to list them.
    """

    files: Mapping[str, bytes]
