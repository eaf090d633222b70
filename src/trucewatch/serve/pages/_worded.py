"""How pages write lengths of time, distances, sizes and plain values, in the reader's language."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from babel import units

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.serve.tongue import Tongue

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z")
_SPANS = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0))
_FINE = 10.0  # below so many of a unit one decimal is told
_KM_M = 1_000.0
_SIZES = (("gigabyte", 1e9), ("megabyte", 1e6), ("kilobyte", 1e3))
_LEAST_P = 0.001
_DIGITS = 5  # after the point of a measured value, as degrees need
_FINEST = 10.0**-_DIGITS


def span(seconds_s: float, tongue: Tongue, *, signed: bool = False) -> str:
    """Return a length of time in the largest unit that it fills."""
    size_s = abs(seconds_s)
    name, unit_s = next(((n, u) for n, u in _SPANS if size_s >= u), _SPANS[-1])
    return _sign(seconds_s, signed=signed) + _unit(size_s / unit_s, f"duration-{name}", tongue)


def distance(metres_m: float, tongue: Tongue) -> str:
    """Return a distance, in metres below one kilometre."""
    if metres_m < _KM_M:
        return units.format_unit(round(metres_m), "length-meter", "short", locale=tongue.locale)
    return _unit(metres_m / _KM_M, "length-kilometer", tongue)


def size(count_bytes: int, tongue: Tongue) -> str:
    """Return the size of an object."""
    for name, unit_bytes in _SIZES:
        if count_bytes >= unit_bytes:
            return _unit(count_bytes / unit_bytes, f"digital-{name}", tongue)
    return units.format_unit(count_bytes, "digital-byte", "long", locale=tongue.locale)


def chance(chance_p: float, tongue: Tongue) -> str:
    """Return a probability to three decimals, and never a false certainty."""
    if chance_p < _LEAST_P:
        return f"< {tongue.number(_LEAST_P, 3)}"
    if chance_p > 1 - _LEAST_P:
        return f"> {tongue.number(1 - _LEAST_P, 3)}"
    return tongue.number(chance_p, 3)


def instants(text: str) -> str:
    """Return a text with its instants to the minute.

    Example:
        >>> instants("from 2030-09-01T00:00:00.000000Z")
        'from 2030-09-01 00:00 UTC'
    """
    return _INSTANT.sub(r"\1 \2 UTC", text)


def value_words(value: object, tongue: Tongue) -> str:
    """Return what a condition found, for people."""
    if isinstance(value, dict):
        told = (f"{str(k).replace('_', ' ')} {value_words(v, tongue)}" for k, v in value.items())
        return ", ".join(told)
    if isinstance(value, list):
        return ", ".join(value_words(each, tongue) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value, tongue)
    return "none" if value is None else instants(str(value))


def number(amount: float, tongue: Tongue) -> str:
    """Return a number to as many digits as people read, and none that say nothing.

    Example:
        >>> from trucewatch.serve.tongue import tongue
        >>> [number(each, tongue("en")) for each in (2.50, 19_200.000_000_4, 0.000_001_25)]
        ['2.5', '19,200', '1.25e-06']
    """
    if not math.isfinite(amount):
        return str(amount)
    if 0 < abs(amount) < _FINEST:
        return f"{amount:.3g}"
    exact = f"{amount:.{_DIGITS if abs(amount) < _KM_M else 1}f}".rstrip("0")
    return tongue.number(amount, len(exact.partition(".")[2]))


def gap_s(start: datetime, end: datetime) -> float:
    """Return the seconds from one instant to another."""
    return (end - start).total_seconds()


def _sign(amount: float, *, signed: bool) -> str:
    if not signed or amount == 0:
        return ""
    return "+" if amount > 0 else "\u2212"


def _unit(amount: float, name: str, tongue: Tongue) -> str:
    pattern = "#,##0.0" if amount < _FINE and not math.isclose(amount, round(amount)) else "#,##0"
    return units.format_unit(amount, name, "short", format=pattern, locale=tongue.locale)
