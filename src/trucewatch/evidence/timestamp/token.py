"""What an authority answered: a signed token over a hash and a time.

A stored token is opened again years later, by people who trust nobody here: it must be the one
strict form, over exactly these bytes, by a certificate that was made for time stamps and that
chains to a root which the reader chose, all judged at the token's own time.

Source: RFC 3161, RFC 5816. The parser and the chain check are those of `rfc3161_client`.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    PKIStatus,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.timestamp.request import SHA256

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rfc3161_client import Accuracy, TimeStampResponse

RESPONSE_BYTES_MAX = 65_535  # what the log keeps; a token with a chain of four has under 10,000
_SHA2 = {  # a token signed over SHA-1 could be forged
    x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1"),
    x509.ObjectIdentifier("2.16.840.1.101.3.4.2.2"),
    x509.ObjectIdentifier("2.16.840.1.101.3.4.2.3"),
}
_NAMED_BY = ("sha256", "sha1", "sha384", "sha512")  # hashes that ESSCertID and its v2 may hold
_CUT_OFF = timedelta(seconds=1)  # the library drops fractions of a second
_SERIAL_BYTES_MAX = 64  # RFC 3161 asks readers for 20
_SAID_MAX = 200  # characters of another's text in our messages
# What the libraries raise on hostile bytes, found by changing every bit of a token. Where warnings
# are errors, an odd serial number raises the warning.
_LIBRARY_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    VerificationError,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
    ssl.SSLError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_PANIC = "PanicException"  # of a library in Rust: no Exception, and no name to import
_REASON = re.compile(r'data: "([^"]*)"|reason: "([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token says, once it was verified.

    Attributes:
        time: The authority's time, UTC; a fraction of a second in the token is cut off.
        accuracy_s: How far the authority says that its time may be off, in seconds, if it says so.
        serial: Number of the token, as `openssl ts` prints it, such as `0x1F`.
        policy: Object identifier of the authority's policy, dotted.
        authority: Subject of the certificate that signed, RFC 4514 text.
    """

    time: datetime
    accuracy_s: float | None
    serial: str
    policy: str
    authority: str

    @property
    def not_after(self) -> datetime:
        """The latest time that the token allows: with the cut fraction and the accuracy."""
        return self.time + _CUT_OFF + timedelta(seconds=self.accuracy_s or 0)


class _Trust(NamedTuple):
    roots: list[x509.Certificate]
    intermediates: list[x509.Certificate]


def open_token(
    response: bytes,
    data: bytes,
    *,
    roots: Sequence[bytes],
    intermediates: Sequence[bytes] = (),
    nonce: int | None = None,
    where: str,
) -> Stamp:
    """Return what an authority's answer says, once it was verified.

    Works without a network and without a clock: certificates are judged at the token's own time.
    Whether a certificate was revoked is not asked. A root that is no certificate in PEM, or none
    at all, is the caller's mistake (`BadInput`).

    Args:
        response: DER of the whole answer (TimeStampResp), as `openssl ts -reply` writes it.
        data: The bytes that were stamped.
        roots: PEM certificates that the reader trusts, one or more in each item. One that is not
            self-signed serves only as a link.
        intermediates: PEM certificates that may link the signer to a root. They are not trusted,
            so a self-issued one that is no root is refused.
        nonce: What was asked with, if the reader knows it.
        where: What to call the answer in a message.

    Raises:
        EvidenceBroken: The answer is malformed, not granted, over another digest, to another
            request, or not signed by a time-stamping certificate that chains to a root.
    """
    trust = _trust(roots, intermediates, where)
    # Each step names its own defect; all of them must hold.
    try:
        answer = _decode(response, where)  # (0) one strict form
        _check_granted(answer, where)  # (1) the authority said yes
        _check_imprint(answer, data, where)  # (2) over these bytes
        _check_nonce(answer, nonce, where)  # (3) in answer to this request
        signer = _signer(answer, where)  # (4) one signer, with a certificate for time stamps
        _check_named(response, signer, where)  # (5) which the token names by its hash
        _check_chain(answer, data, trust, where)  # (6) signature and chain, at the token's time
        return _stamp(answer, signer)
    except _LIBRARY_ERRORS as error:
        problem = f"token cannot be read ({_said(error)}), expected RFC 3161 in strict DER"
        raise EvidenceBroken(where, problem) from error


def _trust(roots: Sequence[bytes], intermediates: Sequence[bytes], where: str) -> _Trust:
    try:
        trusted = _certificates(roots)
    except _LIBRARY_ERRORS as error:
        problem = f"root cannot be read ({_said(error)}), expected certificates in PEM"
        raise BadInput(where, problem) from error
    if not trusted:
        raise BadInput(where, "no root certificate is given, expected at least one")
    try:
        links = [c for c in _certificates(intermediates) if c not in trusted]
    except _LIBRARY_ERRORS as error:
        problem = f"intermediate cannot be read ({_said(error)}), expected certificates in PEM"
        raise EvidenceBroken(where, problem) from error
    for link in links:
        # The library puts links and roots into one store, where a self-signed link would be a root.
        if link.subject == link.issuer:
            problem = f"intermediate {link.subject.rfc4514_string()!r} issued itself"
            raise EvidenceBroken(where, f"{problem}, expected one that another issued, or a root")
    return _Trust(trusted, links)


def _certificates(pems: Sequence[bytes]) -> list[x509.Certificate]:
    found = [certificate for pem in pems for certificate in x509.load_pem_x509_certificates(pem)]
    for certificate in found:  # OpenSSL, which checks the chain, is stricter than what loaded them
        der = certificate.public_bytes(Encoding.DER)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=der)
    return list(dict.fromkeys(found))


