"""`tw recompute` and `tw prove`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import JsonOption, counted, print_json, say

if TYPE_CHECKING:
    from trucewatch.mission.trail import Step

PANEL = "Check"


def recompute(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What tw export wrote.")],
    key: Annotated[
        str, typer.Option(metavar="VKEY|FILE", help="The log key, as you got it by another way.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Derive the published numbers again from a bundle; exit 1 when something differs.

    Each step says what was derived, from what, and whether it is the same. From a public bundle
    these are the functions of the release table; from one of the mission every run and every
    published file as well. A step that the bundle does not open is named, with the reason.
    """
    from trucewatch.mission.check import read_key
    from trucewatch.mission.recompute import recompute as derive

    told = None if json else _say_step
    done = derive(bundle, vkey=read_key(key) if key else None, told=told)
    if json:
        print_json(done)
    else:
        if done.exercise:
            say("EXERCISE: this log says of itself that it is worthless as proof")
        say(f"log     {done.origin}, {done.size:,} entries, root {done.root}")
        tally = Counter(str(step.outcome) for step in done.steps)
        say("; ".join(f"{outcome}: {n:,}" for outcome, n in sorted(tally.items())))
        say("Unchanged since sealing, and computed as it says, does not mean true.")
    if not done.holds:
        raise typer.Exit(1)


def _say_step(step: Step) -> None:
    say(f"{step.number:3}  {step.outcome:<9}  {step.what}")
    say(f"                from {step.source}")
    if step.found:
        say(f"                {step.found}")


def prove(
    what: Annotated[Path, typer.Argument(metavar="BUNDLE|HOME", help="Which log.")],
    object_: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT|ENTRY",
            help="Its SHA-256, or 12 digits of it; or the number of an entry.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the files here, with a script.")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Show that one sealed file is in the log: its entry, the proof, the head, and what to run."""
    from trucewatch.mission.prove import prove as find
    from trucewatch.mission.prove import write_proof

    found = find(what, object_)
    written = write_proof(found, out) if out is not None else []
    if json:
        print_json(found)
        return
    say(f"entry {found.index}: {found.entry}")
    if found.also:
        say(f"The same bytes are also in {counted(len(found.also), 'later entry')}")
    if not written:
        say()
        say(found.proof)
    for path in written:
        say(f"  {path}")
    say(f"Key: {found.vkey}")
    say("Take the key from elsewhere: one that comes with a proof does not say who made it.")
    say("Check it with:")
    for line in found.words:
        say(f"  {line}")


VERBS = (recompute, prove)
