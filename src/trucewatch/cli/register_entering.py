"""`tw register claim` and `reply`: enter one claim without writing a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, parse_day, print_json
from trucewatch.cli.register_options import ByOption, KeyOption, ReasonOption, actor_of
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.register_claim import Written
    from trucewatch.mission.register_load import Added

GradeOption = Annotated[
    str, typer.Option(help="NATO grade of source and information; F6 cannot be judged.")
]
At = Annotated[str, typer.Option(metavar="SOURCE:LINES", help="Where it was read.")]
Subject = Annotated[str, typer.Option(help="Of whom or of what, by id.")]
Relation = Annotated[str, typer.Option(help="Such as pledged, refused or stated.")]
Text = Annotated[str, typer.Option(help="What the source says, in your own words.")]
Object = Annotated[str, typer.Option("--object", help="To what, by id.")]
Attribute = Annotated[str, typer.Option(help="Which question it answers.")]
Value = Annotated[str, typer.Option(help="Its answer.")]
Amount = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="low, high, qualifier, unit and scope, each once."),
]
Domain = Annotated[str, typer.Option(help="One of the register's domains.")]
Place = Annotated[str, typer.Option(help="In words, never coordinates.")]
Condition = Annotated[str, typer.Option(metavar="ATOM", help="On what it hangs.")]
Day = Annotated[str, typer.Option(metavar="DAY", help="The day of what it tells.")]
SaidOn = Annotated[str, typer.Option(metavar="DAY", help="When it was said.")]
Chain = Annotated[
    list[str] | None, typer.Option(help="From whom the source has it, nearest first.")
]
BasisOf = Annotated[str, typer.Option(help="What the source goes by, such as own_words.")]
Supersedes = Annotated[str, typer.Option(metavar="CLAIM", help="The claim it corrects.")]
Id = Annotated[str, typer.Option("--id", help="Its id; the next free one by default.")]
NewSource = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="Of a new source: outlet, title, kind, published."),
]
_SOURCE = ("outlet", "title", "kind", "published", "sha256", "lines")
_QUANTITY = ("low", "high", "qualifier", "unit", "scope")


def claim(
    home: HomeArgument,
    at: At,
    subject: Subject,
    relation: Relation,
    text: Text,
    by: ByOption,
    reason: ReasonOption = "entered",
    object_: Object = "",
    attribute: Attribute = "",
    value: Value = "",
    quantity: Amount = None,
    domain: Domain = "",
    place: Place = "",
    condition: Condition = "",
    day: Day = "",
    said_on: SaidOn = "",
    chain: Chain = None,
    basis: BasisOf = "not_said",
    grade: GradeOption = "F6",
    supersedes: Supersedes = "",
    id_: Id = "",
    source: NewSource = None,
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter one claim; one that corrects another names it, and both are kept."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_claim import NewClaim
    from trucewatch.mission.register_claim import claim as seal

    given: dict[str, Written] = {
        "id": id_, "at": at, "subject": subject, "relation": relation, "object": object_,
        "text": text, "attribute": attribute, "value": value, "domain": domain, "place": place,
        "condition": condition, "day": day, "said_on": said_on, "basis": basis, "grade": grade,
        "supersedes": supersedes,
    }  # fmt: skip
    said = {name: each for name, each in given.items() if each != ""}
    if chain:
        said["chain"] = [*chain]
    if quantity:
        said["quantity"] = {"high": None, **_pairs(quantity, "--quantity", _QUANTITY)}
    new = NewClaim(claim=said, source=_source(at, source or []))
    _tell(seal(Home(home), new, actor=actor_of(by, reason, key)), json=json)


def reply(
    home: HomeArgument,
    to: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim that is replied to.")],
    text: Annotated[str, typer.Option(help="What the reply says, in your own words.")],
    day: Annotated[str, typer.Option(metavar="DAY", help="The day of the reply.")],
    title: Annotated[str, typer.Option(help="What it is, such as Letter of the ministry.")],
    by: ByOption,
    reason: ReasonOption = "right of reply",
    of: Annotated[
        str, typer.Option(metavar="ACTOR", help="Who replies; the claim's subject by default.")
    ] = "",
    sha256: Annotated[str, typer.Option(help="SHA-256 of the letter, if it was sealed.")] = "",
    grade: GradeOption = "F6",
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Enter what a state replies to a claim about it; it is shown wherever the claim is."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_claim import Reply
    from trucewatch.mission.register_claim import reply as seal

    wanted = parse_day(day, option="--day")
    if wanted is None:
        raise BadInput("--day", "is empty, expected a day such as 2026-06-27")
    answer = Reply(to=to, of=of, text=text, day=wanted, title=title, grade=grade, sha256=sha256)
    _tell(seal(Home(home), answer, actor=actor_of(by, reason, key)), json=json)


def _tell(done: Added, *, json: bool) -> None:
    from trucewatch.cli.register_lines import show_added
    from trucewatch.mission.register_json import as_json

    if json:
        print_json(as_json(done))
    else:
        show_added(done, tried=False)


def _source(at: str, given: list[str]) -> dict[str, Written]:
    """Return the keys of a new source, which has the id that the claim cites."""
    if not given:
        return {}
    found = _pairs(given, "--source", _SOURCE)
    lines = found.pop("lines", "")
    counted: dict[str, Written] = {"lines": int(lines)} if lines.isdecimal() else {}
    return {"id": at.partition(":")[0], **found, **counted}


def _pairs(given: list[str], option: str, known: tuple[str, ...]) -> dict[str, str]:
    """Return keys and values as typed.

    Raises:
        BadInput: Not of the form KEY=VALUE, another key, or one twice.
    """
    found: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name in found or name not in known:
            problem = f"is {each[:80]!r}, expected KEY=VALUE with each of {', '.join(known)} once"
            raise BadInput(option, problem)
        found[name] = value
    return found
