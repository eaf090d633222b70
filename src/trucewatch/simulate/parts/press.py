"""What the press says: acts near settlements, with reposts, wrong days, wrong kinds, and rumours.

A report names a settlement and a day, in the letters of a news-derived collection of 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.acts import DAY_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.simulate.parts.ground import Floats, Ground, Ints

LETTERS: Mapping[str, str] = {
    "airstrike": "S",
    "uav_activity": "D",
    "artillery_fire": "A",
    "small_arms_fire": "F",
}
_OTHER = "O"
_CASUALTY = "C"
_HEARD_KM = 30.0  # distance over which the chance of a report falls by e
_NAMED_KM = 6.0  # the same for which settlement a report names
_REPOSTS_MEAN = 0.6
_LATE_P = 0.12  # told on the next day
_WRONG_DAY_P = 0.06
_WRONG_DAYS = np.array([-1, 2, 3])
_WRONG_KIND_P = 0.2
_CASUALTY_P = 0.08
_OUTLETS_P = 0.75  # geometric: three of four reports have one outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """How the press behaves.

    Attributes:
        report_p: Chance that an act in a settlement is reported, by kind.
        rumours_per_day: Mean number of reports with nothing behind them.
        others_per_day: Mean number of reports of another kind, of no act.
    """

    report_p: Mapping[str, float]
    rumours_per_day: float
    others_per_day: float


def reports(
    truth: pl.DataFrame, ground: Ground, press: Press, *, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return every report of the press that carries a day of the world, by day and place.

    Args:
        truth: Numbered happenings; only those with the cause `act` are reported.
        ground: Its settlements are the places that reports name.
        press: How the press behaves.
        days: Length of the world; reports that name another day are left out.
        rng: Random numbers.

    Returns:
        `day` (from 0), `place` (row in the ground's settlements), `type` (a letter), `n_reports`,
        `incident` (null when nothing is behind it).
    """
    acts = truth.filter(pl.col("cause") == "act")
    told = _told(acts, ground, press, rng)
    rumours = _baseless(
        list(LETTERS.values()), press.rumours_per_day * days, (len(ground.settlements), days), rng
    )
    others = _baseless([_OTHER], press.others_per_day * days, (len(ground.settlements), days), rng)
    return (
        pl.concat([told, rumours, others])
        .filter(pl.col("day").is_between(0, days - 1))
        .sort("day", "place", "type", "n_reports", "incident", nulls_last=True)
    )


def _told(
    acts: pl.DataFrame, ground: Ground, press: Press, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the reports of acts: a first one, then reposts of it under the same place and kind."""
    away_km = _away_km(acts, ground)
    chance = acts["kind"].replace_strict(dict(press.report_p)).to_numpy()
    first = np.flatnonzero(
        rng.random(len(acts)) < chance * np.exp(-away_km.min(axis=1) / _HEARD_KM)
    )
    # The largest of (log weight + Gumbel noise) is a draw in proportion to the weights.
    noise = rng.gumbel(size=(len(first), away_km.shape[1]))
    place = (noise - away_km[first] / _NAMED_KM).argmax(axis=1)
    letter = _letters(acts["kind"].gather(first), rng)
    day = np.floor(acts["time_s"].to_numpy()[first] / DAY_S).astype(np.int64)
    day += _slip(len(first), rng)

    copy = np.repeat(np.arange(len(first)), 1 + rng.poisson(_REPOSTS_MEAN, len(first)))
    repost = np.r_[False, copy[1:] == copy[:-1]][: len(copy)]
    casualty = repost & (rng.random(len(copy)) < _CASUALTY_P)
    return pl.DataFrame(
        {
            "day": day[copy] + (repost & (rng.random(len(copy)) < _LATE_P)),
            "place": place[copy],
            "type": np.where(casualty, _CASUALTY, letter[copy]),
            "n_reports": np.where(repost, 1, rng.geometric(_OUTLETS_P, len(copy))),
            "incident": acts["incident"].gather(first[copy]).cast(pl.UInt32),
        }
    )


def _away_km(acts: pl.DataFrame, ground: Ground) -> Floats:
    """Return the distance of each act from each settlement, (acts, settlements)."""
    place_m = np.array([(s.x_m, s.y_m) for s in ground.settlements])
    act_m = acts.select("x_m", "y_m").to_numpy()
    return np.asarray(np.linalg.norm(act_m[:, None] - place_m, axis=2) / 1000)


def _letters(
    kind: pl.Series, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    known = np.array(list(LETTERS.values()))
    right = kind.replace_strict(dict(LETTERS)).to_numpy()
    wrong = rng.random(len(kind)) < _WRONG_KIND_P
    return np.where(wrong, known[rng.integers(0, len(known), len(kind))], right).astype(np.str_)


def _slip(count: int, rng: np.random.Generator) -> Ints:
    """Return by how many days each report misses the day of the act."""
    draw = rng.random(count)
    wrong = _WRONG_DAYS[rng.integers(0, len(_WRONG_DAYS), count)]
    late = (draw < _WRONG_DAY_P + _LATE_P).astype(np.int64)
    return np.where(draw < _WRONG_DAY_P, wrong, late)


def _baseless(
    letters: list[str], count_mean: float, span: tuple[int, int], rng: np.random.Generator
) -> pl.DataFrame:
    """Return reports with nothing behind them; `span` is the number of places and of days."""
    count = int(rng.poisson(count_mean))
    return pl.DataFrame(
        {
            "day": rng.integers(0, span[1], count),
            "place": rng.integers(0, span[0], count),
            "type": np.array(letters)[rng.integers(0, len(letters), count)],
            "n_reports": np.ones(count, dtype=np.int64),
            "incident": pl.Series([None] * count, dtype=pl.UInt32),
        }
    )
