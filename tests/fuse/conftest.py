"""Tables of observations, made by hand or drawn from a small seeded world with known truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.fuse.settings import FusionSettings
from trucewatch.geo.plane import Plane
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

START = datetime(2030, 9, 1, tzinfo=UTC)
CENTRE = {"centre_lat_deg": 45.0, "centre_lon_deg": -30.0}
SETTINGS = FusionSettings(**CENTRE, incidents_per_km2_day=4e-3)
# sigma km, sigma s, detection, false alarms per km2 and day, further reports, spread km, spread s
SENSORS = {
    "acoustic": (0.35, 2.0, 0.45, 2e-5, 0.0, 0.0, 0.0),
    "camera": (0.10, 120.0, 0.15, 1e-6, 0.0, 0.0, 0.0),
    "imagery": (0.05, 2.5 * 86400, 0.25, 1e-5, 0.0, 0.0, 0.0),
    "patrol": (0.5, 3 * 3600.0, 0.20, 1e-6, 0.0, 0.0, 0.0),
    "seismic": (2.0, 3.0, 0.20, 5e-6, 0.0, 0.0, 0.0),
    "thermal": (0.1, 60.0, 0.35, 4e-5, 0.8, 0.3, 4 * 3600.0),
}
MEANING = {"undetermined": 0.6, "explosion_impact": 0.4}


def model(name: str) -> SensorModel:
    _, _, detection, alarms, repeats, spread, spread_time = SENSORS[name]
    return SensorModel(
        detection_p=detection,
        repeats_mean=repeats,
        false_alarms_per_km2_day=alarms,
        spread_m=spread * 1000,
        spread_s=spread_time,
        channel_gap_s=1200.0,
        meaning_p={"thermal_anomaly": MEANING, "explosion_undetermined": MEANING},
        source="invented for tests",
    )


NEWS = SensorModel(
    detection_p=0.35,
    repeats_mean=1.0,
    false_alarms_per_km2_day=5e-6,
    spread_m=0.0,
    spread_s=0.0,
    channel_gap_s=86400.0,
    meaning_p={"artillery_fire": {"artillery_fire": 0.6, "undetermined": 0.4}},
    source="invented for tests",
)
MODELS: Mapping[str, SensorModel] = {**{name: model(name) for name in SENSORS}, "news": NEWS}


def columns(n: int, **given: object) -> pl.DataFrame:
    """Return n observations; columns that are not given get an ordinary value."""
    ordinary: dict[str, object] = {
        "object": "a" * 64,
        "sensor": "thermal",
        "channel": "N21",
        "time_sigma_s": 17.0,
        "cov_ee_m2": 1e4,
        "cov_en_m2": 0.0,
        "cov_nn_m2": 1e4,
        "class": "thermal_anomaly",
        "count_min": None,
        "count_max": None,
        "count_qualifier": None,
        "grade_source": "A",
        "grade_info": "3",
    }
    made = {"row": list(range(n)), **ordinary, **given}
    made.setdefault("time_end", made["time_start"])
    full = {
        k: v if isinstance(v, list | np.ndarray | pl.Series) else [v] * n for k, v in made.items()
    }
    full.setdefault("dedup_key", [f"key-{i:06d}" for i in range(n)])
    return pl.DataFrame(
        {
            name: pl.Series(name, full[name], strict=False).cast(kind)
            for name, kind in OBSERVATION.items()
        }
    )


@dataclass(frozen=True)
class World:
    """Reports, the incident that each came of (negative: a false alarm), and what to fuse with."""

    observations: pl.DataFrame
    truth: np.ndarray
    models: Mapping[str, SensorModel]
    settings: FusionSettings


def make_world(
    *, seed: int, incidents: int, density: float = 4e-3, width_km: float = 60.0, days: float = 30.0
) -> World:
    """Draw a front of that width; 60 % of incidents lie in hot spots (3 km, half a day)."""
    rng = np.random.default_rng(seed)
    length_km = incidents / (density * width_km * days)
    spots = max(1, incidents // 25)
    spot = np.c_[
        (rng.random(spots) - 0.5) * length_km,
        rng.normal(0, width_km / 6, spots),
        rng.random(spots) * days,
    ]
    hot = rng.random(incidents) < 0.6
    near = spot[rng.integers(0, spots, incidents)] + rng.normal(size=(incidents, 3)) * (3, 3, 0.5)
    spread = np.c_[
        (rng.random(incidents) - 0.5) * length_km,
        rng.normal(0, width_km / 6, incidents),
        rng.random(incidents) * days,
    ]
    where = np.where(hot[:, None], near, spread)
    parts = []
    for k, name in enumerate(SENSORS):
        sigma, sigma_s, detection, alarms, repeats, more, more_s = SENSORS[name]
        seen = np.flatnonzero(rng.random(incidents) < detection)
        seen = np.repeat(seen, 1 + rng.poisson(repeats, len(seen)))
        false = rng.poisson(alarms * length_km * width_km * days)
        n = len(seen) + false
        s = sigma * np.exp(rng.normal(0, 0.3, n))
        at = np.r_[
            where[seen], (rng.random((false, 3)) - (0.5, 0.5, 0)) * (length_km, width_km, days)
        ]
        step = (
            rng.normal(size=(n, 3))
            * np.c_[
                np.hypot(s, more), np.hypot(s, more), np.full(n, np.hypot(sigma_s, more_s) / 86400)
            ]
        )
        step[len(seen) :] = 0
        truth = np.r_[seen, np.full(false, -1)]
        parts.append(np.c_[at + step, s, np.full(n, sigma_s), np.full(n, k), truth])
    rows = np.concatenate(parts)
    rows = rows[rng.permutation(len(rows))]
    truth = rows[:, 6].astype(np.int64)
    truth[truth < 0] = -1 - np.flatnonzero(truth < 0)
    settings = FusionSettings(
        **CENTRE,
        incidents_per_km2_day=density,
        precise_sigma_m_max=1e5,
        precise_sigma_s_max=1e7,
    )
    lon, lat = Plane(**CENTRE).unproject(rows[:, 0] * 1000, rows[:, 1] * 1000)
    micros = np.rint(rows[:, 2] * 86400e6).astype(np.int64) + int(START.timestamp() * 1e6)
    names = np.array(list(SENSORS))[rows[:, 5].astype(int)]
    table = columns(
        len(rows),
        sensor=names,
        channel=names,
        lat_deg=lat,
        lon_deg=lon,
        cov_ee_m2=rows[:, 3] ** 2 * 1e6,
        cov_nn_m2=rows[:, 3] ** 2 * 1e6,
        time_sigma_s=rows[:, 4],
        time_start=pl.Series(micros).cast(pl.Datetime("us", "UTC")),
        time_end=pl.Series(micros).cast(pl.Datetime("us", "UTC")),
    )
    models = {name: MODELS[name] for name in SENSORS}
    return World(table, truth, models, settings)


def bcubed_f1(truth: np.ndarray, label: np.ndarray) -> float:
    """Return the harmonic mean of B-cubed precision and recall."""
    truth, label = (np.unique(v, return_inverse=True)[1] for v in (truth, label))
    both = np.unique(truth * (label.max() + 1) + label, return_inverse=True, return_counts=True)
    shared = both[2][both[1]]
    precision = (shared / np.bincount(label)[label]).mean()
    recall = (shared / np.bincount(truth)[truth]).mean()
    return float(2 * precision * recall / (precision + recall))


@pytest.fixture(scope="session")
def models() -> Mapping[str, SensorModel]:
    return MODELS


@pytest.fixture(scope="session")
def settings() -> FusionSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    return make_world


@pytest.fixture(scope="session")
def score() -> Callable[[np.ndarray, np.ndarray], float]:
    return bcubed_f1


@pytest.fixture(scope="session")
def observed() -> Callable[..., pl.DataFrame]:
    return columns
