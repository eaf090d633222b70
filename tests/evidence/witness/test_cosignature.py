from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import Checkpoint, checkpoint_text, sign_checkpoint
from trucewatch.evidence.note import Signer, parse_vkey
from trucewatch.evidence.witness.cosignature import (
    CosignatureVerifier,
    Cosigner,
    open_cosignatures,
    parse_witness_vkey,
)

HEAD = Checkpoint(origin="log.example", size=20_852_163, root=bytes(range(32)))
TEXT = checkpoint_text(HEAD)
NOTE = sign_checkpoint(HEAD, Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32))))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
WITNESS = Cosigner("witness.example/w1", PRIVATE)
OTHER = Cosigner("witness.example/w2", Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34))))
TIME = 1_679_315_147
VKEY = "witness.example/w1+468d99bb+BHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
LINE = (
    "\u2014 witness.example/w1 Ro2ZuwAAAABkGFDL7hyIx8CquZp/s3xifuUAw8dZYXzJZPPgGVz3zYkw"
    "54n9uv0PvoECaW9o6GNfGJyMOtxb9ZeylonMTf5033EmAg==\n"
)


def signed(*lines: str) -> bytes:
    return NOTE + "".join(lines).encode()


def opened(note: bytes, *cosigners: Cosigner) -> dict[str, datetime]:
    return open_cosignatures(note, [c.verifier for c in cosigners], where="t")


def test_the_bytes_of_a_cosignature_never_change() -> None:
    assert WITNESS.verifier.vkey == VKEY
    assert WITNESS.line(TEXT, time=TIME) == LINE


def test_a_cosignature_is_laid_out_as_in_the_specification() -> None:
    dash, name, encoded = WITNESS.line(TEXT, time=TIME).split(" ")
    raw, public = base64.b64decode(encoded), PRIVATE.public_key()

    key = hashlib.sha256(b"witness.example/w1\n\x04" + public.public_bytes_raw()).digest()
    message = b"cosignature/v1\ntime 1679315147\n" + NOTE.split(b"\n\n")[0] + b"\n"
    public.verify(raw[12:], message)

    assert (dash, name, len(raw)) == ("\u2014", "witness.example/w1", 76)
    assert (raw[:4], raw[4:12]) == (key[:4], (1_679_315_147).to_bytes(8, "big"))


def test_tells_who_cosigned_and_when() -> None:
    note = signed(OTHER.line(TEXT, time=TIME + 5), WITNESS.line(TEXT, time=TIME))

    assert opened(note, WITNESS, OTHER) == {
        "witness.example/w1": datetime.fromtimestamp(TIME, UTC),
        "witness.example/w2": datetime.fromtimestamp(TIME + 5, UTC),
    }
    assert opened(note, OTHER) == {"witness.example/w2": datetime.fromtimestamp(TIME + 5, UTC)}


def test_takes_the_earliest_of_several_times() -> None:
    note = signed(WITNESS.line(TEXT, time=TIME + 9), WITNESS.line(TEXT, time=TIME))

    assert opened(note, WITNESS) == {"witness.example/w1": datetime.fromtimestamp(TIME, UTC)}


def test_ignores_keys_that_nobody_named() -> None:
    same_name = Cosigner("witness.example/w1", OTHER._private)

    assert opened(signed(LINE), OTHER) == {}
    assert opened(signed(LINE), same_name) == {}


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    elsewhere = checkpoint_text(Checkpoint(origin="log.example", size=7, root=bytes(32)))
    moved = WITNESS.line(elsewhere, time=TIME)

    with pytest.raises(EvidenceBroken, match=r"t: cosignature by witness\.example/w1 does not ver"):
        opened(signed(LINE, moved), WITNESS)


@given(st.integers(min_value=0, max_value=72 * 8 - 1))
def test_no_flipped_bit_is_accepted(bit: int) -> None:
    dash, name, encoded = LINE.rstrip("\n").split(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[4 + bit // 8] ^= 1 << bit % 8
    line = f"{dash} {name} {base64.b64encode(bytes(raw)).decode()}\n"

    with pytest.raises(EvidenceBroken, match="cosignature by"):
        opened(signed(line), WITNESS)


@pytest.mark.parametrize("seconds", [0, 253_402_300_800, 2**63, 2**64 - 1])
def test_refuses_a_time_that_is_none(seconds: int) -> None:
    message = f"cosignature/v1\ntime {seconds}\n{TEXT}".encode()
    raw = WITNESS.verifier.key_id + seconds.to_bytes(8, "big") + PRIVATE.sign(message)
    line = f"\u2014 witness.example/w1 {base64.b64encode(raw).decode()}\n"

    with pytest.raises(EvidenceBroken, match=f"has time {seconds}, must be 1 to 253402300799"):
        opened(signed(line), WITNESS)


@pytest.mark.parametrize("length", [1, 63, 64, 71, 73])
def test_refuses_a_signature_of_another_length(length: int) -> None:
    raw = WITNESS.verifier.key_id + bytes(length)
    line = f"\u2014 witness.example/w1 {base64.b64encode(raw).decode()}\n"

    with pytest.raises(EvidenceBroken, match=f"has {length} bytes, expected 72"):
        opened(signed(line), WITNESS)


def test_refuses_two_witnesses_of_one_name() -> None:
    twice = [WITNESS.verifier, CosignatureVerifier(name="witness.example/w1", public=bytes(32))]

    with pytest.raises(BadInput, match=r"two witnesses are named witness\.example/w1"):
        open_cosignatures(NOTE, twice, where="t")


def test_cosigns_nothing_but_a_checkpoint() -> None:
    with pytest.raises(BadInput, match="checkpoint to cosign: checkpoint has 1 lines, expected 3"):
        WITNESS.line("I owe you\n", time=TIME)
    with pytest.raises(BadInput, match="time is 0, must be 1 to 253402300799"):
        WITNESS.line(TEXT, time=0)
    with pytest.raises(BadInput, match="key: name is 'two words'"):
        Cosigner("two words", PRIVATE)


@given(st.binary(min_size=32, max_size=32), st.from_regex(r"[a-z./0-9é]{1,40}", fullmatch=True))
def test_a_witness_key_reads_as_it_was_written(public: bytes, name: str) -> None:
    verifier = CosignatureVerifier(name=name, public=public)

    assert parse_witness_vkey(verifier.vkey, where="t") == verifier


def test_keys_of_logs_and_witnesses_are_kept_apart() -> None:
    log = Signer("witness.example/w1", PRIVATE).verifier

    assert log.key_id != WITNESS.verifier.key_id
    with pytest.raises(BadInput, match=r"another type, expected Ed25519 \(type 4, 32 bytes\)"):
        parse_witness_vkey(log.vkey, where="t")
    with pytest.raises(BadInput, match=r"another type, expected Ed25519 \(type 1, 32 bytes\)"):
        parse_vkey(WITNESS.verifier.vkey, where="t")
