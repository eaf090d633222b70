"""The page for the other side's expert prints what it says, on a real bundle made here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.test_docs import as_pattern, replayed, steps
from tests.verify.anchored import (
    SEEN,
    START,
    everything,
    found_mission,
    mission_keys,
    outsiders,
    signed,
)

from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.proof import LogProof, parse_proof
from trucewatch.evidence.receipt import format_receipt
from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.evidence.sequencer import NewObject
from trucewatch.records.canonical import sha256_hex

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "verify-a-bundle.md"
GO_PACKAGES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/note")
REPORT = b"A quiet day.\n"


def make_files(folder: Path) -> None:
    """Write the bundle, and what the expert got by other ways."""
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    who, keys = outsiders(folder / "tsa-one", seeds), mission_keys(folder / "keys")
    reports = [b"shells fell on the north bank\n", b"quiet\n"]
    with found_mission(folder / "mission", keys, who, reports) as log:
        who.cosign(log)
        who.stamp(log)
        earlier = log.cosigned_note()
        hashes = tuple(log.inclusion_proof(4, log.size))
        proof = LogProof(index=4, hashes=hashes, checkpoint_note=log.checkpoint_note())
        receipt = format_receipt(log.entry_bytes(4), proof)
        now = START.replace(minute=32)
        log.append([NewObject(type="received/patrol/v1", data=b"a drone was seen\n")], now=now)
        log.append([NewObject(type="report/daily/v1", data=REPORT)], now=now)
        log.append([signed(keys, "published", {"daily.txt": REPORT}, {})], now=now)
        who.cosign(log)
        choices = Choices("mission", everything, {"daily.txt": sha256_hex(REPORT)}, exercise=False)
        write_bundle(folder / "bundle.zip", assemble(log, choices))
    (folder / "log.vkey").write_text(f"{keys.log.verifier.vkey}\n")
    (folder / "witness.policy").write_bytes(who.policy)
    (folder / "roots").mkdir()
    (folder / "roots" / "tsa-one.pem").write_bytes(who.roots)
    (folder / "earlier.checkpoint").write_bytes(earlier)
    (folder / "mine.receipt").write_bytes(receipt)
    assert parse_proof(receipt.split(b"\n\n", 1)[1], where="r").index == 4
    assert now < SEEN


@pytest.mark.system
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.skipif(
    shutil.which("go") is None or not GO_PACKAGES.is_dir(),
    reason="packages golang-go and golang-golang-x-mod-dev are not installed",
)
def test_the_page_for_the_expert_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOCACHE", str(tmp_path / "go"))
    told = steps(PAGE)

    differing = []
    for command, expected in told:
        printed = replayed(command, capsys)
        if command.startswith("./tw ") and printed.startswith("tw: "):
            printed = capsys.readouterr().out + printed  # the steps that were told before it broke
        if not re.fullmatch(as_pattern(expected), printed):
            differing.append(f"$ {command}\n{printed}")

    assert len(told) >= 18
    assert differing == []


def test_the_page_gives_the_hash_of_the_script() -> None:
    assert f"{sha256_hex(SCRIPT_TEXT)}  bundle/verify.sh" in PAGE.read_text()
