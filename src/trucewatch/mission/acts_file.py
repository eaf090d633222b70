"""Acts for the logbook from a file: how liaison systems and offline patrols hand them over.

One JSON object per line, with exactly `kind`, `act`, `at`, `by` and `detail`, and `of`, `note` and
`objects` where there is something to say. `of` is the entry of the act that opened the record, or
`{"line": N}` when line N of this file opens it; `objects` is a list of the SHA-256 of what shows
the act, in order. Times are RFC 3339 with any offset; a member of `detail` that may be null may be
left out; texts are brought into Unicode form NFC, without blanks around them. Blank lines are not
allowed.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trucewatch.errors import BadInput
from trucewatch.mission.entering import NewAct
from trucewatch.records.canonical import canonical
from trucewatch.records.logbook.reading import detail_form
from trucewatch.records.logbook.typed import clean, instant

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

LINES_MAX = 10_000
"""Most acts in a file: a patrol's week has tens."""

_NEEDED = {"kind", "act", "at", "by", "detail"}
_ALLOWED = _NEEDED | {"of", "note", "objects"}


def read_acts(raw: bytes, *, name: str) -> list[NewAct]:
    """Return the acts in a file, in its order.

    Args:
        raw: Its bytes.
        name: How to name it in an error.

    Raises:
        BadInput: Not UTF-8, too long, or a line is not an act; the message names the line. What a
            line says is checked when it is entered.
    """
    try:
        lines = raw.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(name, f"is not UTF-8 at byte {error.start}, expected JSON lines") from error
    if len(lines) > LINES_MAX:
        raise BadInput(name, f"has {len(lines)} lines, must be at most {LINES_MAX}")
    return [_act(line, f"{name}:{number}") for number, line in enumerate(lines, start=1)]


def _act(line: str, where: str) -> NewAct:
    try:
        raw = json.loads(line, object_pairs_hook=_once)
        canonical(raw)  # no number and no text that the log could not hold
        said: Any = _cleaned(raw)
    except BadInput as error:
        raise BadInput(where, error.problem) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(where, f"is not JSON ({error}), expected an act") from error
    if not isinstance(said, dict) or not _NEEDED <= set(said) <= _ALLOWED:
        found = ", ".join(sorted(said)) if isinstance(said, dict) else type(said).__name__
        raise BadInput(where, f"says {found}, expected {', '.join(sorted(_ALLOWED))}")
    return _new(said, where)


def _new(said: dict[str, Any], where: str) -> NewAct:
    """Return the act that a line's members say.

    Raises:
        BadInput: A member is of another kind.
    """
    for member in ("kind", "act", "at", "by"):
        if not isinstance(said[member], str):
            raise BadInput(where, f"{member} is {str(said[member])[:80]!r}, expected text")
    note, detail = said.get("note"), said["detail"]
    if not isinstance(detail, dict) or not (note is None or (isinstance(note, str) and note)):
        raise BadInput(where, "detail or note is of another kind, expected a table and text")
    objects = said.get("objects", [])
    if not isinstance(objects, list) or not all(isinstance(each, str) for each in objects):
        raise BadInput(where, f"objects is {str(objects)[:80]!r}, expected a list of SHA-256")
    form = detail_form(said["kind"], said["act"], where=where)
    of, of_line = _of(said.get("of"), where)
    return NewAct(
        kind=said["kind"],
        act=said["act"],
        at=datetime.fromisoformat(instant(said["at"], where=f"{where}: at")),
        by=said["by"],
        note=note or "",
        objects=objects,
        detail=_detail(detail, form, where),
        of=of,
        of_line=of_line,
        where=where,
    )


def _cleaned(value: Json) -> Json:
    """Return what a line says with each of its texts as the log keeps it."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return {n: _cleaned(each) for n, each in value.items()} if isinstance(value, dict) else value


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is there twice")
    return found


def _of(value: Json, where: str) -> tuple[int | None, int | None]:
    line = value.get("line") if isinstance(value, dict) and len(value) == 1 else None
    if value is None or (type(value) is int and value >= 0):
        return (value if type(value) is int else None), None
    if type(line) is int:
        return None, line
    problem = f"of is {str(value)[:80]!r}"
    raise BadInput(where, f'{problem}, expected an entry\'s number, {{"line": N}} or null')


def _detail(detail: dict[str, Json], form: Form, where: str) -> dict[str, Json]:
    filled: dict[str, Json] = {name: None for name, kind in form.items() if kind.endswith("?")}
    for name, value in detail.items():
        is_time = form.get(name, "").removesuffix("?") == "instant" and isinstance(value, str)
        filled[name] = instant(str(value), where=f"{where}: {name}") if is_time else value
    return dict(sorted(filled.items()))
