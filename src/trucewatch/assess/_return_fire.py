"""Return fire: fire that came in before, a call that had no success, an order, a report of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.agreement.exemption import Asks
from trucewatch.assess._act import act_share_p
from trucewatch.assess._before import came_before, its_times
from trucewatch.assess._early import LOGGED_WITHIN_H, ever, in_time, struck_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from trucewatch.agreement.exemption import Condition
    from trucewatch.agreement.rule import Rule
    from trucewatch.assess._subject import Found, Subject
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record, Step

ASKS = frozenset(
    {
        Asks.INCOMING_FIRE,
        Asks.MECHANISM_TRIED_AND_FAILED,
        Asks.ORDER_OF_LEADERSHIP,
        Asks.COORDINATOR_NOTIFIED,
    }
)
"""What this module looks up."""

REACH_KM = 30.0
"""How far apart fire and return fire may lie, in km: about the reach of tube artillery. Beyond it,
nothing says that the one answers the other."""

APART_KM = 0.5
"""How far apart fire and return fire lie at least, in km; chosen. What is nearer, or nearer than
`APART_SIGMA` of the errors of both places, cannot be told apart from the same battery's own fire:
nobody answers himself. Both sides' guns stand further apart than this in any belt."""

APART_SIGMA = 2.0
"""Standard deviations of the distance that count as its error; chosen."""

_EARTH_KM = 6371.0088  # mean radius
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_US = 60_000_000
_KM_M = 1000.0


class Incoming(NamedTuple):
    """Fire before a subject and near it.

    Attributes:
        sure: Whether it surely came in before the subject, within the time asked for, and from
            elsewhere.
        ids: Its incidents.
        first: When the first of it was over (began, when it is not sure).
        value: The nearest of it, for the trace.
    """

    sure: bool
    ids: tuple[str, ...]
    first: datetime
    value: Json


class Fires:
    """Incidents that probably happened and were one of a rule's acts, in order of time.

    Only those whose place is known. A reply is judged by minutes, so an incident whose own time is
    less sure than the minutes that are asked for says nothing.
    """

    def __init__(self, incidents: pl.DataFrame, shares: pl.DataFrame, rule: Rule) -> None:
        least_p = rule.thresholds.act_p_potential
        acts = act_share_p(shares, rule.acts)["act_p"] >= least_p
        columns = ("id", "time_start", "time_end", "lat_deg", "lon_deg", "cov_ee_m2", "cov_nn_m2")
        kept = incidents.filter(acts & (incidents["real_p"] >= least_p)).select(columns)
        fires = kept.drop_nulls().sort("time_start", "id")
        self._ids = fires["id"].to_list()
        self._start_us = fires["time_start"].dt.epoch("us").to_numpy()
        self._end_us = fires["time_end"].dt.epoch("us").to_numpy()
        self._lat_deg = fires["lat_deg"].to_numpy()
        self._lon_deg = fires["lon_deg"].to_numpy()
        self._variance_m2 = (fires["cov_ee_m2"] + fires["cov_nn_m2"]).to_numpy()

    def incoming(self, subject: Subject, within_min: float) -> Incoming | None:
        """Return fire at most so many minutes before a subject and `REACH_KM` from it, or None."""
        if subject.lat_deg is None or subject.lon_deg is None:
            return None
        within_us = int(within_min * _MINUTE_US)
        start_us, end_us = _us(subject.start), _us(subject.end)
        low = int(np.searchsorted(self._start_us, start_us - 2 * within_us))
        high = int(np.searchsorted(self._start_us, end_us))
        near = slice(low, high)
        begun, over, ids = self._start_us[near], self._end_us[near], self._ids[near]
        apart_km = _apart_km(
            self._lat_deg[near], self._lon_deg[near], subject.lat_deg, subject.lon_deg
        )
        may_be = (over >= start_us - within_us) & (over - begun <= within_us)
        may_be &= (apart_km <= REACH_KM) & np.array([name != subject.id for name in ids], bool)
        own_m2 = (subject.cov_ee_m2 or 0.0) + (subject.cov_nn_m2 or 0.0)
        error_km = APART_SIGMA * np.sqrt(self._variance_m2[near] + own_m2) / _KM_M
        elsewhere = apart_km >= np.maximum(APART_KM, error_km)
        sure = may_be & elsewhere & (over <= start_us) & (begun >= end_us - within_us)
        chosen = np.flatnonzero(sure if sure.any() else may_be)
        if not len(chosen):
            return None
        nearest = chosen[np.argmin(apart_km[chosen])]
        ends = over if sure.any() else begun
        return Incoming(
            sure=bool(sure.any()),
            ids=tuple(ids[each] for each in chosen),
            first=_EPOCH + timedelta(microseconds=int(ends[chosen].min())),
            value={
                "incident": ids[nearest],
                "minutes_before": round((start_us - int(over[nearest])) / _MINUTE_US, 1),
                "distance_km": round(float(apart_km[nearest]), 1),
                "error_km": round(float(error_km[nearest]), 1),
                "of": len(chosen),
            },
        )


