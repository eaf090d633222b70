"""What a threshold on the score costs: false alarms in peace years, recall, and what is flagged.

Every labelled fire of the tested year that lies above the threshold is recalled; every fire of a
peace year above it is a false alarm. Years differ far more than any interval within them says, so
that each is given on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate.fires_ranks import ranking, with_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure
    from trucewatch.evaluate.fires_ranks import Blocks, Ranking
    from trucewatch.evaluate.fires_rows import Compared, Rows

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

RECALLS = (0.5, 0.7)
FLAGGED_P = (0.1, 0.05, 0.01)
"""Shares of peace-year fires that a threshold is set to flag."""
TENTHS = 10
_ROUNDING = 1e-9  # weights are whole numbers; their share of a sum may miss one by this


def alarms(rows: Rows, compared: Compared, blocks: Blocks) -> Iterator[tuple[str, Figure]]:
    """Yield false alarms a day at fixed recall, over all peace years and in each."""
    wanted = rows.labelled & (rows.year == compared.tested)
    peace = rows.year != compared.tested
    for recall_p in RECALLS:
        at = f"at_recall_{recall_p * 100:.0f}"
        for year in (None, *compared.peace):
            other = peace if year is None else rows.year == year
            days = compared.days * (len(compared.peace) if year is None else 1)
            name = f"false_alarms_day_{at}" if year is None else f"false_alarms_day_{year}_{at}"
            ranked = ranking(rows.score, wanted, other)
            yield name, with_interval(blocks, _alarms(ranked, recall_p, days))


def flagged(rows: Rows, compared: Compared, blocks: Blocks) -> Iterator[tuple[str, Figure]]:
    """Yield what thresholds that flag a share of the peace years' fires flag in the tested year.

    `recall`: of labelled fires. `flagged_unlabelled`: of the others of that year. `excess`: of all
    flagged in the tested year, the share beyond the number flagged in the mean peace year; the
    nearest to a probability that can be said, and only of many fires together.
    """
    this = rows.year == compared.tested
    for share_p in FLAGGED_P:
        above = rows.score > flag_above(rows, compared, share_p)
        at = f"at_{share_p * 100:g}"
        yield f"recall_{at}", with_interval(blocks, _share(above, this & rows.labelled))
        name = f"flagged_unlabelled_{at}"
        yield name, with_interval(blocks, _share(above, this & ~rows.labelled))
        for year in compared.peace:
            name = f"flagged_{year}_{at}"
            yield name, with_interval(blocks, _share(above, rows.year == year))
        yield f"excess_{at}", with_interval(blocks, _excess(above, this, len(compared.peace)))


def labelled_by_tenth(
    rows: Rows, compared: Compared, blocks: Blocks
) -> Iterator[tuple[str, Figure]]:
    """Yield the share of labelled fires in each tenth of the tested year's fires, lowest first.

    A floor of the share that war set, not its estimate: most such fires are geolocated by nobody.
    """
    this = rows.year == compared.tested
    if not this.any():
        return
    edges = np.quantile(rows.score[this], np.linspace(0, 1, TENTHS + 1)[1:-1])
    tenth = np.searchsorted(edges, rows.score, side="left")
    for number in range(TENTHS):
        share = _share(rows.labelled, this & (tenth == number))
        yield f"labelled_in_tenth_{number + 1:02d}", with_interval(blocks, share)


def ceiling(rows: Rows, compared: Compared) -> Iterator[tuple[str, Figure]]:
    """Yield the share of unlabelled fires that may be of war, and what AUC that leaves in reach.

    If labelled fires stand for all fires of war, and the peace years for all others, the share pi
    solves flagged = pi recall + (1 - pi) 0.05; a perfect score then has 1 - pi / 2. Labels lean to
    towns, so pi is rough, and it has no interval here.

    Source: Elkan and Noto 2008, the mixture of a positive-unlabelled sample.
    """
    share_p = FLAGGED_P[1]
    this = rows.year == compared.tested
    above = rows.score > flag_above(rows, compared, share_p)
    once = np.ones(len(rows.year))
    recall_p = _share(above, this & rows.labelled)(once)
    unlabelled_p = _share(above, this & ~rows.labelled)(once)
    war_p = (unlabelled_p - share_p) / (recall_p - share_p) if recall_p > share_p else float("nan")
    for name, value in (("war_among_unlabelled", war_p), ("ceiling_unlabelled", 1 - war_p / 2)):
        known = value if np.isfinite(value) else None
        yield name, {"value": known, "low": None, "high": None}


def flag_above(rows: Rows, compared: Compared, share_p: float) -> float:
    """Return the score above which this share of the peace years' fires lies."""
    peace = rows.score[rows.year != compared.tested]
    return float(np.quantile(peace, 1 - share_p)) if len(peace) else float("nan")


def _alarms(ranked: Ranking, recall_p: float, days: int) -> Callable[[Floats], float]:
    """Return what counts the other rows a day that rank as high as a recall needs."""

    def of(weight: Floats) -> float:
        mine = weight[ranked.row]
        reached = np.cumsum(mine * ranked.wanted)
        if len(reached) == 0 or reached[-1] == 0:
            return float("nan")
        last = int(np.searchsorted(reached, recall_p * reached[-1] - _ROUNDING))
        return float((mine * ~ranked.wanted)[: last + 1].sum() / days)

    return of


def _share(counted: Flags, among: Flags) -> Callable[[Floats], float]:
    """Return what takes the share of rows that are counted."""

    def of(weight: Floats) -> float:
        whole = float(weight[among].sum())
        return float(weight[among & counted].sum()) / whole if whole > 0 else float("nan")

    return of


def _excess(above: Flags, this: Flags, years: int) -> Callable[[Floats], float]:
    """Return what takes the share of flagged rows beyond the mean number of a peace year."""

    def of(weight: Floats) -> float:
        here = float(weight[above & this].sum())
        there = float(weight[above & ~this].sum()) / years
        return 1 - there / here if here > 0 else float("nan")

    return of
