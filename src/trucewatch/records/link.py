"""What an analyst said of reports: that they are of one incident, that they are not, or closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json

Address = tuple[str, int]
"""SHA-256 of a sealed object in hex, and the data record in it, from 0."""

_HEX64 = re.compile(r"[0-9a-f]{64}")
_ROW_MAX = 2**32 - 1  # what the Observation table can number
_MEMBERS = ("act", "against", "by", "incidents", "observations", "reason", "seen")


class Act(StrEnum):
    """What is done with reports.

    A merge puts them together; a split keeps them apart from others; a lock puts them together and
    lets nothing else join them, until an unlock of the same set.
    """

    MERGE = "merge"
    SPLIT = "split"
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One act of an analyst, as the log holds it.

    Attributes:
        act: What was done.
        observations: Addresses of the reports that it was done with.
        against: Of a split, those that they are kept apart from; of any other act, none.
        entry: Index of its entry; of two acts that differ the later one holds.
    """

    act: Act
    observations: tuple[Address, ...]
    against: tuple[Address, ...] = ()
    entry: int


def addresses_json(addresses: tuple[Address, ...]) -> list[dict[str, object]]:
    """Return addresses as a statement writes them.

    Example:
        >>> addresses_json((("ab", 7),))
        [{'object': 'ab', 'row': 7}]
    """
    return [{"object": object_, "row": row} for object_, row in addresses]


def read_link(predicate: Mapping[str, Json], *, entry: int) -> Link:
    """Return the link that the predicate of a `linked/v1` statement makes.

    Args:
        predicate: `act`, `observations`, `against`, `reason`, `by`, `incidents` and `seen`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    if sorted(predicate) != list(_MEMBERS):
        problem = f"link has {', '.join(sorted(predicate)) or 'nothing'}"
        raise BadInput(where, f"{problem}, expected {', '.join(_MEMBERS)}")
    act = predicate["act"]
    if act not in list(Act):
        raise BadInput(where, f"act is {act!r}, expected one of {', '.join(Act)}")
    observations = _addresses(predicate["observations"], where)
    against = _addresses(predicate["against"], where)
    if not observations or bool(against) != (act == Act.SPLIT):
        problem = f"{act} of {len(observations)} observations against {len(against)}"
        raise BadInput(where, f"{problem}, expected some, and against some only of a split")
    for name in ("reason", "by"):
        if not _filled(predicate[name]):
            raise BadInput(where, f"{name} is {predicate[name]!r}, expected text")
    _check_screen(predicate, where)
    return Link(act=Act(str(act)), observations=observations, against=against, entry=entry)


def _addresses(value: Json, where: str) -> tuple[Address, ...]:
    found: list[Address] = []
    for item in value if isinstance(value, list) else [None]:
        object_ = item.get("object") if isinstance(item, dict) else None
        row = item.get("row") if isinstance(item, dict) else None
        hexed = isinstance(object_, str) and _HEX64.fullmatch(object_)
        if not hexed or type(row) is not int or item != {"object": object_, "row": row}:
            problem = f"observation is {item!r}, expected the SHA-256 of an object and a row"
            raise BadInput(where, problem)
        if not 0 <= row <= _ROW_MAX:
            raise BadInput(where, f"row is {row}, must be 0 to {_ROW_MAX}")
        found.append((str(object_), row))
    if len(set(found)) < len(found):
        raise BadInput(where, "link names an observation twice, expected each once")
    return tuple(found)


def _check_screen(predicate: Mapping[str, Json], where: str) -> None:
    # What the analyst had before them: incidents, and the log prefix that they came from.
    incidents, seen = predicate["incidents"], predicate["seen"]
    if not (isinstance(incidents, list) and incidents and all(map(_filled, incidents))):
        raise BadInput(where, f"incidents are {incidents!r}, expected a list of ids")
    size = seen.get("size") if isinstance(seen, dict) else None
    root = seen.get("root") if isinstance(seen, dict) else None
    hexed = isinstance(root, str) and _HEX64.fullmatch(root)
    if type(size) is not int or size < 1 or not hexed or seen != {"size": size, "root": root}:
        raise BadInput(where, f"seen is {seen!r}, expected the size and root of a log")


def _filled(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())
