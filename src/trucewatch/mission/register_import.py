"""Tables of deliveries in the log: sealed as they came with their mapping, and read from there.

Table and mapping are two objects, above CLEAR unless told otherwise, and one signed statement at
CLEAR cites both. A statement names neither file, as a name may tell what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import IMPORTED, Subject
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import opened_statements
from trucewatch.mission.custody import NOTHING, seal_words
from trucewatch.mission.exhibit import at_level
from trucewatch.mission.opened import writing
from trucewatch.mission.register import register_of
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.claims.delivery import DELIVERY
from trucewatch.records.registered import Imported, imported_predicate, read_imported
from trucewatch.records.table import empty
from trucewatch.register.import_table import read_table, take
from trucewatch.register.importing.mapping import parse_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import Handling
    from trucewatch.register.import_table import Imported as Read

TABLE_TYPE = "register/table/v1"
"""Entry type of a table of deliveries, as it came."""

MAPPING_TYPE = "register/mapping/v1"
"""Entry type of what the columns of a table mean."""

IMPORTED_TYPE = STATEMENT_PREFIX + IMPORTED
"""Entry type of the statement that makes a table part of the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A table and its mapping that are not in the log yet.

    Attributes:
        name: How to name the table in an error.
        raw: Its bytes.
        mapping_name: How to name the mapping in an error.
        mapping: Its bytes.
    """

    name: str
    raw: bytes
    mapping_name: str
    mapping: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRead:
    """What became of a table.

    Attributes:
        entry: Entry of the statement, or None when nothing was sealed.
        accepted: The deliveries (`records.claims.delivery.DELIVERY`).
        refused: What was refused (`REFUSED_CELL`).
    """

    entry: int | None
    accepted: pl.DataFrame
    refused: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table in the log.

    Attributes:
        said: What its statement says.
        table: SHA-256 of the table as stored.
        mapping: SHA-256 of the mapping as stored.
        logged_at: When the log acknowledged the statement.
    """

    said: Imported
    table: str
    mapping: str
    logged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """All deliveries that can be read here.

    Attributes:
        rows: The deliveries of all tables in log order (`DELIVERY`).
        closed: Why a table cannot be read on this machine, by entry of its statement.
    """

    rows: pl.DataFrame
    closed: Mapping[int, str]


def tried_table(home: Home, file: TableFile) -> TableRead:
    """Return what would become of a table; seal nothing.

    Args:
        home: The mission.
        file: The table and its mapping.
    """
    with Log.open(home.expect().path) as log:
        read = _read(log, file)
    return TableRead(entry=None, accepted=read.accepted, refused=read.refused)


def import_table(
    home: Home, file: TableFile, *, actor: Actor, handling: Handling, allow_refused: bool = False
) -> TableRead:
    """Seal a table with its mapping and make its rows part of the register, all or none.

    Args:
        home: The mission.
        file: The table and its mapping.
        actor: Who imports it.
        handling: Who may see both.
        allow_refused: Whether refused rows may be left out.
    """
    with writing(home, actor.clock) as writer:
        log = writer.log
        read = _read(log, file)
        accepted = take(read, name=file.name, allow_refused=allow_refused)
        plain = {TABLE_TYPE: (file.raw, file.name), MAPPING_TYPE: (file.mapping, file.mapping_name)}
        _expect_new(log, plain)
        new = [
            at_level(
                writer,
                NewObject(type=kind, data=data, name=name),
                level=handling.level,
                compartment=handling.compartment,
            )
            for kind, (data, name) in plain.items()
        ]
        subjects = [Subject(name=item.type, sha256=sha256_hex(item.data)) for item in new]
        said = Imported(
            register=register_of(log, log.size).id,
            accepted=accepted.height,
            refused=rows_refused(read.refused),
            allow_refused=allow_refused,
            by=actor.said.by,
            reason=actor.said.reason,
            entry=log.size,
        )
        sealed = seal_words(
            writer, IMPORTED, subjects, imported_predicate(said), actor=actor, new=new
        )[-1]
        return TableRead(entry=sealed.index, accepted=accepted, refused=read.refused)


def sealed_tables(log: Log, size: int) -> tuple[SealedTable, ...]:
    """Return the tables in the first `size` entries, in order, each statement verified."""
    found = opened_statements(log, size, {IMPORTED_TYPE})[1]
    return tuple(_sealed(log, index, statement) for index, statement in found)


