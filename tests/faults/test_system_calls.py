"""One pass over every system call of an append and a publication, with strace; see `inject`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

ACTIONS = ("error=EIO", "signal=KILL")


@pytest.mark.system
def test_a_refusal_and_a_kill_at_each_system_call_lose_nothing() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace not found: no system call can be made to fail")
    command = [sys.executable, "-m", "tests.faults.inject", *ACTIONS]

    # In a process of its own: only one without threads may fork.
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        command, capture_output=True, text=True, timeout=500, check=False
    )

    assert done.returncode == 0, done.stderr[-4000:]
    counts = [int(n) for n in re.findall(r": (\d+)", done.stdout)]
    assert len(counts) % len(ACTIONS) == 0
    assert min(counts) >= 1
    assert sum(counts) > 150
