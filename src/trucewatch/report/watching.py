"""What could have been seen, and what that makes of the counts: plain values for every product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Answer = Literal["holding", "not holding", "cannot tell"]
"""As `measure.holding.answer.Answer` spells them."""

Why = Literal["", "no tolerance", "declared late", "too little covered", "evidence too weak"]
"""Why nothing can be told; "" where something is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What one cause took.

    Attributes:
        cause: One of `records.watch.CAUSES`.
        hours_h: Hours of assets at full power all over the sector.
    """

    cause: str
    hours_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A number of incidents over what could have been seen of them.

    Incidents are those that a declared asset saw, likelier real than not, of a class that counts.

    Attributes:
        start: Beginning of the time, aware.
        end: Its end, aware.
        passed_h: Hours that passed.
        covered_low_h: Covered hours of the class that is seen least.
        covered_high_h: Covered hours of the class that is seen most.
        count: Incidents.
        other_n: Incidents of such classes that no declared asset saw, or where and when none
            watched; they are in no rate.
        middle_per_1000h: Median of the rate, per 1,000 covered hours; None without exposure.
        low_per_1000h: Lower end.
        high_per_1000h: Upper end; where nothing was seen the upper bound alone, `low` being 0.
        level_p: Chance that the rate lies between the ends.
    """

    start: datetime
    end: datetime
    passed_h: float
    covered_low_h: float
    covered_high_h: float
    count: int
    other_n: int
    middle_per_1000h: float | None
    low_per_1000h: float | None
    high_per_1000h: float | None
    level_p: float

    @property
    def covered_share(self) -> float:
        """The covered part of the hours that passed, of the class that is seen least, 0 to 1."""
        return self.covered_low_h / self.passed_h if self.passed_h > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """One sector, or the whole ground.

    Attributes:
        id: The zone as in the agreement, "" for the whole ground.
        window: Of the report day.
        before: Of the day before, as many hours.
        lost: What was lost in the window, the most first.
        period: Since the last recommitment, or since the first hour of the watch; its ends hold at
            all times at once (a confidence sequence), so that it may be read every day.
        tolerated_per_1000h: Declared beforehand; None when nobody did.
        coverage_min_share: Declared beforehand: below it the answer is "cannot tell".
        answer: Whether it is holding.
        why: Why it cannot be told.
    """

    id: str
    window: Rated
    before: Rated
    lost: tuple[Lost, ...]
    period: Rated
    tolerated_per_1000h: float | None
    coverage_min_share: float
    answer: Answer
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShare:
    """One cell of the grid.

    Attributes:
        ring_deg: (lon, lat) of its four corners, WGS 84.
        covered_share: Covered part of the window, of the class that is seen least, 0 to 1.
    """

    ring_deg: tuple[tuple[float, float], ...]
    covered_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """What could have been seen in a report day and since the last recommitment.

    Attributes:
        counts: Classes of happening that count.
        whole: The whole ground.
        sectors: Each sector, by id.
        cells: The grid, for the map; of no product that the public sees finer than its own grid.
        alpha_p: Chance of a false answer, of each of the two kinds.
        strangers: Assets of watch reports that nobody declared; they count for nothing.
    """

    counts: tuple[str, ...]
    whole: Sector
    sectors: tuple[Sector, ...]
    cells: tuple[CellShare, ...]
    alpha_p: float
    strangers: tuple[str, ...]