def calls(facts: Facts, subject: Subject, incoming: Incoming | None) -> Sequence[Record]:
    """Return the calls that may have been made between incoming fire and a subject.

    Those that were struck as a whole are among them: one that was struck later stood then.
    """
    if incoming is None:
        return ()
    return [
        record
        for record in facts.ever("contact")
        if incoming.first <= record.opening.at <= subject.end
        and _about(record.opening.detail, subject, incoming)
    ]


def ask(
    condition: Condition, incoming: Incoming | None, call: Record | None, subject: Subject
) -> Found:
    """Return what a condition of return fire asks, whether it holds and what was found."""
    if condition.asks is Asks.INCOMING_FIRE:
        limit = f"within {condition.value:g} minutes before and {REACH_KM:g} km"
        apart = f"from elsewhere, {APART_KM:g} km off and more than the error of both places"
        text = f"fire came in {limit} (about the reach of tube artillery), {apart}"
        if incoming is None:
            return text, None if subject.lat_deg is None else False, None
        return text, incoming.sure or None, incoming.value
    if condition.asks is Asks.MECHANISM_TRIED_AND_FAILED:
        return _tried_and_failed(incoming, call, subject)
    act, text, said = _FOLLOWED[condition.asks]
    found = [(said(call, step, subject), step) for step in ever(call, act)] if call else []
    if call is None or not found:
        return text, False, None
    holds, step = max(found, key=lambda each: _RANK[each[0]])
    return text, holds, {"contact": call.id, **its_times(call, step)}


_RANK = {False: 0, None: 1, True: 2}


def _told(call: Record, step: Step, subject: Subject) -> bool | None:
    """Return whether the coordinator was told: that alone may follow the act and still count."""
    if step.at > subject.start + timedelta(hours=LOGGED_WITHIN_H):
        return False
    struck = struck_at(call, step)
    if struck is not None:
        return False if struck <= subject.start else None
    return in_time(step, subject.start) or None


_FOLLOWED = {
    Asks.ORDER_OF_LEADERSHIP: (
        "ordered",
        "the leadership ordered it before, logged before the act",
        came_before,
    ),
    Asks.COORDINATOR_NOTIFIED: (
        "coordinator_told",
        f"the coordinator was told, both told and logged within {LOGGED_WITHIN_H:g} h of the act",
        _told,
    ),
}


def _tried_and_failed(incoming: Incoming | None, call: Record | None, subject: Subject) -> Found:
    text = "a call after that fire and before the act had no success, logged before the act"
    if incoming is None or call is None:
        return text, False, None
    times = its_times(call, call.opening)
    value: dict[str, Json] = {"contact": call.id, "called_at": times.pop("at"), **times}
    value["success"] = None
    found = [(came_before(call, s, subject), s) for s in ever(call, "answered", "failed")]
    ends = [each for each in found if each[0] is not False]
    if not ends:
        return text, False, value
    successes = [each for each in ends if each[1].detail.get("success", False)]
    early, step = max(successes or ends, key=lambda each: _RANK[each[0]])
    value |= {"success": bool(successes), "ended": its_times(call, step)}
    if successes:  # what was logged or struck later proves nothing, but leaves doubt
        return text, False if early else None, value
    called = came_before(call, call.opening, subject)
    return text, (incoming.sure and called and early) or None, value


def _about(detail: Mapping[str, Json], subject: Subject, incoming: Incoming) -> bool:
    """Return whether a call is about fire near the subject.

    It says so by a place, or, without one, by naming an incident: the subject or what came in.
    """
    place = detail.get("place")
    if isinstance(place, dict) and subject.lat_deg is not None and subject.lon_deg is not None:
        lat_deg, lon_deg = np.array([place["lat_deg"]], float), np.array([place["lon_deg"]], float)
        apart_km = _apart_km(lat_deg, lon_deg, subject.lat_deg, subject.lon_deg)
        return bool(apart_km[0] <= REACH_KM)
    words = set(re.split(r"[^\w-]+", str(detail.get("about", ""))))
    return bool(words & {subject.id, *incoming.ids})


def _apart_km(
    lat_deg: np.ndarray, lon_deg: np.ndarray, of_lat_deg: float, of_lon_deg: float
) -> np.ndarray:
    """Return distances on a sphere, shape (n,), km; 0.5 % of the ellipsoid's at most."""
    high, of_high = np.radians(lat_deg), np.radians(of_lat_deg)
    up, across = (high - of_high) / 2, np.radians(lon_deg - of_lon_deg) / 2
    chord = np.sin(up) ** 2 + np.cos(high) * np.cos(of_high) * np.sin(across) ** 2
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


def _us(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
