"""`tw device`, `tw person` and `tw desk-key`: who may sign; and what runs on a device."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, parse_time, print_json, say

if TYPE_CHECKING:
    from trucewatch.mission.devices import Admitted, Candidate, Holding
    from trucewatch.mission.linked import Said

PANEL = "Keys"

device_app = typer.Typer(
    help="Enrol devices and withdraw their keys; make a key and sign files on a device.",
    no_args_is_help=True,
)
person_app = typer.Typer(
    help="Enrol keys of people and bodies outside the desk, and withdraw them.",
    no_args_is_help=True,
)
desk_key_app = typer.Typer(
    help="Enrol a further key of the desk and withdraw an old one: how desk keys are rotated.",
    no_args_is_help=True,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A pseudonym: small letters, digits, dots, dashes.")
]
KeyOption = Annotated[
    str, typer.Option(metavar="PEM|HEX", help="The public key: a PEM file, or 64 hex digits.")
]
WhichKeyOption = Annotated[
    str, typer.Option("--key", metavar="PEM|HEX", help="Which one, when the name has several.")
]
ReasonOption = Annotated[str, typer.Option(help="Why; sealed with the statement.")]
ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who says it; sealed, too.")]
SinceOption = Annotated[
    str, typer.Option(metavar="TIME", help="Not trusted since then (RFC 3339), if that is known.")
]


@device_app.command("enrol")
def enrol_device(
    home: HomeArgument,
    name: NameArgument,
    sensor: Annotated[str, typer.Option(metavar="SENSOR", help="Whose format it sends.")],
    key: KeyOption,
    by: ByOption,
    reason: ReasonOption,
    *,
    json: JsonOption = False,
) -> None:
    """Admit a device's key: files that it signs from now on count as signed."""
    from trucewatch.mission.devices import Candidate, read_public
    from trucewatch.records.enrolment import Holder

    public = read_public(key)
    candidate = Candidate(kind=Holder.DEVICE, name=name, key=public, sensor=sensor)
    _enrol(home, candidate, _said(by, reason), json=json)


@device_app.command("revoke")
def revoke_device(
    home: HomeArgument,
    name: NameArgument,
    by: ByOption,
    reason: ReasonOption,
    key: WhichKeyOption = "",
    since: SinceOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Withdraw a device's key; what it signed before stays, and is flagged from --since on."""
    _revoke(home, ("device", name), _said(by, reason), key=key, since=since, json=json)


@device_app.command("list")
def list_devices(home: HomeArgument, *, json: JsonOption = False) -> None:
    """List the keys of devices, from which entry and until which they are good."""
    _list(home, "device", json=json)


@device_app.command("key")
def make_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes.")],
    *,
    json: JsonOption = False,
) -> None:
    """Make a key: FILE stays on the device, NAME.pub.pem beside it goes to the desk."""
    from trucewatch.mission.on_device import make_key as make

    made = make(file)
    if json:
        print_json(made)
        return
    say(f"private  {made.private}: 0600, never leaves this device")
    say(f"public   {made.public}")
    say(f"hex      {made.ed25519}")
    say(f"keyid    {made.keyid}")


