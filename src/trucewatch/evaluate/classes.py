"""Are the class probabilities of incidents right, and better than knowing how often kinds are?

Reports are grouped as fusion groups them, so wrong groups count against the classes too; the same
figures with the true groups stand beside. The share that no report told ("undetermined") is spread
over the kinds by their frequencies, as a reader would who knows them and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.evaluate.figures import Figure, Measured, Must, must, of_share, over_seeds
from trucewatch.evaluate.share import exact_share
from trucewatch.fuse.associate import associate
from trucewatch.fuse.groups import numbered
from trucewatch.fuse.kind import UNDETERMINED, classes
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials import reports as trial
from trucewatch.simulate.trials.kinds import frequencies, with_features

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TRIALS, REPORTS = 8, 12_000
QUICK_TRIALS, QUICK_REPORTS = 2, 4_000
ECE_MAX = 0.02
NUMBERS = {"one": (1,), "two": (2,), "more": range(3, 99), "all": range(99)}
"""Strata by how many sensors reported an incident."""
DECILE_MIN = 500  # incidents in a decile of which a figure is given
_APART = 900_000  # trials of other evaluations have other seeds
_NOTE = (
    "Simulated reports of four kinds, with the sensors' meanings, features and the frequencies "
    "declared as they are. Real meanings are assumed, so this says that the sum is done right, "
    "not that a class of a real incident is."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Some incidents: which trial, what they were, what was thought, who reported them.

    Attributes:
        seed: Number of the trial, (n,).
        kind: Index of the true kind in `trial.KINDS`, (n,).
        kind_p: (n, kinds) with the undetermined share spread.
        seen: (n, sensors) whether each reported it.
    """

    seed: Ints
    kind: Ints
    kind_p: Floats
    seen: NDArray[np.bool_]


def measure(*, seed: int, quick: bool = False) -> Measured:
    """Return log-loss in every stratum, calibration of the top class, and what must hold.

    Args:
        seed: Of the trials; disjoint seeds give disjoint trials.
        quick: Few and small trials, for tests.
    """
    trials, size = (QUICK_TRIALS, QUICK_REPORTS) if quick else (TRIALS, REPORTS)
    first = _APART + 1000 * seed
    drawn = [_drawn(first + k, size) for k in range(trials)]
    rng = np.random.default_rng([seed, 2])
    metrics: dict[str, Figure] = {}
    musts: list[Must] = []
    for told, featured in (("words", False), ("features", True)):
        for grouping, known in (("fused", False), ("known", True)):
            parts = [_judge(d, k, featured=featured, known=known) for k, d in enumerate(drawn)]
            found = _joined(parts)
            label = f"{told}_{grouping}"
            metrics |= {**_losses(found, label, rng), **_calibration(found, label)}
    musts += [must(f"{name} > 0", metrics) for name in metrics if name.startswith("gain_")]
    musts += [must(f"{n} <= {ECE_MAX}", metrics) for n in metrics if n.startswith("ece_")]
    return {"name": "classes", "seed": seed, "note": _NOTE, "metrics": metrics, "must": musts}


Drawn = tuple[trial.Reports, trial.Truth]


def _drawn(seed: int, size: int) -> Drawn:
    seen, truth = trial.draw(trial.Setting(reports=size, seed=seed))
    return with_features(seen, truth, seed=seed), truth


def _judge(drawn: Drawn, number: int, *, featured: bool, known: bool) -> Judged:
    seen, truth = drawn
    precise = seen.table.with_row_index("report").filter(pl.col("tier") == 0)
    of = truth.incident[precise["report"].to_numpy()]
    group = of if known else _fused(seen)[precise["report"].to_numpy()]
    kept = _true_incident(group, of)
    members = precise.with_columns(incident=pl.Series(group)).filter(
        pl.col("incident").is_in(kept["incident"].implode())
    )
    if not featured:
        members = members.drop("features")
    found = classes(members, seen.models, kind_p=frequencies()).join(
        kept, on="incident", how="left", maintain_order="left"
    )
    sensors = [name for name in sorted(trial.SENSORS) if name not in trial.IMPRECISE]
    by_sensor = members.group_by("incident").agg(
        (pl.col("sensor") == name).any().alias(name) for name in sensors
    )
    by_sensor = found.select("incident").join(
        by_sensor, on="incident", how="left", maintain_order="left"
    )
    return Judged(
        seed=np.full(found.height, number),
        kind=truth.kind[found["true"].to_numpy()],
        kind_p=_spread(found["class_p"]),
        seen=by_sensor.select(sensors).to_numpy(),
    )


