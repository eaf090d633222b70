"""Windows of silence: when each was open, where, and on whose word."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from trucewatch.agreement.zone import Disc
from trucewatch.assess._consent import all_hold
from trucewatch.assess._due import all_times, known
from trucewatch.assess._early import ever, known_by, struck_at
from trucewatch.assess._owed import any_holds
from trucewatch.assess._place import PLACE, Shape, area_inside_p, area_of
from trucewatch.errors import BadAgreement
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trucewatch.agreement.provision import Window
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step

    Times = NDArray[np.int64]
    _Span = tuple[datetime, datetime]
    Truths = NDArray[np.bool_]

_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GIVEN, _BEGAN, _OVER = {"guaranteed"}, {"started"}, {"refused", "completed", "cancelled"}
_CALLED_OFF = "cancelled"  # whoever did, it is off


class Spans(NamedTuple):
    """Spans of time, each from its first instant to the first that is no longer in it.

    Attributes:
        open_us: Where each begins, microseconds since 1970, sorted.
        close_us: Where each ends, before the next begins; not after its beginning for an empty one.
    """

    open_us: Times
    close_us: Times


class Silence(NamedTuple):
    """One window, or one that comes back every day.

    Attributes:
        value: What the trace says of it.
        sure: When it was surely open.
        may_be: When it may have been open, by times that were claimed; holds the sure ones.
        inside_p: P(inside) of each incident that may have happened while it was open, else NaN.
    """

    value: Json
    sure: Spans
    may_be: Spans
    inside_p: NDArray[np.float64]


class _Kept(NamedTuple):
    """When silence was to be kept around a place, each span to its first instant without.

    Attributes:
        sure: When it surely was, whatever was entered with an early date or struck later.
        may_be: When it may have been.
        acts: All that it follows from, struck or not, in log order.
    """

    sure: tuple[_Span, ...]
    may_be: tuple[_Span, ...]
    acts: tuple[Step, ...]


def silences(known: Known, rule: Rule, version: Version) -> Iterator[Silence]:
    """Yield the windows that a rule speaks of: those of the logbook, and the daily one it names.

    Raises `BadAgreement` for a daily window without times or with a time zone that is none.
    """
    for record in known.facts.ever("window"):
        if rule.window in {"", record.opening.detail["provision"]} and _asks_enough(
            record, rule, version
        ):
            found = _of_record(known, rule, record)
            if found is not None:
                yield found
    for window in version.agreement.provisions.windows:
        if window.id == rule.window and window.daily_from:
            yield _daily(known, version, window)


def overlaps(incidents: pl.DataFrame, spans: Spans) -> tuple[Truths, Truths]:
    """Return which incidents may have happened within one of some spans, and which surely.

    Args:
        incidents: With columns `time_start` and `time_end`.
        spans: At least one, unless there are no incidents.

    Returns:
        Two arrays of truth values, one per incident.
    """
    start_us, end_us = (
        incidents[name].dt.epoch("us").to_numpy() for name in ("time_start", "time_end")
    )
    last = np.searchsorted(spans.open_us, end_us, side="right") - 1  # the last to open until then
    opened, closed = (each[np.maximum(last, 0)] for each in spans)
    may_be = (last >= 0) & (start_us < closed)
    return may_be, may_be & (start_us >= opened) & (end_us < closed)


def _parties(record: Record) -> tuple[str, ...]:
    """Return whose guarantees a window asks for."""
    wanted = record.opening.detail["guarantees_from"]
    return tuple(map(str, wanted)) if isinstance(wanted, list) else ()


def _asks_enough(record: Record, rule: Rule, version: Version) -> bool:
    """Return whether a window asks for the word of everybody whose word the text demands.

    The text demands it of those whom the rule binds, and of those whom the window lists that the
    record names. What nobody was asked to guarantee binds nobody.
    """
    named = record.opening.detail["provision"]
    demanded = set(rule.who)
    for window in version.agreement.provisions.windows:
        if window.id == named:
            demanded.update(window.guarantees_from)
    asked = _parties(record)
    return bool(asked) and demanded.issubset(asked)


def _of_record(known: Known, rule: Rule, record: Record) -> Silence | None:
    """Return a window of the logbook, or None when it was never open."""
    kept = _kept(record)
    if not kept.may_be:
        return None
    start = kept.may_be[0][0]
    sure, may_be = _times(kept.sure or ((start, start),)), _times(kept.may_be)
    overlapping, _ = overlaps(known.facts.incidents, may_be)
    inside_p = np.full(len(overlapping), np.nan)
    if overlapping.any():
        incidents = known.facts.incidents.filter(overlapping)
        inside_p[overlapping] = _around_p(incidents, rule, record)
    return Silence(_told(kept, rule, record), sure, may_be, inside_p)


def _kept(record: Record) -> _Kept:
    """Return when silence was to be kept.

    It is open from its start and when every guarantee is given; whether work has begun by then
    changes nothing, since fire that delays a crew would excuse itself. It closes at its end, or
    when it was completed or cancelled, or a party took its word back. A guarantee surely stands
    once the log has it, and stops to stand surely when somebody says that it was taken back, but
    may stand until the log has that.
    What was struck counts for nothing from then on, and leaves in doubt what happened before,
    neither open for sure nor closed: a guarantee, an end, or the window as a whole.
    """
    acts = _acts(record)
    start, end = (
        parse_instant(str(record.opening.detail[name]), where=record.id)
        for name in ("start", "end")
    )
    turns = {start, end}
    for step in acts:
        struck = struck_at(record, step)
        turns |= {step.at, step.logged_at} | ({struck} if struck else set())
    sure: list[_Span] = []
    may_be: list[_Span] = []
    for span in pairwise(sorted(turn for turn in turns if start <= turn <= end)):
        answer = _open_at(record, acts, span[0])
        if answer is not False:
            _add(may_be, span)
        if answer:
            _add(sure, span)
    return _Kept(tuple(sure), tuple(may_be), acts)


def _acts(record: Record) -> tuple[Step, ...]:
    """Return what bears on a window, struck or not; what nobody was asked for does not."""
    asked = {"", *_parties(record)}
    return tuple(
        step
        for step in ever(record, *_GIVEN, *_BEGAN, *_OVER)
        if step.act == _CALLED_OFF or step.detail.get("party", "") in asked
    )


def _open_at(record: Record, acts: tuple[Step, ...], instant: datetime) -> bool | None:
    """Return whether a window was open at an instant between its start and its end."""
    answers: list[bool | None] = []
    for step in acts:
        if step.act in _OVER:
            # To strike the whole window does not open it again where it had been over.
            over = known(record, step, instant)
            answers.append(None if over is None else not over)
    for party in set(_parties(record)):
        given = [
            known_by(record, step, instant)
            for step in acts
            if step.act in _GIVEN and step.detail["party"] == party
        ]
        answers.append(any_holds(given))
    return all_hold(answers)


def _add(spans: list[_Span], span: _Span) -> None:
    """Add a span to sorted ones that end before it, or go on with the last if that ends there."""
    if spans and spans[-1][1] == span[0]:
        span = (spans.pop()[0], span[1])
    spans.append(span)


def _times(spans: tuple[_Span, ...]) -> Spans:
    opened, closed = (np.array([_us(each) for each in ends]) for ends in zip(*spans, strict=True))
    return Spans(opened, closed)


def _told(kept: _Kept, rule: Rule, record: Record) -> Json:
    """Return what the trace says of a window, with the times of every act that it follows from."""
    struck = struck_at(record, record.opening)
    value: dict[str, Json] = {
        "window": record.id,
        "from": instant_text(kept.sure[0][0]) if kept.sure else None,
        "until": instant_text(kept.sure[-1][1]) if kept.sure else None,
        "may_be_from": instant_text(kept.may_be[0][0]),
        "may_be_until": instant_text(kept.may_be[-1][1]),
        "acts": [{"act": step.act, **all_times(record, step)} for step in kept.acts],
        "guaranteed_by": [
            str(step.detail["guarantor"]) for step in record.steps if step in kept.acts
            and step.act in _GIVEN
        ],
        "agreed_radius_m": float(str(record.opening.detail["radius_m"])),
        "rule_radius_m": rule.radius_m,
    }  # fmt: skip
    for name, spans in (("sure_but_for", kept.sure), ("may_be_but_for", kept.may_be)):
        gaps: list[Json] = [
            [instant_text(one[1]), instant_text(next_[0])] for one, next_ in pairwise(spans)
        ]
        if gaps:
            value[name] = gaps
    if struck is not None:
        value["struck_at"] = instant_text(struck)
    return value


def _around_p(incidents: pl.DataFrame, rule: Rule, record: Record) -> NDArray[np.float64]:
    """Return P(within the radius of a window's place); both places have an error.

    Of the radius of the rule and that which was agreed the smaller counts: beyond it either the
    text or the guarantee says nothing.
    """
    place = cast("dict[str, float]", record.opening.detail["place"])
    lat_deg, lon_deg, error_m = place["lat_deg"], place["lon_deg"], place["error_m"]
    agreed_m = float(str(record.opening.detail["radius_m"]))
    radius_m = agreed_m if rule.radius_m is None else min(agreed_m, rule.radius_m)
    disc = Disc(name="", lon_deg=lon_deg, lat_deg=lat_deg, radius_m=radius_m)
    points = incidents.select(PLACE).with_columns(
        pl.col("cov_ee_m2", "cov_nn_m2") + error_m * error_m
    )
    area = area_of(Shape((), geodesic=False, belts=(), discs=(disc,)))
    return area_inside_p(points, area).to_numpy()


def _daily(known: Known, version: Version, window: Window) -> Silence:
    """Return a window that is open every day from one time of day to another."""
    where = f"{version.agreement.id}: window {window.id}"
    incidents = known.facts.incidents
    first, last = incidents["time_start"].min(), incidents["time_end"].max()
    spans: list[tuple[datetime, datetime]] = []
    if isinstance(first, datetime) and isinstance(last, datetime):
        spans = _spans(window, (first, last), where)
    value: Json = {
        "window": window.id,
        "daily": f"{window.daily_from} to {window.daily_until} {window.time_zone}",
        "guaranteed_by": [],
    }
    zone = version.agreement.zone(window.zone)
    open_ = Spans(
        np.array([_us(span[0]) for span in spans], dtype=np.int64),
        np.array([_us(span[1]) for span in spans], dtype=np.int64),
    )
    return Silence(value, open_, open_, known.incident_inside_p(version, zone).to_numpy())


def _spans(
    window: Window, between: tuple[datetime, datetime], where: str
) -> list[tuple[datetime, datetime]]:
    """Return when a daily window was open, by the clocks of its time zone.

    Raises:
        BadAgreement: A time of day or the time zone is none.
    """
    try:
        zone = ZoneInfo(window.time_zone)
        opens, closes = (
            time.fromisoformat(window.daily_from),
            time.fromisoformat(window.daily_until),
        )
    except (ZoneInfoNotFoundError, ValueError) as error:
        problem = f"daily times are {window.daily_from!r} to {window.daily_until!r}"
        expected = "must be HH:MM in an IANA time zone"
        raise BadAgreement(where, f"{problem} in {window.time_zone!r}, {expected}") from error
    day = between[0].astimezone(zone).date() - _ONE_DAY
    spans = []
    while day <= between[1].astimezone(zone).date():
        start = datetime.combine(day, opens, tzinfo=zone)
        end = datetime.combine(day + _ONE_DAY * (closes <= opens), closes, tzinfo=zone)
        spans.append((start.astimezone(UTC), end.astimezone(UTC)))
        day += _ONE_DAY
    return spans


def _us(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
