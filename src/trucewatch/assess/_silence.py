"""Windows of silence: when each was open, where, and on whose word."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from trucewatch.agreement.zone import Disc
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
    from trucewatch.records.logbook.machine import Record

    Times = NDArray[np.int64]
    Truths = NDArray[np.bool_]

_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_EVER = np.iinfo(np.int64).max


class Silence(NamedTuple):
    """One window, or one that comes back every day.

    Attributes:
        value: What the trace says of it.
        open_us: When it opens, microseconds since 1970, sorted; the first instant of silence.
        close_us: When it closes each time; the first instant without, before it opens again.
        inside_p: P(inside) of each incident that may have happened while it was open, else NaN.
    """

    value: Json
    open_us: Times
    close_us: Times
    inside_p: NDArray[np.float64]


def silences(known: Known, rule: Rule, version: Version) -> Iterator[Silence]:
    """Yield the windows that a rule speaks of: those of the logbook, and the daily one it names.

    Raises `BadAgreement` for a daily window without times or with a time zone that is none.
    """
    for record in known.facts.records("window"):
        if rule.window in {"", record.opening.detail["provision"]}:
            found = _of_record(known, rule, record)
            if found is not None:
                yield found
    for window in version.agreement.provisions.windows:
        if window.id == rule.window and window.daily_from:
            yield _daily(known, version, window)


def overlaps(incidents: pl.DataFrame, open_us: Times, close_us: Times) -> tuple[Truths, Truths]:
    """Return which incidents may have happened while a window was open, and which surely.

    Args:
        incidents: With columns `time_start` and `time_end`.
        open_us: See `Silence`.
        close_us: See `Silence`.

    Returns:
        Two arrays of truth values, one per incident.
    """
    start_us, end_us = (
        incidents[name].dt.epoch("us").to_numpy() for name in ("time_start", "time_end")
    )
    last = np.searchsorted(open_us, end_us, side="right") - 1  # the last to open until then
    opened, closed = open_us[np.maximum(last, 0)], close_us[np.maximum(last, 0)]
    may_be = (last >= 0) & (start_us < closed)
    return may_be, may_be & (start_us >= opened) & (end_us < closed)


def _of_record(known: Known, rule: Rule, record: Record) -> Silence | None:
    """Return a window of the logbook, or None when it was never open.

    It opens when all guarantees are given and work may begin: at its start, or when work did begin.
    It closes at its end, or when it was completed or cancelled.
    """
    opening, given = record.opening, record.all("guaranteed")
    wanted = opening.detail["guarantees_from"]
    promised = {str(step.detail["party"]) for step in given}
    if not given or not (isinstance(wanted, list) and promised.issuperset(map(str, wanted))):
        return None
    started, done = record.last("started"), record.last("completed", "cancelled")
    start, end = (
        parse_instant(str(opening.detail[name]), where=record.id) for name in ("start", "end")
    )
    opens = max(started.at if started else start, *(step.at for step in given))
    closes = done.at if done else end
    if closes <= opens:
        return None
    open_us, close_us = (np.array([_us(each)]) for each in (opens, closes))
    value: Json = {
        "window": record.id,
        "from": instant_text(opens),
        "until": instant_text(closes),
        "guaranteed_by": [str(step.detail["guarantor"]) for step in given],
    }
    may_be, _ = overlaps(known.facts.incidents, open_us, close_us)
    inside_p = np.full(len(may_be), np.nan)
    if may_be.any():
        inside_p[may_be] = _around_p(known.facts.incidents.filter(may_be), rule, record)
    return Silence(value, open_us, close_us, inside_p)


def _around_p(incidents: pl.DataFrame, rule: Rule, record: Record) -> NDArray[np.float64]:
    """Return P(within the rule's radius of a window's place); both places have an error."""
    place = cast("dict[str, float]", record.opening.detail["place"])
    lat_deg, lon_deg, error_m = place["lat_deg"], place["lon_deg"], place["error_m"]
    disc = Disc(name="", lon_deg=lon_deg, lat_deg=lat_deg, radius_m=rule.radius_m or 0.0)
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
    return Silence(
        value,
        np.array([_us(span[0]) for span in spans], dtype=np.int64),
        np.array([_us(span[1]) for span in spans], dtype=np.int64),
        known.incident_inside_p(version, zone).to_numpy(),
    )


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
