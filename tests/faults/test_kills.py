"""A hundred kills of a writer with several submitters; many more by hand, see `kills`."""

from __future__ import annotations

import re
import subprocess
import sys

KILLS, SEED = 100, 7


def test_a_hundred_kills_lose_nothing_and_show_one_history() -> None:
    command = [sys.executable, "-m", "tests.faults.kills", "--kills", f"{KILLS}"]

    # In a process of its own: only one without threads may fork.
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [*command, "--seed", f"{SEED}"], capture_output=True, text=True, timeout=240, check=False
    )

    assert done.returncode == 0, done.stderr[-4000:]
    counts = re.match(r"(\d+) kills, (\d+) acknowledged, (\d+) heads", done.stdout)
    assert counts
    kills, acknowledged, heads = map(int, counts.groups())
    assert kills == KILLS
    assert acknowledged > 10 * KILLS
    assert heads > KILLS // 10
