"""`tw coverage` and `tw holding`: what could have been seen, and what that makes of the counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.coverage_lines import coverage_lines, holding_lines
from trucewatch.cli.printing import (
    HomeArgument,
    JsonOption,
    parse_day,
    parse_time,
    print_json,
    progress,
    say,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

PANEL = "Measure"
DayOption = Annotated[
    str, typer.Option("--date", metavar="DAY", help="Report day; the last one by default.")
]


def coverage(
    home: HomeArgument,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Beginning.")] = "",
    end: Annotated[str, typer.Option("--until", metavar="TIME", help="End.")] = "",
    day: DayOption = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Of this zone alone.")] = "",
    kind: Annotated[
        str, typer.Option("--class", metavar="CLASS", help="Of this class of happening alone.")
    ] = "",
    drawn: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Also draw a map here, SVG.")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Say what could have been seen, by sector, class and asset, and what was lost and why."""
    from trucewatch.mission.covered_told import Asked, covered
    from trucewatch.mission.home import Home

    if drawn is not None and (drawn.is_dir() or not drawn.parent.is_dir()):
        raise BadInput(str(drawn), "is no place for a file, expected a name in a folder there is")
    asked = Asked(
        span=_span(start, end, day), day=parse_day(day, option="--date"), zone=zone, kind=kind
    )
    found, picture = covered(Home(home), asked)
    if drawn is not None:
        drawn.write_text(picture, encoding="utf-8")
        progress(f"Map: {drawn}")
    if json:
        print_json(found)
        return
    for line in coverage_lines(found):
        say(line)


def _span(start: str, end: str, day: str) -> tuple[datetime, datetime] | None:
    """Return the span that was asked for; None for a report day.

    Raises:
        BadInput: One end alone, or a day besides.
    """
    first, last = parse_time(start, option="--from"), parse_time(end, option="--until")
    if first is None and last is None:
        return None
    if first is None or last is None or day:
        raise BadInput("--from", "expected --from and --until together, or --date alone")
    return first, last


def holding(home: HomeArgument, day: DayOption = "", *, json: JsonOption = False) -> None:
    """Say whether it is holding, as a whole and by sector, or why that cannot be told."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.is_holding import is_holding

    found = is_holding(Home(home), day=parse_day(day, option="--date"))
    if json:
        print_json(found)
        return
    for line in holding_lines(found):
        say(line)


VERBS = (coverage, holding)
