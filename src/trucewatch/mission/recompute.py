"""`tw recompute`: derive again what a mission computed and published, from a bundle alone.

From a public bundle: everything that is a function of a sealed release table. From a bundle of the
mission besides: every table of every run, and every published file, from the sealed input.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.bundle import read_bundle
from trucewatch.mission.bundled import open_bundle
from trucewatch.mission.derived import bound
from trucewatch.mission.recount import edition, recount
from trucewatch.mission.replay import Replay, recompute_run
from trucewatch.mission.rerender import publish_again
from trucewatch.mission.trail import Outcome, Step, Trail

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.bundled import Bundled

_COMPUTED = "computed/v1"
_PUBLISHED = "published/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What a recomputation found.

    Attributes:
        origin: Name of the log.
        size: Entries under its head.
        root: Root over them, hex.
        level: Whom the bundle is made for.
        verdict: What `tw verify` says of it.
        exercise: Whether it says of itself that it is worthless as proof.
        steps: Every step that was taken.
        holds: Whether nothing differs.
    """

    origin: str
    size: int
    root: str
    level: str
    verdict: str
    exercise: bool
    steps: tuple[Step, ...]
    holds: bool


def recompute(
    path: Path, *, vkey: str | None = None, told: Callable[[Step], None] | None = None
) -> Recomputed:
    """Return every step from sealed input to published numbers that a bundle opens.

    The bundle is verified first; a broken link is raised as `tw verify` raises it.

    Args:
        path: A bundle, zip or folder.
        vkey: The log's verifier key as known from elsewhere.
        told: Is called with each step as it is taken.

    Raises:
        BadInput: There is a mission's folder at the path: `tw rebuild` and `tw digest` do this for
            one.
    """
    if (path / "log.db").exists():
        raise BadInput(str(path), "is a mission's folder, expected a bundle", advice="tw rebuild")
    bundled = open_bundle(read_bundle(path), vkey=vkey)
    trail = Trail(told)
    verdict = bundled.findings.verdict
    trail.add("every link of the bundle", "its files", Outcome.SAME, verdict)
    if bundled.level == "mission":
        _from_input(bundled, trail)
    for index, statement in bundled.told(_PUBLISHED):
        _from_table(bundled, index, statement, trail)
    if not bundled.told(_PUBLISHED):
        trail.add("published products", "the log", Outcome.NOT_OPEN, "none was published")
    return Recomputed(
        origin=bundled.head.origin,
        size=bundled.head.size,
        root=bundled.head.root.hex(),
        level=bundled.level,
        verdict=verdict,
        exercise=bundled.findings.exercise,
        steps=tuple(trail.steps),
        holds=all(step.outcome is not Outcome.DIFFERENT for step in trail.steps),
    )


def _from_input(bundled: Bundled, trail: Trail) -> None:
    with tempfile.TemporaryDirectory(prefix="trucewatch-recompute-") as folder:
        what, source = "log.db", f"{len(bundled.entries)} entries and their objects"
        try:
            replay = Replay(bundled, Path(folder))
        except EvidenceBroken as error:
            trail.add(what, source, Outcome.NOT_OPEN, str(error))
            return
        with replay:
            trail.add(what, source, Outcome.SAME, f"root {bundled.head.root.hex()}")
            for index, statement in sorted(bundled.statements.items()):
                _step_of(replay, index, statement, trail)


def _step_of(replay: Replay, index: int, statement: Statement, trail: Trail) -> None:
    where = f"entry {index}"
    try:
        if statement.type == _COMPUTED:
            recompute_run(replay, index, statement, trail)
        elif statement.type == _PUBLISHED:
            publish_again(replay, edition(replay.bundled, index, statement), trail)
    except BadInput as error:
        trail.add(statement.type, where, Outcome.DIFFERENT, str(error))


def _from_table(bundled: Bundled, index: int, statement: Statement, trail: Trail) -> None:
    where = f"entry {index}"
    try:
        one = edition(bundled, index, statement)
        recount(bundled, one, trail)
        if bundled.level == "public":
            bound(bundled, one, trail)
    except BadInput as error:
        trail.add(_PUBLISHED, where, Outcome.DIFFERENT, str(error))
