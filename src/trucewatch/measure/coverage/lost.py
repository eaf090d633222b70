"""What others say that assets lost: the logbook, files that never came, and silences.

Each becomes rows of `records.table.LOSS`, one for each asset that it hit:

1. A restriction hits the asset that its `sensor` names, else all assets of the module that it
   names, else the asset that its `asset` names; else every asset that does not always watch, for
   these are the ones that have to get there. It takes the disc around its place; with a radius of
   0 it takes all that a named asset watches, and nothing of one that is not named. One that was
   not lifted lasts.
2. A slot of a declared schedule in which no file came hits all assets of its module, whether its
   absence was explained (`absent`) or not (`missing`): what they saw never reached us. A file is
   taken to be about the time of its slot.
3. A silence beyond a sensor's rhythm hits all assets of that module, as a guess: it gives way
   wherever the asset's own watch report says that it watched.

A loss takes only from what an asset could have seen: a denial costs what the patrol's own report
says it would have watched, so such a patrol sends a watch report with the cause `denied`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from trucewatch.records.table import LOSS, conform, empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.records.logbook.machine import Record

ABSENT, MISSING, SILENT = "absent", "missing", "silent"
"""Causes besides those of watch reports and the kinds of hindrance."""


class EmptySlot(NamedTuple):
    """A slot of a schedule in which nothing came."""

    sensor: str
    start: datetime
    end: datetime
    explained: bool


def hindered(
    restrictions: Iterable[Record], assets: Sequence[Asset], *, until: datetime
) -> pl.DataFrame:
    """Return what restrictions of the logbook took.

    Args:
        restrictions: Records of the kind `restriction` that stand, in any order.
        assets: Those declared.
        until: When those that were not lifted are taken to end.
    """
    rows = []
    for record in restrictions:
        detail, lifted = record.opening.detail, record.last("lifted")
        named = _named(detail, assets)
        radius_m = float(str(detail["radius_m"]))
        if not named and radius_m == 0:
            continue
        place: Any = detail["place"]
        rows += [
            {
                "asset": name,
                "start": record.opening.at,
                "end": until if lifted is None else lifted.at,
                "lat_deg": float(place["lat_deg"]) if radius_m else None,
                "lon_deg": float(place["lon_deg"]) if radius_m else None,
                "radius_m": radius_m or None,
                "cause": str(detail["hindrance"]),
                "guessed": False,
            }
            for name in named or [asset.name for asset in assets if not asset.always]
        ]
    return _table(rows)


def _named(detail: Any, assets: Sequence[Asset]) -> list[str]:  # noqa: ANN401 - JSON by its form
    """Return the declared assets that a restriction names; see the rule above."""
    sensor = detail["sensor"]
    return (
        [asset.name for asset in assets if asset.name == sensor]
        or [asset.name for asset in assets if asset.sensor == sensor]
        or [asset.name for asset in assets if asset.name == detail["asset"]]
    )


def unsent(slots: Iterable[EmptySlot], assets: Sequence[Asset]) -> pl.DataFrame:
    """Return what files that never came took.

    Args:
        slots: Those in which nothing came.
        assets: Those declared.
    """
    return _table([
        _whole(asset, slot.start, slot.end, ABSENT if slot.explained else MISSING, guessed=False)
        for slot in slots
        for asset in assets
        if asset.sensor == slot.sensor
    ])  # fmt: skip


def silent(silences: pl.DataFrame, assets: Sequence[Asset]) -> pl.DataFrame:
    """Return what silences took.

    Args:
        silences: `records.table.SILENCE`.
        assets: Those declared.
    """
    return _table([
        _whole(asset, row["start"], row["end"], SILENT, guessed=True)
        for row in silences.iter_rows(named=True)
        for asset in assets
        if asset.sensor == row["sensor"]
    ])  # fmt: skip


def _whole(
    asset: Asset, start: datetime, end: datetime, cause: str, *, guessed: bool
) -> dict[str, Any]:
    """Return a loss of all that an asset watches."""
    nowhere = dict.fromkeys(("lat_deg", "lon_deg", "radius_m"))
    told = {"asset": asset.name, "start": start, "end": end, "cause": cause, "guessed": guessed}
    return told | nowhere


def _table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    if not rows:
        return empty(LOSS)
    return conform(pl.DataFrame(rows, schema_overrides=LOSS), LOSS).sort("asset", "start", "end")
