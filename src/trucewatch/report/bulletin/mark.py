"""The marks of a map: one per incident or cell, or counted circles when there are too many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.report.bulletin.frame import WIDTH

if TYPE_CHECKING:
    from trucewatch.report.bulletin.frame import Frame
    from trucewatch.report.material import ReleaseLevel

MARKS_MAX = 300
_BIN = 44  # pixels; counted circles stay inside theirs, so that none covers another
_RADIUS = (5, 20)
_CHI2_95 = 5.991464547107979  # 95 % quantile of chi squared, 2 degrees of freedom
_ELLIPSE_MIN = 6.0  # pixels; a smaller one would hide under its own mark

_STATUSES = ("co", "pr", "un", "ex")

STATUS = {
    "confirmed": "co",
    "determined": "co",
    "probable": "pr",
    "refuted": "ex",
    "duplicate": "ex",
}
"""Ink of a life-cycle state; every other state is unconfirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A circle on the map.

    Attributes:
        left: Centre, pixels.
        top: Centre, pixels.
        radius: Pixels.
        n: Incidents that it stands for.
        shares: (status, dash pattern) of each arc of the ring, in hundredths of its length.
        ellipse: SVG path data of the 95 % ellipse, or "".
    """

    left: int
    top: int
    radius: int
    n: int
    shares: tuple[tuple[str, str], ...]
    ellipse: str = ""


def marks_of(
    placed: pl.DataFrame, frame: Frame, *, level: ReleaseLevel
) -> tuple[tuple[Mark, ...], int]:
    """Return the marks, and how many incidents lie outside the frame.

    Args:
        placed: Released incidents with a place.
        frame: Where they fall.
        level: At `mission` a single incident also gets its ellipse.
    """
    pixels = placed.with_columns(
        left=(pl.col("lon_deg") - frame.west_deg) / frame.lon_span_deg * WIDTH,
        top=(frame.south_deg + frame.lat_span_deg - pl.col("lat_deg"))
        / frame.lat_span_deg
        * frame.height,
        status=pl.col("state").replace_strict(STATUS, default="un"),
    )
    inside = pixels.filter(
        pl.col("left").is_between(0, WIDTH) & pl.col("top").is_between(0, frame.height)
    )
    cells = inside.group_by("lat_deg", "lon_deg").len().height
    crowded = (cells if level == "public" else inside.height) > MARKS_MAX
    if crowded:
        marks = _counted(inside, (pl.col("left") // _BIN, pl.col("top") // _BIN), kept=True)
    elif level == "public":
        marks = _counted(inside, (pl.col("lon_deg"), pl.col("lat_deg")), kept=False)
    else:
        marks = tuple(_single(row, frame) for row in inside.sort("id").to_dicts())
    return marks, placed.height - inside.height


def _counted(inside: pl.DataFrame, by: tuple[pl.Expr, pl.Expr], *, kept: bool) -> tuple[Mark, ...]:
    statuses = [(pl.col("status") == name).sum().alias(name) for name in _STATUSES]
    groups = inside.group_by(by[0].alias("column"), by[1].alias("row")).agg(
        *statuses, pl.len().alias("n"), pl.col("left").sort().mean(), pl.col("top").sort().mean()
    )
    return tuple(_circle(group, kept=kept) for group in groups.sort("column", "row").to_dicts())


def _circle(group: dict[str, float], *, kept: bool) -> Mark:  # counts, and a centre in pixels
    number = int(group["n"])
    small, large = _RADIUS
    radius = small if number == 1 else min(large, round(8 + 2.6 * math.log2(number)))
    left, top = round(group["left"]), round(group["top"])
    return Mark(
        left=_kept(left, radius) if kept else left,
        top=_kept(top, radius) if kept else top,
        radius=radius,
        n=number,
        shares=_arcs({name: int(group[name]) for name in _STATUSES}, number),
    )


def _kept(centre: int, radius: int) -> int:
    """Return a pixel, moved so that a circle around it stays inside its bin."""
    corner = centre // _BIN * _BIN
    return min(max(centre, corner + radius), corner + _BIN - radius)


def _arcs(statuses: dict[str, int], number: int) -> tuple[tuple[str, str], ...]:
    arcs = []
    start = 0.0
    for status, count in statuses.items():
        if count:
            length = 100 * count / number
            arcs.append((status, f"0 {start:g} {length:g} 100"))
            start = round(start + length, 3)
    return tuple(arcs)


def _single(row: dict[str, object], frame: Frame) -> Mark:
    left, top = float(str(row["left"])), float(str(row["top"]))
    covariance = [row[f"cov_{axes}_m2"] for axes in ("ee", "en", "nn")]
    known_m2 = [float(str(term)) for term in covariance if term is not None]
    return Mark(
        left=round(left),
        top=round(top),
        radius=_RADIUS[0],
        n=1,
        shares=((str(row["status"]), "0 0 100 100"),),
        ellipse=_ellipse((left, top), known_m2, frame) if len(known_m2) == len(covariance) else "",
    )


def _ellipse(centre: tuple[float, float], covariance_m2: list[float], frame: Frame) -> str:
    """Return the 95 % ellipse as path data, or "" when it is tiny or wider than the map."""
    east, cross, north = covariance_m2
    half = math.hypot((east - north) / 2, cross)
    middle = (east + north) / 2
    axes_m2 = (middle + half, max(middle - half, 0.0))
    long, short = (math.sqrt(axis_m2 * _CHI2_95) / frame.pixel_m for axis_m2 in axes_m2)
    if not _ELLIPSE_MIN <= long <= WIDTH / 2:
        return ""
    turn = -math.atan2(2 * cross, east - north) / 2  # screen angles run clockwise
    left, top = centre
    across, down = long * math.cos(turn), long * math.sin(turn)
    arc = f"A{long:.1f} {short:.1f} {math.degrees(turn):.1f} 0 1"
    return (
        f"M{left - across:.1f} {top - down:.1f}{arc} {left + across:.1f} {top + down:.1f}"
        f"{arc} {left - across:.1f} {top - down:.1f}Z"
    )
