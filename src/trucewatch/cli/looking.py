"""`tw incidents`, `tw assessments` and `tw explain`."""

from __future__ import annotations

import re
from json import loads as json_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.assessed import chance, show_assessment, show_record
from trucewatch.cli.printing import (
    AsOfOption,
    HomeArgument,
    JsonOption,
    LimitOption,
    counted,
    parse_time,
    print_json,
    rows,
    say,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.mission.explain import Explanation, Link
    from trucewatch.mission.explain_seen import Watcher, WhoSaw

PANEL = "Look"
_REPORTS_SHOWN = 12
_NUMBERED = re.compile(r"(?!i-|p-|e-)[a-z]+[- ].+")
"""Subjects of assessments other than incidents, whose ids begin with `i-`, or in public `p-`."""


def incidents(
    home: HomeArgument,
    since: Annotated[str, typer.Option(metavar="TIME", help="At or after (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before (RFC 3339).")] = "",
    kind: Annotated[str, typer.Option(help="Likeliest kind, such as artillery_fire.")] = "",
    episode: Annotated[str, typer.Option(help="Only of this episode, such as e-5obsr3.")] = "",
    limit: LimitOption = 25,
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """List incidents, earliest first: what we think happened, and how sure we are."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import Filter
    from trucewatch.mission.listing import incidents as listed

    only = Filter(
        since=parse_time(since, option="--since"),
        until=parse_time(until, option="--until"),
        kind=kind,
        episode=episode,
    )
    table = listed(Home(home), only=only, as_of=parse_time(as_of, option="--as-of"))
    if json:
        print_json(rows(table))
        return
    say(f"{'id':19} {'time (UTC)':16} {'+-':>6} {'lat':>9} {'lon':>9} {'+-':>8} n  real  kind")
    for row in (table if limit == 0 else table.head(limit)).iter_rows(named=True):
        radius_km = ((row["cov_ee_m2"] + row["cov_nn_m2"]) / 2) ** 0.5 / 1000
        say(
            f"{row['id']:19} {row['time']:%Y-%m-%d %H:%M} {_span(row['time_sigma_s']):>6} "
            f"{row['lat_deg']:9.4f} {row['lon_deg']:9.4f} {radius_km:5.2f} km "
            f"{row['members']:<2} {row['real_p']:.2f}  {row['class']}"
        )
    _more(len(table), limit, "incidents")
    say(
        "+- is one standard error; real is P(something happened), not who did it or whether it may."
    )


def assessments(
    home: HomeArgument,
    outcome: Annotated[str, typer.Option(help="Only this outcome, such as no_rule.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind of subject, such as sighting.")] = "",
    rule: Annotated[str, typer.Option(help="Only against this rule, such as R01.")] = "",
    limit: LimitOption = 25,
    as_of: AsOfOption = "",
    what_if: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Set everything now known against this text; nothing is kept."
        ),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """List what is known, set against the rules of the agreement."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.listing import Filter
    from trucewatch.mission.listing import assessments as listed
    from trucewatch.mission.what_if import what_if as tried

    only = Filter(outcome=outcome, subject_kind=kind, rule=rule)
    if what_if is not None and as_of:
        raise BadInput("--as-of", "is given with --what-if, expected one of them")
    if what_if is None:
        table = listed(Home(home), only=only, as_of=parse_time(as_of, option="--as-of"))
    else:
        table = tried(Home(home), what_if, only=only)
    if json:
        marked = {} if what_if is None else {"what_if": True}
        print_json([{**marked, **row} for row in rows(table)])
        return
    _show_assessments(table if limit == 0 else table.head(limit), what_if)
    _more(len(table), limit, "assessments")


def _show_assessments(table: pl.DataFrame, what_if: Path | None) -> None:
    mark = "" if what_if is None else "WHAT IF  "
    if mark:
        say(f"{mark}against {what_if}, which obliges nobody by being tried; nothing is kept")
    say(f"{mark}{'subject':19} {'rule':12} {'v':>2} {'P(inside)':>9}  outcome")
    for row in table.iter_rows(named=True):
        why = f" ({row['why']})" if row["why"] else ""
        inside = "" if row["inside_p"] is None else f"{row['inside_p']:.3f}"
        measured = f" from {row['measured_from']}" if row["measured_from"] else ""
        say(
            f"{mark}{row['subject']:19} {row['rule']:12} {row['agreement_version']:>2} "
            f"{inside:>9}  {row['outcome']}{why}{measured}"
        )


def explain(
    home: HomeArgument,
    asked: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An incident, by its id or public name, or OBJECT:ROW; or sighting-12.",
        ),
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Walk from an incident, or a record of the logbook, down to what was sealed of it."""
    from trucewatch.mission.explain import explain as walk
    from trucewatch.mission.home import Home

    if _NUMBERED.fullmatch(asked):
        show_record(home, asked, json=json)
        return
    found = walk(Home(home), asked)
    if json:
        print_json(found)
        return
    _show_incident(found)
    for m in found.mentions:
        waits = "" if m.used else "; waits for a run"
        say(f"  desk   {m.act} by {m.by}: {m.reason} (entry {m.entry}{waits})")
    for a in found.assessments:
        show_assessment(a)
    if found.who_saw is not None:
        _show_watchers(found.who_saw)
    say(f"  rests on {counted(len(found.links), 'observation')}")
    _show_links(found.links)
    if found.possible:
        said = counted(len(found.possible), "observation")
        say(f"  {said} counted elsewhere may be of it")
        _show_links(found.possible)
    good = sum(link.proven for link in found.links)
    say(f"  {good} of {len(found.links)} entries proven to be in the log")
    say(f"  of {found.checkpoint_size} entries, root {found.checkpoint_root}")
    say("  Proven means unchanged since sealing; it does not mean true.")


def _show_incident(found: Explanation) -> None:
    i = found.incident
    note = f" (took over {found.asked})" if found.superseded else ""
    say(f"incident {i['id']}{note}")
    kinds = sorted(json_of(i["class_p"]).items(), key=lambda kind: -kind[1])
    say(f"  what   {', '.join(f'{name} {chance(p)}' for name, p in kinds)}")
    say(f"  real   P(something happened) {chance(i['real_p'])}")
    say(f"  when   {i['time_start']:%Y-%m-%d %H:%M} to {i['time_end']:%Y-%m-%d %H:%M} UTC, 95 %")
    east, north = float(str(i["cov_ee_m2"])) ** 0.5, float(str(i["cov_nn_m2"])) ** 0.5
    say(f"  where  {i['lat_deg']:.5f}, {i['lon_deg']:.5f}; 1 sigma {east:.0f} m E, {north:.0f} m N")
    told = f"{counted(i['members'], 'report')}, {i['independent']} independent"
    say(f"  from   {told}, of {counted(i['sensors'], 'kind')} of sensor")


def _show_watchers(told: WhoSaw) -> None:
    """Print which assets saw it and which should have; of the others what was taken from them."""
    saw = counted(told.saw_n, "declared asset")
    if told.watchers or told.saw_n or told.missed_n:
        say(f"  watch  {saw} saw it, {told.missed_n} should have (P .5 or more) and did not")
    if told.note:
        say(f"  watch  {told.note}")
    for each in told.watchers:
        if each.saw or each.chance_p is None or each.unhindered_p:
            say(f"    {each.asset} {_as_to_it(each)}")


def _as_to_it(each: Watcher) -> str:
    """Return what one asset did, what could be asked of it, and what had been taken from it."""
    did = "saw it" if each.saw else "did not see it"
    if each.chance_p is None or each.unhindered_p is None:
        return did
    did = "should have seen it and did not" if each.expected and not each.saw else did
    sky = ", the sky being unknown: at most that" if each.sky_unknown else ""
    words = f"{did}; P(it detects this) {chance(each.chance_p)}{sky}"
    if not each.taken:
        return f"{words}; nothing had been taken from it"
    causes = ", ".join(f"{t.cause} {_percent(t.taken_share)}" for t in each.taken)
    return f"{words}, unhindered {chance(each.unhindered_p)}; taken by {causes}"


def _percent(part_share: float) -> str:
    return f"{part_share * 100:.0f} %" if part_share >= 0.005 else "under 1 %"  # noqa: PLR2004 - rounding


def _show_links(links: list[Link]) -> None:
    """Print each report once, with the downloads that brought it again."""
    copies: dict[str, list[Link]] = {}
    for link in links:
        copies.setdefault(link.seen["dedup_key"], []).append(link)
    for first, *again in list(copies.values())[:_REPORTS_SHOWN]:
        address = f"{first.object[:12]}:{first.row}"
        weight = "" if first.evidence is None else f"  evidence {first.evidence:+.1f}"
        member = chance(first.membership_p)
        say(f"    {address}  entry {first.entry}  P(member) {member}{weight}")
        say(f"      {first.file}:{first.line}: {first.text}")
        if first.assertion:
            say(f"      assertion without data: {first.assertion}")
        for link in again:
            say(f"      again in {link.file}:{link.line}, entry {link.entry}")
    if len(copies) > _REPORTS_SHOWN:
        say(f"    and {counted(len(copies) - _REPORTS_SHOWN, 'more report')}: --json")


def _span(seconds_s: float) -> str:
    minute, hour, day = 60, 3600, 86400
    if seconds_s < hour:
        return f"{seconds_s / minute:.0f} min"
    return f"{seconds_s / hour:.1f} h" if seconds_s < day else f"{seconds_s / day:.1f} d"


def _more(n: int, limit: int, what: str) -> None:
    if not n:
        say(f"No {what}; coverage is unknown, so this does not say that nothing happened")
    elif limit and n > limit:
        say(f"and {n - limit:,} more {what}: --limit 0, or --json")


VERBS = (incidents, assessments, explain)
