"""`tw demo` and `tw simulate`."""

from __future__ import annotations

import sys
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.checking import show
from trucewatch.cli.printing import JsonOption, counted, print_json, progress, say

if TYPE_CHECKING:
    from trucewatch.evaluate.share import Share
    from trucewatch.mission.demo import Demo
    from trucewatch.mission.tour_stop import Stop

PANEL = "Try"
_PAUSE_MAX_S = 1.5  # a night is long; nobody waits for the whole of it


def demo(
    days: Annotated[int, typer.Option(min=2, max=366, help="Days to simulate.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another world.")] = 1,
    home: Annotated[Path, typer.Option(help="Where to put the mission.")] = Path("demo"),
    *,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Do not show it in a browser afterwards.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of its pages.", min=1, max=65535)] = 8000,
    tour: Annotated[
        bool, typer.Option("--tour", help="Six stops for a sceptic, in this terminal.")
    ] = False,
    paste: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An agreement or sentences for the tour's first stop."),
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait for Enter between stops.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Simulate a month on fictional ground, run a mission on it, publish, verify and show it.

    An exercise: the clock is simulated and the keys come from the seed, worthless as proof.
    With --tour it takes the days that the tour needs, whatever --days says.
    """
    from trucewatch.cli.serving import show
    from trucewatch.mission.demo import demo as whole_mission

    if tour:
        _tour(home, seed, paste, waits=not (no_wait or json), json=json)
        return
    if paste is not None or no_wait or json:
        problem = "--paste, --no-wait and --json are of the tour, expected --tour with them"
        raise typer.BadParameter(problem)
    done = whole_mission(home, days=days, seed=seed, say=progress)
    say(done.published.text)
    _summary(done)
    if not no_serve:
        show(home, host="127.0.0.1", port=port)


def _tour(home: Path, seed: int, paste: Path | None, *, waits: bool, json: bool) -> None:
    from trucewatch.mission.tour import Tour
    from trucewatch.mission.tour import tour as stops

    waits = waits and sys.stdin.isatty() and sys.stdout.isatty()
    shown = []
    for stop in stops(Tour(path=home, seed=seed, pasted=paste), say=progress):
        shown.append(stop)
        if not json:
            _show_stop(stop, home, waits=waits)
    if json:
        told = [
            {"number": s.number, "title": s.title, "found": s.found, "commands": s.commands}
            for s in shown
        ]
        print_json({"exercise": True, "home": home, "stops": told})
        return
    say("That was the tour. The mission stays there; its pages open with:")
    say(f"  tw serve {home}")


def _show_stop(stop: Stop, home: Path, *, waits: bool) -> None:
    from trucewatch.mission.tour_night import SPEED

    say(f"{stop.number}. {stop.title}")
    say(f"EXERCISE on fictional ground; folder {home}")
    say()
    for line in stop.lines:
        if waits and line.after_s:
            sleep(min(line.after_s / SPEED, _PAUSE_MAX_S))
        say(line.text)
    say()
    for command in stop.commands:
        say(f"  tw {command}")
    say()
    if waits:
        typer.prompt("Enter goes on", default="", show_default=False, prompt_suffix=" ")


def _summary(done: Demo) -> None:
    refused = sum(len(i.refused) for i in done.intakes)
    accepted = sum(i.accepted for i in done.intakes)
    every = done.score.every
    say("EXERCISE on fictional ground. What the demonstration did:")
    files = counted(len(done.intakes), "file")
    say(f"  received    {files}, {counted(accepted, 'observation')}, {refused} refused")
    say(f"  fused       {done.run.incidents:,} incidents, {done.run.assessments:,} assessments")
    say(f"  truth       {done.happened} happenings, of which {every.detectable} left a report")
    say(f"  found       {every.found} of those {every.detectable}: {_share(every.recall)}")
    say(f"  sound       {_share(every.precision)} of fused incidents are one true happening")
    say(f"  split       {_share(every.split)} of found happenings stand as more than one incident")
    say(f"  HTML report {done.published.paths[f'daily-{done.published.day}.html']}")
    say(f"  bundle      {done.bundle}")
    say("  checkpoint")
    for line in done.checkpoint.splitlines():
        say(f"    {line}")
    show(done.findings)


def _share(share: Share) -> str:
    return f"{share.value_p or 0:.0%} (95 % interval {share.low_p:.0%} to {share.high_p:.0%})"


def simulate(
    world: Annotated[str, typer.Argument(metavar="WORLD", help="Such as demo.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another world.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to simulate.")] = 30,
    *,
    json: JsonOption = False,
) -> None:
    """Write the input files of a seeded world, and its truth beside them."""
    from trucewatch.mission.simulate import simulate as write_world

    made, paths = write_world(world, seed=seed, days=days, out=out)
    if json:
        print_json({"files": paths, "incidents": len(made.truth)})
        return
    for name, (sensor, _) in made.files.items():
        say(f"{sensor:6} {paths[name]}")
    say(f"{len(made.truth)} true incidents in {out / 'truth.parquet'}")


VERBS = (demo, simulate)
