"""`tw logbook`: enter notices, windows, restrictions, sightings, visits and calls; list them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.assessed import show_record
from trucewatch.cli.printing import (
    AsOfOption,
    HomeArgument,
    JsonOption,
    counted,
    parse_time,
    print_json,
    say,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.entering import NewAct
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Act, Machine, Record

PANEL = "Look"

logbook_app = typer.Typer(
    help="Enter what people notified, agreed, met and saw; each act one signed statement.",
    no_args_is_help=True,
)
StateOption = Annotated[str, typer.Option(help="Only in this state, such as standing.")]


@logbook_app.command()
def enter(
    home: HomeArgument,
    kind: Annotated[str, typer.Argument(help="Kind of record, such as window.")] = "",
    act: Annotated[str, typer.Argument(help="What was done, such as guaranteed.")] = "",
    of: Annotated[str, typer.Option(metavar="ID", help="The record, unless this opens it.")] = "",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When it was done (RFC 3339); now by default.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who enters it; sealed, too.")] = "",
    note: Annotated[str, typer.Option(help="In their words; sealed, too.")] = "",
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", metavar="HASH", help="SHA-256 of a sealed object that shows it."),
    ] = None,
    assigned: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A detail of the act.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="Enter these acts, all or none.")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter an act, or all acts of a file; what may be entered is told by `tw logbook forms`."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.entering import NewAct
    from trucewatch.mission.entering import enter as seal
    from trucewatch.mission.home import Home
    from trucewatch.records.logbook.typed import clean

    clock = SystemClock()
    if file is not None:
        if kind or act or of or at or by or note or objects or assigned:
            raise BadInput("--file", "is given with an act, expected one of them")
        acts = _file_acts(file)
    else:
        time = parse_time(at, option="--at") or clock.now()
        details = _assigned(kind, act, assigned or [])
        acts = [
            NewAct(
                kind=kind,
                act=act,
                at=time,
                by=clean(by),
                note=clean(note),
                objects=objects or (),
                detail=details,
                of=_entry(of, kind),
            )
        ]
    done = seal(Home(home), acts, clock=clock)
    if json:
        print_json(list(done))
        return
    for each in done:
        say(f"Sealed: {each.id} {each.act}, now {each.state}; entry {each.entry}")
        if each.warning:
            say(f"Warning: {each.warning}")
    say(f"Assess it with: tw run {home}")


@logbook_app.command()
def forms(
    kind: Annotated[str, typer.Argument(help="Kind of record; all kinds by default.")] = "",
) -> None:
    """Say what may be entered: each kind of record, its acts, and what each act needs."""
    from trucewatch.records.logbook.kinds import MACHINES

    for machine in [_machine(kind)] if kind else MACHINES.values():
        say(f"{machine.kind}: {machine.text}")
        for name, act in machine.acts.items():
            _show_form(machine, name, act)
        say("  voided: it was entered in error; --note says why (any time, once)")
        say("    --set entry=  that of the one act to strike; without it, the whole record")
        if not kind:
            say()


@logbook_app.command()
def show(
    home: HomeArgument,
    asked: Annotated[str, typer.Argument(metavar="ID", help="A record, such as window-12.")],
    *,
    json: JsonOption = False,
) -> None:
    """Show a record act by act, with its proof; of a window, who broke into it is told as well."""
    show_record(home, asked, json=json)


@logbook_app.command("list")
def list_records(
    home: HomeArgument,
    kind: Annotated[str, typer.Argument(help="Kind of record; all kinds by default.")] = "",
    state: StateOption = "",
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """List the records of the logbook, voided ones too, in the order of the log."""
    if kind:
        _machine(kind)
    _list(home, kind, state, as_of, json=json)


def restrictions(
    home: HomeArgument, state: StateOption = "", as_of: AsOfOption = "", *, json: JsonOption = False
) -> None:
    """List where monitors were hindered; the same as `tw logbook list HOME restriction`."""
    _list(home, "restriction", state, as_of, json=json)


def notifications(
    home: HomeArgument, state: StateOption = "", as_of: AsOfOption = "", *, json: JsonOption = False
) -> None:
    """List what was notified; the same as `tw logbook list HOME notification`."""
    _list(home, "notification", state, as_of, json=json)


def _list(home: Path, kind: str, state: str, as_of: str, *, json: bool) -> None:
    from trucewatch.mission.home import Home
    from trucewatch.mission.logbook import records_at
    from trucewatch.records.logbook.standing import summary

    records = [
        record
        for record in records_at(Home(home), parse_time(as_of, option="--as-of"))
        if kind in ("", record.kind) and state in ("", record.state)
    ]
    if json:
        print_json([_row(record) for record in records])
        return
    for record in records:
        say(f"{record.id:18} {_since(record):17} {record.state:20} {summary(record)}")
    if not records:
        say("no such record; what nobody entered may have happened all the same")
    else:
        say(f"{counted(len(records), 'record')}; the time is that of the last change, as claimed")


def _row(record: Record) -> dict[str, object]:
    from trucewatch.records.logbook.standing import row

    return row(record)


def _since(record: Record) -> str:
    from trucewatch.records.logbook.standing import last_change

    return f"{last_change(record).at:%Y-%m-%d %H:%M}Z"


def _file_acts(file: Path) -> list[NewAct]:
    from trucewatch.mission.acts_file import read_acts

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"{error.strerror}, expected a file of acts") from error
    return read_acts(raw, name=file.name)


def _assigned(kind: str, act: str, assigned: list[str]) -> dict[str, Json]:
    """Return the details of an act from `NAME=VALUE`.

    Raises:
        BadInput: No such kind or act, or a detail without a name, or given twice.
    """
    from trucewatch.records.logbook.reading import detail_form
    from trucewatch.records.logbook.typed import typed

    form = detail_form(kind, act, where="tw logbook enter")
    given: dict[str, str] = {}
    for each in assigned:
        name, equals, value = each.partition("=")
        if not equals or name in given:
            problem = f"is {each[:80]!r}, expected NAME=VALUE with each name once"
            raise BadInput("--set", problem)
        given[name] = value
    return typed(form, given, where=f"{kind} {act}")


def _entry(of: str, kind: str) -> int | None:
    """Return the entry that opened a record, from its id or the number alone.

    Raises:
        BadInput: It is no id of a record of that kind.
    """
    if not of:
        return None
    named, _, number = of.rpartition("-")
    if named not in ("", kind) or not (number.isascii() and number.isdigit()):
        raise BadInput("--of", f"is {of[:80]!r}, expected an id such as {kind}-12")
    return int(number)


def _machine(kind: str) -> Machine:
    """Return the kind of record of that name.

    Raises:
        BadInput: There is none.
    """
    from trucewatch.records.logbook.kinds import MACHINES

    if kind not in MACHINES:
        raise BadInput("KIND", f"is {kind[:80]!r}, expected one of {', '.join(MACHINES)}")
    return MACHINES[kind]


def _show_form(machine: Machine, name: str, act: Act) -> None:
    from trucewatch.records.logbook.typed import HOW

    after = "opens a record" if name == machine.opening else f"when {' or '.join(act.before)}"
    say(f"  {name}: {act.text} ({after})")
    if act.needs_note:
        say("    --note=  words on one line")
    for member, kind in act.form.items():
        how = HOW[kind.removesuffix("?")]
        if member in act.choices:
            how = f"one of {', '.join(act.choices[member])}"
        may = "; may be left out" if kind.endswith("?") else ""
        say(f"    --set {member}=  {how}{may}")


VERBS = (restrictions, notifications)
