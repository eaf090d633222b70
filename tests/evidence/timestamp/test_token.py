from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.timestamp.conftest import CHECKPOINT, GOLDEN
from tests.evidence.timestamp.tsa import (
    BEGAN,
    ENDS,
    STAMPING,
    Issuer,
    Terms,
    key_pem,
    make_authority,
    make_certificate,
    make_issuer,
    needs_openssl,
    openssl,
    pem_of,
    reply_to,
)

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.timestamp.request import timestamp_request
from trucewatch.evidence.timestamp.token import RESPONSE_BYTES_MAX, Stamp, open_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.x509 import Certificate

system = pytest.mark.system
REQUEST = timestamp_request(CHECKPOINT, nonce=7)


class Golden(NamedTuple):
    checkpoint: bytes
    response: bytes
    root: bytes
    stamp: Stamp


@pytest.fixture(scope="module")
def golden() -> Golden:
    files = [(GOLDEN / name).read_bytes() for name in ("checkpoint", "checkpoint.tsr", "ca.pem")]
    stamp = Stamp(
        time=datetime(2026, 11, 22, 16, 38, 2, tzinfo=UTC),
        accuracy_s=1.5,
        serial="0x02",
        policy="1.2.3.4.1",
        authority="CN=golden",
    )
    return Golden(*files, stamp)


def opened(response: bytes, root: bytes, data: bytes = CHECKPOINT) -> Stamp:
    return open_token(response, data, roots=[root], where="cp.tsr")


def resigned(
    folder: Path, signer: Certificate, key: ec.EllipticCurvePrivateKey, *more: str
) -> bytes:
    """Return the folder's last token, its content signed anew by another certificate.

    The option `-cades` names the certificate by its hash, as a time stamp must.
    """
    options = " ".join(more or ["-cades"])
    (folder / "signer.pem").write_bytes(pem_of(signer))
    (folder / "signer.key").write_bytes(key_pem(key))
    words = [
        "ts -reply -in reply.tsr -token_out -out token.der",
        "cms -verify -noverify -binary -inform DER -in token.der -out content.der",
        "cms -sign -nodetach -binary -nosmimecap -econtent_type 1.2.840.113549.1.9.16.1.4"
        f" -in content.der -signer signer.pem -inkey signer.key -md sha256 {options}"
        " -outform DER -out token.der",
        "ts -reply -in token.der -token_in -out forged.tsr",
    ]
    for line in words:
        done = openssl(*line.split(), folder=folder)
        assert done.returncode == 0, done.stderr
    return (folder / "forged.tsr").read_bytes()


def test_opens_a_golden_token_whose_certificate_has_expired_since(golden: Golden) -> None:
    stamp = open_token(golden.response, golden.checkpoint, roots=[golden.root], where="cp.tsr")

    assert stamp == golden.stamp
    assert stamp.not_after == datetime(2026, 11, 22, 16, 38, 4, 500_000, tzinfo=UTC)


def test_opens_it_with_the_nonce_and_refuses_another(golden: Golden) -> None:
    def with_nonce(nonce: int) -> Stamp:
        checkpoint, response, root, _ = golden
        return open_token(response, checkpoint, roots=[root], nonce=nonce, where="cp.tsr")

    assert with_nonce(0x0123456789ABCDEF) == golden.stamp
    with pytest.raises(EvidenceBroken, match=r"cp.tsr: nonce is 81985529216486895, expected 5"):
        with_nonce(5)


def test_a_changed_bit_of_a_token_is_refused_or_changes_nothing(golden: Golden) -> None:
    rng = np.random.default_rng(3)
    length = len(golden.response)
    places = [*range(length), *rng.integers(length, size=1000)]
    kept = 0

    for place, bit in zip(places, rng.integers(8, size=len(places)), strict=True):
        changed = bytearray(golden.response)
        changed[place] ^= 1 << bit
        try:
            stamp = opened(bytes(changed), golden.root, golden.checkpoint)
        except EvidenceBroken:
            continue
        kept += 1
        assert stamp == golden.stamp

    assert kept < len(places) / 50  # a few bits say nothing: they name what is known otherwise


