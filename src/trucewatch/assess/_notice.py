"""Notices of what would be done: whether one covers what happened, and keeps within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy.special import ndtr

from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.party import Role
from trucewatch.assess._act import act_share_p
from trucewatch.assess._before import came_before, its_times
from trucewatch.assess._consent import agrees, all_hold, stands
from trucewatch.assess._craft import fewest_and_most
from trucewatch.assess._early import both_times, ever
from trucewatch.assess._place import Shape, area_inside_p, area_of
from trucewatch.assess._trace import DECIMALS
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.agreement.exemption import Condition
    from trucewatch.agreement.rule import Rule, Thresholds
    from trucewatch.agreement.version import Version
    from trucewatch.assess._subject import Found, Subject
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

    _Answer = tuple[bool | None, dict[str, Json]]

ASKS = frozenset(
    {
        Asks.NOTIFIED,
        Asks.LEAD,
        Asks.INSIDE_NOTIFIED_AREA,
        Asks.WITHIN_NOTIFIED_NUMBER,
        Asks.OPERATOR_IS_MONITOR,
        Asks.JOINTLY_AGREED,
    }
)
"""What this module looks up."""

MISSION = "mission"
"""How a notice names the mission itself, when the agreement has no participant for it."""

_HOUR_S = 3600.0
_LEVEL = "sea"  # what the height of a notice is above, as the `altitude_datum` of a fix
_MORE_LIKELY_P = 0.5  # what lies in a notified area more likely than not is counted against it


class Notice(NamedTuple):
    """A notice.

    Attributes:
        record: The record.
        activity: Kind of activity.
        start: First instant of the notified time.
        end: Last instant.
    """

    record: Record
    activity: str
    start: datetime
    end: datetime


class Notices:
    """Notices, and what they are compared with."""

    def __init__(
        self, facts: Facts, rule: Rule, version: Version, shares: Callable[[], pl.DataFrame]
    ) -> None:
        self._facts, self._rule, self._version, self._shares = facts, rule, version, shares
        every = [_notice(record) for record in facts.ever("notification")]
        self._by_activity: dict[str, list[Notice]] = {}
        for notice in every:
            self._by_activity.setdefault(notice.activity, []).append(notice)
        self._by_activity[""] = every

    def around(self, subject: Subject, activity: str) -> list[Notice]:
        """Return notices of an activity ("" for any) whose time a subject may have fallen in.

        Those that were struck as a whole are among them: one that was struck later stood then.
        """
        return [
            notice
            for notice in self._by_activity.get(activity, ())
            if notice.start <= subject.end and notice.end >= subject.start
        ]

    def ask(self, condition: Condition, notice: Notice | None, subject: Subject) -> Found:
        """Return what a condition asks of a notice, whether it holds and what was found.

        None holds of a notice that did not stand when the subject began, and none holds for sure of
        one that was dated before it and logged after, or that was struck as a whole after.
        """
        text = _TEXTS[condition.asks]
        if condition.value is not None:
            text = f"{text} {condition.value:g} h ahead"
        if notice is None:
            return text, False, None
        holds, value = self._answer(condition, notice, subject)
        stood, against = stands(notice.record, self._version.agreement, subject.start)
        if against:
            value |= {"against": against, "stood": stood}
        early = came_before(notice.record, notice.record.opening, subject)
        if early is not True:
            value |= its_times(notice.record, notice.record.opening)
        return text, all_hold([holds, stood, early]), value

    def _answer(self, condition: Condition, notice: Notice, subject: Subject) -> _Answer:
        match condition.asks:
            case Asks.NOTIFIED:
                return self._notified(notice, subject)
            case Asks.LEAD:
                return _lead(notice, condition.value or 0.0)
            case Asks.INSIDE_NOTIFIED_AREA:
                return self._inside(notice, subject)
            case Asks.WITHIN_NOTIFIED_NUMBER:
                return self._number(notice, subject)
            case Asks.OPERATOR_IS_MONITOR:
                return self._by_monitor(notice, subject)
            case _:
                return self._jointly(notice, subject)

    def _notified(self, notice: Notice, subject: Subject) -> _Answer:
        value: dict[str, Json] = {
            "notice": notice.record.id,
            "from": instant_text(notice.start),
            "until": instant_text(notice.end),
            **both_times(notice.record.opening),
        }
        named = notice.record.opening.detail["subjects"]
        if subject.kind == "track" and named and self._name(subject) not in _texts(named):
            return False, value
        if notice.record.opening.at > subject.end:
            return False, value  # told of only afterwards
        surely = notice.start <= subject.start and subject.end <= notice.end
        return surely or None, value  # `ask` sees to it that it was known before

    def _inside(self, notice: Notice, subject: Subject) -> _Answer:
        """Ask for the whole place, and of a craft for the whole of its way."""
        value: dict[str, Json] = {"notice": notice.record.id, "inside_p": None}
        if notice.record.opening.detail["area"] is None:
            return False, value  # it names no area
        area, limits = area_of(_shape(notice)), self._rule.thresholds
        inside_p = area_inside_p(subject.point(), area)[0]
        fixes = self._way(subject)
        if inside_p is not None and len(fixes):
            inside_p = min(inside_p, *area_inside_p(_points(fixes), area))
        value["inside_p"] = inside_p
        holds = _likely(inside_p, limits)
        highest_m = notice.record.opening.detail.get("height_max_m")
        if isinstance(highest_m, int | float):
            below_p = _below_p(fixes, float(highest_m), limits)
            value |= {"below_p": below_p, "height_max_m": highest_m}
            holds = all_hold([holds, _likely(below_p, limits)])
        return holds, value

    def _number(self, notice: Notice, subject: Subject) -> _Answer:
        """Ask for the number up to and including the subject, in order of time."""
        notified = notice.record.opening.detail["number"]
        value: dict[str, Json] = {"notice": notice.record.id, "notified": notified}
        if subject.kind == "track":
            fewest, most = self._flights(notice, subject)
        else:
            fewest, most = self._acts(notice, subject)
        value |= {"so_far": most, "so_far_min": fewest}
        if not isinstance(notified, int) or fewest <= notified < most:
            return None, value
        return most <= notified, value

    def _acts(self, notice: Notice, subject: Subject) -> tuple[int, int]:
        """Return how many of the rule's acts fell in the notice's time and area until a subject.

        Least and greatest number, as reports give them. Where none gives a greatest number, the
        least is all that is known: most incidents are seen by sensors, which count nothing.
        """
        incidents, least_p = self._facts.incidents, self._rule.thresholds.act_p_potential
        until = min(notice.end, subject.start)
        when = (incidents["time_end"] >= notice.start) & (incidents["time_start"] <= until)
        some = incidents.filter(when)
        acts = act_share_p(self._shares().filter(when), self._rule.acts)["act_p"] >= least_p
        inside = _within(some, notice)
        real = some["real_p"] >= least_p
        counted = some.filter((acts & inside & real) | (some["id"] == subject.id))
        fewest = pl.max_horizontal(pl.col("count_min").cast(pl.Int64), pl.lit(1, pl.Int64))
        most = pl.max_horizontal(fewest, pl.col("count_max").cast(pl.Int64))
        return counted.select(fewest=fewest.sum(), most=most.sum()).row(0)

    def _flights(self, notice: Notice, subject: Subject) -> tuple[int, int]:
        """Return how many craft were in the notice's time and area until a subject ended."""
        tracks, own = self._facts.tracks, pl.format("track-{}-{}", "sensor", "track") == subject.id
        some = tracks.filter(
            pl.col("time").is_between(notice.start, min(notice.end, subject.end))
            | (own & pl.col("time").is_between(subject.start, subject.end))
        )
        if subject.act == "flight":
            some = some.filter(pl.col("craft") != "vessel")
        inside = _within(_points(some), notice)
        fewest, most = fewest_and_most(some.filter(inside | some.select(own).to_series()))
        return max(fewest, 1), max(most, 1)

    def _way(self, subject: Subject) -> pl.DataFrame:
        """Return the fixes of a craft, by any sensor that gives it its name; none of an incident.

        `_tracks.passages` takes one name for one craft, too.
        """
        tracks = self._facts.tracks
        if subject.kind != "track":
            return tracks.clear()
        during = pl.col("time").is_between(subject.start, subject.end)
        return tracks.filter(during & (pl.col("track") == self._name(subject)))

    def _name(self, subject: Subject) -> str | None:
        """Return what its sensor calls the craft of a track."""
        names = self._facts.tracks.select("sensor", "track").unique()
        found = (t for s, t in names.iter_rows() if f"track-{s}-{t}" == subject.id)
        return next(found, None)

    def _by_monitor(self, notice: Notice, subject: Subject) -> _Answer:
        """Ask whose notice it is, and whether it is one of this craft: all that is notified."""
        monitors = {p.id for p in self._version.agreement.parties if p.role is Role.MONITOR}
        by_it = str(notice.record.opening.detail["party"]) in {MISSION, *monitors}
        notified, value = self._notified(notice, subject)
        return by_it and notified, value | {"of_monitors": by_it}

    def _jointly(self, notice: Notice, subject: Subject) -> _Answer:
        """Ask everybody who is bound, of whom one at least is not the notifier."""
        bound, record = set(self._rule.who), notice.record
        agreed = [agrees(record, party, subject.start) for party in sorted(bound)]
        steps = [
            step
            for step in ever(record, "acknowledged", "approved", "objected")
            if step.detail["party"] in bound
        ]
        value: dict[str, Json] = {
            "notice": record.id,
            "agreed": agreed.count(True),
            "bound": len(bound),
            "steps": [{"act": step.act, **its_times(record, step)} for step in steps],
        }
        others = bound - {str(record.opening.detail["party"])}
        return all_hold([bool(others), *agreed]), value


