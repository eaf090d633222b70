"""The page that tells an outsider how to check a stamp, run as it stands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.evidence.timestamp.conftest import GOLDEN
from tests.evidence.timestamp.tsa import needs_openssl

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "prove-when.md"


@pytest.mark.system
@needs_openssl
def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "anchors").mkdir()
    (tmp_path / "roots").mkdir()
    cosigned = (GOLDEN / "checkpoint").read_bytes() + "\u2014 witness.example AAAA\n".encode()
    (tmp_path / "anchors" / "40.checkpoint").write_bytes(cosigned)
    (tmp_path / "anchors" / "40.north.tsr").write_bytes((GOLDEN / "checkpoint.tsr").read_bytes())
    (tmp_path / "roots" / "north.pem").write_bytes((GOLDEN / "ca.pem").read_bytes())
    commands = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)

    done = [
        subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for command in commands
    ]

    cut, read, expired, verified = done
    assert cut.returncode == 0
    assert (tmp_path / "stamped").read_bytes() == (GOLDEN / "checkpoint").read_bytes()
    assert "Time stamp: Nov 22 16:38:02.91 2026 GMT" in read.stdout
    assert "certificate has expired" in expired.stderr
    assert verified.stdout == "Verification: OK\n"
