"""The one thread of a process that takes posts: it opens the mission, seals, and lets go again.

Whatever waits is sealed together. The mission is held while posts come in quick succession or a
run is on, and given back at the first pause, so that the command line finds it free.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from trucewatch.errors import TruceWatchError
from trucewatch.mission.aside import Aside
from trucewatch.mission.beside import GIVES_WAY, drafting
from trucewatch.mission.opened import writing
from trucewatch.mission.posting import take
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar.datastructures import State as AppState

    from trucewatch.evidence.sequencer import NewObject
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import Intake
    from trucewatch.mission.noted import Received
    from trucewatch.mission.opened import Writer
    from trucewatch.mission.posting import Post
    from trucewatch.serve.early import Early
    from trucewatch.serve.site import Site

_LOG = logging.getLogger(__name__)
WAITING_BYTES_MAX = 256 * 2**20
"""Of posts that came and are not sealed; who comes then is asked to come again."""
_TOGETHER_BYTES = 8 * 2**20  # in one transaction: none waits long for the others
_LINGERS_S = 0.2  # opening costs some 0.07 s; a pause of this length is worth closing for
_AGAIN_S = 1.0  # after which a run that could not begin is tried again
_HOLDS_S = 10.0  # then it is opened anew, so that a changed configuration comes into force


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiting:
    """A post whose sender waits.

    Attributes:
        post: What was posted.
        run: Whether a run is wanted after it.
        digest: SHA-256 of its bytes.
        answer: What became of it.
    """

    post: Post
    run: bool
    digest: str
    answer: Future[Intake] = field(default_factory=Future)


class Full(Exception):  # noqa: N818 - reads as a sentence at the raise
    """Too much waits to be sealed."""


class Taking:
    """Takes posts.

    Args:
        home: The mission.
        clock: Says what time it is.
        early: Is told what each new file held.
    """

    def __init__(self, home: Home, clock: Clock, early: Early) -> None:
        self._home, self._clock, self._early = home, clock, early
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._next: _Waiting | None = None
        self._now: list[_Waiting] = []
        self._lock = threading.Lock()
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._run: Future[tuple[NewObject, ...]] | None = None

    def put(self, post: Post, *, run: bool) -> Future[Intake]:
        """Return what becomes of a post; it comes when the post is durable.

        Raises:
            Full: Too many bytes wait already.
        """
        waiting = _Waiting(post=post, run=run, digest=sha256_hex(post.raw))
        with self._lock:
            if self._bytes and self._bytes + len(post.raw) > WAITING_BYTES_MAX:
                raise Full
            self._bytes += len(post.raw)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, daemon=True)
                self._thread.start()
        waiting.answer.add_done_callback(lambda _: self._less(len(post.raw)))
        self._queue.put(waiting)
        return waiting.answer

    @cached_property
    def _runner(self) -> Aside:
        return Aside(drafting, gives_way=GIVES_WAY)

    def _less(self, bytes_n: int) -> None:
        with self._lock:
            self._bytes -= bytes_n

    def _serve(self) -> None:
        wait_s = 0.0
        while True:
            self._now = self._group(wait_s if self._wanted else None)
            if not self._now and not self._wanted:
                continue
            wait_s = 0.0
            try:
                with writing(self._home, self._clock) as writer:
                    writer.projection.catch_up(writer.log, writer.log.size, writer.using)
                    self._on(writer)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
                self._fail(error)
                wait_s = _AGAIN_S

    def _on(self, writer: Writer) -> None:
        """Take group after group until there is a pause, or it is time to open anew."""
        until = time.monotonic() + _HOLDS_S
        try:
            while True:
                self._take(writer, self._now)
                self._run_on(writer, may_begin=time.monotonic() < until)
                if self._run is None and (self._wanted or time.monotonic() > until):
                    return
                self._now = self._group(None if self._run is not None else _LINGERS_S)
                if not self._now and self._run is None:
                    return
        finally:
            list(self._settle(writer))

    def _group(self, wait_s: float | None) -> list[_Waiting]:
        """Return what waits, to be sealed together; nothing where nothing came or a run ended."""
        found: list[_Waiting] = []
        known: set[tuple[str, str]] = set()
        room = _TOGETHER_BYTES
        while room > 0:
            try:
                each = self._next or self._queue.get(block=not found, timeout=wait_s)
            except Empty:
                break
            self._next = None
            if each is None:
                break
            key = each.post.sensor, each.digest
            if key in known:  # the same bytes: after the first was sealed
                self._next = each
                break
            known.add(key)
            found.append(each)
            room -= len(each.post.raw)
        return found

    def _take(self, writer: Writer, group: list[_Waiting]) -> None:
        if not group:
            return
        posts = [each.post for each in group]
        taken = take(writer, posts, note=self._run is None, heard=self._early.heard)
        self._wanted |= any(each.run for each in group)
        for each, became in zip(group, taken, strict=True):
            if isinstance(became, TruceWatchError):
                each.answer.set_exception(became)
            else:
                each.answer.set_result(became)

    def _run_on(self, writer: Writer, *, may_begin: bool) -> None:
        """End a run that is done; begin one that is wanted."""
        if self._run is not None and self._run.done():
            for _ in self._settle(writer):
                self._now = self._group(0.0)
                self._take(writer, self._now)
        if self._run is None and self._wanted and may_begin:
            self._wanted = False
            run = self._runner.ask(str(self._home.path), writer.log.size, writer.clock.now())
            self._run = run
            run.add_done_callback(lambda _: self._queue.put(None))

    def _settle(self, writer: Writer) -> Iterator[Received]:
        """Wait for a run to end, seal what it recorded, and put on the desk what came since.

        Yields:
            Each file when it is on the desk, so that nobody who posts waits for all of them.
        """
        if self._run is None:
            return
        run, self._run = self._run, None
        try:
            found = run.result()
        except Exception as error:  # noqa: BLE001 - posts go on without it
            told = "a run failed (%s); what was posted is sealed, and is for the next run"
            _LOG.warning(told, error)
            if self._runner.ended:
                del self._runner
        else:
            if found:
                writer.log.append(found, now=writer.clock.now())
        yield from writer.projection.catching_up(writer.log, writer.log.size, writer.using)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, TruceWatchError):
            _LOG.error("could not take what was posted", exc_info=error)
        for each in self._now:
            if not each.answer.done():
                each.answer.set_exception(error)


def taking_of(site: Site, state: AppState) -> Taking:
    """Return what takes the posts of an application, which its state keeps."""
    if "taking" not in state:
        state.taking = Taking(site.home, site.clock, site.early)
    found: Taking = state.taking
    return found
