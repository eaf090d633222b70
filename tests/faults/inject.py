"""Let the kernel refuse, or kill at, each system call of one append and one publication.

    python -m tests.faults.inject [error=EIO] [error=ENOSPC] [signal=KILL]

Strace refuses the n-th call of a kind, whoever makes it: Python, SQLite or any library. A child is
made for each n by forking, which costs no start of Python, and strace is attached before it begins.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Never

from tests.faults.whole import NOW, Shown, expect_whole, found, keys_in, some

from trucewatch.errors import TruceWatchError
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.evidence.sequencer import Appended

CALLS = (
    "openat", "mkdir", "unlink", "rename", "write", "pwrite64", "fsync", "fdatasync", "ftruncate",
    "fchmod",
)  # fmt: skip
ACTIONS = ("error=EIO", "error=ENOSPC", "signal=KILL")
_REFUSED, _LEAKED = 3, 4


def main(actions: Sequence[str]) -> int:
    """Run every fault there is; print how many of each kind of call."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        prepare(template)
        for call in CALLS:
            counts = {action: sum(1 for _ in faults(template, call, action)) for action in actions}
            print(call, *(f"{action}: {n}" for action, n in counts.items()))  # noqa: T201
    return 0


def prepare(template: Path) -> None:
    """Make a log to begin from, and load what Python loads late."""
    found(template)
    warm = template.with_name("warm")
    shutil.copytree(template, warm)
    _append(warm, 0)


def faults(template: Path, call: str, action: str) -> Iterator[int]:
    """Yield 1, 2, ... as long as there is such a call to inject a fault into."""
    at = 1
    while True:
        home = template.with_name(f"{call}-{action}-{at}")
        shutil.copytree(template, home)
        injected, said = _traced(home, f"{call}:{action}:when={at}")
        shown = Shown()
        for line in said.split("\n")[:-1]:
            index, digest = line.split(" ")
            shown.places[int(index)] = digest
        expect_whole(home, shown)
        shown.take(_append(home, 1))
        expect_whole(home, shown)
        shutil.rmtree(home)
        if not injected:
            return
        yield at
        at += 1


def _traced(home: Path, inject: str) -> tuple[bool, str]:
    """Append in a child under strace; return whether it was injected, and what the child said."""
    trace = home.with_suffix(".trace")
    go, wait = os.pipe()[::-1]
    heard, say = os.pipe()
    child = os.fork()
    if not child:
        os.read(wait, 1)
        _child(home, say)
    os.close(say)
    command = ["strace", "-qq", "-o", str(trace), "-e", f"inject={inject}", "-p", f"{child}"]
    with subprocess.Popen([*command, "-e", f"trace={inject.partition(':')[0]}"]) as strace:  # noqa: S603
        while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
            assert strace.poll() is None, "strace could not attach"
        os.write(go, b"!")
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(heard) as pipe:
        said = pipe.read()
    os.close(go)
    os.close(wait)
    assert status in {0, _REFUSED, -9}, (inject, status, said)
    text = trace.read_text()
    trace.unlink()
    return "INJECTED" in text or status == -9, said


def _child(home: Path, say: int) -> Never:
    code = _LEAKED
    try:
        for placed in _append(home, 1):
            os.write(say, f"{placed.index} {placed.object}\n".encode())
        code = 0
    except TruceWatchError:
        code = _REFUSED
    except OSError as error:
        if error.filename is None and not isinstance(error, FileNotFoundError):
            code = _REFUSED  # it could not be said: not acknowledged
        else:
            os.write(2, f"{error!r}\n".encode())
    except BaseException as error:  # noqa: BLE001 - the parent reads it, and fails
        os.write(2, f"{error!r}\n".encode())
    finally:
        os._exit(code)


def _append(home: Path, number: int) -> list[Appended]:
    with Log.open(home, signer=keys_in(home).log) as log:
        placed = log.append(some(number), now=NOW)
        log.write_static()
    return placed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ACTIONS))
