"""What all requests share: the mission, its clock, and what each role sees of the desk."""

from __future__ import annotations

import hmac
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trucewatch.access.role import PUBLIC, Role, Viewer
from trucewatch.mission.confidential import erasures
from trucewatch.mission.opened import reading
from trucewatch.mission.projection import RECEIVED
from trucewatch.mission.shown import Tables, moved_on, nothing, shown, tables_of
from trucewatch.serve.early import Early
from trucewatch.serve.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
from trucewatch.mission.shown import Shown


class Site:
    """One mission that is served.

    Args:
        home: The mission.
        clock: Says what time it is.
        passes: Name of somebody of the mission by their pass.

    Attributes:
        kept: Pages that were just made.
        early: What was posted since the last run.
    """

    def __init__(self, home: Home, *, clock: Clock, passes: dict[str, str]) -> None:
        self.home = home.expect()
        self.clock = clock
        self.kept = Kept()
        self.early = Early(self.home)
        self._passes = passes
        databases = (self.home.path / "log.db", self.home.desk)
        self._files = [f"{path}{end}" for path in databases for end in ("", "-wal")]
        self._lock = threading.Lock()
        self._seen: dict[Role, tuple[tuple[int, ...], tuple[object, ...], Shown]] = {}
        self._tables: tuple[tuple[object, ...], Tables] | None = None
        self._settling = threading.Lock()
        self._settled: tuple[tuple[int, ...], Hashable] | None = None
        self._looked, self._other = 0, -1

    def viewer(self, key: str | None) -> Viewer:
        """Return who shows a pass; without a good one it is the public."""
        for known, name in self._passes.items():
            if key is not None and hmac.compare_digest(known.encode(), key.encode()):
                return Viewer(Role.MISSION, name)
        return PUBLIC

    def now(self) -> datetime:
        """Return the present instant."""
        return self.clock.now()

    def state(self) -> tuple[int, ...]:
        """Return what changes whenever log or desk do: sizes and times of their files."""
        found: list[int] = []
        for file in self._files:
            try:
                told = os.stat(file)  # noqa: PTH116 - asked for with every request
            except FileNotFoundError:
                found += (0, 0)
            else:
                found += (told.st_mtime_ns, told.st_size)
        return tuple(found)

    @contextmanager
    def reading(self) -> Iterator[tuple[Log, Projection]]:
        """Yield the log and the projection, which are only read."""
        with reading(self.home) as opened:
            yield opened

    def shown(self, viewer: Viewer) -> Shown:
        """Return what somebody sees now; made again when mission or day moved."""
        state, now = self.state(), self.now()
        held = self._seen.get(viewer.role)
        if held is not None and held[0] == state and not moved_on(held[2], now):
            return held[2]
        with self._lock, self.reading() as (log, there):
            desk = there.desk.state()
            hangs_on = _hangs_on(log, desk)
            held = self._seen.get(viewer.role)
            if desk and held is not None and held[1] == hangs_on and not moved_on(held[2], now):
                found = held[2]  # what came since is of no run yet
            elif desk:
                if self._tables is None or self._tables[0] != hangs_on:
                    self._tables = hangs_on, tables_of(there)
                tables = self._tables[1]
                found = shown(self.home, log, there, viewer, now, tables=tables)
            else:
                found = nothing(log)
            self._seen[viewer.role] = state, hangs_on, found
            return found

    def ran(self) -> int:
        """Return how many entries the newest run saw, without waiting for what is made of it."""
        with self.reading() as (_, there):
            return int(there.desk.state().get("input_size", "0"))

    def settled(self, state: tuple[int, ...]) -> Hashable:
        """Return what changes with every run and every entry but a sensor's file.

        Pages of incidents, rules and promises hang on that: a file by itself changes none of them.

        Args:
            state: What `state` returned just now.
        """
        if self._settled is None or self._settled[0] != state:
            with self._settling, self.reading() as (log, there):
                for index, entry in log.entries(self._looked, log.size):
                    if not entry.type.startswith(RECEIVED):
                        self._other = index
                self._looked = log.size
                told = self._other, _hangs_on(log, there.desk.state())
                self._settled = state, told
        return self._settled[1]


def _hangs_on(log: Log, desk: dict[str, str]) -> tuple[object, ...]:
    return (*sorted(desk.items()), len(erasures(log)))
