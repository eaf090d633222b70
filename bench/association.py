"""Association of hard sensors' reports beside scikit-learn's DBSCAN and HDBSCAN.

The peers are tuned on the truth of another seed; ours is not tuned here. CPU time is compared pair
by pair, ours then DBSCAN. Both go from reports in memory to labels, without imports. Ours is from
the table to labels: densities, edges, components and merging. The `whole` metrics are of all of
`associate`, which also says how sure each incident is, and of who belongs to it how surely; these
have no peer. HDBSCAN is too slow for more than 10,000 reports, so it is compared there.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from bench.peers import python_with, run_peer
from trucewatch.evaluate.bcubed import bcubed, per_report
from trucewatch.fuse.associate import associate, cluster, matrix_of, sensor_rows
from trucewatch.fuse.likelihood import terms, weigh_alone
from trucewatch.fuse.membership import memberships
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials.reports import IMPRECISE, START_US, Setting, draw, models

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.evaluate.bcubed import BCubed

PEER = Path(__file__).parent / "peer_clusters.py"
PINS = (
    "scikit-learn==1.9.1", "numpy==2.4.6", "scipy==1.17.1", "joblib==1.6.0",
    "threadpoolctl==3.8.0", "narwhals==2.29.0", "cloudpickle==3.1.2",
)  # fmt: skip
DBSCAN, HDBSCAN = 0, 1
DBSCAN_GRID = tuple((km, day) for km in (0.5, 1.0, 2.0) for day in (0.1, 0.3, 1.0, 2.0))
HDBSCAN_GRID = tuple((1.0, day) for day in (0.1, 0.3, 1.0, 3.0))  # only the ratio matters to it
DENSITY_PER_KM2_DAY = 4e-3
HARD_PER_REPORT = 1.88 / 3.0  # of the trial's reports, those that the press did not make
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
PAIRS = {MIDDLE: 9, LARGE: 3}
TUNING_SEED_APART = 1_000
MUST_RATIO, MUST_GROWTH, MUST_GB, MUST_F1 = 5.0, 2.0, 1.5, 0.10  # design, association
_BYTES_PER_GB = 1e9
_US_PER_DAY = 86.4e9

SETTINGS = FusionSettings(
    centre_lat_deg=0.0,
    centre_lon_deg=0.0,
    incidents_per_km2_day=DENSITY_PER_KM2_DAY,
    imprecise_sensors=IMPRECISE,
)


class World(NamedTuple):
    """Reports of hard sensors, what the peers take of them, and the truth."""

    table: pl.DataFrame
    columns: np.ndarray  # (n, 3) km, km, day
    incident: np.ndarray


class Tuned(NamedTuple):
    """The peers' Python and the setting of each that is best on the tuning seed."""

    python: Path
    setting: dict[int, tuple[float, float]]


def measure(*, data: Path, seed: int) -> dict:
    """Return ratios of CPU time, memory and B-cubed F1 beside the peers."""
    tuned = _tune(python_with("clusters", *PINS), seed + TUNING_SEED_APART)
    worlds = {n: _world(n, seed) for n in (SMALL, MIDDLE, LARGE)}
    _ours(worlds[SMALL].table)  # compiles
    _whole_s(worlds[SMALL].table)
    pairs = {n: _pairs(worlds[n], tuned, repeats) for n, repeats in PAIRS.items()}
    per_report_s = {n: pairs[n][:, 0] / len(worlds[n].table) for n in PAIRS}
    peak_gb = _peak_gb(worlds[LARGE].table)
    metrics = {
        "ratio_1e5": _spread(pairs[MIDDLE][:, 2] / pairs[MIDDLE][:, 0]),
        "ratio_1e6": _spread(pairs[LARGE][:, 2] / pairs[LARGE][:, 0]),
        "ratio_whole_1e5": _spread(pairs[MIDDLE][:, 2] / pairs[MIDDLE][:, 1]),
        "ratio_whole_1e6": _spread(pairs[LARGE][:, 2] / pairs[LARGE][:, 1]),
        "growth_per_report": _spread(per_report_s[LARGE] / np.median(per_report_s[MIDDLE])),
        "reports_per_s_1e5": _spread(1 / per_report_s[MIDDLE]),
        "reports_per_s_1e6": _spread(1 / per_report_s[LARGE]),
        "peak_gb_1e6": {"value": peak_gb, "low": peak_gb, "high": peak_gb},
        **_scores(worlds, tuned, seed),
    }
    must = [
        ("ratio_1e5", ">=", MUST_RATIO),
        ("ratio_1e6", ">=", MUST_RATIO),
        ("growth_per_report", "<=", MUST_GROWTH),
        ("peak_gb_1e6", "<=", MUST_GB),
        ("f1_above_dbscan", ">=", MUST_F1),
    ]
    return {
        "name": "association",
        "seed": seed,
        "note": _note(worlds, tuned),
        "metrics": metrics,
        "must": [_must(metrics, *each) for each in must],
    }


def _must(metrics: dict, metric: str, op: str, bound: float) -> dict:
    value = metrics[metric]["value"]
    holds = bool(value >= bound if op == ">=" else value <= bound)
    return {"metric": metric, "op": op, "bound": bound, "holds": holds}


def _note(worlds: dict[int, World], tuned: Tuned) -> str:
    counts = ", ".join(f"{len(w.table):,}" for w in worlds.values())
    best = "; ".join(
        f"{name} at {tuned.setting[method][0]:g} km, {tuned.setting[method][1]:g} d"
        for name, method in (("DBSCAN", DBSCAN), ("HDBSCAN", HDBSCAN))
    )
    return f"{counts} reports of six hard sensors; tuned on another seed's truth: {best}"


