from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as PeerEnvelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from trucewatch.errors import BadInput, EvidenceBroken, UnknownStatement
from trucewatch.evidence.statement import (
    PAYLOAD_TYPE,
    Subject,
    key_id,
    list_keys,
    open_configured,
    open_envelope,
    open_statement,
    parse_envelope,
    pre_authentication,
    sign_statement,
)
from trucewatch.records.canonical import canonical

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
KEYS = {key_id(PUBLIC): PUBLIC}
SUBJECT = Subject(name="daily-2026-06-27.html", sha256="ab" * 32)
DATA = sign_statement("published/v1", [SUBJECT], {"day": "2026-06-27"}, key=KEY)


def test_the_bytes_of_a_statement_never_change() -> None:
    value = json.loads(DATA)

    assert json.loads(base64.b64decode(value["payload"])) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "daily-2026-06-27.html", "digest": {"sha256": "ab" * 32}}],
        "predicateType": "urn:trucewatch:published/v1",
        "predicate": {"day": "2026-06-27"},
    }
    assert value["payloadType"] == "application/vnd.in-toto+json"
    assert value["signatures"][0]["keyid"] == (
        "139e3940e64b5491722088d9a0d741628fc826e09475d341a780acde3c4b8070"
    )
    assert canonical(value) == DATA


def test_a_signed_statement_opens() -> None:
    statement = open_statement(DATA, KEYS, where="t")

    assert (statement.type, statement.subjects) == ("published/v1", (SUBJECT,))
    assert statement.predicate == {"day": "2026-06-27"}
    assert statement.keyid in KEYS


@given(st.binary(max_size=200))
def test_signs_what_the_reference_implementation_of_dsse_signs(payload: bytes) -> None:
    peer = PeerEnvelope(payload, PAYLOAD_TYPE, {})

    assert pre_authentication(payload) == peer.pae()


def test_the_reference_implementation_of_dsse_verifies_it() -> None:
    peer = PeerEnvelope.from_dict(json.loads(DATA))
    key = SSlibKey(key_id(PUBLIC), "ed25519", "ed25519", {"public": PUBLIC.hex()})

    accepted = peer.verify([key], 1)

    assert list(accepted) == [key_id(PUBLIC)]


def test_opens_what_the_reference_implementation_of_dsse_signs() -> None:
    public = SSlibKey(key_id(PUBLIC), "ed25519", "ed25519", {"public": PUBLIC.hex()})
    peer = PeerEnvelope(parse_envelope(DATA, where="t").payload, PAYLOAD_TYPE, {})
    peer.sign(CryptoSigner(KEY, public))

    assert canonical(peer.to_dict()) == DATA


@settings(deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 7))
def test_a_statement_fails_on_any_flipped_bit(at: int, bit: int) -> None:
    flipped = bytearray(DATA)
    flipped[at] ^= 1 << bit

    with pytest.raises((BadInput, EvidenceBroken), match=r"^(t|canonical JSON): "):
        open_statement(bytes(flipped), KEYS, where="t")


def test_a_later_type_verifies_and_is_unknown() -> None:
    later = sign_statement("sealed/v2", [SUBJECT], {}, key=KEY)

    with pytest.raises(UnknownStatement, match=r"type is sealed/v2, expected one of"):
        open_statement(later, KEYS, where="t")
    assert open_envelope(later, KEYS, where="t").type == "sealed/v2"


def test_refuses_a_statement_by_another_key() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")
    data = sign_statement("published/v1", [SUBJECT], {}, key=other)

    with pytest.raises(EvidenceBroken, match=r"signed by key .*, expected one of 139e3940"):
        open_statement(data, KEYS, where="t")
    wrong = {key_id(other.public_key().public_bytes_raw()): PUBLIC}
    with pytest.raises(EvidenceBroken, match="does not verify over this payload"):
        open_statement(data, wrong, where="t")


def envelope(payload: object = None, **changes: object) -> bytes:
    content = canonical(payload) if payload is not None else parse_envelope(DATA, where="t").payload
    sig = base64.b64encode(KEY.sign(pre_authentication(content))).decode()
    value: dict[str, object] = {
        "payload": base64.b64encode(content).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key_id(PUBLIC), "sig": sig}],
    }
    return canonical({**value, **changes})


def payload(**changes: object) -> dict[str, object]:
    return {**json.loads(parse_envelope(DATA, where="t").payload), **changes}


