"""How well the score tells labelled fires of the tested year from fires of other kinds.

Nobody knows which fire was set by war. Labelled ones lie near an incident that somebody geolocated;
the others of that year are *unlabelled*: some of them were set by war as well, so that no score can
reach 1 against them. Against *season*, the same days of peace years, much of what is told apart is
one year from another. Against *placebo*, the same places and days in peace years, a score that
only knows where the war is gains nothing; but a score that is low at plants and flares gains much,
for most of the placebo lies there. So each is asked for, with the static cells and without.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.evaluate.fires_ranks import auc, average_precision, ranking, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure
    from trucewatch.evaluate.fires_ranks import Blocks
    from trucewatch.evaluate.fires_rows import Rows

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

ALL, MOVING = "", "_no_static"
"""Endings of names: over all cells, and over those that are no static source."""
SCORES: Mapping[str, str] = {"": "score", "no_people_": "plain", "naive_": "naive"}
"""Prefixes of names, and the score that each stands for."""


def references(rows: Rows, tested: int, *, placebo: bool) -> dict[str, Flags]:
    """Return the sets of rows that labelled rows of the tested year are told from.

    Args:
        rows: All.
        tested: The tested year.
        placebo: Whether the same places and days of peace years are asked for.
    """
    this = rows.year == tested
    sets = {"unlabelled": this & ~rows.labelled, "season": ~this}
    if placebo:
        sets["placebo"] = ~this & rows.labelled
    return {**sets, "shifted": this & rows.shifted}


def told(
    rows: Rows, sets: Mapping[str, Flags], blocks: Blocks, tested: int
) -> Iterator[tuple[str, Figure]]:
    """Yield the AUC of every score against every set, and average precision over all cells."""
    wanted = rows.labelled & (rows.year == tested)
    for cells, kept in ((ALL, wanted | True), (MOVING, ~rows.static)):
        for prefix, name in SCORES.items():
            values: Floats = getattr(rows, name)
            for reference, other in sets.items():
                label = f"{prefix}{reference}{cells}"
                ranked = ranking(values, wanted & kept, other & kept)
                yield f"auc_{label}", with_interval(blocks, partial(auc, ranked))
                if cells == ALL and reference != "shifted" and name != "plain":
                    yield (
                        f"ap_{label}",
                        with_interval(blocks, partial(average_precision, ranked)),
                    )


def over_naive(metrics: Mapping[str, Figure], sets: Mapping[str, Flags]) -> dict[str, Figure]:
    """Return by how much the 5 % end of each AUC lies above the naive value, not its end."""
    found = {}
    for cells in (ALL, MOVING):
        for reference in sets.keys() - {"shifted"}:
            ours, naive = (metrics[f"auc_{p}{reference}{cells}"] for p in ("", "naive_"))
            found[f"low_over_naive_{reference}{cells}"] = _above(ours["low"], naive["value"])
    return dict(sorted(found.items()))


def null_years(rows: Rows, peace: tuple[int, ...], blocks: Blocks) -> Iterator[tuple[str, Figure]]:
    """Yield the placebo AUC of each peace year in the place of the tested one.

    The same places and days are wanted in that year, against those of the other peace years: what
    one year differs from another with no war in either.
    """
    for cells, kept in ((ALL, rows.labelled | True), (MOVING, ~rows.static)):
        for year in peace:
            here = rows.labelled & kept & (rows.year == year)
            there = rows.labelled & kept & (rows.year != year) & np.isin(rows.year, peace)
            ranked = ranking(rows.score, here, there)
            name = f"auc_placebo_{year}_in_its_place{cells}"
            yield name, with_interval(blocks, partial(auc, ranked))


def over_null(metrics: Mapping[str, Figure], peace: tuple[int, ...]) -> dict[str, Figure]:
    """Return by how much the placebo AUC lies above the largest of any peace year."""
    found = {}
    for cells in (ALL, MOVING):
        null = [metrics[f"auc_placebo_{year}_in_its_place{cells}"]["value"] for year in peace]
        largest = max((value for value in null if value is not None), default=None)
        ours = metrics[f"auc_placebo{cells}"]["value"]
        found[f"placebo_over_peace_years{cells}"] = _above(ours, largest)
    return found


def control(rows: Rows, inside: Flags, blocks: Blocks, tested: int) -> Iterator[tuple[str, Figure]]:
    """Yield how well unlabelled fires of regions far from the war are told from their peace years.

    There the score should tell nothing: what it tells is one year from another.

    Args:
        rows: All.
        inside: Which lie in the control regions, (n,).
        blocks: Of the rows.
        tested: The tested year.
    """
    this = rows.year == tested
    for prefix, name in SCORES.items():
        ranked = ranking(getattr(rows, name), inside & this & ~rows.labelled, inside & ~this)
        figure = with_interval(blocks, partial(auc, ranked))
        yield f"auc_{prefix}control", figure


def _above(value_p: float | None, other_p: float | None) -> Figure:
    """Return one AUC less another as a figure without ends, null when either is."""
    known = None if value_p is None or other_p is None else value_p - other_p
    return {"value": known, "low": None, "high": None}