@device_app.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that is sent.")],
    key: Annotated[Path, typer.Option(metavar="PEM", help="The device's private key.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="As it was enrolled.")],
    sensor: Annotated[str, typer.Option(metavar="SENSOR", help="Whose format the file has.")],
    chain: Annotated[
        Path, typer.Option(metavar="STATEFILE", help="Where the device keeps its chain.")
    ],
    seen: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="Newest head of the log that it was shown."),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Sign a file as the next of the device's chain: FILE.batch is written beside it."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.on_device import Signing, sign_file

    signing = Signing(key=key, name=name, sensor=sensor, state=chain, seen=seen)
    signed = sign_file(file, signing, clock=SystemClock())
    if json:
        print_json(signed)
        return
    first = ", the first of a new chain" if signed.sequence == 1 and not signed.again else ""
    again = ": signed before, handed out again" if signed.again else ""
    say(f"{signed.beside}: number {signed.sequence} of {name}{first}{again}")


@person_app.command("enrol")
def enrol_person(
    home: HomeArgument,
    name: NameArgument,
    may: Annotated[
        str, typer.Option(metavar="TYPE,...", help="What it may sign, such as custody/v1.")
    ],
    key: KeyOption,
    by: ByOption,
    reason: ReasonOption,
    *,
    json: JsonOption = False,
) -> None:
    """Admit the key of a person or body outside the desk, for some types of statement."""
    from trucewatch.mission.devices import Candidate, read_public
    from trucewatch.records.enrolment import Holder

    types = tuple(sorted({each.strip() for each in may.split(",")}))
    candidate = Candidate(kind=Holder.PERSON, name=name, key=read_public(key), may=types)
    _enrol(home, candidate, _said(by, reason), json=json)


@person_app.command("revoke")
def revoke_person(
    home: HomeArgument,
    name: NameArgument,
    by: ByOption,
    reason: ReasonOption,
    key: WhichKeyOption = "",
    since: SinceOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Withdraw the key of a person; what it signed before stays."""
    _revoke(home, ("person", name), _said(by, reason), key=key, since=since, json=json)


@person_app.command("list")
def list_people(home: HomeArgument, *, json: JsonOption = False) -> None:
    """List the keys of people, from which entry and until which they are good."""
    _list(home, "person", json=json)


@desk_key_app.command("enrol")
def enrol_desk_key(
    home: HomeArgument,
    name: NameArgument,
    key: KeyOption,
    by: ByOption,
    reason: ReasonOption,
    *,
    json: JsonOption = False,
) -> None:
    """Admit a further key of the desk; put its private half into keys/desk.pem afterwards."""
    from trucewatch.mission.devices import Candidate, read_public
    from trucewatch.records.enrolment import Holder

    candidate = Candidate(kind=Holder.DESK, name=name, key=read_public(key))
    _enrol(home, candidate, _said(by, reason), json=json)


@desk_key_app.command("revoke")
def revoke_desk_key(
    home: HomeArgument,
    name: NameArgument,
    by: ByOption,
    reason: ReasonOption,
    key: WhichKeyOption = "",
    since: SinceOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Withdraw an old key of the desk, once keys/desk.pem is a newer one."""
    _revoke(home, ("desk", name), _said(by, reason), key=key, since=since, json=json)


@desk_key_app.command("list")
def list_desk_keys(home: HomeArgument, *, json: JsonOption = False) -> None:
    """List the keys of the desk, from which entry and until which they are good."""
    _list(home, "desk", json=json)


def _said(by: str, reason: str) -> Said:
    from trucewatch.mission.linked import Said

    return Said(by=by, reason=reason)


def _enrol(home: Path, candidate: Candidate, said: Said, *, json: bool) -> None:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.devices import enrol
    from trucewatch.mission.home import Home

    _show(enrol(Home(home), candidate, said=said, clock=SystemClock()), json=json)


def _revoke(
    home: Path, held: tuple[str, str], said: Said, *, key: str, since: str, json: bool
) -> None:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.devices import read_public, revoke
    from trucewatch.mission.home import Home
    from trucewatch.records.enrolment import Holder

    kind, name = held
    done = revoke(
        Home(home),
        (Holder(kind), name),
        said=said,
        clock=SystemClock(),
        key=read_public(key) if key else None,
        since=parse_time(since, option="--since"),
    )
    _show(done, json=json)


def _show(done: Admitted, *, json: bool) -> None:
    if json:
        print_json(asdict(done))
    else:
        say(f"Sealed: entry {done.entry}, {done.act} {done.kind} {done.name}, key {done.keyid}")


def _list(home: Path, kind: str, *, json: bool) -> None:
    from trucewatch.mission.devices import holdings
    from trucewatch.mission.home import Home
    from trucewatch.records.enrolment import Holder

    found = holdings(Home(home), [Holder(kind)])
    if json:
        print_json(found)
        return
    for each in found:
        _show_holding(each)
    if not found:
        say(f"No key of a {kind} was ever admitted")


def _show_holding(held: Holding) -> None:
    until = "good now" if held.withdrawn is None else f"withdrawn by entry {held.withdrawn}"
    say(f"{held.name}  {until}")
    say(f"  key      {held.keyid}")
    say(f"  entry    {held.entry}, {held.admitted_at:%Y-%m-%d %H:%M:%S}Z")
    if held.sensor:
        say(f"  sensor   {held.sensor}")
    say(f"  may      {'everything but batches' if '*' in held.may else ', '.join(held.may)}")
    if held.since is not None:
        say(f"  since    {held.since:%Y-%m-%d %H:%M:%S}Z not trusted")
    if held.reason:
        say(f"  reason   {held.reason} ({held.by})")
