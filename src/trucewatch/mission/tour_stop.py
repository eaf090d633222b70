"""One stop of the tour: what is said at it, and the same for programs."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

WIDTH = 98
"""Columns of a line."""


class Line(NamedTuple):
    """One line, and how long it lets a reader wait.

    Attributes:
        text: At most `WIDTH` columns.
        after_s: Time of the mission that passes before it, for a night that is played.
    """

    text: str = ""
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What one stop shows.

    Attributes:
        number: Its place, from 1.
        title: What it is about.
        lines: What is said, in order.
        found: Every figure and name in it, by what it is.
        commands: What a reader may type to see it again, without the name of the program.
    """

    number: int
    title: str
    lines: tuple[Line, ...]
    found: Mapping[str, Json]
    commands: tuple[str, ...] = field(default=())


def prose(text: str, *, indent: int = 0, hang: int = 0) -> Iterator[Line]:
    """Yield a text as lines.

    Args:
        text: Any length.
        indent: Spaces before each line.
        hang: More spaces before each line but the first.
    """
    before = " " * indent
    for each in textwrap.wrap(
        text,
        WIDTH,
        initial_indent=before,
        subsequent_indent=before + " " * hang,
        break_on_hyphens=False,
    ):
        yield Line(each)


def clock(at: datetime) -> str:
    """Return an instant as people say it, such as `18 Sep 23:12:03`."""
    return f"{at.day} {at:%b %H:%M:%S}"
