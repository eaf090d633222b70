"""How marks are written: numbers as short as a pixel needs, text escaped, no inline style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def path(lines_px: Iterable[Floats], *, closed: bool = False) -> str:
    """Return what a path's `d` says of lines, each (n, 2), in tenths of a pixel."""
    return "".join(_line(line_px) + ("Z" if closed else "") for line_px in lines_px)


def _line(line_px: Floats) -> str:
    points: Sequence[tuple[float, float]] = line_px.round(1).tolist()
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def mark(name: str, inner: str | Markup = "", **said: object) -> Markup:
    """Return an element; a trailing underscore and inner ones of an attribute become `-` or go."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in said.items()
        if value is not None
    )
    return Markup(f"<{name}{words}>{escape(inner)}</{name}>")  # noqa: S704 - all of it is escaped


def joined(marks: Iterable[Markup]) -> Markup:
    """Return marks one after the other."""
    return Markup().join(marks)


def number(value: object) -> object:
    """Return a number to a tenth; anything else as it is."""
    return f"{round(value, 1):g}" if isinstance(value, float) else value
