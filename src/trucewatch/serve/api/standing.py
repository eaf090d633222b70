"""Whether it is holding: the answer of the first page, with its rates and what could be seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.serve.api._asked import resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._standing import standing

if TYPE_CHECKING:
    from trucewatch.report.watching import Sector as Watched
    from trucewatch.serve.pages._standing import Standing


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """A number of incidents over what could have been seen of them.

    Attributes:
        start: Beginning of the time.
        end: Its end.
        passed_h: Hours that passed.
        covered_low_h: Covered hours of the class that is seen least.
        covered_high_h: Covered hours of the class that is seen most.
        count: Incidents.
        other_n: Incidents that no declared asset saw; they are in no rate.
        middle_per_1000h: Median of the rate per 1,000 covered hours; null without exposure.
        low_per_1000h: Lower end.
        high_per_1000h: Upper end.
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


class Sector(msgspec.Struct, frozen=True, kw_only=True):
    """One sector, or the whole ground.

    Attributes:
        id: The zone, "" for the whole ground.
        answer: `holding`, `not holding` or `cannot tell`.
        why: Why it cannot be told, or "".
        tolerated_per_1000h: Declared beforehand; null when nobody did.
        coverage_min_share: Declared beforehand: below it the answer is "cannot tell".
        window: Of the report day.
        before: Of the day before.
        period: Since the last recommitment.
    """

    id: str
    answer: str
    why: str
    tolerated_per_1000h: float | None
    coverage_min_share: float
    window: Rated
    before: Rated
    period: Rated


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """How a report day stands.

    Attributes:
        day: The report day.
        start: Beginning of its window.
        end: Its end.
        in_force: Whether any text was in force in it.
        answer: `holding`, `not holding` or `cannot tell`; null where none was in force.
        incidents: In the window.
        incidents_before: In as many hours before it.
        whole: The whole ground; null where nobody declared what could be seen.
        sectors: Each sector.
    """

    day: date
    start: datetime
    end: datetime
    in_force: bool
    answer: str | None
    incidents: int
    incidents_before: int
    whole: Sector | None
    sectors: list[Sector]


@resource("/standing", word("date", "Report day; by default the last.", format="date"))
def standing_json(ask: Ask) -> Holding:
    """Return how a report day stands.

    Raises:
        NotFound: Nothing has been put together and released yet.
    """
    ask.expect(What.INCIDENT)
    ask.expect(What.COVERAGE)
    stands = standing(ask)
    if stands is None:
        raise NotFound("standing", "nothing has been put together and released yet")
    return _holding(stands)


def _holding(stands: Standing) -> Holding:
    watching = stands.watching if stands.bound else None
    answer = watching.whole.answer if watching else "cannot tell"
    return Holding(
        day=stands.day,
        start=stands.start,
        end=stands.end,
        in_force=stands.bound,
        answer=answer if stands.bound else None,
        incidents=len(stands.incidents),
        incidents_before=len(stands.before),
        whole=_sector(watching.whole) if watching else None,
        sectors=[_sector(each) for each in watching.sectors] if watching else [],
    )


def _sector(sector: Watched) -> Sector:
    return msgspec.convert(sector, Sector, from_attributes=True)


ROUTES = (standing_json,)
