from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import (
    Checkpoint,
    checkpoint_text,
    open_checkpoint,
    parse_checkpoint_text,
    sign_checkpoint,
)
from trucewatch.evidence.note import Signer, sign_note

SIGNER = Signer("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HEAD = Checkpoint(origin="log.example", size=20_852_163, root=bytes(range(32)))
ROOT = base64.b64encode(bytes(range(32))).decode()
TEXT = f"log.example\n20852163\n{ROOT}\n"


def test_writes_the_text_of_the_specification() -> None:
    assert checkpoint_text(HEAD) == TEXT


def test_a_signed_checkpoint_opens() -> None:
    note = sign_checkpoint(HEAD, SIGNER)

    assert open_checkpoint(note, SIGNER.verifier, where="t") == HEAD


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT[:-1], "2 lines, expected 3"),
        (TEXT + "extension\n", "4 lines, expected 3"),
        (TEXT.replace("log.example", ""), "origin is ''"),
        (TEXT.replace("log.example", "log example"), "origin is 'log example'"),
        (TEXT.replace("20852163", "020852163"), "without leading zeros"),
        (TEXT.replace("20852163", "+1"), "size is"),
        (TEXT.replace("20852163", "-1"), "size is"),
        (TEXT.replace("20852163", ""), "size is ''"),
        (TEXT.replace("20852163", "\u0661"), "size is"),
        (TEXT.replace("20852163", "9" * 19), "size is"),
        (TEXT.replace(ROOT, ROOT[:-4]), "root has 30 bytes, expected 32|is not"),
        (TEXT.replace(ROOT, ROOT[:-2] + "9="), "not canonical base64"),
        (TEXT.replace(ROOT, ROOT + " "), "is not base64"),
    ],
)
def test_names_each_defect_of_a_checkpoint(text: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_checkpoint_text(text, where="t")


def test_refuses_a_checkpoint_of_another_log_signed_by_the_same_key() -> None:
    note = sign_note(TEXT.replace("log.example", "other.example"), SIGNER)

    with pytest.raises(EvidenceBroken, match=r"origin is other\.example, expected log\.example"):
        open_checkpoint(note, SIGNER.verifier, where="t")


def test_signs_nothing_that_cannot_be_a_head() -> None:
    with pytest.raises(BadInput, match=r"key is named log\.example, expected x"):
        sign_checkpoint(Checkpoint(origin="x", size=0, root=bytes(32)), SIGNER)
    with pytest.raises(BadInput, match="origin is 'a b'"):
        checkpoint_text(Checkpoint(origin="a b", size=0, root=bytes(32)))
    with pytest.raises(BadInput, match="root of 31 bytes"):
        checkpoint_text(Checkpoint(origin="x", size=0, root=bytes(31)))
    with pytest.raises(BadInput, match="size is -1"):
        checkpoint_text(Checkpoint(origin="x", size=-1, root=bytes(32)))
