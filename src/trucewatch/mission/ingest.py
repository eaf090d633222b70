"""`tw ingest`: seal what a sensor sent, read it, and say what was accepted and what was not."""

from __future__ import annotations

import stat
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.naming import shown
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import Received, opened, received_type
from trucewatch.observe import sensor as sensor_module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.mission.projection import Reading
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
    """

    name: str
    object: str
    entry: int
    new: bool
    accepted: int
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]


def ingest(home: Home, sensor: str, files: Sequence[Path], *, clock: Clock) -> Iterator[Intake]:
    """Seal and read files of one sensor, in the order given; yield each when it is durable.

    A file is sealed before it is read, so bytes that nobody can read are kept as well, with their
    hash, and quarantined. A file that cannot be opened stops nothing that was already yielded.
    No such sensor, or a path that is no file, is `BadInput` before anything is sealed.

    Yields:
        What became of each file.
    """
    sensor_module(sensor)
    for path in files:
        _expect_file(path)
    with writing(home, clock) as writer:
        writer.projection.catch_up(writer.log, writer.log.size, writer.using)
        yield from _in_step(writer, sensor, files)


def _in_step(writer: Writer, sensor: str, files: Sequence[Path]) -> Iterator[Intake]:
    """Seal one file while those before it are being read; the log keeps the order given.

    Yields:
        What became of each file, in order.
    """
    ahead: deque[tuple[_Sealed, Future[Reading | None]]] = deque()
    with ThreadPoolExecutor(_READERS) as readers:
        for path in files:
            sealed = _seal(writer, sensor, _bytes(path), name=shown(path))
            if len(ahead) == _READERS:
                yield _intake(writer, *ahead.popleft())
            ahead.append((sealed, readers.submit(_read, writer, sealed)))
        while ahead:
            yield _intake(writer, *ahead.popleft())


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


def ingest_bytes(writer: Writer, sensor: str, raw: bytes, *, name: str) -> Intake:
    """Seal and read one file's bytes with an open writer."""
    sealed = _seal(writer, sensor, raw, name=name)
    return _taken(writer, sealed, _read(writer, sealed))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """A file that is in the log and not yet read."""

    name: str
    received: Received
    new: bool
    inside: bytes | BadInput


def _seal(writer: Writer, sensor: str, raw: bytes, *, name: str) -> _Sealed:
    item = NewObject(type=received_type(sensor, raw, name=name), data=raw, name=name)
    [appended] = writer.log.append([item], now=writer.clock.now())
    received = Received(appended.index, writer.log.entry(appended.index))
    inside = opened(received, raw, name=name) if appended.new else b""
    return _Sealed(name=name, received=received, new=appended.new, inside=inside)


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
    if reading is None:
        return _known(writer, sealed.received, sealed.name)
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


def _known(writer: Writer, received: Received, name: str) -> Intake:
    desk = writer.projection.desk
    files = desk.read("file").filter(object=received.entry.object, type=received.entry.type)
    return Intake(
        name=name,
        object=received.entry.object,
        entry=received.index,
        new=False,
        accepted=int(files["accepted"][0]),
        refused=(),
        missing=(),
    )


def _refusals(batch: Batch) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(row=r["row"], line=r["line"], problem=r["problem"])
        for r in batch.refused.iter_rows(named=True)
    )