_TEXTS = {
    Asks.NOTIFIED: "it was notified for the whole time, before it happened",
    Asks.LEAD: "the notice was logged at least",
    Asks.INSIDE_NOTIFIED_AREA: "it lies in the area of the notice",
    Asks.WITHIN_NOTIFIED_NUMBER: "there were no more, up to this one, than notified",
    Asks.OPERATOR_IS_MONITOR: "the monitors notified it as their own for the whole time, before",
    Asks.JOINTLY_AGREED: "everybody whom the rule binds acknowledged the notice before",
}


def _lead(notice: Notice, least_h: float) -> _Answer:
    """Ask for hours from the notice to what it is about; the later of its two times decides."""
    opening = notice.record.opening
    claimed_h, logged_h = (
        (notice.start - time).total_seconds() / _HOUR_S for time in (opening.at, opening.logged_at)
    )
    value: dict[str, Json] = {
        "notice": notice.record.id,
        "claimed_h": round(claimed_h, 2),
        "logged_h": round(logged_h, 2),
    }
    return min(claimed_h, logged_h) >= least_h, value


def _notice(record: Record) -> Notice:
    opening = record.opening
    start, end = (
        parse_instant(str(opening.detail[name]), where=record.id) for name in ("start", "end")
    )
    activity = str(opening.detail["activity"])
    return Notice(record, activity, start, end)


