"""`tw ingest`: seal what a sensor sent, read it, and say what was accepted and what was not.

An envelope that lies beside a file, under its name and `.batch`, is sealed right after it in the
same transaction: as a statement when it verifies, else as bytes that did not.
"""

from __future__ import annotations

import stat
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.batches import judged
from trucewatch.mission.confidential import protected
from trucewatch.mission.configuration import keyring_of
from trucewatch.mission.copies import make_folder
from trucewatch.mission.naming import shown
from trucewatch.mission.noted import Received
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import opened, received_type
from trucewatch.mission.receipts import write_receipt
from trucewatch.observe import sensor as sensor_module
from trucewatch.records.batch_claim import BESIDE
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from trucewatch.evidence.keyring import Keyring
    from trucewatch.evidence.sequencer import Appended
    from trucewatch.mission.batches import Envelope
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.noted import Reading
    from trucewatch.mission.opened import Writer
    from trucewatch.records.batch import Batch


_READERS = 2  # files read at a time; each also uses the threads of Polars


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One row, or a whole file, that was quarantined.

    Attributes:
        row: Data record counted from 0, or None for the whole file.
        line: Line of the unpacked file counted from 1, or None.
        problem: What was wrong, what was expected.
    """

    row: int | None
    line: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What became of the envelope beside a file.

    Attributes:
        entry: Its index in the log.
        new: Whether it was sealed now.
        device: The device that signed; "" when the envelope does not verify.
        sequence: Number of the file in the device's chain; 0 when it does not verify.
        problem: Why it does not verify; then it is sealed as `refused/batch/v1`. "" when it does.
    """

    entry: int
    new: bool
    device: str
    sequence: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of one file.

    Attributes:
        name: The file as its sender named it.
        object: SHA-256 of its bytes.
        entry: Its index in the log.
        new: Whether it was sealed now; False when the log held it already.
        accepted: Observations.
        refused: Quarantined rows; one with `row` None when the whole file is.
        missing: Columns that the format knows and the file lacks.
        vouched: What became of the envelope beside it; None when none lay there.
        unsigned: Whether files of this sensor must be signed and no envelope verifies for this one.
        receipts: Where receipts were written, for the file first, if they were asked for.
    """

    name: str
    object: str
    entry: int
    new: bool
    accepted: int
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]
    vouched: Vouched | None = None
    unsigned: bool = False
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Who may see files.

    Attributes:
        level: Their level.
        compartment: Who holds their keys; empty at CLEAR, and only there.
    """

    level: Level
    compartment: str = ""


def handling_of(level: str, compartment: str) -> Handling | None:
    """Return who may see files as somebody typed it; None when nothing was typed.

    Raises:
        BadInput: No such level, or a compartment without a level above CLEAR, or the reverse.
    """
    if not level and not compartment:
        return None
    if level not in list(Level):
        raise BadInput("--level", f"is {level!r}, expected one of {', '.join(Level)}")
    if (level == Level.CLEAR) == bool(compartment):
        problem = f"is {compartment!r} at level {level}"
        raise BadInput("--compartment", f"{problem}, expected one above CLEAR and none at CLEAR")
    return Handling(level=Level(level), compartment=compartment)


def ingest(
    home: Home,
    sensor: str,
    files: Sequence[Path],
    *,
    clock: Clock,
    receipts: Path | None = None,
    handling: Handling | None = None,
) -> Iterator[Intake]:
    """Seal and read files of one sensor, in the order given; yield each when it is durable.

    A file is sealed before it is read, so bytes that nobody can read are kept as well, with their
    hash, and quarantined. A file that cannot be opened stops nothing that was already yielded.
    Envelopes that are given by name are picked up with the files that they lie beside.

    Args:
        home: The mission.
        sensor: Who sent them.
        files: The files, without or with the envelopes beside them.
        clock: Says what time it is.
        receipts: Folder in which a receipt for each file is written, if any; made when new.
        handling: Who may see them, when that is not what the settings say of the sensor.

    Yields:
        What became of each file.

    No such sensor, a path that is no file, and a folder for receipts that cannot be made are
    `BadInput` before anything is sealed.
    """
    sensor_module(sensor)
    contents = _contents(files)
    for path in contents:
        _expect_file(path)
    if receipts is not None:
        make_folder(receipts, "receipts")
    with writing(home, clock) as writer:
        writer.projection.catch_up(writer.log, writer.log.size, writer.using)
        yield from _in_step(_Desk(writer, sensor, receipts, handling), contents)


def _contents(files: Sequence[Path]) -> list[Path]:
    """Return the files without the envelopes among them, each of which lies beside one.

    Raises:
        BadInput: An envelope is given without its file.
    """
    found = [path for path in files if not path.name.endswith(BESIDE)]
    there = set(found)
    for path in files:
        content = path.with_name(path.name.removesuffix(BESIDE) or BESIDE)
        if path.name.endswith(BESIDE) and content not in there:
            problem = f"is given alone, expected {content.name} to be given"
            advice = (
                f"The envelope {path.name} is picked up by itself when it lies beside its file."
            )
            raise BadInput(str(path), problem, advice=advice)
    return found


class _Desk:
    """What takes the files of one sensor in."""

    def __init__(
        self,
        writer: Writer,
        sensor: str,
        receipts: Path | None = None,
        handling: Handling | None = None,
    ) -> None:
        own = writer.using.settings.intake_of(sensor)
        self.writer = writer
        self.sensor = sensor
        self.receipts = receipts
        self.handling = handling or Handling(level=Level(own.level), compartment=own.compartment)

    @cached_property
    def keyring(self) -> Keyring:
        """Who may sign; nobody else writes meanwhile, and files change nothing of it."""
        return keyring_of(self.writer.log, self.writer.log.size)


