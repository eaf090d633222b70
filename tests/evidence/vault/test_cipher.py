"""Enciphering and committing: stock tools open it, and nothing else fits."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.vault import cipher
from trucewatch.evidence.vault.cipher import (
    check_commitment,
    commitment,
    decipher,
    encipher,
    fresh_secret,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY = bytes(range(32))
NONCE = bytes(range(32, 64))


def commit_by_hand(plaintext: bytes, nonce: bytes) -> str:
    inner = hashlib.sha256(plaintext).digest()
    return hashlib.sha256(b"trucewatch/commit/v1" + b"\x00" + nonce + inner).hexdigest()


def test_stock_openssl_deciphers(tmp_path: Path) -> None:
    plaintext = bytes(range(256)) * 37 + b"end"
    (tmp_path / "object").write_bytes(encipher(plaintext, KEY))

    command = ["openssl", "enc", "-d", "-aes-256-ctr", "-K", KEY.hex(), "-iv", "0" * 32]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [*command, "-in", str(tmp_path / "object")], capture_output=True, check=True
    )

    assert done.stdout == plaintext


def test_the_same_inputs_give_the_same_bytes_for_ever() -> None:
    assert encipher(b"hotline report 1\n", KEY).hex() == GOLDEN_CIPHERTEXT
    assert commitment(hashlib.sha256(b"hotline report 1\n").digest(), NONCE) == GOLDEN_COMMIT


GOLDEN_CIPHERTEXT = "9aff74da4327faf0db96ea05af5a57b1fa"
GOLDEN_COMMIT = "0a34f6e55fd06b3a06bbd3e6d6fbe0c1428e05ab6523e15a9b0158594f88093a"


@given(plaintext=st.binary(max_size=300), key=st.binary(min_size=32, max_size=32))
def test_deciphering_gives_back_what_was_enciphered(plaintext: bytes, key: bytes) -> None:
    ciphertext = encipher(plaintext, key)

    assert decipher(ciphertext, key) == plaintext
    assert len(ciphertext) == len(plaintext)


@given(plaintext=st.binary(max_size=99), nonce=st.binary(min_size=32, max_size=32))
def test_the_commitment_is_the_documented_hash(plaintext: bytes, nonce: bytes) -> None:
    found = commitment(hashlib.sha256(plaintext).digest(), nonce)

    assert found == commit_by_hand(plaintext, nonce)


@given(plaintext=st.binary(min_size=1, max_size=64), at=st.integers(0, 511), salt=st.integers(0, 1))
def test_any_flipped_bit_of_plaintext_or_nonce_breaks_the_commitment(
    plaintext: bytes, at: int, salt: int
) -> None:
    commit = commit_by_hand(plaintext, NONCE)
    parts = [bytearray(plaintext), bytearray(NONCE)]
    part = parts[salt]
    part[at // 8 % len(part)] ^= 1 << at % 8

    with pytest.raises(EvidenceBroken, match=f"entry 3: .* expected {commit}"):
        check_commitment(bytes(parts[0]), bytes(parts[1]), commit, where="entry 3")


def test_an_entry_without_a_commitment_commits_to_nothing() -> None:
    with pytest.raises(EvidenceBroken, match="expected None"):
        check_commitment(b"plain", NONCE, None, where="entry 3")


def test_no_two_secrets_are_alike() -> None:
    secrets = [fresh_secret() for _ in range(50)]

    assert len({s.key for s in secrets} | {s.nonce for s in secrets}) == 100


def test_refuses_more_bytes_than_can_be_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher, "SIZE_MAX", 8)

    with pytest.raises(BadInput, match="has 9 bytes, must be at most 8"):
        encipher(bytes(9), KEY)
