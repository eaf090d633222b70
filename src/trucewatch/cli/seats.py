"""`tw witness-seat`: each party is offered a witness of the log, and its answer is written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, say

if TYPE_CHECKING:
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.records.seat import SeatAct

PANEL = "Keep"

seat_app = typer.Typer(
    help="Offer each party a witness of the log; each act one signed statement.",
    no_args_is_help=True,
)
PartyArgument = Annotated[str, typer.Argument(metavar="PARTY", help="Its id in the agreement.")]
ReasonOption = Annotated[str, typer.Option(help="Why; sealed with the statement.")]
ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who does it; sealed, too.")]
KeyOption = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Private key of who signs; the desk's by default."),
]


@seat_app.command()
def offer(
    home: HomeArgument,
    party: PartyArgument,
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Offer a party a seat: a witness of its own, which the log's heads must be shown to."""
    from trucewatch.records.seat import SeatAct

    _seal(home, SeatAct.OFFERED, party, _actor(by, reason, key), json=json)


@seat_app.command()
def accept(
    home: HomeArgument,
    party: PartyArgument,
    witness: Annotated[str, typer.Option(metavar="VKEY|FILE", help="Its witness's key.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Write down that a party accepted, and the key of its witness."""
    from trucewatch.mission.check import read_key
    from trucewatch.records.seat import SeatAct

    actor = _actor(by, reason, key)
    _seal(home, SeatAct.ACCEPTED, party, actor, witness=read_key(witness), json=json)


@seat_app.command()
def decline(
    home: HomeArgument,
    party: PartyArgument,
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Write down that a party declined, in its own words."""
    from trucewatch.records.seat import SeatAct

    _seal(home, SeatAct.DECLINED, party, _actor(by, reason, key), json=json)


@seat_app.command()
def withdraw(
    home: HomeArgument,
    party: PartyArgument,
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Write down that an offer, or a party's witness, was withdrawn."""
    from trucewatch.records.seat import SeatAct

    _seal(home, SeatAct.WITHDRAWN, party, _actor(by, reason, key), json=json)


@seat_app.command("list")
def list_seats(home: HomeArgument, *, json: JsonOption = False) -> None:
    """List the parties and their seats; exit 1 when one was never offered."""
    from trucewatch.mission.seats import offer_line, seats_at

    standing = seats_at(_home(home))
    if json:
        print_json(standing)
    else:
        for each in standing:
            say(f"{each.party:20} {each.words}")
            if line := offer_line(each):
                say(f"{'':20} in the policy until it has a witness there: {line}")
    if any(each.last is None for each in standing):
        raise typer.Exit(1)


def _seal(
    home: Path,
    act: SeatAct,
    party: str,
    actor: Actor,
    *,
    witness: str | None = None,
    json: bool,
) -> None:
    from trucewatch.mission.seats import seal_seat

    done = seal_seat(_home(home), act, party, actor=actor, witness=witness)
    if json:
        print_json(done)
    else:
        say(f"Sealed: seat of {party} {act}, entry {done.index}")


def _home(path: Path) -> Home:
    from trucewatch.mission.home import Home

    return Home(path)


def _actor(by: str, reason: str, key: Path | None) -> Actor:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.linked import Said

    return Actor(said=Said(by=by, reason=reason), clock=SystemClock(), key=key)
