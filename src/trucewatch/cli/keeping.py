"""`tw anchor`, `tw backup` and `tw restore`: what keeps a log beyond doubt, and from loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, counted, print_json, progress, say
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.anchor import Anchored
    from trucewatch.mission.backup import BackedUp
    from trucewatch.mission.compare_head import HeadChecked
    from trucewatch.mission.cosigning import Answer
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.restore import Drilled

PANEL = "Keep"
_DUE_MAX = 6
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def anchor(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Show the log's head to its witnesses and to authorities for time, and keep their answers.

    Appends nothing; asking again does no harm. Exit 1 when too few witnesses cosigned. A witness
    that shows a head which this log signed and no longer leads to holds it: nothing can be appended
    until somebody looked. Its word alone does not.
    """
    from trucewatch.mission.anchor import anchor as ask
    from trucewatch.mission.clock import SystemClock

    done = ask(_home(home), clock=SystemClock())
    if json:
        print_json(done)
    else:
        _say_anchored(done)
    if not done.reached:
        raise typer.Exit(1)


def backup(
    home: HomeArgument,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new folder, or the last backup.")
    ] = None,
    *,
    list_: Annotated[
        bool, typer.Option("--list", help="List the backups and how far each is behind.")
    ] = False,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Copy keys/ too: who has it can sign as you.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy a mission into a folder, while it may be written; again into the same one is quick."""
    from trucewatch.mission.backup import backup as copy

    if list_ == (to is not None):
        raise BadInput("tw backup", "expected either --to DIR or --list")
    if to is None:
        _list_backups(_home(home), json=json)
        return
    done = copy(_home(home), to, with_keys=with_keys)
    if json:
        print_json(done)
    else:
        _say_backed_up(done)
    if done.keys:
        progress(f"THE MISSION'S PRIVATE KEYS ARE IN {to}")
        progress("Whoever gets it can sign as the mission and read what is confidential.")


def restore(
    paths: Annotated[
        list[Path], typer.Argument(metavar="DIR HOME | HOME | DIR", help="See the forms below.")
    ],
    keys: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The mission's keys, kept elsewhere.")
    ] = None,
    extend: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="Add what a larger bundle still has.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="CHECKPOINT", help="The newest head that anybody has; repeat."),
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so.")] = "",
    reason: Annotated[str, typer.Option(help="Why they can say so.")] = "",
    *,
    check_head: Annotated[
        bool, typer.Option("--check-head", help="Compare the head with what others have seen.")
    ] = False,
    nobody: Annotated[
        bool,
        typer.Option("--nobody-else-has-seen-more", help="The last resort; with --by, --reason."),
    ] = False,
    drill: Annotated[
        bool, typer.Option("--drill", help="Restore for a trial, check, and remove it again.")
    ] = False,
    within: Annotated[
        Path | None,
        typer.Option("--in", metavar="DIR", help="Where a drill restores; beside DIR by default."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Bring a mission back from its backup; it is held until its head was compared.

    tw restore DIR HOME puts the backup DIR into the new folder HOME. tw restore --check-head HOME
    lets it be appended to when nobody has seen more. tw restore --extend BUNDLE HOME adds entries
    that a larger bundle has. tw restore --drill DIR [HOME] tries the backup; exit 1 when it fails.
    """
    if check_head + drill + (extend is not None) > 1:
        raise BadInput("tw restore", "expected one of --check-head, --extend and --drill")
    if within is not None and not drill:
        raise BadInput("tw restore --in", "expected it with --drill alone")
    if check_head:
        said = _said(by, reason) if nobody else None
        _check_head(_home(_only(paths)), against or [], said, json=json)
    elif extend is not None:
        _extend(_home(_only(paths)), extend, json=json)
    elif drill:
        _drill(paths, within, json=json)
    else:
        _restore(paths, keys, json=json)


def _list_backups(home: Home, *, json: bool) -> None:
    from trucewatch.mission.backup import backups

    found = backups(home)
    if json:
        print_json(found)
        return
    for each in found:
        keys = ", WITH KEYS" if each.keys else ""
        behind = "" if each.behind is None else f"{each.behind:,} entries behind"
        state = each.problem or f"{each.size:,} entries, {behind}, to {each.logged_at}{keys}"
        say(f"{each.folder}  {state}")
    if not found:
        say("No backups: tw backup HOME --to DIR")


def _restore(paths: list[Path], keys: Path | None, *, json: bool) -> None:
    from trucewatch.mission.restore import restore as bring_back

    if len(paths) != 2:  # noqa: PLR2004 - from and to
        raise BadInput("tw restore", f"{counted(len(paths), 'path')}, expected DIR and HOME")
    done = bring_back(*paths, keys=keys, told=lambda name: progress(f"{name} ..."))
    if json:
        print_json(done)
        return
    say(f"Restored {done.origin}, {done.size:,} entries up to {done.logged_at}, in {done.home}")
    for name in done.lost:
        say(f"  not there   {name}: erased since")
    for why in done.not_compared:
        say(f"  note        {why}")
    if not done.keys:
        say("  keys        none: bring HOME/keys from where they were kept")
    say(f"HELD: {done.held}")
    say(f"  tw restore --check-head {done.home}")


