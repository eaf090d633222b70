"""What may be exempt from a rule: an incident, the flight of a craft, or what was seen to stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.records.canonical import Json

    Found = tuple[str, bool | None, Json]
    """What is asked, whether it holds (None when software cannot say), and what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One subject.

    Attributes:
        kind: `incident`, `track` or `sighting`.
        start: First instant at which it may have happened, aware.
        end: Last instant.
        lat_deg: Latitude, WGS 84; None without a position.
        lon_deg: Longitude.
        cov_ee_m2: Covariance of the position, east-north.
        cov_en_m2: The same.
        cov_nn_m2: The same.
        id: Its id in the table of assessments.
        act: What it was, such as `flight`; "" for one of the rule's own acts.
    """

    kind: str
    start: datetime
    end: datetime
    lat_deg: float | None
    lon_deg: float | None
    cov_ee_m2: float | None
    cov_en_m2: float | None
    cov_nn_m2: float | None
    id: str
    act: str = ""

    def point(self) -> pl.DataFrame:
        """Return its place as a table of one row, with the columns of `_place.PLACE`."""
        place = {
            "lon_deg": self.lon_deg,
            "lat_deg": self.lat_deg,
            "cov_ee_m2": self.cov_ee_m2,
            "cov_en_m2": self.cov_en_m2,
            "cov_nn_m2": self.cov_nn_m2,
        }
        return pl.DataFrame([place], schema=dict.fromkeys(place, pl.Float64))
