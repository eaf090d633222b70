"""A whole map: ground, what was agreed, what could be seen, what happened; one SVG."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.mission.hindered import hindered
from trucewatch.mission.logbook import logbook
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.maps import agreed, covered, dots, ground
from trucewatch.serve.maps.frame import Frame, padded
from trucewatch.serve.maps.hindered import hindrances
from trucewatch.serve.maps.ink import joined, mark
from trucewatch.serve.maps.packs import ground_of
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from markupsafe import Markup

    from trucewatch.agreement.zone import Zone
    from trucewatch.evidence.log import Log
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.shown import Shown
    from trucewatch.records.logbook.machine import Record
    from trucewatch.report.material import Hindered
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.maps.agreed import Span
    from trucewatch.serve.maps.covered import Watched
    from trucewatch.serve.maps.dots import Dots
    from trucewatch.serve.maps.frame import BoxDeg

LAYERS = frozenset(
    {"incidents", "provisional", "hindered", "lines", "zones", "windows", "coverage", "names"}
)
"""What a map can show beside the ground."""
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_INVENTED = N_("Fictional ground: its rivers and places are invented.")
_ENDORSES = N_("Boundaries and names imply no endorsement.")
_WORLD: BoxDeg = (-20.0, 30.0, 60.0, 65.0)
"""Shown where nothing has a place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What stands on a map beside incidents, as somebody may see it in a span of time.

    Attributes:
        using: The configuration in force.
        zones: Zones that are valid.
        span: From and until; None has no end.
        windows: Windows of silence; the mission alone sees them.
        hindrances: Where monitors were hindered; likewise.
        watched: How much was watched; likewise, and None where nobody declared it.
    """

    using: Configuration
    zones: tuple[Zone, ...] = ()
    span: Span = (None, None)
    windows: list[Record] = field(default_factory=list)
    hindrances: tuple[Hindered, ...] = ()
    watched: Watched | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where marks lead.

    Attributes:
        incident: Address by id.
        closer: Address by the box that a ring counts.
    """

    incident: Callable[[str], str]
    closer: Callable[[BoxDeg], str]


def box_words(box_deg: BoxDeg) -> str:
    """Return a box as an address says it."""
    return ",".join(f"{edge:.5f}" for edge in box_deg)


PLAIN_LINKS = Links(
    incident=lambda name: f"/incidents/{name}",
    closer=lambda box_deg: f"/map?box={box_words(box_deg)}",
)
"""To the page of an incident, and to the map."""


def box_of(incidents: pl.DataFrame, zones: tuple[Zone, ...], using: Configuration) -> BoxDeg:
    """Return a box that holds all incidents with a place, and all zones and lines of the text."""
    points = [incidents.select("lon_deg", "lat_deg").drop_nulls().drop_nans().to_numpy()]
    points += [ring for zone in zones for ring in agreed.rings_of(using, zone)]
    points += [np.array(line.points) for line in using.agreement.lines]
    every = np.vstack([each for each in points if len(each)] or [np.zeros((0, 2))])
    if not len(every):
        return _WORLD
    west, south = every.min(axis=0).tolist()
    east, north = every.max(axis=0).tolist()
    return padded((west, south, east, north))


def around(
    ask: Asking, span: Span, layers: frozenset[str] = LAYERS, *, past: Shown | None = None
) -> Around:
    """Return what stands on a map beside incidents, as who asks may see it.

    Args:
        ask: Who asks.
        span: From and until; None has no end.
        layers: Those to look up; others stay empty.
        past: What was known at an earlier time, to stand on that; nobody works out coverage then.
    """
    using, ours = (past or ask.shown).using, ask.viewer.role is Role.MISSION
    zones = agreed.zones_of(using.agreement, span, restricted=ours)
    told = {"windows", "hindered"} & layers if ask.may(What.LOGBOOK) else set()
    seen = ours and past is None and "coverage" in layers and using.settings.coverage
    if not told and not seen:
        return Around(using=using, zones=zones, span=span)
    with ask.site.reading() as (log, there):
        size = past.size if past else log.size
        records = logbook(log, size) if "windows" in told else ()
        kept = (span[0] or _FIRST, span[1] or _LAST)
        return Around(
            using=using,
            zones=zones,
            span=span,
            windows=agreed.windows_of(records, span),
            hindrances=hindered(log, size, *kept) if "hindered" in told else (),
            watched=_watched(ask, using, log, there, span) if seen else None,
        )


