"""A month in which every act and every asset is known: what could be seen, and what was.

On the demonstration's ground, in three sectors along the line. Cameras, two patrols, a drone, a
network of microphones and a satellite watch; what they lose, they say. Access to one sector is
denied for two days, for a week the drone and the network are jammed, for a week the sky is
overcast. The true rate of acts stays the same all month. All figures are assumptions, chosen so
that some days are well covered and others are not.

What each asset saw is in `World.sightings`, and comes as its files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.simulate.demo import ACTS, GROUND
from trucewatch.simulate.parts.posts import Declared, Post, settings_text
from trucewatch.simulate.parts.sector_acts import sector_acts
from trucewatch.simulate.parts.sectors import Sector, agreement_text
from trucewatch.simulate.parts.sightings import pixel_files, sightings, sun_up
from trucewatch.simulate.parts.spot_files import SENSOR, spot_files
from trucewatch.simulate.parts.streams import stream
from trucewatch.simulate.parts.watch_rows import WATCH_ROW, Leg, Lost, watch_files, watch_row
from trucewatch.simulate.world import World, merged_links, numbered, told_truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

START = datetime(2030, 9, 1, tzinfo=UTC)
DENIED = range(3, 5)
"""Days, from 0, on which nobody gets into sector EAST; the truce was recommitted as they began."""
JAMMED = range(10, 17)
"""Days on which the drone and the network are jammed."""
CLOUDY = range(20, 27)
"""Days on which the sky is overcast."""
ACT_KINDS = tuple(ACTS.kinds)
"""Classes of the acts; what only the satellite saw stays undetermined, and counts as well."""


def _sector(id_: str, edges_km: tuple[float, float], **happens: float) -> Sector:
    west_km, east_km = edges_km
    return Sector(
        id=id_,
        west_km=west_km,
        east_km=east_km,
        south_km=-14.8,
        north_km=14.8,
        acts_per_day_mean=happens["acts"],
        evenings_per_day_mean=happens.get("evenings", 0.0),
        cluster_mean=happens.get("cluster", 1.0),
        tolerated_per_1000h=happens["tolerated"],
    )


SECTORS = (
    _sector("WEST", (-49.8, -17.0), acts=2.0, tolerated=160.0),
    _sector("MIDDLE", (-17.0, 17.0), acts=4.0, evenings=0.15, cluster=5.0, tolerated=120.0),
    _sector("EAST", (17.0, 49.8), acts=2.0, tolerated=160.0),
)
TRUE_PER_1000H = {each.id: each.rate_per_day / 24 * 1000 for each in SECTORS} | {
    "": sum(each.rate_per_day for each in SECTORS) / 24 * 1000
}
"""The true mean rate of acts, per 1,000 hours, by sector; "" for the three together."""


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


ARRAY, DRONE, SATELLITE, PATROLS = "ARRAY", "DRONE", "GEO-1", ("PATROL-1", "PATROL-2")
CAMERAS = (_camera("CAM-W", -34.0, 0.0), _camera("CAM-M", 0.0, 2.0), _camera("CAM-E", 33.0, -1.0))
POSTS = (
    *CAMERAS,
    *(Post(name=name, sensor=SENSOR, detect_p=0.7, always=False) for name in PATROLS),
    Post(name=DRONE, sensor=SENSOR, detect_p=0.8, always=False),
    Post(
        name=ARRAY,
        sensor=SENSOR,
        detect_p=0.4,
        always=True,
        x_km=-20.0,
        y_km=0.0,
        radius_km=38.0,
        half_km=60.0,
    ),
    Post(name=SATELLITE, sensor="firms", detect_p=0.3, always=True, cloud_ratio=0.1),
)
DECLARED = Declared(
    sectors=SECTORS,
    whole_per_1000h=600.0,
    coverage_min_share=0.3,
    counts=(*ACT_KINDS, "undetermined"),
    since=("2030-09-04T00:00:00.000000Z",),
    cell_km=5.0,
)
_LEGS = {
    "PATROL-1": (Leg(-42, 6, 10), Leg(-33, -5, 10), Leg(-24, 4, 10), Leg(-12, -5, 10)),
    "PATROL-2": (Leg(10, 5, 10), Leg(24, -4, 10), Leg(33, 5, 10), Leg(42, -4, 10)),
}
_LEG_H, _FIRST_H = 3.5, 6.0  # a patrol is out from 06:00 to 20:00 UTC
_FLIGHT, _FLIGHT_H = Leg(0, 0, 15), (10.0, 14.0)
_SKY_H = 3.0  # how often the satellite's operator says how cloudy it was
_CLEAR, _OVERCAST = (1.0, 3.0), (30.0, 1.0)  # beta distributions of the cloudy share of the sky
_OUTAGE_P, _OUTAGE_H = 0.1, (2.0, 6.0)  # of each camera on each day
_JAM_DRONE, _JAM_ARRAY, _DENIED = Lost("jamming", 0.2), Lost("jamming", 0.3), Lost("denied", 0.0)


def world(*, seed: int, days: int) -> World:
    """Return the watched month; see `trucewatch.simulate.simulate`."""
    rng = stream(seed, "watched acts")
    happenings = numbered(*(sector_acts(each, ACTS.kinds, days=days, rng=rng) for each in SECTORS))
    rows = watch_rows(days=days, rng=stream(seed, "watch rows"))
    by_day = sun_up(happenings, GROUND, START)
    rng = stream(seed, "sightings")
    saw = sightings(happenings, POSTS, rows, by_day, rng)
    seen = saw.filter("saw").join(happenings, on="incident", maintain_order="left")
    hot = pl.col("asset") == SATELLITE
    told = stream(seed, "spot reports")
    filed = [
        *watch_files(rows, GROUND, start=START, days=days),
        *pixel_files(seen.filter(hot), GROUND, start=START, days=days, rng=rng),
        *spot_files(seen.filter(~hot), GROUND, start=START, days=days, rng=told),
    ]
    filed.sort(key=lambda f: (f.received_at, f.name))
    links = merged_links(filed)
    return World(
        name="watched-month",
        seed=seed,
        days=days,
        start=START,
        ground=GROUND,
        agreement="watched-truce",
        files={f.name: (f.sensor, f.content) for f in filed},
        arrivals={f.name: f.received_at for f in filed},
        truth=told_truth(happenings, links, ground=GROUND, start=START),
        links=links,
        notes=_notes(seed=seed, days=days),
        settings=settings_text(POSTS, GROUND, DECLARED),
        agreement_text=agreement_text(SECTORS, GROUND, ACT_KINDS),
        sightings=saw,
    )


def watch_rows(*, days: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return what every asset says of its watch, a table of `WATCH_ROW`."""
    rows = [row for day in range(days) for row in _day(day, rng)]
    return pl.DataFrame(rows, schema=WATCH_ROW, orient="row")


