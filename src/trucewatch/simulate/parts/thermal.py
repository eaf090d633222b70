"""What satellites report of fires: hot pixels, several per fire and pass, and false alarms.

Each pass lays its own grid of pixels over the ground. A fire spreads its power over the pixels
under it; a pixel is reported when it is hot enough. Two fires in one pixel are one report, and the
hotter of them is said to have caused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtr

from trucewatch.simulate.parts.sky import clear

if TYPE_CHECKING:
    from trucewatch.simulate.parts.ground import Floats, Ground, Ints
    from trucewatch.simulate.parts.sky import Sky

NOTHING = -1  # in place of an incident: a false alarm
_BLUR = 0.35  # one-sigma blur of the optics, in pixels
_FLICKER = 0.25  # one-sigma of the logarithm of a fire's power between passes
_LEAST_NIGHT_MW, _LEAST_DAY_MW = 0.5, 1.5  # least power that a nadir pixel shows
_NADIR_KM2 = 0.371 * 0.388
_POINTING_M = 60.0  # one-sigma geolocation error, common to the pixels of a pass, each axis
_SATURATED_K = 367.0
_LOW_CONFIDENCE_P = 0.08
_LOW_CONFIDENCE_FALSE_P = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The ground as the satellites see it.

    Attributes:
        ground: Where.
        passes: Every overpass; see `overpass.passes`.
        weather: What hides the ground.
        days: Length of the world.
    """

    ground: Ground
    passes: pl.DataFrame
    weather: Sky
    days: int

    def column(self, name: str, rows: Ints) -> Floats:
        """Return a number of some passes, by their rows."""
        return np.asarray(self.passes[name].to_numpy()[rows], dtype=np.float64)


def pixels(view: View, fires: pl.DataFrame, *, rng: np.random.Generator) -> pl.DataFrame:
    """Return the hot pixels that come of fires, before `reported` makes rows of them.

    Returns:
        `pass`, `column`, `line` (pixel in that pass's grid), `power_mw`, `incident`; a pixel may
        occur several times, once for each fire in it.
    """
    time_s = view.passes["time_s"].to_numpy()
    start_s, end_s = fires["start_s"].to_numpy(), fires["end_s"].to_numpy()
    fire, look = np.nonzero((start_s[:, None] <= time_s) & (time_s < end_s[:, None]))
    x_m, y_m = fires["x_m"].to_numpy()[fire], fires["y_m"].to_numpy()[fire]
    seen = clear(view.weather, x_m, y_m, time_s[look])
    fire, look, x_m, y_m = fire[seen], look[seen], x_m[seen], y_m[seen]
    power_mw = fires["power_mw"].to_numpy()[fire] * np.exp(rng.normal(0, _FLICKER, len(fire)))
    radius_m = fires["radius_m"].to_numpy()[fire]

    across_m, along_m = _turned(x_m, y_m, view.column("tilt_rad", look))
    columns, across = _shares(across_m, view.column("scan_km", look) * 1000, radius_m)
    lines, along = _shares(along_m, view.column("track_km", look) * 1000, radius_m)
    shape = (len(fire), 3, 3)
    return pl.DataFrame(
        {
            "pass": np.broadcast_to(look[:, None, None], shape).ravel(),
            "column": np.broadcast_to(columns[:, :, None], shape).ravel(),
            "line": np.broadcast_to(lines[:, None, :], shape).ravel(),
            "power_mw": (power_mw[:, None, None] * across[:, :, None] * along[:, None, :]).ravel(),
            "incident": np.broadcast_to(
                fires["incident"].to_numpy().astype(np.int64)[fire][:, None, None], shape
            ).ravel(),
        }
    )


def false_alarms(view: View, *, false_per_km2_day: float, rng: np.random.Generator) -> pl.DataFrame:
    """Return pixels with nothing behind them, in the form of `pixels`; clouds hide some of them."""
    half_x_m, half_y_m = view.ground.half_m
    count = int(rng.poisson(false_per_km2_day * view.ground.area_km2 * view.days))
    look = rng.integers(0, len(view.passes), count)
    x_m, y_m = rng.uniform(-half_x_m, half_x_m, count), rng.uniform(-half_y_m, half_y_m, count)
    across_m, along_m = _turned(x_m, y_m, view.column("tilt_rad", look))
    power_mw = _least_mw(view, look) * (1 + rng.exponential(0.5, count))
    table = pl.DataFrame(
        {
            "pass": look,
            "column": np.floor(across_m / (view.column("scan_km", look) * 1000)).astype(np.int64),
            "line": np.floor(along_m / (view.column("track_km", look) * 1000)).astype(np.int64),
            "power_mw": power_mw,
            "incident": np.full(count, NOTHING, dtype=np.int64),
        }
    )
    return table.filter(pl.Series(clear(view.weather, x_m, y_m, view.column("time_s", look))))


