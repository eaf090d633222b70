"""From plaintext to what the log holds of it, and back: AES-256-CTR and a salted commitment.

Each object has a fresh random key, so the counter may start at zero: no key and counter are ever
used twice. Stock openssl opens it:

    openssl enc -d -aes-256-ctr -K KEY_IN_HEX -iv 00000000000000000000000000000000

CTR alone notices no change. The log does: its entry names the SHA-256 of the ciphertext, which is
checked before deciphering, and

    commit = SHA-256("trucewatch/commit/v1" NUL nonce sha256(plaintext))

which is checked after it. The nonce is 32 random bytes, so a guess at the plaintext cannot be held
against the log. Objects are enciphered in memory, up to the size that `evidence.unpack` takes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.unpack import SIZE_MAX
from trucewatch.records.canonical import sha256_hex

KEY_BYTES = 32
NONCE_BYTES = 32
IV = bytes(16)
"""Where the counter starts; fixed, as a key is used for one object."""

_COMMIT = b"trucewatch/commit/v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What opens one object, and shows that it is the one committed to.

    Attributes:
        key: 32 bytes; without it the object is noise.
        nonce: 32 bytes that salt the commitment.
    """

    key: bytes
    nonce: bytes


def fresh_secret() -> Secret:
    """Return a key and a nonce that nobody has seen, from the system's generator."""
    return Secret(key=os.urandom(KEY_BYTES), nonce=os.urandom(NONCE_BYTES))


def encipher(plaintext: bytes, key: bytes) -> bytes:
    """Return the ciphertext of an object, of the same length.

    Args:
        plaintext: At most `evidence.unpack.SIZE_MAX` bytes.
        key: 32 random bytes that were never used for other plaintext.

    Raises:
        BadInput: Too many bytes.
    """
    if len(plaintext) > SIZE_MAX:
        raise BadInput("object", f"has {len(plaintext)} bytes, must be at most {SIZE_MAX}")
    return _crypt(plaintext, key)


def decipher(ciphertext: bytes, key: bytes) -> bytes:
    """Return the plaintext; whether it is the true one, `check_commitment` says."""
    return _crypt(ciphertext, key)


def commitment(plaintext_sha256: bytes, nonce: bytes) -> str:
    """Return what an entry says of a plaintext (raw SHA-256) without telling it, in hex.

    Example:
        >>> commitment(bytes(32), bytes(32))[:16]
        '6488677131fa8464'
    """
    return sha256_hex(_COMMIT + nonce + plaintext_sha256)


def check_commitment(plaintext: bytes, nonce: bytes, commit: str | None, *, where: str) -> bytes:
    """Return the plaintext, once it was found to be the one that an entry commits to.

    Raises:
        EvidenceBroken: The entry commits to something else, or to nothing.
    """
    found = commitment(sha256(plaintext).digest(), nonce)
    if found != commit:
        problem = f"what was deciphered leads to commit {found}, expected {commit}"
        raise EvidenceBroken(where, problem)
    return plaintext


def _crypt(content: bytes, key: bytes) -> bytes:
    stream = Cipher(algorithms.AES256(key), modes.CTR(IV)).encryptor()  # both ways alike
    return stream.update(content) + stream.finalize()
