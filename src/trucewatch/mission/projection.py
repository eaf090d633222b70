"""Projections: what the first entries of the log, and nothing else, say happened.

A function of (log prefix, logged configuration, code version). The same one serves `run`, `rebuild`
and `--as-of`; only the folder differs into which it writes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from trucewatch.errors import BadInput, BadMission, UnknownStatement
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.intake.unpacking import unpack_safely
from trucewatch.evidence.statement import KNOWN
from trucewatch.evidence.unpack import misnamed
from trucewatch.evidence.vault.vault import Closed
from trucewatch.fuse.gather import gather
from trucewatch.fuse.incidents import fuse
from trucewatch.mission.confidential import Plaintexts, erased_by, erasures
from trucewatch.mission.configuration import CONFIGURED_TYPE, in_force
from trucewatch.mission.known import assessed, facts, logbook_table
from trucewatch.mission.linked import LINKED_TYPE, linked
from trucewatch.mission.logbook import LOGBOOK_TYPES
from trucewatch.mission.noted import MISNAMED, Reading, Received, file_row, quarantine_rows
from trucewatch.mission.reporting import reporting, reports_of
from trucewatch.observe import sensor
from trucewatch.records.batch import Batch
from trucewatch.records.source import Source
from trucewatch.records.table import OBSERVATION, REFUSED, empty
from trucewatch.store.archive import Archive
from trucewatch.store.desk import Desk
from trucewatch.store.schema import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trucewatch.evidence.log import Log
    from trucewatch.fuse.distinct import Distinct
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.known import Earlier
    from trucewatch.records.sensor import SensorModel

_ADVICE = "Run tw rebuild HOME."
ARRIVALS = "arrivals"  # the family of picks of stations, whose features fusion reads
RECEIVED = "received/"
"""Begins the type of every entry that a sensor sent."""
_INPUTS = frozenset({CONFIGURED_TYPE, LINKED_TYPE}) | LOGBOOK_TYPES
_NAMED = "/v1"


def received_type(sensor_name: str, raw: bytes, *, name: str) -> str:
    """Return the entry type of bytes from a sensor.

    What a file was called is no evidence, so whether its name lied is settled when it is sealed,
    and said in the type: a projection never hangs on a label.
    """
    return f"{RECEIVED}{sensor_name}{MISNAMED if misnamed(raw, name=name) else _NAMED}"


class Projection:
    """An archive and a desk, written from a log.

    Args:
        archive: Observations.
        desk: Tables.
        writes: Whether nobody else writes them now.
    """

    def __init__(self, archive: Archive, desk: Desk, *, writes: bool) -> None:
        self.archive = archive
        self.desk = desk
        self._writes = writes

    @classmethod
    @contextmanager
    def at(cls, archive: Path, desk: Path, *, write: bool) -> Iterator[Projection]:
        """Open the projection in those places, and close it at the end of the block.

        Yields:
            The open projection.
        """
        with Desk.at(desk, write=write) as opened:
            yield cls(Archive(archive), opened, writes=write)

    def read_object(
        self, received: Received, opened: bytes | BadInput, *, name: str, using: Configuration
    ) -> Reading:
        """Read one received object into the archive, whatever it holds; `note` comes after.

        It touches nothing but that object's own file.

        Args:
            received: Its place in the log.
            opened: What `opened` made of the sealed bytes.
            name: For messages.
            using: The configuration in force.
        """
        module = sensor(received.sensor)
        source = Source(
            name=name,
            object=received.entry.object,
            logged_at=received.entry.logged_at,
            settings=using.settings.sensors[received.sensor],
        )
        if isinstance(opened, BadInput):
            batch = _refused_whole(opened)
        else:
            batch = module.read(opened, source=source)
        if len(batch.observations):
            self.archive.write(module.FAMILY, received.entry.object, batch.observations)
            archived = self.archive.sha256(module.FAMILY, received.entry.object)
        else:
            self.archive.path(module.FAMILY, received.entry.object).unlink(missing_ok=True)
            archived = ""
        return Reading(received=received, batch=batch, family=module.FAMILY, archived=archived)

    def note(self, reading: Reading) -> None:
        """Put on the desk what an object held and what of it was refused."""
        self.desk.put_file(file_row(reading), quarantine_rows(reading))

    def align(self, using: Configuration) -> None:
        """Forget what was read under another configuration: a zone or a limit may have changed."""
        entry = str(using.entry)
        if self.desk.state().get("configured") == entry:
            return
        self.archive.clear()
        nothing = {name: self.desk.read(name).clear() for name in ("file", "quarantine")}
        self.desk.replace({**nothing, "state": _state({"configured": entry})})

    def catch_up(self, log: Log, size: int, using: Configuration) -> int:
        """Read what the log holds below `size` and the desk does not know yet; return how many."""
        return sum(1 for _ in self.catching_up(log, size, using))

    def catching_up(self, log: Log, size: int, using: Configuration) -> Iterator[Received]:
        """Do the same, an object at a time.

        An object that cannot be read here is put on the desk like a refused file, with the reason;
        one that was erased since it was read is read no more.

        Yields:
            Each object when it is on the desk.
        """
        plaintexts = Plaintexts(log)
        known = self._known(plaintexts.erased)
        behind = [r for r in received(log, size) if (r.entry.object, r.entry.type) not in known]
        for each in behind:
            name = plaintexts.name(each.entry)
            raw = plaintexts.read(each.index, each.entry)
            if isinstance(raw, Closed):
                inside: bytes | BadInput = BadInput(name, raw.reason)
            else:
                inside = opened(each, raw, name=name)
            self.note(self.read_object(each, inside, name=name, using=using))
            yield each

    def _known(self, erased: Mapping[str, int]) -> set[tuple[str, str]]:
        """Return object and type of the files that are on the desk as they must be."""
        files, told = self.desk.read("file"), self.desk.read("quarantine")
        gone = told.filter(row=-1).select(pl.col("object").cast(pl.String), "problem")
        noted = {object_ for object_, why in gone.iter_rows() if why == _gone(object_, erased)}
        return {
            (row["object"], row["type"])
            for row in files.iter_rows(named=True)
            if (row["object"] not in erased or row["object"] in noted)
            and (not row["accepted"] or self.archive.path(row["family"], row["object"]).is_file())
        }

    def observations(self) -> pl.DataFrame:
        """Return every observation, once each file of the archive is as it was written.

        The archive is not made durable, so a power cut may leave a part of it; fusing what is left
        would make incidents vanish, what was changed make them up. A reader leaves aside what is
        not on the desk yet.

        Raises:
            BadMission: A file is missing, differs, or is of no received object.
        """
        files = self.desk.read("file").filter(pl.col("accepted") > 0).to_dicts()
        for file in files:
            self.expect_archived(file)
        known = {self.archive.path(file["family"], file["object"]) for file in files}
        strange = [path for path in self.archive.files() if self._writes and path not in known]
        if strange:
            problem = "is of no received object, expected none such"
            raise BadMission(str(strange[0]), problem, advice=_ADVICE)
        return self.archive.observations(known)

    def reports(self) -> pl.DataFrame:
        """Return the observations that report something; see `mission.reporting`."""
        return reports_of(self.observations())

    def distinct(self, using: Configuration) -> Distinct:
        """Return the distinct reports of the archive, as a run sorts them."""
        return gather(
            self.reports(),
            self.archive.family(ARRIVALS),
            models=self.models(),
            settings=using.settings.fusion,
        )

    def models(self) -> dict[str, SensorModel]:
        """Return the detection models of the sensors that ever sent a report that could be read."""
        sent = self.desk.read("file").filter(pl.col("accepted") > 0)["sensor"].unique().sort()
        return {name: sensor(name).MODEL for name in sent if reporting(name)}

    def expect_archived(self, file: dict[str, Any]) -> None:
        """Check that the archive of one row of the desk's `file` is as it was written.

        Raises:
            BadMission: It is missing or differs.
        """
        found = self.archive.sha256(file["family"], file["object"])
        if found != file["archived"]:
            where = str(self.archive.path(file["family"], file["object"]))
            problem = f"hashes to {found or 'nothing'}, expected {file['archived']} as written"
            raise BadMission(where, problem, advice=_ADVICE)

    def fuse_and_assess(
        self, log: Log, size: int, using: Configuration, *, earlier: Earlier | None = None
    ) -> None:
        """Replace incidents, members, logbook, assessments by what archive and log now say.

        Args:
            log: The log.
            size: Length of the prefix that they are a function of.
            using: The configuration that it put in force.
            earlier: What a run assessed before under it; saves work, changes nothing.
        """
        fused = fuse(
            self.reports(),
            models=self.models(),
            settings=using.settings.fusion,
            links=[each.link for each in linked(log, size)],
            picks=self.archive.family(ARRIVALS),
        )
        known = facts((self.archive, self.desk), log, size, incidents=fused.incidents)
        state = {
            "input_size": str(size),
            "input_root": log.root(size).hex(),
            "configured": str(using.entry),
        }
        self.desk.replace({
            "incident": fused.incidents,
            "members": fused.members,
            "superseded": fused.superseded,
            "silence": fused.silences,
            "logbook": logbook_table(log, size),
            "assessment": assessed(known, log, size, earlier=earlier),
            "state": _state(state),
        })  # fmt: skip


def opened(received: Received, raw: bytes, *, name: str) -> bytes | BadInput:
    """Return the unpacked bytes of a received object, or why it is quarantined as a whole."""
    if received.misnamed:
        return BadInput(name, "name contradicts the content, expected a name that fits the bytes")
    try:
        return unpack_safely(raw, name=name)
    except BadInput as error:
        return error


def received(log: Log, size: int) -> list[Received]:
    """Return what sensors sent, in the first `size` entries, in their order."""
    return [
        Received(index, entry) for index, entry in log.entries(0, size) if _readable(entry.type)
    ]


def input_size(log: Log, size: int) -> int:
    """Return the length of the prefix that ends with the last input below `size`.

    Inputs are received objects, configurations, links, acts of the logbook and erasures; what a run
    or a report appends is none.
    """
    found = max((index + 1 for index in erasures(log).values() if index < size), default=0)
    for index, entry in log.entries(0, size):
        if entry.type.startswith(RECEIVED) or entry.type in _INPUTS:
            found = max(found, index + 1)
    return found


def _readable(kind: str) -> bool:
    """Whether an entry is a received object of a version that this code reads."""
    sensor_name, slash, version = kind.removeprefix(RECEIVED).partition("/")
    known = slash + version in {_NAMED, MISNAMED}
    return kind.startswith(RECEIVED) and bool(sensor_name) and known


def expect_known(log: Log, size: int) -> None:
    """Check that this version can read every input and every statement below `size`.

    Raises:
        UnknownStatement: An entry is of a type that a later version wrote; it stays in the log.
    """
    statements = {STATEMENT_PREFIX + kind for kind in KNOWN}
    for index, entry in log.entries(0, size):
        strange = entry.type.startswith(RECEIVED) and not _readable(entry.type)
        if strange or (entry.type.startswith(STATEMENT_PREFIX) and entry.type not in statements):
            where = f"entry {index}"
            problem = f"type is {entry.type}, expected one that this version can read"
            raise UnknownStatement(where, problem, advice="A later version of trucewatch wrote it.")


def project(log: Log, size: int, into: Projection) -> Configuration:
    """Write the whole projection of the first `size` entries into an empty one."""
    expect_known(log, size)
    using = in_force(log, size)
    into.align(using)
    into.catch_up(log, size, using)
    into.fuse_and_assess(log, input_size(log, size), using)
    return using


def _gone(object_: str, erased: Mapping[str, int]) -> str | None:
    return erased_by(erased[object_]) if object_ in erased else None


def _state(values: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"name": list(values), "value": list(values.values())}, schema=STATE)


def _refused_whole(error: BadInput) -> Batch:
    refused = pl.DataFrame(
        {"row": [None], "line": [None], "problem": [error.problem]}, schema=REFUSED
    )
    return Batch(observations=empty(OBSERVATION), refused=refused)
