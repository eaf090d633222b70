"""A front of incidents in hot spots, and what six precise sensors and the press report of it.

The declared sensor models are the real ones (unless `Setting` says otherwise), so this trial asks
how well fusion solves its own model. `reports_other` is built otherwise and asks how far the model
may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.records.sensor import SensorModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    LogDensity = Callable[[Floats, Floats, Floats], Floats]

START_US = 1_914_451_200_000_000  # 2030-09-01, an invented autumn
_US_PER_DAY = 86_400_000_000
_S_PER_DAY = 86_400.0
_M_PER_KM = 1000.0

KINDS = ("artillery_fire", "airstrike", "uav_activity", "mine_or_ied")
KIND_P = (0.45, 0.25, 0.2, 0.1)
"""What the incidents are, and how often."""

HOT_KM, HOT_DAY = 3.0, 0.5  # one-sigma size of a hot spot
PER_SPOT = 25  # incidents for each hot spot, on average over all incidents
REPORTS_PER_INCIDENT = 3.0  # about; used to turn a number of reports into one of incidents


class Sensor(NamedTuple):
    """How a simulated sensor behaves; lengths km, times days."""

    sigma_km: float
    sigma_day: float
    detection_p: float
    false_alarms_per_km2_day: float
    repeats_mean: float
    hit_p: float  # names the right kind, when it names one
    mute_p: float  # says "undetermined"


SENSORS: Mapping[str, Sensor] = {
    "acoustic": Sensor(0.35, 2 / 86400, 0.45, 2e-5, 0.0, 0.75, 0.3),
    "imagery": Sensor(0.05, 2.5, 0.25, 1e-5, 0.0, 0.85, 0.1),
    "patrol": Sensor(0.5, 3 / 24, 0.20, 1e-6, 0.0, 0.8, 0.1),
    "press": Sensor(4.0, 0.7, 0.35, 5e-6, 1.0, 0.6, 0.2),
    "seismic": Sensor(2.0, 3 / 86400, 0.20, 5e-6, 0.0, 0.5, 0.5),
    "thermal": Sensor(0.30, 4 / 24, 0.35, 4e-5, 0.8, 0.4, 0.6),
    "uav_camera": Sensor(0.10, 120 / 86400, 0.15, 1e-6, 0.0, 0.9, 0.05),
}
IMPRECISE = ("press",)
_SIGMA_SPREAD = 0.3  # declared errors differ between reports: log-normal, this sigma


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What to draw.

    Attributes:
        reports: About how many, all sensors.
        seed: Of the random numbers.
        incidents_per_km2_day: Mean over the front.
        width_km: Width of the front; its length follows from the density.
        span_day: How long.
        hot_p: Share of the incidents that lie in hot spots.
        declared_ratio: Declared over real one-sigma error, in space and time, all sensors.
        clock_offset_s: Each sensor's clock is wrong by a normal error of this sigma.
        missing: Sensors that are declared and send nothing.
        bursts_mean: False alarms come in clusters of 1 + Poisson(this), 2 km and 2 h wide.
    """

    reports: int
    seed: int
    incidents_per_km2_day: float = 4e-3
    width_km: float = 60.0
    span_day: float = 30.0
    hot_p: float = 0.6
    declared_ratio: float = 1.0
    clock_offset_s: float = 0.0
    missing: tuple[str, ...] = ()
    bursts_mean: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What fusion may see.

    Attributes:
        table: One row per report in canonical order (tier, time, key): `dedup_key`, `sensor`,
            `class`, `tier` (0 precise, 1 imprecise), `x_m`, `y_m`, `middle_us`, `s2_m2` (declared
            variance per axis), `u2_s2` (of time).
        models: Declared detection models.
        incidents_per_km2_day: Declared mean density.
    """

    table: pl.DataFrame
    models: Mapping[str, SensorModel]
    incidents_per_km2_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What fusion must not see; rows as in `Reports.table`.

    Attributes:
        incident: Number of the incident of each report; -1 - row for a false alarm.
        place: (m, 3) x and y in km, time in days since `START_US`.
        kind: Index in `KINDS` of each incident.
        log_density: Log incidents per km2 and day at x, y (km), time (d); None where unknown.
    """

    incident: Ints
    place: Floats
    kind: Ints
    log_density: LogDensity | None


