"""Write the generated parts of the reference pages: `python -m docs.generate` from the clone.

A page keeps its own words; what stands between `<!-- begin generated NAME -->` and the matching
`end` line is replaced by what the code says today; pictures are drawn and copies made anew. With
`--check` nothing is written, stale pages are named, and the exit code is 1 when there are any.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import typer

from docs.columns import tables
from docs.examples import formats
from docs.plots import zero
from docs.prose import attributes, opening, rows, sentences, shown
from trucewatch import errors
from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.party import Role
from trucewatch.agreement.rule import COUNTING_RULES, Modality, Thresholds
from trucewatch.agreement.zone import Edges
from trucewatch.assess import kinds
from trucewatch.cli.app import app
from trucewatch.fuse.settings import RANGES
from trucewatch.mission.settings import named_sections, sections
from trucewatch.observe import sensor, sensors
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.sensor import SensorModel
from trucewatch.report.bulletin.five import RULE_WORDS
from trucewatch.serve.terms import glossary_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DOCS = Path(__file__).resolve().parent
MARKED = re.compile(
    r"(?P<begin><!-- begin generated (?P<name>[a-z-]+) -->\n)(?P<old>.*?)"
    r"(?P<end><!-- end generated (?P=name) -->)",
    re.DOTALL,
)


class _Parameter(Protocol):
    """An argument or option, as far as a page shows it."""

    name: str
    param_type_name: str
    opts: Sequence[str]
    metavar: str | None
    help: str | None
    default: object
    required: bool
    is_flag: bool


class _Group(Protocol):
    """A command that has others below it."""

    commands: Mapping[str, Any]


class _Number(Protocol):
    """A column of numbers, as far as a page shows it."""

    low: int
    high: int
    open_low: bool
    whole: bool


def commands() -> str:
    """Return one heading per command and subcommand, with its arguments and options."""
    return "\n".join(_commands(cast("_Group", typer.main.get_command(app)), "tw"))


def _commands(group: _Group, path: str, given: str = "") -> Iterable[str]:
    for name, command in group.commands.items():
        whole = f"{path} {name}"
        typed = f"{path} {given} {name}" if given else whole
        depth = "#" * len(whole.split())
        yield f"{depth} {whole}\n\n{sentences(command.help or '')}\n"
        if hasattr(command, "commands"):
            below = [p.metavar or "" for p in command.params if p.param_type_name == "argument"]
            yield from _commands(command, whole, " ".join(below))
        else:
            yield f"```text\n{_usage(typed, command.params)}\n```\n"
            if command.params:
                yield rows(("name", "meaning", "default"), map(_parameter, command.params))


def _usage(path: str, params: Sequence[_Parameter]) -> str:
    given = [p.metavar or p.name.upper() for p in params if p.param_type_name == "argument"]
    given += [_flag(p) if p.required else f"[{_flag(p)}]" for p in params if _is_option(p)]
    return " ".join([path, *given])


def _is_option(param: _Parameter) -> bool:
    return bool(param.param_type_name == "option")


def _flag(param: _Parameter) -> str:
    if param.is_flag:
        return str(param.opts[0])
    return f"{param.opts[0]} {param.metavar or param.name.upper()}"


def _parameter(param: _Parameter) -> tuple[str, str, str]:
    name = f"`{_flag(param) if _is_option(param) else param.metavar}`"
    default = "required" if param.required else shown(param.default)
    return name, param.help or _PLAIN_OPTIONS.get(param.name, ""), default


_PLAIN_OPTIONS = {"seed": "Another seed, another world.", "days": "Days to simulate."}


def settings() -> str:
    """Return one heading per section and key of `mission.toml`, sensors' sections included."""
    parts = []
    for name, kind in {**sections(), **named_sections()}.items():
        words = opening(kind.__doc__ or "").removeprefix(f"`[{name}]`: ")
        parts.append(f"## [{name}]\n\n{sentences(words[:1].upper() + words[1:])}\n")
        said = attributes(kind)
        for field in dataclasses.fields(kind):
            default = _default(field)
            low_high = RANGES.get(field.name) if name == "fusion" else None
            span = f", {low_high[0]:g} to {low_high[1]:g}" if low_high else ""
            kind_words = _KINDS[str(field.type)]
            words = f"{kind_words}, {default}{span}"
            parts.append(f"### {name}.{field.name}\n\n{words}.\n\n{sentences(said[field.name])}\n")
    for name in sensors():
        parts.append(f"## [sensors.{name}]\n\nSettings of the sensor `{name}`.\n")
        module = sensor(name)
        if not module.SETTINGS:
            parts.append("It has none.\n")
        for key, default in module.SETTINGS.items():
            words = f"Text, default {shown(default)}.\n\n{sentences(module.SETTINGS_HELP[key])}.\n"
            parts.append(f"### sensors.{name}.{key}\n\n{words}")
    return "\n".join(parts)


