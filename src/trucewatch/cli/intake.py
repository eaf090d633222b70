"""`tw ingest`, `tw ledger`, `tw absent`, `tw run` and `tw quarantine`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import (
    HomeArgument,
    JsonOption,
    LimitOption,
    counted,
    parse_time,
    print_json,
    progress,
    rows,
    say,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evidence.expected import Expected
    from trucewatch.mission.ingest import Intake
    from trucewatch.mission.received_ledger import DeviceLine, ReceivedLedger, SensorLine

PANEL = "Work"
_REFUSED_SHOWN = 10


def ingest(
    home: HomeArgument,
    sensor: Annotated[str, typer.Argument(metavar="SENSOR", help="Who sent it, such as firms.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files as received.")],
    receipts: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a receipt for each file there, for its submitter."),
    ] = None,
    level: Annotated[
        str, typer.Option(metavar="LEVEL", help="CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")
    ] = "",
    compartment: Annotated[
        str, typer.Option(metavar="NAME", help="Who holds the keys, above CLEAR.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Seal files, read them, and say what was accepted, what was quarantined and why.

    Who may see them is what mission.toml says of the sensor, unless --level says otherwise.
    An envelope FILE.batch that lies beside a file is verified and sealed with it.
    Exits with 2 when nothing at all was accepted.
    """
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import handling_of
    from trucewatch.mission.ingest import ingest as seal_and_read

    seen = []
    handling = handling_of(level, compartment)
    clock = SystemClock()
    for intake in seal_and_read(
        Home(home), sensor, files, clock=clock, receipts=receipts, handling=handling
    ):
        seen.append(intake)
        if not json:
            _show(intake)
    if json:
        print_json(seen)
    if not any(i.accepted for i in seen):
        raise typer.Exit(2)


def _show(intake: Intake) -> None:
    if not intake.new:
        say(f"{intake.name}: sealed before as entry {intake.entry}, nothing added")
        _show_vouched(intake)
        return
    say(f"{intake.name}: sealed as entry {intake.entry}, sha256 {intake.object}")
    _show_vouched(intake)
    say(f"  accepted     {counted(intake.accepted, 'observation')}")
    if intake.missing:
        say(f"  not in file  {', '.join(intake.missing)}")
    if intake.refused:
        whole = intake.refused[0].row is None
        what = "the whole file" if whole else counted(len(intake.refused), "row")
        say(f"  quarantined  {what}")
    for refusal in intake.refused[:_REFUSED_SHOWN]:
        where = intake.name if refusal.line is None else f"{intake.name}:{refusal.line}"
        say(f"    {where}: {refusal.problem}")
    if len(intake.refused) > _REFUSED_SHOWN:
        say(f"    and {len(intake.refused) - _REFUSED_SHOWN:,} more: tw quarantine HOME")


def _show_vouched(intake: Intake) -> None:
    vouched = intake.vouched
    if vouched is not None and vouched.problem:
        say(f"  envelope     kept as entry {vouched.entry}, does not verify: {vouched.problem}")
    elif vouched is not None:
        what = f"entry {vouched.entry}, number {vouched.sequence} of {vouched.device}"
        say(f"  signed       {what}{'' if vouched.new else ', sealed before'}")
    if intake.unsigned:
        say("  unsigned     a device's signature is expected for each file of this sensor")
    for path in intake.receipts:
        say(f"  receipt      {path}")


