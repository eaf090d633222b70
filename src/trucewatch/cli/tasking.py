"""`tw tasking`: where to look next, under a budget, and why; for the mission alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, counted, print_json, say

if TYPE_CHECKING:
    from trucewatch.mission.tasking import Tasking

PANEL = "Measure"


def tasking(
    home: HomeArgument,
    looks: Annotated[
        Path, typer.Option(metavar="FILE", help="Patrols, flights and images to choose from, CSV.")
    ],
    budget: Annotated[
        float, typer.Option(min=0, help="What they may cost together, in the unit of their costs.")
    ],
    level: Annotated[str, typer.Option(help="Who will see it; the mission alone may.")] = "mission",
    *,
    json: JsonOption = False,
) -> None:
    """Choose the looks that would settle most of what is not known, with the reasons for each."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.tasking import tasking as choose

    found = choose(Home(home), looks, budget=budget, level=level)
    if json:
        print_json(found)
        return
    for line in lines(found):
        say(line)


def lines(found: Tasking) -> list[str]:
    """Return a choice of looks in words."""
    sorts = ", ".join(f"{number:,} {sort}" for sort, number in found.targets.items())
    told = ["MISSION ONLY: shows where people will be", f"Not known: {sorts or 'nothing'}"]
    told += [f"  left out: {each}" for each in found.left_out]
    told.append(
        f"{counted(len(found.chosen), 'look')} of {found.looks:,} for {found.cost:g} "
        f"of {found.budget:g}"
    )
    for reason in found.chosen:
        told.append(
            f"{reason.place:3}. {reason.look}  cost {reason.cost:g}  settles "
            f"{reason.gain_nats:.2f} nats beside those before, {reason.gain_alone_nats:.2f} alone"
        )
        told += [
            f"       {share:.0%} of it: {words}; P(seen) {chance_p:.2f}"
            for words, chance_p, share in reason.most
        ]
    told.append(
        f"Together {found.settled_nats:.2f} of {found.unknown_nats:.2f} nats, "
        f"surely at least {int(100 * found.best_share)} % of what any choice could settle"
    )
    told.append("Worth is uncertainty that is settled; danger to people is not weighed: weigh it.")
    return told


VERBS = (tasking,)
