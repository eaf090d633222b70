"""`tw ingest`, `tw run` and `tw quarantine`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import (
    HomeArgument,
    JsonOption,
    LimitOption,
    counted,
    print_json,
    progress,
    rows,
    say,
)

if TYPE_CHECKING:
    from trucewatch.mission.ingest import Intake

PANEL = "Work"
_REFUSED_SHOWN = 10


def ingest(
    home: HomeArgument,
    sensor: Annotated[str, typer.Argument(metavar="SENSOR", help="Who sent it, such as firms.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files as received.")],
    *,
    json: JsonOption = False,
) -> None:
    """Seal files, read them, and say what was accepted, what was quarantined and why.

    Exits with 2 when nothing at all was accepted.
    """
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import ingest as seal_and_read

    seen = []
    for intake in seal_and_read(Home(home), sensor, files, clock=SystemClock()):
        seen.append(intake)
        if not json:
            _show(intake)
    if json:
        print_json(seen)
    if not any(i.accepted for i in seen):
        raise typer.Exit(2)


def _show(intake: Intake) -> None:
    if not intake.new:
        say(f"{intake.name}: sealed before as entry {intake.entry}, nothing added")
        return
    say(f"{intake.name}: sealed as entry {intake.entry}, sha256 {intake.object}")
    say(f"  accepted     {counted(intake.accepted, 'observation')}")
    if intake.missing:
        say(f"  not in file  {', '.join(intake.missing)}")
    if intake.refused:
        whole = intake.refused[0].row is None
        what = "the whole file" if whole else counted(len(intake.refused), "row")
        say(f"  quarantined  {what}")
    for refusal in intake.refused[:_REFUSED_SHOWN]:
        where = intake.name if refusal.line is None else f"{intake.name}:{refusal.line}"
        say(f"    {where}: {refusal.problem}")
    if len(intake.refused) > _REFUSED_SHOWN:
        say(f"    and {len(intake.refused) - _REFUSED_SHOWN:,} more: tw quarantine HOME")


def run(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Fuse reports into incidents and assess them; does nothing when nothing is new."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.run import run as compute

    progress("Fusing and assessing ... (a new version compiles first, half a minute)")
    ran = compute(Home(home), clock=SystemClock())
    if json:
        print_json(ran)
        return
    if not ran.new:
        incidents = counted(ran.incidents, "incident")
        say(f"Nothing new since {ran.input_size} entries: {incidents} as before")
        return
    say(f"{counted(ran.observations, 'observation')} -> {counted(ran.incidents, 'incident')}")
    say(f"{counted(ran.assessments, 'assessment')}; recorded as entry {ran.entry}")


def quarantine(
    home: HomeArgument,
    *,
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """List rows and files that were received and could not be read, and why."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import quarantine as refused

    table = refused(Home(home))
    if json:
        print_json(rows(table))
        return
    for row in (table if limit == 0 else table.head(limit)).iter_rows(named=True):
        where = row["file"] if row["row"] < 0 else f"{row['file']}:{row['line']}"
        say(f"{where}: {row['problem']}  [{row['object'][:12]}]")
    if not len(table):
        say("Nothing is in quarantine")
    elif limit and len(table) > limit:
        say(f"and {len(table) - limit:,} more: --limit 0")


VERBS = (ingest, run, quarantine)
