"""Third stop: the provider on which most rests goes dark, and nothing is taken for calm."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import WATCH
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest_bytes
from trucewatch.mission.init import Plan, create
from trucewatch.mission.is_holding import is_holding
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.run import run
from trucewatch.mission.tour_stop import Line, Stop, prose
from trucewatch.records.instant import instant_text
from trucewatch.simulate import simulate
from trucewatch.simulate.parts.demo_watch import BREAK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from trucewatch.records.canonical import Json
    from trucewatch.report.watching import Sector
    from trucewatch.simulate.world import World

DAYS = 20
"""Days of both missions, enough to hold the night of the tour's second stop."""
DARK_DAY = 4
"""Day, from 0, from which on nothing of the provider arrives."""
_NEAR = timedelta(minutes=2)
_SENSORS = {"news": {"zone": "UTC"}}
# Chosen so that the whole of the world is found to be holding: some 390 incidents happen there in
# 1,000 covered hours. Both figures are sealed in the log before the first file.
_DECLARED = """\
[intake.{sensor}]
every_h = 24
start = "{start}"

[holding]
tolerated_per_1000h = 1000
coverage_min_share = 0.3
counts = ["artillery_fire", "airstrike", "uav_activity", "small_arms_fire"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one of the two missions says."""

    whole: Sector
    assets: tuple[str, ...]
    night: int
    declared_entry: int | None


def stop_dark(number: int, folder: Path, *, seed: int) -> Stop:
    """Return what two missions say that differ in one provider alone.

    Args:
        number: Of the stop.
        folder: Where both are made; nothing may be there yet.
        seed: Of the world.
    """
    world = simulate("demo", seed=seed, days=DAYS)
    lit = _mission(folder / "lit", world, dark="")
    [(lead, its)] = Counter(_sensors_of(folder / "lit").values()).most_common(1)
    dark = _mission(folder / "dark", world, dark=lead)
    since = instant_text(world.start + timedelta(days=DARK_DAY))
    found: dict[str, Json] = {"provider": lead, "its_assets": its, "dark_since": since}
    found |= _found(lit, dark)
    return Stop(
        number=number,
        title="The lead provider goes dark",
        lines=tuple(_said(found)),
        found=found,
        commands=(f"holding {folder / 'lit'}", f"holding {folder / 'dark'}"),
    )


def _mission(path: Path, world: World, *, dark: str) -> _Told:
    """Run a mission to which one provider sends nothing from some day on; "" for none."""
    clock = SimulatedClock(world.start)
    posts = world.settings.partition("[holding]")[0]
    start = instant_text(world.start + timedelta(days=1))
    plan = Plan(
        name="Demonstration on fictional ground",
        agreement=world.agreement,
        seed=hashlib.sha256(f"trucewatch tour {world.seed}".encode()).digest(),
        origin="tour.invalid/evidence",
        sensors=_SENSORS,
        settings=posts + _DECLARED.format(sensor="spotrep", start=start),
    )
    create(path, clock=clock, plan=plan)
    home = Home(path)
    since = world.start + timedelta(days=DARK_DAY)
    with writing(home, clock) as writer:
        for name, (sensor, content) in world.files.items():
            clock.at = max(clock.at, world.arrivals[name])
            if not (dark and sensor in (dark, WATCH) and clock.at >= since):
                ingest_bytes(writer, sensor, content, name=name)
    clock.at = world.start + timedelta(days=world.days + 1)
    run(home, clock=clock)
    answer = is_holding(home, day=None)
    return _Told(
        whole=answer.watching.whole,
        assets=tuple(sorted(_sensors_of(path))),
        night=_seen_that_night(home, world.start),
        declared_entry=answer.declared_entry,
    )


def _sensors_of(path: Path) -> dict[str, str]:
    """Return the provider's sensor of each declared asset."""
    with reading(Home(path)) as (log, _):
        coverage = in_force(log, log.size).settings.coverage
    return {name: each.sensor for name, each in coverage.items()}


def _seen_that_night(home: Home, start: datetime) -> int:
    """Return how many reports the incident of the second stop's night has here; 0 when unknown."""
    at = start + timedelta(days=BREAK.day, hours=BREAK.hour_h)
    with reading(home) as (_, there):
        near = there.desk.read("incident").filter(pl.col("time").is_between(at - _NEAR, at + _NEAR))
    return int(near["members"].sum())


def _found(lit: _Told, dark: _Told) -> dict[str, Json]:
    return {
        "assets": len(lit.assets),
        "tolerated_per_1000h": lit.whole.tolerated_per_1000h,
        "coverage_min_share": lit.whole.coverage_min_share,
        "declared_entry": lit.declared_entry,
        "lit": _one(lit),
        "dark": _one(dark),
    }


def _one(told: _Told) -> dict[str, Json]:
    whole = told.whole
    return {
        "answer": whole.answer,
        "why": whole.why,
        "incidents": whole.period.count,
        "covered_share": round(whole.period.covered_share, 3),
        "low_per_1000h": whole.period.low_per_1000h,
        "high_per_1000h": whole.period.high_per_1000h,
        "lost": [each.cause for each in whole.lost],
        "reports_that_night": told.night,
    }


def _said(found: Mapping[str, Json]) -> Iterator[Line]:
    text = (
        f"Two missions receive the files of the same {DAYS} days. In the second one the provider"
        f" behind {found['provider']}, with {found['its_assets']} of the {found['assets']} declared"
        f" assets and their watch reports, sends nothing from {str(found['dark_since'])[:10]} on."
    )
    yield from prose(text)
    yield from prose(
        f"Both declared beforehand, in entry {found['declared_entry']} of the log: tolerated are"
        f" {found['tolerated_per_1000h']:g} incidents in 1,000 covered hours, and an answer needs"
        f" {found['coverage_min_share']:.0%} of the time covered."
    )
    yield Line()
    yield Line(f"  {'':30}{'all providers':<24}without {found['provider']}")
    lit, dark = found["lit"], found["dark"]
    if not (isinstance(lit, dict) and isinstance(dark, dict)):
        return
    for name, key in (
        ("incidents seen and counted", "incidents"),
        ("share of the time covered", "covered_share"),
        ("reports of that night's fire", "reports_that_night"),
        ("is it holding?", "answer"),
        ("why it cannot be told", "why"),
    ):
        cells = [_cell(each[key]) for each in (lit, dark)]
        yield Line(f"  {name:30}{cells[0]:<24}{cells[1]}")
    yield Line()
    lost = dark["lost"]
    causes = ", ".join(str(each) for each in lost) if isinstance(lost, list) else ""
    yield from prose(
        f"Fewer incidents are not taken for calm: what was not watched is no time of calm. What the"
        f" last day lost is told by cause: {causes}."
    )


def _cell(said: Json) -> str:
    return f"{said:.0%}" if isinstance(said, float) else str(said) or "-"
