"""Location of shots: events a second of ours beside scipy's Levenberg-Marquardt with a grid start.

The peer is what one writes in an afternoon: the best node of a 24 x 24 grid, then
`scipy.optimize.least_squares(method="lm")` on place, time, and wind where it is unknown. It has no
second start, no outliers and no regions. CPU time, one core.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares

from trucewatch.fuse.locate.locate import locate
from trucewatch.fuse.locate.records import Shots, SoundSettings
from trucewatch.simulate.trials.shots import SPEED_M_S, Ground, Weather, fire, geometry, network

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 5
OURS, PEERS = 20_000, 60
NODES = 24
CASES = {
    "still": (Weather(time_sigma_s=0.1), 150_000.0),
    "wind": (Weather(time_sigma_s=0.1, wind_sigma_m_s=5.0, speed_sigma_m_s=1.8), 80_000.0),
    "outliers": (
        Weather(time_sigma_s=0.1, wind_sigma_m_s=5.0, speed_sigma_m_s=1.8, outlier_p=0.1),
        8_000.0,
    ),
}
ARRIVALS = 8


def measure(*, data: Path, seed: int) -> dict:
    """Return events a second of ours and of the peer, and their ratio, round by round."""
    metrics, must = {}, []
    for number, (name, (weather, bound)) in enumerate(CASES.items()):
        world = _world(weather, np.random.default_rng([seed, number]))
        _ours(world, 50)
        shots = OURS // 5 if weather.outlier_p else OURS
        rounds = [(_ours(world, shots), _peer(world, PEERS)) for _ in range(ROUNDS)]
        ours, peer = np.array(rounds).T
        metrics[f"{name}_per_s"] = _spread(ours)
        metrics[f"{name}_peer_per_s"] = _spread(peer)
        metrics[f"{name}_ratio"] = _spread(ours / peer)
        must.append(_must(metrics, f"{name}_per_s", bound))
    note = f"{ARRIVALS} arrivals of 60 stations, .1 s, one core, CPU time, {ROUNDS} rounds"
    return {"name": "location", "seed": seed, "note": note, "metrics": metrics, "must": must}


def _must(metrics: dict, metric: str, bound: float) -> dict:
    holds = bool(metrics[metric]["value"] >= bound)
    return {"metric": metric, "op": ">=", "bound": bound, "holds": holds}


def _spread(values: np.ndarray) -> dict[str, float]:
    """Median, with the smallest and the largest round."""
    return {
        "value": float(np.median(values)),
        "low": float(values.min()),
        "high": float(values.max()),
    }


def _world(weather: Weather, rng: np.random.Generator) -> tuple:
    ground = Ground()
    stations = network(ground, rng)
    place, station = geometry(ground, OURS, ARRIVALS, rng)
    settings = SoundSettings(
        speed_m_s=SPEED_M_S,
        time_sigma_s=weather.time_sigma_s,
        wind_sigma_m_s=weather.wind_sigma_m_s,
        speed_sigma_m_s=weather.speed_sigma_m_s,
        outlier_p=weather.outlier_p,
    )
    return stations, fire(stations, place, station, weather, rng), settings


def _ours(world: tuple, shots: int) -> float:
    stations, volley, settings = world
    given = Shots(station=volley.station[:shots], time_s=volley.time_s[:shots])
    start = time.process_time()
    locate(given, stations, settings)
    return shots / (time.process_time() - start)


def _peer(world: tuple, shots: int) -> float:
    stations, volley, settings = world
    axis = np.linspace(-11_000, 11_000, NODES)
    node = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    table = np.hypot(*(node[:, None] - stations).transpose(2, 0, 1)) / SPEED_M_S
    start = time.process_time()
    for e in range(shots):
        residual = volley.time_s[e] - table[:, volley.station[e]]
        best = node[np.argmin(residual.var(axis=1))]
        _climb(stations[volley.station[e]], volley.time_s[e], best, settings)
    return shots / (time.process_time() - start)


def _climb(
    heard: np.ndarray, time_s: np.ndarray, start: np.ndarray, settings: SoundSettings
) -> np.ndarray:
    windy = settings.wind_sigma_m_s > 0
    unknown = np.zeros(6 if windy else 3)
    unknown[:2] = start
    sigma = np.array([settings.wind_sigma_m_s] * 2 + [settings.speed_sigma_m_s])

    def residual(at: np.ndarray) -> np.ndarray:
        path = heard - at[:2]
        away = np.hypot(path[:, 0], path[:, 1])
        speed = SPEED_M_S + (at[5] + path @ at[3:5] / away if windy else 0.0)
        off = (time_s - at[2] - away / speed) / settings.time_sigma_s
        return np.concatenate([off, at[3:] / sigma]) if windy else off

    scale = np.array([1000.0, 1000.0, 3.0, 5.0, 5.0, 2.0])[: len(unknown)]
    return least_squares(residual, unknown, method="lm", x_scale=scale).x
