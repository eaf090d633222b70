"""Lines, zones and categories of weapons in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.line import LineStatus
from trucewatch.agreement.words.plain import (
    distance,
    instant,
    listed,
    place,
    sentence,
    validity,
    worded,
    wrapped,
)
from trucewatch.agreement.zone import AltitudeDatum, Edges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.weapon import Weapon
    from trucewatch.agreement.zone import Altitude, Belt, Zone

_POINTS_SHOWN = 12
_EDGES = {
    Edges.STRAIGHT: "straight in longitude and latitude",
    Edges.GEODESIC: "the shortest way between corners (WGS 84 geodesic)",
}
_STATUS = {
    LineStatus.AGREED: "Agreed by the parties.",
    LineStatus.DE_FACTO: "As the forces stand; not agreed.",
    LineStatus.DISPUTED: "Disputed.",
}
_ABOVE = {AltitudeDatum.SEA: "mean sea level", AltitudeDatum.GROUND: "the ground"}
HIDDEN = (
    "Its place is for the parties and the monitors alone; it is in the file and not on this page."
)


def line_words(line: Line) -> Iterator[str]:
    """Yield one reference line."""
    yield wrapped(f"{line.id}. {line.text}".rstrip())
    epoch = "a day that no text names" if line.epoch is None else instant(line.epoch)
    yield wrapped(f"{_STATUS[line.status]} It describes the situation of {epoch}.", depth=2)
    if line.accuracy_m is None:
        yield wrapped("No text says how exact it is, so nothing can be measured from it.", depth=2)
    else:
        exact = f"It lies within about {distance(line.accuracy_m)} of what was meant"
        yield wrapped(f"{exact} (one standard deviation across it).", depth=2)
    yield wrapped(f"Who measures from it: {listed(line.datum_for)}.", depth=2)
    if line.sides:
        stand = ", ".join(f"{party} on the {side}" for party, side in line.sides.items())
        yield wrapped(f"Seen along its points: {stand}.", depth=2)
    yield from _valid(line)
    yield from _points(line.points, f"Between points: {_EDGES[line.edges]}. Points:")


def zone_words(zone: Zone) -> Iterator[str]:
    """Yield one zone; the place of a restricted one is left out."""
    yield wrapped(f"{zone.id} ({worded(zone.kind)}). {zone.text}".rstrip())
    yield from _valid(zone)
    if zone.altitude is not None:
        yield wrapped(_altitude(zone.altitude), depth=2)
    if zone.restricted:
        yield wrapped(HIDDEN, depth=2)
        return
    for belt in zone.belts:
        yield wrapped(_belt(belt), depth=2)
    if zone.discs:
        yield wrapped(f"All ground within {distance(zone.discs[0].radius_m)} of:", depth=2)
        for disc in zone.discs:
            yield wrapped(f"{disc.name}, {place(disc.lon_deg, disc.lat_deg)}", depth=3)
    if zone.polygon:
        yield from _points(zone.polygon, f"Edges: {_EDGES[zone.edges]}. Corners:")


def weapon_words(agreement: Agreement, weapon: Weapon) -> Iterator[str]:
    """Yield one category of weapons, with the distance due from each party."""
    yield wrapped(f"{weapon.id}. {sentence(weapon.text)}")
    if weapon.types:
        yield wrapped(f"Types, as patrols write them: {listed(weapon.types)}.", depth=2)
    calibre = _calibre(weapon)
    yield wrapped(f"{calibre}Counted by the {worded(weapon.unit)}.", depth=2)
    for due in weapon.withdrawal:
        for party in due.who:
            datum = agreement.datum(party)
            line = "its own line, which the text does not name" if datum is None else datum.id
            kept = f"at least {distance(due.distance_m)} from {line}"
            yield wrapped(f"{party} keeps it {kept} (phase {due.phase}).", depth=2)
    if not weapon.withdrawal:
        yield wrapped("No distance of withdrawal is named.", depth=2)


def _valid(noun: Line | Zone) -> Iterator[str]:
    valid = validity(noun.since, noun.until)
    if valid:
        yield wrapped(valid, depth=2)


def _points(points: Sequence[tuple[float, float]], heading: str) -> Iterator[str]:
    yield wrapped(heading, depth=2)
    for lon_deg, lat_deg in points[:_POINTS_SHOWN]:
        yield wrapped(place(lon_deg, lat_deg), depth=3)
    if len(points) > _POINTS_SHOWN:
        yield wrapped(f"and {len(points) - _POINTS_SHOWN} more, in the file", depth=3)


def _belt(belt: Belt) -> str:
    widths = ((belt.left_m, "left"), (belt.right_m, "right"))
    sides = [f"{distance(width_m)} to its {side}" for width_m, side in widths if width_m]
    return f"Along {belt.line}: {' and '.join(sides)}, seen along its points."


def _altitude(altitude: Altitude) -> str:
    above = _ABOVE[altitude.datum]
    if altitude.to_m is None:
        return f"From {altitude.from_m:g} m above {above} upwards."
    return f"From {altitude.from_m:g} m to {altitude.to_m:g} m above {above}."


def _calibre(weapon: Weapon) -> str:
    least_mm, first_mm = weapon.calibre_from_mm, weapon.calibre_below_mm
    if least_mm is None and first_mm is None:
        return ""
    least = "" if least_mm is None else f" from {least_mm:g} mm"
    most = "" if first_mm is None else f" below {first_mm:g} mm"
    return f"Calibre{least}{most}. "
