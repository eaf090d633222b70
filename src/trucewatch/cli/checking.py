"""`tw verify`, `tw rebuild` and `tw digest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, progress, say

if TYPE_CHECKING:
    from trucewatch.verify.findings import Check, Findings

PANEL = "Check"
_TIMES_MAX = 6
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def verify(
    what: Annotated[Path, typer.Argument(metavar="BUNDLE|HOME", help="What to check.")],
    key: Annotated[
        str, typer.Option(metavar="VKEY|FILE", help="The log key, as you got it by another way.")
    ] = "",
    witnesses: Annotated[
        Path | None, typer.Option(metavar="POLICY", help="Whose cosignatures count (tlog-policy).")
    ] = None,
    roots: Annotated[
        list[Path] | None, typer.Option(metavar="PEM", help="Root of a time authority; repeat.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A head, proof or bundle that was shown before; repeat."),
    ] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A receipt of a file; repeat.")
    ] = None,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 also when something is missing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check every link from published words to sealed bytes; exit 1 and name the first broken one.

    Without --key the key is the bundle's own, which proves only that it agrees with itself. The
    same holds for witnesses and roots. A log that was rewritten and signed again is found by what
    others signed of it, or by what you kept: --against and --receipt.
    """
    from trucewatch.mission.check import read_given, read_key
    from trucewatch.mission.check import verify as check

    given = read_given(
        policy=witnesses, roots=roots or (), against=against or (), receipts=receipt or ()
    )
    told = None if json else _say_step
    marked = None if json else _say_exercise
    trusted = read_key(key) if key else None
    findings = check(what, vkey=trusted, given=given, told=told, marked=marked)
    if json:
        print_json(findings)
    else:
        _say_rest(findings)
    if strict and findings.missing:
        raise typer.Exit(1)


def show(findings: Findings) -> None:
    """Print what a check found, the verdict last; EXERCISE first, where it is one."""
    if findings.exercise:
        _say_exercise()
    for step in findings.checks:
        _say_step(step)
    _say_rest(findings)


def _say_exercise() -> None:
    say("EXERCISE: it says so itself; whether that was sealed is one of the steps")


def _say_step(step: Check) -> None:
    found = f": {step.found}" if step.found else ""
    say(f"{step.number:2}  {'PASS' if step.holds else 'BROKEN'}  {step.name}{found}")


def _say_rest(findings: Findings) -> None:
    if findings.exercise:
        say("EXERCISE: this log says of itself that it is worthless as proof")
    say(f"log          {findings.origin}, {findings.size:,} entries, root {findings.root}")
    say(f"objects      {findings.objects:,} at hand; {findings.withheld:,} entries withheld")
    for index, kind in findings.unknown:
        say(f"unknown      entry {index} is a {kind}, which this version cannot read")
    for object_, entry in findings.erased:
        say(f"erased       object {object_}, by entry {entry}")
    _say_times(findings)
    for sentence in findings.remarks:
        say(f"note         {sentence}")
    say("What is missing:" if findings.missing else "What is missing: nothing that was looked for")
    for sentence in findings.missing:
        say(f"  {sentence}")
    say("What this does not show:")
    for sentence in findings.not_shown:
        say(f"  {sentence}")
    say(findings.verdict)


def _say_times(findings: Findings) -> None:
    seen = [part for part in findings.times if part.not_after is not None]
    shown = seen if len(seen) <= _TIMES_MAX else [*seen[:2], *seen[-1:]]
    for part in shown:
        claimed = f"claim {part.claimed_first:{_TIME}} to {part.claimed_last:{_TIME}}"
        entries = f"entries {part.first} to {part.last}"
        say(f"times        {entries} {claimed}; existed not later than {part.not_after:{_TIME}}")
        say(f"             ({part.by})")
    if len(shown) < len(seen):
        say(f"             and {len(seen) - len(shown)} more such times: --json")


def rebuild(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Compute every projection again from the log; exit 1 when the result differs."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.rebuild import rebuild as compute
    from trucewatch.mission.recorded import findings

    progress("Rebuilding from the log ...")
    done = compute(Home(home))
    if json:
        print_json(done)
    else:
        for name, digest in done.digests.items():
            verdict = done.compared.get(name, "nothing to compare")
            say(f"{name:14} {digest['rows']:>9,} rows  {digest['sha256']}  {verdict}")
        for line in findings(Home(home)):
            say(line)
    if "different" in done.compared.values():
        raise typer.Exit(1)


def digest(
    home: HomeArgument,
    compare: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What tw digest --json printed elsewhere.")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Print the fingerprint of every table; with --compare exit 1 when one differs."""
    from trucewatch.mission.check import compare_digests, digest_tables
    from trucewatch.mission.home import Home
    from trucewatch.mission.recorded import findings

    found = digest_tables(Home(home))
    verdicts = compare_digests(found, compare) if compare else {}
    if json:
        print_json(found)
    else:
        for name, table in found.items():
            line = f"{name:14} {table['rows']:>9,} rows  {table['sha256']}"
            say(f"{line}  {verdicts[name]}" if verdicts else line)
        for line in findings(Home(home)):
            say(line)
    if "different" in verdicts.values():
        raise typer.Exit(1)


VERBS = (verify, rebuild, digest)
