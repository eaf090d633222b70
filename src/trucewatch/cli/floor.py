"""`tw episodes` and `tw silences`: what a watch floor looks at first."""

from __future__ import annotations

from typing import Annotated

import typer

from trucewatch.cli.printing import (
    AsOfOption,
    HomeArgument,
    JsonOption,
    LimitOption,
    counted,
    parse_time,
    print_json,
    rows,
    say,
)

PANEL = "Look"


def episodes(
    home: HomeArgument,
    since: Annotated[str, typer.Option(metavar="TIME", help="At or after (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before (RFC 3339).")] = "",
    limit: LimitOption = 25,
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Show incidents near in space and time together, so that a busy night is few cards."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import Filter
    from trucewatch.mission.listing import episodes as listed

    only = Filter(
        since=parse_time(since, option="--since"), until=parse_time(until, option="--until")
    )
    table = listed(Home(home), only=only, as_of=parse_time(as_of, option="--as-of"))
    if json:
        print_json(rows(table))
        return
    say(f"{'episode':19} {'from (UTC)':16} {'to':16} {'lat':>8} {'lon':>8}  n  kinds")
    for row in (table if limit == 0 else table.head(limit)).iter_rows(named=True):
        say(
            f"{row['episode']:19} {row['start']:%Y-%m-%d %H:%M} {row['end']:%Y-%m-%d %H:%M} "
            f"{row['lat_deg']:8.3f} {row['lon_deg']:8.3f} {row['incidents']:>3} {row['kinds']}"
        )
    if 0 < limit < len(table):
        say(f"{counted(len(table) - limit, 'more episode')}: --limit 0 shows all")
    say("An episode is for looking at. It is never counted, and no rule uses it.")
    say(f"Its incidents: tw incidents {home} --episode EPISODE")


def silences(home: HomeArgument, as_of: AsOfOption = "", *, json: JsonOption = False) -> None:
    """Show when a sensor sent nothing beyond its own rhythm; no news is not calm."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import silences as listed

    table = listed(Home(home), as_of=parse_time(as_of, option="--as-of"))
    if json:
        print_json(rows(table))
        return
    if table.is_empty():
        say("no silence was found")
        say("A sensor that never sent anything, or in fewer than 20 hours in all, has no rhythm.")
        return
    for row in table.iter_rows(named=True):
        missing = row["expected"]
        usual = (
            "nothing says how much is missing"
            if missing is None
            else f"its rhythm says about {missing:,.0f}"
        )
        say(f"{row['sensor']:12} {row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M} UTC")
        say(f"{'':12} {usual}; nothing reported does not mean that nothing happened")


VERBS = (episodes, silences)
