"""A clock that steps back, two writers, and an export that is told to end."""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

import pytest
from tests.faults.draws import Draws
from tests.faults.whole import NOW, Shown, expect_whole, found, some

from trucewatch.errors import LogRefused
from trucewatch.evidence.bundle import read_bundle
from trucewatch.evidence.commit import GroupCommit
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from tests.faults.whole import NOW, keys_in, some
from trucewatch.evidence.log import Log
home = Path(sys.argv[1])
with Log.open(home, signer=keys_in(home).log) as log:
    log.append(some(int(sys.argv[2])), now=NOW)
    print("holds", flush=True)
    sys.stdin.read()
"""
EXPORTER = """
import sys
from pathlib import Path
from tests.faults.test_writers import FILES
from trucewatch.evidence.bundle import write_bundle
folder, suffix = Path(sys.argv[1]), sys.argv[2]
print("begins", flush=True)
for number in range(1000):
    write_bundle(folder / f"{number}{suffix}", FILES)
    print(number, flush=True)
"""
FILES = {f"part-{i % 2}/file-{i}": b"%d" % i * 1000 for i in range(8)}
TERMS = 4


@pytest.mark.parametrize("step_h", [-24, -1, 1])
def test_no_entry_gets_a_time_before_the_one_before_it(tmp_path: Path, step_h: int) -> None:
    home, shown = tmp_path / "home", Shown()
    signer = found(home).log
    with Log.open(home, signer=signer) as log:
        shown.take(log.append(some(0), now=NOW))
        shown.take(log.append(some(1), now=NOW + timedelta(hours=step_h)))

    with (
        Log.open(home, signer=signer) as again,
        GroupCommit(again, lambda: NOW - timedelta(days=400)) as group,
    ):
        shown.take(group.submit(some(2)).result(timeout=60))

    assert expect_whole(home, shown) == 12
    with Log.open(home) as reader:
        assert {entry.logged_at for _, entry in reader.entries(4)} == {
            max(NOW, NOW + timedelta(hours=step_h))
        }


def test_a_second_writer_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    home, shown = tmp_path / "home", Shown()
    signer = found(home).log
    for turn in range(2):
        command = [sys.executable, "-c", HOLDER, str(home), f"{turn}"]
        with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as first:  # noqa: S603
            assert first.stdout is not None
            assert first.stdout.readline() == "holds\n"

            with pytest.raises(LogRefused, match=f"held by process {first.pid}, expected no other"):
                Log.open(home, signer=signer)
            first.kill()
            first.wait(timeout=60)
        with Log.open(home, signer=signer) as second:
            shown.take(second.append(some(turn), now=NOW))
            assert second.size == 4 * (turn + 1)  # the same objects: nothing is sealed twice

    assert expect_whole(home, shown) == 8


@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_an_export_that_is_told_to_end_leaves_no_half_bundle_under_its_name(
    tmp_path: Path, suffix: str
) -> None:
    draws, half = Draws(suffix), 0
    for turn in range(TERMS):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        command = [sys.executable, "-c", EXPORTER, str(folder), suffix]
        with Popen(command, stdout=PIPE, text=True) as child:  # noqa: S603
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            said = [child.stdout.readline() for _ in range(draws.whole(0, 5))]
            for _ in range(draws.whole(1, 20)):
                while not any(path.name.startswith(".") for path in folder.iterdir()):
                    assert child.poll() is None
            os.kill(child.pid, signal.SIGTERM)
            said += [line for line in child.stdout if line.endswith("\n")]

        there = [path for path in folder.iterdir() if not path.name.startswith(".")]
        half += len(list(folder.iterdir())) > len(there)
        assert all(read_bundle(path) == FILES for path in there)
        assert {f"{number.strip()}{suffix}" for number in said} <= {path.name for path in there}
    assert half  # some were cut short