def reported(view: View, hot: pl.DataFrame, *, rng: np.random.Generator) -> pl.DataFrame:
    """Return the pixels that are hot enough, each once, as a satellite reports them.

    Returns:
        By time, satellite and latitude: `time_s`, `satellite`, `lat_deg`, `lon_deg` (pixel centre
        with its pointing error), `frp_mw`, `bright_ti4_k`, `bright_ti5_k`, `scan_km`, `track_km`,
        `confidence`, `daynight`, `incident` (null for a false alarm).
    """
    once = _merged(hot)
    look = once["pass"].to_numpy()
    least_mw = _least_mw(view, look) * np.exp(rng.normal(0, 0.15, len(once)))
    false = once["incident"].to_numpy() == NOTHING
    shift_m = rng.normal(0, _POINTING_M, (2, len(view.passes)))[:, look]
    across_m = (once["column"].to_numpy() + 0.5) * view.column("scan_km", look) * 1000
    along_m = (once["line"].to_numpy() + 0.5) * view.column("track_km", look) * 1000
    x_m, y_m = _turned(across_m, along_m, -view.column("tilt_rad", look))
    x_m, y_m = x_m + shift_m[0], y_m + shift_m[1]
    lat_deg, lon_deg = view.ground.degrees(x_m, y_m)
    kept = ((once["power_mw"].to_numpy() >= least_mw) | false) & view.ground.inside(x_m, y_m)
    table = pl.DataFrame(
        {
            "time_s": view.column("time_s", look),
            "satellite": view.passes["satellite"].gather(look),
            "lat_deg": lat_deg.round(5),
            "lon_deg": lon_deg.round(5),
            **_brightness(once["power_mw"].to_numpy(), view.passes["ascending"].gather(look), rng),
            "scan_km": view.column("scan_km", look).round(2),
            "track_km": view.column("track_km", look).round(2),
            "daynight": np.where(view.passes["ascending"].gather(look), "D", "N"),
            "incident": once["incident"].to_numpy(),
        }
    )
    low_p = np.where(false, _LOW_CONFIDENCE_FALSE_P, _LOW_CONFIDENCE_P)
    low = pl.Series(rng.random(len(once)) < low_p)
    return (
        table.with_columns(
            confidence=pl.when(pl.col("bright_ti4_k") >= _SATURATED_K)
            .then(pl.lit("h"))
            .when(low & (pl.col("daynight") == "D"))
            .then(pl.lit("l"))
            .otherwise(pl.lit("n")),
            incident=pl.when(pl.col("incident") != NOTHING).then("incident").cast(pl.UInt32),
        )
        .filter(pl.Series(kept))
        .sort("time_s", "satellite", "lat_deg", "lon_deg")
    )


def _turned(x_m: Floats, y_m: Floats, angle_rad: Floats) -> tuple[Floats, Floats]:
    """Return points in axes that are turned anticlockwise by an angle."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return x_m * cos + y_m * sin, y_m * cos - x_m * sin


def _shares(at_m: Floats, pixel_m: Floats, radius_m: Floats) -> tuple[Ints, Floats]:
    """Return three neighbouring pixels on one axis and the share of the power in each, (n, 3)."""
    middle = np.floor(at_m / pixel_m).astype(np.int64)
    spread_m = np.hypot(radius_m, _BLUR * pixel_m)
    edges_m = (middle[:, None] + np.arange(-1, 3)) * pixel_m[:, None]
    below = ndtr((edges_m - at_m[:, None]) / spread_m[:, None])
    return middle[:, None] + np.arange(-1, 2), np.diff(below, axis=1)


def _least_mw(view: View, look: Ints) -> Floats:
    """Return the least power that a pixel of each pass shows; larger pixels need more."""
    day = view.passes["ascending"].to_numpy()[look]
    area_km2 = view.column("scan_km", look) * view.column("track_km", look)
    least_mw = np.where(day, _LEAST_DAY_MW, _LEAST_NIGHT_MW)
    return np.asarray(least_mw * np.sqrt(area_km2 / _NADIR_KM2))


def _merged(hot: pl.DataFrame) -> pl.DataFrame:
    """Return each pixel once: powers added, the hottest contribution named as its cause."""
    ordered = hot.sort(
        "pass", "column", "line", "power_mw", "incident", descending=[False] * 3 + [True, False]
    )
    pixel = ordered.select("pass", "column", "line").to_numpy()
    first = np.flatnonzero(np.r_[True, (np.diff(pixel, axis=0) != 0).any(axis=1)][: len(ordered)])
    if len(first) == 0:
        return ordered
    total_mw = np.add.reduceat(ordered["power_mw"].to_numpy(), first)
    return ordered[first].with_columns(power_mw=pl.Series(total_mw))


def _brightness(power_mw: Floats, day: pl.Series, rng: np.random.Generator) -> dict[str, Floats]:
    """Return power and brightness temperatures as printed, on the scale of real pixels.

    Source: medians of the June 2026 files: 1.5 MW gives 306 K at night, 8 MW 341 K by day.
    """
    count = len(power_mw)
    lit = day.to_numpy()
    grown = np.log1p(power_mw)
    ti4_k = np.where(lit, 313 + 11 * grown, 288 + 14 * grown)
    ti4_k += rng.normal(0, 4, count) + np.where(lit, 10, 7) * rng.exponential(1.0, count)
    ti5_k = np.where(lit, 302, 286) + 0.5 * grown + rng.normal(0, 3, count)
    return {
        "frp_mw": power_mw.round(2),
        "bright_ti4_k": np.minimum(ti4_k, _SATURATED_K).round(2),
        "bright_ti5_k": ti5_k.round(2),
    }
