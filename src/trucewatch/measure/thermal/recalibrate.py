"""Tail chances set right: of cell-days that are ordinary, a share p has a p-value below p.

A negative binomial comes near; what is left is taken out by a monotone map, one for each class of
expected count, from years that the mean has not seen. Counts are whole numbers, so the p-value of a
cell-day is spread evenly between the chance of more and the chance of at least as much. Shares
follow from these ends without drawing anything.

Source: Czado, Gneiting and Held 2009 (nonrandomised probability integral transform).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.measure.thermal.dispersion import LEAST_P, quiet_expected, tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.thermal.dispersion import Outcomes, Spread

    Floats = NDArray[np.float64]

CLASSES = (0.005, 0.05, 0.5)
"""Expected counts between quiet, usual, lively and busy cell-days. From .5 on a few exceptional
seasons make the tail, and five years do not show enough of them: busy ones are told apart."""
BUSY = CLASSES[-1]
_LEVELS = np.unique(np.concatenate([np.linspace(0.02, 1, 40), np.geomspace(1e-6, 0.02, 120)]))[::-1]
_RAW = np.geomspace(1e-12, 1, 600)  # chances before the map at which shares are taken
_BEYOND = 5  # cell-days below a level that make the level known well enough to be a knot
_SLOPE_OVER = 10.0  # the map goes on as straight as over the last factor of so much
_LEAST_CASES = 1_000  # cell-days of a class with fewer are left as they are


class Map(NamedTuple):
    """A monotone map of minus log chances; straight between knots and beyond the last.

    Attributes:
        raw: Knots before, ascending, (k,).
        right: Knots after, ascending, (k,).
        slope: Beyond the last knot.
    """

    raw: Floats
    right: Floats
    slope: np.float64


_AS_IS = Map(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.float64(1.0))


def fit_maps(spread: Spread, outcomes: Outcomes) -> tuple[Map, ...]:
    """Return one map for each class of expected count."""
    more, least = tails(spread, outcomes.expected, outcomes.pixels)
    of_fire = np.digitize(outcomes.expected, CLASSES)
    middle = quiet_expected()
    some, _ = tails(spread, middle, np.zeros(len(middle)))
    of_quiet = np.digitize(middle, CLASSES)
    maps = []
    for one in range(len(CLASSES) + 1):
        fire, rest = of_fire == one, of_quiet == one
        number = outcomes.quiet[rest]
        cases = int(fire.sum() + number.sum())
        below = np.array(
            [
                share_below(level, more[fire], least[fire]).sum()
                + number @ share_below(level, some[rest], np.ones(int(rest.sum())))
                for level in _RAW.tolist()
            ]
        )
        maps.append(_map_of(below, cases) if cases >= _LEAST_CASES else _AS_IS)
    return tuple(maps)


def share_below(level_p: float, more: Floats, least: Floats) -> Floats:
    """Return the share of each p-value, spread evenly between its ends, that is below a level."""
    share: Floats = np.clip((level_p - more) / np.maximum(least - more, LEAST_P), 0, 1)
    return share


def _map_of(below: Floats, cases: int) -> Map:
    """Return the map that makes shares right, from how many cell-days are below each of `_RAW`."""
    levels = _LEVELS[_LEVELS * cases >= _BEYOND]
    reached = np.maximum.accumulate(below) / cases
    # chances of which no cell-day is below say nothing; the least that says something ends the map
    start = int(np.argmax(reached > 0))
    log_raw = np.interp(np.log(levels), np.log(reached[start:]), np.log(_RAW[start:]))
    raw, right = np.maximum.accumulate(-log_raw), -np.log(levels)
    raw[0], right[0] = 0.0, 0.0
    keep = np.concatenate([[True], np.diff(raw) > 0])
    raw, right = raw[keep], right[keep]
    near = int(np.searchsorted(right, right[-1] - np.log(_SLOPE_OVER)))
    near = min(near, len(raw) - 2)
    return Map(raw, right, (right[-1] - right[near]) / (raw[-1] - raw[near]))


def right_p(maps: tuple[Map, ...], expected: Floats, raw_p: Floats) -> Floats:
    """Return chances set right, (n,), from chances as of `dispersion.tails`."""
    return _by_class(maps, expected, raw_p, back=False)


def raw_level(maps: tuple[Map, ...], expected: Floats, level_p: float) -> Floats:
    """Return the chance before the map that comes out as a level, (n,)."""
    return _by_class(maps, expected, np.full(len(expected), level_p), back=True)


def _by_class(maps: tuple[Map, ...], expected: Floats, chance: Floats, *, back: bool) -> Floats:
    minus = -np.log(chance)
    found = np.empty_like(minus)
    of = np.digitize(expected, CLASSES)
    for one, rule in enumerate(maps):
        mine = of == one
        x, y = (rule.right, rule.raw) if back else (rule.raw, rule.right)
        slope = 1 / rule.slope if back else rule.slope
        beyond = np.maximum(minus[mine] - x[-1], 0)
        found[mine] = np.interp(minus[mine], x, y) + beyond * slope
    chances: Floats = np.maximum(np.exp(-found), LEAST_P)
    return chances