SIGNATURE = json.loads(DATA)["signatures"][0]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not JSON"),
        (b"[]", "JSON list, expected an object"),
        (b" " + DATA, "not in canonical form"),
        (envelope(payloadType="application/json"), "other members or type"),
        (envelope(extra=1), "other members or type"),
        (envelope(signatures=[]), "expected exactly one"),
        (envelope(signatures=[SIGNATURE, SIGNATURE]), "expected exactly one"),
        (envelope(signatures=[{**SIGNATURE, "x": 1}]), "other members or type"),
        (envelope(signatures=[{"sig": SIGNATURE["sig"]}]), "lacks payload, sig or keyid"),
        (envelope(signatures=[{**SIGNATURE, "sig": "AAAA"}]), "signature of 3 bytes"),
        (envelope(signatures=[{**SIGNATURE, "sig": "?"}]), "is not base64"),
        (envelope(signatures=[{**SIGNATURE, "keyid": "ab"}]), "keyid is 'ab'"),
        (canonical({**json.loads(DATA), "payload": 1}), "lacks payload, sig or keyid"),
        (envelope({"a": 1}), "expected an in-toto Statement v1"),
        (envelope(payload(x=1)), "expected an in-toto Statement v1"),
        (envelope(payload(_type="https://in-toto.io/Statement/v0.1")), "statement is of type"),
        (envelope(payload(predicate=[])), "a predicate that is an object"),
        (envelope(payload(predicateType="published/v1")), "predicateType is 'published/v1'"),
        (envelope(payload(predicateType="urn:trucewatch:a/v0")), "predicateType is"),
        (envelope(payload(predicateType=7)), "predicateType is 7"),
        (envelope(payload(subject=[])), "no subject"),
        (envelope(payload(subject={})), "no subject"),
        (envelope(payload(subject=[1])), "subject 0 lacks name or sha256"),
        (envelope(payload(subject=[{"name": "", "digest": {"sha256": "ab" * 32}}])), "subject 0"),
        (envelope(payload(subject=[{"name": "a", "digest": {"sha256": "AB" * 32}}])), "subject 0"),
        (
            envelope(payload(subject=[{"name": "a", "digest": {"sha256": "ab" * 32, "x": "y"}}])),
            "subject 0",
        ),
    ],
)
def test_names_each_defect_of_a_statement(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        open_statement(data, KEYS, where="t")


@pytest.mark.parametrize(
    "content", [b'{"\\ud800":1}', b'{"a":"\\ud800"}', b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}"]
)
def test_refuses_json_without_a_canonical_form(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"JSON|expected exactly one"):
        parse_envelope(content, where="t")


def test_signs_nothing_that_could_not_be_read() -> None:
    with pytest.raises(BadInput, match="type is 'Published', expected NAME/vN"):
        sign_statement("Published", [SUBJECT], {}, key=KEY)
    with pytest.raises(BadInput, match="subject 0 is"):
        sign_statement("published/v1", [Subject(name="a", sha256="x")], {}, key=KEY)
    with pytest.raises(BadInput, match="no subject"):
        sign_statement("published/v1", [], {}, key=KEY)
    with pytest.raises(BadInput, match="canonical JSON: nan"):
        sign_statement("published/v1", [SUBJECT], {"a": float("nan")}, key=KEY)


def configured(keys: object, kind: str = "configured/v1") -> bytes:
    return sign_statement(kind, [SUBJECT], {"keys": keys}, key=KEY)


def test_the_first_configured_statement_lists_who_may_sign() -> None:
    other = bytes(range(32))

    statement, keys = open_configured(configured(list_keys([PUBLIC, other])), where="entry 2")

    assert statement.type == "configured/v1"
    assert keys == {key_id(PUBLIC): PUBLIC, key_id(other): other}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (configured([]), "expected one of none"),
        (configured("x"), "expected one of none"),
        (configured(["x"]), "key is 'x'"),
        (configured([{"ed25519": "ab", "keyid": "ab"}]), "expected 32 bytes in hex"),
        (configured([{"ed25519": "ab" * 32, "keyid": "cd" * 32}]), "expected keyid"),
        (configured(list_keys([PUBLIC, PUBLIC])), "expected keyid .* once"),
        (configured(list_keys([bytes(32)])), "signed by key 139e3940"),
        (configured(list_keys([PUBLIC]), "published/v1"), "type is published/v1, expected conf"),
    ],
)
def test_names_each_defect_of_the_list_of_keys(data: bytes, problem: str) -> None:
    with pytest.raises(EvidenceBroken, match=problem):
        open_configured(data, where="entry 2")
