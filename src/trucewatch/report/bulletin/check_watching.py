"""Whether what is said of the watch holds together; every refusal says what and where."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

from trucewatch.errors import BadInput
from trucewatch.report.watching import Answer, Why

if TYPE_CHECKING:
    from trucewatch.report.watching import CellShare, Rated, Sector, Watching

_CORNERS = 4
_NOISE_H = 1e-6  # sums of many hours differ in their last digits


def check_watching(watching: Watching) -> None:
    """Pass what can be; the rest is refused.

    Raises:
        BadInput: A number, an answer or a cell cannot be.
    """
    for place, one in enumerate((watching.whole, *watching.sectors)):
        where = f"watching.sectors[{place - 1}]" if place else "watching.whole"
        _check_sector(one, where)
    for place, cell in enumerate(watching.cells):
        _check_cell(cell, f"watching.cells[{place}]")
    if not 0 < watching.alpha_p < 1:
        raise BadInput("watching.alpha_p", f"is {watching.alpha_p}, must be above 0, below 1")


def _check_sector(one: Sector, where: str) -> None:
    if one.answer not in get_args(Answer) or one.why not in get_args(Why):
        problem = f"answers {one.answer!r} because {one.why!r}, expected an answer and its reason"
        raise BadInput(where, problem)
    if one.answer == "cannot tell" and not one.why:
        raise BadInput(where, "cannot tell for no reason, expected one")
    if not 0 <= one.coverage_min_share <= 1:
        raise BadInput(where, f"coverage_min_share is {one.coverage_min_share}, must be 0 to 1")
    tolerated = one.tolerated_per_1000h
    if tolerated is not None and not 0 < tolerated < math.inf:
        raise BadInput(where, f"tolerated_per_1000h is {tolerated}, must be above 0")
    if any(not 0 <= each.hours_h < math.inf for each in one.lost):
        raise BadInput(where, "lost hours are negative or endless, must be 0 or more")
    for name, rated in (("window", one.window), ("before", one.before), ("period", one.period)):
        _check_rated(rated, f"{where}.{name}")


def _check_rated(rated: Rated, where: str) -> None:
    if rated.start.tzinfo is None or rated.end.tzinfo is None:
        raise BadInput(where, "has a time without a time zone, expected aware times")
    if rated.count < 0 or rated.other_n < 0:
        raise BadInput(where, f"counts {rated.count} and {rated.other_n}, must be 0 or more")
    hours = (0.0, rated.covered_low_h, rated.covered_high_h, rated.passed_h)
    if not all(a <= b + _NOISE_H for a, b in pairwise(hours)):
        problem = f"covered {rated.covered_low_h} to {rated.covered_high_h} of {rated.passed_h} h"
        raise BadInput(where, f"{problem}, expected as many or fewer, in this order")
    if not 0 < rated.level_p < 1:
        raise BadInput(where, f"level_p is {rated.level_p}, must be above 0, below 1")
    ends = [each for each in (rated.low_per_1000h, rated.high_per_1000h) if each is not None]
    if any(not 0 <= end < math.inf for end in ends) or ends != sorted(ends):
        raise BadInput(where, f"rate lies between {ends}, expected two ends in order")


def _check_cell(cell: CellShare, where: str) -> None:
    if len(cell.ring_deg) != _CORNERS:
        raise BadInput(where, f"has {len(cell.ring_deg)} corners, expected {_CORNERS}")
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in cell.ring_deg):  # noqa: PLR2004
        raise BadInput(where, "has a corner off the globe, expected degrees of WGS 84")
    if not 0 <= cell.covered_share <= 1 + _NOISE_H:
        raise BadInput(where, f"share is {cell.covered_share}, must be 0 to 1")
