from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import _rust
from tests.evidence.timestamp.conftest import GOLDEN

from trucewatch.errors import BadInput
from trucewatch.evidence.timestamp.request import SHA256, timestamp_request

# What `openssl ts -query -sha256 -cert` writes for the same digest and nonce.
REQUEST = (
    "30430201013031300d060960864801650304020105000420"
    "a95c3d0deaafcf303cbca59b757087da9229b1343cf00c7e5f4d1cf4c081c0d3"
    "02080123456789abcdef0101ff"
)


def test_writes_the_golden_request() -> None:
    checkpoint = (GOLDEN / "checkpoint").read_bytes()

    request = timestamp_request(checkpoint, nonce=0x0123456789ABCDEF)

    assert request.hex() == REQUEST


@given(content=st.binary(), nonce=st.integers(0, 2**64 - 1))
def test_another_parser_reads_what_was_asked(content: bytes, nonce: int) -> None:
    request = timestamp_request(content, nonce=nonce)

    parsed = _rust.parse_timestamp_request(request)
    imprint = parsed.message_imprint
    assert (parsed.version, parsed.nonce, parsed.cert_req, parsed.policy) == (1, nonce, True, None)
    assert (imprint.hash_algorithm, imprint.message) == (SHA256, hashlib.sha256(content).digest())


@pytest.mark.parametrize("nonce", [-1, 2**64])
def test_refuses_a_nonce_that_is_no_64_bits(nonce: int) -> None:
    with pytest.raises(BadInput, match="must be 0 or more and have at most 64 bits"):
        timestamp_request(b"", nonce=nonce)
