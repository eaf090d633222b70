"""Nodes of the search: where a source could be, and which channels would hear it when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.fuse.arrivals.picks import PHASES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.settings import ArrivalSettings

NODES_MAX = 1 << 18  # the score of every node and bin of a chunk is held at once


class Grid(NamedTuple):
    """Nodes in rows of equal `north` count, and the channels in reach of each.

    Links of node n are rows start[n] to start[n + 1] of the columns below; channels ascend.
    """

    place_km: NDArray[np.float64]  # (node, 2), north runs fastest
    north: int  # nodes of one column
    start: NDArray[np.int64]  # (node + 1,)
    channel: NDArray[np.int64]  # (link,)
    distance_km: NDArray[np.float64]  # (link,)
    bins: NDArray[np.float32]  # (link,) travel time, in bins


def grid(place_km: NDArray[np.float64], settings: ArrivalSettings) -> Grid:
    """Return evenly spaced nodes over the stations' bounding box and its margin.

    Args:
        place_km: (n, 2) places of the stations.
        settings: Node distance, margin, cut-off, speeds, bin.

    Raises:
        BadInput: The network is too wide for its node distance.
    """
    low, high = place_km.min(axis=0) - settings.margin_km, place_km.max(axis=0) + settings.margin_km
    many = np.maximum(np.ceil((high - low) / settings.node_km), 1)
    if many.prod() > NODES_MAX:
        problem = f"needs {many.prod():.0f} nodes {settings.node_km} km apart, at most {NODES_MAX}"
        raise BadInput("network", problem)
    east, north = (
        low[i] + (np.arange(int(many[i])) + 0.5) * (high[i] - low[i]) / many[i] for i in (0, 1)
    )
    nodes = np.stack(np.meshgrid(east, north, indexing="ij"), axis=-1).reshape(-1, 2)
    east_km, north_km = (nodes[:, None] - place_km[None]).transpose(2, 0, 1)
    away_km = np.hypot(east_km, north_km)
    node, station = np.nonzero(away_km <= settings.cutoff_km)
    start = PHASES * np.searchsorted(node, np.arange(len(nodes) + 1))
    channel = (PHASES * station[:, None] + np.arange(PHASES)).ravel()
    distance_km = np.repeat(away_km[node, station], PHASES)
    speed_km_s = np.array([settings.speed_p_km_s, settings.speed_s_km_s])[channel % PHASES]
    bins = (distance_km / speed_km_s / settings.bin_s).astype(np.float32)
    return Grid(nodes, len(north), start, channel, distance_km, bins)