def test_several_changed_bytes_are_refused_or_change_nothing(golden: Golden) -> None:
    rng = np.random.default_rng(4)

    for _ in range(1000):
        changed = np.frombuffer(golden.response, np.uint8).copy()
        some = rng.integers(len(changed), size=rng.integers(2, 6))
        changed[some] = rng.integers(256, size=len(some))
        try:
            stamp = opened(changed.tobytes(), golden.root, golden.checkpoint)
        except EvidenceBroken:
            continue
        assert stamp == golden.stamp


def test_a_torn_or_lengthened_token_is_refused(golden: Golden) -> None:
    for length in range(len(golden.response)):
        with pytest.raises(EvidenceBroken, match=r"cp.tsr: "):
            opened(golden.response[:length], golden.root, golden.checkpoint)
    with pytest.raises(EvidenceBroken, match=r"malformed .*ExtraData"):
        opened(golden.response + b"\0", golden.root, golden.checkpoint)


def test_a_changed_byte_of_the_checkpoint_is_refused(golden: Golden) -> None:
    for place in range(len(golden.checkpoint)):
        changed = bytearray(golden.checkpoint)
        changed[place] ^= 0x20
        with pytest.raises(EvidenceBroken, match=r"over digest a95c3d0d[0-9a-f]{56}, expected"):
            opened(golden.response, golden.root, bytes(changed))


@given(response=st.binary(max_size=300))
def test_other_bytes_are_refused_as_malformed(response: bytes) -> None:
    with pytest.raises(EvidenceBroken, match=r"cp.tsr: "):
        opened(response, (GOLDEN / "ca.pem").read_bytes())


def test_refuses_what_is_too_long_before_it_parses() -> None:
    with pytest.raises(EvidenceBroken, match="has 65536 bytes, must be at most 65535"):
        opened(bytes(RESPONSE_BYTES_MAX + 1), (GOLDEN / "ca.pem").read_bytes())


@pytest.mark.parametrize(
    ("roots", "problem"),
    [([], "no root certificate is given"), ([b"not a certificate"], "root cannot be read")],
)
def test_refuses_roots_that_are_none(golden: Golden, roots: Sequence[bytes], problem: str) -> None:
    with pytest.raises(BadInput, match=f"cp.tsr: {problem}"):
        open_token(golden.response, golden.checkpoint, roots=roots, where="cp.tsr")


def test_refuses_another_root_of_the_same_name(golden: Golden) -> None:
    other = pem_of(make_issuer("golden root").certificate)

    with pytest.raises(EvidenceBroken, match="chain does not verify at 2026-11-22T16:38:02"):
        opened(golden.response, other, golden.checkpoint)


def test_an_intermediate_never_becomes_a_root(golden: Golden) -> None:
    checkpoint, response, root, _ = golden
    mine = pem_of(make_issuer("my root").certificate)

    with pytest.raises(EvidenceBroken, match="'CN=golden root' issued itself, expected one that"):
        open_token(response, checkpoint, roots=[mine], intermediates=[root], where="cp.tsr")
    with pytest.raises(EvidenceBroken, match="intermediate cannot be read"):
        open_token(response, checkpoint, roots=[root], intermediates=[b"0"], where="cp.tsr")


def test_the_root_may_be_handed_over_as_a_link_too(golden: Golden) -> None:
    checkpoint, response, root, expected = golden

    stamp = open_token(
        response, checkpoint, roots=[root, root], intermediates=[root], where="cp.tsr"
    )

    assert stamp == expected


