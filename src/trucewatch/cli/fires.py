"""Files and years that `tw evaluate fires` is asked to measure on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trucewatch.evaluate.fires_asked import Asked

PANEL = "Fires (evaluate fires)"
_READ_BYTES_MAX = 500_000_000  # a year of one country in the full FIRMS schema has some 30 MB
_FIRES_NAMES = "fires_*.csv*"
_NAMES: Mapping[str, str] = {
    "events": "cir_events_*.csv*",
    "population": "ukr_pop_density_*.csv*",
    "regions": "ukr_oblasts_*km.csv*",
    "weather": "weather_oblast_day_*.csv*",
    "land": "ukr_land_use_*.csv*",
}
"""What each file is called in a folder of real records."""
_LAYERS = ("population", "regions", "weather", "land")


def _option(help_text: str, metavar: str = "FILE") -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        metavar=metavar, help=help_text, rich_help_panel=PANEL
    )
    return found


FilesOption = Annotated[
    list[Path] | None, _option("Fire pixels: date, latitude, longitude; or FIRMS.", "FILES")
]
MoreFiles = Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", hidden=True)]
EventsOption = Annotated[Path | None, _option("Geolocated incidents: date, lat, lon.")]
PopulationOption = Annotated[Path | None, _option("Persons per square kilometre on a grid.")]
RegionsOption = Annotated[Path | None, _option("Region of each point of a grid.")]
WeatherOption = Annotated[Path | None, _option("Daily weather by region.")]
LandOption = Annotated[Path | None, _option("Shares of land use on a grid.")]
BaselineOption = Annotated[
    str | None, _option("Years of peace, such as 2012,2013,2018-2021.", "YEARS")
]
PeaceOption = Annotated[
    str | None, _option("Those of them to compare; the last four if not given.", "YEARS")
]
TestedOption = Annotated[int | None, _option("Year under test, if incidents span several.", "YEAR")]
SinceOption = Annotated[
    str | None, _option("First day of incidents that counts; else 2022-02-24.", "DATE")
]
ControlOption = Annotated[
    str | None, _option("Regions far from any fighting, by their ids; else western ones.", "IDS")
]
PlaceboOption = Annotated[
    bool | None,
    typer.Option(
        "--placebo/--no-placebo",
        help="Compare the same places and days of peace years (default).",
        rich_help_panel=PANEL,
    ),
]
BackgroundOption = Annotated[
    bool | None,
    typer.Option(
        "--background/--no-background",
        help="Measure the p-value of the background as well (default); takes minutes.",
        rich_help_panel=PANEL,
    ),
]


class FiresOptions(NamedTuple):
    """What the command line said, None where it said nothing."""

    fires: list[Path] | None = None
    more: list[Path] | None = None
    events: Path | None = None
    population: Path | None = None
    regions: Path | None = None
    weather: Path | None = None
    land: Path | None = None
    baseline_years: str | None = None
    peace_years: str | None = None
    tested_year: int | None = None
    since: str | None = None
    control: str | None = None
    placebo: bool | None = None
    background: bool | None = None


def refuse_elsewhere(name: str, options: FiresOptions) -> None:
    """Refuse options of fires with any other evaluation.

    Raises:
        BadInput: One of them was given.
    """
    for option, given in options._asdict().items():
        if given not in (None, []):
            where = "arguments" if option == "more" else f"--{option.replace('_', '-')}"
            raise BadInput(where, f"{name} takes none, expected fires")


def asked(options: FiresOptions, data: Path | None) -> Asked:
    """Return files and years to evaluate on, read from disk.

    Args:
        options: Of the command line.
        data: Folder in which files that are not named are looked for by their usual names;
            without it, files of a grid or of weather are looked for beside the first of fires.

    Raises:
        BadInput: A file is missing or too large, or years or a date cannot be read.
    """
    from trucewatch.evaluate.fires_asked import CONTROL, SINCE, Asked

    files = list(_expanded([*(options.fires or ()), *(options.more or ())]))
    if not files and data is not None:
        files = sorted(data.glob(_FIRES_NAMES))
    if not files:
        raise BadInput("--fires", "is missing, expected files of fire pixels, or --data")
    beside = files[0].parent if data is None else data
    named = {kind: _found(kind, getattr(options, kind), beside) for kind in _LAYERS}
    events = options.events if data is None else _found("events", options.events, data)
    if events is None:
        raise BadInput("--events", "is missing, expected a file of geolocated incidents")
    return Asked(
        fires={str(file): _read(file) for file in files},
        events=(str(events), _read(events)),
        layers={kind: (str(file), _read(file)) for kind, file in named.items() if file},
        baseline_years=_years("--baseline-years", options.baseline_years),
        peace_years=_years("--peace-years", options.peace_years),
        tested_year=options.tested_year,
        since=SINCE if options.since is None else _day(options.since),
        placebo=options.placebo is not False,
        background=options.background is not False,
        control=tuple(_listed(options.control)) or CONTROL,
    )


def _expanded(files: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once; for a folder those of fires in it, for names with commas each."""
    for named in dict.fromkeys(files):
        if named.is_dir():
            yield from sorted(named.glob(_FIRES_NAMES))
        elif not named.exists() and "," in str(named):
            yield from map(Path, _listed(str(named)))
        else:
            yield named


def _found(kind: str, named: Path | None, beside: Path) -> Path | None:
    """Return the file of a kind: the one named, else the only one of its name in the folder.

    Raises:
        BadInput: The folder holds several.
    """
    if named is not None:
        return named
    there = sorted(beside.glob(_NAMES[kind]))
    if len(there) > 1:
        names = ", ".join(file.name for file in there)
        option = f"--{kind}"
        raise BadInput(option, f"{names} could be meant, expected one to be named")
    return there[0] if there else None


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise BadInput(str(file), "no such file, expected a table")
    if file.stat().st_size > _READ_BYTES_MAX:
        raise BadInput(str(file), f"is larger than {_READ_BYTES_MAX} bytes, expected a table")
    return file.read_bytes()


def _years(option: str, text: str | None) -> tuple[int, ...]:
    """Return years from a list such as 2012,2013,2018-2021, ascending.

    Raises:
        BadInput: The text is no such list.
    """
    years: set[int] = set()
    for part in _listed(text):
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            raise BadInput(option, f"is {text!r}, expected years such as 2012,2013,2018-2021")
        years |= set(range(int(first), int(last or first) + 1))
    return tuple(sorted(years))


def _listed(text: str | None) -> Iterable[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("--since", f"is {text!r}, expected a date such as 2022-02-24") from error
