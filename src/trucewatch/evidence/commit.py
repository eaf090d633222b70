"""Group commit: many submitters, one writer, one fsync for all that came in the meantime.

A batch takes what was submitted while the batch before it was made durable. Whoever is acknowledged
mostly submits again at once, so it waits for as many submissions as that one had, as long as they
keep coming, and never longer than `wait_max_ms`; a lone submitter never waits.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Self

from trucewatch.errors import EvidenceBroken, LogRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.sequencer import Appended, NewObject

BATCH_MAX = 256
"""Entries: one tile's width; from here on a larger batch gains little."""

WAIT_MAX_MS = 50
"""Half of the 100 ms within which a submission is to be acknowledged."""

_QUIET_S = 0.001  # nobody comes for so long: whoever is missing has nothing to submit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submission:
    items: Sequence[NewObject]
    future: Future[list[Appended]]


class GroupCommit:
    """Appends to a log what many threads submit; close it, or use it in a `with`.

    A program that ends without closing it is not kept waiting: what was acknowledged is durable,
    what was not may be missing, as after a power cut.

    Args:
        log: Opened for writing. Its database serves one thread at a time: until this is closed,
            use it through `alone`; readers open the log for themselves.
        clock_now: Gives the time of a batch; called in a thread of its own.
        batch_max: Entries in a batch; a submission is never split, so that a larger one is a batch.
        wait_max_ms: Longest time that a submission waits for others, in milliseconds.
    """

    def __init__(
        self,
        log: Log,
        clock_now: Callable[[], datetime],
        batch_max: int = BATCH_MAX,
        wait_max_ms: int = WAIT_MAX_MS,
    ) -> None:
        self._log, self._clock_now = log, clock_now
        self._batch_max, self._wait_max_ms = batch_max, wait_max_ms
        self._turn, self._using = Condition(), Lock()
        self._waiting: deque[_Submission] = deque()
        self._closed = False
        self._ended_by: BaseException | None = None  # what no thread of ours goes on after
        self._taken: Sequence[_Submission] = ()
        self._thread = Thread(target=self._work, name="group commit", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[NewObject]) -> Future[list[Appended]]:
        """Hand in what is to be sealed together, from any thread.

        The submissions of one thread are sealed in their order. A submission is wholly in the log
        or not at all, and what is wrong with one is no other's trouble.

        Args:
            items: What to seal, in order.

        Returns:
            What `Log.append` returns or raises; it is set once that is durable. `result()` waits.

        Raises:
            LogRefused: This was closed, or its thread was ended by an error.
        """
        future: Future[list[Appended]] = Future()
        with self._turn:
            if self._ended_by is not None:
                raise LogRefused("log.db", _ended(self._ended_by)) from self._ended_by
            if self._closed:
                raise LogRefused("log.db", "no more is taken, expected a writer that is not closed")
            self._waiting.append(_Submission(items=tuple(items), future=future))
            self._turn.notify()
        return future

    @contextmanager
    def alone(self) -> Iterator[Log]:
        """Lend the log between two batches: to publish it, to add anchors, to prove.

        What is submitted meanwhile waits until the block ends. Inside it, never wait for that: a
        call of `submit(...).result()` or of `close` in the block never returns.

        Yields:
            The log, for the block of a `with`.
        """
        with self._using:
            yield self._log

    def close(self) -> None:
        """Take nothing more, seal what was taken, and return when all of it is acknowledged."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the object itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _work(self) -> None:
        company = 1
        try:
            while batch := self._take(company):
                company = len(batch)
                self._commit([s for s in batch if s.future.set_running_or_notify_cancel()])
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, and would wait forever
            self._end(error)

    def _end(self, error: BaseException) -> None:
        """Take nothing more, and fail all that was taken and not acknowledged."""
        with self._turn:
            self._closed, self._ended_by = True, error
            unsaid = [*self._taken, *self._waiting]
            self._waiting.clear()
        for submission in unsaid:
            refused = LogRefused("log.db", _ended(error))
            refused.__cause__ = error
            with suppress(InvalidStateError):  # acknowledged, or called off
                submission.future.set_exception(refused)

    def _take(self, company: int) -> list[_Submission]:
        """Wait for submissions and take a batch of them; none when closed and all are taken."""
        with self._turn:
            self._turn.wait_for(lambda: self._waiting or self._closed)
            end_s = time.monotonic() + self._wait_max_ms / 1000
            while len(self._waiting) < company and not self._closed:
                if not self._turn.wait(_QUIET_S) or time.monotonic() > end_s:
                    break
            batch: list[_Submission] = []
            room = self._batch_max
            while self._waiting and (not batch or len(self._waiting[0].items) <= room):
                batch.append(self._waiting.popleft())
                room -= len(batch[-1].items)
            self._taken = batch
            return batch

    def _commit(self, batch: Sequence[_Submission]) -> None:
        if not batch:
            return
        try:
            items = [item for submission in batch for item in submission.items]
            with self._using:
                placed = self._log.append(items, now=self._clock_now())
        except Exception as error:  # noqa: BLE001 - whatever it is, its submitter is told
            if len(batch) == 1 or isinstance(error, LogRefused | EvidenceBroken):
                for submission in batch:  # the disk or the log: nobody's items are to blame
                    submission.future.set_exception(error)
            else:  # halve it until the one that is to blame is alone
                middle = len(batch) // 2
                self._commit(batch[:middle])
                self._commit(batch[middle:])
            return
        at = 0
        for submission in batch:
            submission.future.set_result(placed[at : at + len(submission.items)])
            at += len(submission.items)


def _ended(error: BaseException) -> str:
    return f"the writing thread was ended by {error!r}, expected it to go on"
