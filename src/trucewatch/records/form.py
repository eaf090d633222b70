"""The form of what a statement says: which members, and what each may be.

A predicate has exactly the members of its form. A form maps each to a kind: `text` (not blank),
`hex` (32 bytes as 64 lowercase digits), `instant`, `count` (an integer from 0), `flag`, `texts` (a
list of texts in order, none twice), `words` (a table of text by name), `seen` (a head of a log:
`origin`, `size`, `root`). A kind with a question mark after it may be null as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trucewatch.records.canonical import Json

Form = dict[str, str]
"""Kind by member."""

_HEX64 = re.compile(r"[0-9a-f]{64}")
_COUNT_MAX = 2**53 - 1  # largest integer that every JSON reader keeps


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


_KINDS: dict[str, tuple[Callable[[Json], bool], str]] = {
    "text": (is_text, "text on one line"),
    "hex": (is_hex64, "64 lowercase hex digits"),
    "instant": (_is_instant, "a time as YYYY-MM-DDTHH:MM:SS.ffffffZ"),
    "count": (_is_count, "an integer from 0"),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "texts": (_are_texts, "a list of texts in order, none twice"),
    "words": (_are_words, "a table of text by name"),
    "seen": (_is_seen, "origin, size and root of a log"),
}
