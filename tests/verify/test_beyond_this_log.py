"""Somebody kept what is newer than the log that is shown: it may be cut, and is not broken."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.verify.anchored import (
    SEEN,
    Bundle,
    bundle_of,
    found_mission,
    mission_keys,
    outsiders,
    without_anchors,
)
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.proof import parse_proof
from trucewatch.evidence.receipt import format_receipt
from trucewatch.evidence.sequencer import NewObject
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.findings import Given

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.log import Log

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

SENTENCE = (
    "kept: you hold a head of 7 entries{}, this log ends at 6:"
    " it was cut, or exported before; ask for a newer one"
)


class Kept(NamedTuple):
    short: Bundle  # 6 entries
    newer: dict[str, bytes | Bundle]  # of the same log at 7 entries
    folder: Path


def receipt_for(log: Log, index: int) -> bytes:
    proof = parse_proof(bundle_of(log)[f"data/proofs/{index}.tlog-proof"], where="p")
    return format_receipt(log.entry_bytes(index), proof)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("beyond")
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    who = outsiders(folder / "tsa", seeds)
    keys = mission_keys(folder / "keys")
    with found_mission(folder / "m", keys, who, [b"quiet\n", b"shells\n"]) as log:
        short = bundle_of(log)
        log.append([NewObject(type="received/patrol/v1", data=b"a drone\n")], now=SEEN)
        whole = bundle_of(log)
        newer: dict[str, bytes | Bundle] = {
            "head": whole["data/checkpoint"],
            "proof": whole["data/proofs/6.tlog-proof"],
            "receipt": receipt_for(log, 6),
            "earlier": receipt_for(log, 4),
            "bundle": without_anchors(whole),
        }
    write_bundle(folder / "short.zip", short)
    for name in ("head", "receipt"):
        content = newer[name]
        assert isinstance(content, bytes)
        (folder / name).write_bytes(content)
    return Kept(short, newer, folder)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("head", ""),
        ("proof", ""),
        ("receipt", " and a receipt for entry 6"),
        ("earlier", " and a receipt for entry 4"),
        ("bundle", ""),
    ],
)
def test_what_is_newer_is_missing_and_not_broken(kept: Kept, name: str, what: str) -> None:
    found = verify_bundle(kept.short, given=Given(against={"kept": kept.newer[name]}))

    assert found.missing == (SENTENCE.format(what),)
    [compared] = [c for c in found.checks if c.name == "What was shown to others is this log"]
    assert compared.holds
    assert compared.found.startswith("kept: its ")


def test_nothing_given_is_said_only_when_nothing_was(kept: Kept) -> None:
    nothing = "nothing was given to compare with"

    without = verify_bundle(kept.short)
    given = verify_bundle(kept.short, given=Given(against=kept.newer))

    assert nothing in [check.found for check in without.checks]
    assert without.missing == ()
    assert not any(nothing in check.found for check in given.checks)
    assert len(given.missing) == len(kept.newer)


@pytest.mark.parametrize(("option", "name"), [("--against", "head"), ("--receipt", "receipt")])
def test_strict_exits_1_when_the_reader_holds_more(kept: Kept, option: str, name: str) -> None:
    arguments = ["verify", str(kept.folder / "short.zip"), option, str(kept.folder / name)]

    lenient = CliRunner().invoke(app, arguments)
    strict = CliRunner().invoke(app, [*arguments, "--strict"])

    assert (lenient.exit_code, strict.exit_code) == (0, 1)
    for said in (lenient.output, strict.output):
        assert "this log ends at 6: it was cut, or exported before; ask for a newer one" in said
        assert said.index("What is missing:") < said.index("you hold a head")
        assert "BROKEN" not in said


def test_a_newer_receipt_for_an_entry_in_whose_place_another_is_is_broken(
    kept: Kept, tmp_path: Path
) -> None:
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    who = outsiders(tmp_path / "tsa", seeds)
    with found_mission(tmp_path / "m", mission_keys(tmp_path / "k"), who, [b"nothing\n"]) as log:
        other = bundle_of(log)

    with pytest.raises(EvidenceBroken, match=r"entry 4 was acknowledged .* there it is received"):
        verify_bundle(other, given=Given(against={"kept": kept.newer["earlier"]}))