def _default(field: dataclasses.Field) -> str:
    if field.default is not dataclasses.MISSING:
        return f"default {shown(field.default)}"
    return "required" if field.default_factory is dataclasses.MISSING else "empty by default"


_KINDS = {
    "str": "Text",
    "bool": "`true` or `false`",
    "float": "Number",
    "float | None": "Number",
    "int": "Whole number",
    "tuple[str, ...]": "List of text",
    "Mapping[str, float]": "Table of numbers",
    "Mapping[str, tuple[float, float]]": "Table of pairs of numbers",
}


def sensor_pages() -> str:
    """Return one heading per sensor: words, columns, ranges, features, model, settings."""
    return "\n".join(_sensor(name) for name in sensors())


def _sensor(name: str) -> str:
    module: Any = sensor(name)
    parts = [f"## {name}\n\n{sentences(module.__doc__)}\n"]
    if found := getattr(module, "COLUMNS", ()):
        cells = [
            (f"`{c.name}`", ", ".join(f"`{s}`" for s in c.spelled), "yes" if c.required else "no")
            for c in found
        ]
        parts.append("### Columns of " + name + "\n")
        parts.append(rows(("column", "headers that mean it", "required"), cells))
    if ranges := getattr(module, "NUMBERS", ()):
        cells = [(f"`{n.column}`", f"`{n.to}`", _range(n)) for n in ranges]
        parts.append("A row with a number outside its range is refused.\n")
        parts.append(rows(("column", "read as", "range"), cells))
    if labels := getattr(module, "KINDS", {}):
        parts.append("Each label means one class.\n")
        parts.append(rows(("label", "class"), ((f"`{k}`", f"`{v}`") for k, v in labels.items())))
    parts.append(f"### Features of {name}\n\nArchive family `{module.FAMILY}`.\n")
    if features := getattr(module, "FEATURES", {}):
        parts.append(rows(("feature", "type"), ((f"`{k}`", v) for k, v in features.items())))
    parts.append(f"### Model of {name}\n")
    parts.append(_model(module.MODEL))
    return "\n".join(parts)


def _range(number: _Number) -> str:
    low = f"above {number.low}, up" if number.open_low else str(number.low)
    whole = ", whole" if number.whole else ""
    return f"{low} to {number.high}{whole}"


def _model(model: SensorModel) -> str:
    said = attributes(SensorModel)
    cells = [
        (f"`{f.name}`", getattr(model, f.name), said[f.name])
        for f in dataclasses.fields(model)
        if f.name not in {"meaning_p", "source"}
    ]
    means = [
        (f"`{reported}`", ", ".join(f"{kind} {share:g}" for kind, share in meant.items()))
        for reported, meant in model.meaning_p.items()
    ]
    words = f"{said['meaning_p']}\n\n" + rows(("reported class", "what it was"), means)
    return (
        rows(("figure", "value", "meaning"), cells)
        + f"\n{words}\n{sentences(f'Source: {model.source}.')}\n"
    )


