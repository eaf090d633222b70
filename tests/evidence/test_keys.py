from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from trucewatch.errors import BadInput, BadMission
from trucewatch.evidence.keys import create_keys, load_keys, load_private
from trucewatch.evidence.note import parse_vkey

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "mission.example/log"


def test_keys_read_back(tmp_path: Path) -> None:
    made = create_keys(tmp_path / "keys", origin=ORIGIN)

    again = load_keys(tmp_path / "keys", origin=ORIGIN)

    assert again.log.verifier == made.log.verifier
    assert again.desk.private_bytes_raw() == made.desk.private_bytes_raw()
    vkey = (tmp_path / "keys/log.vkey").read_text()
    assert parse_vkey(vkey.strip(), where="t") == made.log.verifier


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys", origin=ORIGIN)

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "keys").iterdir()}

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert modes == {
        "log.pem": 0o600, "desk.pem": 0o600, "log.vkey": 0o644, "desk.pub.pem": 0o644,
        "release.key": 0o600,
    }  # fmt: skip


def test_a_seed_gives_the_same_two_different_keys(tmp_path: Path) -> None:
    one = create_keys(tmp_path / "1", origin=ORIGIN, seed=bytes(32))
    two = create_keys(tmp_path / "2", origin=ORIGIN, seed=bytes(32))
    other = create_keys(tmp_path / "3", origin=ORIGIN, seed=bytes(31) + b"\1")

    assert one.log.verifier == two.log.verifier != other.log.verifier
    assert one.desk.public_key().public_bytes_raw() != one.log.verifier.public


def test_the_keys_of_a_demo_never_change(tmp_path: Path) -> None:
    keys = create_keys(tmp_path / "keys", origin="demo.invalid/evidence", seed=bytes(range(32)))

    assert keys.log.verifier.vkey == (
        "demo.invalid/evidence+5c2a6e10+ARX6VIpb642lEyblzUDlZebijz4LxsU3ade9nYLSetN3"
    )
    assert (
        keys.desk.public_key().public_bytes_raw().hex()
        == "42f28b91caa1f4895dc049a592acf092a70cb42e7df474a039bd73bb5f3a6fbc"
    )


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys", origin=ORIGIN)
    before = (tmp_path / "keys/log.pem").read_bytes()

    with pytest.raises(BadMission, match="keys are never overwritten"):
        create_keys(tmp_path / "keys", origin=ORIGIN)

    assert (tmp_path / "keys/log.pem").read_bytes() == before


def test_refuses_a_seed_or_name_of_another_form(tmp_path: Path) -> None:
    with pytest.raises(BadMission, match="seed: has 31 bytes, expected 32"):
        create_keys(tmp_path / "keys", origin=ORIGIN, seed=bytes(31))
    with pytest.raises(BadInput, match="must have no spaces"):
        create_keys(tmp_path / "keys", origin="two words")
    assert not (tmp_path / "keys").exists()


def test_names_each_defect_of_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    ec = generate_private_key(SECP256R1())
    plain = ec.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = ec.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))

    with pytest.raises(BadMission, match="No such file"):
        load_private(path)
    for content, problem in [
        (b"nonsense", "expected an Ed25519 key in PEM"),
        (plain, "expected Ed25519"),
        (locked, "expected an Ed25519 key in PEM"),
    ]:
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(BadMission, match=problem):
            load_private(path)
    path.chmod(0o640)
    with pytest.raises(BadMission, match="mode is 0640, must be 0600"):
        load_private(path)
