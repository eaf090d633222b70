"""What is said of the watch and cannot be is refused, with where it stands."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput
from trucewatch.report.daily import render
from trucewatch.report.watching import CellShare, Lost

if TYPE_CHECKING:
    from types import ModuleType

RING = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": "calm"}, r"watching\.whole: answers 'calm' because '', expected an answer"),
        ({"why": "tired"}, "answers 'holding' because 'tired'"),
        ({"answer": "cannot tell"}, "cannot tell for no reason, expected one"),
        ({"coverage_min_share": 1.5}, "coverage_min_share is 1.5, must be 0 to 1"),
        ({"tolerated_per_1000h": 0.0}, "tolerated_per_1000h is 0.0, must be above 0"),
        ({"lost": (Lost(cause="night", hours_h=-1.0),)}, "lost hours are negative or endless"),
    ],
)
def test_refuses_a_sector_that_cannot_be(
    make: ModuleType, changes: dict[str, object], message: str
) -> None:
    watching = make.watching(make.sector("Z1", **changes))

    with pytest.raises(BadInput, match=message):
        render(dataclasses.replace(make.sample(), watching=watching))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": datetime(2030, 9, 13)}, "time without a time zone"),  # noqa: DTZ001
        ({"count": -1}, r"watching\.whole\.window: counts -1 and 0, must be 0 or more"),
        ({"covered_low_h": 20.0}, "covered 20.0 to 19.2.* of 24.0 h, expected as many or fewer"),
        ({"covered_high_h": 25.0}, "covered 17.04 to 25.0 of 24.0 h"),
        ({"level_p": 1.0}, "level_p is 1.0, must be above 0, below 1"),
        ({"low_per_1000h": 9e9}, "rate lies between .*, expected two ends in order"),
        ({"high_per_1000h": math.inf}, "rate lies between .*, expected two ends in order"),
    ],
)
def test_refuses_a_rate_that_cannot_be(
    make: ModuleType, changes: dict[str, object], message: str
) -> None:
    window = dataclasses.replace(make.rated(2, 0.71, 0.8), **changes)
    watching = make.watching(make.sector("Z1", window=window))

    with pytest.raises(BadInput, match=message):
        render(dataclasses.replace(make.sample(), watching=watching))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (CellShare(ring_deg=RING[:3], covered_share=0.5), r"cells\[0\]: has 3 corners, expected 4"),
        (CellShare(ring_deg=((0.0, 95.0), *RING[1:]), covered_share=0.5), "a corner off the globe"),
        (CellShare(ring_deg=RING, covered_share=1.2), "share is 1.2, must be 0 to 1"),
    ],
)
def test_refuses_a_cell_that_cannot_be(make: ModuleType, cell: CellShare, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        render(dataclasses.replace(make.sample(), watching=make.watching(cells=(cell,))))


def test_refuses_a_chance_that_is_none(make: ModuleType) -> None:
    with pytest.raises(BadInput, match=r"watching\.alpha_p: is 0, must be above 0, below 1"):
        render(dataclasses.replace(make.sample(), watching=make.watching(alpha_p=0)))
