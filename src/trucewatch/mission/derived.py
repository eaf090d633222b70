"""What a public bundle shows of the step that it does not open: from incidents to release table.

The incidents have exact places and stay in the mission. What the public can check is that the table
is bound to them: a computed statement from before commits to the table of incidents, and the cited
file names, for each released incident, reports that were sealed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trucewatch.errors import BadInput
from trucewatch.mission.recount import CITED, TABLE, readable
from trucewatch.mission.trail import Outcome
from trucewatch.records.canonical import parse_canonical

if TYPE_CHECKING:
    from trucewatch.mission.bundled import Bundled
    from trucewatch.mission.recount import Edition
    from trucewatch.mission.trail import Trail

_RECEIVED = "received/"


def bound(bundled: Bundled, one: Edition, trail: Trail) -> None:
    """Take the two steps between a release table and the incidents behind it."""
    cited_entry = bundled.entry_of(one.objects.get(CITED, ""))
    _not_open(bundled, one, cited_entry, trail)
    what = f"names in {one.stem}{TABLE}, each of reports that were sealed before"
    source = f"{one.stem}{CITED} (entry {cited_entry})"
    if CITED not in one.files or TABLE not in one.files:
        trail.add(what, source, Outcome.NOT_OPEN, "is withheld")
        return
    cited = read_cited(one.files[CITED], where=one.stem + CITED)
    lines = one.files[TABLE].splitlines()
    rows = [parse_canonical(line, where=one.stem + TABLE) for line in lines]
    named = {str(row["id"]) for row in rows if row["window"] == "current"}
    late = [
        f"{object_}:{row}"
        for members in cited.values()
        for object_, row, _ in members
        if not _sealed_before(bundled, object_, one.input_size)
    ]
    total = sum(map(len, cited.values()))
    found = f"{len(cited)} incidents, {total} reports"
    if late:
        found = f"{late[0]} is of no object received below entry {one.input_size}"
    elif named != set(cited):
        found = f"{len(named ^ set(cited))} names stand in one of both alone"
    trail.compare(what, source, ((named, []), (set(cited), late)), found)


def read_cited(content: bytes, *, where: str) -> dict[str, list[tuple[str, int, float]]]:
    """Return object, row and membership of each report, by the incident's published name.

    Raises:
        BadInput: A line is not of the form, or a name stands twice.
    """
    found: dict[str, list[tuple[str, int, float]]] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        at = f"{where}:{number}"
        said: Any = parse_canonical(line, where=at)
        with readable(at):
            members = [(m["object"], int(m["row"]), m["membership_p"]) for m in said["members"]]
            name = str(said["incident"])
        if said["v"] != 1 or name in found:
            raise BadInput(at, f"version {said['v']}, name {name}, expected version 1, names once")
        found[name] = members
    return found


def _not_open(bundled: Bundled, one: Edition, cited_entry: int | None, trail: Trail) -> None:
    computed = [
        index
        for index, statement in bundled.told("computed/v1")
        if index < one.entry and _size_of(statement.predicate) == one.input_size
    ]
    held = f"computed/v1 entry {computed[-1]}, " if computed else ""
    trail.add(
        f"{one.stem}{TABLE}",
        "incidents",
        Outcome.NOT_OPEN,
        f"the exact rows stay in the mission; commitment: {held}cited/v1 entry {cited_entry}",
    )


def _size_of(predicate: Any) -> int | None:  # noqa: ANN401 - any JSON
    given = predicate.get("input")
    size = given.get("size") if isinstance(given, dict) else None
    return size if isinstance(size, int) else None


def _sealed_before(bundled: Bundled, object_: str, size: int) -> bool:
    index = bundled.entry_of(object_)
    kind = "" if index is None else bundled.entries[index].type
    return index is not None and index < size and kind.startswith(_RECEIVED)
