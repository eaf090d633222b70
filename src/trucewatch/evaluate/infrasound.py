"""How good infrasound locations are: on one detonation with known truth, and on simulated sources.

The detonation was at the Utah Test and Training Range (UTTR) on 2 June 2004. Its truth was known
when the celerity prior was written, so it is an anchor and no blind test. Coverage is measured on
the same three arrays, with sources, celerities and bearings drawn at random: from the prior that
locates, and from others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from pyproj import Geod
from scipy.stats import binom

from trucewatch.errors import BadInput
from trucewatch.evaluate.figures import Measured, must, of_share
from trucewatch.evaluate.share import exact_share
from trucewatch.fuse.locate.bearing import STRAY_P, ArrayDetection, Floats, sightlines
from trucewatch.fuse.locate.celerity import CANON, FLAT, MIX3, SEASON, CelerityPrior, tabulate
from trucewatch.fuse.locate.grid import BEARING_SIGMA_DEG, locate_by_celerity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.evaluate.figures import Figure
    from trucewatch.fuse.locate.grid import GridPosterior

Group: TypeAlias = tuple[ArrayDetection, ...]

UTTR_LAT_DEG = 41.131
"""Latitude of the detonation; it, the longitude and the time are stated with the detections."""
UTTR_LON_DEG = -112.896
UTTR_TIME = datetime(2004, 6, 2, 17, 23, 4, tzinfo=UTC)

LEVEL_P = 0.9
UTTR_AREA_MAX_KM2 = 14_750.0
"""What InfraPy gave for these detections at 90 %, in one run with its defaults; an ellipse."""
_TRIALS = 400
_TRIALS_QUICK = 40
_TRIAL_CELLS = 100  # of the region; coverage does not hang on it, and trials are quick
_AROUND_KM = 250.0  # simulated sources lie so near to the detonation
_SIGMAS_DEG = (3.0, 5.0, 7.0)
_EARTH = Geod(ellps="WGS84")
_FIELDS = 6
_TURN_DEG = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What simulated signals are drawn from; `MIX3` and 5 degrees is what locations assume.

    Attributes:
        name: Part of the metrics' names.
        prior: Of their celerities.
        bearing_sigma_deg: Spread of their bearings; 2 % say nothing, as locations assume.
    """

    name: str
    prior: CelerityPrior
    bearing_sigma_deg: float = BEARING_SIGMA_DEG


OWN = World(name="mix3", prior=MIX3)
OTHERS = (
    World(name="flat", prior=FLAT),
    World(name="canon", prior=CANON),
    World(name="season", prior=SEASON),
)
BESIDE = (
    World(name="mix3_bearings_3_deg", prior=MIX3, bearing_sigma_deg=3.0),
    World(name="mix3_bearings_7_deg", prior=MIX3, bearing_sigma_deg=7.0),
)


def read_groups(text: str, *, where: str = "detections") -> tuple[Group, ...]:
    """Return the groups of detections of an InfraPy `.dat` text; an empty line ends a group.

    A line holds latitude, longitude, UTC time, back-azimuth (-180 to 360 degrees), F-statistic and
    number of elements; `#` starts a remark. The last two are checked and left out.

    Raises:
        BadInput: A line does not, or there is none.
    """
    groups: list[list[ArrayDetection]] = [[]]
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        if line.strip():
            groups[-1].append(_detection(line.split(), f"{where}:{number}"))
        elif groups[-1]:
            groups.append([])
    if not groups[0]:
        raise BadInput(where, "has no detection, expected at least 1")
    return tuple(tuple(group) for group in groups if group)


def _detection(fields: list[str], where: str) -> ArrayDetection:
    if len(fields) != _FIELDS:
        raise BadInput(where, f"has {len(fields)} fields, expected {_FIELDS}")
    lat_deg, lon_deg, bearing_deg, _, _ = (
        _number(fields[i], name, where)
        for i, name in (
            (0, "latitude"),
            (1, "longitude"),
            (3, "back-azimuth"),
            (4, "F-statistic"),
            (5, "number of elements"),
        )
    )
    if not -_TURN_DEG / 2 <= bearing_deg <= _TURN_DEG:
        raise BadInput(where, f"back-azimuth is {bearing_deg}, must be -180 to 360")
    time = _time(fields[2], where)
    try:
        return ArrayDetection(
            time=time, lat_deg=lat_deg, lon_deg=lon_deg, bearing_deg=bearing_deg % _TURN_DEG
        )
    except BadInput as error:
        raise BadInput(where, error.problem) from error


def _time(field: str, where: str) -> datetime:
    expected = "must be UTC as 2004-06-02T17:42:14.0"
    try:
        time = datetime.fromisoformat(field)
    except ValueError as error:
        raise BadInput(where, f"time is {field!r}, {expected}") from error
    if time.tzinfo is not None:
        raise BadInput(where, f"time is {field!r}, {expected}")
    return time.replace(tzinfo=UTC)


def _number(field: str, name: str, where: str) -> float:
    try:
        value = float(field)
    except ValueError as error:
        raise BadInput(where, f"{name} is {field!r}, must be a number") from error
    if not math.isfinite(value):
        raise BadInput(where, f"{name} is {field!r}, must be finite")
    return value


