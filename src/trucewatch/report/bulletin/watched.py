"""What could have been seen, for machines: written among the numbers and read back from there.

Nothing public leads to covered hours, because watch reports never are. So whoever sets a bulletin
again from its release table takes them from its own numbers, as published.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.records.instant import instant_text
from trucewatch.report.bulletin.rate import PER, worth_text
from trucewatch.report.bulletin.share import covered_high_share
from trucewatch.report.watching import CellShare, Lost, Rated, Sector, Watching

if TYPE_CHECKING:
    from collections.abc import Mapping

RULE = "seen_by_declared_assets"
UNKNOWN = "unknown"
_TIMES = ("start", "end")
_RATED = tuple(each.name for each in fields(Rated))


class Shares(NamedTuple):
    """What could have been seen of the counts of two windows, as the numbers tell it."""

    now: object
    before: object


def shares_json(watching: Watching | None) -> Shares:
    """Return the coverage that stands beside each number; "unknown" where it is."""
    if watching is None:
        return Shares(UNKNOWN, UNKNOWN)
    return Shares(share_json(watching.whole.window), share_json(watching.whole.before))


def watching_json(watching: Watching, *, asked: bool) -> dict[str, object]:
    """Return all of it with units in the names.

    Args:
        watching: As it may be shown.
        asked: Whether an agreement was in force, so that holding may be spoken of.
    """
    return {
        "rule": RULE,
        "unit": f"incidents {PER}",
        "counts": list(watching.counts),
        "alpha_p": watching.alpha_p,
        "whole": _sector(watching.whole, asked=asked),
        "sectors": [_sector(one, asked=asked) for one in watching.sectors],
        "strangers": list(watching.strangers),
        "cells": [
            {"ring_deg": [list(corner) for corner in cell.ring_deg], "share": cell.covered_share}
            for cell in watching.cells
        ],
    }


def _sector(one: Sector, *, asked: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "id": one.id,
        "window": _rated(one.window),
        "previous": _rated(one.before),
        "lost": [{"cause": each.cause, "hours_h": each.hours_h} for each in one.lost],
        "coverage_min_share": one.coverage_min_share,
    }
    if not asked:
        return told
    return told | {
        "period": _rated(one.period),
        "tolerated_per_1000h": one.tolerated_per_1000h,
        "answer": one.answer,
        "why": one.why,
    }


def _rated(rated: Rated) -> dict[str, object]:
    told = {name: getattr(rated, name) for name in _RATED}
    times = {name: instant_text(told[name]) for name in _TIMES}
    words = worth_text(rated)
    return told | times | {"rule": RULE, "coverage": share_json(rated), "text": words}


def share_json(rated: Rated) -> dict[str, float]:
    """Return the covered share of some hours, of the class seen least and of the class seen most.

    Each is 0 to 1.
    """
    return {"low_share": rated.covered_share, "high_share": covered_high_share(rated)}


def read_watching(told: Mapping[str, Any]) -> Watching | None:
    """Return what the numbers of a bulletin say could have been seen; None where they do not.

    A member that is missing, or of another kind, is `KeyError` or `TypeError`.
    """
    said = told.get("watching")
    if said is None:
        return None
    return Watching(
        counts=tuple(map(str, said["counts"])),
        whole=_read_sector(said["whole"]),
        sectors=tuple(map(_read_sector, said["sectors"])),
        cells=tuple(_read_cell(cell) for cell in said["cells"]),
        alpha_p=float(said["alpha_p"]),
        strangers=tuple(map(str, said["strangers"])),
    )


def _read_cell(said: Mapping[str, Any]) -> CellShare:
    ring_deg = tuple((float(lon_deg), float(lat_deg)) for lon_deg, lat_deg in said["ring_deg"])
    return CellShare(ring_deg=ring_deg, covered_share=float(said["share"]))


def _read_sector(said: Mapping[str, Any]) -> Sector:
    """Return a sector; without an agreement in force its answer is never shown."""
    window = _read_rated(said["window"])
    tolerated = said.get("tolerated_per_1000h")
    return Sector(
        id=str(said["id"]),
        window=window,
        before=_read_rated(said["previous"]),
        lost=tuple(
            Lost(cause=str(each["cause"]), hours_h=float(each["hours_h"])) for each in said["lost"]
        ),
        period=_read_rated(said["period"]) if "period" in said else window,
        tolerated_per_1000h=None if tolerated is None else float(tolerated),
        coverage_min_share=float(said["coverage_min_share"]),
        answer=said.get("answer", "cannot tell"),
        why=said.get("why", "evidence too weak"),
    )


def _read_rated(said: Mapping[str, Any]) -> Rated:
    given = {name: said[name] for name in _RATED}
    times = {name: datetime.fromisoformat(given[name]).astimezone(UTC) for name in _TIMES}
    return Rated(**given | times)
