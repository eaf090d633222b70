"""Incidents on the map: rings with counts where they crowd, else how far off each may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from babel import numbers
from markupsafe import Markup

from trucewatch.serve.maps.ink import joined, mark
from trucewatch.serve.marks import LIKELY_P

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from trucewatch.serve.maps.frame import BoxDeg, Frame, Px
    from trucewatch.serve.tongue import Tongue

    Floats = NDArray[np.float64]

AGGREGATE_FROM = 20_000
"""Above so many in view they are counted only, whatever the scale."""
MARKS_MAX = 2_000
"""Single marks in one picture; beyond, a browser and an eye are slow."""
LATEST = 20
"""Rows of the list beside a map."""
CELL_PX = 56
_APART_PX = 36.0  # between the middles of two rings, at least
_CROWD = 3  # so many within a cell lie on each other; fewer can be told apart
_CLOSE_M_PER_PX_RATIO = 12.0  # nearer than this each stands alone
_TABS_MAX = 60  # of marks that are stops of the tab key; more are reached by the list
_CHI2_95 = 5.991464547107979  # 95 % quantile of chi squared, 2 degrees of freedom
_LEAST_PX = 4.5  # of a half-axis: smaller could not be seen or hit
_WIDE_PX = 26.0  # of a half-axis from which a mark is an outline, so that it hides nothing
_SEVERAL = 2
_EXACT_MAX = 9_999  # larger counts are shortened
_FIRST_RING_PX, _RING_GROWS_PX, _RING_MAX_PX = 9.0, 2.6, 25.0
STATUSES = ("un", "pr")
"""Unconfirmed, several agree: as `marks.certainty`; people have confirmed none of it."""


def status() -> pl.Expr:
    """Return whether several independent reports agree, as the place in `STATUSES`."""
    several = (pl.col("independent") >= _SEVERAL) & (pl.col("real_p") >= LIKELY_P)
    return several.cast(pl.Int8).fill_null(0)


class Rings(NamedTuple):
    """Counted places, (n,) each: pixels, and how many of each status, (n, 2)."""

    x_px: Floats
    y_px: Floats
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dots:
    """The incidents of one picture.

    Attributes:
        frame: The picture.
        total: How many lie in it.
        by_status: How many of each of `STATUSES`.
        rings: Those that are counted.
        single: Rows that stand alone, with `x_px`, `y_px`, `status`.
        latest: The newest rows in it, newest first, so many as a list shows.
        aggregated: Whether there are too many for any to stand alone.
        ids: Of all that lie in it.
    """

    frame: Frame
    total: int
    by_status: tuple[int, ...]
    rings: Rings
    single: pl.DataFrame
    latest: pl.DataFrame
    aggregated: bool
    ids: pl.Series


def dots(incidents: pl.DataFrame, frame: Frame, *, every: bool = False) -> Dots:
    """Return how incidents stand in a picture; those without a place do not.

    Args:
        incidents: As `mission.shown` gives them to somebody.
        frame: The picture.
        every: Whether each stands alone, up to `AGGREGATE_FROM`: for data, not for eyes.
    """
    west_deg, south_deg, east_deg, north_deg = frame.box_deg
    here = incidents.with_row_index("at").filter(
        pl.col("lon_deg").is_between(west_deg, east_deg)
        & pl.col("lat_deg").is_between(south_deg, north_deg)
    ).select("at", "time", "lon_deg", "lat_deg", status().alias("status"))  # fmt: skip
    x_px, y_px = frame.px(here["lon_deg"].to_numpy(), here["lat_deg"].to_numpy())
    sort = here["status"].to_numpy().astype(np.int64)
    aggregated = len(here) > AGGREGATE_FROM
    key, crowd = _crowds(x_px, y_px, frame)
    ringed = np.ones(len(here), np.bool_)
    if not aggregated:
        near = frame.m_per_px_ratio <= _CLOSE_M_PER_PX_RATIO and len(here) <= MARKS_MAX
        ringed = crowd[key] >= (len(here) + 1 if near or every else _CROWD)
        if not every and (~ringed).sum() > MARKS_MAX:
            ringed[:] = True
    alone = here.filter(~ringed)["at"]
    single = incidents[alone.to_list()].with_columns(
        x_px=pl.Series(x_px[~ringed], dtype=pl.Float64),
        y_px=pl.Series(y_px[~ringed], dtype=pl.Float64),
        status=pl.Series(sort[~ringed], dtype=pl.Int64),
    )
    counts = np.bincount(sort, minlength=len(STATUSES)).tolist()
    return Dots(
        frame=frame,
        total=len(here),
        by_status=tuple(counts),
        rings=_rings(x_px[ringed], y_px[ringed], sort[ringed], key[ringed]),
        single=single,
        latest=incidents[here.top_k(LATEST, by=["time", "at"])["at"].to_list()],
        aggregated=aggregated,
        ids=incidents["id"] if len(here) == len(incidents) else incidents["id"].gather(here["at"]),
    )


def _crowds(
    x_px: Floats, y_px: Floats, frame: Frame
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cell of each point, and how many points each cell has.

    Cells stand fast on the ground, so that moving the map does not count anew.
    """
    scale = frame.px_per_rad_ratio / CELL_PX
    west, north = frame.west_rad * scale, frame.north_rad * scale
    across = np.floor(x_px / CELL_PX + west % 1.0).astype(np.int64)
    down = np.floor(y_px / CELL_PX - north % 1.0).astype(np.int64) + 1
    columns = frame.width_px // CELL_PX + 2
    key = down * columns + across
    return key, np.bincount(key)


