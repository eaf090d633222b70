"""A worker: a child process that parses what strangers sent, so that the caller need not.

The child imports its jobs, gives up all rights (`sandbox`), greets, and then answers one request
after the other. Whatever a file does to it, the caller sees one refused file; the next request
finds a fresh child. The module of jobs is chosen by the caller's code, never by what was sent.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.intake import frames, sandbox
from trucewatch.evidence.intake.claims import printable

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

START_S = 60  # imports on a machine that is busy with other things
MESSAGES_MAX = 1 << 14  # frames of one answer; 1 GiB in blocks of 1 MiB is 1,024
_PIPE = 1 << 20  # bytes read or written at a time
_SOURCE = str(Path(__file__).parents[3])
_START = """
import sys
sys.path[:0] = sys.argv[1:3]
from trucewatch.evidence.intake.child import serve
serve(sys.argv[3], memory=int(sys.argv[4]), limit_s=int(sys.argv[5]))
"""
# Nothing of the caller's environment: it may hold secrets. One thread, or Landlock cannot bind.
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "TZ": "UTC",
}
_ADVICE = (
    "Parsing what strangers send needs a Linux kernel with seccomp, or Landlock and namespaces; "
    "tw doctor HOME says what this machine has."
)


class Family(NamedTuple):
    """Jobs that share a child.

    Attributes:
        module: Module with `JOBS` and `rehearse`.
        source: Folder to import it from.
        limit_s: Most seconds that a request may take: of processor time, and on the wall.
        request_max: Most bytes of a file.
        answer_max: Most bytes that may come back.
        memory: Most bytes of address space beyond the imports.
    """

    module: str
    source: str = _SOURCE
    limit_s: int = 10
    request_max: int = 1 << 28
    answer_max: int = 1 << 28
    memory: int = sandbox.MEMORY_MAX


INSPECT = Family("trucewatch.evidence.intake.jobs")
"""What is inside an image, a document, an archive, a raster, a waveform; see `inspect`."""
UNPACK = Family("trucewatch.evidence.intake.unpacking", limit_s=60, answer_max=1 << 30)
"""Ordinary ingest; starts fast, for it imports little.

