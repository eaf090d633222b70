"""`tw background`: which cells of a day burned more than in ordinary years."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import (
    HomeArgument,
    JsonOption,
    LimitOption,
    counted,
    parse_day,
    print_json,
    progress,
    say,
)
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.background import Day

PANEL = "Measure"
_READ_BYTES_MAX = 500_000_000  # a year of one country in the full FIRMS schema has some 30 MB


def _layer(help_text: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(metavar="FILE", help=help_text)
    return found


def background(
    home: HomeArgument,
    baseline: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="Fires of whole years of peace; once for each file."),
    ],
    date: Annotated[
        str, typer.Option(metavar="DAY", help="The day, UTC; the last one with fires.")
    ] = "",
    weather: Annotated[Path | None, _layer("Daily weather by region, with cloud.")] = None,
    regions: Annotated[Path | None, _layer("Region of each point of a grid.")] = None,
    land: Annotated[Path | None, _layer("Shares of land use on a grid.")] = None,
    population: Annotated[Path | None, _layer("Persons per square kilometre on a grid.")] = None,
    limit: LimitOption = 25,
    *,
    json: JsonOption = False,
) -> None:
    """List cells with more fire than in ordinary years, and what could not be observed.

    Seals nothing, raises no incident. The first time takes a minute or several.
    """
    from trucewatch.mission.background import background as against
    from trucewatch.mission.background_fit import Baseline
    from trucewatch.mission.home import Home

    named = {"weather": weather, "regions": regions, "land": land, "population": population}
    if weather is not None and regions is None:
        raise BadInput("--weather", "is given without --regions, expected both")
    files = Baseline(
        fires={str(path): _read(path) for path in baseline},
        layers={kind: (str(path), _read(path)) for kind, path in named.items() if path},
    )
    day = parse_day(date, option="--date")
    found = against(Home(home), files, day=day, say=progress)
    if json:
        print_json(found)
        return
    for line in lines(found, limit):
        say(line)


def lines(found: Day, limit: int = 0) -> list[str]:
    """Return what the fires of a day say, in words; of cells so many, 0 for all."""
    pixels = counted(found.pixels, "fire pixel")
    told = [f"{found.day} (UTC), {pixels}, against {len(found.years)} ordinary years"]
    if found.outside:
        told.append(f"{counted(found.outside, 'fire pixel')} off the ground of the baseline")
    told.append(f"above the background: {counted(len(found.above), 'cell')}")
    if found.above:
        told.append(f"  {'lat':>8} {'lon':>8} {'fires':>5} {'expected':>8} {'p':>8}  score")
    told += [
        f"  {cell.lat_deg:8.2f} {cell.lon_deg:8.2f} {cell.pixels:5} "
        f"{cell.expected_mean:8.3f} {cell.tail_p:8.1e}  {cell.score:+.2f}"
        for cell in found.above[: limit or None]
    ]
    if limit and len(found.above) > limit:
        told.append(f"  and {len(found.above) - limit:,} more: --limit 0, or --json")
    told.append(f"not above the background: {counted(found.not_above, 'cell')}")
    told.append(f"cannot tell: {counted(sum(found.cannot_tell.values()), 'cell')}")
    told += [f"  {number:,}: {why}" for why, number in found.cannot_tell.items()]
    told.append(
        f"On an ordinary day about {found.by_chance_mean:.1f} cells would be above as well."
    )
    told += [f"{note[0].upper()}{note[1:]}." for note in found.notes]
    told.append("No incident comes of this list; no fire seen under cloud is not no fire.")
    return told


def _read(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        BadInput: It is no file, or too large.
    """
    if not path.is_file():
        raise BadInput(str(path), "no such file, expected a table")
    if path.stat().st_size > _READ_BYTES_MAX:
        raise BadInput(str(path), f"is larger than {_READ_BYTES_MAX} bytes, expected a table")
    return path.read_bytes()


VERBS = (background,)