def deliveries(log: Log, size: int) -> Deliveries:
    """Return the deliveries of all tables in the first `size` entries.

    Each table is read against the register as it was when the table came, so that a later claim
    changes no earlier reading.

    Args:
        log: The log of a mission.
        size: Entries that count.

    Raises:
        EvidenceBroken: A table does not hold as many rows as its statement says.
    """
    plaintexts = Plaintexts(log)
    rows = empty(DELIVERY)
    closed: dict[int, str] = {}
    for each in sealed_tables(log, size):
        entry, file = each.said.entry, _opened(log, plaintexts, each)
        if isinstance(file, Closed):
            closed[entry] = file.reason
            continue
        read = _read(log, file, size=entry, earlier=rows)
        counts = read.accepted.height, rows_refused(read.refused)
        if counts != (each.said.accepted, each.said.refused):
            problem = f"table has {counts[0]} rows and {counts[1]} that are refused"
            said = f"{each.said.accepted} and {each.said.refused} as its statement says"
            raise EvidenceBroken(file.name, f"{problem}, expected {said}")
        rows = pl.concat([rows, read.accepted])
    return Deliveries(rows=rows, closed=closed)


def rows_refused(refused: pl.DataFrame) -> int:
    """Return how many rows were refused; a row may have several faults, and the file too.

    Args:
        refused: A `REFUSED_CELL` table.
    """
    return refused["row"].drop_nulls().n_unique()


def _read(
    log: Log, file: TableFile, *, size: int | None = None, earlier: pl.DataFrame | None = None
) -> Read:
    """Return what a table holds, read against the register.

    Raises:
        BadInput: An earlier table cannot be read here, so that nobody can tell what is new.
    """
    register = register_of(log, log.size if size is None else size)
    if earlier is None:
        before = deliveries(log, log.size)
        for entry, reason in before.closed.items():
            where, problem = f"table of entry {entry}", f"cannot be read here: {reason}"
            raise BadInput(where, f"{problem}; expected its key", advice=NOTHING)
        earlier = before.rows
    mapping = parse_mapping(file.mapping, name=file.mapping_name)
    return read_table(file.raw, mapping, register, name=file.name, earlier=earlier)


def _opened(log: Log, plaintexts: Plaintexts, each: SealedTable) -> TableFile | Closed:
    contents: list[bytes] = []
    for object_ in (each.table, each.mapping):
        index = log.indices_of(object_)[0]
        content = plaintexts.read(index, log.entry(index))
        if isinstance(content, Closed):
            return content
        contents.append(content)
    where = f"entry {each.said.entry}"
    raw, mapping = contents
    return TableFile(name=where, raw=raw, mapping_name=f"{where} mapping", mapping=mapping)


def _expect_new(log: Log, plain: Mapping[str, tuple[bytes, str]]) -> None:
    """Refuse a table that is part of the register already.

    Raises:
        BadInput: It is, byte for byte.
    """
    raw, name = plain[TABLE_TYPE]
    plaintexts = Plaintexts(log)
    for each in sealed_tables(log, log.size):
        index = log.indices_of(each.table)[0]
        if plaintexts.read(index, log.entry(index)) == raw:
            problem = f"is that of entry {each.said.entry}, byte for byte, expected a new one"
            raise BadInput(name, problem, advice=NOTHING)


def _sealed(log: Log, index: int, statement: Statement) -> SealedTable:
    """Return a table in the log.

    Raises:
        EvidenceBroken: The statement is not of its form, or not about a table and a mapping.
    """
    try:
        said = read_imported(statement.predicate, entry=index)
    except BadInput as error:  # it was readable when it was sealed
        raise EvidenceBroken(error.where, error.problem) from error
    kinds = (TABLE_TYPE, MAPPING_TYPE)
    objects = [each.sha256 for each in statement.subjects]
    placed = [log.index_of(o, kind) for o, kind in zip(objects, kinds, strict=False)]
    if len(objects) != len(kinds) or any(at is None or at > index for at in placed):
        where = f"entry {index}"
        problem = f"is about {len(objects)} objects, expected a table and its mapping before it"
        raise EvidenceBroken(where, problem)
    table, mapping = objects
    return SealedTable(
        said=said, table=table, mapping=mapping, logged_at=log.entry(index).logged_at
    )