def _watched(
    ask: Asking, using: Configuration, log: Log, there: Projection, span: Span
) -> Watched | None:
    days = _days(ask, span)
    key = str(ask.site.home.path), there.desk.state().get("input_root"), using.entry, *days
    return covered.kept.get(key, lambda: covered.watched(log, there, using, days))


def _days(ask: Asking, span: Span) -> tuple[datetime, datetime]:
    end = min(span[1] or ask.site.now(), ask.site.now()).replace(minute=0, second=0, microsecond=0)
    return min(max(span[0] or _FIRST, end - covered.LONGEST), end - covered.LONGEST / 168), end


def drawn(
    ask: Asking, found: Dots, beside: Around, *, layers: frozenset[str], links: Links
) -> Markup:
    """Return the marks of a map in order, the ground first and incidents last."""
    frame, words = found.frame, ask.tongue.words.gettext
    pieces = ground_of(ask, frame.box_deg, frame.width_px)
    made = [ground.drawn(pieces, frame), ground.graticule(frame)]
    if "coverage" in layers and beside.watched is not None:
        made.append(covered.stippled(beside.watched, frame))
    made.append(ground.lines(pieces, frame))
    if "zones" in layers:
        made.append(agreed.zones(beside.using, beside.zones, frame))
    if "lines" in layers:
        made.append(agreed.lines(beside.using.agreement, beside.span, frame))
    if "windows" in layers:
        made.append(agreed.windows(beside.windows, frame))
    if "hindered" in layers:
        made.append(hindrances(beside.hindrances, frame, words))
    if "names" in layers:
        taken = dots.rooms(found) if "incidents" in layers else ()
        every = (*pieces.regions, *pieces.places)
        made.append(ground.named(every, frame, ask.tongue.code, taken))
    if "incidents" in layers:
        tabs = dots.stops(found)
        made += dots.ellipses(found, _title(ask), links.incident, tabs=tabs)
        made += dots.rings(found, ask.tongue, links.closer, tabs=tabs)
    return joined(made)


def _title(ask: Asking) -> Callable[[dict[str, object]], str]:
    words, zone = ask.tongue.words.gettext, ask.shown.using.settings.mission.time_zone

    def title(row: dict[str, object]) -> str:
        time, kind = row["time"], HAPPENINGS.get(str(row["class"]))
        assert isinstance(time, datetime)  # noqa: S101 - by its schema
        what = words(kind.text) if kind else str(row["class"])
        p = ask.tongue.number(float(str(row["real_p"])), 2)
        return f"{ask.tongue.minute(time, zone)}, {what}, P {p}"

    return title


def whole(ask: Asking, found: Dots, marks: Markup) -> Markup:
    """Return the SVG around marks, with what it shows in words."""
    frame = found.frame
    said = ask.tongue.words.ngettext(
        "Map with %(num)s incident; the same is in the list.",
        "Map with %(num)s incidents; the same are in the list.",
        found.total,
    ) % {"num": ask.tongue.number(found.total)}
    return mark(
        "svg",
        marks,
        viewBox=f"0 0 {frame.width_px} {frame.height_px}",
        preserveAspectRatio="xMidYMid slice",
        role="group",  # not `img`: what is in it can be followed
        aria_label=said,
    )


def figure(
    ask: Asking,
    *,
    box_deg: BoxDeg,
    incidents: pl.DataFrame,
    selected: str = "",
    size_px: tuple[int, int] = (720, 420),
    layers: frozenset[str] = LAYERS,
) -> Markup:
    """Return a map for a page: an SVG whose marks lead to pages of incidents.

    Args:
        ask: Who asks; what they may not see is not drawn.
        box_deg: What it holds at least: west, south, east, north, WGS 84.
        incidents: As `ask.shown` has them.
        selected: Id of the incident with a ring around it, or "".
        size_px: Across and down; pages scale it.
        layers: Of `LAYERS`.
    """
    found = dots.dots(incidents, Frame.fit(box_deg, size_px))
    beside = around(ask, (None, None), layers)
    marks = drawn(ask, found, beside, layers=layers, links=PLAIN_LINKS)
    marks += dots.halo(incidents, selected, found.frame)
    return whole(ask, found, marks + ground.noted(foot(ask, found.frame), found.frame))


def foot(ask: Asking, frame: Frame) -> str:
    """Return what a map says of its ground: that it is invented, or who drew it."""
    say = ask.tongue.words.gettext
    pieces = ground_of(ask, frame.box_deg, frame.width_px)
    told = [say(_INVENTED if pieces.invented else _ENDORSES), pieces.credit]
    return " ".join(each for each in told if each)