def _check_head(home: Home, against: list[Path], said: Said | None, *, json: bool) -> None:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.compare_head import NEVER_BACK
    from trucewatch.mission.compare_head import check_head as compare

    done = compare(home, clock=SystemClock(), against=against, nobody=said)
    if json:
        print_json(done)
    else:
        _say_head(done)
        if done.ahead:
            say(NEVER_BACK)
    if done.problem or done.held:
        raise typer.Exit(1)


def _extend(home: Home, bundle: Path, *, json: bool) -> None:
    from trucewatch.mission.extend import extend

    done = extend(home, bundle)
    if json:
        print_json(done)
        return
    added = f"{done.size - done.before:,} entries and {counted(done.objects, 'object')}"
    say(f"Brought back {added}: {done.before:,} to {done.size:,} entries")
    for index, object_ in done.missing.items():
        say(f"  missing     entry {index}, object {object_}: the bundle withholds it")
    say("Compute the tables again once the log is released: tw rebuild HOME")


def _drill(paths: list[Path], within: Path | None, *, json: bool) -> None:
    from time import perf_counter

    from trucewatch.mission.restore import drill

    if len(paths) > 2:  # noqa: PLR2004 - the backup, and the mission
        raise BadInput("tw restore --drill", "expected DIR, or DIR and HOME")
    home = _home(paths[1]) if paths[1:] else None
    done = drill(paths[0], seconds=perf_counter, home=home, within=within)
    if json:
        print_json(done)
    else:
        _say_drilled(done)
    if done.problem:
        raise typer.Exit(1)


def _say_drilled(done: Drilled) -> None:
    for step in done.steps:
        say(f"{step.took_s:9.2f} s  {step.name}")
    for why in done.not_compared:
        say(f"note         {why}")
    for name in done.lost:
        say(f"not there    {name}: erased since")
    if done.lag_entries is not None:
        say(f"would lose   {done.lag_entries:,} entries after {done.logged_at}")
    verdict = f"FAILED: {done.problem}" if done.problem else "the backup can be restored"
    say(f"{done.size:,} entries: {verdict}")


def _say_anchored(done: Anchored) -> None:
    say(f"head         {done.size:,} entries, root {done.root}")
    for said in done.witnesses:
        _say_answer(said)
    for stamp in done.stamps:
        when = f" {stamp.time:{_TIME}}" if stamp.time else ""
        told = f"; {stamp.problem}" if stamp.problem else ""
        say(f"time         {stamp.authority}, size {stamp.size}: {stamp.outcome}{when}{told}")
    for size, name in done.due[:_DUE_MAX]:
        say(f"due          {name}, size {size}")
    if len(done.due) > _DUE_MAX:
        say(f"due          and {len(done.due) - _DUE_MAX} more")
    for finding in done.findings:
        say(f"to settle    {finding}")
    for sentence in done.missing:
        say(f"missing      {sentence}")
    reached = "reached" if done.reached else "NOT reached"
    say(f"quorum {reached}: {len(done.operators)} of {done.operators_known} operators cosigned")


def _say_answer(said: Answer) -> None:
    when = f" {said.time:{_TIME}}" if said.time else ""
    of = f" of {said.operator}" if said.operator else ""
    told = f"; {said.problem}" if said.problem else ""
    say(f"witness      {said.name}{of}: {said.outcome}{when}{told}")


def _say_backed_up(done: BackedUp) -> None:
    say(f"Backed up {done.origin}, {done.size:,} entries up to {done.logged_at}")
    say(f"  new         {done.new_entries:,} entries, {done.new_objects:,} large objects")
    for name in done.erased:
        say(f"  destroyed   {name}: its object was erased")
    if not done.keys:
        say("  keys        not copied: keep HOME/keys somewhere else, apart from this folder")


def _say_head(done: HeadChecked) -> None:
    say(f"head         {done.size:,} entries, root {done.root}")
    for said in done.witnesses:
        _say_answer(said)
    for each in done.compared:
        say(f"compared     {each} is a beginning of this log")
    for sentence in done.overruled:
        say(f"overruled    {sentence}")
    if done.problem:
        say(f"HELD: {done.problem}")
    elif done.released:
        say("Released: written down in HOME/RELEASED; entries can be added again")
        say("A head that nobody witnessed cannot be excluded: ask who holds receipts")
    else:
        say("Not held")


def _only(paths: list[Path]) -> Path:
    if len(paths) != 1:
        raise BadInput("tw restore", f"{counted(len(paths), 'path')}, expected HOME alone")
    return paths[0]


def _home(path: Path) -> Home:
    from trucewatch.mission.home import Home

    return Home(path)


def _said(by: str, reason: str) -> Said:
    from trucewatch.mission.linked import Said

    return Said(by=by, reason=reason)


VERBS = (anchor, backup, restore)
