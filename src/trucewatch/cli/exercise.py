"""`tw demo` and `tw simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.checking import show
from trucewatch.cli.printing import JsonOption, counted, print_json, progress, say

if TYPE_CHECKING:
    from trucewatch.evaluate.share import Share
    from trucewatch.mission.demo import Demo

PANEL = "Try"


def demo(
    days: Annotated[int, typer.Option(min=2, max=366, help="Days to simulate.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another world.")] = 1,
    home: Annotated[Path, typer.Option(help="Where to put the mission.")] = Path("demo"),
    *,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Do not serve pages (there are none yet).")
    ] = False,
) -> None:
    """Simulate a month on fictional ground, run a mission on it, publish and verify a bulletin.

    An exercise: the clock is simulated and the keys come from the seed, worthless as proof.
    """
    from trucewatch.mission.demo import demo as whole_mission

    done = whole_mission(home, days=days, seed=seed, say=progress)
    say(done.published.text)
    _summary(done)
    if not no_serve:
        progress("There are no pages to serve yet; open the HTML report in a browser.")


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
