"""Whether the tables at hand are still those that the run recorded in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.log import Log
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts, erased_by, erasures
from trucewatch.mission.configuration import statements
from trucewatch.mission.provenance import code_version, cpu_level, packages
from trucewatch.store.digest import digest
from trucewatch.store.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.canonical import Json

_TABLES = (  # written by a run alone
    *("incident", "members", "superseded", "silence"),
    *("logbook", "assessment"),
)
_COMPUTED = "computed/v1"
_ADVICE = "compute the tables again from the log: tw rebuild HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRecomputable:
    """A recorded run that nobody can repeat, as a part of its input was erased since.

    Attributes:
        entry: Index of the statement that recorded it.
        input_size: Length of the log prefix that it used.
        erased: Entry of the tombstone by object, SHA-256 in hex.
    """

    entry: int
    input_size: int
    erased: Mapping[str, int]

    @property
    def text(self) -> str:
        """The finding in words, such as `not recomputable: erased by entry 7`."""
        tombstones = sorted(set(self.erased.values()))
        return f"not recomputable: {', '.join(map(erased_by, tombstones))}"


def not_recomputable(log: Log) -> list[NotRecomputable]:
    """Return every recorded run whose input holds something that was erased since, in order."""
    erased, found = erasures(log), []
    if not erased:
        return []
    for index, statement in statements(log, _COMPUTED):
        size = _input_size(statement.predicate)
        gone = _erased_since(log, erased, index, size)
        if gone:
            found.append(NotRecomputable(entry=index, input_size=int(size or 0), erased=gone))
    return found


def findings(home: Home) -> list[str]:
    """Return a line for every recorded run that nobody can repeat; what `tw digest` says last."""
    with Log.open(home.path) as log:
        return [
            f"entry {each.entry}, a run of {each.input_size} entries: {each.text}"
            for each in not_recomputable(log)
        ]


def _erased_since(
    log: Log, erased: Mapping[str, int], recorded: int, size: str | None
) -> dict[str, int]:
    """Return the objects in the input of a run whose tombstone came after it was recorded."""
    return {
        object_: tombstone
        for object_, tombstone in erased.items()
        if tombstone > recorded and log.indices_of(object_)[0] < int(size or 0)
    }


def expect_as_recorded(log: Log, there: Projection) -> tuple[str, ...]:
    """Check the tables that a run wrote against the newest statement about the same input.

    Rows are compared when the same code wrote the statement, hashes when the processor and the
    packages are the same too: others may give other last digits. With no statement about this
    input, as after a rebuild of a log that no run has used, there is nothing to compare.

    Returns:
        Why there was nothing to compare although a run was recorded: a part of its input was
        erased since, or its key is not here. Empty when the tables are as recorded.

    Raises:
        EvidenceBroken: A table is not what was recorded: somebody or something changed it since.
    """
    size = there.desk.state().get("input_size")
    found = [
        (index, statement)
        for index, statement in statements(log, _COMPUTED)
        if _input_size(statement.predicate) == size
    ]
    if not found:
        return ()
    index, statement = found[-1]
    said = statement.predicate
    if said.get("code") != code_version():
        return ()
    gone = _unreadable(log, index, size)
    if gone:
        return gone
    alike = said.get("packages") == packages() and said.get("processor") == cpu_level()
    rows, hashes = said.get("rows"), {s.name: s.sha256 for s in statement.subjects}
    for name in _TABLES:
        table = there.desk.read(name)
        where = f"desk.db: {name}"
        expected = rows.get(name) if isinstance(rows, dict) else None
        if len(table) != expected:
            problem = f"has {len(table)} rows, entry {index} recorded {expected}"
            raise EvidenceBroken(where, problem, advice=_ADVICE)
        sha256 = digest(table, list(SCHEMAS[name][1])) if alike else hashes.get(name)
        if sha256 != hashes.get(name):
            problem = f"hashes to {sha256}, entry {index} recorded {hashes.get(name)}"
            raise EvidenceBroken(where, problem, advice=_ADVICE)
    return ()


def is_recorded_here(log: Log, there: Projection, tables: Sequence[str]) -> bool:
    """Return whether tables are, digit by digit, what this very code recorded on such a machine.

    False when nothing was recorded of this input, or by another version, with other packages or on
    another processor.
    """
    size = there.desk.state().get("input_size")
    found = [s for _, s in statements(log, _COMPUTED) if _input_size(s.predicate) == size]
    if size is None or not found:
        return False
    said, hashes = found[-1].predicate, {s.name: s.sha256 for s in found[-1].subjects}
    made = (said.get("code"), said.get("packages"), said.get("processor"))
    if made != (code_version(), packages(), cpu_level()):
        return False
    return all(
        digest(there.desk.read(name), list(SCHEMAS[name][1])) == hashes.get(name) for name in tables
    )


def _unreadable(log: Log, recorded: int, size: str | None) -> tuple[str, ...]:
    """Return why the input of a recorded run cannot be read as it was then, each reason once."""
    plaintexts = Plaintexts(log)
    reasons = {
        f"not recomputable: {erased_by(tombstone)}"
        for tombstone in _erased_since(log, plaintexts.erased, recorded, size).values()
    }
    for _, entry in log.entries(0, int(size or 0)):
        held = None if entry.object in plaintexts.erased else plaintexts.closed(entry)
        if isinstance(held, Closed) and entry.type.startswith("received/"):
            reasons.add(f"not recomputable here: {held.reason}")
    return tuple(sorted(reasons))


def _input_size(predicate: Mapping[str, Json]) -> str | None:
    given = predicate.get("input")
    return str(given.get("size")) if isinstance(given, dict) else None
