"""Notices of what would be done: whether one covers what happened, and keeps within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.party import Role
from trucewatch.assess._act import act_share_p
from trucewatch.assess._place import Shape, area_inside_p, area_of
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.agreement.exemption import Condition
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._subject import Found, Subject
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

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

_VOID = ("objected", "withdrawn")
_HOUR_S = 3600.0
_MORE_LIKELY_P = 0.5  # what lies in a notified area more likely than not is counted against it


class Notice(NamedTuple):
    """A notice that stands.

    Attributes:
        record: The record.
        activity: Kind of activity.
        start: First instant of the notified time.
        end: Last instant.
        known_by: When it had been submitted for sure: the later of the time claimed and the log's.
    """

    record: Record
    activity: str
    start: datetime
    end: datetime
    known_by: datetime


class Notices:
    """Notices that nobody objected to or withdrew, and what they are compared with."""

    def __init__(
        self, facts: Facts, rule: Rule, version: Version, shares: Callable[[], pl.DataFrame]
    ) -> None:
        self._facts, self._rule, self._version, self._shares = facts, rule, version, shares
        standing = [_notice(r) for r in facts.records("notification") if r.state not in _VOID]
        self._by_activity: dict[str, list[Notice]] = {}
        for notice in standing:
            self._by_activity.setdefault(notice.activity, []).append(notice)
        self._by_activity[""] = standing

    def around(self, subject: Subject, activity: str) -> list[Notice]:
        """Return notices of an activity ("" for any) whose time a subject may have fallen in."""
        return [
            notice
            for notice in self._by_activity.get(activity, ())
            if notice.start <= subject.end and notice.end >= subject.start
        ]

    def ask(self, condition: Condition, notice: Notice | None, subject: Subject) -> Found:
        """Return what a condition asks of a notice, whether it holds and what was found."""
        text = _TEXTS[condition.asks]
        if condition.value is not None:
            text = f"{text} {condition.value:g} h ahead"
        if notice is None:
            return text, False, None
        return (text, *self._answer(condition, notice, subject))

    def _answer(
        self, condition: Condition, notice: Notice, subject: Subject
    ) -> tuple[bool | None, Json]:
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
                return self._by_monitor(notice)
            case _:
                return self._jointly(notice)

    def _notified(self, notice: Notice, subject: Subject) -> tuple[bool | None, Json]:
        value: Json = {
            "notice": notice.record.id,
            "from": instant_text(notice.start),
            "until": instant_text(notice.end),
            "logged_at": instant_text(notice.record.opening.logged_at),
        }
        named = notice.record.opening.detail["subjects"]
        if subject.kind == "track" and named and self._name(subject) not in _texts(named):
            return False, value
        if notice.record.opening.at > subject.end:
            return False, value  # told of only afterwards
        surely = notice.start <= subject.start and subject.end <= notice.end
        return (surely and notice.known_by <= subject.start) or None, value

    def _inside(self, notice: Notice, subject: Subject) -> tuple[bool | None, Json]:
        inside_p = area_inside_p(subject.point(), area_of(_shape(notice)))[0]
        limits = self._rule.thresholds
        value: Json = {"notice": notice.record.id, "inside_p": inside_p}
        if inside_p is None or limits.outside_p_max < inside_p < limits.inside_p_min:
            return None, value
        return inside_p >= limits.inside_p_min, value

    def _number(self, notice: Notice, subject: Subject) -> tuple[bool | None, Json]:
        """Ask for the number up to and including the subject, in order of time."""
        notified = notice.record.opening.detail["number"]
        seen = self._flights(notice, subject) if subject.kind == "track" else None
        seen = self._acts(notice, subject) if seen is None else seen
        value: Json = {"notice": notice.record.id, "notified": notified, "so_far": seen}
        if not isinstance(notified, int):
            return None, value
        return seen <= notified, value

    def _acts(self, notice: Notice, subject: Subject) -> int:
        """Return how many of the rule's acts fell in the notice's time and area until a subject."""
        incidents, least_p = self._facts.incidents, self._rule.thresholds.act_p_potential
        until = min(notice.end, subject.start)
        when = (incidents["time_end"] >= notice.start) & (incidents["time_start"] <= until)
        some = incidents.filter(when)
        acts = act_share_p(self._shares().filter(when), self._rule.acts)["act_p"] >= least_p
        inside = area_inside_p(some, area_of(_shape(notice))) >= _MORE_LIKELY_P
        real = some["real_p"] >= least_p
        counted = some.filter((acts & inside & real) | (some["id"] == subject.id))
        return int(counted.select(pl.max_horizontal("count_min", pl.lit(1)).sum()).item())

    def _flights(self, notice: Notice, subject: Subject) -> int:
        """Return how many craft were in the notice's time and area until a subject ended."""
        tracks = self._facts.tracks
        some = tracks.filter(pl.col("time").is_between(notice.start, min(notice.end, subject.end)))
        variance_m2 = pl.col("sigma_m") ** 2
        points = some.with_columns(
            cov_ee_m2=variance_m2, cov_en_m2=pl.lit(0.0), cov_nn_m2=variance_m2
        )
        inside = area_inside_p(points, area_of(_shape(notice))) >= _MORE_LIKELY_P
        names = some.filter(inside).select(pl.format("track-{}-{}", "sensor", "track"))
        return len({subject.id, *names.to_series()})

    def _name(self, subject: Subject) -> str | None:
        """Return what its sensor calls the craft of a track."""
        names = self._facts.tracks.select("sensor", "track").unique()
        found = (t for s, t in names.iter_rows() if f"track-{s}-{t}" == subject.id)
        return next(found, None)

    def _by_monitor(self, notice: Notice) -> tuple[bool | None, Json]:
        monitors = {p.id for p in self._version.agreement.parties if p.role is Role.MONITOR}
        by_it = str(notice.record.opening.detail["party"]) in {MISSION, *monitors}
        return by_it, {"notice": notice.record.id}

    def _jointly(self, notice: Notice) -> tuple[bool | None, Json]:
        steps = notice.record.all("acknowledged", "approved")
        have = {str(step.detail["party"]) for step in steps}
        bound = len(set(self._rule.who))
        agreed = len(have & set(self._rule.who))
        value: Json = {"notice": notice.record.id, "agreed": agreed, "bound": bound}
        return agreed == bound > 0, value


_TEXTS = {
    Asks.NOTIFIED: "it was notified for the whole time, before it happened",
    Asks.LEAD: "the notice was logged at least",
    Asks.INSIDE_NOTIFIED_AREA: "it lies in the area of the notice",
    Asks.WITHIN_NOTIFIED_NUMBER: "there were no more, up to this one, than notified",
    Asks.OPERATOR_IS_MONITOR: "the monitors notified it as their own",
    Asks.JOINTLY_AGREED: "everybody whom the rule binds acknowledged the notice",
}


def _lead(notice: Notice, least_h: float) -> tuple[bool | None, Json]:
    """Ask for hours from the notice to what it is about; the later of its two times decides."""
    opening = notice.record.opening
    claimed_h, logged_h = (
        (notice.start - time).total_seconds() / _HOUR_S for time in (opening.at, opening.logged_at)
    )
    value: Json = {
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
    return Notice(record, activity, start, end, max(opening.at, opening.logged_at))


def _shape(notice: Notice) -> Shape:
    ring = np.array(notice.record.opening.detail["area"], dtype=np.float64)
    corners = tuple((float(lon_deg), float(lat_deg)) for lon_deg, lat_deg in ring)
    return Shape(corners, geodesic=False, belts=(), discs=())


def _texts(value: Json) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()
