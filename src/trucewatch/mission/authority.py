"""A certificate for `tw serve --tls`: one that was supplied, or one of an own authority.

`HOME/tls/cert.pem` and `HOME/tls/key.pem` are used as they are. Where there are none, an authority
is made whose certificate people bring into their browsers once, and a certificate for the host that
is served, signed by it. They say that the browser talks to this machine; nothing of the evidence
hangs on them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trucewatch.errors import BadMission

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.mission.home import Home

AUTHORITY_D, HOST_D = 3650, 397
"""Days: ten years; and the longest that browsers take (CA/Browser Forum, ballot SC-31)."""
_PRIVATE = 0o600
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What a server shows.

    Attributes:
        cert: PEM file of the certificate.
        key: PEM file of its private key.
        authority: PEM file of the own authority, for browsers; None with a supplied certificate.
        fingerprint: SHA-256 of the certificate that browsers must trust, hex.
    """

    cert: Path
    key: Path
    authority: Path | None
    fingerprint: str


def certified(home: Home, host: str, now: datetime) -> Certified:
    """Return the certificate of a host; it is made where there is none, or when it has run out.

    Args:
        home: The mission.
        host: Name or address that browsers go to.
        now: When it begins to hold.

    Raises:
        BadMission: Only one of the two supplied files is there, or one cannot be read.
    """
    folder = home.path / "tls"
    cert, key = folder / "cert.pem", folder / "key.pem"
    if cert.exists() != key.exists():
        there, missing = (cert, key) if cert.exists() else (key, cert)
        raise BadMission(str(there), f"stands alone, expected {missing.name} beside it")
    if cert.exists():
        return Certified(cert=cert, key=key, authority=None, fingerprint=_fingerprint(cert))
    folder.mkdir(mode=0o700, exist_ok=True)
    authority = folder / "authority.pem"
    if not authority.exists():
        _make_authority(folder, now)
    own, own_key = folder / f"{_file(host)}.pem", folder / f"{_file(host)}.key"
    if not own.exists() or _read(own).not_valid_after_utc <= now:
        _make_host(folder, host, now)
    return Certified(
        cert=own, key=own_key, authority=authority, fingerprint=_fingerprint(authority)
    )


def _make_authority(folder: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("trucewatch, own authority of this mission")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, name, key, now, AUTHORITY_D)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "authority.key", _secret(key), _PRIVATE)
    _write(folder / "authority.pem", made.public_bytes(serialization.Encoding.PEM), 0o644)


def _make_host(folder: Path, host: str, now: datetime) -> None:
    authority = _read(folder / "authority.pem")
    raw = (folder / "authority.key").read_bytes()
    signer = serialization.load_pem_private_key(raw, password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise BadMission(str(folder / "authority.key"), "is no key of this authority")
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_alternative(each) for each in {host, *_HERE}])
    made = (
        _begun(_name(host), authority.subject, key, now, HOST_D)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    _write(folder / f"{_file(host)}.key", _secret(key), _PRIVATE)
    _write(folder / f"{_file(host)}.pem", made.public_bytes(serialization.Encoding.PEM), 0o644)


def _begun(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _file(host: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in host)


def _secret(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_bytes(content)


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadMission(str(path), f"is no certificate: {error}") from error


def _fingerprint(path: Path) -> str:
    return _read(path).fingerprint(hashes.SHA256()).hex()
