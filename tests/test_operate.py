"""The operator's guide, done line by line: from a kit without a network to an upgrade."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "how-to" / "operate-a-mission.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [body for kind, body in FENCE.findall(GUIDE) if kind == "sh"]
UNIT = next(body for kind, body in FENCE.findall(GUIDE) if kind == "ini")
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens

pytestmark = pytest.mark.system


class Machine:
    """A machine without internet on which the guide's commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("KIT", "DISK", "SAFE"):
            (folder / name).mkdir()
        self.unpacked = folder / "KIT" / "trucewatch"

    def here(self, text: str) -> str:
        """The guide's words with the places of this machine in them."""
        text = text.replace("192.0.2.7:8443", f"127.0.0.1:{self.port}")
        text = text.replace("192.0.2.7", "127.0.0.1").replace("8443", str(self.port))
        return re.sub(r"\b(KIT|HOME|DISK|SAFE)\b", lambda m: str(self.folder / m[0]), text)

    def run(self, line: str, *, at: Path, alone: bool = True) -> str:
        """Run one line of the guide; it must end well."""
        env = {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],  # noqa: TID251 - a child needs it
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": NOWHERE,
            "https_proxy": NOWHERE,
        }
        done = subprocess.run(  # noqa: S603 - the guide's own lines
            ["/bin/bash", "-c", self.here(line)],
            cwd=at,
            env=env if alone else None,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def do(self, block: int) -> list[str]:
        """Run a block of the guide in the unpacked kit."""
        return [self.run(line, at=self.unpacked) for line in BLOCKS[block].splitlines()]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: a kit is of a commit")
    folder = Path(tempfile.mkdtemp(prefix="operate-"))
    yield Machine(folder)
    shutil.rmtree(folder)


@contextmanager
def served(machine: Machine) -> Iterator[None]:
    """The service as the unit starts it."""
    line = re.search(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    assert line is not None
    command = machine.here(line[1]).split()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - the unit's line
    try:
        for _ in range(120):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", machine.port)) == 0:
                    break
            time.sleep(0.25)
        yield
    finally:
        running.terminate()
        running.wait(20)


def test_the_guide_holds_when_it_is_followed_from_its_first_line_to_its_last(
    machine: Machine,
) -> None:
    machine.run(BLOCKS[0], at=ROOT, alone=False)
    unpacking = [machine.run(line, at=machine.folder) for line in BLOCKS[1].splitlines()]
    machine.do(2)
    with served(machine):
        (shaken,) = machine.do(3)
    machine.do(4)
    _, _, listed = machine.do(5)
    machine.do(6)
    rebuilt, compared = machine.do(7)

    assert "OK" in unpacking[0]
    assert "Usage: tw [OPTIONS] COMMAND" in unpacking[2]
    assert "Verification: OK" in shaken
    assert str(machine.folder / "DISK" / "mission") in listed
    assert not (machine.unpacked / ".venv" / "bin" / "pytest").exists()
    assert "differs" not in rebuilt + compared, rebuilt + compared
    assert "same" in compared


def test_the_unit_is_one_that_systemd_takes(machine: Machine) -> None:
    unit = machine.folder / "trucewatch.service"
    program = shutil.which("systemd-analyze")

    unit.write_text(machine.here(UNIT).replace("User=trucewatch", "User=root"))

    if program is None:
        sections = re.findall(r"^\[(\w+)\]$", unit.read_text(), re.MULTILINE)
        assert sections == ["Unit", "Service", "Install"]
        return
    told = subprocess.run([program, "verify", unit], check=False, capture_output=True, text=True)  # noqa: S603 - a fixed command
    assert "trucewatch.service" not in told.stderr
