"""Whether the tables at hand are still those that the run recorded in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.mission.configuration import statements
from trucewatch.mission.provenance import code_version, cpu_level, packages
from trucewatch.store.digest import digest
from trucewatch.store.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evidence.log import Log
    from trucewatch.mission.projection import Projection
    from trucewatch.records.canonical import Json

_TABLES = ("incident", "members", "superseded", "silence", "assessment")  # written by a run alone
_COMPUTED = "computed/v1"
_ADVICE = "compute the tables again from the log: tw rebuild HOME"


def expect_as_recorded(log: Log, there: Projection) -> None:
    """Check the tables that a run wrote against the newest statement about the same input.

    Rows are compared when the same code wrote the statement, hashes when the processor and the
    packages are the same too: others may give other last digits. With no statement about this
    input, as after a rebuild of a log that no run has used, there is nothing to compare.

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
        return
    index, statement = found[-1]
    said = statement.predicate
    if said.get("code") != code_version():
        return
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


def _input_size(predicate: Mapping[str, Json]) -> str | None:
    given = predicate.get("input")
    return str(given.get("size")) if isinstance(given, dict) else None