def _fused(seen: trial.Reports) -> Ints:
    settings = FusionSettings(
        centre_lat_deg=0.0,
        centre_lon_deg=0.0,
        incidents_per_km2_day=seen.incidents_per_km2_day,
        imprecise_sensors=trial.IMPRECISE,
    )
    groups = associate(seen.table, models=seen.models, settings=settings).groups
    return numbered(groups)


def _true_incident(group: Ints, of: Ints) -> pl.DataFrame:
    """Return `incident`, `true`: of which true incident most of a group's reports are.

    Groups in which false alarms are most, or as many, are left out: they are of no kind.
    """
    table = pl.DataFrame({"incident": group, "true": np.maximum(of, -1)})
    return (
        table.group_by("incident", "true")
        .len()
        .sort("incident", "len", "true", descending=[False, True, False])
        .unique("incident", keep="first", maintain_order=True)
        .filter(pl.col("true") >= 0)
        .select("incident", "true")
    )


def _spread(class_p: pl.Series) -> Floats:
    layout = pl.Struct(dict.fromkeys((*trial.KINDS, UNDETERMINED), pl.Float64))
    shares = class_p.str.json_decode(layout).struct.unnest().fill_null(0.0)
    untold = shares[UNDETERMINED].to_numpy()[:, None] * np.array(trial.KIND_P)
    found: Floats = shares.select(trial.KINDS).to_numpy() + untold
    return found


def _joined(parts: list[Judged]) -> Judged:
    return Judged(
        seed=np.concatenate([p.seed for p in parts]),
        kind=np.concatenate([p.kind for p in parts]),
        kind_p=np.concatenate([p.kind_p for p in parts]),
        seen=np.concatenate([p.seen for p in parts]),
    )


def _losses(found: Judged, label: str, rng: np.random.Generator) -> Mapping[str, Figure]:
    """Return the log-loss (nats) and, in every stratum, by how much frequencies alone lose more."""
    rows = np.arange(len(found.kind))
    loss = -np.log(found.kind_p[rows, found.kind])
    gain = -np.log(np.array(trial.KIND_P))[found.kind] - loss
    number = found.seen.sum(axis=1).astype(np.int64)
    strata = {name: np.isin(number, list(these)) for name, these in NUMBERS.items()}
    sensors = [name for name in sorted(trial.SENSORS) if name not in trial.IMPRECISE]
    strata |= {name: found.seen[:, k] for k, name in enumerate(sensors)}
    figures = {f"log_loss_{label}": _by_trial(loss, found.seed, rng)}
    for name, inside in strata.items():
        figures[f"gain_{label}_{name}"] = _by_trial(gain[inside], found.seed[inside], rng)
    return figures


def _by_trial(values: Floats, seed: Ints, rng: np.random.Generator) -> Figure:
    """Return the mean over trials of each trial's mean."""
    trials = np.unique(seed)
    return over_seeds(np.array([values[seed == one].mean() for one in trials]), rng=rng)


def _calibration(found: Judged, label: str) -> Mapping[str, Figure]:
    """Return the calibration error of the likeliest kind, its deciles and its worst one."""
    top_p = found.kind_p.max(axis=1)
    right = found.kind_p.argmax(axis=1) == found.kind
    decile = np.minimum((top_p * 10).astype(np.int64), 9)
    size = np.bincount(decile, minlength=10)
    off = np.abs(np.bincount(decile, top_p, 10) - np.bincount(decile, right, 10))
    figures: dict[str, Figure] = {
        f"ece_{label}": _plain(off.sum() / size.sum()),
        f"decile_worst_{label}": _plain((off / np.maximum(size, 1))[size >= DECILE_MIN].max()),
    }
    for k in np.flatnonzero(size >= DECILE_MIN):
        inside = decile == k
        figures[f"predicted_{label}_{k}0"] = _plain(top_p[inside].mean())
        figures[f"observed_{label}_{k}0"] = of_share(
            exact_share(int(right[inside].sum()), int(size[k]))
        )
    return figures


def _plain(value: np.float64) -> Figure:
    return {"value": float(value), "low": None, "high": None}
