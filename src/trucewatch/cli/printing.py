"""How verbs speak: plain lines and tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

HomeArgument = Annotated[Path, typer.Argument(metavar="HOME", help="The mission's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AsOfOption = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="As known at this time (RFC 3339): what the log held then, read by today's code.",
    ),
]


def say(line: str = "") -> None:
    """Print one line to standard output."""
    typer.echo(line)


def counted(n: int, what: str) -> str:
    """Return a number with its noun, `1 row` or `6,250 rows`."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def progress(line: str) -> None:
    """Print one line of progress to standard error, so that output can be piped."""
    typer.echo(line, err=True)


def print_json(value: object) -> None:
    """Print a value as indented JSON; times as RFC 3339 text."""
    json.dump(value, sys.stdout, default=_plain, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)


def rows(table: pl.DataFrame) -> list[dict[str, object]]:
    """Return a table as a list of rows, JSON columns opened."""
    opened = {c for c in ("class_p", "trace") if c in table.columns}
    return [
        {k: json.loads(v) if k in opened and isinstance(v, str) else v for k, v in row.items()}
        for row in table.iter_rows(named=True)
    ]


def parse_time(text: str, *, option: str) -> datetime | None:
    """Return an aware time from RFC 3339 text, or None from "".

    Raises:
        BadInput: Not a time, or a time without a zone.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(option, f"is {text!r}, expected a time such as 2026-06-27T16:30Z") from error
    if found.tzinfo is None:
        raise BadInput(option, f"is {text!r} without a zone, expected one such as {text}Z")
    return found


def parse_day(text: str, *, option: str) -> date | None:
    """Return a day from YYYY-MM-DD, or None from "".

    Raises:
        BadInput: Not a day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(option, f"is {text!r}, expected a day such as 2026-06-27") from error
