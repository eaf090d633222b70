"""`tw init` and `tw doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, say

PANEL = "Set up"


def init(
    home: Annotated[Path, typer.Argument(metavar="HOME", help="A new or empty folder.")],
    agreement: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped agreement, or a file of your own.")
    ] = "exercise-box",
    zone: Annotated[str, typer.Option(help="IANA time zone of the mission.")] = "UTC",
    origin: Annotated[
        str, typer.Option(help="Name of the log, which never changes; HOME.invalid by default.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Make a mission: its folder, keys, log and configuration."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.init import Plan, create

    made = create(
        home, clock=SystemClock(), plan=Plan(agreement=agreement, zone=zone, origin=origin)
    )
    if json:
        print_json(made)
        return
    say(f"Mission in {made.home}")
    say(f"  agreement  {made.title} ({made.status})")
    say(f"  log key    {made.vkey}")
    say("Hand the log key to whoever will check this mission, by a way of its own.")


def doctor(
    home: HomeArgument,
    *,
    scrub: Annotated[bool, typer.Option("--scrub", help="Hash every sealed object again.")] = False,
    json: JsonOption = False,
) -> None:
    """Check the machine, the clock, the keys and the log; exit 1 when something is wrong."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.doctor import doctor as examine
    from trucewatch.mission.home import Home

    findings = examine(Home(home), now=SystemClock().now(), scrub=scrub)
    if json:
        print_json(findings)
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.good else 'BAD '} {finding.name:14} {finding.text}")
    if not all(f.good for f in findings):
        raise typer.Exit(1)


VERBS = (init, doctor)
