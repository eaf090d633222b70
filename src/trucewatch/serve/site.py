"""What all requests share: the mission, its clock, and what each role sees of the desk."""

from __future__ import annotations

import hmac
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trucewatch.access.role import PUBLIC, Role, Viewer
from trucewatch.mission.confidential import erasures
from trucewatch.mission.opened import reading
from trucewatch.mission.shown import moved_on, nothing, shown
from trucewatch.serve.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    """

    def __init__(self, home: Home, *, clock: Clock, passes: dict[str, str]) -> None:
        self.home = home.expect()
        self.clock = clock
        self.kept = Kept()
        self._passes = passes
        self._lock = threading.Lock()
        self._seen: dict[Role, tuple[tuple[int, ...], tuple[object, ...], Shown]] = {}

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
        for path in (self.home.path / "log.db", self.home.desk):
            for file in (path, path.with_name(f"{path.name}-wal")):
                told = file.stat() if file.exists() else None
                found += (told.st_mtime_ns, told.st_size) if told else (0, 0)
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
            hangs_on = (*sorted(desk.items()), len(erasures(log)))
            held = self._seen.get(viewer.role)
            if desk and held is not None and held[1] == hangs_on and not moved_on(held[2], now):
                found = held[2]  # what came since is of no run yet
            else:
                found = shown(self.home, log, there, viewer, now) if desk else nothing(log)
            self._seen[viewer.role] = state, hangs_on, found
            return found
