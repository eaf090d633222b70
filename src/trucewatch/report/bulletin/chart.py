"""The map of a bulletin: a plane of pixels with zones, marks, graticule and scale.

Plate carree, true to scale at the middle latitude; good for the few hundred kilometres of a
mission, and each label is computed, not measured. Nothing here is fetched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.frame import WIDTH, Frame, frame_of
from trucewatch.report.bulletin.label import Label, labelled
from trucewatch.report.bulletin.mark import Mark, marks_of
from trucewatch.report.bulletin.veil import legend_text, veil
from trucewatch.report.bulletin.wording import plural
from trucewatch.report.release import shown_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from trucewatch.report.material import Material, ZoneOutline

_STEPS = (1, 2, 5, 10)
_MICRO = 1_000_000
_CLEAR = 16  # pixels at the edge in which a figure would be cut
_LINES = 8  # of the grid, at most, in the longer direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A map, ready to be set as SVG.

    Attributes:
        height: In pixels; the width is `frame.WIDTH`.
        zones: SVG path data.
        veil: SVG path data of what was not observed, "" for all of the map.
        unseen: Ground that hindered monitors could not observe: left, top and radius in pixels.
        grid: SVG path data of meridians and parallels.
        figures: Labels of the grid.
        towns: Pixels of named places.
        names: Their labels, where there is room.
        marks: Incidents.
        scale: Length of the scale bar in pixels, and its text.
        alt: What the map shows, in words.
        legend: (glyph, words) in order.
        notes: What the map leaves out; the last says that it endorses nothing.
    """

    height: int
    zones: tuple[str, ...]
    veil: str
    unseen: tuple[tuple[float, float, float], ...]
    grid: str
    figures: tuple[Label, ...]
    towns: tuple[tuple[int, int], ...]
    names: tuple[Label, ...]
    marks: tuple[Mark, ...]
    scale: tuple[int, str]
    alt: str
    legend: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def chart(material: Material, current: pl.DataFrame) -> Chart:
    """Return the map of the current window's released incidents.

    Args:
        material: For zones, places and level.
        current: Rows of `release.Released.incidents`.
    """
    placed = current.drop_nulls(["lat_deg", "lon_deg"])
    frame = frame_of(material.zones, placed)
    marks, hidden = marks_of(placed, frame, level=material.level)
    grid, figures = _graticule(frame)
    towns, names = labelled(material.places, frame, marks=marks, figures=figures)
    shown = placed.height - hidden
    return Chart(
        height=frame.height,
        zones=tuple(_outline(zone, frame) for zone in material.zones),
        veil=veil(material.watching, frame) if material.watching is not None else "",
        unseen=_unseen(material, frame),
        grid=grid,
        figures=figures,
        towns=towns,
        names=names,
        marks=marks,
        scale=_scale(frame),
        alt=_alt(shown),
        legend=_legend(marks, material),
        notes=_notes(hidden, current.height - placed.height),
    )


def _alt(shown: int) -> str:
    if not shown:
        return "Map without a mark: no incident with a place in its frame was reported."
    return f"Map with {plural(shown, 'incident')}; the release table has the same rows."


def _outline(zone: ZoneOutline, frame: Frame) -> str:
    corners = (frame.pixel(lat_deg, lon_deg) for lon_deg, lat_deg in zone.ring_deg)
    return "M" + "L".join(f"{left:.1f} {top:.1f}" for left, top in corners) + "Z"


def _unseen(material: Material, frame: Frame) -> tuple[tuple[float, float, float], ...]:
    found = []
    for each in material.hindered:
        lat_deg, lon_deg = shown_at(each.lat_deg, each.lon_deg, material.level)
        left, top = frame.pixel(lat_deg, lon_deg)
        found.append((round(left, 1), round(top, 1), round(each.radius_m / frame.pixel_m, 1)))
    return tuple(found)


def _graticule(frame: Frame) -> tuple[str, tuple[Label, ...]]:
    span_deg = max(frame.lat_span_deg, frame.lon_span_deg)
    step_deg = _nice(round(span_deg * _MICRO / _LINES)) / _MICRO
    paths: list[str] = []
    labels: list[Label] = []
    for lat_deg in _multiples(frame.south_deg, frame.south_deg + frame.lat_span_deg, step_deg):
        top = round(frame.pixel(lat_deg, frame.west_deg)[1])
        paths.append(f"M0 {top}H{WIDTH}")
        if top > _CLEAR:
            labels.append(Label(text=_degrees(lat_deg, "NS"), left=4, top=top - 3))
    for lon_deg in _multiples(frame.west_deg, frame.west_deg + frame.lon_span_deg, step_deg):
        left = round(frame.pixel(frame.south_deg, lon_deg)[0])
        paths.append(f"M{left} 0V{frame.height}")
        if left < WIDTH - 3 * _CLEAR:
            labels.append(Label(text=_degrees(lon_deg, "EW"), left=left + 3, top=frame.height - 5))
    return "".join(paths), tuple(labels)


def _multiples(low_deg: float, high_deg: float, step_deg: float) -> Iterable[float]:
    first, last = math.ceil(low_deg / step_deg), math.floor(high_deg / step_deg)
    return (round(place * step_deg, 6) for place in range(first, last + 1))


def _degrees(angle_deg: float, sides: str) -> str:
    return f"{abs(angle_deg):g}\u00b0 {sides[angle_deg < 0]}"


def _nice(least: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, ... that is not below `least`, which is 1 or more."""
    decade = int("1" + "0" * (len(str(least)) - 1))
    return next(step * decade for step in _STEPS if step * decade >= least)


def _scale(frame: Frame) -> tuple[int, str]:
    length_m = _nice(max(1, round(WIDTH * frame.pixel_m / 10)))
    return round(length_m / frame.pixel_m), f"{length_m / 1000:g} km"


def _legend(marks: tuple[Mark, ...], material: Material) -> tuple[tuple[str, str], ...]:
    words = {
        "un": "unconfirmed (hatched)",
        "pr": "probable (half)",
        "co": "confirmed (solid)",
        "ex": "refuted (crossed)",
    }
    rows = [(f"i-{status}", text) for status, text in words.items() if _has(marks, status)]
    if any(mark.n > 1 for mark in marks):
        rows.append(("i-count", "several incidents, with their number"))
    if any(mark.ellipse for mark in marks):
        rows.append(("i-ellipse", "95 % ellipse of the place"))
    if material.zones:
        rows.append(("i-zone", "zone of a rule"))
    if material.hindered:
        rows.append(("i-unseen", "grey: ground that hindered monitors could not observe"))
    known = material.watching
    stippled = legend_text(known) if known else "stippled: coverage unknown (all of the map)"
    rows.append(("i-veil", stippled))
    return tuple(rows)


def _has(marks: tuple[Mark, ...], status: str) -> bool:
    return any(name == status for mark in marks for name, _ in mark.shares)


def _notes(hidden: int, placeless: int) -> tuple[str, ...]:
    notes = []
    if hidden:
        notes.append(f"Not on the map: {hidden:,} placed outside its frame.")
    if placeless:
        notes.append(f"Not on the map: {placeless:,} without a place.")
    notes.append(
        "Boundaries, names and zone outlines on this map imply no endorsement or acceptance by "
        "anyone."
    )
    return tuple(notes)