def _rings(x_px: Floats, y_px: Floats, sort: NDArray[np.int64], key: NDArray[np.int64]) -> Rings:
    kinds = len(STATUSES)
    size = int(key.max()) + 1 if len(key) else 0
    counts = np.bincount(key * kinds + sort, minlength=size * kinds).reshape(-1, kinds)
    every = counts.sum(axis=1)
    held = np.flatnonzero(every)
    middle = [
        np.bincount(key, weights=at_px, minlength=size)[held] / every[held]
        for at_px in (x_px, y_px)
    ]
    return _apart(Rings(middle[0], middle[1], counts[held]))


def _apart(found: Rings) -> Rings:
    """Return rings with those that would lie on each other as one, the largest first."""
    order = np.argsort(-found.counts.sum(axis=1), kind="stable").tolist()
    x_px, y_px = found.x_px.tolist(), found.y_px.tolist()
    kept: list[int] = []
    into = np.arange(len(order))
    for at in order:
        near = (
            one
            for one in kept
            if math.hypot(x_px[at] - x_px[one], y_px[at] - y_px[one]) < _APART_PX
        )
        into[at] = next(near, at)
        if into[at] == at:
            kept.append(at)
    every, size = found.counts.sum(axis=1), len(order)
    total = np.bincount(into, weights=every, minlength=size)[kept]
    counts = np.column_stack(
        [np.bincount(into, weights=each, minlength=size)[kept] for each in found.counts.T]
    )
    x, y = (
        np.bincount(into, weights=at_px * every, minlength=size)[kept] / total
        for at_px in (found.x_px, found.y_px)
    )
    return Rings(x, y, counts.astype(np.int64))


def ring_boxes(found: Dots) -> list[BoxDeg]:
    """Return the box that each ring counts, so that one can look closer."""
    places = zip(found.rings.x_px.tolist(), found.rings.y_px.tolist(), strict=True)
    return [found.frame.around(x, y, CELL_PX) for x, y in places]


def rings(
    found: Dots, tongue: Tongue, link: Callable[[BoxDeg], str], *, tabs: bool
) -> Iterator[Markup]:
    """Yield each ring: the count in the middle, around it how many of each status."""
    one = tongue.words.ngettext
    for x, y, counts, box in zip(
        found.rings.x_px.tolist(),
        found.rings.y_px.tolist(),
        found.rings.counts.tolist(),
        ring_boxes(found),
        strict=True,
    ):
        n = sum(counts)
        r = _ring_px(n)
        said = one("%(num)s incident", "%(num)s incidents", n) % {"num": tongue.number(n)}
        text = mark("text", _short(n, tongue), class_="m-cnt-t", x=x, y=y + 4.3)
        made = [
            mark("title", said),
            mark("circle", class_="m-cnt", cx=x, cy=y, r=r + 2.6),
            *_arcs(x, y, r, counts),
            mark("circle", class_="m-cnt", cx=x, cy=y, r=r - 2.8),
            text,
        ]
        yield mark("a", joined(made), href=link(box), tabindex=None if tabs else -1)


def _ring_px(n: int) -> Px:
    return min(_FIRST_RING_PX + _RING_GROWS_PX * math.sqrt(n), _RING_MAX_PX)


def rooms(found: Dots) -> Iterator[tuple[Px, Px, Px, Px]]:
    """Yield the left, top, right and foot of each ring and of each small mark."""
    rings = found.rings
    sums = rings.counts.sum(axis=1).tolist()
    for x, y, n in zip(rings.x_px.tolist(), rings.y_px.tolist(), sums, strict=True):
        r = _ring_px(n) + 3
        yield x - r, y - r, x + r, y + r
    for x, y in found.single.select("x_px", "y_px").rows():
        yield x - _LEAST_PX, y - _LEAST_PX, x + _LEAST_PX, y + _LEAST_PX


def _short(n: int, tongue: Tongue) -> str:
    if n <= _EXACT_MAX:
        return tongue.number(n)
    return numbers.format_compact_decimal(n, locale=tongue.locale)


