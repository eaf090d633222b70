"""What an authority is asked: a time stamp over the SHA-256 of some bytes.

Source: RFC 3161, section 2.4.1. The encoding is the library's; this module only names the fields.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from trucewatch.errors import BadInput

SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_VERSION = 1
_NONCE_BITS = 64


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    parameters: asn1.Null


@asn1.sequence
class _Imprint:
    algorithm: _Algorithm
    digest: bytes


@asn1.sequence
class _Request:
    version: int
    imprint: _Imprint
    nonce: int
    certificates_wanted: bool


def timestamp_request(content: bytes, *, nonce: int) -> bytes:
    """Return the request, in DER, for a time stamp over some bytes.

    The authority sees their hash alone. It is asked to put its certificate into the token, so that
    the token can be checked when the authority is gone.

    Args:
        content: The checkpoint note as the log signed it, without cosignatures.
        nonce: 64 random bits, new for each request: an old token cannot be sent in answer.

    Raises:
        BadInput: The nonce does not fit into 64 bits.
    """
    if nonce < 0 or nonce.bit_length() > _NONCE_BITS:
        problem = f"nonce is {nonce}, must be 0 or more and have at most {_NONCE_BITS} bits"
        raise BadInput("time-stamp request", problem)
    algorithm = _Algorithm(algorithm=SHA256, parameters=asn1.Null())
    imprint = _Imprint(algorithm=algorithm, digest=hashlib.sha256(content).digest())
    request = _Request(version=_VERSION, imprint=imprint, nonce=nonce, certificates_wanted=True)
    return asn1.encode_der(request)