@system
@needs_openssl
def test_stock_openssl_verifies_what_is_stored(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north")
    response = reply_to(tmp_path, REQUEST)
    (tmp_path / "cp").write_bytes(CHECKPOINT)
    (tmp_path / "other").write_bytes(b"checkpoinT\n")
    words = ("ts", "-verify", "-in", "reply.tsr", "-CAfile", "ca.pem", "-untrusted", "tsa.pem")

    good = openssl(*words, "-data", "cp", folder=tmp_path)
    bad = openssl(*words, "-data", "other", folder=tmp_path)

    assert opened(response, pem_of(issuer.certificate)).authority == "CN=north"
    assert (good.returncode, good.stdout) == (0, "Verification: OK\n")
    assert bad.returncode == 1
    assert bad.stdout == "Verification: FAILED\n"


@system
@needs_openssl
def test_stock_openssl_verifies_an_expired_chain_at_the_time_of_the_token(golden: Golden) -> None:
    words = ("ts", "-verify", "-data", "checkpoint", "-in", "checkpoint.tsr", "-CAfile", "ca.pem")
    then = str(int(golden.stamp.time.timestamp()))

    now = openssl(*words, folder=GOLDEN)
    at_its_time = openssl(*words, "-attime", then, folder=GOLDEN)

    assert "certificate has expired" in now.stderr
    assert at_its_time.stdout == "Verification: OK\n"


@system
@needs_openssl
def test_says_serial_and_policy_as_openssl_prints_them(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north", settings="ordering = yes\ntsa_name = yes\n")
    (tmp_path / "serial").write_text("01FE\n")
    response = reply_to(tmp_path, REQUEST)
    printed = openssl("ts", "-reply", "-in", "reply.tsr", "-text", folder=tmp_path).stdout

    stamp = opened(response, pem_of(issuer.certificate))

    assert stamp.serial == "0x01FF"
    assert f"Serial number: {stamp.serial}\n" in printed
    assert stamp.time.strftime("Time stamp: %b %e %H:%M:%S") in printed


@system
@needs_openssl
@pytest.mark.parametrize(
    "valid",
    [(BEGAN, BEGAN + timedelta(days=365)), (ENDS - timedelta(days=365), ENDS)],
    ids=["expired before the token", "valid only later"],
)
def test_refuses_a_certificate_that_was_not_valid_at_the_time_of_the_token(
    tmp_path: Path, valid: tuple[datetime, datetime]
) -> None:
    issuer = make_authority(tmp_path, "north", valid=valid)
    response = reply_to(tmp_path, REQUEST)

    with pytest.raises(EvidenceBroken, match=r"certificate (has expired|is not yet valid)"):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
def test_a_chain_of_three_needs_its_link(tmp_path: Path) -> None:
    root = make_issuer("root")
    link = make_issuer("link", by=root)
    make_authority(tmp_path, "north", issuer=link)
    response = reply_to(tmp_path, REQUEST)
    top, middle = pem_of(root.certificate), pem_of(link.certificate)

    stamp = open_token(response, CHECKPOINT, roots=[top], intermediates=[middle], where="cp.tsr")

    assert stamp == open_token(response, CHECKPOINT, roots=[top + middle], where="cp.tsr")
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "link.pem").write_bytes(middle)
    leaf = make_certificate("north", key, link, Terms(purposes=STAMPING))
    assert (
        opened(resigned(tmp_path, leaf, key, "-cades", "-certfile", "link.pem"), top).authority
        == "CN=north"
    )
    for alone in (top, middle):
        with pytest.raises(EvidenceBroken, match=r"unable to get (local )?issuer certificate"):
            opened(response, alone)


@system
@needs_openssl
def test_refuses_what_was_not_granted_in_the_words_of_the_authority(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north", settings="digests = sha512\n")
    response = reply_to(tmp_path, REQUEST)

    with pytest.raises(
        EvidenceBroken, match=r"status is rejection .*not supported.*expected grant"
    ):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
@pytest.mark.parametrize(
    "settings", ["ess_cert_id_alg = sha1", "ess_cert_id_alg = sha384", "ess_cert_id_chain = yes"]
)
def test_accepts_each_way_of_naming_the_certificate(tmp_path: Path, settings: str) -> None:
    issuer = make_authority(tmp_path, "north", settings=f"{settings}\n")
    response = reply_to(tmp_path, REQUEST)

    assert opened(response, pem_of(issuer.certificate)).authority == "CN=north"


@system
@needs_openssl
def test_refuses_a_token_that_openssl_signed_over_sha1(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north", settings="signer_digest = sha1\n")
    response = reply_to(tmp_path, REQUEST)

    with pytest.raises(EvidenceBroken, match=r"signed over digest 1.3.14.3.2.26, expected SHA-2"):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
@pytest.mark.parametrize("option", ["-sha512", "-sha256"], ids=["digest", "certificate"])
def test_refuses_a_token_over_another_digest_or_without_its_certificate(
    tmp_path: Path, option: str
) -> None:
    issuer = make_authority(tmp_path, "north")
    (tmp_path / "cp").write_bytes(CHECKPOINT)
    openssl("ts", "-query", "-data", "cp", option, "-out", "own.tsq", folder=tmp_path)
    response = reply_to(tmp_path, (tmp_path / "own.tsq").read_bytes())

    with pytest.raises(
        EvidenceBroken, match=r"digest 2.16.840.1.101.3.4.2.3, exp|holds 0 certific"
    ):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)),
        Terms(purposes=(*STAMPING, ExtendedKeyUsageOID.SERVER_AUTH)),
        Terms(purposes=STAMPING, critical=False),
    ],
    ids=["none", "a server's", "both", "not critical"],
)
def test_refuses_a_signer_that_is_not_for_time_stamps_alone(tmp_path: Path, terms: Terms) -> None:
    issuer = make_authority(tmp_path, "north")
    reply_to(tmp_path, REQUEST)
    key = ec.generate_private_key(ec.SECP256R1())
    response = resigned(tmp_path, make_certificate("server", key, issuer, terms), key)

    with pytest.raises(
        EvidenceBroken, match=r"'CN=server' (names no purpose|is not for time stam)"
    ):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
