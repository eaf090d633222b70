"""Jobs that try what a parser must not be able to do; a worker runs them for the tests alone."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from trucewatch.evidence.intake.child import Answer

AT_START = {
    "environment": dict(os.environ),  # noqa: TID251 - what was inherited
    "files": sorted(int(p.name) for p in Path("/proc/self/fd").iterdir()),
}
LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16


def allocate(_: bytes, *, size: int) -> Answer:
    return Answer({"size": len(bytearray(size))})


def spin(_: bytes) -> Answer:
    while True:
        pass


def sleep(_: bytes) -> Answer:
    time.sleep(60)
    return Answer({})


def connect(_: bytes, *, family: str, kind: str) -> Answer:
    socket.socket(getattr(socket, family), getattr(socket, kind))
    return Answer({"opened": True})


def pair(_: bytes) -> Answer:
    socket.socketpair()
    return Answer({"opened": True})


def read(_: bytes, *, path: str) -> Answer:
    return Answer({"read": Path(path).read_text()})


def write(_: bytes, *, path: str) -> Answer:
    return Answer({"written": Path(path).write_text("x")})


def inspect_folder(_: bytes, *, path: str) -> Answer:
    return Answer({"there": os.listdir(path)})  # noqa: PTH208 - one system call


def look(_: bytes, *, path: str) -> Answer:
    return Answer({"size": Path(path).stat().st_size})


def remove(_: bytes, *, path: str) -> Answer:
    Path(path).unlink()
    return Answer({})


def remember(_: bytes) -> Answer:
    return Answer({"number": os.memfd_create("x")})


def fork(_: bytes) -> Answer:
    return Answer({"child": os.fork()})


def run(_: bytes) -> Answer:
    subprocess.run([sys.executable, "-c", ""], check=True)
    return Answer({"ran": True})


def replace(_: bytes) -> Answer:
    os.execv(sys.executable, [sys.executable, "-c", ""])  # noqa: S606


def thread(_: bytes) -> Answer:
    seen: list[int] = []
    one = threading.Thread(target=lambda: seen.append(1))
    one.start()
    one.join()
    return Answer({"seen": len(seen)})


def kill(_: bytes) -> Answer:
    os.kill(os.getppid(), signal.SIGTERM)
    return Answer({"killed": True})


def trace(_: bytes) -> Answer:
    if LIBC.ptrace(PTRACE_ATTACH, os.getppid(), 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")
    return Answer({"traced": True})


def unlimit(_: bytes) -> Answer:
    far = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_AS, (far, far))
    return Answer({"unlimited": True})


def starve(_: bytes, *, pid: int) -> Answer:
    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
    return Answer({"starved": True})


def crash(_: bytes) -> Answer:
    ctypes.string_at(0)
    return Answer({})


def leave(_: bytes) -> Answer:
    os._exit(3)


def flood(_: bytes) -> Answer:
    return Answer({}, (bytes(1 << 20) for _ in range(1_000_000)))


def chatter(_: bytes) -> Answer:
    return Answer({}, (b"" for _ in range(1_000_000)))


def babble(_: bytes) -> Answer:
    for number in range(3, 10):
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            continue
    return Answer({})


def shout(_: bytes) -> Answer:
    os.write(1, b"a library prints to its standard output")
    return Answer({"said": True})


def lie(_: bytes) -> Answer:
    return Answer({"rate": float("nan")})


def deceive(_: bytes) -> Answer:
    msg = "\x1b[2Jall is well\u202e"
    raise ValueError(msg)


def at_start(_: bytes) -> Answer:
    return Answer(AT_START)


def echo(raw: bytes) -> Answer:
    return Answer({"size": len(raw)}, [raw])


JOBS = {
    job.__name__: job
    for job in (
        allocate, spin, sleep, connect, pair, read, write, inspect_folder, look, remove, remember,
        fork, run, replace, thread, kill, trace, unlimit, starve, crash, leave, flood, chatter,
        babble, shout, lie, deceive, at_start, echo,
    )
}  # fmt: skip


def rehearse() -> None:
    """Load what the jobs load late."""
    subprocess.run([sys.executable, "-c", ""], check=True)
    thread(b"")
