"""The map as JSON: the incidents of a box, counted where there are too many."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get

from trucewatch.access.policy import What
from trucewatch.records.instant import instant_text
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps.dots import STATUSES, ring_boxes
from trucewatch.serve.maps.view import view


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A place: longitude and latitude, WGS 84 degrees."""

    coordinates: tuple[float, float]
    type: str = "Point"


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, or a counted place (RFC 7946)."""

    geometry: Point
    properties: dict[str, Any]
    id: str | None = None
    type: str = "Feature"


class MapAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a map shows.

    Attributes:
        box: West, south, east, north, WGS 84 degrees.
        total: Incidents in it.
        aggregated: Whether places are counted, since there are too many incidents.
        features: Incidents with `time`, `kind`, `real_p`, `status`; or places with `count`,
            `by_status` and the `box` that they count, about.
    """

    box: tuple[float, float, float, float]
    total: int
    aggregated: bool
    features: list[Feature]
    type: str = "FeatureCollection"


@get("/api/v1/map", sync_to_thread=True)
def map_json(ask: Ask) -> MapAnswer:
    """Return the incidents of a box as GeoJSON; above 20,000 they are counted by place."""
    ask.expect(What.INCIDENT)
    made = view(ask, every=True)
    found = made.found
    features = [
        Feature(
            geometry=Point(coordinates=(round((w + e) / 2, 6), round((s + n) / 2, 6))),
            properties={
                "count": sum(counts),
                "by_status": dict(zip(STATUSES, counts, strict=True)),
                "box": [round(edge, 6) for edge in (w, s, e, n)],
            },
        )
        for (w, s, e, n), counts in zip(ring_boxes(found), found.rings.counts.tolist(), strict=True)
    ]
    features += [
        Feature(
            id=row["id"],
            geometry=Point(coordinates=(row["lon_deg"], row["lat_deg"])),
            properties={
                "time": instant_text(row["time"]),
                "kind": row["class"],
                "real_p": row["real_p"],
                "status": STATUSES[row["status"]],
            },
        )
        for row in found.single.rows(named=True)
    ]
    return MapAnswer(
        box=found.frame.box_deg, total=found.total, aggregated=found.aggregated, features=features
    )


ROUTES = (map_json,)
