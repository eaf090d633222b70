"""Content credentials: unchanged is not the same as trusted, and nothing is fetched."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.evidence.intake import samples

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import credentials
from trucewatch.evidence.intake.inspect import inspect
from trucewatch.evidence.intake.worker import INSPECT, Family, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=36_500)
ELSEWHERE = "http://192.0.2.1/manifest.c2pa"
ACTION = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}
MANIFEST = {
    "claim_generator_info": [{"name": "example camera", "version": "1"}],
    "format": "image/jpeg",
    "assertions": [{"label": "c2pa.actions", "data": {"actions": [ACTION]}}],
}
Key = ec.EllipticCurvePrivateKey
HERE = str(Path(__file__).parent)


def certificate(name: str, key: Key, by: Key) -> bytes:
    """Return a certificate in PEM; an authority's where the key signs itself."""
    authority = key is by
    names = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Trial"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        for common in (name, "authority")
    ]
    usage = dict.fromkeys(
        (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
            "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    usage["key_cert_sign" if authority else "digital_signature"] = True
    made = (
        x509.CertificateBuilder(names[1], names[0], key.public_key(), 7, SINCE, UNTIL)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )
    if not authority:
        mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(mail, critical=False)
    return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def signed(*, elsewhere: str = "") -> bytes:
    authority = ec.derive_private_key(5, ec.SECP256R1())
    key = ec.derive_private_key(7, ec.SECP256R1())
    chain = certificate("signer", key, authority) + certificate("authority", authority, authority)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    by = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=chain, private_key=private, ta_url=None)
    held = io.BytesIO()
    builder = c2pa.Builder(json.dumps(MANIFEST))
    if elsewhere:
        builder.set_no_embed()
        builder.set_remote_url(elsewhere)
    picture = io.BytesIO(samples.picture("JPEG"))
    builder.sign(c2pa.Signer.from_info(by), "image/jpeg", picture, held)
    return held.getvalue()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(INSPECT) as held:
        yield held


@pytest.fixture(scope="module")
def photograph() -> bytes:
    return signed()


def test_valid_and_untrusted_are_both_shown(worker: Worker, photograph: bytes) -> None:
    told = inspect(photograph, worker=worker).facts["credentials"]

    assert told == {
        "present": True,
        "state": "valid",
        "trust": "untrusted",
        "signer": "signer",
        "issuer": "Example Trial",
        "made_at": None,
        "generator": "example camera",
        "failures": ["signingCredential.untrusted"],
    }
    assert told == credentials.facts(photograph, mime="image/jpeg")


def test_a_changed_pixel_makes_it_invalid(worker: Worker, photograph: bytes) -> None:
    changed = bytearray(photograph)
    changed[-40] ^= 1

    told = inspect(bytes(changed), worker=worker).facts["credentials"]

    assert told["state"] == "invalid"
    assert "assertion.dataHash.mismatch" in told["failures"]


def test_a_picture_without_credentials_has_none(worker: Worker) -> None:
    facts = inspect(samples.picture("PNG"), worker=worker)

    assert facts.facts["credentials"] == {"present": False}


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(BadInput, match="content credentials cannot be read"):
        credentials.facts(b"\xff\xd8\xff\xe0", mime="image/jpeg")


def test_a_manifest_elsewhere_is_never_fetched(worker: Worker) -> None:
    """The address is one that is reserved for examples; asking it would take seconds."""
    facts = inspect(signed(elsewhere=ELSEWHERE), worker=worker)

    assert "credentials" not in facts.facts
    assert "credentials: content credentials are kept elsewhere" in " ".join(facts.problems)


def test_the_sandbox_stops_a_library_that_would_fetch() -> None:
    """Were the setting ignored one day, there is still no socket."""
    photograph = signed(elsewhere=ELSEWHERE)

    with (
        Worker(Family("fetching", source=HERE)) as held,
        pytest.raises(BadInput, match=r"ended with signal|failed \("),
    ):
        held.ask("fetch", photograph)
