"""That one channel of a sensor reports a happening at most once, though its other channels may too.

Two cameras may film one blast; one camera does not film it twice. A sensor model says so with
`once_per_channel`. Such reports share no edge, and the clusters that hold them never merge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.groups import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.records.sensor import SensorModel

FREE = -1


def once(reports: pl.DataFrame, models: Mapping[str, SensorModel]) -> NDArray[np.int64]:
    """Return a number for the channel of each report that reports at most once, else `FREE`.

    The number is that of the channel's first row, so it means nothing between two tables.
    """
    bound = [name for name, model in models.items() if model.once_per_channel]
    if not bound or "channel" not in reports.columns:
        return np.full(reports.height, FREE)
    first = pl.col("place").first().over("sensor", "channel")
    number = pl.when(pl.col("sensor").is_in(bound)).then(first).otherwise(FREE)
    placed = reports.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    return placed.select(once=number)["once"].to_numpy()


def same_channel(
    once: NDArray[np.int64], component: NDArray[np.int64], together: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the pairs (k, 2) of rows of one component whose channel reports at most once.

    Args:
        once: As `once` returns it.
        component: Least row of each report's component.
        together: Pairs that an analyst put together; what they say outweighs the rule.
    """
    bound = np.flatnonzero(once != FREE)
    order = bound[np.lexsort((bound, once[bound], component[bound]))]
    starts = np.flatnonzero(
        (np.diff(once[order], prepend=FREE) != 0) | (np.diff(component[order], prepend=-1) != 0)
    )
    sizes = np.diff(np.append(starts, len(order)))
    pairs = [
        np.column_stack([part[side] for side in np.triu_indices(len(part), 1)])
        for part in np.split(order, starts[1:])
        if len(part) > 1
    ]
    if not (sizes > 1).any():
        return np.empty((0, 2), np.int64)
    found = np.concatenate(pairs)
    least = np.arange(len(once))
    connect(least, *np.ascontiguousarray(together.T))
    return np.asarray(found[least[found[:, 0]] != least[found[:, 1]]])
