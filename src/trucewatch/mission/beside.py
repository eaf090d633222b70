"""A run in a process of its own, beside a writer who goes on sealing what comes.

The writer holds the lock and alone appends to the log. It leaves archive and desk to the run until
that ends, and then appends the statement that the run drafted. What was sealed meanwhile is above
the prefix that the run saw, and is for the next one.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import Appended
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.configuration import in_force
from trucewatch.mission.home import Home
from trucewatch.mission.opened import Writer, keys_of
from trucewatch.mission.projection import Projection
from trucewatch.mission.run import run_with
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from multiprocessing.connection import Connection
    from typing import Self

    from trucewatch.evidence.sequencer import NewObject


class _Prefix(Log):
    """A log that is read up to a size, as if it ended there; what is appended is only kept."""

    ends: int | None = None
    drafted: tuple[NewObject, ...] = ()

    @classmethod
    def of(cls, home: Home, size: int) -> Self:
        found = cls.open(home.path)
        found.ends = size
        return found

    @property
    def size(self) -> int:  # type: ignore[explicit-override]
        """Number of entries of the prefix."""
        return super().size if self.ends is None else self.ends

    def append(self, items: Sequence[NewObject], *, now: datetime) -> list[Appended]:  # type: ignore[explicit-override]
        """Keep what the writer is to append; `now` is for the writer to say."""
        del now
        self.drafted += tuple(items)
        return [
            Appended(index=self.size + place, object=sha256_hex(item.data), new=True)
            for place, item in enumerate(items)
        ]


def drafted(path: str, size: int, now: datetime) -> tuple[NewObject, ...]:
    """Bring incidents and assessments up to the first `size` entries.

    Args:
        path: The mission's folder; the caller's process holds its lock.
        size: Length of the log, which may grow meanwhile.
        now: The time.

    Returns:
        What the writer is to append: the statement of what was computed, or nothing.
    """
    home = Home(Path(path))
    keys = keys_of(home)
    with (
        _Prefix.of(home, size) as log,
        Projection.at(home.archive, home.desk, write=True) as projection,
    ):
        writer = Writer(
            home=home,
            log=log,
            keys=keys,
            projection=projection,
            using=in_force(log, size),
            clock=SimulatedClock(now),
        )
        run_with(writer)
        return log.drafted


class Runner:
    """A process that runs, one run after the other; it ends with the one that made it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def submit(self, home: Home, size: int, now: datetime) -> Future[tuple[NewObject, ...]]:
        """Return what `drafted` will return; nothing else may be asked before it is there."""
        found: Future[tuple[NewObject, ...]] = Future()
        work = str(home.path), size, now
        threading.Thread(target=self._ask, args=(work, found), daemon=True).start()
        return found

    @property
    def ended(self) -> bool:
        """Whether the process is no more: somebody killed it, or there was no memory."""
        return not self._process.is_alive()

    def _ask(self, work: tuple[str, int, datetime], found: Future[tuple[NewObject, ...]]) -> None:
        try:
            self._ours.send(work)
            told = self._ours.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            found.set_exception(RuntimeError(f"its process ended: {type(error).__name__}"))
            return
        if isinstance(told, Exception):
            found.set_exception(told)
        else:
            found.set_result(told)


def _serve(asked: Connection) -> None:
    threading.Thread(target=_wait_for_parent, daemon=True).start()
    while True:
        try:
            path, size, now = asked.recv()
        except EOFError:
            return
        asked.send(_drafted_or_not(path, size, now))


def _drafted_or_not(path: str, size: int, now: datetime) -> tuple[NewObject, ...] | Exception:
    try:
        return drafted(path, size, now)
    except Exception as error:  # noqa: BLE001 - told to the writer, as text: not all can be sent
        return RuntimeError(f"{type(error).__name__}: {error}")


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
