"""`tw confidential` and `tw erase`: who can read what is above CLEAR, and making it unreadable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, counted, print_json, say
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.erase import Erased, Plan
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said

PANEL = "Confidential"

app = typer.Typer(help="Who can read objects above CLEAR, and why.", no_args_is_help=True)
ObjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="OBJECT|ENTRY", help="An entry's number, or 12 digits or more of the object's hash."
    ),
]
ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who says it; sealed.")]
ReasonOption = Annotated[str, typer.Option(help="Why; sealed with the statement.")]


@app.command()
def compartments(home: HomeArgument, *, json: JsonOption = False) -> None:
    """List the compartments, and which of their keys are on this machine."""
    from trucewatch.mission.disclosure import compartments as listed

    found = listed(_home(home))
    if json:
        print_json(found)
        return
    for each in found:
        key = "key here" if each.key_here else "no key here"
        of = f", files of {', '.join(each.sensors)}" if each.sensors else ""
        say(f"{each.name:32}  {key:11}  {counted(each.objects, 'object')}{of}")
    if not found:
        say("There is no compartment; make one: tw confidential key HOME NAME")


@app.command()
def key(
    home: HomeArgument,
    name: Annotated[str, typer.Argument(help="Small letters, digits and dashes.")],
    *,
    json: JsonOption = False,
) -> None:
    """Make the key of a compartment; one that is there is never overwritten."""
    from trucewatch.evidence.vault.compartment import make_compartment

    path = make_compartment(_home(home).expect().path, name)
    if json:
        print_json({"compartment": name, "path": path})
        return
    say(f"{path}: made, 0600")
    say("Keep a copy apart from this machine: without it nothing in the compartment can be read.")


@app.command()
def who(home: HomeArgument, asked: ObjectArgument, *, json: JsonOption = False) -> None:
    """Say who can see an object, and why."""
    from trucewatch.mission.disclosure import who as seen

    found = seen(_home(home), asked)
    if json:
        print_json(found)
        return
    say(f"object       {found.object}")
    say(f"entry        {found.entry}, {found.type}, called {found.name}")
    say(f"level        {found.level}")
    say(f"compartment  {found.compartment or 'none here'}")
    say(f"keys here    {', '.join(found.keys_here) or 'none'}")
    say(f"who          {found.why}")
    say(f"here         {'can be read' if found.readable else 'cannot be read'}")


@app.command()
def disclose(
    home: HomeArgument,
    asked: ObjectArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file for the key.")],
    by: ByOption,
    reason: ReasonOption,
    *,
    json: JsonOption = False,
) -> None:
    """Write the key of one object to a file for an expert; the log says that it was opened."""
    from trucewatch.mission.disclosure import disclose as give

    said, clock = _said(by, reason)
    entry = give(_home(home), asked, out, said=said, clock=clock)
    if json:
        print_json({"entry": entry, "path": out})
        return
    say(f"Sealed: entry {entry}, opened")
    say(f"{out}: opens this object for whoever has it, and no other")


def erase(
    home: HomeArgument,
    asked: Annotated[
        str,
        typer.Argument(
            metavar="[OBJECT|ENTRY]", help="What to erase; not given with --pending alone."
        ),
    ] = "",
    by: ByOption = "",
    reason: ReasonOption = "",
    signer: Annotated[
        Path | None,
        typer.Option("--key", metavar="PEM", help="Key of who has custody; the desk by default."),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it only say it.")] = False,
    pending: Annotated[
        bool, typer.Option("--pending", help="Destroy keys in backups that can be reached now.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make an object above CLEAR unreadable for good; without --yes say what would go, and stop.

    Exit 1 when a backup could not be reached and still holds its keys. An erasure that was
    interrupted is finished by asking for it again.
    """
    from trucewatch.mission import erase as acts

    place = _home(home)
    if pending and not asked:
        _finish(place, json=json)
        return
    if not yes:
        going = acts.plan(place, _given(asked))
        print_json(going) if json else _show_plan(going)
        return
    said, clock = _said(by, reason)
    done = acts.erase(place, _given(asked), said=said, clock=clock, key=signer)
    print_json(done) if json else _show_done(done)
    if done.pending:
        raise typer.Exit(1)


def _given(asked: str) -> str:
    """Return what is to be erased.

    Raises:
        BadInput: Nothing was given.
    """
    if not asked:
        raise BadInput("erase", "nothing is given, expected an object, its entry, or --pending")
    return asked


def _finish(home: Home, *, json: bool) -> None:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.erase import finish

    destroyed, still = finish(home, clock=SystemClock())
    if json:
        print_json({"destroyed": destroyed, "pending": still})
    else:
        for path in destroyed:
            say(f"destroyed  {path}")
        _show_pending(still)
    if still:
        raise typer.Exit(1)


def _show_plan(going: Plan) -> None:
    for each in going.objects:
        entries = ", ".join(map(str, each.entries))
        origin = f", derived from {each.parent[:12]}" if each.parent else ""
        say(f"object       {each.object}  {each.level}, entry {entries}, {each.name}{origin}")
    for kept in going.kept:
        say(f"stays        {kept}  a copy at level CLEAR: it was public")
    rest = "not known" if going.incidents is None else ", ".join(going.incidents) or "none"
    say(f"incidents    that rest on it: {rest}")
    for index in going.cited:
        say(f"stays        entry {index}: what an analyst sealed of incidents that rest on it")
    for index in going.opened:
        say(f"given out    entry {index}: what left the mission cannot be taken back")
    for path in going.reports:
        say(f"report       {path}")
    for folder in going.backups:
        say(f"backup       {folder}")
    for folder in going.unreachable:
        say(f"backup       {folder}: cannot be reached, its keys stay there until it can")
    if going.tombstone is not None:
        say(f"It was erased by entry {going.tombstone}; doing it again finishes what is left.")
    say("The ciphertext and its entries stay, so the log still verifies.")
    say("Nothing was changed. To erase it: the same with --yes --by NAME --reason TEXT")


def _show_done(done: Erased) -> None:
    say(f"Sealed: entry {done.entry}, erased")
    for object_ in done.objects:
        say(f"erased     {object_}")
    for path in done.destroyed:
        say(f"destroyed  {path}")
    for path in done.reports:
        say(f"removed    {path}")
    if done.labels:
        say(f"removed    {counted(done.labels, 'file name')} from the log's database")
    _show_pending(list(done.pending))


def _show_pending(still: list[str]) -> None:
    for folder in still:
        say(f"pending    {folder}: cannot be reached and may still hold keys")
    if still:
        say("When it can be reached: tw erase HOME --pending")


def _home(path: Path) -> Home:
    from trucewatch.mission.home import Home

    return Home(path)


def _said(by: str, reason: str) -> tuple[Said, Clock]:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.linked import Said

    return Said(by=by, reason=reason), SystemClock()


VERBS = (erase,)
