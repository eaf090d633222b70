"""The locks one by one: each alone must hold what it claims."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import trucewatch
from trucewatch.evidence.intake import sandbox

SOURCE = str(Path(trucewatch.__file__).parents[1])
TRY = """
import json, os, socket, sys, ctypes, encodings.utf_16_be
sys.path.insert(0, sys.argv[1])
from trucewatch.evidence.intake import sandbox
{without}
said = os.dup(1)
had = sorted(sandbox.close(memory=1 << 29, limit_s=5))
def attempt(f):
    try:
        f()
    except OSError as error:
        return error.errno
    return 0
def reach():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b"x", ("192.0.2.1", 9))
seen = {{
    "had": had,
    "read": attempt(lambda: open(sys.argv[2])),
    "write": attempt(lambda: open(sys.argv[2], "a")),
    "reach": attempt(reach),
    "fork": attempt(lambda: os.fork() or os._exit(0)),
}}
os.write(said, json.dumps(seen).encode())
"""


def tried(tmp_path: Path, without: str = "") -> dict[str, object]:
    canary = tmp_path / "canary"
    canary.write_text("x")
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-I", "-c", TRY.format(without=without), SOURCE, str(canary)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    return json.loads(ran.stdout)


def test_all_locks_together(tmp_path: Path) -> None:
    seen = tried(tmp_path)

    assert set(seen["had"]) >= {*sandbox.REQUIRED, "seccomp", "memory", "processor time"}
    assert 0 not in (seen["read"], seen["write"], seen["reach"], seen["fork"])


def test_seccomp_alone_holds_files_network_and_processes(tmp_path: Path) -> None:
    seen = tried(tmp_path, "sandbox._landlock = lambda _: 0")

    assert set(seen["had"]) >= {*sandbox.REQUIRED, sandbox.NO_PROCESSES, "seccomp"}
    assert not any(word.startswith("landlock") for word in seen["had"])
    assert 0 not in (seen["read"], seen["write"], seen["reach"], seen["fork"])


def test_landlock_and_a_namespace_hold_files_and_network(tmp_path: Path) -> None:
    seen = tried(tmp_path, "sandbox._machine = lambda: None")

    if not set(seen["had"]) >= sandbox.REQUIRED:
        pytest.skip("this kernel has no Landlock or gives no namespace")
    assert "seccomp" not in seen["had"]
    assert 0 not in (seen["read"], seen["write"], seen["reach"])


def test_claims_nothing_without_any_lock(tmp_path: Path) -> None:
    without = (
        "sandbox._landlock = lambda _: 0; sandbox._seccomp = lambda _: False; "
        "sandbox._threads = lambda: 2"
    )

    had = set(tried(tmp_path, without)["had"])

    assert not had & sandbox.REQUIRED


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_allows_what_it_lists_and_nothing_else(machine: str) -> None:
    """Run the packet filter by hand, instruction by instruction."""
    mark, _, clone, prlimit, clone3, allowed = sandbox._MACHINES[machine]

    for number in range(500):
        passed = number in allowed.values()
        expected = 0x7FFF0000 if passed else 0x00050001
        if number in {clone, prlimit}:
            continue
        if number == clone3:
            expected = 0x00050026
        assert interpreted(machine, mark, number, 0) == expected, number
    assert interpreted(machine, mark, clone, 0x00010F00) == 0x7FFF0000  # a thread
    assert interpreted(machine, mark, clone, 17) == 0x00050001  # a process
    assert interpreted(machine, mark, prlimit, 0) == 0x7FFF0000
    assert interpreted(machine, mark, prlimit, os.getpid()) == 0x00050001
    assert interpreted(machine, mark, 0x40000000, 0) == 0x00050001  # the x32 table
    assert interpreted(machine, mark ^ 1, 0, 0) == 0x80000000


def interpreted(machine: str, mark: int, number: int, argument: int) -> int:
    raw = sandbox._filter(machine)
    steps = [raw[i : i + 8] for i in range(0, len(raw), 8)]
    held = {0: number, 4: mark, 16: argument}
    at, value = 0, 0
    while True:
        code = int.from_bytes(steps[at][:2], "little")
        yes, no = steps[at][2], steps[at][3]
        k = int.from_bytes(steps[at][4:], "little")
        at += 1
        if code == 0x06:
            return k
        if code == 0x20:
            value = held[k]
        elif code == 0x15:
            at += yes if value == k else no
        else:
            assert code == 0x45
            at += yes if value & k else no
