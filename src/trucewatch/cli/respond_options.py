"""What the verbs of `tw respond` take and tell alike."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import parse_time, print_json, say
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.mission.entering import Done
    from trucewatch.mission.home import Home
    from trucewatch.mission.respond import Hand
    from trucewatch.records.canonical import Json

ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who enters it; sealed, too.")]
AtOption = Annotated[
    str, typer.Option("--at", metavar="TIME", help="When it was done (RFC 3339); now by default.")
]
NoteOption = Annotated[str, typer.Option(help="In the words of who enters it; sealed, too.")]
WhyOption = Annotated[str, typer.Option("--note", metavar="WHY", help="Why; sealed, too.")]
ObjectOption = Annotated[
    list[str] | None,
    typer.Option("--object", metavar="HASH", help="SHA-256 of a sealed object that shows it."),
]
ResponseOption = Annotated[
    str, typer.Option("--of", metavar="ID", help="Which response; the one that is open.")
]
TierOption = Annotated[str, typer.Option(help="Id of the tier; the next one by default.")]
AskArgument = Annotated[str, typer.Argument(metavar="ID", help="Such as asked_for-43.")]
DueOption = Annotated[str, typer.Option(metavar="TIME", help="Until when (RFC 3339).")]


def opened(home: Path, *, json: bool) -> Home:
    """Return the mission, once the first line has said EXERCISE where it is one."""
    from trucewatch.cli.respond_lines import EXERCISE_LINE
    from trucewatch.mission.home import Home
    from trucewatch.mission.response_view import is_exercise

    place = Home(home)
    if is_exercise(place) and not json:
        say(EXERCISE_LINE)
    return place


def printed(value: object, *, exercise: bool) -> None:
    """Print an answer as JSON with what stands on everything, EXERCISE first where it is one."""
    from trucewatch.mission.response_view import NON_ADOPTION
    from trucewatch.records.logbook.response import EXERCISE

    notice = EXERCISE if exercise else None
    print_json({"notice": notice, "adoption": NON_ADOPTION, "answer": value})


def hand_of(by: str, at: str, note: str, objects: Sequence[str] | None = None) -> Hand:
    """Return who enters an act, as the options say."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.respond import Hand

    return Hand(
        by=cleaned(by),
        clock=SystemClock(),
        at=parse_time(at, option="--at"),
        note=cleaned(note),
        objects=tuple(objects or ()),
    )


def cleaned(text: str) -> str:
    """Return words as the log keeps them."""
    from trucewatch.records.logbook.typed import clean

    return clean(text)


def needed_time(text: str, option: str) -> datetime:
    """Return the time that an option gives.

    Raises:
        BadInput: It is empty or no time.
    """
    found = parse_time(text, option=option)
    if found is None:
        raise BadInput(option, "is empty, expected a time such as 2026-06-27T16:30Z")
    return found


def told(place: Home, done: Done, *, json: bool, then: Sequence[str] = ()) -> None:
    """Print what was sealed, and what may follow."""
    from trucewatch.mission.response_view import is_exercise

    if json:
        printed(done, exercise=is_exercise(place))
        return
    say(f"Sealed: {done.id} {done.act}, now {done.state}; entry {done.entry}")
    hints(place, [*then, "show HOME"])


def hints(place: Home, verbs: Sequence[str]) -> None:
    """Print commands that may follow; words in capitals are to be filled in."""
    home = shlex.quote(str(place.path))
    for verb in verbs:
        say(f"Then: tw respond {verb.replace('HOME', home, 1)}")


def entered(
    home: Path, what: tuple[str, str], detail: Mapping[str, Json], hand: Hand, *, json: bool
) -> None:
    """Enter what is said of a record: the act and the id of the record; and print it."""
    from trucewatch.mission.respond import Given, say

    place = opened(home, json=json)
    act, of = what
    done = say(place, Given(act=act, of=of, detail=detail), hand)
    then = [f"verify HOME {of} --asset WHO --by NAME"] if act == "reported" else []
    told(place, done, json=json, then=then)
