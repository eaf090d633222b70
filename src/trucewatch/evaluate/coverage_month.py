"""How often the month's rate is right, on simulated months whose assets detect as declared.

The world `watched-month` says which asset saw which act, by the true place and instant. Coverage is
worked out from its watch reports on cells and hours, as a mission does it. The count of acts that
any asset saw, over the covered hours, is set against the true rate, by sector and for the whole.
Nothing here was used to choose anything in `measure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.evaluate.figures import Figure, Must, of_share, over_seeds
from trucewatch.evaluate.share import exact_share
from trucewatch.geo.area import Area
from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.asset import ANY_OTHER, Asset, Detection, Disc
from trucewatch.measure.coverage.cells import WHOLE, Steps, box_of, grid
from trucewatch.measure.coverage.grid import coverage
from trucewatch.measure.rates.exposure import Detection as Chance
from trucewatch.measure.rates.exposure import Watch
from trucewatch.measure.rates.poisson import rate
from trucewatch.observe import sensor
from trucewatch.records.source import Source
from trucewatch.records.table import LOSS, empty
from trucewatch.records.watch import watch_table
from trucewatch.simulate import simulate
from trucewatch.simulate.parts.sectors import corners_deg
from trucewatch.simulate.watched_month import DECLARED, POSTS, SECTORS, TRUE_PER_1000H

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.measure.rates.poisson import Rate
    from trucewatch.simulate.parts.ground import Ground
    from trucewatch.simulate.parts.posts import Post
    from trucewatch.simulate.world import World

    Whole = NDArray[np.int64]

SEEDS, SEEDS_QUICK = 60, 2
_SEEDS_APART = 1_000  # between the months of one seed of the evaluation and of the next
_H_PER_DAY = 24
_KIND = DECLARED.counts[0]  # any, for the assets see all classes alike


class Month(NamedTuple):
    """What one month shows of one sector.

    Attributes:
        rate: From the acts that were seen.
        true_per_h: The mean rate that the world has.
        covered_share: Of the hours, by the watch reports.
        seen: Acts that some asset saw.
        happened: All acts.
        raw_per_h: Rate if every hour is taken as fully watched.
    """

    rate: Rate
    true_per_h: float
    covered_share: float
    seen: int
    happened: int
    raw_per_h: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether the 90 % interval of the rate holds the true one."""
        ends = self.rate.intervals[0]
        return bool(ends.low_per_h <= self.true_per_h <= ends.high_per_h)


def covered(world: World) -> Coverage:
    """Return what could have been seen, from the world's watch reports."""
    plane = Plane(
        centre_lat_deg=world.ground.centre_lat_deg, centre_lon_deg=world.ground.centre_lon_deg
    )
    zones = {each.id: Area.of([corners_deg(each, world.ground)]) for each in SECTORS}
    cells = grid(box_of(zones, plane), plane=plane, size_km=DECLARED.cell_km, sectors=zones)
    steps = Steps(start=world.start, count=world.days * _H_PER_DAY)
    assets = [_asset(post, world.ground) for post in POSTS]
    return coverage(assets, _watch(world), empty(LOSS), cells=cells, steps=steps)


def months(world: World, seen_by: Coverage) -> dict[str, Month]:
    """Return what the month shows of each sector, and of `WHOLE`."""
    if world.sightings is None:
        return {}
    saw = world.sightings.filter("saw")["incident"].unique().implode()
    truth = world.truth.with_columns(
        day=(pl.col("time") - world.start).dt.total_days(), saw=pl.col("incident").is_in(saw)
    )
    where = _sector(truth, seen_by)
    return {
        name: _month(truth.filter(pl.lit(name == WHOLE) | (where == name)), name, seen_by)
        for name in seen_by.cells.names()
    }


