"""`tw report` of a product of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted, print_json, progress, say

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from trucewatch.report.material import ReleaseLevel


def show_report(
    home: Path,
    product: str,
    day: date | None,
    level: ReleaseLevel,
    *,
    out: Path | None,
    json: bool,
) -> None:
    """Publish a product of the register and say where its files are."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_report import report_register

    done = report_register(Home(home), product, day=day, level=level, clock=SystemClock())
    page = done.paths[f"{product}-{done.day}.html"]
    if out is not None:
        out.write_bytes(page.read_bytes())
    if json:
        print_json(done)
        return
    say(f"{done.title}, {done.day}, level {level}{', EXERCISE' if done.exercise else ''}")
    for name, rows in done.rows.items():
        say(f"  {name:15} {counted(rows, 'row')}")
    for entry, why in done.closed.items():
        progress(f"The table of entry {entry} is left out: {why}")
    for path in done.paths.values():
        say(f"{path.suffix[1:].upper():5} {path}")
    if done.entry is None:
        progress("Not sealed: a product at mission level is above CLEAR.")
    else:
        say(f"Sealed: entry {done.entry}")
