from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.merkle import leaf_hash
from trucewatch.evidence.note import Signer
from trucewatch.evidence.proof import LogProof, check_proof, format_proof, parse_proof
from trucewatch.evidence.tiles import Tree, grow

SIGNER = Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ENTRIES = [b"%d" % i for i in range(11)]


def make(index: int, entries: list[bytes] = ENTRIES) -> bytes:
    _, tiles = grow((), 0, [leaf_hash(entry) for entry in entries])
    tree = Tree(lambda level, at, _: tiles[level, at], len(entries))
    head = Checkpoint(origin="log.example", size=len(entries), root=tree.root(len(entries)))
    hashes = tuple(tree.inclusion_proof(index, len(entries)))
    note = sign_checkpoint(head, SIGNER)
    return format_proof(LogProof(index=index, hashes=hashes, checkpoint_note=note))


PROOF = make(5)


def test_writes_the_lines_of_the_specification() -> None:
    lines = PROOF.decode().split("\n")

    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 5"]
    assert [len(line) for line in lines[2:6]] == [44] * 4
    assert lines[6:9] == ["", "log.example", "11"]


@pytest.mark.parametrize("index", range(11))
def test_every_entry_has_a_proof_that_checks(index: int) -> None:
    head = check_proof(make(index), ENTRIES[index], SIGNER.verifier, where="t")

    assert head.size == 11


def test_a_log_of_one_entry_needs_no_hashes() -> None:
    proof = make(0, [b"only"])

    assert parse_proof(proof, where="t").hashes == ()
    check_proof(proof, b"only", SIGNER.verifier, where="t")


def test_a_small_proof_fails_on_every_flipped_bit() -> None:
    for at in range(len(PROOF)):
        for bit in range(8):
            flipped = bytearray(PROOF)
            flipped[at] ^= 1 << bit

            with pytest.raises((BadInput, EvidenceBroken), match=r"^t: "):
                check_proof(bytes(flipped), ENTRIES[5], SIGNER.verifier, where="t")


@given(st.binary(max_size=5))
def test_a_proof_holds_for_no_other_entry(entry: bytes) -> None:
    if entry == ENTRIES[5]:
        return
    with pytest.raises(EvidenceBroken, match="entry 5 leads to root"):
        check_proof(PROOF, entry, SIGNER.verifier, where="t")


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"^t: "):
        parse_proof(data, where="t")


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        (PROOF.replace(b"@v1", b"@v2"), "first line is"),
        (PROOF.replace(b"index 5\n", b""), "expected 'index N'"),
        (PROOF.replace(b"index 5", b"index 05"), "expected 'index N'"),
        (PROOF.replace(b"index 5", b"index -5"), "expected 'index N'"),
        (PROOF.replace(b"index 5", b"Index 5"), "expected 'index N'"),
        (PROOF.replace(b"index 5", b"extra YQ==\nindex 5"), "expected 'index N'"),
        (PROOF.replace(b"index 5", b"index 5\r"), "expected 'index N'"),
        (PROOF.replace(b"index 5\n", b"index 5\nYQ==\n"), "hash 0 has 1 bytes, expected 32"),
        (PROOF.replace(b"index 5\n", b"index 5\n?\n"), "is not base64"),
        (PROOF.replace(b"index 5\n", b"index 5\n\xff\n"), "is not ASCII"),
        (b"c2sp.org/tlog-proof@v1\n\nx", "second line is"),
        (PROOF.replace(b"\n\n", b"\n", 1), "second|first|base64|hash|bytes"),
        (PROOF.split(b"\n\n")[0], "no blank line"),
        (PROOF.split(b"\n\n")[0] + b"\n\n", "no blank line"),
        (PROOF.replace(b"index 5\n", b"index 5\n" + (b"A" * 43 + b"=\n") * 64), "at most 63"),
    ],
)
def test_names_each_defect_of_a_proof(proof: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_proof(proof, where="t")