def test_refuses_a_token_that_does_not_name_its_certificate_as_openssl_does(
    tmp_path: Path,
) -> None:
    issuer = make_authority(tmp_path, "north")
    (tmp_path / "cp").write_bytes(CHECKPOINT)
    reply_to(tmp_path, REQUEST)
    key = ec.generate_private_key(ec.SECP256R1())
    other = make_certificate("south", key, issuer, Terms(purposes=STAMPING))
    words = ("ts", "-verify", "-in", "forged.tsr", "-CAfile", "ca.pem", "-data", "cp")

    named = resigned(tmp_path, other, key)
    of_named = openssl(*words, folder=tmp_path)
    nameless = resigned(tmp_path, other, key, "-md", "sha256")
    of_nameless = openssl(*words, folder=tmp_path)

    assert opened(named, pem_of(issuer.certificate)).authority == "CN=south"
    assert of_named.returncode == 0
    assert of_nameless.returncode == 1
    with pytest.raises(EvidenceBroken, match="token does not name its signer's certificate"):
        opened(nameless, pem_of(issuer.certificate))


@system
@needs_openssl
def test_refuses_two_signers(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north")
    reply_to(tmp_path, REQUEST)
    key = ec.generate_private_key(ec.SECP256R1())
    other = make_certificate("south", key, issuer, Terms(purposes=STAMPING))
    response = resigned(tmp_path, other, key, "-signer", "tsa.pem", "-inkey", "tsa.key")

    with pytest.raises(EvidenceBroken, match="token has 2 signers, expected 1"):
        opened(response, pem_of(issuer.certificate))


@system
@needs_openssl
def test_a_token_need_not_say_how_accurate_it_is(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north")
    settings = (tmp_path / "tsa.cnf").read_text()
    (tmp_path / "tsa.cnf").write_text(settings.replace("accuracy = ", "unused = "))

    stamp = opened(reply_to(tmp_path, REQUEST), pem_of(issuer.certificate))

    assert stamp.accuracy_s is None
    assert stamp.not_after == stamp.time + timedelta(seconds=1)


@system
@needs_openssl
def test_refuses_two_certificates_of_one_name_and_number(tmp_path: Path) -> None:
    issuer = make_authority(tmp_path, "north")
    reply_to(tmp_path, REQUEST)
    key = ec.generate_private_key(ec.SECP256R1())
    web = Terms(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))
    server = make_certificate("server", key, issuer, web)
    forger = Issuer(issuer.certificate, key)
    twin = make_certificate(
        "server", key, forger, Terms(purposes=STAMPING, serial=server.serial_number)
    )
    (tmp_path / "twin.pem").write_bytes(pem_of(twin))
    response = resigned(tmp_path, server, key, "-certfile", "twin.pem")

    with pytest.raises(EvidenceBroken, match=r"2 certificates of its signer, expected 1"):
        opened(response, pem_of(issuer.certificate))
