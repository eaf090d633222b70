"""`tw alleged`: seal what parties allege, and set it beside what the mission saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, counted, parse_time, print_json, say
from trucewatch.cli.register_options import ByOption, KeyOption, ReasonOption, actor_of
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.measure.ledger.compared import Side
    from trucewatch.measure.ledger.estimated import Estimate
    from trucewatch.mission.alleged import Claims
    from trucewatch.mission.alleged_ledger import Ledger

PANEL = "Measure"

alleged_app = typer.Typer(
    help="Seal lists of acts that parties allege; set them beside what the mission saw.",
    no_args_is_help=True,
)
_PERCENT = 100
_LISTED = 12


@alleged_app.command()
def seal(
    home: HomeArgument,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whose list it is, by its id.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list, CSV.")],
    by: ByOption,
    reason: ReasonOption = "handed over",
    place: Annotated[str, typer.Option(help="Where it was handed over.")] = "the desk",
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When, as claimed (RFC 3339); now.")
    ] = "",
    level: Annotated[Level, typer.Option(help="Who may see it.")] = Level.CLEAR,
    compartment: Annotated[
        str, typer.Option(metavar="NAME", help="Whose key enciphers it, above CLEAR.")
    ] = "",
    key: KeyOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Seal a party's list of alleged acts; a claim is no report, and no incident comes of it."""
    from trucewatch.mission.alleged import Handed, seal_list
    from trucewatch.mission.home import Home

    handed = Handed(
        party=party,
        place=place,
        at=parse_time(at, option="--at"),
        level=level,
        compartment=compartment,
    )
    done = seal_list(Home(home), file, handed, actor=actor_of(by, reason, key))
    if json:
        print_json(done)
        return
    say(f"Sealed: entry {done.entry}, object {done.object}")
    said = f"{counted(done.acts, 'act')} and {counted(done.totals, 'total')}"
    say(f"{party} alleges {said}; entry {done.statement} says who handed it over")
    say(f"Compare it with: tw alleged compare {home}")


@alleged_app.command()
def compare(
    home: HomeArgument,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="At or after; the first claim's time.")
    ] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before; the last claim's end.")] = "",
    kind: Annotated[str, typer.Option("--class", help="Only this class of act.")] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Set what each party alleges beside what the mission saw; nothing is averaged."""
    from trucewatch.mission.alleged_ledger import Asked
    from trucewatch.mission.alleged_ledger import compare as compared
    from trucewatch.mission.home import Home

    asked = Asked(
        since=parse_time(since, option="--from"),
        until=parse_time(until, option="--until"),
        kind=kind,
    )
    found = compared(Home(home), asked)
    if json:
        print_json(found)
        return
    for line in lines(found):
        say(line)


def lines(found: Ledger) -> list[str]:
    """Return a ledger in words."""
    what = found.kinds[0] if len(found.kinds) == 1 else f"{len(found.kinds)} classes of act"
    told = [f"From {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC; {what}"]
    told += _mission_lines(found.estimate, found.covered_kind, found.off_ground)
    lists = {each.party: each for each in found.lists}
    for each in found.sides:
        told += ["", *_side_lines(each, lists[each.party], found.estimate.count)]
    told.append("")
    if not found.sides:
        told.append("Nobody has sealed a list of alleged acts")
    said = counted(len(found.unalleged), "incident")
    told.append(f"{said} that nobody alleges{_ids(found.unalleged)}")
    told.append("Claims are not averaged, and a claim that matches no incident may be true.")
    return told


def _mission_lines(estimate: Estimate, kind: str, off_ground: int) -> list[str]:
    told = [f"The mission saw {counted(estimate.count + off_ground, 'incident')}"]
    share = estimate.coverage_share
    if share is not None:
        told.append(f"  coverage {share * _PERCENT:.0f} % of the hours and the ground, for {kind}")
    if off_ground:
        told.append(f"  {off_ground} outside that ground, in no estimate")
    if estimate.uncovered and share is not None:
        told.append(f"  {estimate.uncovered} on days without coverage, in no estimate")
    if estimate.acts is None:
        return [*told, f"  how many there were: cannot tell, {estimate.why}"]
    low, middle, high = estimate.acts
    told.append(f"  how many there were: {middle:.0f}, 90 % interval {low:.0f} to {high:.0f}")
    told.append("    if it was as bad in the hours that were not covered as in the others")
    if estimate.weighed_mean is not None:
        told.append(f"    by weights of 1/p, as a check: {estimate.weighed_mean:.0f}")
    if estimate.dispersion_ratio > 1:
        told.append(f"    widened: days differ {estimate.dispersion_ratio:.1f} times a Poisson law")
    return told


def _side_lines(side: Side, claims: Claims, seen: int) -> list[str]:
    sealed = ", ".join(f"entry {entry} of {at:%Y-%m-%d %H:%M}Z" for entry, at in claims.entries)
    told = [f"{side.party} alleges ({sealed})"]
    told += [f"  list {entry} cannot be read here: {why}" for entry, why in claims.unread]
    for total in side.totals:
        of = f" {total.kind}" if total.kind else ""
        when = f"{total.time_start:%Y-%m-%d %H:%M} to {total.time_end:%Y-%m-%d %H:%M}"
        told.append(f"  {total.said}{of}, {when}, in numbers alone")
    if side.totals and not side.claimed:
        told.append(f"  with no list of acts to match; the mission saw {seen}")
        return told
    told.append(f"  {counted(side.claimed, 'act')}")
    told.append(f"  matched {len(side.matches)} of {side.claimed}, unmatched {len(side.unmatched)}")
    mean, low, high = side.by_chance
    told.append(
        f"    moved in time, {low} to {high} of them match by chance, {mean:.1f} on average"
    )
    if side.visible is None:
        told.append("    how many of them the mission would have seen: cannot tell")
    else:
        expected, least, most = side.visible
        told.append(
            f"    had all happened as told, the mission would have seen {expected:.0f}, "
            f"90 % {least} to {most}"
        )
    if side.off:
        told.append(f"    {counted(side.off, 'claim')} outside the ground, not in that number")
    told.append(f"  {counted(len(side.unalleged), 'incident')} that it does not allege")
    return told


def _ids(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return f": {', '.join(ids[:_LISTED])}{more}"
