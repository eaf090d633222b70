"""Killed at any moment: nothing that was acknowledged is lost, and the projections are the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.mission.samples import NOW, firms

from trucewatch.evidence.log import Log
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

FILES = 9
KILLS = 5
READ = ("addresses", "observations", "quarantine")  # what ingest computes; the rest is of runs


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for i in range(FILES):
        path = tmp_path / f"firms-{i:02d}.csv"
        path.write_bytes(firms(day=1 + i, n=900 + i, sat="N20" if i % 2 else "N21"))
        made.append(path)
    return made


def acknowledged(home: Path, files: list[Path], *, kill_after: int) -> set[str]:
    """Ingest in a process of its own, killed after so many acknowledgements; return them."""
    command = [sys.executable, "-m", "trucewatch", "ingest", str(home), "firms", *map(str, files)]
    seen: set[str] = set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        for line in process.stdout:
            seen |= set(re.findall(r"sealed as entry \d+, sha256 ([0-9a-f]{64})", line))
            if len(seen) >= kill_after:
                os.kill(process.pid, signal.SIGKILL)
                break
        process.wait()
    return seen


def test_nothing_acknowledged_is_lost_and_the_projections_are_the_same(
    tmp_path: Path, files: list[Path]
) -> None:
    rng = np.random.default_rng(7)
    clock = SimulatedClock(NOW)
    calm, killed = Home(tmp_path / "calm"), Home(tmp_path / "killed")
    for home in (calm, killed):
        create(home.path, clock=clock, plan=Plan(seed=bytes(32)))
    list(ingest(calm, "firms", files, clock=clock))
    run(calm, clock=clock)

    seen: set[str] = set()
    for _ in range(KILLS):
        order = [files[i] for i in rng.permutation(FILES)]
        seen |= acknowledged(killed.path, order, kill_after=int(rng.integers(1, 5)))
        with Log.open(killed.path) as log:
            assert all(log.object(sha) for sha in seen)
            assert verify(killed.path, vkey=None).size == log.size
        list(ingest(killed, "firms", order[:1], clock=clock))  # catches up with what was sealed
        compared = rebuild(killed).compared
        assert {compared[table] for table in READ} == {"same"}
    list(ingest(killed, "firms", files, clock=clock))
    run(killed, clock=clock)

    assert len(seen) > KILLS
    assert set(rebuild(killed).compared.values()) == {"same"}
    assert digest_tables(killed) == digest_tables(calm)