def measured(seed: int, *, quick: bool = False) -> tuple[dict[str, Figure], list[Must]]:
    """Return how often the interval of the month's rate holds the truth, and what shares are off.

    Nothing must hold of it: clustered evenings are too rare to show as over-dispersion in every
    month, so the share of 240 intervals of 90 % is printed as it is, some .03 below.

    Args:
        seed: The months are those of the seeds from `seed` x 1,000 on.
        quick: Two months, to see that it works.
    """
    drawn = []
    for k in range(SEEDS_QUICK if quick else SEEDS):
        world = simulate("watched-month", seed=seed * _SEEDS_APART + k)
        drawn.append(months(world, covered(world)))
    every = [each for one in drawn for each in one.values()]
    held = sum(each.holds for each in every)
    raw = sum(each.raw_per_h[0] <= each.true_per_h <= each.raw_per_h[1] for each in every)
    off = [sum(_off(each) for each in one.values()) / len(one) for one in drawn]
    metrics = {
        "month_covered_share": of_share(exact_share(held, len(every))),
        "month_uncorrected": of_share(exact_share(raw, len(every))),
        "month_share_off": over_seeds(np.array(off), rng=np.random.default_rng(seed)),
    }
    for name in drawn[0]:
        held = sum(one[name].holds for one in drawn)
        label = f"month_covered_share_{name.lower() or 'whole'}"
        metrics[label] = of_share(exact_share(held, len(drawn)))
    return metrics, []


def _off(month: Month) -> float:
    """Return by how much the share of acts that was seen is above the covered share."""
    return month.seen / max(month.happened, 1) - month.covered_share


def _month(truth: pl.DataFrame, name: str, seen_by: Coverage) -> Month:
    days = seen_by.steps.count // _H_PER_DAY
    seen = truth.filter("saw")
    count: Whole = np.bincount(seen["day"].to_numpy(), minlength=days).astype(np.int64)
    found = _rate(count, seen_by.by_step_h(_KIND, name).reshape(days, _H_PER_DAY).sum(axis=1))
    raw = _rate(count, np.full(days, float(_H_PER_DAY))).intervals[0]
    return Month(
        rate=found,
        true_per_h=TRUE_PER_1000H[name] / 1000,
        covered_share=seen_by.share(_KIND, name),
        seen=len(seen),
        happened=len(truth),
        raw_per_h=(raw.low_per_h, raw.high_per_h),
    )


def _rate(count: Whole, hours: NDArray[np.float64]) -> Rate:
    """Return the rate from counts and covered hours by day."""
    day = np.arange(len(count))
    rows = Watch(count=count, hours=hours, estimate=np.zeros_like(day), step=day)
    return rate(rows, Chance.known([1.0]))


def _sector(truth: pl.DataFrame, seen_by: Coverage) -> pl.Series:
    """Return the sector of each act, which lies in one of them."""
    x_m, _ = seen_by.cells.plane.project(truth["lon_deg"].to_numpy(), truth["lat_deg"].to_numpy())
    number = np.searchsorted([each.east_km for each in SECTORS[:-1]], x_m / 1000)
    return pl.Series([SECTORS[k].id for k in number.tolist()])


def _asset(post: Post, ground: Ground) -> Asset:
    place = post.place_deg(ground)
    footprint = None
    if place is not None:
        footprint = Disc(lat_deg=place[0], lon_deg=place[1], radius_km=post.radius_km)
    return Asset(
        name=post.name,
        sensor=post.sensor,
        footprint=footprint,
        always=post.always,
        detection=Detection(
            detects={ANY_OTHER: post.detect_p},
            half_km=post.half_km,
            night_ratio=post.night_ratio,
            cloud_ratio=post.cloud_ratio,
            source="the world",
        ),
    )


def _watch(world: World) -> pl.DataFrame:
    tables = []
    for name, (module, content) in world.files.items():
        if module == "watch":
            logged_at = world.arrivals[name]
            source = Source(name=name, object="0" * 64, logged_at=logged_at, settings={})
            tables.append(sensor(module).read(content, source=source).observations)
    return watch_table(pl.concat(tables))