def error_table() -> str:
    """Return every exception with its exit code and meaning."""
    found = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.TruceWatchError) and kind is not errors.TruceWatchError
    ]
    cells = [
        (f"[{k.__name__}](#{k.__name__.lower()})", k.exit_code, opening(k.__doc__ or ""))
        for k in found
    ]
    return rows(("exception", "exit code", "meaning"), cells)


def happenings() -> str:
    """Return every class, its words and which counting rule counts it."""
    return rows(
        ("class", "in a bulletin", "incident", "osce_unit", "an act"),
        (
            (f"`{h.name}`", h.text, *map(_yes, (h.forms_incident, h.osce_unit, h.act)))
            for h in HAPPENINGS.values()
        ),
    )


def _yes(value: object) -> str:
    return value if isinstance(value, str) and value else "yes" if value else "no"


def counting_rules() -> str:
    """Return the words of the counting rules that a bulletin uses, and all names there are."""
    names = ", ".join(f"`{name}`" for name in COUNTING_RULES)
    quoted = "\n\n".join(f"> {sentences(t)}".replace("\n", "\n> ") for t in _RULE_WORDS)
    return f"An agreement may name one of: {names}.\n\n{quoted}\n"


_RULE_WORDS = tuple(RULE_WORDS.values())


def agreement_values() -> str:
    """Return the words that an agreement may use, and the thresholds with their defaults."""
    acts = [name for name, kind in HAPPENINGS.items() if kind.act]
    allowed: tuple[tuple[str, Iterable[object]], ...] = (
        ("role of a party", Role),
        ("state of a term", Clarity),
        ("edges of a zone", Edges),
        ("modality of a rule", Modality),
        ("kind of a rule that can be checked", kinds()),
        ("counting_rule", COUNTING_RULES),
        ("acts", acts),
        ("outcome of an assessment", Outcome),
        ("why, of an indeterminate one", Missing),
    )
    words = rows(
        ("key", "values"), ((key, ", ".join(map(shown, values))) for key, values in allowed)
    )
    said = attributes(Thresholds)
    cells = [
        (f"`{f.name}`", shown(f.default), said[f.name]) for f in dataclasses.fields(Thresholds)
    ]
    return words + "\n" + rows(("threshold", "default", "meaning"), cells)


BLOCKS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "settings": settings,
    "sensors": sensor_pages,
    "errors": error_table,
    "happenings": happenings,
    "counting-rules": counting_rules,
    "agreement-values": agreement_values,
    "tables": tables,
    "formats": formats,
    **{name: partial(zero.markdown, name) for name in zero.NAMES},
}
"""What may stand between markers, by name."""


def renewed(text: str) -> str:
    """Return a page with its generated parts as the code says them today."""
    return MARKED.sub(lambda m: f"{m['begin']}\n{BLOCKS[m['name']]()}\n{m['end']}", text)


def pictures() -> dict[Path, str]:
    """Return each picture that is drawn by a tool, as it should be."""
    return {DOCS / "images" / f"{name}.svg": plot.svg for name, plot in zero.plots().items()}


def copies() -> dict[Path, str]:
    """Return each page that is a copy of a file of the package, as it should be."""
    return {DOCS / "glossary.md": glossary_text()}


def stale() -> dict[Path, str]:
    """Return each page and picture that differs from what it should be, with what it should be."""
    wanted = {page: renewed(page.read_text()) for page in sorted(DOCS.rglob("*.md"))}
    wanted |= pictures() | copies()
    return {
        path: fresh
        for path, fresh in wanted.items()
        if not path.exists() or path.read_text() != fresh
    }


def main() -> int:
    """Write stale pages and pictures, or with `--check` name them and return 1."""
    found = stale()
    for page, fresh in found.items():
        sys.stdout.write(f"{page.relative_to(DOCS.parent)}\n")
        if "--check" not in sys.argv[1:]:
            page.write_text(fresh)
    return 1 if found and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
