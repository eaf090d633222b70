"""The release table as GeoJSON, for a map.

RFC 7946 in canonical JSON (RFC 8785): a FeatureCollection with one feature per incident, a point
where the table has a place (at level public the centre of a grid cell), else no geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.canonical import canonical
from trucewatch.report.counting.spreadsheet import derived

if TYPE_CHECKING:
    from trucewatch.report.counting.table import ReleaseTable, Row

_PLACE = ("lat_deg", "lon_deg")


def features(table: ReleaseTable) -> bytes:
    """Return the table as one line of GeoJSON, features in the order of the release table.

    The properties of a feature are the columns of its line but for the place, with `unit` and
    `discharge` as in the spreadsheet. In an exercise the collection and each feature carry
    `notice`.
    """
    notice = {"notice": "EXERCISE"} if table.exercise else {}
    collection = {
        "type": "FeatureCollection",
        "level": table.level,
        "features": [_feature(row, notice) for row in table.rows],
    }
    return canonical(collection | notice) + b"\n"


def _feature(row: Row, notice: dict[str, str]) -> dict[str, object]:
    told = {name: value for name, value in row.said.items() if name not in _PLACE}
    place = row.place_deg and {"type": "Point", "coordinates": [row.place_deg[1], row.place_deg[0]]}
    properties = {**told, **derived(row), "assessments": list(row.assessments), **notice}
    return {"type": "Feature", "id": row.id, "geometry": place, "properties": properties}
