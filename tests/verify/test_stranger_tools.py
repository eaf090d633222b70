"""What an outsider has: sha256sum, openssl, and a note verifier in Go. None of it is our code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evidence.keys import Keys

GO_SOURCE = Path(__file__).parent / "sumdb" / "main.go"
GO_PACKAGES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/note")
GO_ADVICE = "packages golang-go and golang-golang-x-mod-dev are not installed"


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed programs on our own files
        command, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(bundle: dict[str, bytes], tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", bundle)
    return tmp_path / "bundle"


def test_sha256sum_checks_every_file(folder: Path) -> None:
    done = run(["sha256sum", "--strict", "-c", "SHA256SUMS"], folder)

    files = [p for p in folder.rglob("*") if p.is_file()]
    assert (done.returncode, done.stdout.count(": OK")) == (0, len(files) - 1)

    (folder / "report/daily.html").write_text("changed")
    assert "report/daily.html: FAILED" in run(["sha256sum", "-c", "SHA256SUMS"], folder).stdout


def test_openssl_verifies_every_statement(folder: Path) -> None:
    statements = sorted(folder.glob("statements/*.json"))
    assert len(statements) == 3

    for path in statements:
        keyid = json.loads(path.read_bytes())["signatures"][0]["keyid"]
        command = [
            "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"keys/{keyid}.pem", "-rawin",
            "-in", f"statements/{path.stem}.pae", "-sigfile", f"statements/{path.stem}.sig",
        ]  # fmt: skip
        done = run(command, folder)
        assert "Signature Verified Successfully" in done.stdout

        signed = folder / f"statements/{path.stem}.pae"
        signed.write_bytes(signed.read_bytes() + b" ")
        assert run(command, folder).returncode != 0


@pytest.mark.system
def test_the_go_checksum_database_code_verifies_a_bundle(
    folder: Path, mission: tuple[Path, Keys], tmp_path: Path
) -> None:
    go = shutil.which("go")
    if go is None or not GO_PACKAGES.is_dir():
        pytest.skip(GO_ADVICE)
    with Log.open(mission[0]) as log:
        old = {
            "size": 5,
            "root": log.root(5).hex(),
            "proof": [node.hex() for node in log.consistency_proof(5, log.size)],
        }
    (tmp_path / "old.json").write_text(json.dumps(old))
    built = subprocess.run(  # noqa: S603 - the installed compiler on our own source
        [go, "build", "-o", str(tmp_path / "sumdb"), str(GO_SOURCE)],
        env={
            "PATH": os.defpath, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off",
            "GOCACHE": str(tmp_path / "cache"), "HOME": str(tmp_path), "GOFLAGS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr

    done = run([str(tmp_path / "sumdb"), str(folder), str(tmp_path / "old.json")], folder)

    assert done.stdout == "note OK\nroot OK 12\nproofs OK 11\nconsistency OK 5 -> 12\n"

    proof = folder / "proofs/0.tlog-proof"
    proof.write_text(proof.read_text().replace("index 0", "index 1"))
    broken = run([str(tmp_path / "sumdb"), str(folder), str(tmp_path / "old.json")], folder)
    assert broken.returncode == 1
