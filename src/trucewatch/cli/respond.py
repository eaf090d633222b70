"""`tw respond`: what was agreed to happen after a determination, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import AsOfOption, HomeArgument, JsonOption, parse_time, say
from trucewatch.cli.respond_acts import ACTS
from trucewatch.cli.respond_options import (
    AtOption,
    ByOption,
    DueOption,
    NoteOption,
    ObjectOption,
    ResponseOption,
    TierOption,
    WhyOption,
    cleaned,
    hand_of,
    hints,
    needed_time,
    opened,
    printed,
    told,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.mission.respond import Hand

PANEL = "Respond"

respond_app = typer.Typer(
    help="After a determination: clocks, who is asked for what they promised, what each reported.",
    no_args_is_help=True,
    epilog="An exercise from the first verb to the last: docs/how-to/respond-to-a-determination.md",
)


@respond_app.command()
def start(
    home: HomeArgument,
    determination: Annotated[
        list[str],
        typer.Option(metavar="HASH", help="SHA-256 of the sealed file that holds it; repeat."),
    ],
    determined: Annotated[str, typer.Option(metavar="TIME", help="When it was determined.")],
    found: Annotated[str, typer.Option(metavar="WORDS", help="What was found.")],
    found_by: Annotated[str, typer.Option(metavar="WHO", help="Who found it, by function.")],
    by: ByOption,
    party: Annotated[str, typer.Option(help="Whom it found responsible, if anybody.")] = "",
    standard: Annotated[str, typer.Option(help="The standard of proof, if it says.")] = "",
    tier: Annotated[str, typer.Option(help="Id of the tier; the first by default.")] = "",
    at: AtOption = "",
    note: NoteOption = "",
    *,
    real_register: Annotated[
        bool,
        typer.Option("--real-register", help="In an exercise: the register is of the real world."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Start the response to a determination; all clocks run from when it was determined.

    An exercise has its own log and keys. In one, a register of a real arrangement needs
    --real-register; where it is meant, a register of an invented arrangement is refused.
    """
    from trucewatch.mission.respond import Finding
    from trucewatch.mission.respond import start as seal

    place = opened(home, json=json)
    finding = Finding(
        at=needed_time(determined, "--determined"),
        found=cleaned(found),
        found_by=cleaned(found_by),
        party=party,
        standard=cleaned(standard),
    )
    hand = hand_of(by, at, note, determination)
    done = seal(place, finding, hand, tier=tier, real_register=real_register)
    told(place, done, json=json, then=("who HOME", "ask HOME ACTOR MEASURE --by NAME"))


