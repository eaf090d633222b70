"""`tw verify`, `tw rebuild` and `tw digest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, progress, say

if TYPE_CHECKING:
    from trucewatch.verify.findings import Findings

PANEL = "Check"


def verify(
    what: Annotated[Path, typer.Argument(metavar="BUNDLE|HOME", help="What to check.")],
    key: Annotated[
        str, typer.Option(metavar="VKEY|FILE", help="The log key, as you got it by another way.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Check every link from published words to sealed bytes; exit 1 and name the first broken one.

    Without --key the key is the bundle's own, which proves only that it agrees with itself.
    """
    from trucewatch.mission.check import read_key
    from trucewatch.mission.check import verify as check

    findings = check(what, vkey=read_key(key) if key else None)
    if json:
        print_json(findings)
        return
    show(findings)


def show(findings: Findings) -> None:
    """Print what a check found, the verdict last."""
    if findings.exercise:
        say("EXERCISE: this log says of itself that it is worthless as proof")
    say(f"log          {findings.origin}, {findings.size:,} entries, root {findings.root}")
    say(f"objects      {findings.objects:,} hash to their entries; {findings.withheld:,} withheld")
    say(f"proofs       {findings.proofs:,} lead from an entry to the signed head")
    say(f"statements   {findings.statements:,} signatures hold")
    say(f"reports      {findings.reports:,} copies equal what was sealed")
    for index, kind in findings.unknown:
        say(f"unknown      entry {index} is a {kind}, which this version cannot read")
    say("Unchanged since sealing does not mean true.")
    say(f"{findings.trust} ({findings.anchoring}: no witness has cosigned this log)")


def rebuild(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Compute every projection again from the log; exit 1 when the result differs."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.rebuild import rebuild as compute

    progress("Rebuilding from the log ...")
    done = compute(Home(home))
    if json:
        print_json(done)
    else:
        for name, digest in done.digests.items():
            verdict = done.compared.get(name, "nothing to compare")
            say(f"{name:14} {digest['rows']:>9,} rows  {digest['sha256']}  {verdict}")
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

    found = digest_tables(Home(home))
    verdicts = compare_digests(found, compare) if compare else {}
    if json:
        print_json(found)
    else:
        for name, table in found.items():
            line = f"{name:14} {table['rows']:>9,} rows  {table['sha256']}"
            say(f"{line}  {verdicts[name]}" if verdicts else line)
    if "different" in verdicts.values():
        raise typer.Exit(1)


VERBS = (verify, rebuild, digest)