def ledger(
    home: HomeArgument,
    sensor: Annotated[str, typer.Option(metavar="SENSOR", help="Only this one.")] = "",
    *,
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """Set what was expected against what was received: schedules, devices, signatures.

    Judged by the log alone. Exits with 1 when a slot is missing, or a device's files have gaps or
    forks, and nobody has explained it.
    """
    from trucewatch.mission.home import Home
    from trucewatch.mission.received_ledger import ledger as compare

    found = compare(Home(home), sensor=sensor)
    if json:
        print_json({**asdict(found), "complete": found.complete})
    else:
        _show_ledger(found, limit)
    if not found.complete:
        raise typer.Exit(1)


def _show_ledger(found: ReceivedLedger, limit: int) -> None:
    for line in found.sensors:
        _show_sensor(line, limit)
    odd = [slot for slot in found.slots if slot.state != "received"]
    for slot in odd[-limit:]:
        _show_slot(slot)
    if 0 < limit < len(odd):
        say(f"and {len(odd) - limit:,} earlier slots: --limit 0")
    for device in found.devices:
        _show_device(device, limit)
    for each in found.refused[-limit:]:
        say(f"{each.name}: entry {each.entry} does not verify: {each.problem}")
    until = "nothing" if found.until is None else f"{found.until:%Y-%m-%d %H:%M:%S}Z"
    say(f"Judged by {found.size:,} entries up to {until}; no clock was asked")
    say("complete" if found.complete else "NOT COMPLETE")


def _show_sensor(line: SensorLine, limit: int) -> None:
    say(f"{line.sensor}: {counted(line.files, 'file')}")
    states = ", ".join(f"{n:,} {state}" for state, n in line.slots.items())
    say(f"  slots      {states or 'none: no schedule, or no slot of it has ended'}")
    if len(line.terms) > 1:
        say(f"  changed    what is expected, by entries {_numbers(line.terms, limit)}")
    if line.not_judged:
        say(f"  too old    {line.not_judged:,} slots before these were not judged")
    if line.unsigned:
        say(f"  unsigned   entries {_numbers(line.unsigned, limit)}: expected from a device")


def _show_device(device: DeviceLine, limit: int) -> None:
    keys = counted(device.keys, "good key")
    files = counted(device.files, "file")
    say(f"{device.device}: {files} up to number {device.highest}, {keys}")
    for flag in device.flags[-limit:]:
        ended = "" if flag.explained_by is None else f"; key withdrawn by {flag.explained_by}"
        say(f"  {flag.oddity:16} {flag.said}: entries {_numbers(flag.entries, 0)}{ended}")
    if 0 < limit < len(device.flags):
        say(f"  and {len(device.flags) - limit:,} earlier: --limit 0")


def _show_slot(slot: Expected) -> None:
    when = f"{slot.start:%Y-%m-%d %H:%M}Z to {slot.end:%Y-%m-%d %H:%M}Z"
    state = "MISSING" if slot.state == "missing" else str(slot.state)
    came = f", entries {_numbers(slot.entries, 0)}" if slot.entries else ""
    why = "" if slot.explained_by is None else f": {slot.reason} ({slot.by}, {slot.explained_by})"
    say(f"  {slot.sensor}  {when}  {state}{came}{why}")


def _numbers(entries: Sequence[int], limit: int) -> str:
    shown = entries[:limit] if limit else entries
    more = f" and {len(entries) - len(shown):,} more" if len(shown) < len(entries) else ""
    return ", ".join(map(str, shown)) + more


def absent(
    home: HomeArgument,
    sensor: Annotated[str, typer.Argument(metavar="SENSOR", help="Whose file did not come.")],
    slot: Annotated[str, typer.Option(metavar="TIME", help="In the slot (RFC 3339).")],
    reason: Annotated[str, typer.Option(help="Why nothing came; sealed with the statement.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says it; sealed, too.")],
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Explain every slot that begins before this too.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Say why an expected file did not come: one signed statement, for one slot or several."""
    from trucewatch.mission.absent import absent as explain
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said

    first = parse_time(slot, option="--slot")
    if first is None:
        raise BadInput("--slot", "is empty, expected a time such as 2026-06-27T16:30Z")
    times = first, parse_time(until, option="--until")
    said = Said(by=by, reason=reason)
    done = explain(Home(home), sensor, times, said=said, clock=SystemClock())
    if json:
        print_json(done)
        return
    when = f"{done.start:%Y-%m-%d %H:%M}Z to {done.end:%Y-%m-%d %H:%M}Z"
    say(f"Sealed: entry {done.entry}, {counted(done.slots, 'empty slot')} of {sensor}, {when}")


def run(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Fuse reports into incidents and assess them; does nothing when nothing is new."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.run import run as compute

    progress("Fusing and assessing ... (a new version compiles first, half a minute)")
    ran = compute(Home(home), clock=SystemClock())
    if json:
        print_json(ran)
        return
    if not ran.new:
        incidents = counted(ran.incidents, "incident")
        say(f"Nothing new since {ran.input_size} entries: {incidents} as before")
        return
    say(f"{counted(ran.observations, 'observation')} -> {counted(ran.incidents, 'incident')}")
    say(f"{counted(ran.assessments, 'assessment')}; recorded as entry {ran.entry}")


def quarantine(
    home: HomeArgument,
    *,
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """List rows and files that were received and could not be read, and why."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import quarantine as refused

    table = refused(Home(home))
    if json:
        print_json(rows(table))
        return
    for row in (table if limit == 0 else table.head(limit)).iter_rows(named=True):
        where = row["file"] if row["row"] < 0 else f"{row['file']}:{row['line']}"
        say(f"{where}: {row['problem']}  [{row['object'][:12]}]")
    if not len(table):
        say("Nothing is in quarantine")
    elif limit and len(table) > limit:
        say(f"and {len(table) - limit:,} more: --limit 0")


VERBS = (ingest, ledger, absent, run, quarantine)