@respond_app.command()
def ask(
    home: HomeArgument,
    actor: Annotated[str, typer.Argument(help="Id in the register, such as FRA.")],
    measure: Annotated[str, typer.Argument(help="Id of a measure of the register.")],
    by: ByOption,
    under: Annotated[
        list[str] | None,
        typer.Option(metavar="CLAIM", help="A promise; repeat. Those that fit by default."),
    ] = None,
    due: DueOption = "",
    tier: Annotated[str, typer.Option(help="Id of the tier; the one in force.")] = "",
    said: Annotated[str, typer.Option(metavar="WORDS", help="How it was asked.")] = "",
    of: ResponseOption = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    no_promise: Annotated[
        bool, typer.Option("--no-promise", help="Ask under no promise at all.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Ask an actor for a measure, under what it promised; due when the tier is, by default."""
    from trucewatch.mission.respond import Wanted
    from trucewatch.mission.respond import ask as seal

    place = opened(home, json=json)
    if under and no_promise:
        raise BadInput("--no-promise", "is given with --under, expected one of them")
    wanted = Wanted(
        actor=actor,
        measure=measure,
        under=() if no_promise else tuple(under) if under else None,
        due=parse_time(due, option="--due"),
        tier=tier,
        said=cleaned(said),
        response=of,
    )
    done = seal(place, wanted, hand_of(by, at, note, objects))
    if json:
        told(place, done.done, json=True)
        return
    say(f"Due: {done.due:%Y-%m-%d %H:%M}Z, in {done.tier}")
    say(f"Under: {', '.join(done.under) or 'no promise; nobody is bound by being asked'}")
    told(place, done.done, json=False, then=[f"report HOME {done.done.id} --said WORDS --by NAME"])


for _verb in ACTS:
    respond_app.command()(_verb)


@respond_app.command("raise")
def raise_(
    home: HomeArgument,
    why: WhyOption,
    by: ByOption,
    tier: TierOption = "",
    of: ResponseOption = "",
    at: AtOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Call a higher tier."""
    _turn(home, "tier_raised", hand_of(by, at, why, objects), (of, tier), json=json)


@respond_app.command()
def suspend(
    home: HomeArgument,
    why: WhyOption,
    by: ByOption,
    of: ResponseOption = "",
    at: AtOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Stop all clocks of a response."""
    _turn(home, "suspended", hand_of(by, at, why), (of, ""), json=json)


@respond_app.command()
def resume(
    home: HomeArgument,
    by: ByOption,
    note: NoteOption = "",
    of: ResponseOption = "",
    at: AtOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Let the clocks run again."""
    _turn(home, "resumed", hand_of(by, at, note), (of, ""), json=json)


@respond_app.command()
def deescalate(
    home: HomeArgument,
    why: WhyOption,
    by: ByOption,
    tier: TierOption = "",
    of: ResponseOption = "",
    at: AtOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Go back to a lower tier; the clocks of higher ones that still run are called off."""
    _turn(home, "deescalated", hand_of(by, at, why), (of, tier), json=json)


@respond_app.command()
def close(
    home: HomeArgument,
    why: WhyOption,
    by: ByOption,
    of: ResponseOption = "",
    at: AtOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """End a response; what was asked for and not done by then stays shown."""
    _turn(home, "closed", hand_of(by, at, why, objects), (of, ""), json=json)


@respond_app.command()
def show(
    home: HomeArgument,
    asked: Annotated[
        str, typer.Argument(metavar="ID", help="A response; all that are open by default.")
    ] = "",
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Show clocks, who was asked for what, what is outstanding, and what nobody has promised.

    What is overdue is judged against the newest time of the log, never against a clock.
    """
    from trucewatch.cli.respond_lines import EXERCISE_LINE, show_response
    from trucewatch.mission.home import Home
    from trucewatch.mission.response_view import NON_ADOPTION, floor_at, response_in, shown_of

    floor = floor_at(Home(home), parse_time(as_of, option="--as-of"))
    open_ = [each for each in floor.responses if each.state != "closed"]
    records = [response_in(floor, asked)] if asked else open_ or floor.responses
    found = [shown_of(floor, record) for record in records]
    if json:
        printed(found, exercise=floor.exercise)
        return
    if floor.exercise:
        say(EXERCISE_LINE)
    say(NON_ADOPTION)
    for each in found:
        show_response(each)
    if not found:
        say("no response; what nobody entered may have happened all the same")


@respond_app.command()
def who(
    home: HomeArgument,
    domain: Annotated[str, typer.Option(help="Only what is of this domain, or of none.")] = "",
    met: Annotated[
        list[str] | None,
        typer.Option(metavar="ATOM=yes|no", help="Suppose that a condition is met, or is not."),
    ] = None,
    of: ResponseOption = "",
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Tell who may be asked in the tier in force, under which promises, and what is missing."""
    from trucewatch.cli.respond_lines import EXERCISE_LINE, show_who
    from trucewatch.mission.home import Home
    from trucewatch.mission.response_view import (
        NON_ADOPTION,
        floor_at,
        promised_in,
        response_in,
    )
    from trucewatch.respond.tiers import tier_in_force

    floor = floor_at(Home(home), parse_time(as_of, option="--as-of"))
    response = response_in(floor, of)
    found = promised_in(floor, response, met=_supposed(met or ()), domain=domain)
    if json:
        printed({"sides": found.sides, "gaps": found.gaps}, exercise=floor.exercise)
        return
    if floor.exercise:
        say(EXERCISE_LINE)
    say(NON_ADOPTION)
    show_who(found, tier_in_force(response))
    hints(Home(home), ["ask HOME ACTOR MEASURE --by NAME"])


def _supposed(met: Iterable[str]) -> dict[str, bool]:
    """Return which conditions are supposed to be met or not.

    Raises:
        BadInput: Not of the form ATOM=yes or ATOM=no, or an atom twice.
    """
    found: dict[str, bool] = {}
    for each in met:
        name, _, answer = each.partition("=")
        if answer not in {"yes", "no"} or not name or name in found:
            problem = f"is {each[:80]!r}, expected ATOM=yes or ATOM=no with each atom once"
            raise BadInput("--met", problem)
        found[name] = answer == "yes"
    return found


def _turn(home: Path, act: str, hand: Hand, which: tuple[str, str], *, json: bool) -> None:
    """Enter an act of the whole response: which one, and the tier that the act names."""
    from trucewatch.mission.respond import turn

    place = opened(home, json=json)
    response, tier = which
    told(place, turn(place, act, hand, response=response, tier=tier), json=json)
