"""Kill a writer at any moment, again and again, and check every promise after each kill.

    python -m tests.faults.kills --kills 10000 --seed 7

A child process appends through a group commit with several submitters, publishes and shows heads to
a reader, under a clock that also steps back. A line in the pipe is an acknowledgement: it is
written after the promise was made. The seed fixes what is submitted and when the parent kills; what
the child had reached by then is up to the machine. A log is begun anew every `ROUND` kills, so that
a long run stays linear.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Never

from tests.faults.draws import Draws
from tests.faults.whole import NOW, Shown, expect_whole, found, keys_in, some

from trucewatch.evidence.commit import GroupCommit
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from datetime import datetime

ROUND = 50
SUBMITTERS = 4
_WAIT_MAX_S = 0.006  # after the last line that is waited for: about two batches
_LINES_MAX = 40
_LARGE_RATIO = 0.1


def main() -> int:
    """Run the kills that were asked for; print what was seen."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=7)
    asked = options.parse_args()
    acknowledged = entries = heads = 0
    begun_s = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for number, first in enumerate(range(0, asked.kills, ROUND)):
            draws = Draws(asked.seed, number)
            kills = min(ROUND, asked.kills - first)
            shown, size = one_round(Path(folder) / f"{number}", kills, draws)
            acknowledged += len(shown.places)
            heads += len(shown.heads)
            entries += size
    print(  # noqa: T201 - a program
        f"{asked.kills} kills, {acknowledged} acknowledged, {heads} heads shown, "
        f"{entries} entries, {time.process_time() - begun_s:.0f} s of CPU time to check: all kept"
    )
    return 0


def one_round(home: Path, kills: int, draws: Draws) -> tuple[Shown, int]:
    """Kill the writers of one log; return what they had shown, and its size in the end."""
    found(home)
    shown, size = Shown(), 0
    for kill in range(kills):
        for line in lines_until_killed(home, kill, draws):
            what, index, said = line.split(" ")
            if what == "head":
                shown.heads.add(bytes.fromhex(said))
            else:
                assert shown.places.setdefault(int(index), said) == said
        size = expect_whole(home, shown)
    return shown, size


def lines_until_killed(home: Path, kill: int, draws: Draws) -> list[str]:
    """Start a writer, kill it after some lines and a moment, and return every whole line."""
    wanted, wait_s = draws.whole(1, _LINES_MAX), draws.between(0, _WAIT_MAX_S)
    seed = draws.below_one()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _write_until_killed(home, kill, Draws(seed), writing)
    os.close(writing)
    said = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while said.count(b"\n") < wanted and (some_bytes := pipe.read(65536)):
            said += some_bytes
        time.sleep(wait_s)
        os.kill(child, signal.SIGKILL)
        while some_bytes := pipe.read(65536):
            said += some_bytes
    status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, said[-2000:].decode()
    return [line for line in said.decode().split("\n")[:-1] if line]


def _write_until_killed(home: Path, kill: int, draws: Draws, pipe: int) -> Never:
    """Serve submitters, publish and show heads until the end comes; never return."""
    try:
        with Log.open(home, signer=keys_in(home).log) as log:
            start = log.size
            with GroupCommit(log, lambda: _clock(draws)) as group:
                for submitter in range(SUBMITTERS):
                    number = (kill * SUBMITTERS + submitter) * 1_000_000 + start
                    args = (group, number, Draws(draws.below_one()), pipe)
                    threading.Thread(target=_submit, args=args, daemon=True).start()
                while True:
                    time.sleep(draws.between(0, _WAIT_MAX_S))
                    with group.alone() as lent:
                        lent.write_static()
                    with Log.open(home) as reader:
                        _say(pipe, f"head - {reader.checkpoint_note().hex()}")
    except BaseException as error:  # noqa: BLE001 - the parent reads it, and fails
        _say(pipe, f"error - {error!r}")
    finally:
        os._exit(1)


def _clock(draws: Draws) -> datetime:
    return NOW + timedelta(seconds=draws.between(-3600, 3600))


def _submit(group: GroupCommit, number: int, draws: Draws, pipe: int) -> None:
    while True:
        number += 1
        items = some(number, small=draws.whole(1, 5), large=int(draws.below_one() < _LARGE_RATIO))
        for placed in group.submit(items).result():
            _say(pipe, f"sealed {placed.index} {placed.object}")


def _say(pipe: int, line: str) -> None:
    os.write(pipe, f"{line}\n".encode())  # shorter than PIPE_BUF: lines never mix


if __name__ == "__main__":
    sys.exit(main())
