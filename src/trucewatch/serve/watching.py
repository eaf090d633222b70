"""What changed, told to whoever listens: one watcher for all streams of a process.

It looks at sizes and times of the mission's files twice a second, and reads only when they moved.
It begins with the first who listens and ends with the last.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.access.policy import What, row_of
from trucewatch.access.role import PUBLIC, Role, Viewer
from trucewatch.errors import TruceWatchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.datastructures import State as AppState

    from trucewatch.mission.shown import Shown
    from trucewatch.serve.early import Told
    from trucewatch.serve.site import Site

_LOG = logging.getLogger(__name__)
LOOKS_EVERY_S = 0.5
_LISTENERS_MAX = 500
"""Streams of one process; whoever comes then is asked to come later."""
_DIGITS = 12
_VIEWERS = {Role.PUBLIC: PUBLIC, Role.MISSION: Viewer(Role.MISSION)}


class State(NamedTuple):
    """What a role may know of how things stand.

    Attributes:
        size: Entries of the log, which is public.
        root: Its root hash, hex.
        incidents: How many the role sees.
        seen: Changes whenever what the role sees of the desk does: for the mission the length of
            the log prefix that the desk is a function of, for the public a digest of its own
            tables, which says nothing of any other.
    """

    size: int
    root: str
    incidents: int
    seen: str

    @property
    def token(self) -> str:
        """By which a client says what it knows."""
        return f"{self.size}.{self.seen}"


class Watch:
    """The watcher.

    Args:
        site: What is watched.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listening: dict[asyncio.Queue[State | Told], Role] = {}
        self._told: dict[Role, State] = {}
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._log: tuple[tuple[int, ...], int, str] | None = None
        self._digests: dict[Role, tuple[Shown, str]] = {}

    @property
    def full(self) -> bool:
        """Whether no more can listen."""
        return len(self._listening) >= _LISTENERS_MAX

    @property
    def watching(self) -> bool:
        """Whether it looks, which it does while somebody listens."""
        return self._task is not None

    def join(self, role: Role) -> asyncio.Queue[State | Told]:
        """Return what brings each new state to one who listens, and what is provisional."""
        queue: asyncio.Queue[State | Told] = asyncio.Queue()
        self._listening[queue] = role
        if self._task is None:
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._watch())
            self._site.early.tell = partial(_soon, loop, self._tell_early)
        return queue

    def leave(self, queue: asyncio.Queue[State | Told]) -> None:
        """Bring nothing more to somebody."""
        del self._listening[queue]
        if not self._listening and self._task is not None:
            self._task.cancel()
            self._task = None

    def early(self, role: Role) -> Told | None:
        """Return how far the provisional incidents are, where a role may know."""
        told, held = self._site.early.told, self._digests.get(role)
        ran = held is not None and told.entry < held[0].size
        may = row_of(_VIEWERS[role], What.PROVISIONAL) is not None
        return told if may and told.incidents and not ran else None

    def look(self, role: Role) -> State:
        """Return how things stand for a role; what did not move is not read again."""
        with self._lock:
            state = self._site.state()
            if self._log is None or self._log[0] != state:
                with self._site.reading() as (log, _):
                    size = log.size
                    self._log = state, size, log.root(size).hex()
            seen = self._site.shown(_VIEWERS[role])
            held = self._digests.get(role)
            if held is None or held[0] is not seen:
                held = self._digests[role] = seen, _digest(role, seen)
            return State(self._log[1], self._log[2], len(seen.incidents), held[1])

    async def _watch(self) -> None:
        while True:
            for role in set(self._listening.values()):
                state = await self._looked(role)
                if state is not None:
                    self._tell(role, state)
            await asyncio.sleep(LOOKS_EVERY_S)

    def _tell(self, role: Role, state: State) -> None:
        if self._told.get(role) == state:
            return
        self._told[role] = state
        for queue, whose in self._listening.items():
            if whose is role:
                queue.put_nowait(state)

    def _tell_early(self) -> None:
        """Tell at once, without a look, which may take longer."""
        for queue, role in self._listening.items():
            if (told := self.early(role)) is not None:
                queue.put_nowait(told)

    async def _looked(self, role: Role) -> State | None:
        """Return how things stand; None while a writer is in between, which the next look sees."""
        try:
            return await asyncio.to_thread(self.look, role)
        except (TruceWatchError, OSError):
            _LOG.warning(
                "could not look at %s, will look again", self._site.home.path, exc_info=True
            )
            return None


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have it called in the loop's thread; a loop that was closed has nobody to tell."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


def _digest(role: Role, seen: Shown) -> str:
    if role is Role.MISSION:
        return str(seen.size)
    made = hashlib.sha256()
    for table in (seen.incidents, seen.assessments):
        made.update(table.with_columns(pl.col(pl.Categorical).cast(pl.String)).write_csv().encode())
    return made.hexdigest()[:_DIGITS]


def watch_of(site: Site, state: AppState) -> Watch:
    """Return the one watcher of an application, which its state keeps."""
    if "watch" not in state:
        state.watch = Watch(site)
    found: Watch = state.watch
    return found