def _in_step(desk: _Desk, files: Sequence[Path]) -> Iterator[Intake]:
    """Seal one file while those before it are being read; the log keeps the order given.

    Yields:
        What became of each file, in order.
    """
    writer = desk.writer
    ahead: deque[tuple[_Sealed, Future[Reading | None]]] = deque()
    with ThreadPoolExecutor(_READERS) as readers:
        for path in files:
            sealed = _seal(desk, _bytes(path), _beside(path), name=shown(path))
            if len(ahead) == _READERS:
                yield _intake(writer, *ahead.popleft())
            ahead.append((sealed, readers.submit(_read, writer, sealed)))
        while ahead:
            yield _intake(writer, *ahead.popleft())


def _beside(path: Path) -> bytes | None:
    envelope = path.with_name(path.name + BESIDE)
    try:
        return envelope.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(str(envelope), f"{error.strerror}, expected a readable file") from error


def _expect_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise BadInput(str(path), "no such file, expected a file to ingest") from error
    except (OSError, ValueError) as error:
        problem = f"{getattr(error, 'strerror', error)}, expected a file to ingest"
        raise BadInput(str(path)[:200], problem) from error
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise BadInput(str(path), f"is {found}, expected a file to ingest")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), f"{error.strerror}, expected a readable file") from error


def ingest_bytes(
    writer: Writer, sensor: str, raw: bytes, *, name: str, envelope: bytes | None = None
) -> Intake:
    """Seal and read one file's bytes, and the envelope that came with it, with an open writer."""
    sealed = _seal(_Desk(writer, sensor), raw, envelope, name=name)
    return _taken(writer, sealed, _read(writer, sealed))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """A file that is in the log and not yet read."""

    name: str
    received: Received
    new: bool
    inside: bytes | BadInput
    vouched: Vouched | None
    receipts: tuple[str, ...]


def _seal(desk: _Desk, raw: bytes, envelope: bytes | None, *, name: str) -> _Sealed:
    writer, now = desk.writer, desk.writer.clock.now()
    plain = [NewObject(type=received_type(desk.sensor, raw, name=name), data=raw, name=name)]
    found = None
    if envelope is not None:
        found = judged(writer.log, desk.keyring, envelope, content=plain[0], now=now)
        plain.append(found.item)
    items = [
        protected(
            writer.log, item, level=desk.handling.level, compartment=desk.handling.compartment
        )
        for item in plain
    ]
    appended = writer.log.append(items, now=now)
    content = appended[0]
    received = Received(content.index, writer.log.entry(content.index))
    receipts = []
    if desk.receipts is not None:
        for item, each in zip(plain, appended, strict=True):
            path = write_receipt(writer.log, each.index, desk.receipts, name=item.name)
            receipts.append(str(path))
    return _Sealed(
        name=name,
        received=received,
        new=content.new,
        inside=opened(received, raw, name=name) if content.new else b"",
        vouched=None if found is None else _vouched(found, appended[1]),
        receipts=tuple(receipts),
    )


def _vouched(found: Envelope, appended: Appended) -> Vouched:
    claim = None if found.sent is None else found.sent.claim
    return Vouched(
        entry=appended.index,
        new=appended.new,
        device="" if claim is None else claim.device,
        sequence=0 if claim is None else claim.sequence,
        problem=found.problem,
    )


def _read(writer: Writer, sealed: _Sealed) -> Reading | None:
    """Read a sealed file into the archive; None when that was done before."""
    if not sealed.new:
        return None
    return writer.projection.read_object(
        sealed.received, sealed.inside, name=sealed.name, using=writer.using
    )


def _intake(writer: Writer, sealed: _Sealed, reading: Future[Reading | None]) -> Intake:
    return _taken(writer, sealed, reading.result())


def _taken(writer: Writer, sealed: _Sealed, reading: Reading | None) -> Intake:
    """Put a file on the desk and say what became of it."""
    expected = writer.using.settings.intake_of(sealed.received.sensor).signed
    return replace(
        _known(writer, sealed) if reading is None else _noted(writer, sealed, reading),
        vouched=sealed.vouched,
        unsigned=expected and (sealed.vouched is None or bool(sealed.vouched.problem)),
        receipts=sealed.receipts,
    )


def _noted(writer: Writer, sealed: _Sealed, reading: Reading) -> Intake:
    writer.projection.note(reading)
    batch = reading.batch
    return Intake(
        name=sealed.name,
        object=sealed.received.entry.object,
        entry=sealed.received.index,
        new=True,
        accepted=len(batch.observations),
        refused=_refusals(batch),
        missing=batch.missing,
    )


def _known(writer: Writer, sealed: _Sealed) -> Intake:
    received = sealed.received
    files = _on_desk(writer, received)
    if files.is_empty():  # the configuration changed since, so the desk forgot what it had read
        writer.projection.catch_up(writer.log, writer.log.size, writer.using)
        files = _on_desk(writer, received)
    return Intake(
        name=sealed.name,
        object=received.entry.object,
        entry=received.index,
        new=False,
        accepted=int(files["accepted"][0]),
        refused=(),
        missing=(),
    )


def _on_desk(writer: Writer, received: Received) -> pl.DataFrame:
    """Return the row of a received file, if the desk has it."""
    entry = received.entry
    return writer.projection.desk.read("file").filter(object=entry.object, type=entry.type)


def _refusals(batch: Batch) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(row=r["row"], line=r["line"], problem=r["problem"])
        for r in batch.refused.iter_rows(named=True)
    )