Its caps on size and ratio bound the work already, and what a log holds must read alike on a slow
machine: so the time is only a last resort.
"""


class _GoneError(Exception):
    """The child ended, or does not speak our language."""


class _LateError(Exception):
    """The child took too long."""


class Worker:
    """A child process for one family of jobs, started at the first request.

    One request at a time; threads wait for one another. Close it, or use it in `with`.

    Args:
        family: The jobs, and their limits.
    """

    def __init__(self, family: Family) -> None:
        self._family = family
        self._child: subprocess.Popen[bytes] | None = None
        self._limits: tuple[str, ...] = ()
        self._turn = threading.Lock()
        self._until_s = 0.0

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def close(self) -> None:
        """End the child, if there is one; a later request starts another."""
        with self._turn:
            self._end()

    def limits(self) -> tuple[str, ...]:
        """Return what the child could give up, in order of the alphabet.

        Raises LogRefused, as `ask` does, where a child cannot be started or not be locked in.
        """
        with self._turn:
            self._started()
            return self._limits

    def ask(
        self, job: str, data: bytes, *, name: str = "upload", **options: object
    ) -> tuple[dict[str, Json], bytes]:
        """Have one job done on the bytes of one file.

        Raises LogRefused where the child cannot be started, or not be locked in: that is the
        machine's fault, not the file's.

        Args:
            job: Name of the job.
            data: The bytes as received.
            name: How to name the file in an error.
            options: Canonical JSON values for the job.

        Returns:
            The facts, and the bytes that the job made.

        Raises:
            BadInput: The file is refused, or took too much time or memory, or ended its parser.
        """
        if len(data) > self._family.request_max:
            found = f"has {len(data)} bytes, must be at most {self._family.request_max}"
            raise BadInput(name, found)
        request = frames.encode({"job": job, "options": options})
        with self._turn:
            child = self._started()
            self._until_s = time.monotonic() + self._family.limit_s
            try:
                self._send(child, frames.parts(request, data))
                answer, blocks = self._answer(child)
            except _LateError as error:
                self._end()
                late = f"took longer than {self._family.limit_s} s to parse, must take less"
                raise BadInput(name, late) from error
            except _GoneError as error:
                raise BadInput(name, self._epitaph()) from error
            except BaseException:
                self._end()  # interrupted between two frames, it cannot be spoken to any more
                raise
            if answer["spent"] is True:
                self._end()
        if "refused" in answer:
            raise BadInput(name, printable(str(answer["refused"])))
        facts = answer.get("facts")
        return (facts if isinstance(facts, dict) else {}), b"".join(blocks)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        try:
            self._child = self._spawned()
            self._until_s = time.monotonic() + START_S
            greeting = frames.receive(self._read, body_max=0).header
        except (_GoneError, _LateError, BadInput, OSError) as error:
            self._end()
            raise LogRefused("intake", "the worker does not start", advice=_ADVICE) from error
        said = greeting.get("limits")
        self._limits = tuple(str(w) for w in said) if isinstance(said, list) else ()
        if lacks := sandbox.REQUIRED - set(self._limits):
            self._end()
            named = " and ".join(word.removeprefix("no ") for word in sorted(lacks))
            found = f"the worker cannot give up {named}, expected that it can"
            raise LogRefused("intake", found, advice=_ADVICE)
        return self._child

    def _spawned(self) -> subprocess.Popen[bytes]:
        family = self._family
        arguments = [_SOURCE, family.source, family.module]
        arguments += [str(family.memory), str(family.limit_s)]
        child = subprocess.Popen(  # noqa: S603 - our own code, by our own interpreter
            [sys.executable, "-I", "-c", _START, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            close_fds=True,
            start_new_session=True,  # an interrupt at the keyboard is for the caller alone
            bufsize=0,
        )
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
        return child

    def _send(self, child: subprocess.Popen[bytes], parts: list[bytes]) -> None:
        number = child.stdin.fileno() if child.stdin else -1
        for part in parts:
            rest = memoryview(part)
            while rest:
                self._wait(number, select.POLLOUT)
                with suppress(BlockingIOError):
                    try:
                        rest = rest[os.write(number, rest[:_PIPE]) :]
                    except BrokenPipeError as error:
                        raise _GoneError from error

    def _answer(self, child: subprocess.Popen[bytes]) -> tuple[dict[str, Json], list[bytes]]:
        """Read frames with blocks until one without a block ends the answer.

        Raises:
            _GoneError: The child ended, or what it says is no answer.
        """
        blocks: list[bytes] = []
        left = self._family.answer_max
        for _ in range(MESSAGES_MAX):
            try:
                header, body = frames.receive(self._read, body_max=left)
            except BadInput as error:  # it has been taken over, or our code is wrong
                child.kill()
                raise _GoneError from error
            if "spent" in header:
                return header, blocks
            blocks.append(body)
            left -= len(body)
        child.kill()
        raise _GoneError

    def _read(self, size: int) -> bytes:
        child = self._child
        number = child.stdout.fileno() if child and child.stdout else -1
        pieces: list[bytes] = []
        while size:
            self._wait(number, select.POLLIN)
            with suppress(BlockingIOError):
                piece = os.read(number, min(size, _PIPE))
                if not piece:
                    raise _GoneError
                pieces.append(piece)
                size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _wait(self, number: int, direction: int) -> None:
        left_s = self._until_s - time.monotonic()
        ready = select.poll()
        ready.register(number, direction)
        if left_s <= 0 or not ready.poll(left_s * 1000):
            raise _LateError

    def _end(self) -> int:
        """Kill the child; its exit status, or 0."""
        child, self._child = self._child, None
        if child is None:
            return 0
        with suppress(ProcessLookupError):
            child.kill()
        status = child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return status

    def _epitaph(self) -> str:
        """Say how the child ended that has closed its pipes; a moment is given to it for that."""
        if self._child is not None:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=1)
        status = self._end()
        if status == -signal.SIGXCPU:
            return f"used more than {self._family.limit_s} s of processor time, must use less"
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f"its parser ended with {how}, expected an answer"


def limits() -> tuple[str, ...]:
    """Return what a worker on this machine can give up; `tw doctor` prints it.

    Raises LogRefused, with advice, where a worker cannot be started or not be locked in.
    """
    with Worker(UNPACK) as worker:
        return worker.limits()