def _world(reports: int, seed: int) -> World:
    made, truth = draw(
        Setting(
            reports=round(reports / HARD_PER_REPORT),
            seed=seed,
            incidents_per_km2_day=DENSITY_PER_KM2_DAY,
            missing=IMPRECISE,
        )
    )
    table = made.table
    time_day = (table["middle_us"].to_numpy() - START_US) / _US_PER_DAY
    columns = np.column_stack((table["x_m"] / 1000, table["y_m"] / 1000, time_day))
    return World(table, columns, truth.incident)


def _tune(python: Path, seed: int) -> Tuned:
    """Return the best setting of each peer, DBSCAN's at 1e5 reports, HDBSCAN's at 1e4."""
    best = {}
    for method, grid, reports in ((DBSCAN, DBSCAN_GRID, MIDDLE), (HDBSCAN, HDBSCAN_GRID, SMALL)):
        world = _world(reports, seed)
        labels, _ = _peer(python, world, method, grid)
        best[method] = grid[int(np.argmax([_f1(world.incident, one) for one in labels]))]
    return Tuned(python, best)


def _f1(true: np.ndarray, fused: np.ndarray) -> float:
    precision, recall = (each.mean() for each in per_report(true, fused))
    return float(2 * precision * recall / (precision + recall))


def _peer(
    python: Path, world: World, method: int, settings: tuple[tuple[float, float], ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels (k, n) and the CPU seconds (k,) of a peer."""
    inputs = {
        "columns": world.columns,
        "settings": np.array(settings),
        "method": np.array(method),
    }
    made = run_peer(python, PEER, inputs)
    return made["labels"], made["cpu_s"]


def _ours(table: pl.DataFrame) -> tuple[np.ndarray, float]:
    """Return the labels (n,) and the CPU seconds from the table to them."""
    known = models()
    start_s = time.process_time()
    sharp = sorted(set(known) - set(SETTINGS.imprecise_sensors))
    matrix = matrix_of(table, models=known, settings=SETTINGS)  # hard sensors are precise
    sharp_terms = terms(known, sharp, members_max=SETTINGS.component_members_max)
    sensor = sensor_rows(table["sensor"], sharp)
    weigh_alone(matrix, sensor, sharp_terms)
    found = cluster(matrix, sensor, sharp_terms, SETTINGS)
    return found.label, time.process_time() - start_s


def _whole_s(table: pl.DataFrame) -> float:
    """Return the CPU seconds of `associate` and `memberships`."""
    start_s = time.process_time()
    found = associate(table, models=models(), settings=SETTINGS)
    memberships(found, table, models=models(), settings=SETTINGS)
    return time.process_time() - start_s


def _pairs(world: World, tuned: Tuned, repeats: int) -> np.ndarray:
    """Return CPU seconds of ours, ours whole and DBSCAN (repeats, 3), measured in turns."""
    rows = []
    for _ in range(repeats):
        _, ours_s = _ours(world.table)
        _, dbscan_s = _peer(tuned.python, world, DBSCAN, (tuned.setting[DBSCAN],))
        rows.append((ours_s, _whole_s(world.table), dbscan_s[0]))
    return np.array(rows)


def _peak_gb(table: pl.DataFrame) -> float:
    """Return the largest memory of a process that does nothing but ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.parquet"
        table.write_parquet(path)
        command = [sys.executable, "-m", "bench.association", str(path)]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, check=True, cwd=Path(__file__).parent.parent
        )
    return json.loads(done.stdout) / _BYTES_PER_GB


def _scores(worlds: dict[int, World], tuned: Tuned, seed: int) -> dict[str, dict[str, float]]:
    """Return B-cubed F1 of all at 1e5 reports, and beside HDBSCAN at 1e4."""

    def peer(method: int) -> Callable[[World], np.ndarray]:
        return lambda world: _peer(tuned.python, world, method, (tuned.setting[method],))[0][0]

    def score(n: int, fused: Callable[[World], np.ndarray]) -> BCubed:
        rng = np.random.default_rng([seed, 1])
        return bcubed(worlds[n].incident, fused(worlds[n]), rng=rng)

    def ours(world: World) -> np.ndarray:
        return _ours(world.table)[0]

    def alone(world: World) -> np.ndarray:
        return np.arange(len(world.table))

    f1 = {
        "f1_ours": score(MIDDLE, ours).f1,
        "f1_dbscan": score(MIDDLE, peer(DBSCAN)).f1,
        "f1_singletons": score(MIDDLE, alone).f1,
        "f1_ours_1e4": score(SMALL, ours).f1,
        "f1_hdbscan_1e4": score(SMALL, peer(HDBSCAN)).f1,
    }
    metrics = {
        name: {"value": one.value_p, "low": one.low_p, "high": one.high_p}
        for name, one in f1.items()
    }
    above = {  # the widest that both intervals allow
        "value": metrics["f1_ours"]["value"] - metrics["f1_dbscan"]["value"],
        "low": metrics["f1_ours"]["low"] - metrics["f1_dbscan"]["high"],
        "high": metrics["f1_ours"]["high"] - metrics["f1_dbscan"]["low"],
    }
    return {**metrics, "f1_above_dbscan": above}


def _spread(values: np.ndarray) -> dict[str, float]:
    """Median, with the smallest and the largest of the pairs."""
    return {
        "value": float(np.median(values)),
        "low": float(values.min()),
        "high": float(values.max()),
    }


if __name__ == "__main__":
    _ours(pl.read_parquet(sys.argv[1]))
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
