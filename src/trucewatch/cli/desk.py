"""`tw desk`: what analysts say of incidents, as signed statements that every run honours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, counted, print_json, say
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.attributed import Weighed
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.desk import Done
    from trucewatch.mission.history import Told
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said

PANEL = "Desk"

app = typer.Typer(
    help="Merge, split and lock incidents; each time one signed statement.",
    no_args_is_help=True,
)
IncidentArgument = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, as it is now.")]
IncidentsArgument = Annotated[
    list[str], typer.Argument(metavar="INCIDENT...", help="Ids, as they are now.")
]
ReasonOption = Annotated[str, typer.Option(help="Why; sealed with the statement.")]
ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who says it; sealed, too.")]
RunOption = Annotated[bool, typer.Option("--run", help="Run the mission afterwards.")]


@app.callback()
def desk(context: typer.Context, home: HomeArgument) -> None:
    """Merge, split and lock incidents; each time one signed statement that every run honours."""
    context.obj = home


@app.command()
def merge(
    context: typer.Context,
    incidents: IncidentsArgument,
    reason: ReasonOption,
    by: ByOption,
    *,
    run: RunOption = False,
    json: JsonOption = False,
) -> None:
    """Put the reports of two or more incidents together."""
    from trucewatch.mission import desk as acts

    home, said, clock = _given(context, by, reason)
    done = acts.merge(home, incidents, said=said, clock=clock)
    _show(done, home, run=run, json=json)


@app.command()
def split(
    context: typer.Context,
    incident: IncidentArgument,
    out: Annotated[
        list[str],
        typer.Option(metavar="OBJECT:ROW", help="A report that leaves, as tw explain prints it."),
    ],
    reason: ReasonOption,
    by: ByOption,
    *,
    run: RunOption = False,
    json: JsonOption = False,
) -> None:
    """Keep some reports of an incident apart from its others; repeat --out for each."""
    from trucewatch.mission import desk as acts

    home, said, clock = _given(context, by, reason)
    done = acts.split(home, incident, out, said=said, clock=clock)
    _show(done, home, run=run, json=json)


@app.command()
def lock(
    context: typer.Context,
    incidents: IncidentsArgument,
    reason: ReasonOption,
    by: ByOption,
    *,
    run: RunOption = False,
    json: JsonOption = False,
) -> None:
    """Close an incident: what it holds stays together and nothing else joins."""
    from trucewatch.mission import desk as acts

    home, said, clock = _given(context, by, reason)
    done = acts.lock(home, _one(incidents, "lock"), said=said, clock=clock)
    _show(done, home, run=run, json=json)


@app.command()
def unlock(
    context: typer.Context,
    incidents: IncidentsArgument,
    reason: ReasonOption,
    by: ByOption,
    *,
    run: RunOption = False,
    json: JsonOption = False,
) -> None:
    """Undo the lock of an incident."""
    from trucewatch.mission import desk as acts

    home, said, clock = _given(context, by, reason)
    done = acts.unlock(home, _one(incidents, "unlock"), said=said, clock=clock)
    _show(done, home, run=run, json=json)


@app.command()
def links(context: typer.Context, *, json: JsonOption = False) -> None:
    """List what was merged, split, locked and unlocked, by whom and why, and what still holds."""
    from trucewatch.mission.history import history

    told = history(_home(context))
    if json:
        print_json(told)
        return
    for each in told:
        _show_told(each)
    if not told:
        say("Nothing was merged, split or locked")


@app.command()
def attribute(
    context: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="An incident, or a record of the logbook such as restriction-12.",
        ),
    ],
    file: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML: a [[hypothesis]] for each who may have.")
    ],
    reason: ReasonOption,
    by: ByOption,
    *,
    json: JsonOption = False,
) -> None:
    """Put forward who may have done it, each with its basis; no finding, and never public."""
    from trucewatch.mission.attributed import attribute as put_forward

    home, said, clock = _given(context, by, reason)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"{error.strerror}, expected a file of hypotheses") from error
    _show_weighed(put_forward(home, subject, raw, said=said, clock=clock), json=json)


@app.command()
def attributions(context: typer.Context, *, json: JsonOption = False) -> None:
    """List what was put forward of who may have done what, rejected hypotheses included."""
    from trucewatch.mission.attributed import attributions_of

    found = attributions_of(_home(context))
    if json:
        print_json(found)
        return
    for each in found:
        _show_weighed(each, json=False)
    if not found:
        say("Nothing was put forward")


def _show_weighed(weighed: Weighed, *, json: bool) -> None:
    if json:
        print_json(weighed)
        return
    from trucewatch.review.attribution import LIKELY_P, conclusion

    said = weighed.attribution
    say(f"Entry {said.entry}, {said.subject}, by {said.by}: {said.note}")
    for each in weighed.shares:
        words = [*each.remarks, *([f"rejected: {each.rejected}"] if each.rejected else [])]
        say(f"  {each.who:20} {each.low_p:.2f} to {each.high_p:.2f}  {'; '.join(words)}".rstrip())
    if conclusion(weighed.shares) == "candidate":
        say(f"One is worth a finding (at least {LIKELY_P:g}, not weak). People make findings.")
    else:
        say("Undetermined: none is worth a finding.")


def _home(context: typer.Context) -> Home:
    from trucewatch.mission.home import Home

    return Home(Path(context.obj))


def _given(context: typer.Context, by: str, reason: str) -> tuple[Home, Said, Clock]:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.linked import Said

    return _home(context), Said(by=by, reason=reason), SystemClock()


def _one(incidents: list[str], act: str) -> str:
    if len(incidents) != 1:
        problem = f"{len(incidents)} incidents are given, expected one"
        advice = "Each statement is of one; a lock of several would make them one incident."
        raise BadInput(act, problem, advice=advice)
    return incidents[0]


def _show(done: Done, home: Home, *, run: bool, json: bool) -> None:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.run import run as compute

    of = f"{', '.join(done.incidents)}, {counted(done.observations, 'observation')}"
    if not json:  # before the run, which may fail: the statement is in the log already
        say(f"Sealed: entry {done.entry}, {done.act} of {of}")
    ran = compute(home, clock=SystemClock()) if run else None
    if json:
        print_json({**asdict(done), "run": ran})
    elif ran is None:
        say(f"Run: tw run {home.path}")
    else:
        say(f"{counted(ran.incidents, 'incident')} now; recorded as entry {ran.entry}")


def _show_told(told: Told) -> None:
    holds = {"whole": "in effect", "part": "partly in effect", "none": "not in effect"}
    waits = "" if told.used else "; no run has used it yet"
    say(f"entry {told.entry}  {told.act} by {told.by}, {told.logged_at}")
    say(f"  reason  {told.reason}")
    say(f"  then    {', '.join(told.incidents)}")
    say(f"  now     {', '.join(told.now) or 'in no incident'}")
    say(f"  {holds[told.in_effect]}{waits}")
    for address in told.missing:
        say(f"  {address} forms no incident any more")
