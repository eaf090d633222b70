"""How well anybody could group the reports of a trial: two references that know more than fusion.

One knows the incidents themselves, which nobody can know from reports; its distance to the other
is the price of not knowing. The other knows what the model needs and a mission never has: the true
density of incidents at every place and time. It searches longer, too. It estimates the best that
can be expected of anybody who sees reports alone; a Monte Carlo estimate, and no proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from scipy.spatial import cKDTree

from trucewatch.evaluate.consensus import consensus
from trucewatch.fuse.edges import Edges, find_edges
from trucewatch.fuse.groups import bounded
from trucewatch.fuse.likelihood import (
    COLUMNS,
    LAMBDA,
    LOG_NORMAL_3D,
    S2,
    U2,
    T,
    X,
    Y,
    terms,
    weigh_alone,
)
from trucewatch.fuse.merge import merge
from trucewatch.fuse.sample import sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from trucewatch.fuse.likelihood import Terms
    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

GATE = 3.5  # as fusion's default
THETA = -1.0  # pairs that alone would not join may still join in threes
SWEEPS = 12  # more raised the weight of the grouping and not its score, on tuning seeds
SAMPLES = 150
NEAR = 24  # incidents that are weighed for each report; beyond these none was ever likeliest
MEMBERS_MAX = 256  # as fusion's default
US_PER_DAY = 86_400_000_000
_S_PER_DAY = 86_400.0
_M_PER_KM = 1000.0


class Precise(NamedTuple):
    """The precise reports of a trial, as fusion weighs them.

    Attributes:
        matrix: Columns of `fuse.likelihood`, canonical order.
        sensor: Row of each report's sensor in `terms` and `models`.
        terms: The sensors' terms.
        models: The declared models, in that order.
    """

    matrix: NDArray[np.float64]
    sensor: NDArray[np.int64]
    terms: Terms
    models: Sequence[SensorModel]


class Effort(NamedTuple):
    """How long the reference searches: annealed sweeps, then samples."""

    sweeps: int = SWEEPS
    samples: int = SAMPLES


class Informed(NamedTuple):
    """What knowing the true density gives, as the least row of each report's group.

    Attributes:
        likeliest: The grouping of the greatest weight that was seen.
        expected: The grouping of the best expected B-cubed score.
    """

    likeliest: NDArray[np.int64]
    expected: NDArray[np.int64]


class _Gate(NamedTuple):
    """What `find_edges` reads of a mission's settings; those refuse a theta below 0."""

    gate: float
    theta: float


def precise(table: pl.DataFrame, models: Mapping[str, SensorModel]) -> Precise:
    """Return precise reports as fusion weighs them; the density is left at 0.

    Args:
        table: `dedup_key` order and columns of `simulate.trials.reports.Reports.table`.
        models: Declared model of each sensor that takes part, whether or not it reported.
    """
    names = sorted(models)
    columns = (X, "x_m", _M_PER_KM), (Y, "y_m", _M_PER_KM), (T, "middle_us", US_PER_DAY)
    squares = (S2, "s2_m2", _M_PER_KM**2), (U2, "u2_s2", _S_PER_DAY**2)
    matrix = np.zeros((table.height, COLUMNS))
    for column, name, unit in (*columns, *squares):
        matrix[:, column] = table[name].to_numpy() / unit
    return Precise(
        matrix,
        np.searchsorted(np.array(names), table["sensor"].to_numpy()),
        terms(models, names, members_max=MEMBERS_MAX),
        [models[name] for name in names],
    )


def known_incidents(precise: Precise, place: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the likeliest true incident of each report, given that all incidents are known.

    Each report is judged alone: density of reports that an incident sends there, against the
    density of the sensor's false alarms.

    Args:
        precise: The reports.
        place: True incidents, (m, 3): x and y in km, time in days since 1970.

    Returns:
        Row in `place` of each report's incident; m + its own row for a false alarm.
    """
    found = np.empty(len(precise.matrix), np.int64)
    for k, model in enumerate(precise.models):
        rows = np.flatnonzero(precise.sensor == k)
        if len(rows):
            found[rows] = _likeliest(precise.matrix[rows], place, model)
    false = found < 0
    found[false] = len(place) + np.flatnonzero(false)
    return found


def _likeliest(
    reports: NDArray[np.float64], place: NDArray[np.float64], model: SensorModel
) -> NDArray[np.int64]:
    """Return the row in `place` for reports of one sensor, or -1 for a false alarm."""
    scale = np.sqrt(np.median(reports[:, [S2, S2, U2]], axis=0))
    at = reports[:, [X, Y, T]]
    nearest = range(1, min(NEAR, len(place)) + 1)
    near = np.asarray(cKDTree(place / scale).query(at / scale, k=nearest)[1], np.int64)
    away = (at[:, None, :] - place[near]) ** 2 / reports[:, None, [S2, S2, U2]]
    spread_log = np.log(reports[:, S2] * np.sqrt(reports[:, U2]))
    expected = model.detection_p * (1 + model.repeats_mean)
    density_log = LOG_NORMAL_3D - 0.5 * away.sum(axis=2) - spread_log[:, None] + np.log(expected)
    best = density_log.argmax(axis=1)
    row = np.arange(len(reports))
    false = np.exp(density_log[row, best]) < model.false_alarms_per_km2_day
    return np.where(false, -1, near[row, best])


def known_density(
    precise: Precise,
    log_density: NDArray[np.float64],
    *,
    seed: int,
    effort: Effort = Effort(),  # noqa: B008 - immutable
) -> Informed:
    """Return what the same model makes of the reports when it is told the true density.

    Edges down to theta -1, best-first merging, an annealed search by Gibbs sampling, then samples
    of groupings for the chance of each pair.

    Args:
        precise: The reports; the density that they hold is not used.
        log_density: True log incidents per km2 and day at each report, (n,).
        seed: Of the sampler.
        effort: How long it searches.
    """
    matrix = precise.matrix.copy()
    matrix[:, LAMBDA] = log_density
    weigh_alone(matrix, precise.sensor, precise.terms)
    settings = cast("FusionSettings", _Gate(GATE, THETA))
    edges = find_edges(matrix, precise.sensor, precise.terms, settings)
    component = bounded(len(matrix), edges, MEMBERS_MAX)
    edges = _inside(edges, component)
    label = merge(matrix, precise.sensor, edges, component, precise.terms)
    seeds = np.random.default_rng([seed, 7]).integers(0, 2**63, len(matrix), dtype=np.uint64)
    drawn = sample(
        matrix,
        precise.sensor,
        (label, edges, component),
        precise.terms,
        seeds=seeds,
        sweeps=effort.sweeps,
        samples=effort.samples,
    )
    return Informed(drawn.label, consensus(drawn.label, edges, component, drawn.pair_p))


def _inside(edges: Edges, component: NDArray[np.int64]) -> Edges:
    kept = component[edges.low] == component[edges.high]
    return Edges(edges.low[kept], edges.high[kept], edges.evidence[kept])