def _likely(chance_p: float | None, limits: Thresholds) -> bool | None:
    if chance_p is None or limits.outside_p_max < chance_p < limits.inside_p_min:
        return None
    return chance_p >= limits.inside_p_min


def _points(fixes: pl.DataFrame) -> pl.DataFrame:
    """Return fixes with the columns of `_place.PLACE`."""
    variance_m2 = pl.col("sigma_m") ** 2
    return fixes.with_columns(cov_ee_m2=variance_m2, cov_en_m2=pl.lit(0.0), cov_nn_m2=variance_m2)


def _below_p(fixes: pl.DataFrame, highest_m: float, limits: Thresholds) -> float | None:
    """Return P(at most so high) of the fix that is likeliest above; None where nobody can say.

    The height of a notice is above mean sea level. A fix whose height is above another level has
    none here, since nothing says how high the ground is; one that names no level counts as it is. A
    fix without a height is passed over where another lies too high for sure.
    """
    level = pl.col("altitude_datum")
    fitting = fixes.filter(level.is_null() | (level == _LEVEL))
    measured = fitting.select("altitude_m", "altitude_sigma_m").drop_nulls()
    height_m, sigma_m = measured.to_numpy().T
    below_p = ndtr((highest_m - height_m) / sigma_m)
    least_p = round(float(np.min(below_p, initial=1.0)), DECIMALS)
    all_known = 0 < len(measured) == len(fixes)
    return least_p if all_known or least_p <= limits.outside_p_max else None


def _within(points: pl.DataFrame, notice: Notice) -> pl.Series:
    """Return what lies in the area of a notice more likely than not; all where it names none."""
    if notice.record.opening.detail["area"] is None:
        return pl.Series([True] * len(points), dtype=pl.Boolean)
    return area_inside_p(points, area_of(_shape(notice))) >= _MORE_LIKELY_P


def _shape(notice: Notice) -> Shape:
    ring = np.array(notice.record.opening.detail["area"], dtype=np.float64)
    corners = tuple((float(lon_deg), float(lat_deg)) for lon_deg, lat_deg in ring)
    return Shape(corners, geodesic=False, belts=(), discs=())


def _texts(value: Json) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()