def measure(*, seed: int, text: str, quick: bool = False) -> Measured:
    """Return areas, levels and coverages with their intervals, and which bounds hold.

    Args:
        seed: Of the simulated sources.
        text: InfraPy's detections; its first group is the detonation.
        quick: 40 simulated sources for each world, in place of 400.
    """
    group = read_groups(text)[0]
    metrics = dict(_of_uttr(group))
    rng = np.random.default_rng(seed)
    for world in (OWN, *OTHERS, *BESIDE):
        metrics |= _coverage(rng, group, world, _TRIALS_QUICK if quick else _TRIALS)
    return {
        "name": "infrasound",
        "seed": seed,
        "note": "Located with mix3 and 5 degrees unless a name says otherwise. The truth of the"
        " detonation was known when the prior was written.",
        "metrics": metrics,
        "must": [must(rule, metrics) for rule in _musts()],
    }


def _musts() -> Iterator[str]:
    yield f"uttr_level_mix3_5_deg <= {LEVEL_P}"
    yield "uttr_time_inside_mix3_5_deg >= 1"
    yield f"uttr_area_km2_mix3_5_deg <= {UTTR_AREA_MAX_KM2}"
    yield f"coverage_{OWN.name} >= 0.85"
    yield f"coverage_{OWN.name} <= 0.95"
    for world in OTHERS:
        yield f"coverage_{world.name} >= 0.80"


def _of_uttr(group: Group) -> Iterator[tuple[str, Figure]]:
    """Yield what is known of the detonation under each prior and spread of bearings."""
    for prior in (MIX3, FLAT, CANON, SEASON):
        for sigma_deg in _SIGMAS_DEG:
            found = locate_by_celerity(group, prior=prior, bearing_sigma_deg=sigma_deg)
            of = f"{prior.name}_{sigma_deg:.0f}_deg"
            yield f"uttr_area_km2_{of}", _exact(found.area_km2(LEVEL_P))
            yield f"uttr_level_{of}", _exact(found.level_p(UTTR_LAT_DEG, UTTR_LON_DEG))
            yield f"uttr_time_inside_{of}", _exact(_tells_time(found, UTTR_TIME))
            yield f"uttr_error_km_{of}", _exact(_error_km(found))


def _exact(value: bool | float) -> Figure:  # noqa: FBT001 - a number of any unit
    """Return a number that hangs on no chance."""
    return {"value": float(value), "low": float(value), "high": float(value)}


def _tells_time(found: GridPosterior, time: datetime) -> bool:
    interval = found.origin_time(LEVEL_P)
    return interval.since <= time <= interval.until


def _error_km(found: GridPosterior) -> float:
    ends = (found.mean_lon_deg, found.mean_lat_deg, UTTR_LON_DEG, UTTR_LAT_DEG)
    return float(_EARTH.inv(*ends)[2]) / 1e3


def _coverage(
    rng: np.random.Generator, group: Group, world: World, trials: int
) -> dict[str, Figure]:
    """Return how often region and interval hold the truth, with exact binomial intervals."""
    placed = timed = 0
    areas_km2 = np.empty(trials)
    for trial in range(trials):
        lat_deg, lon_deg, signals = heard(rng, group, world)
        found = locate_by_celerity(signals, region_cells=_TRIAL_CELLS)
        placed += found.level_p(lat_deg, lon_deg) < LEVEL_P
        timed += _tells_time(found, UTTR_TIME)
        areas_km2[trial] = found.area_km2(LEVEL_P)
    return {
        f"coverage_{world.name}": of_share(exact_share(placed, trials)),
        f"time_coverage_{world.name}": of_share(exact_share(timed, trials)),
        f"area_km2_{world.name}": _median(areas_km2),
    }


def _median(values: Floats) -> Figure:
    """Return the median; its interval ends at two ranks, by the binomial distribution."""
    ranked = np.sort(values)
    low, high = (ranked[int(binom.ppf(p, len(values), 0.5))] for p in (0.025, 0.975))
    return {"value": float(np.median(values)), "low": float(low), "high": float(high)}


def heard(
    rng: np.random.Generator, arrays: Sequence[ArrayDetection], world: World
) -> tuple[float, float, Group]:
    """Return latitude and longitude of a simulated source near UTTR, and what the arrays hear.

    Places are uniform in area within 250 km; the origin time is the detonation's.
    """
    away_m = _AROUND_KM * 1e3 * math.sqrt(rng.random())
    lon_deg, lat_deg, _ = _EARTH.fwd(UTTR_LON_DEG, UTTR_LAT_DEG, rng.random() * _TURN_DEG, away_m)
    places = [(d.lat_deg, d.lon_deg) for d in arrays]
    lines = sightlines(np.array([lat_deg]), np.array([lon_deg]), places)
    table = tabulate(world.prior)
    steps = np.linspace(table.low_km_s, table.high_km_s, len(table.share))
    signals = []
    for array, range_km, bearing_deg, west in zip(
        arrays, *(line[0] for line in lines), strict=True
    ):
        before = table.share @ (1 - west, west)
        celerity_km_s = float(np.interp(rng.random(), before, steps))
        off_deg = world.bearing_sigma_deg * rng.normal()
        if rng.random() < STRAY_P:
            off_deg = rng.random() * _TURN_DEG
        signals.append(
            ArrayDetection(
                time=UTTR_TIME + timedelta(seconds=float(range_km) / celerity_km_s),
                lat_deg=array.lat_deg,
                lon_deg=array.lon_deg,
                bearing_deg=float(bearing_deg + off_deg) % _TURN_DEG,
            )
        )
    return float(lat_deg), float(lon_deg), tuple(signals)
