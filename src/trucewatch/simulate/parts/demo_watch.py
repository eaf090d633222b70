"""What watches the demonstration's ground, how it is hindered, and what is staged for it.

Three cameras, a network of microphones, two patrols by day and a drone twice a day. Access is
denied on one day, and for a week the drone and the microphones are jammed. Two happenings are
staged at a known place and minute, for whoever looks at one night alone: fire into a window of
silence, which five assets see and a drone that should have seen it does not; and a blast of a
demining team, of which notice was given. All figures are assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.simulate.parts.acts import DAY_S, HAPPENING
from trucewatch.simulate.parts.posts import Post
from trucewatch.simulate.parts.sightings import SIGHTING, sightings, sun_up
from trucewatch.simulate.parts.spot_files import SENSOR, spot_files
from trucewatch.simulate.parts.streams import stream
from trucewatch.simulate.parts.watch_rows import HERE, WATCH_ROW, Leg, Lost, watch_files, watch_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import numpy as np

    from trucewatch.simulate.parts.filed import Filed
    from trucewatch.simulate.parts.ground import Ground

DENIED_DAY = 11
"""Day, from 0, on which the patrols are turned back."""
JAMMED = range(21, 28)
"""Days on which the drone and the microphones are jammed."""
PUMP_M = (-9_000.0, 5_000.0)
"""Pumping station of Ilmery, around which silence is agreed while a crew repairs it."""
FIELD_M = (-25_000.0, -5_000.0)
"""Field in which a demining team works."""


class Staged(NamedTuple):
    """A happening whose place, minute and witnesses are known beforehand."""

    day: int
    hour_h: float
    x_m: float
    y_m: float
    kind: str
    cause: str
    seen_by: tuple[str, ...]


BREAK = Staged(
    17, 23.2, -9_600.0, 5_300.0, "artillery_fire", "act",
    ("CAM-FERRY", "CAM-ILMERY", "CAM-PELVEN", "MICS", "PATROL-1"),
)  # fmt: skip
BLAST = Staged(
    20, 10.75, -25_100.0, -4_900.0, "explosion_undetermined", "notified work",
    ("CAM-PELVEN", "MICS", "PATROL-2"),
)  # fmt: skip
STAGED = (BREAK, BLAST)


def _camera(name: str, x_km: float, y_km: float) -> Post:
    return Post(
        name=name,
        sensor=SENSOR,
        detect_p=0.8,
        always=True,
        x_km=x_km,
        y_km=y_km,
        radius_km=16.0,
        half_km=10.0,
        night_ratio=0.35,
    )


def _roving(name: str, detect_p: float) -> Post:
    return Post(name=name, sensor=SENSOR, detect_p=detect_p, always=False)


CAMERAS = (
    _camera("CAM-PELVEN", -20.0, 2.0),
    _camera("CAM-ILMERY", -8.0, 4.0),
    _camera("CAM-FERRY", 4.0, 0.0),
)
MICS = Post(
    name="MICS",
    sensor=SENSOR,
    detect_p=0.4,
    always=True,
    x_km=0.0,
    y_km=0.0,
    radius_km=38.0,
    half_km=60.0,
)
POSTS = (
    *CAMERAS,
    MICS,
    _roving("PATROL-1", 0.7),
    _roving("PATROL-2", 0.7),
    _roving("UAV-1", 0.8),
)
_LEGS = {
    "PATROL-1": (Leg(-42, 6, 10), Leg(-28, -5, 10), Leg(-18, 4, 10), Leg(-9, 5, 10)),
    "PATROL-2": (Leg(-25, -5, 10), Leg(15, -4, 10), Leg(30, 5, 10), Leg(42, -4, 10)),
}
_LEG_H, _FIRST_H = 3.5, 6.0  # a patrol is out from 06:00 to 20:00 UTC
_FLIGHT, _FLIGHTS_H = Leg(-9, 4, 15), ((10.0, 13.0), (22.0, 24.0))
_NIGHT_LEG, _NIGHT_H = Leg(-9, 5, 4), (20.0, 24.0)  # PATROL-1 stays with the repair crew
_OUTAGE_P, _OUTAGE_H = 0.1, (2.0, 6.0)  # of each camera on each day
_JAM_DRONE, _JAM_MICS, _DENIED = Lost("jamming", 0.1), Lost("jamming", 0.2), Lost("denied", 0.0)


class _Told(NamedTuple):
    """What an asset says of some hours of a day."""

    asset: str
    hours_h: tuple[float, float]
    leg: Leg = HERE
    lost: Lost | None = None


def staged(*, days: int, first: int) -> pl.DataFrame:
    """Return the staged happenings of a world of some days, numbered from `first`."""
    rows = [
        (each.day * DAY_S + each.hour_h * 3600, each.x_m, each.y_m, each.kind, each.cause)
        for each in _within(days)
    ]
    table = pl.DataFrame(rows, schema=HAPPENING, orient="row")
    return table.with_row_index("incident", offset=first)


def watch(
    happenings: pl.DataFrame, ground: Ground, *, seed: int, start: datetime, days: int
) -> tuple[list[Filed], pl.DataFrame]:
    """Return what the assets deliver, and `SIGHTING`.

    Args:
        happenings: Numbered, the staged ones last.
        ground: Where.
        seed: Makes the world.
        start: Midnight UTC at which it begins.
        days: Its length.
    """
    rng = stream(seed, "watch rows")
    rows = [
        watch_row(told.asset, day, told.hours_h, told.leg, told.lost)
        for day in range(days)
        for told in (*_day(day), *_outages(day, rng))
    ]
    watched = pl.DataFrame(rows, schema=WATCH_ROW, orient="row")
    acts = happenings.filter(pl.col("cause") == "act")
    chance = stream(seed, "sightings")
    saw = sightings(acts, POSTS, watched, sun_up(acts, ground, start), chance)
    saw = _with_staged(saw, first=len(happenings) - len(_within(days)), days=days)
    seen = saw.filter("saw").join(happenings, on="incident", maintain_order="left")
    told_rng = stream(seed, "spot reports")
    filed = [
        *watch_files(watched, ground, start=start, days=days),
        *spot_files(seen, ground, start=start, days=days, rng=told_rng),
    ]
    return filed, saw


def _within(days: int) -> tuple[Staged, ...]:
    return tuple(each for each in STAGED if each.day < days)


def _with_staged(saw: pl.DataFrame, *, first: int, days: int) -> pl.DataFrame:
    rows = [
        (first + k, post.name, post.sensor, float(post.name in each.seen_by),
         post.name in each.seen_by)
        for k, each in enumerate(_within(days))
        for post in POSTS
    ]  # fmt: skip
    known = saw.filter(pl.col("incident") < first)
    return pl.concat([known, pl.DataFrame(rows, schema=SIGHTING, orient="row")]).sort(
        "incident", "asset"
    )


def _day(day: int) -> Iterator[_Told]:
    for name, legs in _LEGS.items():
        for k, leg in enumerate(legs):
            hours = _FIRST_H + k * _LEG_H, _FIRST_H + (k + 1) * _LEG_H
            yield _Told(name, hours, leg, _DENIED if day == DENIED_DAY else None)
    if day == BREAK.day:
        yield _Told("PATROL-1", _NIGHT_H, _NIGHT_LEG)
    for flight_h in _FLIGHTS_H:
        yield _Told("UAV-1", flight_h, _FLIGHT, _JAM_DRONE if day in JAMMED else None)
    if day in JAMMED:
        yield _Told("MICS", (0.0, 24.0), lost=_JAM_MICS)


def _outages(day: int, rng: np.random.Generator) -> Iterator[_Told]:
    for camera in CAMERAS:
        fails, length_h, at = rng.random() < _OUTAGE_P, rng.uniform(*_OUTAGE_H), rng.random()
        start_h = at * (24 - length_h)
        if fails and day not in {each.day for each in STAGED}:
            yield _Told(camera.name, (start_h, start_h + length_h), lost=Lost("outage", 0.0))
