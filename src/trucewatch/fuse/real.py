"""How real each precise incident is when reports of one look count once.

Two pixels of one overpass share their faults: what makes one a false alarm makes the other one too.
So each look speaks by its first report, for the incident and for the false alarm alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.associate import Association, Clustered, real_p_of
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.groups import grouped
from trucewatch.fuse.looks import looks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.records.sensor import SensorModel

_US_PER_S = 1_000_000


def look_by_look(
    found: Association, precise: pl.DataFrame, models: Mapping[str, SensorModel]
) -> Association:
    """Return the association with `real_p` of the first report of each look alone.

    Args:
        found: Of `precise`.
        precise: The precise reports with `sensor`, `channel` and `middle_us`, canonical order.
        models: For the gaps between looks.
    """
    first = _first_of_looks(found.clustered.label, precise, models)
    if first.all():
        return found
    rows = np.flatnonzero(first)
    return replace(
        found,
        real_p=real_p_of(
            found.matrix[rows], found.sensor[rows], _thinned(found.clustered, rows), found.terms
        ),
    )


def part_of(found: Association, rows: NDArray[np.int64]) -> Association:
    """Return the association of some precise reports: all of their incidents, and no other."""
    clustered = _thinned(found.clustered, rows)
    heads = rows[clustered.label == np.arange(len(rows))]
    every = np.flatnonzero(found.clustered.label == np.arange(len(found.clustered.label)))
    return replace(
        found,
        groups=grouped(clustered.label),
        real_p=found.real_p[np.searchsorted(every, heads)],
        clustered=clustered,
        matrix=found.matrix[rows],
        sensor=found.sensor[rows],
    )


def _first_of_looks(
    label: NDArray[np.int64], precise: pl.DataFrame, models: Mapping[str, SensorModel]
) -> NDArray[np.bool_]:
    """Return whether each report is the first of its look in its incident."""
    gap_us = {n: round(m.channel_gap_s * _US_PER_S) for n, m in models.items()}
    who = precise.select(pl.struct("sensor", "channel").rank("dense").cast(pl.Int64))
    group = np.searchsorted(np.unique(label), label)
    seen = looks(
        group,
        who.to_series().to_numpy(),
        precise["middle_us"].to_numpy(),
        precise["sensor"].replace_strict(gap_us, return_dtype=pl.Int64).to_numpy(),
    )
    first = np.zeros(len(label), bool)
    first[np.unique(seen.look, return_index=True)[1]] = True
    return first


def _thinned(clustered: Clustered, rows: NDArray[np.int64]) -> Clustered:
    """Return the grouping of some rows, which hold the least row of every group."""
    place = np.full(len(clustered.label), -1)
    place[rows] = np.arange(len(rows))
    low, high, evidence = clustered.edges
    kept = (place[low] >= 0) & (place[high] >= 0)
    return Clustered(
        place[clustered.label[rows]],
        Edges(place[low[kept]], place[high[kept]], evidence[kept]),
        clustered.component[rows],
    )
