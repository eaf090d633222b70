"""Numbers, times, places and lists in plain words, and lines of 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from trucewatch.agreement.kinds import MATTERS
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import SupportsFloat

WIDTH = 80
INDENT = 2
_M_PER_KM = 1_000
_MIN_PER_H = 60
_H_PER_D = 24
_DAYS_FROM_H = 72  # up to here a text counts hours


def wrapped(text: str, *, depth: int = 1) -> str:
    """Return text in lines of at most 80 columns, indented; a long word is not cut."""
    indent = INDENT * depth
    return textwrap.fill(
        text,
        width=WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + INDENT if indent else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )


def listed(words: Iterable[str], *, none: str = "nobody") -> str:
    """Return words with commas, or what is said when there are none."""
    return ", ".join(words) or none


def worded(identifier: str) -> str:
    """Return an identifier that is a plain word, such as `security_zone`, as words."""
    return identifier.replace("_", " ")


def seen(matters: Iterable[str]) -> str:
    """Return what may be seen or heard, in words."""
    return "; ".join(HAPPENINGS[m].text if m in HAPPENINGS else MATTERS[m] for m in matters)


def distance(distance_m: float) -> str:
    """Return a distance in kilometres, or in metres when it is short."""
    if distance_m < _M_PER_KM:
        return f"{_digits(distance_m)} m"
    return f"{_digits(distance_m / _M_PER_KM)} km"


def duration(duration_h: float) -> str:
    """Return a time span in minutes, hours or days."""
    if duration_h > _DAYS_FROM_H and duration_h % _H_PER_D == 0:
        return _counted(duration_h / _H_PER_D, "day")
    if 0 < duration_h < 1:
        return _counted(duration_h * _MIN_PER_H, "minute")
    return _counted(duration_h, "hour")


def days(duration_d: float) -> str:
    """Return a number of days."""
    return _counted(duration_d, "day")


def minutes(duration_max_min: float) -> str:
    """Return a number of minutes."""
    return _counted(duration_max_min, "minute")


def share(part_share: float) -> str:
    """Return a share in percent."""
    return f"{_digits(part_share * 100)} %"


def instant(time: datetime) -> str:
    """Return a time with the offset that it is written with."""
    return time.isoformat(sep=" ", timespec="seconds")


def place(lon_deg: float, lat_deg: float) -> str:
    """Return a place in degrees, latitude first."""
    north = "N" if lat_deg >= 0 else "S"
    east = "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.6f} {north}  {abs(lon_deg):.6f} {east}"


def validity(since: datetime | None, until: datetime | None) -> str:
    """Return from when until when something is valid, or "" when it has no bound of its own."""
    if since is None and until is None:
        return ""
    start = "the start" if since is None else instant(since)
    end = "the end" if until is None else instant(until)
    return f"Valid from {start} until {end}."


def sentence(words: str) -> str:
    """Return words that begin with a capital letter and end with a full stop."""
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _counted(amount: SupportsFloat, unit: str) -> str:
    return f"{_digits(amount)} {unit}{'' if amount == 1 else 's'}"


def _digits(amount: SupportsFloat) -> str:
    """Return a number to a millionth, in digits."""
    return f"{float(amount):.6f}".rstrip("0").rstrip(".")