def _decode(response: bytes, where: str) -> TimeStampResponse:
    if len(response) > RESPONSE_BYTES_MAX:
        problem = f"answer has {len(response)} bytes, must be at most {RESPONSE_BYTES_MAX}"
        raise EvidenceBroken(where, problem)
    try:
        return decode_timestamp_response(response)
    except ValueError as error:
        problem = f"answer is malformed ({_said(error)}), expected a TimeStampResp in strict DER"
        raise EvidenceBroken(where, problem) from error


def _check_granted(answer: TimeStampResponse, where: str) -> None:
    if answer.status == PKIStatus.GRANTED:
        return
    known = {status.value: status.name.lower() for status in PKIStatus}
    name = known.get(answer.status, str(answer.status))
    text = " ".join(answer.status_string)[:_SAID_MAX]
    said = f" ({text!r})" if text else ""
    raise EvidenceBroken(where, f"status is {name}{said}, expected granted")


def _check_imprint(answer: TimeStampResponse, data: bytes, where: str) -> None:
    imprint = answer.tst_info.message_imprint
    if imprint.hash_algorithm != SHA256:
        problem = f"token is over a digest {imprint.hash_algorithm.dotted_string}"
        raise EvidenceBroken(where, f"{problem}, expected SHA-256 ({SHA256.dotted_string})")
    digest = hashlib.sha256(data).digest()
    if imprint.message != digest:
        problem = f"token is over digest {imprint.message.hex()}, expected {digest.hex()}"
        raise EvidenceBroken(where, problem)


def _check_nonce(answer: TimeStampResponse, nonce: int | None, where: str) -> None:
    if nonce is not None and answer.tst_info.nonce != nonce:
        raise EvidenceBroken(where, f"nonce is {answer.tst_info.nonce}, expected {nonce}")


def _signer(answer: TimeStampResponse, where: str) -> x509.Certificate:
    signed = answer.signed_data
    if not signed.digest_algorithms <= _SHA2:
        weak = ", ".join(sorted(o.dotted_string for o in signed.digest_algorithms - _SHA2))
        raise EvidenceBroken(where, f"token is signed over digest {weak}, expected SHA-2")
    signers = list(signed.signer_infos)
    if len(signers) != 1:
        raise EvidenceBroken(where, f"token has {len(signers)} signers, expected 1")
    wanted = (signers[0].issuer, signers[0].serial_number)
    embedded = [x509.load_der_x509_certificate(der) for der in signed.certificates]
    found = [c for c in embedded if (c.issuer, c.serial_number) == wanted]
    # Two of one name and number: the library could check the purpose of one, the key of the other.
    if len(found) != 1:
        problem = f"token holds {len(found)} certificates of its signer, expected 1"
        raise EvidenceBroken(where, problem)
    _check_purpose(found[0], where)
    return found[0]


def _check_purpose(certificate: x509.Certificate, where: str) -> None:
    name = certificate.subject.rfc4514_string()[:_SAID_MAX]
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        problem = f"certificate of {name!r} names no purpose, expected time stamping"
        raise EvidenceBroken(where, problem) from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        problem = f"certificate of {name!r} is not for time stamps alone"
        raise EvidenceBroken(where, f"{problem}, expected that one purpose, marked critical")


def _check_named(response: bytes, signer: x509.Certificate, where: str) -> None:
    # RFC 5816 asks for the hash of the signer's certificate among the signed attributes, and
    # openssl refuses a token without it. Looking for the hash anywhere is enough to keep what
    # openssl will accept later; the signature itself is checked next.
    der = signer.public_bytes(Encoding.DER)
    hashes = (hashlib.new(name, der, usedforsecurity=False).digest() for name in _NAMED_BY)
    if not any(digest in response for digest in hashes):
        problem = "token does not name its signer's certificate, expected its hash (ESSCertID)"
        raise EvidenceBroken(where, problem)


def _check_chain(answer: TimeStampResponse, data: bytes, trust: _Trust, where: str) -> None:
    verifier = VerifierBuilder(roots=trust.roots, intermediates=trust.intermediates).build()
    try:
        verifier.verify_message(answer, data)
    except VerificationError as error:
        time = answer.tst_info.gen_time.isoformat()
        problem = f"signature or chain does not verify at {time} ({_said(error)})"
        raise EvidenceBroken(where, f"{problem}, expected a chain to a given root") from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        problem = f"signature or chain cannot be checked ({_said(error)})"
        raise EvidenceBroken(where, f"{problem}, expected ones that OpenSSL reads") from error


def _stamp(answer: TimeStampResponse, signer: x509.Certificate) -> Stamp:
    token = answer.tst_info
    digits = token.serial_number.to_bytes(_SERIAL_BYTES_MAX).lstrip(b"\0") or b"\0"
    return Stamp(
        time=token.gen_time,
        accuracy_s=_accuracy_s(answer),
        serial=f"0x{digits.hex().upper()}",
        policy=token.policy.dotted_string,
        authority=signer.subject.rfc4514_string(),
    )


def _accuracy_s(answer: TimeStampResponse) -> float | None:
    accuracy: Accuracy | None = answer.tst_info.accuracy  # the library's annotation forgets None
    if accuracy is None:
        return None
    return (accuracy.seconds or 0) + (accuracy.millis or 0) / 1e3 + (accuracy.micros or 0) / 1e6


def _said(error: BaseException) -> str:
    """Return the telling part of a library's message."""
    text = str(error) or type(error).__name__
    reasons = [given or plain for given, plain in _REASON.findall(text)]
    return (reasons[-1] if reasons else text)[:_SAID_MAX]
