"""`tw custody`: exhibits, and who had what, did what with it and handed it to whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.custody_lines import chain_json, show_chain, show_facts
from trucewatch.cli.printing import HomeArgument, JsonOption, parse_time, print_json, say
from trucewatch.errors import BadInput
from trucewatch.records.custody import Act
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.exhibit import Placed
    from trucewatch.mission.home import Home

PANEL = "Evidence"

app = typer.Typer(
    help="Seal exhibits, hand them over, copy them; each act one signed statement.",
    no_args_is_help=True,
)
ObjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="OBJECT|ENTRY", help="Its hash, or 12 digits of it; or the number of an entry."
    ),
]
ObjectsArgument = Annotated[
    list[str],
    typer.Argument(metavar="OBJECT|ENTRY...", help="Hashes, or 12 digits of each; or entries."),
]
ReasonOption = Annotated[str, typer.Option(help="Why; sealed with the statement.")]
ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who does it; sealed, too.")]
KeyOption = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Private key of who signs; the desk's by default."),
]
AtOption = Annotated[
    str,
    typer.Option("--at", metavar="TIME", help="When it was done, as claimed (RFC 3339); now."),
]
LevelOption = Annotated[Level, typer.Option(help="Who may see it.")]
CompartmentOption = Annotated[
    str, typer.Option(metavar="NAME", help="Whose key enciphers it, above CLEAR.")
]
_BY_HAND = (Act.RECEIVED, Act.SEALED, Act.COPIED, Act.VERIFIED)


@app.command()
def show(home: HomeArgument, object_: ObjectArgument, *, json: JsonOption = False) -> None:
    """Tell the chain of an object: who had it, what was done, when as claimed and as logged."""
    from trucewatch.mission.chain import chain

    found = chain(_home(home), object_)
    if json:
        print_json(chain_json(found))
    else:
        show_chain(found)


@app.command()
def collect(
    home: HomeArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to seal.")],
    by: ByOption,
    place: Annotated[str, typer.Option(help="Where it was collected.")],
    method: Annotated[str, typer.Option(help="How: handed over, photographed, downloaded.")],
    reason: ReasonOption,
    at: AtOption = "",
    level: LevelOption = Level.CLEAR,
    compartment: CompartmentOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Seal files that no sensor sent, as exhibits; all of them or none."""
    from trucewatch.mission.exhibit import Taken
    from trucewatch.mission.exhibit import collect as seal

    taken = Taken(
        place=place,
        method=method,
        at=parse_time(at, option="--at"),
        level=level,
        compartment=compartment,
    )
    done = seal(_home(home), files, taken, actor=_actor(by, reason))
    if json:
        print_json(done)
        return
    for each in done:
        say(f"Sealed: entry {each.entry}, object {each.object}, {each.name}")
    if level is Level.CLEAR:
        say("At CLEAR anybody may see it, and the place and time that a camera wrote into it")
    else:
        say("Who, where and why are not enciphered and stay after an erasure: use pseudonyms")


