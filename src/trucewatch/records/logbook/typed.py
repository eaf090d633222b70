"""What a person types for the members of an act, as the log keeps it.

Times come as RFC 3339 with any offset, a place as `lat,lon,error_m`, a ring as corners `lon,lat`
between blanks, counts and shares as `NAME=NUMBER` between commas, lists between commas. A member
that may be null is null when nothing is typed for it. Texts are kept in Unicode form NFC and
without blanks around them.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

HOW = {
    "count": "a whole number, such as 3",
    "counts": "NAME=NUMBER,NAME=NUMBER; empty for none",
    "flag": "yes or no",
    "ids": "NAME,NAME; empty for none",
    "instant": "a time such as 2026-07-10T08:00Z",
    "number": "a number, such as 1500",
    "place": "LAT,LON,ERROR: degrees, and one standard error in metres",
    "ring": "corners of an area, LON,LAT LON,LAT LON,LAT, in degrees",
    "shares": "NAME=PROBABILITY,NAME=PROBABILITY; empty for none",
    "text": "words on one line",
    "texts": "words between commas; empty for none",
    "word": "one word: letters, digits, dash or underscore",
}
"""How each kind of member is typed."""


def typed(form: Form, given: Mapping[str, str], *, where: str) -> dict[str, Json]:
    """Return the detail of an act from what was typed for it.

    Args:
        form: Kind by member.
        given: Text by member.
        where: How to name the act in an error.

    Raises:
        BadInput: A member is not in the form, one that it needs is not given, or a text cannot be
            read as its kind. What can be read is checked against its form by `read_step`.
    """
    strange = sorted(set(given) - set(form))
    missing = sorted(
        name for name, kind in form.items() if name not in given and not kind.endswith("?")
    )
    if strange or missing:
        problem = f"has no {', '.join(strange)}" if strange else f"lacks {', '.join(missing)}"
        raise BadInput(where, f"{problem}, expected {', '.join(sorted(form)) or 'no details'}")
    return {
        name: _typed(kind.removesuffix("?"), given[name], f"{where}: {name}")
        if name in given
        else None
        for name, kind in sorted(form.items())
    }


def instant(text: str, *, where: str) -> str:
    """Return a time with any offset in the one form that the log keeps.

    Raises:
        BadInput: It is no time, or one without an offset.
    """
    problem = f"is {text[:80]!r}, expected {HOW['instant']}"
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise BadInput(where, problem)
        return instant_text(found.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise BadInput(where, problem) from error


def clean(text: str) -> str:
    """Return a text in Unicode form NFC and without blanks around it, as the log keeps it."""
    return unicodedata.normalize("NFC", text.strip())


def _typed(kind: str, text: str, where: str) -> Json:
    if kind == "instant":
        return instant(text, where=where)
    try:
        return _READ[kind](clean(text))
    except (ValueError, KeyError) as error:
        raise BadInput(where, f"is {text[:80]!r}, expected {HOW[kind]}") from error


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _texts(text: str) -> Json:
    """Return a list in the order that the log keeps; a text given twice stays, and is refused."""
    return [*sorted(_parts(text))]


def _number(text: str) -> int | float:
    """Return a number as canonical JSON reads it back: a whole one is an integer."""
    found = float(text)
    return int(found) if found.is_integer() else found


def _pairs(text: str, number: Callable[[str], int | float]) -> Json:
    pairs = [part.partition("=") for part in _parts(text)]
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise ValueError(text)
    return {name.strip(): number(value) for name, _, value in pairs}


def _place(text: str) -> Json:
    lat_deg, lon_deg, error_m = map(_number, _parts(text))
    return {"error_m": error_m, "lat_deg": lat_deg, "lon_deg": lon_deg}


def _ring(text: str) -> Json:
    corners: list[Json] = []
    for corner in text.split():
        lon_deg, lat_deg = map(_number, corner.split(","))
        corners.append([lon_deg, lat_deg])
    return corners


_READ: dict[str, Callable[[str], Json]] = {
    "count": int,
    "counts": lambda text: _pairs(text, int),
    "flag": lambda text: {"yes": True, "no": False}[text],
    "ids": _texts,
    "number": _number,
    "place": _place,
    "ring": _ring,
    "shares": lambda text: _pairs(text, _number),
    "text": str,
    "texts": _texts,
    "word": str,
}