def models() -> Mapping[str, SensorModel]:
    """Return the declared model of each sensor."""
    return {name: _model(sensor) for name, sensor in SENSORS.items()}


def _model(sensor: Sensor) -> SensorModel:
    return SensorModel(
        detection_p=sensor.detection_p,
        repeats_mean=sensor.repeats_mean,
        false_alarms_per_km2_day=sensor.false_alarms_per_km2_day,
        spread_m=0.0,
        spread_s=0.0,
        channel_gap_s=1200.0,
        meaning_p={said: _meaning(sensor, said) for said in (*KINDS, "undetermined")},
        source="simulated",
    )


def _meaning(sensor: Sensor, said: str) -> dict[str, float]:
    """Return P(kind | said), by Bayes from how often the sensor names each kind."""
    if said == "undetermined":
        return {"undetermined": 1.0}
    wrong_p = (1 - sensor.hit_p) / (len(KINDS) - 1)
    weight = {
        kind: p * (sensor.hit_p if kind == said else wrong_p)
        for kind, p in zip(KINDS, KIND_P, strict=True)
    }
    return {kind: w / sum(weight.values()) for kind, w in weight.items()}


def draw(setting: Setting) -> tuple[Reports, Truth]:
    """Return the reports of one trial, and the truth apart from them."""
    incidents = max(1, round(setting.reports / REPORTS_PER_INCIDENT))
    area_km2_day = incidents / setting.incidents_per_km2_day
    length_km = area_km2_day / (setting.width_km * setting.span_day)
    rng = np.random.default_rng([setting.seed, 0])
    spots = _spots(rng, max(1, incidents // PER_SPOT), length_km, setting)
    place = _places(rng, incidents, spots, length_km, setting)
    kind = np.random.default_rng([setting.seed, 1]).choice(len(KINDS), incidents, p=KIND_P)
    parts = [
        _reported(setting, number, place, kind, length_km)
        for number, name in enumerate(SENSORS)
        if name not in setting.missing
    ]
    table, incident = _in_order(pl.concat(parts), setting)
    reports = Reports(
        table=table, models=models(), incidents_per_km2_day=setting.incidents_per_km2_day
    )
    dense = _log_density(spots, incidents, length_km, setting)
    return reports, Truth(incident=incident, place=place, kind=kind, log_density=dense)


def _spots(rng: np.random.Generator, n: int, length_km: float, setting: Setting) -> Floats:
    return np.column_stack(
        (
            rng.random(n) * length_km,
            rng.normal(0, setting.width_km / 6, n),
            rng.random(n) * setting.span_day,
        )
    )


def _places(
    rng: np.random.Generator, n: int, spots: Floats, length_km: float, setting: Setting
) -> Floats:
    hot = rng.random(n) < setting.hot_p
    near = spots[rng.integers(0, len(spots), n)]
    near = near + rng.normal(size=(n, 3)) * (HOT_KM, HOT_KM, HOT_DAY)
    return np.where(hot[:, None], near, _spots(rng, n, length_km, setting))


def _reported(
    setting: Setting, number: int, place: Floats, kind: Ints, length_km: float
) -> pl.DataFrame:
    """Return the reports of one sensor: true ones, then false alarms."""
    name, sensor = list(SENSORS.items())[number]
    rng = np.random.default_rng([setting.seed, 2 + number])
    seen = np.flatnonzero(rng.random(len(place)) < sensor.detection_p)
    seen = np.repeat(seen, 1 + rng.poisson(sensor.repeats_mean, len(seen)))
    false = _false_alarms(rng, sensor, length_km, setting)
    n = len(seen) + len(false)
    s_km = sensor.sigma_km * np.exp(rng.normal(0, _SIGMA_SPREAD, n))
    step = rng.normal(size=(n, 3)) * np.column_stack((s_km, s_km, np.full(n, sensor.sigma_day)))
    at = np.concatenate((place[seen], false)) + step
    at[:, 2] += rng.normal() * setting.clock_offset_s / _S_PER_DAY
    of = np.concatenate((kind[seen], rng.choice(len(KINDS), len(false), p=KIND_P)))
    return pl.DataFrame(
        {
            "sensor": np.full(n, name),
            "class": _said(rng, sensor, of),
            "tier": np.full(n, int(name in IMPRECISE), np.uint8),
            "x_m": at[:, 0] * _M_PER_KM,
            "y_m": at[:, 1] * _M_PER_KM,
            "middle_us": START_US + np.rint(at[:, 2] * _US_PER_DAY).astype(np.int64),
            "s2_m2": np.square(s_km * _M_PER_KM * setting.declared_ratio),
            "u2_s2": np.full(n, (sensor.sigma_day * _S_PER_DAY * setting.declared_ratio) ** 2),
            "incident": np.concatenate((seen, np.full(len(false), -1))),
        }
    )


def _false_alarms(
    rng: np.random.Generator, sensor: Sensor, length_km: float, setting: Setting
) -> Floats:
    """Return places of false alarms, spread evenly or in bursts; the mean number is the same."""
    mean = sensor.false_alarms_per_km2_day * length_km * setting.width_km * setting.span_day
    n = rng.poisson(mean / (1 + setting.bursts_mean))
    at = rng.random((n, 3)) * (length_km, setting.width_km, setting.span_day)
    at -= (0, setting.width_km / 2, 0)
    if setting.bursts_mean > 0:
        at = np.repeat(at, 1 + rng.poisson(setting.bursts_mean, n), axis=0)
        at = at + rng.normal(size=at.shape) * (2.0, 2.0, 2 / 24)
    return at


def _said(rng: np.random.Generator, sensor: Sensor, of: Ints) -> NDArray[np.str_]:
    """Return what a sensor says that happenings of these kinds are."""
    n = len(of)
    wrong = (of + 1 + rng.integers(0, len(KINDS) - 1, n)) % len(KINDS)
    named = np.array(KINDS)[np.where(rng.random(n) < sensor.hit_p, of, wrong)]
    return np.where(rng.random(n) < sensor.mute_p, "undetermined", named)


def _in_order(table: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, Ints]:
    """Return the table in canonical order, keys by chance, and the incident column apart."""
    keys = np.random.default_rng([setting.seed, 99]).permutation(len(table))
    table = table.with_columns(
        dedup_key=pl.Series(keys).cast(pl.String).str.zfill(9),
    ).sort("tier", "middle_us", "dedup_key")
    incident = table["incident"].to_numpy().copy()
    false = incident < 0
    incident[false] = -1 - np.flatnonzero(false)
    return table.drop("incident"), incident


def _log_density(spots: Floats, incidents: int, length_km: float, setting: Setting) -> LogDensity:
    """Return the true density; hot spots count within five sigma."""
    from scipy.spatial import cKDTree

    scale = np.array((HOT_KM, HOT_KM, HOT_DAY))
    tree = cKDTree(spots / scale)
    per_spot = setting.hot_p * incidents / len(spots)
    even = (1 - setting.hot_p) * incidents / (length_km * setting.span_day)

    def log_density(x_km: Floats, y_km: Floats, t_day: Floats) -> Floats:
        at = np.column_stack((x_km, y_km, t_day)) / scale
        near = tree.query_ball_point(at, 5.0)
        which = np.repeat(np.arange(len(at)), [len(found) for found in near])
        spot = np.fromiter((s for found in near for s in found), np.int64, len(which))
        away = ((at[which] - tree.data[spot]) ** 2).sum(axis=1)
        peak = per_spot / (np.sqrt(2 * np.pi) ** 3 * scale.prod())
        hot = np.bincount(which, peak * np.exp(-away / 2), len(at))
        across = np.exp(-0.5 * (y_km / (setting.width_km / 6)) ** 2)
        dense: Floats = hot + even * across / (np.sqrt(2 * np.pi) * setting.width_km / 6)
        return np.log(dense)

    return log_density
