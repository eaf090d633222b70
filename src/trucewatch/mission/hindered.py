"""What the logbook tells a bulletin: monitors hindered, and whether weapons were ever counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.mission.logbook import logbook
from trucewatch.report.material import Hindered

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.records.logbook.machine import Record


def hindered(log: Log, size: int, start: datetime, end: datetime) -> tuple[Hindered, ...]:
    """Return the hindrances that touch a window, as the first `size` entries tell them, by time.

    Args:
        log: The log.
        size: Entries that count.
        start: First instant of the window.
        end: End of the window, not itself inside.
    """
    found = [_hindered(record) for record in logbook(log, size) if record.kind == "restriction"]
    touching = (
        each for each in found if each.start < end and (each.end is None or each.end >= start)
    )
    return tuple(sorted(touching, key=lambda each: (each.start, each.hindrance, each.asset)))


def counted_n(log: Log, size: int) -> tuple[int, int]:
    """Return how many declared sites and how many visits with a count are on file."""
    records = logbook(log, size)
    standing = (r for r in records if r.kind == "inventory" and r.state != "withdrawn")
    sites = {str(record.opening.detail["site"]) for record in standing}
    visits = [r for r in records if r.kind == "visit" and r.last("visited") is not None]
    return len(sites), len(visits)


def _hindered(record: Record) -> Hindered:
    said, lifted = record.opening.detail, record.last("lifted")
    place = said["place"]
    assert isinstance(place, dict)  # noqa: S101 - read with its form
    return Hindered(
        hindrance=str(said["hindrance"]),
        start=record.opening.at,
        end=None if lifted is None else lifted.at,
        lat_deg=float(str(place["lat_deg"])),
        lon_deg=float(str(place["lon_deg"])),
        radius_m=float(str(said["radius_m"])),
        asset=str(said["asset"]),
        planned=str(said["planned"] or ""),
        said=str(said["said"] or ""),
    )