def _arcs(x: Px, y: Px, r: Px, counts: list[int]) -> Iterator[Markup]:
    """Yield the parts of a ring, the surest first, clockwise from the top."""
    parts = [(name, n) for name, n in zip(reversed(STATUSES), reversed(counts), strict=True) if n]
    if len(parts) == 1:
        yield mark("circle", class_=f"m-arc {parts[0][0]}", cx=x, cy=y, r=r)
        return
    passed, every = 0, sum(counts)
    for name, n in parts:
        ends = [2 * math.pi * share / every for share in (passed, passed + n)]
        (x0, y0), (x1, y1) = ((x + r * math.sin(a), y - r * math.cos(a)) for a in ends)
        large = int(2 * n > every)
        d = f"M{x0:.1f} {y0:.1f}A{r:.1f} {r:.1f} 0 {large} 1 {x1:.1f} {y1:.1f}"
        yield mark("path", class_=f"m-arc {name}", d=d)
        passed += n


def shapes(single: pl.DataFrame, frame: Frame) -> Floats:
    """Return half-axes in pixels and the turn in degrees of where each lies with 95 %, (n, 3).

    From the covariance, or, where the role sees none, a circle of `error_km`.
    """
    per_m = frame.px_per_m(single["lat_deg"].to_numpy())
    if "cov_ee_m2" not in single.columns:
        r = single["error_km"].fill_null(1).cast(pl.Float64).to_numpy() * 1000 * per_m
        return np.column_stack([r, r, np.zeros(len(r))])
    ee, en, nn = (single[f"cov_{axes}_m2"].fill_null(0).to_numpy() for axes in ("ee", "en", "nn"))
    middle, half = (ee + nn) / 2, np.hypot((ee - nn) / 2, en)
    long, short = (
        np.sqrt(np.maximum(each, 0.0) * _CHI2_95) * per_m for each in (middle + half, middle - half)
    )
    turn_deg = -np.degrees(0.5 * np.arctan2(2 * en, ee - nn))  # y grows downwards
    return np.column_stack([long, short, turn_deg])


def ellipses(
    found: Dots, title: Callable[[dict[str, object]], str], link: Callable[[str], str],
    *, tabs: bool,
) -> Iterator[Markup]:  # fmt: skip
    """Yield each incident that stands alone, the widest first so that none hides another."""
    axes = shapes(found.single, found.frame)
    rows = found.single.select("id", "time", "class", "real_p", "x_px", "y_px", "status")
    told = rows.rows(named=True)
    for at in np.argsort(-axes[:, 0], kind="stable").tolist():
        row, (long, short, turn_deg) = told[at], axes[at].tolist()
        inner = mark("title", title(row)) + _shape(row, long, short, turn_deg)
        yield mark("a", inner, href=link(row["id"]), tabindex=None if tabs else -1)


def _shape(row: dict[str, object], long: Px, short: Px, turn_deg: float) -> Markup:
    x, y = float(str(row["x_px"])), float(str(row["y_px"]))
    kind = STATUSES[int(str(row["status"]))]
    dot = Markup()
    if short > _WIDE_PX:  # an outline, so that it hides nothing, and its mark in the middle
        dot = mark("circle", class_=f"m-inc {kind}", cx=x, cy=y, r=_LEAST_PX)
        kind = "wide"
    rx, ry = max(long, _LEAST_PX), max(short, _LEAST_PX)
    if rx - ry < 0.5:  # noqa: PLR2004 - half a pixel
        return mark("circle", class_=f"m-inc {kind}", cx=x, cy=y, r=rx) + dot
    turn = f"rotate({turn_deg:.0f} {x:.1f} {y:.1f})"
    oval = mark("ellipse", class_=f"m-inc {kind}", cx=x, cy=y, rx=rx, ry=ry, transform=turn)
    return oval + dot


def halo(incidents: pl.DataFrame, selected: str, frame: Frame) -> Markup:
    """Return the ring around the selected incident with the end of its id; nothing without one."""
    row = incidents.filter(pl.col("id") == selected).drop_nulls(["lon_deg", "lat_deg"])
    if not len(row):
        return joined(())
    places = frame.px(row["lon_deg"].to_numpy(), row["lat_deg"].to_numpy())
    x, y = (float(each[0]) for each in places)
    long, short, turn_deg = shapes(row, frame)[0].tolist()
    rx, ry = max(long, _LEAST_PX) + 6, max(short, _LEAST_PX) + 6
    turn = f"rotate({turn_deg:.0f} {x:.1f} {y:.1f})"
    ring = mark("ellipse", class_="m-sel", cx=x, cy=y, rx=rx, ry=ry, transform=turn)
    label = mark("text", selected, class_="m-lab sel", x=x + 12, y=y + ry + 14)
    return ring + label


def stops(found: Dots) -> bool:
    """Return whether so few marks are drawn that each may be a stop of the tab key."""
    return len(found.rings.x_px) + len(found.single) <= _TABS_MAX
