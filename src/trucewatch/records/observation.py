"""What one sensor said once, before anyone decided what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

COUNT_QUALIFIERS = ("exact", "about", "at_least", "range", "several")
GRADES_SOURCE = ("A", "B", "C", "D", "E", "F")
GRADES_INFO = ("1", "2", "3", "4", "5", "6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One row of the Observation table (`records.table.OBSERVATION`), field for field.

    The pair (`object`, `row`) is its id.

    Attributes:
        object: SHA-256 of the sealed bytes that it was read from, lowercase hex.
        row: Data record in those bytes after unpacking, counted from 0; the header is no record.
        sensor: Module in `observe` that read it, such as `firms`.
        channel: What reported inside that sensor, such as a satellite; reports of one channel
            close in time are not independent of each other.
        dedup_key: Equal for the same pixel or message in overlapping downloads.
        time_start: Earliest time it may speak of, UTC.
        time_end: Latest time it may speak of, UTC; equal to `time_start` for an instant.
        time_sigma_s: One-sigma error of the middle of that interval.
        lat_deg: WGS 84 latitude, or None when it names no place.
        lon_deg: WGS 84 longitude, or None.
        cov_ee_m2: East-east term of the position covariance at the point.
        cov_en_m2: East-north term.
        cov_nn_m2: North-north term.
        kind: One of `records.happening.HAPPENINGS`; the column is named `class`.
        count_min: Fewest units that the report speaks of, or None when it gives no count.
        count_max: Most units, or None when open.
        count_qualifier: One of `COUNT_QUALIFIERS`, or None without a count.
        grade_source: Reliability of the source, A to F.
        grade_info: Credibility of this information, 1 to 6, judged apart from the source.
        features: What else the sensor said, by its own names with units; the struct differs
            between sensors.

    Source: grades follow the admiralty scale; counts are intervals with a qualifier, never a bare
    number that hides an "at least".
    """

    object: str
    row: int
    sensor: str
    channel: str
    dedup_key: str
    time_start: datetime
    time_end: datetime
    time_sigma_s: float
    lat_deg: float | None
    lon_deg: float | None
    cov_ee_m2: float | None
    cov_en_m2: float | None
    cov_nn_m2: float | None
    kind: str
    count_min: int | None
    count_max: int | None
    count_qualifier: str | None
    grade_source: str
    grade_info: str
    features: dict[str, str | float | int | None]
