"""How fast infrasound gets there: the celerity prior, as data.

Celerity is geodesic distance over travel time. It is below the speed of sound because the path
bends up and back: by way of the lower atmosphere, the stratosphere or the thermosphere. Which way a
signal took is not known, so each way is one part of a mixture.

`MIX3` is the prior of every location that is published. The others are there to show how much an
answer hangs on it, never to choose the one that looks best. The page "A prior for infrasound"
writes it down apart from the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats: TypeAlias = NDArray[np.float64]

_STEPS = 4096
"""Of the table; 0.04 m/s each, 250 to the narrowest spread shipped (10 m/s)."""
_SUM_ERROR_P = 1e-9  # shares are written with four digits; their sum in binary is this close to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One way through the atmosphere: a truncated normal of the celerity.

    Attributes:
        east_p: Its share among signals that travel due east.
        west_p: Its share due west; between them it is linear in the westward component.
        mean_km_s: Celerity in the middle, before truncation.
        sd_km_s: Its spread.
    """

    east_p: float
    west_p: float
    mean_km_s: float
    sd_km_s: float

    def shape(self, celerity_km_s: Floats) -> Floats:
        """Return the density up to a factor, of an array of celerities."""
        return np.asarray(np.exp(-0.5 * ((celerity_km_s - self.mean_km_s) / self.sd_km_s) ** 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReciprocalPath:
    """One way through the atmosphere: a truncated normal of the reciprocal celerity.

    Attributes:
        east_p: Its share among signals that travel due east.
        west_p: Its share due west.
        mean_km_s: Celerity whose reciprocal is the middle.
        sd_s_per_km: Spread of the reciprocal.
    """

    east_p: float
    west_p: float
    mean_km_s: float
    sd_s_per_km: float

    def shape(self, celerity_km_s: Floats) -> Floats:
        """Return the density of the celerity up to a factor: 1 / c^2 is the change of variable."""
        z = (1 / celerity_km_s - 1 / self.mean_km_s) / self.sd_s_per_km
        return np.asarray(np.exp(-0.5 * z**2) / celerity_km_s**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CelerityPrior:
    """What is believed of the celerity of a signal before its arrival is looked at.

    Attributes:
        name: Short name, printed with every location made under it.
        source: Where its numbers are from.
        paths: Parts of the mixture; each is truncated, normalised, then weighted by its share.
        low_km_s: Celerities below have probability 0.
        high_km_s: And above.

    Raises:
        BadInput: Bounds out of order, a spread that is not positive, or shares that do not sum
            to 1.
    """

    name: str
    source: str
    paths: tuple[Path | ReciprocalPath, ...]
    low_km_s: float = 0.20
    high_km_s: float = 0.36

    def __post_init__(self) -> None:  # noqa: D105
        where = f"celerity prior {self.name}"
        for problem in self._problems():
            raise BadInput(where, problem)

    def _problems(self) -> Iterator[str]:
        if not 0 < self.low_km_s < self.high_km_s < np.inf:
            yield f"bounds are {self.low_km_s} and {self.high_km_s} km/s, must be 0 < low < high"
        for path in self.paths:
            spread = path.sd_km_s if isinstance(path, Path) else path.sd_s_per_km
            if not (0 < spread < np.inf and path.mean_km_s > 0):
                yield f"a path is {path}, mean and spread must be positive and finite"
        for side in ("east_p", "west_p"):
            shares = [getattr(path, side) for path in self.paths]
            if not (all(s >= 0 for s in shares) and abs(sum(shares) - 1) < _SUM_ERROR_P):
                yield f"shares {side} are {shares}, must be 0 or more and sum to 1"


class Moments(NamedTuple):
    """A prior as the kernels use it, on equal steps of celerity from `low_km_s` to `high_km_s`.

    Attributes:
        low_km_s: Where the table starts.
        high_km_s: Where it ends.
        share: Probability of a celerity up to each step, [step, 0 due east or 1 due west].
        moment: The same integral of celerity times density, in km/s.
    """

    low_km_s: float
    high_km_s: float
    share: Floats
    moment: Floats


@lru_cache(maxsize=16)
def tabulate(prior: CelerityPrior) -> Moments:
    """Return the prior's cumulative integrals, by the midpoint rule in each step."""
    edges = np.linspace(prior.low_km_s, prior.high_km_s, _STEPS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    mass = np.zeros((_STEPS, 2))
    for path in prior.paths:
        shape = path.shape(middle)
        mass += np.outer(shape / shape.sum(), (path.east_p, path.west_p))
    start = np.zeros((1, 2))
    share = np.vstack([start, np.cumsum(mass, axis=0)])
    moment = np.vstack([start, np.cumsum(mass * middle[:, np.newaxis], axis=0)])
    return Moments(prior.low_km_s, prior.high_km_s, share, moment)


@njit(cache=True)
def _upto(moment, step, west_p):  # type: ignore[no-untyped-def]
    """Return the moment up to a step, whole or not; `west_p` is 0 due east, 1 due west."""
    last = len(moment) - 1
    if step <= 0:
        return 0.0
    if step >= last:
        return moment[last, 0] + west_p * (moment[last, 1] - moment[last, 0])
    i = int(step)
    f = step - i
    east = moment[i, 0] + f * (moment[i + 1, 0] - moment[i, 0])
    west = moment[i, 1] + f * (moment[i + 1, 1] - moment[i, 1])
    return east + west_p * (west - east)


@njit(cache=True)
def arrival_density(moments, ring, travel_s, west_p):  # type: ignore[no-untyped-def]
    """Return p(arrival | origin) in 1/s, averaged over ranges from `ring[0]` to `ring[1]` km.

    At one range r it is p(c) c^2 / r with c = r / travel: the Jacobian belongs to it, for the
    prior is of celerity and the measurement is of time. The mean over ranges is a difference of
    `moment`, exact up to the table's step.
    """
    per_km_s = (len(moments.moment) - 1) / (moments.high_km_s - moments.low_km_s)
    per_km = per_km_s / travel_s
    start = moments.low_km_s * per_km_s
    near = _upto(moments.moment, ring[0] * per_km - start, west_p)
    far = _upto(moments.moment, ring[1] * per_km - start, west_p)
    return (far - near) / (ring[1] - ring[0])


MIX3 = CelerityPrior(
    name="mix3",
    source="equal thirds of the three ways; general knowledge, fitted to no recording",
    paths=(
        Path(east_p=1 / 3, west_p=1 / 3, mean_km_s=0.335, sd_km_s=0.010),  # troposphere
        Path(east_p=1 / 3, west_p=1 / 3, mean_km_s=0.295, sd_km_s=0.012),  # stratosphere
        Path(east_p=1 / 3, west_p=1 / 3, mean_km_s=0.250, sd_km_s=0.025),  # thermosphere
    ),
)

FLAT = CelerityPrior(
    name="flat",
    source="nothing preferred between 0.22 and 0.34 km/s; a normal so wide that it is level",
    paths=(Path(east_p=1.0, west_p=1.0, mean_km_s=0.28, sd_km_s=100.0),),
    low_km_s=0.22,
    high_km_s=0.34,
)

CANON = CelerityPrior(
    name="canon",
    source="published constants of InfraPy's range likelihood (MIT licence), cut to 0.20-0.36 km/s",
    paths=(
        ReciprocalPath(east_p=0.0539, west_p=0.0539, mean_km_s=0.327, sd_s_per_km=0.066),
        ReciprocalPath(east_p=0.0899, west_p=0.0899, mean_km_s=0.293, sd_s_per_km=0.08),
        ReciprocalPath(east_p=0.8562, west_p=0.8562, mean_km_s=0.26, sd_s_per_km=0.33),
    ),
)

SEASON = CelerityPrior(
    name="season",
    source="mix3 in a northern summer at middle latitudes: the stratospheric wind blows west",
    paths=(
        Path(east_p=0.15, west_p=0.15, mean_km_s=0.335, sd_km_s=0.010),
        Path(east_p=0.15, west_p=0.65, mean_km_s=0.295, sd_km_s=0.012),
        Path(east_p=0.70, west_p=0.20, mean_km_s=0.250, sd_km_s=0.025),
    ),
)
