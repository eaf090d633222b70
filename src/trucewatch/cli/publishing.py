"""`tw report` and `tw export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trucewatch.cli.printing import (
    HomeArgument,
    JsonOption,
    parse_day,
    print_json,
    progress,
    say,
)
from trucewatch.errors import BadInput

PANEL = "Publish"


class ReleaseTo(StrEnum):
    """Who may see the result."""

    PUBLIC = "public"
    MISSION = "mission"


LevelOption = Annotated[
    ReleaseTo, typer.Option(help="public: delayed, coarsened, sealed; mission: neither.")
]


def report(
    home: HomeArgument,
    product: Annotated[
        str, typer.Argument(metavar="PRODUCT", help="daily, register, response or gaps.")
    ],
    day: Annotated[
        str, typer.Option("--date", metavar="DAY", help="Report day; the last one by default.")
    ] = "",
    level: LevelOption = ReleaseTo.PUBLIC,
    out: Annotated[Path | None, typer.Option(help="Also write the HTML page here.")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Publish a bulletin, or a product of the register: HTML, and the tables that it counts."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.report import report as publish
    from trucewatch.report.register.document import TITLES

    wanted = parse_day(day, option="--date")
    if out is not None and (out.is_dir() or not out.parent.is_dir()):  # before anything is sealed
        raise BadInput(str(out), "is no place for a file, expected a name in a folder there is")
    if product in TITLES:
        from trucewatch.cli.register_reporting import show_report

        show_report(home, product, wanted, level.value, out=out, json=json)
        return
    done = publish(Home(home), product, day=wanted, level=level.value, clock=SystemClock())
    page = done.paths[f"{product}-{done.day}.html"]
    if out is not None:
        out.write_bytes(page.read_bytes())
    if json:
        print_json(done)
        return
    say(done.text)
    say(f"HTML: {out or page}")
    if done.entry is None:
        progress("Not sealed: a product at mission level is above CLEAR.")
    else:
        say(f"Sealed: entry {done.entry}")
    if done.behind:
        newer = "1 newer entry" if done.behind == 1 else f"{done.behind:,} newer entries"
        progress(f"The log has {newer} that no run has used: tw run {home}")


def export(
    home: HomeArgument,
    out: Annotated[Path, typer.Option(help="The bundle to write.")],
    level: LevelOption = ReleaseTo.PUBLIC,
    to: Annotated[str, typer.Option(help="Who gets it; sealed in the log.")] = "not said",
    by: Annotated[str, typer.Option(help="Who made it; sealed in the log.")] = "the desk",
    *,
    json: JsonOption = False,
) -> None:
    """Write a bundle that an outsider can check with tw verify, or without our code.

    That it was made is sealed in the log afterwards, with the hash of its manifest.
    """
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.export import Handover
    from trucewatch.mission.export import export as bundle
    from trucewatch.mission.home import Home

    handover = Handover(to=to, by=by)
    done = bundle(Home(home), out, level=level.value, clock=SystemClock(), handover=handover)
    if json:
        print_json(done)
        return
    say(f"{done.path}: {done.entries:,} entries, {done.objects:,} objects, {done.bytes:,} bytes")
    for entry, reason in done.withheld.items():
        say(f"  entry {entry} withheld: {reason}")
    say(f"Manifest: SHA-256 {done.manifest}")
    if done.recorded is None:
        progress(f"Not recorded in the log: {done.not_recorded}")
    else:
        say(f"Recorded: entry {done.recorded}")
    say(f"Check it with: tw verify {done.path} --key {home / 'keys' / 'log.vkey'}")


VERBS = (report, export)
