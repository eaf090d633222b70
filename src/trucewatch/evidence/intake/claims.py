"""Values that a file claims about itself: as they stand, made fit for JSON and for a screen."""

from __future__ import annotations

import math

TEXT_MAX = 200  # characters of one claimed value
PROBLEM_MAX = 400  # characters of what a parser says


def text(value: object) -> str | None:
    r"""Return a claimed text without control characters, cut at `TEXT_MAX`; None when it is empty.

    Example:
        >>> text(b"ACME\x00")
        'ACME'
    """
    held = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    shown = "".join(c if c.isprintable() else "?" for c in held.strip("\x00 \t\r\n")[:TEXT_MAX])
    return shown or None


def number(value: object) -> float | None:
    """Return a claimed number, or None when it is none that JSON can hold.

    Example:
        >>> number("7.5"), number(float("nan"))
        (7.5, None)
    """
    try:
        held = float(value)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError, ValueError):
        return None
    return held if math.isfinite(held) else None


def printable(text: str) -> str:
    """Return a text from outside without what could deceive a terminal or a page."""
    return "".join(c if c.isprintable() else "?" for c in text[:PROBLEM_MAX])
