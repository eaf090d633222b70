"""What was agreed, on the map: zones, lines with ticks to the own side, windows of silence."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.agreement.line import Side
from trucewatch.agreement.party import Role as PartyRole
from trucewatch.agreement.version import Version
from trucewatch.agreement.zone import Edges
from trucewatch.assess._place import zone_area
from trucewatch.serve.maps.ink import joined, mark, path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup
    from numpy.typing import NDArray

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.zone import Zone
    from trucewatch.mission.configuration import Configuration
    from trucewatch.records.logbook.machine import Record
    from trucewatch.serve.maps.frame import Frame

    Floats = NDArray[np.float64]

Span = tuple["datetime | None", "datetime | None"]
_TICK_PX = 26.0
_TICK_LONG_PX = 6.0
_MARGIN_PX = 40
_NAME_PX, _LINE_PX = 64.0, 12.0  # room of a name
_WINDOW_STATES = frozenset({"guaranteed", "active", "breached", "completed"})
"""In which a window is, or was, in force."""


def zones_of(agreement: Agreement, span: Span, *, restricted: bool) -> tuple[Zone, ...]:
    """Return the zones that are valid at some time of a span.

    Args:
        agreement: The agreement.
        span: From and until; None has no end.
        restricted: Whether who looks may see restricted ones.
    """
    return tuple(
        zone
        for zone in agreement.zones
        if (restricted or not zone.restricted) and _meets((zone.since, zone.until), span)
    )


def _meets(one: Span, other: Span) -> bool:
    return (one[1] is None or other[0] is None or one[1] > other[0]) and (
        other[1] is None or one[0] is None or one[0] < other[1]
    )


def rings_of(using: Configuration, zone: Zone) -> list[Floats]:
    """Return the rings (n, 2) of a zone, degrees, the first corner repeated at the end."""
    version = Version(agreement=using.agreement, object=using.agreement_object)
    parts = zone_area(version, zone).parts
    return [np.vstack([ring, ring[:1]]) for part in parts for ring in part]


def zones(using: Configuration, chosen: Sequence[Zone], frame: Frame) -> Markup:
    """Return zones as dash-dotted outlines with their ids."""
    made: list[Markup] = []
    taken: list[tuple[float, float]] = []
    for zone in chosen:
        cut = [piece for ring in rings_of(using, zone) for piece in _cut(ring, frame)]
        if not cut:
            continue
        made.append(mark("path", mark("title", zone.id), class_="m-zone", d=path(cut)))
        if name := _named(zone.id, np.vstack(cut), taken, frame):
            made.append(name)
    return joined(made)


def _named(
    text: str, points_px: Floats, taken: list[tuple[float, float]], frame: Frame
) -> Markup | None:
    """Return the name above the highest point in view; None where another name stands."""
    here = points_px[frame.inside(points_px[:, 0], points_px[:, 1])]
    if not len(here):
        return None
    x, y = here[np.argmin(here[:, 1])].tolist()
    x, y = min(x, frame.width_px - _NAME_PX), max(y - 6, 14.0)
    if any(abs(x - one) < _NAME_PX and abs(y - other) < _LINE_PX for one, other in taken):
        return None
    taken.append((x, y))
    return mark("text", text, class_="m-lab zone", x=x, y=y)


def lines(agreement: Agreement, span: Span, frame: Frame) -> Markup:
    """Return reference lines: of a party in its mark with ticks to its side, else in ink."""
    parties = [party.id for party in agreement.parties if party.role is PartyRole.PARTY]
    valid = [line for line in agreement.lines if _meets((line.since, line.until), span)]
    return joined(_drawn(line, parties, frame) for line in valid)


def _drawn(line: Line, parties: Sequence[str], frame: Frame) -> Markup:
    own = line.datum_for[0] if len(line.datum_for) == 1 else ""
    side = "ab"[parties.index(own)] if own in parties[:2] else ""
    cut = list(_cut(_points_deg(line), frame))
    if not cut:
        return joined(())
    title = mark("title", f"{line.id}, {', '.join(line.datum_for)}" if own else line.id)
    made = [mark("path", title, class_=f"m-l{side}" if side else "m-line", d=path(cut))]
    if side and own in line.sides:
        way = 1 if line.sides[own] is Side.RIGHT else -1
        ticks = [tick for piece in cut for tick in _ticks(piece, way)]
        made.append(mark("path", class_=f"m-tick {side}", d=path(ticks)))
    x, y = cut[-1][len(cut[-1]) // 2].tolist()
    words = f"{line.id}, {own}" if own else line.id
    made.append(mark("text", words, class_=f"m-lab p{side}" if side else "m-lab zone", x=x, y=y))
    return joined(made)


def _points_deg(line: Line) -> Floats:
    points = np.array(line.points, dtype=np.float64)
    if line.edges is not Edges.GEODESIC:
        return points
    from pyproj import Geod

    geod, found = Geod(ellps="WGS84"), [points[:1]]
    for (lon0, lat0), (lon1, lat1) in pairwise(points):
        between = geod.npts(lon0, lat0, lon1, lat1, 7, initial_idx=1, terminus_idx=0)
        found.append(np.array(between))
    return np.vstack(found)


def _ticks(line_px: Floats, way: int) -> Iterator[Floats]:
    """Yield short strokes across a line, to its right seen along it where `way` is 1."""
    steps = np.diff(line_px, axis=0)
    long_px = np.hypot(steps[:, 0], steps[:, 1])
    passed_px = np.concatenate([[0.0], np.cumsum(long_px)])
    at_px = np.arange(_TICK_PX / 2, passed_px[-1], _TICK_PX)
    piece = np.clip(np.searchsorted(passed_px, at_px, side="right") - 1, 0, len(steps) - 1)
    safe_px = np.maximum(long_px[piece], 1e-9)[:, None]
    along = steps[piece] / safe_px
    first = line_px[piece] + along * (at_px - passed_px[piece])[:, None]
    # y grows downwards, so turning clockwise on the screen is (-y, x)
    across = np.column_stack([-along[:, 1], along[:, 0]]) * (way * _TICK_LONG_PX)
    yield from np.stack([first, first + across], axis=1)


def _cut(line_deg: Floats, frame: Frame) -> Iterator[Floats]:
    """Yield the pieces of a line that a map shows, in pixels."""
    import shapely

    whole = shapely.LineString(frame.ring_px(line_deg))
    wide, high = frame.width_px + _MARGIN_PX, frame.height_px + _MARGIN_PX
    kept = shapely.clip_by_rect(whole, -_MARGIN_PX, -_MARGIN_PX, wide, high)
    for piece in shapely.get_parts(shapely.line_merge(kept)):
        if not piece.is_empty:
            yield shapely.get_coordinates(piece)


def windows_of(records: Sequence[Record], span: Span) -> list[Record]:
    """Return the windows of silence that were in force at some time of a span."""
    return [
        each
        for each in records
        if each.kind == "window" and each.state in _WINDOW_STATES and _meets(_lasts(each), span)
    ]


def _lasts(record: Record) -> Span:
    from datetime import datetime

    said = record.opening.detail
    start, end = (datetime.fromisoformat(str(said[name])) for name in ("start", "end"))
    return start, end


def windows(chosen: Sequence[Record], frame: Frame) -> Markup:
    """Return windows of silence as dashed rings with the record's name."""
    return joined(_window(each, frame) for each in chosen)


def _window(record: Record, frame: Frame) -> Markup:
    said = record.opening.detail
    place = said["place"]
    assert isinstance(place, dict)  # noqa: S101 - read with its form
    lon_deg, lat_deg = (np.array([float(str(place[key]))]) for key in ("lon_deg", "lat_deg"))
    x, y = (float(each[0]) for each in frame.px(lon_deg, lat_deg))
    r = max(4.0, float(said["radius_m"]) * float(frame.px_per_m(lat_deg)[0]))  # type: ignore[arg-type]
    ring = mark("circle", mark("title", str(said["site"])), class_="m-win", cx=x, cy=y, r=r)
    name = mark("text", record.id, class_="m-lab zone", x=x, y=y + r + 14, text_anchor="middle")
    return mark("a", ring + name, href=f"/logbook/{record.id}")
