"""The operations view: what an address asks the map for, and everything that answers it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import polars as pl

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import BadInput, NotAllowed
from trucewatch.mission.listing import known_at
from trucewatch.mission.logbook import size_at
from trucewatch.mission.provisional import NOTHING
from trucewatch.mission.shown import shown
from trucewatch.records.assessment import Outcome
from trucewatch.serve.maps import bars, dots, early
from trucewatch.serve.maps.figure import LAYERS, Links, around, box_of, box_words, drawn
from trucewatch.serve.maps.frame import Frame
from trucewatch.serve.sought import instant, sought

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from trucewatch.mission.shown import Shown
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.maps.dots import Dots
    from trucewatch.serve.maps.figure import Around
    from trucewatch.serve.sought import Sought

SIZE_PX = (760, 740)
"""Of the picture where nobody says how large their window is."""
_DIGITS_MAX = 9
_SIZE_MIN_PX, _SIZE_MAX_PX = 200, 2_400
_PAST_KEPT = 2
_HOUR = timedelta(hours=1)
_past: OrderedDict[tuple[str, datetime, int], Shown] = OrderedDict()
_past_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an address asks for.

    Attributes:
        sought: The filter; its box is what the picture holds.
        layers: Of `figure.LAYERS`.
        status: One of `dots.STATUSES`, or "" for all.
        selected: Id of an incident, or "".
        step_h: Of the time bar, 0 for one that fits.
        asof: As known at this instant; None for now.
        size_px: Of the picture.
    """

    sought: Sought
    layers: frozenset[str]
    status: str
    selected: str
    step_h: int
    asof: datetime | None
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """What answers it.

    Attributes:
        wish: What was asked.
        seen: What who asks sees, now or then.
        found: The incidents of the picture.
        beside: What stands beside them.
        of: How many incidents the filter leaves, in view or not.
        by_status: How many in view of each of `dots.STATUSES`, whatever status was asked for.
        times: The time bar's counts.
        silences: When sensors were silent; the mission alone sees it.
        early: Provisional incidents of the picture and time; likewise.
    """

    wish: Wish
    seen: Shown
    found: Dots
    beside: Around
    of: int
    by_status: tuple[int, ...]
    times: bars.Bars
    silences: Sequence[tuple[datetime, datetime]]
    early: pl.DataFrame


def wish(ask: Asking) -> Wish:
    """Return what an address asks the map for.

    Raises:
        BadInput: A value cannot be read; the message names it.
        NotAllowed: It asks what was known at an earlier time, which the mission alone may.
    """
    named = [value for key, value in ask.query if key == "layer"]
    unknown = sorted({*named} - LAYERS - {"none"})
    if unknown:
        raise BadInput(
            "layer", f"{unknown[0]!r} is not known, expected {', '.join(sorted(LAYERS))}"
        )
    status = ask.value("status")
    if status and status not in dots.STATUSES:
        raise BadInput("status", f"{status!r} is not known, expected one of un, pr")
    asof = ask.value("asof")
    if asof and ask.viewer.role is not Role.MISSION:
        raise NotAllowed("asof", "is for the mission, which sees when each thing became known")
    return Wish(
        sought=sought(dict(ask.query)),
        layers=frozenset(named) & LAYERS if named else LAYERS,
        status=status,
        selected=ask.value("selected"),
        step_h=_whole("step", ask.value("step") or "0", 8_760),
        asof=instant("asof", asof),
        size_px=_size(ask.value("size")),
    )


def _whole(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX and int(text) <= most):
        raise BadInput(name, f"is {text!r}, expected a whole number up to {most}")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    if not text:
        return SIZE_PX
    across, _, down = text.partition("x")
    wide, high = (_whole("size", part, 100_000) for part in (across, down))
    low, most = _SIZE_MIN_PX, _SIZE_MAX_PX
    return max(low, min(most, wide)), max(low, min(most, high))


def link(ask: Asking, **changed: object) -> str:
    """Return the address of the map with other values; None takes one away."""
    kept = [(key, value) for key, value in ask.query if key not in {*changed, "size"}]
    query = urlencode([*kept, *((k, str(v)) for k, v in changed.items() if v is not None)])
    return f"/map?{query}" if query else "/map"


def view(ask: Asking, *, every: bool = False) -> View:
    """Return everything that answers what is asked.

    Args:
        ask: Who asks, and what.
        every: Whether each incident stands alone as long as there are not too many.
    """
    wanted = wish(ask)
    seen = _then(ask, wanted.asof) if wanted.asof else ask.shown
    left = _left(replace(wanted.sought, start=None, end=None, box_deg=None), seen)
    start, end = wanted.sought.start, wanted.sought.end
    beside = around(ask, (start, end), wanted.layers, past=seen if wanted.asof else None)
    placed = seen.incidents["lon_deg"].count() > 0  # then the ground of the incidents is enough
    zones = () if placed else beside.zones
    box_deg = wanted.sought.box_deg or box_of(seen.incidents, zones, seen.using)
    frame = Frame.fit(box_deg, wanted.size_px)
    timed = _between(left, start, end)
    found = dots.dots(timed, frame, every=every)
    by_status = found.by_status
    if wanted.status:
        place = dots.STATUSES.index(wanted.status)
        timed = timed.filter(dots.status() == place)
        found = dots.dots(timed, frame, every=every)
    return View(
        wish=wanted,
        seen=seen,
        found=found,
        beside=beside,
        of=len(timed),
        by_status=by_status,
        times=bars.bars(left, _whole_span(ask, left, wanted), wanted.step_h),
        silences=_silences(ask) if wanted.asof is None else (),
        early=_early(ask, wanted, frame, seen.size),
    )


