"""What was posted since the last run, as provisional incidents, for pages and streams.

A process aside joins the reports (`mission.provisional`). While it works, what comes waits and is
joined with the next; nothing that is posted waits for it.
"""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.mission.aside import Aside
from trucewatch.mission.provisional import NOTHING, Sealed, foreseeing

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from trucewatch.mission.home import Home

_LOG = logging.getLogger(__name__)
WAITING_ROWS_MAX = 50_000
"""Observations that wait to be joined; beyond, they are left to the run, so that memory lasts."""


class Told(NamedTuple):
    """How far it is.

    Attributes:
        entry: The newest entry whose reports are joined.
        incidents: How many provisional incidents there are.
    """

    entry: int
    incidents: int


class Early:
    """Joins what was posted.

    Args:
        home: The mission.

    Attributes:
        tell: Called, from another thread, each time there is more.
        told: How far it is; changes with every answer.
    """

    def __init__(self, home: Home) -> None:
        self._path = str(home.path)
        self._lock = threading.Lock()
        self._waiting: list[Sealed] = []
        self._asked: list[Sealed] = []
        self._behind = False
        self._table = NOTHING
        self.told = Told(-1, 0)
        self.tell: Callable[[], None] = _to_nobody

    def since(self, size: int) -> pl.DataFrame:
        """Return `fuse.provisional.PROVISIONAL` that rests on entries from `size` on."""
        return self._table.filter(pl.col("entry") >= size)

    def heard(self, entry: int, sensor: str, observations: pl.DataFrame) -> None:
        """Take what a file held that was just sealed; whoever sent it never hears of a failure."""
        with self._lock:
            self._waiting.append(Sealed(entry, sensor, observations))
            if sum(len(each.observations) for each in self._waiting) > WAITING_ROWS_MAX:
                self._waiting, self._behind = [], True
        self._go_on()

    @cached_property
    def _aside(self) -> Aside:
        return Aside(foreseeing)

    def _go_on(self) -> None:
        with self._lock:
            if self._asked:
                return
            behind, self._behind = self._behind, False
            if behind:
                self._begins_anew()
            self._asked, self._waiting = self._waiting, []
            if not self._asked:
                return
        try:
            answer = self._aside.ask(self._path, self._asked)
        except (OSError, RuntimeError) as error:  # no process or no thread is to be had
            self._fails(error)
        else:
            answer.add_done_callback(self._came)

    def _came(self, answer: Future[pl.DataFrame]) -> None:
        newest = max(each.entry for each in self._asked)
        try:
            self._table = answer.result()
        except Exception as error:  # noqa: BLE001 - the run does without it
            self._fails(error)
        else:
            self.told = Told(newest, len(self._table))
            self.tell()
        with self._lock:
            self._asked = []
        self._go_on()

    def _fails(self, error: Exception) -> None:
        _LOG.warning("what was posted is not shown before the next run: %s", error)
        with self._lock:
            self._asked = []
        held: Aside | None = self.__dict__.get("_aside")
        if held is not None and held.ended:
            del self._aside

    def _begins_anew(self) -> None:
        """Leave to the run what came faster than it can be joined; a new process reads the rest."""
        _LOG.warning("more was posted than can be joined; it is not shown before the next run")
        self.__dict__.pop("_aside", None)
        self._table = NOTHING
        self.told = Told(self.told.entry, 0)


def _to_nobody() -> None:
    """Nobody listens."""
