"""Records of arrivals: picks and stations that come in, sources that go out.

Everything lies in one local plane; heights are left out, so a source is on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHASES = 2
STATIONS_MAX = 4096  # above it the packed scores of the stack would lose their precision

_PLANE = 2  # coordinates of a place


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Stations in a local plane.

    Attributes:
        place_km: (n, 2) east and north of each station, at least one station.
    """

    place_km: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse a network that cannot be searched.

        Raises:
            BadInput: Wrong shape, no station, too many, or a coordinate that is not finite.
        """
        shape = self.place_km.shape
        if len(shape) != _PLANE or shape[1] != _PLANE:
            raise BadInput("network", f"shape of the places is {shape}, must be (n, 2)")
        if not 1 <= shape[0] <= STATIONS_MAX:
            raise BadInput("network", f"has {shape[0]} stations, must be 1 to {STATIONS_MAX}")
        bad = np.flatnonzero(~np.isfinite(self.place_km).all(axis=1))
        if len(bad):
            place = self.place_km[bad[0]].tolist()
            where = f"network: station {bad[0]}"
            raise BadInput(where, f"place is {place}, must be finite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """Picks, in any order.

    Attributes:
        station: (n,) row of each pick's station in the network.
        phase: (n,) 0 for the first, fast wave (P), 1 for the second, slow one (S).
        time_s: (n,) seconds since any moment, the same for all.
    """

    station: NDArray[np.int32]
    phase: NDArray[np.int8]
    time_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Sources, by time, and what each pick is of.

    Attributes:
        place_km: (m, 2) place of each source in the network's plane.
        time_s: (m,) its origin time, in the picks' time.
        reach_km: (m,) distance at which half of the detections are left.
        log_ratio: (m,) log likelihood ratio of the source against clutter, less what swarms of
            picks and pulses over the network explain.
        picks: (m,) number of its distinct picks.
        owner: (n,) source of each pick, in the order given, or -1. A copy of a pick is of the
            same source as the pick.
        residual_s: (n,) time of each pick minus its predicted time; NaN without a source.
    """

    place_km: NDArray[np.float64]
    time_s: NDArray[np.float64]
    reach_km: NDArray[np.float64]
    log_ratio: NDArray[np.float64]
    picks: NDArray[np.int64]
    owner: NDArray[np.int64]
    residual_s: NDArray[np.float64]


class Tidy(NamedTuple):
    """Distinct picks in canonical order: by time, then station, then phase."""

    channel: NDArray[np.int64]  # (k,) 2 * station + phase
    time_s: NDArray[np.float64]  # (k,) since the first pick
    start_s: float  # time of the first pick
    row: NDArray[np.int64]  # (n,) where each given pick went; copies share a row


def tidy(picks: Picks, network: Network) -> Tidy:
    """Return distinct picks in an order that depends on their content alone.

    Args:
        picks: As given.
        network: The stations that they name.

    Raises:
        BadInput: Columns differ in length or type, a station is unknown, a phase is neither 0
            nor 1, or a time is not finite.
    """
    station, phase, time_s = picks.station, picks.phase, picks.time_s
    if not station.shape == phase.shape == time_s.shape == (len(time_s),):
        shapes = f"{station.shape}, {phase.shape} and {time_s.shape}"
        raise BadInput("picks", f"station, phase and time_s are {shapes}, must be (n,) each")
    for name, column in (("station", station), ("phase", phase)):
        if column.dtype.kind not in "iu":
            raise BadInput("picks", f"{name} is of type {column.dtype}, must be integers")
    _within("station", station, len(network.place_km))
    _within("phase", phase, PHASES)
    bad = np.flatnonzero(~np.isfinite(time_s))
    if len(bad):
        where = f"picks: row {bad[0]}"
        raise BadInput(where, f"time is {time_s[bad[0]]}, must be finite")
    channel = station.astype(np.int64) * PHASES + phase
    order = np.lexsort((channel, time_s))
    channel, sorted_s = channel[order], time_s[order].astype(np.float64)
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(sorted_s) > 0) | (np.diff(channel) != 0)
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(new) - 1
    start_s = float(sorted_s[0]) if len(sorted_s) else 0.0
    return Tidy(channel[new], sorted_s[new] - start_s, start_s, row)


def _within(name: str, column: NDArray[np.integer], count: int) -> None:
    bad = np.flatnonzero((column < 0) | (column >= count))
    if len(bad):
        problem = f"{name} is {column[bad[0]]}, must be 0 to {count - 1}"
        where = f"picks: row {bad[0]}"
        raise BadInput(where, problem)
