"""What people do while the demonstration runs: a second version, notices, a window, a response.

Each act is entered when it is done, by the demonstration's clock, through the same functions as any
mission's. Nothing here happened, and nobody named here exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.init import AGREEMENT_FILE
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.run import run
from trucewatch.records.instant import instant_text
from trucewatch.simulate.demo import GROUND, START, amended
from trucewatch.simulate.parts.demo_watch import BLAST, BREAK, DENIED_DAY, FIELD_M, JAMMED, PUMP_M

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home
    from trucewatch.records.canonical import Json
    from trucewatch.simulate.parts.demo_watch import Staged

BY = "L. Liaison"
_AMENDED_DAY = 9
_ERROR_M = 50.0
_NEAR_S, _NEAR_M = 120.0, 1_500.0  # within which an incident is the staged one


class Step(NamedTuple):
    """Something that is done at a time."""

    at: datetime
    do: Callable[[Book], None]


@dataclass(slots=True)
class Book:
    """The mission, its clock, and the entries that opened records, by a name of ours."""

    home: Home
    clock: SimulatedClock
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, name: str, kind: str, act: str, **detail: Json) -> None:
        """Enter the act that opens a record."""
        self.opened[name] = self._enter(
            NewAct(kind=kind, act=act, at=self.now, by=BY, detail=detail)
        )

    def then(self, name: str, act: str, **detail: Json) -> None:
        """Enter a later act of the record."""
        kind = name.partition(" ")[0]
        of = self.opened[name]
        self._enter(NewAct(kind=kind, act=act, at=self.now, by=BY, detail=detail, of=of))

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.clock.now()

    def _enter(self, act: NewAct) -> int:
        return enter(self.home, [act], clock=self.clock)[0].entry


def when(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of the demonstration; days count from 0."""
    return START + timedelta(days=day, hours=hour, minutes=minute)


def steps() -> tuple[Step, ...]:
    """Return all that is done, in order."""
    told = [*_amended(), *_denied(), *_window(), *_blast(), *_jammed()]
    return tuple(sorted(told, key=lambda step: step.at))


def _amended() -> list[Step]:
    def adopt(book: Book) -> None:
        (book.home.path / AGREEMENT_FILE).write_bytes(amended())
        with writing(book.home, book.clock):
            pass  # opening it to write seals what changed

    return [Step(when(_AMENDED_DAY, 12), adopt)]


def _denied() -> list[Step]:
    day, name = DENIED_DAY, "restriction patrol"
    detail: dict[str, Json] = {
        "asset": "PATROL-1",
        "hindrance": "denial",
        "people": 4,
        "place": _place((-28_000.0, -5_000.0)),
        "planned": None,
        "present": "armed men at a barrier",
        "radius_m": 2_000,
        "said": "No entry without written order",
        "sensor": None,
    }
    return [
        Step(when(day, 7, 15), lambda b: b.open(name, "restriction", "encountered", **detail)),
        Step(when(day, 8), lambda b: b.then(name, "raised", party="BRAVO")),
        Step(when(day, 15), lambda b: b.then(name, "explained", party="BRAVO", said="mines")),
        Step(when(day, 20, 5), lambda b: b.then(name, "lifted")),
    ]


def _window() -> list[Step]:
    day, name = BREAK.day, "window pump"
    detail: dict[str, Json] = {
        "activity": "repair",
        "crew": 6,
        "end": instant_text(when(day + 1, 6)),
        "guarantees_from": ["ALPHA", "BRAVO"],
        "place": _place(PUMP_M),
        "provision": "W_PUMP",
        "radius_m": 2_000,
        "site": "Ilmery pumping station",
        "start": instant_text(when(day, 18)),
    }

    def gives(party: str) -> Callable[[Book], None]:
        return lambda b: b.then(name, "guaranteed", party=party, guarantor="duty officer")

    def breached(book: Book) -> None:
        book.then(name, "breached", incident=_found(book, BREAK))

    return [
        Step(when(day - 2, 9), lambda b: b.open(name, "window", "requested", **detail)),
        Step(when(day - 2, 9, 5), lambda b: b.then(name, "guarantee_requested", party="ALPHA")),
        Step(when(day - 2, 9, 6), lambda b: b.then(name, "guarantee_requested", party="BRAVO")),
        Step(when(day - 2, 16, 20), gives("ALPHA")),
        Step(when(day - 1, 10, 30), gives("BRAVO")),
        Step(when(day, 18, 10), lambda b: b.then(name, "started")),
        Step(when(day + 1, 5, 55), lambda b: b.then(name, "completed")),
        Step(when(day + 1, 6, 35), breached),
    ]