@app.command("open")
def open_(
    home: HomeArgument,
    object_: ObjectArgument,
    out: Annotated[Path, typer.Option(metavar="FILE|FOLDER", help="Where the copy goes.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal that an object is opened, then write a read-only copy, whose name says COPY."""
    from trucewatch.mission.exhibit import open_copy

    done = open_copy(_home(home), object_, out, actor=_actor(by, reason, key))
    if json:
        print_json(done)
    else:
        say(f"Sealed: entry {done.statement}, opened object {done.object}")
        say(f"Written: {done.name}")


@app.command()
def derive(
    home: HomeArgument,
    object_: ObjectArgument,
    tool: Annotated[str, typer.Option(help="strip, or what made FILE.")],
    by: ByOption,
    reason: ReasonOption,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The working copy; none with strip.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the tool that made FILE.")] = "",
    parameters: Annotated[str, typer.Option(help="What the tool was told to do.")] = "",
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal a working copy; --tool strip takes place, time and device off a photograph."""
    from trucewatch.mission import exhibit

    actor = _actor(by, reason, key)
    if (file is None) != (tool == exhibit.STRIP):
        found = "with a FILE" if file else "without a FILE"
        raise BadInput("--tool", f"is {tool} {found}, expected strip without, another with one")
    if file is None:
        done = exhibit.strip(_home(home), object_, actor=actor)
    else:
        made_by = exhibit.Tool(name=tool, version=version, parameters=parameters)
        done = exhibit.derive(_home(home), object_, file, made_by, actor=actor)
    _show_placed(done, json=json)


@app.command()
def offer(
    home: HomeArgument,
    objects: ObjectsArgument,
    to: Annotated[str, typer.Option(metavar="NAME", help="desk, or as a key is enrolled.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Offer objects to another custodian, who has them once they are accepted with another key."""
    from trucewatch.mission import custody

    done = custody.offer(_home(home), objects, to, actor=_actor(by, reason, key))
    _show_sealed(done, f"offered to {to}; accepted with: tw custody accept", json=json)


@app.command()
def accept(
    home: HomeArgument,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Entry of the offer.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Accept what an offer holds, with the key of whom it names."""
    from trucewatch.mission import custody

    done = custody.accept(_home(home), entry, actor=_actor(by, reason, key))
    _show_sealed(done, f"accepted what entry {entry} offers", json=json)


@app.command()
def withhold(
    home: HomeArgument,
    objects: ObjectsArgument,
    from_: Annotated[str, typer.Option("--from", metavar="WHOM", help="Who does not get it.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal that objects are not shown to somebody, and why; an export lists it."""
    from trucewatch.mission import custody

    done = custody.record(
        _home(home),
        Act.WITHHELD,
        objects,
        actor=_actor(by, reason, key),
        detail={"from": from_},
    )
    _show_sealed(done, f"withheld from {from_}", json=json)


@app.command()
def record(
    home: HomeArgument,
    act: Annotated[Act, typer.Argument(metavar="ACT", help=", ".join(_BY_HAND))],
    objects: ObjectsArgument,
    by: ByOption,
    reason: ReasonOption,
    to: Annotated[str, typer.Option(metavar="WHOM", help="Of a copy: who got it.")] = "",
    outcome: Annotated[str, typer.Option(help="Of a check: what it found.")] = "",
    at: AtOption = "",
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal an act that was done by hand: paper received or sealed, a copy made, a check."""
    from trucewatch.mission import custody

    if act not in _BY_HAND:
        raise BadInput("act", f"is {act}, expected one of {', '.join(_BY_HAND)}")
    given = {"to": to, "outcome": outcome}
    done = custody.record(
        _home(home),
        act,
        objects,
        actor=_actor(by, reason, key),
        detail={name: text for name, text in given.items() if text},
        at=parse_time(at, option="--at"),
    )
    _show_sealed(done, str(act), json=json)


@app.command()
def exculpatory(
    home: HomeArgument,
    objects: ObjectsArgument,
    party: Annotated[str, typer.Option(help="For whom it speaks.")],
    by: ByOption,
    reason: ReasonOption,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Mark objects as speaking for a party; no bundle of the mission leaves the mark out."""
    from trucewatch.mission import exhibit
    from trucewatch.records.exculpatory import Exculpatory

    mark = Exculpatory(party=party, reason=reason, by=by, entry=0)
    done = exhibit.exculpatory(_home(home), objects, mark, actor=_actor(by, reason, key))
    _show_sealed(done, f"speaks for {party}", json=json)


@app.command()
def assertion(
    home: HomeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The provider's own words.")],
    provider: Annotated[str, typer.Option(help="Who concludes.")],
    conclusion: Annotated[str, typer.Option(help="What, in a sentence.")],
    held_by: Annotated[str, typer.Option(help="Who holds the material that it rests on.")],
    control: Annotated[str, typer.Option(help="What the provider allows, in words.")],
    by: ByOption,
    since: Annotated[str, typer.Option(metavar="TIME", help="Begin of what it is about.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="End of what it is about.")] = "",
    level: LevelOption = Level.CLEAR,
    compartment: CompartmentOption = "",
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal a conclusion whose material is not handed over; no finding may rest on such alone."""
    from trucewatch.mission import exhibit
    from trucewatch.records.assertion import Assertion

    what = Assertion(
        provider=provider,
        conclusion=conclusion,
        held_by=held_by,
        control=control,
        about_from=parse_time(since, option="--since"),
        about_until=parse_time(until, option="--until"),
        by=by,
        entry=0,
    )
    done = exhibit.assertion(
        _home(home),
        file,
        what,
        actor=_actor(by, conclusion, key),
        level=level,
        compartment=compartment,
    )
    _show_placed(done, json=json)


@app.command()
def inspect(home: HomeArgument, object_: ObjectArgument, *, json: JsonOption = False) -> None:
    """Tell what an object is and what it claims of itself; none of it is checked by that."""
    from trucewatch.mission import exhibit

    facts = exhibit.inspect(_home(home), object_)
    if json:
        print_json(facts)
    else:
        show_facts(facts)


def _home(path: Path) -> Home:
    from trucewatch.mission.home import Home

    return Home(path)


def _actor(by: str, reason: str, key: Path | None = None) -> Actor:
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.linked import Said

    return Actor(said=Said(by=by, reason=reason), clock=SystemClock(), key=key)


def _show_sealed(done: Appended, what: str, *, json: bool) -> None:
    if json:
        print_json({"entry": done.index, "object": done.object})
    else:
        say(f"Sealed: entry {done.index}, {what}")


def _show_placed(done: Placed, *, json: bool) -> None:
    if json:
        print_json(done)
    else:
        say(f"Sealed: entry {done.entry}, object {done.object}, {done.name}")
        say(f"Stated: entry {done.statement}")
