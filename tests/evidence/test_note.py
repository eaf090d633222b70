from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.note import (
    Signer,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)

# Example of the documentation of golang.org/x/mod/sumdb/note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()
OTHER = "\u2014 someone.example/else " + base64.b64encode(b"idid" + bytes(72)).decode() + "\n"


def signer(name: str = "log.example", seed: bytes = bytes(32)) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed))


def test_verifies_the_note_of_another_implementation() -> None:
    opened = open_note(NOTE, parse_vkey(VKEY, where="t"), where="t")

    assert opened.text == TEXT


def test_signs_the_same_note_as_another_implementation() -> None:
    ours = signer("PeterNeumann", SEED)

    assert ours.verifier.vkey == VKEY
    assert sign_note(TEXT, ours) == NOTE


def test_keeps_and_ignores_signatures_by_unknown_keys() -> None:
    note = NOTE + OTHER.encode()

    opened = open_note(note, parse_vkey(VKEY, where="t"), where="t")

    assert [s.name for s in opened.signatures] == ["PeterNeumann", "someone.example/else"]


def test_a_text_may_hold_blank_lines() -> None:
    ours = signer()
    note = sign_note("a\n\nb\n", ours)

    assert open_note(note, ours.verifier, where="t").text == "a\n\nb\n"


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_a_note_fails_on_any_flipped_bit(at: int, bit: int) -> None:
    flipped = bytearray(NOTE)
    flipped[at] ^= 1 << bit

    with pytest.raises((BadInput, EvidenceBroken), match=r"^t: "):
        open_note(bytes(flipped), parse_vkey(VKEY, where="t"), where="t")


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        (NOTE[:-1], "does not end in a newline"),
        (TEXT.encode(), "no blank line"),
        (LINE.encode(), "no blank line"),
        (b"\n\n" + LINE.encode(), "no blank line"),
        (NOTE.replace(b"then", b"th\ten"), "control characters"),
        (NOTE.replace(b"then", b"th\ren"), "control characters"),
        (NOTE.replace(b"then", b"th\xffn"), "not UTF-8"),
        (NOTE + b"x\n", "signature line is 'x'"),
        (NOTE + "— no_signature\n".encode(), "0 bytes, expected more than 4"),
        (NOTE + "— two words AAAAAAAA\n".encode(), "is not base64"),
        (NOTE + "— a+b AAAAAAAA\n".encode(), "signature line is"),
        (NOTE + "—  AAAAAAAA\n".encode(), "signature line is"),
        (NOTE + b"- a AAAAAAAA\n", "signature line is"),
        (NOTE + "— a AAAAA\n".encode(), "is not base64"),
        (NOTE + "— a AAAA AAAA\n".encode(), "is not base64"),
        (NOTE + "— a AAAAAAB=\n".encode(), "not canonical base64"),
        (NOTE + "— a AAAAAA==\n".encode(), "4 bytes, expected more than 4"),
        (NOTE + OTHER.encode() * 100, "101 signatures, must be <= 100"),
        (NOTE + b"a" * 1_000_000, "must be at most 1000000"),
    ],
)
def test_names_each_defect_of_a_note(note: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_note(note, where="t")


def test_refuses_a_note_that_the_key_did_not_sign() -> None:
    stranger = signer("PeterNeumann").verifier

    with pytest.raises(EvidenceBroken, match=r"signed by PeterNeumann\+c74f20a3, expected"):
        open_note(NOTE, stranger, where="t")


def test_refuses_a_note_with_one_good_and_one_bad_signature_by_the_key() -> None:
    bad = base64.b64encode(parse_vkey(VKEY, where="t").key_id + bytes(64)).decode()
    note = NOTE + f"\u2014 PeterNeumann {bad}\n".encode()

    with pytest.raises(EvidenceBroken, match="does not verify over this text"):
        open_note(note, parse_vkey(VKEY, where="t"), where="t")


@pytest.mark.parametrize(
    ("vkey", "problem"),
    [
        ("", "expected NAME"),
        ("PeterNeumann", "expected NAME"),
        (VKEY + "\n", "is not base64"),
        (VKEY.replace("c74f20a3", "c74f20a4"), "key id is 'c74f20a4', expected 'c74f20a3'"),
        (VKEY.replace("c74f20a3", "C74F20A3"), "key id is"),
        (VKEY.replace("Peter", "Petra"), "key id is"),
        (VKEY.replace("Peter", "Peter "), "expected NAME"),
        (VKEY.replace("+ARpc", "+BRpc"), "another type"),
        (VKEY[:-4], "another type"),
        (VKEY.replace("+ARpc", "+?Rpc"), "is not base64"),
    ],
)
def test_names_each_defect_of_a_key(vkey: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_vkey(vkey, where="--key")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "nb\u00a0sp", "line\n"])
def test_refuses_key_names_that_no_signature_line_can_hold(name: str) -> None:
    with pytest.raises(BadInput, match="must have no spaces"):
        signer(name)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n"])
def test_signs_no_text_that_cannot_be_read_back(text: str) -> None:
    with pytest.raises(BadInput, match="must end in a newline"):
        sign_note(text, signer())