def _day(day: int, rng: np.random.Generator) -> Iterator[tuple[object, ...]]:
    for name, legs in _LEGS.items():
        for k, leg in enumerate(legs):
            hours = _FIRST_H + k * _LEG_H, _FIRST_H + (k + 1) * _LEG_H
            shut = day in DENIED and leg.x_km > SECTORS[-1].west_km
            yield watch_row(name, day, hours, leg, _DENIED if shut else None)
    yield watch_row(DRONE, day, _FLIGHT_H, _FLIGHT, _JAM_DRONE if day in JAMMED else None)
    if day in JAMMED:
        yield watch_row(ARRAY, day, (0.0, 24.0), lost=_JAM_ARRAY)
    if day in DENIED:
        yield watch_row("CAM-E", day, (0.0, 24.0), lost=_DENIED)
    yield from _outages(day, rng)
    a, b = _OVERCAST if day in CLOUDY else _CLEAR
    for k, share in enumerate(rng.beta(a, b, round(24 / _SKY_H)).round(2).tolist()):
        hours = k * _SKY_H, (k + 1) * _SKY_H
        yield watch_row(SATELLITE, day, hours, cloud_share=share)


def _outages(day: int, rng: np.random.Generator) -> Iterator[tuple[object, ...]]:
    for camera in CAMERAS:
        fails, length_h, at = rng.random() < _OUTAGE_P, rng.uniform(*_OUTAGE_H), rng.random()
        start_h = at * (24 - length_h)
        if fails:
            hours = start_h, start_h + length_h
            yield watch_row(camera.name, day, hours, lost=Lost("outage", 0.0))


def _notes(*, seed: int, days: int) -> tuple[str, ...]:
    rates = ", ".join(f"{name or 'all'} {rate:.1f}" for name, rate in TRUE_PER_1000H.items())
    return (
        "EXERCISE: fictional ground in the open Atlantic; places, parties and acts are invented",
        f"world watched-month, seed {seed}, {days} days from {START:%Y-%m-%d} 00:00 UTC",
        f"true acts per 1,000 hours: {rates}; the same on every day",
        f"days count from 0: access to EAST is denied on {_span(DENIED)}, the drone and the "
        f"network are jammed on {_span(JAMMED)}, the sky is overcast on {_span(CLOUDY)}",
        "sightings.parquet says which asset saw which act, and with what chance",
        "agreement.yaml and settings.toml are what a mission needs to know of it",
    )


def _span(days: range) -> str:
    return f"{days.start} to {days.stop - 1}"