def _early(ask: Asking, wanted: Wish, frame: Frame, size: int) -> pl.DataFrame:
    """Return what no run has looked at; nothing of it where somebody asks for more than a place."""
    only = wanted.sought
    asks = only.outcome or only.rule or wanted.asof is not None
    if asks or "provisional" not in wanted.layers or not ask.may(What.PROVISIONAL):
        return NOTHING
    found = early.within(ask.site.early.since(size), frame, (only.start, only.end))
    found = found.filter(pl.col("class") == only.kind) if only.kind else found
    return found.filter(pl.col("real_p") >= only.real_p) if only.real_p is not None else found


def _left(only: Sought, seen: Shown) -> pl.DataFrame:
    """Return what a filter without time and box leaves; all of it where it asks nothing."""
    asks = only.kind or only.outcome or only.rule or only.real_p is not None
    return only.of(seen.incidents, seen.assessments) if asks else seen.incidents


def _between(table: pl.DataFrame, start: datetime | None, end: datetime | None) -> pl.DataFrame:
    if start is not None:
        table = table.filter(pl.col("time") >= start)
    return table if end is None else table.filter(pl.col("time") < end)


def _whole_span(ask: Asking, table: pl.DataFrame, wanted: Wish) -> tuple[datetime, datetime]:
    """Return the time from the first incident to now, to a whole hour: what the time bar shows."""
    now = wanted.asof or ask.shown.until or ask.site.now()
    first, last = table["time"].min(), table["time"].max()
    start = first if isinstance(first, datetime) else now - timedelta(days=1)
    end = max(last, now) if isinstance(last, datetime) else now
    return start, max(end, start + _HOUR)


def _silences(ask: Asking) -> list[tuple[datetime, datetime]]:
    if not ask.may(What.SENSOR):
        return []
    with ask.site.reading() as (_, there):
        return there.desk.read("silence").select("start", "end").rows()


def _then(ask: Asking, asof: datetime) -> Shown:
    """Return what who asks would have seen then; slow the first time, all of it is run again.

    Raises:
        BadInput: Nothing was logged by then.
    """
    with ask.site.reading() as (log, _):
        key = str(ask.site.home.path), asof, log.size
        with _past_lock:
            if key in _past:
                return _past[key]
        if size_at(log, asof) == 0:
            raise BadInput(
                "asof", f"nothing was logged by {asof.isoformat()}, expected a later time"
            )
        with known_at(ask.site.home, asof) as there:
            made = shown(ask.site.home, log, there, ask.viewer, ask.site.now())
    with _past_lock:
        _past[key] = made
        while len(_past) > _PAST_KEPT:
            _past.popitem(last=False)
    return made


def picture(ask: Asking, of: View) -> Markup:
    """Return the marks of the map, with the halo of what is selected."""
    links = Links(
        incident=lambda name: link(ask, selected=name),
        closer=lambda box_deg: link(ask, box=box_words(box_deg)),
    )
    marks = drawn(ask, of.found, of.beside, layers=of.wish.layers, links=links)
    said = ask.tongue.words.gettext("Provisional, not yet of a run")
    marks += early.drawn(of.early, of.found.frame, said)
    return marks + dots.halo(of.seen.incidents, of.wish.selected, of.found.frame)


def time_bar(ask: Asking, of: View) -> Markup:
    """Return the time bar."""
    zone, asof = of.seen.using.settings.mission.time_zone, of.wish.asof
    known = None
    if asof is not None:
        said = ask.tongue.words.gettext("as known at %(time)s, %(size)s entries")
        told = {"time": ask.minute(asof), "size": ask.tongue.number(of.seen.size)}
        known = asof, said % told
    chosen = of.wish.sought.start, of.wish.sought.end
    beside = bars.Beside(chosen=chosen, silences=of.silences, known=known)
    return bars.drawn(of.times, beside, ask.tongue, zone)


def outcomes(of: View) -> dict[str, int]:
    """Return how many of the incidents in view have each outcome of some rule."""
    told = of.seen.assessments.filter(pl.col("subject_kind") == "incident")
    if len(of.found.ids) < len(of.seen.incidents):
        told = told.join(of.found.ids.to_frame("subject"), on="subject", how="semi")
    counted = told.group_by("outcome").agg(pl.col("subject").n_unique()).rows()
    every = dict(counted)
    return {str(each): every[each] for each in Outcome if each in every and each != Outcome.NO_RULE}
