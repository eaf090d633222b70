"""Whether chances of membership come true, on trials whose truth is known.

A true incident is represented by the largest fused group of which more than half of the members are
its reports; of equals, by that of the least row. A report is of the group that represents its true
incident, and of none when no group does or it is a false alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
import polars as pl

from trucewatch.evaluate.figures import must
from trucewatch.evaluate.reliability import (
    calibration_figure,
    deciles,
    sharpness,
    skill_figure,
    worst_decile,
)
from trucewatch.fuse.associate import associate
from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.groups import numbered
from trucewatch.fuse.membership import NONE, memberships
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials import reports as trial

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure, Must

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

DENSITY_PER_KM2_DAY = 4e-3
ERROR_MAX = 0.02
DECILE_MAX = 0.05
CASES_MIN = 1_000  # a decile with fewer is printed and not judged
PAIR_P = 0.05  # pairs below it are many and trivially right
_DRAWN = {"top choice": "top", "none": "none", "pairs above .05": "pairs"}


class Measured(TypedDict):
    """Figures by name, what was promised of them, and deciles by title for the diagram."""

    metrics: dict[str, Figure]
    must: list[Must]
    deciles: dict[str, list[dict[str, float]]]


class Cases(NamedTuple):
    """What was predicted and what was so, one entry per case."""

    p: Floats
    hit: NDArray[np.bool_]


def measure(
    *, seeds: Iterable[int], reports: int, density_per_km2_day: float = DENSITY_PER_KM2_DAY
) -> Measured:
    """Return the reliability of memberships over several trials taken together.

    Args:
        seeds: Of the trials; those used for tuning, 500 to 539, show nothing.
        reports: About how many in each trial.
        density_per_km2_day: Of incidents.
    """
    found = [_judged(seed, reports, density_per_km2_day) for seed in seeds]
    pairs = pl.concat([pair for pair, _ in found])
    incidents = pl.concat([incident for _, incident in found])
    rng = np.random.default_rng([reports, 7])
    every = {
        f"{kind}{suffix}": cases
        for suffix, chosen in (
            ("", pairs),
            ("_precise", pairs.filter(pl.col("tier") == PRECISE)),
            ("_imprecise", pairs.filter(pl.col("tier") != PRECISE)),
        )
        for kind, cases in kinds(chosen).items()
    }
    metrics: dict[str, Figure] = {}
    for name, cases in every.items():
        metrics[f"ece_{name}"] = calibration_figure(*cases, rng=rng)
        metrics[f"worst_decile_{name}"] = _plain(worst_decile(*cases, cases_min=CASES_MIN))
    metrics |= _by_sensor(pairs, rng)
    metrics |= _sharpness(every["top"])
    real = Cases(incidents["p"].to_numpy(), incidents["hit"].to_numpy())
    metrics["ece_real"] = calibration_figure(*real, rng=rng)
    metrics["worst_decile_real"] = _plain(worst_decile(*real, cases_min=CASES_MIN))
    return {
        "metrics": metrics,
        "must": _musts(metrics),
        "deciles": {title: _listed(every[kind]) for title, kind in _DRAWN.items()},
    }


def kinds(pairs: pl.DataFrame) -> dict[str, Cases]:
    """Return the cases that are judged apart: the top choice, none, and pairs above `PAIR_P`.

    Args:
        pairs: `trial`, `report`, `incident`, `p`, `hit`; "none" of every report is among them.
    """
    top = pairs.sort("trial", "report", "p", "incident", descending=[False, False, True, False])
    top = top.unique(["trial", "report"], keep="first", maintain_order=True)
    chosen = {
        "top": top,
        "none": pairs.filter(pl.col("incident") == NONE),
        "pairs": pairs.filter(pl.col("p") > PAIR_P),
    }
    return {kind: Cases(t["p"].to_numpy(), t["hit"].to_numpy()) for kind, t in chosen.items()}


def representatives(fused: Ints, true: Ints) -> dict[int, int]:
    """Return the fused group that represents each true incident that has one.

    Args:
        fused: Number of each report's fused group; smaller numbers have lesser rows.
        true: True incident of each report, negative for a false alarm.
    """
    table = pl.DataFrame({"fused": fused, "true": true})
    most = (
        table.with_columns(size=pl.len().over("fused"))
        .filter(pl.col("true") >= 0)
        .group_by("fused", "true", "size")
        .agg(same=pl.len())
        .filter(2 * pl.col("same") > pl.col("size"))
        .sort("size", "fused", descending=[True, False])
        .unique("true", keep="first", maintain_order=True)
    )
    return dict(zip(most["true"].to_list(), most["fused"].to_list(), strict=True))


def _judged(seed: int, reports: int, density_per_km2_day: float) -> tuple[pl.DataFrame, ...]:
    """Return all pairs of one trial with what was so, and the same of its incidents."""
    seen, truth = trial.draw(
        trial.Setting(reports=reports, seed=seed, incidents_per_km2_day=density_per_km2_day)
    )
    settings = FusionSettings(
        centre_lat_deg=0.0,
        centre_lon_deg=0.0,
        incidents_per_km2_day=seen.incidents_per_km2_day,
        imprecise_sensors=trial.IMPRECISE,
    )
    found = associate(seen.table, models=seen.models, settings=settings)
    chances = memberships(found, seen.table, models=seen.models, settings=settings)
    n = len(found.clustered.label)
    number = numbered(found.groups)
    stands = representatives(number[:n], truth.incident[:n])
    of = pl.Series(truth.incident).replace_strict(stands, default=NONE, return_dtype=pl.Int64)
    rows = seen.table.select("sensor", "tier", report=pl.int_range(pl.len()), of=of)
    none = chances.table.filter(pl.col("incident") == NONE)
    silent = rows.join(none, on="report", how="anti").select(
        "report", incident=pl.lit(NONE, pl.Int64), p=pl.lit(0.0)
    )
    pairs = pl.concat([chances.table, silent]).join(rows, on="report").sort("report", "incident")
    pairs = pairs.with_columns(hit=pl.col("incident") == pl.col("of"), trial=pl.lit(seed))
    return pairs, _real(chances.real_p, number, truth.incident, of.to_numpy(), n)


def _real(real_p: Floats, number: Ints, true: Ints, of: Ints, n: int) -> pl.DataFrame:
    """Return whether each fused incident happened.

    A precise one did when any member is of a true incident; an imprecise report alone when it is of
    a true incident that no precise group represents.
    """
    happened = true >= 0
    happened[n:] &= of[n:] == NONE
    hit = np.bincount(number, happened, len(real_p)) > 0
    return pl.DataFrame({"p": real_p, "hit": hit})


def _by_sensor(pairs: pl.DataFrame, rng: np.random.Generator) -> dict[str, Figure]:
    """Return the Brier skill of each sensor's reports: of pairs, and of top choices alone.

    That of top choices is the harder one: they differ little, so the base rate is a good guess.
    """
    metrics: dict[str, Figure] = {}
    for name in pairs["sensor"].unique().sort().to_list():
        cases = kinds(pairs.filter(pl.col("sensor") == name))
        metrics[f"skill_{name}"] = skill_figure(*cases["pairs"], rng=rng)
        metrics[f"skill_top_{name}"] = skill_figure(*cases["top"], rng=rng)
    return metrics


def _sharpness(cases: Cases) -> dict[str, Figure]:
    names = ("top_p_mean", "top_p_sd", "top_p_share_above_90")
    return {name: _plain(v) for name, v in zip(names, sharpness(cases.p), strict=True)}


def _plain(value_p: float) -> Figure:
    return {"value": value_p, "low": None, "high": None}


def _listed(cases: Cases) -> list[dict[str, float]]:
    return [
        {"predicted": d.predicted_p, "observed": d.observed_p, "n": d.n} for d in deciles(*cases)
    ]


def _musts(metrics: dict[str, Figure]) -> list[Must]:
    """Return what is promised: of all reports; the two tiers apart are printed and not judged."""
    whole = [name for name in metrics if not name.endswith("precise")]
    rules = [f"{name} <= {ERROR_MAX}" for name in whole if name.startswith("ece_")]
    rules += [f"{name} <= {DECILE_MAX}" for name in whole if name.startswith("worst_decile_")]
    rules += [f"{name} > 0" for name in metrics if name.startswith("skill_")]
    return [must(rule, metrics) for rule in rules]
