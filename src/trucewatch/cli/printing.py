"""How verbs speak: plain lines and tables for people, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
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


LimitOption = Annotated[int, typer.Option(min=0, help="Rows to print; 0 for all.")]
_STEERING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of what follows
_UNPRINTED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_STEERING}]")

_YEARS = 1900, 2999  # room on both sides for windows and delays


def plain(text: str) -> str:
    """Return text in which nothing can steer a terminal, as names and rows from outside may."""
    return _UNPRINTED.sub(lambda found: ascii(found[0])[1:-1], text)


def say(line: str = "") -> None:
    """Print one line to standard output.

    When whoever read it has had enough, as `head` has, the verb still does all of its work.
    """
    try:
        typer.echo(plain(line))
    except BrokenPipeError:
        forget_output()


def forget_output() -> None:
    """Send output nowhere from now on, so that the interpreter's last flush cannot fail."""
    if sys.__stdout__ is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def counted(n: int, what: str) -> str:
    """Return a number with its noun, `1 row` or `6,250 rows`."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def progress(line: str) -> None:
    """Print one line of progress to standard error, so that output can be piped."""
    typer.echo(plain(line), err=True)


def print_json(value: object) -> None:
    """Print a value as indented JSON; times as RFC 3339 text."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, default=_plain, indent=2, ensure_ascii=not unicode, allow_nan=False)
    say(_UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


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
        example = text if len(text) > len("2026-06-27") else f"{text}T00:00"
        raise BadInput(option, f"is {text!r} without a zone, expected one such as {example}Z")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise BadInput(option, f"is {text!r}, expected a time in the years 1 to 9999") from error


def parse_day(text: str, *, option: str) -> date | None:
    """Return a day from YYYY-MM-DD, or None from "".

    Raises:
        BadInput: Not a day.
    """
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(option, f"is {text!r}, expected a day such as 2026-06-27") from error
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise BadInput(option, f"is {text!r}, expected a day in the years 1900 to 2999")
    return found
