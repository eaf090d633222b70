"""Where the press reports from: near the line or far, on which side of it, as drawn and shifted.

Sides of a drawn line are shares over the whole span. No count of a side on a day is made anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.evaluate.share import Share, exact_share
from trucewatch.evaluate.truce_count import place_days
from trucewatch.evaluate.truce_line import REACH_KM, signed_km

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from trucewatch.evaluate.truce_line import Areas
    from trucewatch.evaluate.truce_reports import Reports

SHIFTS_KM = (0.0, 5.0, -5.0)
"""How far the line is moved outwards of the drawn area, everywhere; 0 as drawn."""

Span = tuple["date", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Settlement-days around the line at one shift of it.

    Attributes:
        shift_km: How far the line was moved.
        near: Settlement-days at most `REACH_KM` from the line, of each span.
        far: The others.
        within: Share of all settlement-days that lie on the inner side of the line.
        within_near: The same of those near it.
    """

    shift_km: float
    near: tuple[int, ...]
    far: tuple[int, ...]
    within: Share
    within_near: Share


def around(reports: Reports, areas: Areas, spans: Sequence[Span]) -> list[Around]:
    """Return the settlement-days near and far, and the lean, for every shift.

    Places that are known artefacts of geocoding are left out: they lie nowhere.

    Args:
        reports: All of the press; the line is found by every place that it names.
        areas: Drawn areas by day.
        spans: First and last day of each span.
    """
    firm = ~pl.col("artefact")
    placed = place_days(reports.between(spans[0][0], spans[-1][1])).filter(firm)
    away_km = signed_km(placed, reports.table.filter(firm), areas)
    in_span = [placed["day"].is_between(*span).to_numpy() for span in spans]
    found = []
    for shift_km in SHIFTS_KM:
        off_km = away_km - shift_km
        near, inner = np.abs(off_km) <= REACH_KM, off_km < 0
        found.append(
            Around(
                shift_km=shift_km,
                near=tuple(int((near & these).sum()) for these in in_span),
                far=tuple(int((~near & these).sum()) for these in in_span),
                within=exact_share(int(inner.sum()), len(inner)),
                within_near=exact_share(int((inner & near).sum()), int(near.sum())),
            )
        )
    return found
