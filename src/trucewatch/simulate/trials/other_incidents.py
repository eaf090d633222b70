"""Incidents that set off others along a wandering line, with nights, quiet days and salvos.

A Hawkes process: some incidents come of themselves, and each sets off others, near and soon, with
long tails. A salvo is several impacts within minutes and hundreds of metres, each an incident.

Source: Hawkes 1971; delays after Utsu, Ogata and Matsu'ura 1995. The sizes are invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.simulate.trials.other_setting import stream
from trucewatch.simulate.trials.reports import KIND_P, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.simulate.trials.other_setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_SECTOR_KM, _PERIOD_DAY = 10.0, 5  # activity differs between these
_SECTOR_SHAPE = 0.7  # of the Gamma law of that activity
_BENDS_KM = np.array((83.0, 31.0, 13.0))  # wave lengths of the line
_WANDER_PER_DAY = 0.05  # radian, one-sigma: how fast the bends move along
_QUIET_RATE_P = 0.15  # activity of a quiet day
_DEEP_P = 0.15  # share of first incidents anywhere behind the line
_PEAK_H = np.array((11, 14, 2, 9))  # busiest hour of each kind
_RHYTHM_P = 0.7  # how much busier
_HOURS = 24
_DELAY_DAY = (0.02, 1.2, 4.0)  # of those set off: scale, power, most
_NEAR_KM = (0.7, 1.8, 15.0)  # their distance: scale, power, most
_BROOD_SHAPE = 0.5  # some set off many: Gamma law of the number
_SAME_KIND_P = 0.7  # keep the kind of what set them off
_SALVO_MEAN, _SALVO_DAY = 3.0, 5 / 1440  # further impacts
_SALVO_KM = np.array((0.3, 0.08))  # one-sigma, along and across


def incidents(setting: Setting, n: int, length_km: float) -> tuple[Floats, Ints]:
    """Return about n incidents: x and y in km, time in days (m, 3), and kind (m,).

    Args:
        setting: What to draw.
        n: Mean number.
        length_km: Of the front, along x; y is 0 in its middle.
    """
    place, kind = _salvos(setting, *_hawkes(setting, n, length_km))
    inside = (place[:, 0] >= 0) & (place[:, 0] < length_km)
    inside &= (place[:, 2] >= 0) & (place[:, 2] < setting.span_day)
    return place[inside], kind[inside]


def _line(setting: Setting, x_km: Floats, t_day: Floats) -> Floats:
    """Return where the line lies at x and t, y in km; it bends, and its bends wander."""
    rng = stream(setting, "front")
    phase, drift = rng.random(3) * 2 * np.pi, rng.normal(0, _WANDER_PER_DAY, 3)
    bends = np.sin(2 * np.pi * x_km[:, None] / _BENDS_KM + phase + drift * t_day[:, None])
    line: Floats = bends @ (np.array((0.6, 0.3, 0.1)) * setting.width_km / 6)
    return line


def _first(setting: Setting, n: int, length_km: float) -> tuple[Floats, Ints]:
    """Return the incidents that no other set off: place (n, 3) and kind."""
    rng = stream(setting, "first")
    days, sectors = int(np.ceil(setting.span_day)), int(length_km / _SECTOR_KM) + 1
    active = rng.gamma(_SECTOR_SHAPE, size=(days // _PERIOD_DAY + 1, sectors))
    active = np.repeat(active, _PERIOD_DAY, axis=0)[:days]
    quiet = rng.permutation(days) < round(setting.quiet_p * days)
    active = active * np.where(quiet, _QUIET_RATE_P, 1.0)[:, None]
    day, sector = np.divmod(rng.choice(active.size, n, p=(active / active.sum()).ravel()), sectors)
    kind = rng.choice(len(KINDS), n, p=KIND_P)
    hours = 1 + _RHYTHM_P * np.cos(2 * np.pi * (np.arange(_HOURS) - _PEAK_H[:, None]) / _HOURS)
    until = (hours.cumsum(axis=1) / hours.sum(axis=1)[:, None])[kind]
    t = day + ((until < rng.random((n, 1))).sum(axis=1) + rng.random(n)) / _HOURS
    x = (sector + rng.random(n)) * length_km / sectors
    beside = _line(setting, x, t) + rng.laplace(0, setting.width_km / 25, n)
    deep = (rng.random(n) - 0.5) * setting.width_km
    return np.column_stack((x, np.where(rng.random(n) < _DEEP_P, deep, beside), t)), kind


def _hawkes(setting: Setting, n: int, length_km: float) -> tuple[Floats, Ints]:
    """Return the first incidents and all those that they set off, generation by generation."""
    rng = stream(setting, "hawkes")
    alone = n / (1 + setting.salvo_p * _SALVO_MEAN)
    place, kind = _first(setting, max(1, round(alone * (1 - setting.excited_p))), length_km)
    places, kinds = [place], [kind]
    while len(place):
        brood = rng.gamma(_BROOD_SHAPE, setting.excited_p / _BROOD_SHAPE, len(place))
        parent = np.repeat(np.arange(len(place)), rng.poisson(brood))
        young = len(parent)
        delay, near = _power_law(rng, young, _DELAY_DAY), _power_law(rng, young, _NEAR_KM)
        angle = rng.random(young) * 2 * np.pi
        step = np.column_stack((near * np.cos(angle), near * np.sin(angle), delay))
        place = place[parent] + step
        other = rng.choice(len(KINDS), young, p=KIND_P)
        kind = np.where(rng.random(young) < _SAME_KIND_P, kind[parent], other)
        places.append(place)
        kinds.append(kind)
    return np.concatenate(places), np.concatenate(kinds)


def _power_law(rng: np.random.Generator, n: int, law: tuple[float, float, float]) -> Floats:
    """Return draws of density (x + scale)^-power up to the most; law is scale, power, most."""
    scale, power, most = law
    end = (1 + most / scale) ** (1 - power)
    drawn: Floats = scale * ((1 - rng.random(n) * (1 - end)) ** (1 / (1 - power)) - 1)
    return drawn


def _salvos(setting: Setting, place: Floats, kind: Ints) -> tuple[Floats, Ints]:
    """Return the incidents with the further impacts of salvos, each an incident of its own."""
    rng = stream(setting, "salvos")
    count = np.where(
        rng.random(len(place)) < setting.salvo_p, rng.geometric(1 / _SALVO_MEAN, len(place)), 0
    )
    first = np.repeat(np.arange(len(place)), count)
    angle = (rng.random(len(place)) * np.pi)[first]
    along, across = rng.normal(size=(2, len(first))) * np.array(_SALVO_KM)[:, None]
    step = np.column_stack(
        (
            along * np.cos(angle) - across * np.sin(angle),
            along * np.sin(angle) + across * np.cos(angle),
            rng.exponential(_SALVO_DAY, len(first)),
        )
    )
    return np.concatenate((place, place[first] + step)), np.concatenate((kind, kind[first]))
