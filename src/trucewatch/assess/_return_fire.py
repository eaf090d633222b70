"""Return fire: fire that came in before, a call that had no success, an order, a report of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.agreement.exemption import Asks
from trucewatch.assess._act import act_share_p
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from trucewatch.agreement.exemption import Condition
    from trucewatch.agreement.rule import Rule
    from trucewatch.assess._subject import Found, Subject
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

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

_EARTH_KM = 6371.0088  # mean radius
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_US = 60_000_000


class Incoming(NamedTuple):
    """Fire before a subject and near it.

    Attributes:
        sure: Whether it surely came in before the subject, and within the time asked for.
        first: When the first of it was over (began, when it is not sure).
        value: The nearest of it, for the trace.
    """

    sure: bool
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
        columns = ("id", "time_start", "time_end", "lat_deg", "lon_deg")
        kept = incidents.filter(acts & (incidents["real_p"] >= least_p)).select(columns)
        fires = kept.drop_nulls().sort("time_start", "id")
        self._ids = fires["id"].to_list()
        self._start_us = fires["time_start"].dt.epoch("us").to_numpy()
        self._end_us = fires["time_end"].dt.epoch("us").to_numpy()
        self._lat_deg = fires["lat_deg"].to_numpy()
        self._lon_deg = fires["lon_deg"].to_numpy()

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
        sure = may_be & (over <= start_us) & (begun >= end_us - within_us)
        chosen = np.flatnonzero(sure if sure.any() else may_be)
        if not len(chosen):
            return None
        nearest = chosen[np.argmin(apart_km[chosen])]
        ends = over if sure.any() else begun
        return Incoming(
            sure=bool(sure.any()),
            first=_EPOCH + timedelta(microseconds=int(ends[chosen].min())),
            value={
                "incident": ids[nearest],
                "minutes_before": round((start_us - int(over[nearest])) / _MINUTE_US, 1),
                "distance_km": round(float(apart_km[nearest]), 1),
                "of": len(chosen),
            },
        )


def calls(facts: Facts, subject: Subject, incoming: Incoming | None) -> Sequence[Record]:
    """Return the calls that may have been made between incoming fire and a subject."""
    if incoming is None:
        return ()
    return [
        record
        for record in facts.records("contact")
        if incoming.first <= record.opening.at <= subject.end
        and _near(record.opening.detail, subject)
    ]


def ask(
    condition: Condition, incoming: Incoming | None, call: Record | None, subject: Subject
) -> Found:
    """Return what a condition of return fire asks, whether it holds and what was found."""
    if condition.asks is Asks.INCOMING_FIRE:
        limit = f"within {condition.value:g} minutes before and {REACH_KM:g} km"
        text = f"fire came in {limit} (about the reach of tube artillery; the nearest is named)"
        if incoming is None:
            return text, None if subject.lat_deg is None else False, None
        return text, incoming.sure or None, incoming.value
    if condition.asks is Asks.MECHANISM_TRIED_AND_FAILED:
        return _tried_and_failed(incoming, call, subject)
    act, text = _FOLLOWED[condition.asks]
    step = None if call is None else call.last(act)
    if call is None or step is None:
        return text, False, None
    value: Json = {"contact": call.id, "at": instant_text(step.at)}
    if condition.asks is Asks.ORDER_OF_LEADERSHIP and step.at > subject.start:
        return text, None if step.at <= subject.end else False, value
    return text, True, value


_FOLLOWED = {
    Asks.ORDER_OF_LEADERSHIP: ("ordered", "the leadership ordered it before"),
    Asks.COORDINATOR_NOTIFIED: (
        "coordinator_told",
        "the coordinator was told of it",
    ),
}


def _tried_and_failed(incoming: Incoming | None, call: Record | None, subject: Subject) -> Found:
    text = "a call after that fire and before the act had no success"
    if incoming is None or call is None:
        return text, False, None
    value: dict[str, Json] = {
        "contact": call.id,
        "called_at": instant_text(call.opening.at),
        "logged_at": instant_text(call.opening.logged_at),
        "success": None,
    }
    ends = [each for each in call.all("answered", "failed") if each.at <= subject.end]
    if not ends:
        return text, False, value
    value["success"] = bool(ends[-1].detail.get("success", False))
    if value["success"]:
        return text, False, value
    return text, (incoming.sure and ends[-1].at <= subject.start) or None, value


def _near(detail: Mapping[str, Json], subject: Subject) -> bool:
    """Return whether a call that names a place is about fire near the subject."""
    place = detail.get("place")
    if not isinstance(place, dict) or subject.lat_deg is None or subject.lon_deg is None:
        return True
    lat_deg, lon_deg = np.array([place["lat_deg"]], float), np.array([place["lon_deg"]], float)
    return bool(_apart_km(lat_deg, lon_deg, subject.lat_deg, subject.lon_deg)[0] <= REACH_KM)


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
