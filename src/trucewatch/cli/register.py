"""`tw register`: who promised what, by which source; load it, correct it, ask it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import (
    AsOfOption,
    HomeArgument,
    JsonOption,
    parse_day,
    parse_time,
    print_json,
)
from trucewatch.cli.register_entering import claim, reply
from trucewatch.cli.register_options import ByOption, KeyOption, ReasonOption, actor_of
from trucewatch.cli.register_tables import export, force, gaps, import_
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.mission.register_ask import View

PANEL = "Register"

register_app = typer.Typer(
    help="Who promised what, by which source: load claims, correct them, see them contradict.",
    no_args_is_help=True,
)
register_app.command()(claim)
register_app.command()(reply)
BeforeOption = Annotated[
    str,
    typer.Option("--before", metavar="DAY", help="Only what was said or published before it."),
]
TryOption = Annotated[bool, typer.Option("--dry-run", help="Say what it would do; seal nothing.")]


@register_app.command()
def load(
    home: HomeArgument,
    file: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="A YAML file, or a register that is shipped.")
    ],
    by: ByOption = "the desk",
    reason: ReasonOption = "loaded",
    key: KeyOption = None,
    *,
    dry_run: TryOption = False,
    json: JsonOption = False,
) -> None:
    """Seal a file of claims: the first is a register, each later one extends it."""
    from trucewatch.cli.register_lines import show_added
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_json import as_json
    from trucewatch.mission.register_load import claims_file, tried
    from trucewatch.mission.register_load import load as seal

    given = claims_file(file)
    if dry_run:
        done = tried(Home(home), given)
    else:
        done = seal(Home(home), given, actor=actor_of(by, reason, key))
    if json:
        print_json(as_json(done))
    else:
        show_added(done, tried=dry_run)


@register_app.command()
def show(
    home: HomeArgument,
    asked: Annotated[str, typer.Argument(metavar="STATE|PROVISION|CLAIM", help="What to tell of.")],
    as_of: AsOfOption = "",
    before: BeforeOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Tell what is known of a state, how binding a provision is, or what became of a claim."""
    from trucewatch.cli.register_lines import show_claim, show_legal, show_state
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import asked as answer
    from trucewatch.mission.register_state import state_of
    from trucewatch.register.asked import About
    from trucewatch.register.legal import Legal

    seen = _view(home, as_of, before)
    found = answer(Home(home), seen, asked)
    if isinstance(found, About):
        known = state_of(Home(home), seen, found)
        if not _printed(seen, known, json=json):
            show_state(known)
        return
    if _printed(seen, found, json=json):
        return
    if isinstance(found, Legal):
        show_legal(found)
    else:
        show_claim(found)


@register_app.command("list")
def list_(
    home: HomeArgument,
    what: Annotated[
        str, typer.Argument(help="claims, actors, instruments, sources, or files in the log.")
    ] = "claims",
    of: Annotated[str, typer.Option(metavar="ACTOR", help="Only claims of this actor.")] = "",
    relation: Annotated[str, typer.Option(help="Only claims of this relation.")] = "",
    domain: Annotated[str, typer.Option(help="Only claims of this domain.")] = "",
    as_of: AsOfOption = "",
    before: BeforeOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """List what the register holds, superseded claims too."""
    from trucewatch.cli.register_list import listed, show_list

    seen = _view(home, as_of, before)
    rows = listed(seen, what, of=of, relation=relation, domain=domain)
    if not _printed(seen, rows, json=json):
        show_list(seen, what, rows)


@register_app.command()
def contradictions(
    home: HomeArgument,
    kind: Annotated[str, typer.Option(help="Only of this class, such as newer.")] = "",
    about: Annotated[str, typer.Option(metavar="ID", help="Only with this actor or thing.")] = "",
    as_of: AsOfOption = "",
    before: BeforeOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Show where claims contradict one another, and which one the rule prefers and why."""
    from trucewatch.cli.register_lines import show_contradictions
    from trucewatch.register.contradictions import Kind
    from trucewatch.register.contradictions import contradictions as find

    if kind and kind not in list(Kind):
        raise BadInput("--kind", f"is {kind[:80]!r}, expected one of {', '.join(Kind)}")
    seen = _view(home, as_of, before)
    subjects = {each.id: {each.subject, each.object} for each in seen.register.claims}
    found = [
        each
        for each in find(seen.register)
        if kind in ("", each.kind)
        and (
            not about
            or about in each.question.split("/")
            or any(about in subjects[claim] for claim in each.claims)
        )
    ]
    if not _printed(seen, found, json=json):
        show_contradictions(found)


@register_app.command()
def timeline(
    home: HomeArgument,
    as_of: AsOfOption = "",
    before: BeforeOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Tell day by day what was adopted, what happened by the claims, and what was said."""
    from trucewatch.cli.register_lines import show_moment
    from trucewatch.register.timeline import timeline as moments

    seen = _view(home, as_of, before)
    found = moments(seen.register)
    if not _printed(seen, found, json=json):
        for each in found:
            show_moment(each)


@register_app.command("who-if")
def who_if(
    home: HomeArgument,
    tier: Annotated[str, typer.Option(help="Tier of the response: its number or id.")],
    domain: Annotated[str, typer.Option(help="Only this domain; all by default.")] = "",
    met: Annotated[
        list[str] | None,
        typer.Option(metavar="ATOM=yes|no", help="Suppose that a condition is met, or is not."),
    ] = None,
    as_of: AsOfOption = "",
    before: BeforeOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Tell who committed to what if a tier starts, on what condition, and what nobody promised."""
    from trucewatch.cli.register_lines import show_who
    from trucewatch.register.who import who_if as answer

    supposed = _supposed(met or [])
    seen = _view(home, as_of, before)
    found = answer(seen.register, tier=tier, domain=domain, met=supposed)
    if not _printed(seen, found, json=json):
        show_who(found)


def _view(home: Path, as_of: str, before: str) -> View:
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import view

    instant, day = parse_time(as_of, option="--as-of"), parse_day(before, option="--before")
    return view(Home(home), as_of=instant, day=day)


def _printed(seen: View, found: object, *, json: bool) -> bool:
    """Print an answer as JSON, with what it rests on, or the lines that stand above any answer."""
    from trucewatch.cli.register_lines import show_head
    from trucewatch.mission.register_json import as_json
    from trucewatch.mission.register_marked import marked

    if not json:
        show_head(seen)
        return False
    told: dict[str, object] = {"EXERCISE": True} if seen.exercise else {}
    told |= {"register": seen.register.id, "size": seen.size, "marked": marked(seen.register)}
    print_json(as_json({**told, "answer": found}))
    return True


def _supposed(met: Iterable[str]) -> dict[str, bool]:
    """Return which conditions are supposed to be met or not.

    Raises:
        BadInput: Not of the form ATOM=yes or ATOM=no, or an atom twice.
    """
    found: dict[str, bool] = {}
    for each in met:
        name, _, answer = each.partition("=")
        if answer not in ("yes", "no") or not name or name in found:
            problem = f"is {each[:80]!r}, expected ATOM=yes or ATOM=no with each atom once"
            raise BadInput("--met", problem)
        found[name] = answer == "yes"
    return found


register_app.command("import")(import_)
for _verb in (gaps, force, export):
    register_app.command()(_verb)
