"""The keys of a mission: of its log, its desk and its releases; made once, never overwritten.

`keys/log.pem` and `keys/desk.pem` are Ed25519 keys in PKCS #8 PEM, folder 0700 and files 0600.
`keys/release.key` is 32 bytes in hex, 0600: it keeps public names from leading back to places.
`keys/log.vkey` and `keys/desk.pub.pem` beside them may be given to anybody.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from trucewatch.errors import BadMission
from trucewatch.evidence.note import Signer
from trucewatch.evidence.objects import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_SEED_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The private keys of a mission.

    Attributes:
        log: Signs the log's checkpoints, under its origin.
        desk: Signs statements.
        release: 32 secret bytes that name incidents in public products.
    """

    log: Signer
    desk: Ed25519PrivateKey
    release: bytes


def create_keys(folder: Path, *, origin: str, seed: bytes | None = None) -> Keys:
    """Make the keys of a new mission and write them.

    Args:
        folder: `HOME/keys`, made here.
        origin: Name of the log, and of its key.
        seed: 32 bytes for a demo, whose keys anybody can then make again; by default random.

    Raises:
        BadMission: The folder is there already, or the seed has another length.
    """
    if seed is not None and len(seed) != _SEED_BYTES:
        raise BadMission("seed", f"has {len(seed)} bytes, expected {_SEED_BYTES}")
    log, desk = _make("log", seed), _make("desk", seed)
    keys = Keys(log=Signer(origin, log), desk=desk, release=_secret(seed))
    try:
        folder.mkdir(mode=0o700)
        _write(folder / "log.pem", _private_pem(log), 0o600)
        _write(folder / "desk.pem", _private_pem(desk), 0o600)
        _write(folder / "release.key", f"{keys.release.hex()}\n".encode(), 0o600)
        _write(folder / "log.vkey", f"{keys.log.verifier.vkey}\n".encode(), 0o644)
        _write(folder / "desk.pub.pem", public_pem(desk.public_key()), 0o644)
        sync_folder(folder)
        sync_folder(folder.parent)
    except OSError as error:
        problem = f"cannot be made ({error.strerror}); keys are never overwritten"
        raise BadMission(str(folder), problem) from error
    return keys


def load_keys(folder: Path, *, origin: str) -> Keys:
    """Return the keys of a mission."""
    return Keys(
        log=Signer(origin, load_private(folder / "log.pem")),
        desk=load_private(folder / "desk.pem"),
        release=load_release(folder / "release.key"),
    )


def load_release(path: Path) -> bytes:
    """Return the release key from a file that only its owner can read.

    Raises:
        BadMission: Not 32 bytes in hex.
    """
    content = _private_bytes(path)
    try:
        key = bytes.fromhex(content.decode().strip())
    except ValueError as error:
        raise BadMission(str(path), f"{error}, expected {_SEED_BYTES} bytes in hex") from error
    if len(key) != _SEED_BYTES:
        raise BadMission(str(path), f"has {len(key)} bytes, expected {_SEED_BYTES} in hex")
    return key


def load_private(path: Path) -> Ed25519PrivateKey:
    """Return a private key from a PEM file that only its owner can read.

    Raises:
        BadMission: Not an unencrypted Ed25519 key.
    """
    content = _private_bytes(path)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadMission(str(path), f"{error}, expected an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadMission(str(path), f"key is {type(key).__name__}, expected Ed25519")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as `openssl pkeyutl -pubin` reads it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _make(purpose: str, seed: bytes | None) -> Ed25519PrivateKey:
    if seed is None:
        return Ed25519PrivateKey.generate()
    tag = b"trucewatch/demo-key/v1\0" + purpose.encode() + b"\0"
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(tag + seed).digest())


def _secret(seed: bytes | None) -> bytes:
    if seed is None:
        return os.urandom(_SEED_BYTES)
    return hashlib.sha256(b"trucewatch/demo-key/v1\0release\0" + seed).digest()


def _private_bytes(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise BadMission(str(path), f"cannot be read ({error.strerror})") from error
    if mode & _OTHERS:
        raise BadMission(str(path), f"mode is {mode:04o}, must be 0600")
    return content


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