def _blast() -> list[Step]:
    day, name = BLAST.day, "notification blast"
    x_m, y_m = FIELD_M
    corners = ((-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3))
    area: list[Json] = [[*_lon_lat((x_m + dx_m, y_m + dy_m))] for dx_m, dy_m in corners]
    detail: dict[str, Json] = {
        "activity": "demining_blast",
        "area": area,
        "end": instant_text(when(day, 12)),
        "height_max_m": None,
        "notice": "N_DEMINING",
        "number": 1,
        "party": "BRAVO",
        "start": instant_text(when(day, 10)),
        "subjects": ["demining team 4"],
        "to": ["MISSION"],
    }

    def reconciled(book: Book) -> None:
        incidents: list[Json] = [_found(book, BLAST)]
        book.then(name, "reconciled", incidents=incidents, outcome="matched")

    return [
        Step(when(day - 2, 8), lambda b: b.open(name, "notification", "submitted", **detail)),
        Step(when(day - 2, 9, 10), lambda b: b.then(name, "acknowledged", party="MISSION")),
        Step(when(day, 10, 30), lambda b: b.then(name, "begun")),
        Step(when(day, 11, 20), lambda b: b.then(name, "closed", number=1)),
        Step(when(day + 1, 6, 40), reconciled),
    ]


def _jammed() -> list[Step]:
    name = "restriction jamming"
    detail: dict[str, Json] = {
        "asset": "MICS",
        "hindrance": "jamming",
        "people": None,
        "place": _place((0.0, 0.0)),
        "planned": None,
        "present": None,
        "radius_m": 38_000,
        "said": None,
        "sensor": "MICS",
    }
    first, after = JAMMED[0], JAMMED[-1] + 1
    return [
        Step(when(first, 0, 20), lambda b: b.open(name, "restriction", "encountered", **detail)),
        Step(when(first, 9), lambda b: b.then(name, "raised", party="ALPHA")),
        Step(when(first + 2, 9), lambda b: b.then(name, "persistent")),
        Step(when(after, 0, 30), lambda b: b.then(name, "lifted")),
    ]


def _lon_lat(at_m: tuple[float, float]) -> tuple[float, float]:
    lat_deg, lon_deg = GROUND.degrees(np.array([at_m[0]]), np.array([at_m[1]]))
    return round(float(lon_deg[0]), 5), round(float(lat_deg[0]), 5)


def _place(at_m: tuple[float, float]) -> dict[str, Json]:
    lon_deg, lat_deg = _lon_lat(at_m)
    return {"error_m": _ERROR_M, "lat_deg": lat_deg, "lon_deg": lon_deg}


def _found(book: Book, happened: Staged) -> str:
    """Run, and return the incident that the staged happening became."""
    run(book.home, clock=book.clock)
    lon_deg, lat_deg = _lon_lat((happened.x_m, happened.y_m))
    at = START + timedelta(days=happened.day, hours=happened.hour_h)
    with reading(book.home) as (_, there):
        off_s = (pl.col("time") - at).dt.total_seconds().abs()
        off_deg = ((pl.col("lat_deg") - lat_deg) ** 2 + (pl.col("lon_deg") - lon_deg) ** 2).sqrt()
        near = there.desk.read("incident").filter(off_s < _NEAR_S, off_deg < _NEAR_M / 111_000)
        return str(near.sort(off_deg)["id"][0])
