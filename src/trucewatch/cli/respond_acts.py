"""`tw respond`: what was answered, adopted, reported, seen, said and asked in a response."""

from __future__ import annotations

from typing import Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, parse_time
from trucewatch.cli.respond_options import (
    AskArgument,
    AtOption,
    ByOption,
    DueOption,
    NoteOption,
    ObjectOption,
    ResponseOption,
    cleaned,
    entered,
    hand_of,
    opened,
    told,
)
from trucewatch.errors import BadInput


def answer(
    home: HomeArgument,
    asked: AskArgument,
    by: ByOption,
    said: Annotated[str, typer.Option(metavar="WORDS", help="What it said, word by word.")] = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    declined: Annotated[bool, typer.Option("--declined", help="It will not do it.")] = False,
    json: JsonOption = False,
) -> None:
    """Enter what an actor, or whom the cell asked, answered; also that it will not."""
    refusal = "refused" if asked.startswith("cell_request-") else "declined"
    act = refusal if declined else "answered"
    entered(
        home,
        (act, asked),
        {"said": cleaned(said) or None},
        hand_of(by, at, note, objects),
        json=json,
    )


def step(
    home: HomeArgument,
    asked: AskArgument,
    atom: Annotated[str, typer.Argument(help="Id of the condition, such as commons_vote.")],
    by: ByOption,
    said: Annotated[str, typer.Option(metavar="WORDS", help="How, such as the vote.")] = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="It was refused.")] = False,
    json: JsonOption = False,
) -> None:
    """Enter that a step at home is done, or was refused, such as the consent of a parliament."""
    detail = {"atom": atom, "said": cleaned(said) or None}
    act = "step_failed" if failed else "step_done"
    entered(home, (act, asked), detail, hand_of(by, at, note, objects), json=json)


def adopt(
    home: HomeArgument,
    asked: AskArgument,
    adopter: Annotated[str, typer.Option(help="Id of who adopted it.")],
    by: ByOption,
    until: Annotated[str, typer.Option(metavar="TIME", help="When it ends unless renewed.")] = "",
    said: Annotated[str, typer.Option(metavar="WORDS", help="In its words.")] = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter that a measure was adopted or renewed by who may adopt it."""
    from trucewatch.records.instant import instant_text

    ends = parse_time(until, option="--until")
    detail = {
        "adopter": adopter,
        "said": cleaned(said) or None,
        "until": None if ends is None else instant_text(ends),
    }
    entered(home, ("adopted", asked), detail, hand_of(by, at, note, objects), json=json)


def report(
    home: HomeArgument,
    asked: AskArgument,
    said: Annotated[str, typer.Option(metavar="WORDS", help="What it says that it does.")],
    by: ByOption,
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter what an actor reports doing; whether it is so is another question: see verify."""
    hand = hand_of(by, at, note, objects)
    entered(home, ("reported", asked), {"said": cleaned(said)}, hand, json=json)


def verify(
    home: HomeArgument,
    asked: AskArgument,
    asset: Annotated[str, typer.Option(metavar="WHO", help="Which patrol, sensor or body looked.")],
    by: ByOption,
    report: Annotated[
        int | None, typer.Option(metavar="ENTRY", help="Entry of the report that was looked at.")
    ] = None,
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    not_done: Annotated[bool, typer.Option("--not-done", help="It was not so.")] = False,
    json: JsonOption = False,
) -> None:
    """Enter that somebody else saw that it is done, or that it is not."""
    detail = {"asset": cleaned(asset), "report": report}
    act = "not_done" if not_done else "verified"
    entered(home, (act, asked), detail, hand_of(by, at, note, objects), json=json)


def consult(
    home: HomeArgument,
    by: ByOption,
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="ACTOR", help="Who took part; repeat.")
    ] = None,
    subject: Annotated[str, typer.Option(metavar="WORDS", help="What about.")] = "",
    concluded: Annotated[
        str, typer.Option(metavar="ID", help="Instead: this consultation was concluded.")
    ] = "",
    said: Annotated[str, typer.Option(metavar="WORDS", help="With what.")] = "",
    of: ResponseOption = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter that those who committed themselves consult, or what they came to."""
    from trucewatch.mission.respond import consult as seal

    hand = hand_of(by, at, note, objects)
    if concluded:
        if with_ or subject or of:
            raise BadInput("--concluded", "is given with --with, --subject or --of, expected alone")
        entered(home, ("concluded", concluded), {"said": cleaned(said)}, hand, json=json)
        return
    place = opened(home, json=json)
    done = seal(place, tuple(with_ or ()), cleaned(subject), hand, response=of)
    told(
        place, done, json=json, then=(f"consult HOME --concluded {done.id} --said WORDS --by NAME",)
    )


def request(
    home: HomeArgument,
    actor: Annotated[str, typer.Argument(help="Id in the register, such as FRA.")],
    what: Annotated[str, typer.Argument(help="What the cell asks for.")],
    by: ByOption,
    due: DueOption = "",
    of: ResponseOption = "",
    at: AtOption = "",
    note: NoteOption = "",
    objects: ObjectOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter what the coordination cell asks an actor to tell."""
    from trucewatch.mission.respond import request as seal

    place, until = opened(home, json=json), parse_time(due, option="--due")
    hand = hand_of(by, at, note, objects)
    done = seal(place, actor, cleaned(what), hand, due=until, response=of)
    told(place, done, json=json, then=(f"answer HOME {done.id} --said WORDS --by NAME",))


ACTS = (answer, step, adopt, report, verify, consult, request)
"""Verbs of `tw respond`."""
