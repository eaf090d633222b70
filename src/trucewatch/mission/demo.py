"""`tw demo`: a whole mission on fictional ground, from simulated files to a verified bulletin."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadMission
from trucewatch.evaluate.found import found
from trucewatch.mission.check import verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_acts import Book, steps
from trucewatch.mission.demo_response import steps as response_steps
from trucewatch.mission.demo_witnesses import FOLDER, cosign, make_witnesses, policy_of_parties
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import Intake, ingest_bytes
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.simulate import simulate
from trucewatch.simulate.demo import START

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from trucewatch.evaluate.found import Score
    from trucewatch.mission.demo_acts import Step
    from trucewatch.mission.init import Created
    from trucewatch.mission.report import Published
    from trucewatch.mission.run import Run
    from trucewatch.simulate.world import World
    from trucewatch.verify.findings import Findings

ORIGIN = "demo.invalid/evidence"
_MARK = "DEMO"
_MARK_TEXT = """\
EXERCISE. A demonstration on fictional ground: nobody was ever here and nothing happened.
Its keys are made from a published seed, so its signatures are worthless as proof.
tw demo replaces this folder.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demonstration showed.

    Attributes:
        home: Its mission folder.
        intakes: What became of each file.
        run: What was fused and assessed.
        published: The bulletin of the last day.
        happened: True incidents in the simulated world.
        score: How much of the truth was found.
        findings: What the checker said of the bundle.
        bundle: The bundle.
        checkpoint: The log's signed head.
    """

    home: Path
    intakes: list[Intake]
    run: Run
    published: Published
    happened: int
    score: Score
    findings: Findings
    bundle: Path
    checkpoint: str


def demo(path: Path, *, days: int, seed: int, say: Callable[[str], None]) -> Demo:
    """Simulate a world, run a mission on it day by day, publish, export and verify.

    Args:
        path: Folder of the mission; an earlier demonstration there is replaced.
        days: Days to simulate, at least 2.
        seed: Makes the world and the keys.
        say: Told what goes on, one line at a time.
    """
    _make_room(path)
    say(f"Simulating {days} days on fictional ground, seed {seed}")
    world = simulate("demo", seed=seed, days=days)
    clock = SimulatedClock(world.start)
    made = _found(path, world, seed, clock)
    home = Home(path)
    say(f"Sealing and reading {len(world.files)} files as they arrive")
    intakes = _live(home, world, clock, days=days)
    say("Fusing reports into incidents, assessing them against the agreement")
    ran = run(home, clock=clock)
    clock.at = world.start + timedelta(days=days + 2)
    day = (world.start + timedelta(days=days - 2)).date()  # the last with full days on both sides
    published = report(home, "daily", day=day, level="public", clock=clock)
    say("Showing the log's head to a witness of each party")
    with writing(home, clock) as writer:
        cosign(writer, path / FOLDER, clock)
    exported = export(home, path / "bundle.zip", level="public", clock=clock)
    say("Checking the exported bundle as an outsider would")
    findings = verify(exported.path, vkey=made.vkey)
    with reading(home) as (log, there):
        score = found(
            world.truth,
            world.links,
            there.desk.read("members"),
            there.desk.read("incident"),
            files=world.objects,
            rng=np.random.default_rng(seed),
        )
        checkpoint = log.checkpoint_note(exported.entries).decode()
    return Demo(
        home=path,
        intakes=intakes,
        run=ran,
        published=published,
        happened=len(world.truth),
        score=score,
        findings=findings,
        bundle=exported.path,
        checkpoint=checkpoint,
    )


def _found(path: Path, world: World, seed: int, clock: SimulatedClock) -> Created:
    """Make the mission and a witness for each party, with keys that anybody can make again."""
    key_seed = hashlib.sha256(f"trucewatch demo {seed}".encode()).digest()
    agreement = parse(shipped_bytes(world.agreement), name=world.agreement)
    parties = [party.id for party in agreement.parties if party.role is Role.PARTY]
    plan = Plan(
        name="Demonstration on fictional ground",
        agreement=world.agreement,
        seed=key_seed,
        origin=ORIGIN,
        policy=policy_of_parties(parties, seed=key_seed),
        sensors={"news": {"zone": "UTC"}},
        settings=world.settings,
    )
    made = create(path, clock=clock, plan=plan)
    make_witnesses(path / FOLDER, parties, seed=key_seed)
    (path / _MARK).write_text(_MARK_TEXT)
    return made


def _make_room(path: Path) -> None:
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not (path / _MARK).is_file():
        problem = "holds something that is no demonstration, expected a new folder"
        raise BadMission(str(path), problem, advice="Name another one with --home DIR.")
    shutil.rmtree(path)


def _live(home: Home, world: World, clock: SimulatedClock, *, days: int) -> list[Intake]:
    """Ingest each file when it arrives and do what people did between; the clock moves on."""
    book, intakes = Book(home, clock), []
    waiting = [*world.files]
    for step in [*steps_of(days), None]:
        until = world.start + timedelta(days=days + 1) if step is None else step.at
        due = [name for name in waiting if step is None or world.arrivals[name] <= until]
        intakes += _receive(home, world, due, clock)
        waiting = waiting[len(due) :]
        if step is not None:
            clock.at = max(clock.at, step.at)
            step.do(book)
    return intakes


def steps_of(days: int) -> list[Step]:
    """Return what people do within some days, in order."""
    end = START + timedelta(days=days)
    told = [*steps(), *response_steps()]
    return sorted((step for step in told if step.at < end), key=lambda step: step.at)


def _receive(home: Home, world: World, names: Sequence[str], clock: SimulatedClock) -> list[Intake]:
    """Ingest each file when it arrives; the simulated clock moves on with them."""
    intakes = []
    with writing(home, clock) as writer:
        for name in names:
            sensor, content = world.files[name]
            clock.at = max(clock.at, world.arrivals[name])
            intakes.append(ingest_bytes(writer, sensor, content, name=name))
    return intakes
