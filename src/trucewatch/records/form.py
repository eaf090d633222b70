"""The form of what a statement says: which members, and what each may be.

A predicate has exactly the members of its form. A form maps each to a kind: `text` (not blank),
`hex` (32 bytes as 64 lowercase digits), `instant`, `count` (an integer from 0), `flag`, `texts` (a
list of texts in order, none twice), `words` (a table of text by name), `seen` (a head of a log:
`origin`, `size`, `root`). A kind with a question mark after it may be null as well.

Of what people enter in the logbook there are besides: `word` (an id as an agreement writes it),
`ids` (a list of words in order, none twice), `number` (a finite number from 0), `place` (`lat_deg`,
`lon_deg` and `error_m`, one standard deviation along each axis), `ring` (corners of an area as
longitude and latitude, the first not repeated), `counts` (whole numbers by word), `shares`
(probabilities by word that sum to no more than 1). What has no largest size of its own gets one
from `check_form`'s callers.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.instant import parse_instant
from trucewatch.records.ring import is_simple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trucewatch.records.canonical import Json

Form = dict[str, str]
"""Kind by member."""

_HEX64 = re.compile(r"[0-9a-f]{64}")
_COUNT_MAX = 2**53 - 1  # largest integer that every JSON reader keeps
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")  # as an agreement writes its ids
_CORNERS_MAX = 500  # of a ring: no map of an exercise or a flight has more
_SUM_SLACK = 1e-9  # of shares that were rounded as doubles


def check_form(predicate: Mapping[str, Json], form: Form, *, where: str) -> None:
    """Check that a predicate has exactly the members of its form, each of its kind.

    Args:
        predicate: What a statement says.
        form: Kind by member.
        where: How to name the statement in an error.

    Raises:
        BadInput: A member is missing, too many, or of another kind; the message names it.

    Example:
        >>> check_form({"by": "A. Analyst"}, {"by": "text"}, where="entry 7")
    """
    if sorted(predicate) != sorted(form):
        found = ", ".join(sorted(predicate)) or "nothing"
        raise BadInput(where, f"says {found}, expected {', '.join(sorted(form))}")
    for name, kind in form.items():
        value = predicate[name]
        if kind.endswith("?") and value is None:
            continue
        test, expected = _KINDS[kind.removesuffix("?")]
        if not test(value):
            raise BadInput(where, f"{name} is {str(value)[:80]!r}, expected {expected}")


def is_hex64(value: Json) -> bool:
    """Return whether a value is 32 bytes as lowercase hex."""
    return isinstance(value, str) and _HEX64.fullmatch(value) is not None


def is_text(value: Json) -> bool:
    """Return whether a value is text that is not blank and has no line breaks or controls."""
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def is_word(value: Json) -> bool:
    """Return whether a value is an id as an agreement writes it, such as `ALPHA`."""
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _is_instant(value: Json) -> bool:
    try:
        parse_instant(value if isinstance(value, str) else "", where="instant")
    except BadInput:
        return False
    return True


def _is_count(value: Json) -> bool:
    return type(value) is int and 0 <= value <= _COUNT_MAX


def _are_texts(value: Json) -> bool:
    if not isinstance(value, list) or not all(map(is_text, value)):
        return False
    texts = [str(each) for each in value]
    return texts == sorted(set(texts))


def _are_words(value: Json) -> bool:
    return isinstance(value, dict) and all(is_text(k) and is_text(v) for k, v in value.items())


def _is_seen(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and sorted(value) == ["origin", "root", "size"]
        and is_text(value["origin"])
        and is_hex64(value["root"])
        and _is_count(value["size"])
    )


def _are_ids(value: Json) -> bool:
    return _are_texts(value) and isinstance(value, list) and all(map(is_word, value))


def _is_number(value: Json) -> bool:
    return _is_between(value, 0, _COUNT_MAX)


def _is_between(value: Json, least: int, most: int) -> bool:
    """Whether a value is a finite number, and no truth value, between two bounds."""
    return type(value) in {int, float} and least <= value <= most  # type: ignore[operator]


def _is_at(lon_deg: Json, lat_deg: Json) -> bool:
    return _is_between(lon_deg, -180, 180) and _is_between(lat_deg, -90, 90)


def _is_place(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and sorted(value) == ["error_m", "lat_deg", "lon_deg"]
        and _is_at(value["lon_deg"], value["lat_deg"])
        and _is_number(value["error_m"])
        and value["error_m"] != 0
    )


def _is_ring(value: Json) -> bool:
    if not isinstance(value, list) or len(value) > _CORNERS_MAX:
        return False
    corners = []
    for corner in value:
        if not (isinstance(corner, list) and len(corner) == 2 and _is_at(*corner)):  # noqa: PLR2004
            return False
        corners.append((float(str(corner[0])), float(str(corner[1]))))
    return is_simple(corners)


def _are_counts(value: Json) -> bool:
    return isinstance(value, dict) and all(is_word(k) and _is_count(v) for k, v in value.items())


def _are_shares(value: Json) -> bool:
    if not isinstance(value, dict) or not all(map(is_word, value)):
        return False
    shares = [float(str(v)) for v in value.values() if _is_between(v, 0, 1)]
    return len(shares) == len(value) and math.fsum(shares) <= 1 + _SUM_SLACK


_KINDS: dict[str, tuple[Callable[[Json], bool], str]] = {
    "text": (is_text, "text on one line"),
    "hex": (is_hex64, "64 lowercase hex digits"),
    "instant": (_is_instant, "a time as YYYY-MM-DDTHH:MM:SS.ffffffZ"),
    "count": (_is_count, "an integer from 0"),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "texts": (_are_texts, "a list of texts in order, none twice"),
    "words": (_are_words, "a table of text by name"),
    "seen": (_is_seen, "origin, size and root of a log"),
    "word": (is_word, "a letter and then letters, digits, dash or underscore, at most 64"),
    "ids": (_are_ids, "a list of words in order, none twice"),
    "number": (_is_number, "a number from 0"),
    "place": (_is_place, "lat_deg, lon_deg and error_m, which is over 0"),
    "ring": (
        _is_ring,
        "3 to 500 corners [longitude, latitude] of an area that does not cross itself",
    ),
    "counts": (_are_counts, "a table of whole numbers by word"),
    "shares": (_are_shares, "a table of numbers 0 to 1 by word, together at most 1"),
}
