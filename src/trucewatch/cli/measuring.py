"""`tw evaluate`: scores against a known truth, and whether they keep what was promised."""

from __future__ import annotations

import inspect
import math
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from trucewatch.cli import fires as of_fires
from trucewatch.cli.printing import JsonOption, print_json, progress, say
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evaluate.figures import Figure, Must

PANEL = "Check"
_READS: Mapping[str, str] = {"infrasound": "sensors/infrasound_detections_set2.dat"}
_READ_BYTES_MAX = 10_000_000  # the file above has 4 kB; the largest of `READS` 1 MB
_WHOLE_FROM = 1_000  # larger figures are printed without decimals
_SHOWN = (
    "name",
    "seed",
    "note",
    "interval",
    "metrics",
    "must",
    "rules",
    "layers",
    "counts",
    "cannot_say",
)
_INTERVAL = "95 % interval"
_DRAWN = ("association",)  # evaluations that hand back deciles


class _Measure(Protocol):
    def __call__(self, **given: object) -> dict[str, object]: ...


def evaluate(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Such as association, arrivals, location or infrasound; list names them all.",
        ),
    ],
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other trials.")] = 1,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of real records; infrasound and truce need it."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the reliability of memberships here, as SVG."),
    ] = None,
    more: of_fires.MoreFiles = None,
    *,
    fires: of_fires.FilesOption = None,
    events: of_fires.EventsOption = None,
    baseline_years: of_fires.BaselineOption = None,
    peace_years: of_fires.PeaceOption = None,
    tested_year: of_fires.TestedOption = None,
    since: of_fires.SinceOption = None,
    placebo: of_fires.PlaceboOption = None,
    control: of_fires.ControlOption = None,
    background: of_fires.BackgroundOption = None,
    weather: of_fires.WeatherOption = None,
    land: of_fires.LandOption = None,
    population: of_fires.PopulationOption = None,
    regions: of_fires.RegionsOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few small trials, to see that it works; no result.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Far more trials, for many minutes; zones only.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Score one method against a known truth; exit 1 when a promised figure is missed.

    Trials are simulated from the seed, never from one that a method was tuned on. Takes minutes.
    """
    if name == "list":
        for known in _names():
            say(known)
        return
    files = of_fires.FiresOptions(
        fires=fires, more=more, events=events, population=population, regions=regions,
        weather=weather, land=land, baseline_years=baseline_years, peace_years=peace_years,
        tested_year=tested_year, since=since, control=control, placebo=placebo,
        background=background,
    )  # fmt: skip
    measure = _measure(name)
    _check_plot(name, plot)
    given = _given(name, measure, data, files) | _fully(name, measure, full=full)
    _run(measure, name, given | {"seed": seed, "quick": quick}, plot=plot, json=json)


def _run(
    measure: _Measure, name: str, given: dict[str, object], *, plot: Path | None, json: bool
) -> None:
    """Measure, print, and leave with 1 when a promised figure is missed."""
    from trucewatch.evaluate.figures import holds

    progress(f"Measuring {name}, seed {given['seed']} ...")
    found = measure(**given)
    if given["quick"]:  # nothing that small is a result, so nothing is held against a promise
        found = {**found, "must": [], "note": f"quick, no result: {found['note']}"}
    if plot is not None:
        _draw(found, plot)
    _print(found, json=json)
    if not holds(found):
        raise typer.Exit(1)


def _names() -> list[str]:
    """Return every evaluation: modules of `evaluate` whose `measure` takes a seed and `quick`."""
    package = import_module("trucewatch.evaluate")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if _found(m.name))


def _found(name: str) -> _Measure | None:
    measure: _Measure | None = getattr(
        import_module(f"trucewatch.evaluate.{name}"), "measure", None
    )
    if measure is None or not {"seed", "quick"} <= set(inspect.signature(measure).parameters):
        return None
    return measure


def _measure(name: str) -> _Measure:
    package = import_module("trucewatch.evaluate")
    there = name in {m.name for m in pkgutil.iter_modules(package.__path__)}
    measure = _found(name) if there else None
    if measure is None:
        problem = f"{name!r} is not known, expected one of {', '.join(_names())}"
        raise BadInput("evaluation", problem)
    return measure


def _given(
    name: str, measure: _Measure, data: Path | None, files: of_fires.FiresOptions
) -> dict[str, object]:
    """Return what else an evaluation asks for: real files, somebody to tell progress."""
    asked = inspect.signature(measure).parameters
    given: dict[str, object] = {"say": progress} if "say" in asked else {}
    if "asked" in asked:
        return given | {"asked": of_fires.asked(files, data)}
    of_fires.refuse_elsewhere(name, files)
    if name in _READS:
        given["text"] = _read_text(name, data)
    if "files" in asked:
        reads: tuple[str, ...] = import_module(f"trucewatch.evaluate.{name}").READS
        expected = "a file of the records that it evaluates"
        given["files"] = {file: _read(name, data, file, expected) for file in reads}
    return given


def _fully(name: str, measure: _Measure, *, full: bool) -> dict[str, object]:
    if full and "full" not in inspect.signature(measure).parameters:
        raise BadInput("--full", f"{name} has no longer run, expected zones")
    return {"full": True} if full else {}


def _read_text(name: str, data: Path | None) -> str:
    raw = _read(name, data, _READS[name], "the detections of a test range")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = str(data and data / _READS[name])
        raise BadInput(where, f"byte {error.start} is not UTF-8, expected text") from error


def _read(name: str, data: Path | None, file: str, expected: str) -> bytes:
    if data is None:
        raise BadInput("--data", f"is missing, {name} needs the folder that holds {file}")
    path = data / file
    if not path.is_file():
        raise BadInput(str(path), f"no such file, expected {expected}")
    if path.stat().st_size > _READ_BYTES_MAX:
        raise BadInput(str(path), f"is larger than {_READ_BYTES_MAX} bytes, expected a short table")
    return path.read_bytes()


def _check_plot(name: str, plot: Path | None) -> None:
    """Refuse a plot that cannot be drawn before minutes are spent on it."""
    if plot is None:
        return
    if name not in _DRAWN:
        problem = f"{name} has no reliability diagram, expected {' or '.join(_DRAWN)}"
        raise BadInput("--plot", problem)
    if plot.suffix != ".svg":
        raise BadInput("--plot", f"is {plot.name!r}, expected a name that ends in .svg")
    if not plot.parent.is_dir():
        raise BadInput("--plot", f"{plot.parent} is no folder, expected one")


def _draw(found: dict[str, object], plot: Path) -> None:
    from trucewatch.evaluate.diagram import diagram, panels

    deciles = found["deciles"]
    if isinstance(deciles, dict):
        plot.write_text(diagram(panels(deciles)), encoding="utf-8")
    progress(f"Drawn in {plot}")


def _musts(found: Mapping[str, object]) -> list[Must]:
    promised = found["must"]
    return promised if isinstance(promised, list) else []


def _print(found: dict[str, object], *, json: bool) -> None:
    if json:
        print_json(_finite({key: found[key] for key in _SHOWN if key in found}))
        return
    metrics = _finite(found["metrics"])
    say(f"{found['name']}, seed {found['seed']}: {found['note']}")
    told = found.get("text")
    for line in told if isinstance(told, list) else ():
        say(line)
    if isinstance(metrics, dict):
        _print_table(metrics, str(found.get("interval", _INTERVAL)))
    for one in _musts(found):
        verdict = "holds" if one["holds"] else "DOES NOT HOLD"
        say(f"must: {one['metric']} {one['op']} {one['bound']}: {verdict}")


def _finite(value: object) -> object:
    """Return nested figures with null for what is no number; JSON and people have none for it."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_table(metrics: Mapping[str, Figure], interval: str) -> None:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    table = Table("metric", box=None, pad_edge=False, header_style="")
    for column in ("value", "low", "high"):
        table.add_column(column, justify="right")
    for name, figure in metrics.items():
        table.add_row(name, *(_number(figure[column]) for column in ("value", "low", "high")))
    text = StringIO()
    Console(file=text, width=100, color_system=None).print(table)
    for line in text.getvalue().splitlines():
        say(line.rstrip())
    say(f"low and high: {interval}; -: not measured")


def _number(given: object) -> str:
    if not isinstance(given, int | float):
        return "-"
    return f"{given:.4g}" if abs(given) < _WHOLE_FROM else f"{given:,.0f}"


VERBS = (evaluate,)
