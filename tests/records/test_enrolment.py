from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical
from trucewatch.records.enrolment import EVERYTHING, Holder, read_enrolment

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

PUBLIC = bytes(range(32))
DEVICE: dict[str, Json] = {
    "act": "enrolled",
    "by": "A. Analyst",
    "ed25519": PUBLIC.hex(),
    "keyid": hashlib.sha256(PUBLIC).hexdigest(),
    "kind": "device",
    "may": ["batch/v1"],
    "name": "cam-1",
    "reason": "new camera",
    "sensor": "firms",
    "since": None,
}
PERSON = DEVICE | {"kind": "person", "may": ["custody/v1"], "sensor": None}
DESK = DEVICE | {"kind": "desk", "may": ["*"], "sensor": None}
SINCE = "2026-06-27T16:30:00.000000Z"
ORDER = 2**255 - 19


def test_the_form_of_an_enrolment_never_changes() -> None:
    keyid = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"

    assert canonical(DEVICE).decode() == (
        '{"act":"enrolled","by":"A. Analyst","ed25519":'
        '"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        f'"keyid":"{keyid}","kind":"device","may":["batch/v1"],"name":"cam-1",'
        '"reason":"new camera","sensor":"firms","since":null}'
    )


def test_reads_what_a_device_was_enrolled_for() -> None:
    found = read_enrolment(DEVICE, entry=7)

    assert (found.kind, found.name, found.sensor) == (Holder.DEVICE, "cam-1", "firms")
    assert (found.public, found.keyid) == (PUBLIC, DEVICE["keyid"])
    assert (found.may, found.revoked, found.since, found.entry) == (("batch/v1",), False, None, 7)


def test_reads_a_withdrawal_with_its_time() -> None:
    found = read_enrolment(DEVICE | {"act": "revoked", "since": SINCE}, entry=7)

    assert found.revoked
    assert found.since == datetime(2026, 6, 27, 16, 30, tzinfo=UTC)


def test_a_person_has_some_types_and_a_desk_all() -> None:
    assert read_enrolment(PERSON, entry=7).may == ("custody/v1",)
    assert read_enrolment(DESK, entry=7).may == (EVERYTHING,)


REFUSED = [
    (DEVICE | {"act": "admitted"}, "act is 'admitted', expected enrolled or revoked"),
    (DEVICE | {"kind": "robot"}, "kind is 'robot', expected one of desk, device, person"),
    (DEVICE | {"name": "Cam 1"}, "name is 'Cam 1', must be small letters"),
    (DEVICE | {"name": "-cam"}, "name is '-cam', must be small letters"),
    (
        DEVICE | {"name": "c" * 65},
        "name is 'ccc.*', must be small .*, at most 64",
    ),
    (DEVICE | {"sensor": None}, "enrolled device with sensor None since None, expected a sensor"),
    (PERSON | {"sensor": "firms"}, "enrolled person with sensor 'firms'"),
    (DEVICE | {"since": SINCE}, "enrolled device with sensor 'firms' since '2026"),
    (DEVICE | {"keyid": "ab" * 32}, "keyid is abab.*, expected 630d"),
    (DEVICE | {"ed25519": "ab"}, "ed25519 is 'ab', expected 64 lowercase hex digits"),
    (DEVICE | {"may": ["custody/v1"]}, "device may sign custody/v1, expected"),
    (DEVICE | {"may": ["*"]}, r"device may sign \*, expected"),
    (DESK | {"may": ["published/v1"]}, "desk may sign published/v1, expected"),
    (PERSON | {"may": []}, "person may sign nothing, expected"),
    (PERSON | {"may": ["*"]}, r"person may sign \*, expected"),
    (PERSON | {"may": ["custody"]}, "person may sign custody, expected"),
    (PERSON | {"may": ["batch/v1"]}, "person may sign batch/v1, expected"),
    (PERSON | {"may": ["enrolled/v1"]}, "person may sign enrolled/v1, expected"),
    (PERSON | {"may": ["configured/v1"]}, "person may sign configured/v1, expected"),
    (PERSON | {"may": ["seated/v1", "custody/v1"]}, "may is .*, expected a list of texts in order"),
    (DEVICE | {"more": 1}, "says act, .*more.*, expected act, by"),
    (DEVICE | {"reason": " "}, "reason is ' ', expected text on one line"),
]


@pytest.mark.parametrize(("predicate", "problem"), REFUSED)
def test_refuses_an_enrolment_by_name_of_the_member(
    predicate: dict[str, Json], problem: str
) -> None:
    with pytest.raises(BadInput, match=f"entry 7: {problem}"):
        read_enrolment(predicate, entry=7)


@pytest.mark.parametrize("name", sorted(DEVICE))
def test_refuses_an_enrolment_without_a_member(name: str) -> None:
    with pytest.raises(BadInput, match=r"entry 7: says .*, expected act, by, ed25519"):
        read_enrolment({k: v for k, v in DEVICE.items() if k != name}, entry=7)


@given(st.binary(min_size=32, max_size=32))
def test_the_id_of_a_key_is_its_hash(seed: bytes) -> None:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    keyid = hashlib.sha256(public).hexdigest()

    found = read_enrolment(DEVICE | {"ed25519": public.hex(), "keyid": keyid}, entry=7)

    assert found.keyid == keyid


def points_of_small_order() -> list[bytes]:
    """Every encoding of a y that solves 8P = 0, found by the curve's own arithmetic."""
    d = -121665 * pow(121666, -1, ORDER) % ORDER
    # order 1, 2, 4 have y = 1, -1, 0; a point of order 8 doubles to (x, 0): d y^4 + 2 y^2 - 1 = 0
    ys = {0, 1, ORDER - 1}
    root = sqrt((1 + d) % ORDER)
    for sign in (root, ORDER - root):
        y2 = (sign - 1) * pow(d, -1, ORDER) % ORDER
        y = sqrt(y2)
        if y * y % ORDER == y2:
            ys |= {y, ORDER - y}
    encoded = {y + k * ORDER for y in ys for k in (0, 1) if y + k * ORDER < 2**255}
    return sorted((y | sign << 255).to_bytes(32, "little") for y in encoded for sign in (0, 1))


def sqrt(square: int) -> int:
    root = pow(square, (ORDER + 3) // 8, ORDER)
    if root * root % ORDER != square:
        root = root * pow(2, (ORDER - 1) // 4, ORDER) % ORDER
    return root


def test_there_are_seven_such_points_and_each_has_two_signs() -> None:
    assert len(points_of_small_order()) == 14


@pytest.mark.parametrize("public", points_of_small_order(), ids=bytes.hex)
def test_refuses_a_key_with_which_anybody_could_sign(public: bytes) -> None:
    keyid = hashlib.sha256(public).hexdigest()

    with pytest.raises(BadInput, match=f"key {public.hex()} has small order: anybody could sign"):
        read_enrolment(DEVICE | {"ed25519": public.hex(), "keyid": keyid}, entry=7)


def test_the_library_does_accept_a_signature_that_nobody_made_under_such_a_key() -> None:
    forged = b"\x01" + bytes(63)  # R is the neutral point, S is 0: [S]B = R + [h]A when [h]A is 0
    public = Ed25519PublicKey.from_public_bytes(points_of_small_order()[0])

    assert any(accepts(public, forged, b"message %d" % n) for n in range(64))


def accepts(public: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
