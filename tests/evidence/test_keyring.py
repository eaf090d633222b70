"""Keys are good from the entry after the one that admits them up to the one that withdraws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken, TruceWatchError
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.statement import (
    BATCH,
    CONFIGURED,
    CUSTODY,
    ENROLLED,
    Subject,
    key_id,
    list_keys,
    sign_statement,
)
from trucewatch.records.enrolment import EVERYTHING, Holder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PUBLISHED = "published/v1"
SUBJECT = Subject(name="report", sha256="ab" * 32)


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def raw(number: int) -> bytes:
    return key(number).public_key().public_bytes_raw()


DESK, CAM, PERSON, SECOND = 1, 2, 3, 4
MAY = {"desk": ["*"], "device": [BATCH], "person": [CUSTODY]}


def says(kind: str, by: int, predicate: Mapping[str, object] | None = None) -> bytes:
    return sign_statement(kind, [SUBJECT], predicate or {}, key=key(by))


def enrols(number: int, kind: str, *, by: int = DESK, **change: object) -> bytes:
    predicate = {
        "act": "enrolled",
        "by": "A. Analyst",
        "ed25519": raw(number).hex(),
        "keyid": key_id(raw(number)),
        "kind": kind,
        "may": MAY[kind],
        "name": f"{kind}-{number}",
        "reason": "test",
        "sensor": "firms" if kind == "device" else None,
        "since": None,
    }
    subject = Subject(name="key", sha256=key_id(raw(number)))
    return sign_statement(ENROLLED, [subject], predicate | change, key=key(by))


def withdraws(number: int, kind: str, *, by: int = DESK, **change: object) -> bytes:
    return enrols(number, kind, by=by, act="revoked", **change)


def founded(desks: Sequence[int] = (DESK,)) -> Keyring:
    ring = Keyring()
    listed = {"keys": list_keys([raw(each) for each in desks]), "replaces": None}
    ring.open(0, CONFIGURED, says("configured/v1", desks[0], listed))
    return ring


def shown(ring: Keyring, index: int, *envelopes: bytes) -> Keyring:
    for at, envelope in enumerate(envelopes, index):
        ring.open(at, f"statement/{ENROLLED}", envelope)
    return ring


def open_(ring: Keyring, kind: str, by: int, index: int = 9) -> str:
    return ring.open(index, f"statement/{kind}", says(kind, by)).type


def test_the_first_configuration_lists_the_desks() -> None:
    ring = founded((DESK, SECOND))

    assert ring.founded
    assert [(each.kind, each.name, each.may) for each in ring.good.values()] == [
        (Holder.DESK, "desk", (EVERYTHING,)),
        (Holder.DESK, "desk-2", (EVERYTHING,)),
    ]
    assert open_(ring, PUBLISHED, SECOND) == PUBLISHED


def test_nothing_opens_before_the_first_configuration() -> None:
    ring = Keyring()

    with pytest.raises(EvidenceBroken, match=f"entry 9: first {CONFIGURED} is not at hand"):
        open_(ring, PUBLISHED, DESK)

    assert not ring.founded


def test_a_device_signs_batches_and_nothing_else() -> None:
    ring = shown(founded(), 1, enrols(CAM, "device"))

    assert open_(ring, BATCH, CAM) == BATCH
    with pytest.raises(EvidenceBroken, match="published/v1 is signed by device device-2"):
        open_(ring, PUBLISHED, CAM)


def test_a_desk_signs_everything_but_batches() -> None:
    with pytest.raises(EvidenceBroken, match=r"batch/v1 is signed by desk desk, which may sign \*"):
        open_(founded(), BATCH, DESK)


def test_a_person_signs_the_types_that_were_named() -> None:
    ring = shown(founded(), 1, enrols(PERSON, "person"))

    assert open_(ring, CUSTODY, PERSON) == CUSTODY
    with pytest.raises(EvidenceBroken, match="published/v1 is signed by person person-3"):
        open_(ring, PUBLISHED, PERSON)
    with pytest.raises(EvidenceBroken, match="enrolled/v1 is signed by person person-3"):
        shown(ring, 2, enrols(CAM, "device", by=PERSON))


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(EvidenceBroken, match=f"entry 9: signed by key {key_id(raw(CAM))}"):
        open_(founded(), BATCH, CAM)


def test_a_withdrawn_key_is_refused_and_named() -> None:
    ring = shown(founded(), 1, enrols(CAM, "device"), withdraws(CAM, "device"))

    with pytest.raises(EvidenceBroken, match=r"entry 9: signed by key .*, withdrawn by entry 2"):
        open_(ring, BATCH, CAM)

    assert list(ring.withdrawn) == [key_id(raw(CAM))]
    assert key_id(raw(CAM)) in ring.ever


def test_desk_keys_rotate_and_each_verifies_in_its_interval_only() -> None:
    ring = founded()

    with pytest.raises(EvidenceBroken, match="signed by key"):
        open_(ring, PUBLISHED, SECOND)
    shown(ring, 1, enrols(SECOND, "desk"))
    assert open_(ring, PUBLISHED, DESK) == open_(ring, PUBLISHED, SECOND) == PUBLISHED
    shown(ring, 2, withdraws(DESK, "desk", by=SECOND, name="desk"))
    assert open_(ring, PUBLISHED, SECOND) == PUBLISHED
    with pytest.raises(EvidenceBroken, match="withdrawn by entry 2"):
        open_(ring, PUBLISHED, DESK)


def test_the_newest_good_key_of_a_name_is_found() -> None:
    ring = shown(founded(), 1, enrols(CAM, "device", name="cam"), enrols(5, "device", name="cam"))

    newest = ring.named("cam")

    assert newest is not None
    assert (newest.entry, newest.public) == (2, raw(5))
    assert ring.named("nobody") is None


REFUSED = [
    (enrols(CAM, "device"), "admits key .*, which was admitted before"),
    (withdraws(PERSON, "person"), "withdraws person person-3, key .*, expected one that is good"),
    (withdraws(CAM, "device", name="other"), "withdraws device other, key .*, expected one"),
    (withdraws(DESK, "desk", name="desk"), "withdraws the last desk, expected one to remain"),
    (says(PUBLISHED, DESK), "statement is published/v1, its entry says statement/enrolled/v1"),
    (
        sign_statement(ENROLLED, [SUBJECT], {"act": "enrolled"}, key=key(DESK)),
        "says act, expected act, by",
    ),
]


@pytest.mark.parametrize(("envelope", "problem"), REFUSED)
def test_refuses_an_enrolment_that_cannot_be(envelope: bytes, problem: str) -> None:
    ring = shown(founded(), 1, enrols(CAM, "device"))
    before = dict(ring.good)

    with pytest.raises(TruceWatchError, match=f"entry 2: {problem}"):
        shown(ring, 2, envelope)

    assert ring.good == before


def test_a_withdrawn_key_never_comes_back() -> None:
    ring = shown(founded(), 1, enrols(CAM, "device"), withdraws(CAM, "device"))

    with pytest.raises(EvidenceBroken, match=r"admits key .*, which was admitted before"):
        shown(ring, 3, enrols(CAM, "device"))
    with pytest.raises(EvidenceBroken, match=r"withdraws device .*, expected one that is good"):
        shown(ring, 3, withdraws(CAM, "device"))


def test_an_enrolment_is_about_its_own_key() -> None:
    said = enrols(CAM, "device")
    other = sign_statement(ENROLLED, [SUBJECT, SUBJECT], _predicate_of(said), key=key(DESK))

    with pytest.raises(EvidenceBroken, match=f"is another key, expected {key_id(raw(CAM))}"):
        shown(founded(), 1, other)


def _predicate_of(envelope: bytes) -> Mapping[str, object]:
    ring = founded()
    return ring.open(1, f"statement/{ENROLLED}", envelope).predicate


def test_an_envelope_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="entry 9: not JSON"):
        founded().open(9, f"statement/{BATCH}", b"no envelope")


ACTS = st.lists(
    st.tuples(st.sampled_from(["enrol", "withdraw", "sign"]), st.integers(2, 5)), max_size=12
)
ENROLS = {n: enrols(n, "device") for n in range(2, 6)}
WITHDRAWS = {n: withdraws(n, "device") for n in range(2, 6)}
SIGNS = {n: says(BATCH, n) for n in range(2, 6)}


@settings(deadline=None, max_examples=60)
@given(ACTS)
def test_a_key_is_good_exactly_between_its_admission_and_its_withdrawal(
    acts: list[tuple[str, int]],
) -> None:
    ring, state = founded(), dict.fromkeys(range(2, 6), "new")

    for index, (act, number) in enumerate(acts, 1):
        wanted = {"enrol": "new", "withdraw": "good", "sign": "good"}[act]
        kind = f"statement/{BATCH if act == 'sign' else ENROLLED}"
        envelope = {"enrol": ENROLS, "withdraw": WITHDRAWS, "sign": SIGNS}[act][number]
        if state[number] == wanted:
            ring.open(index, kind, envelope)
            state[number] = {"enrol": "good", "withdraw": "gone", "sign": "good"}[act]
        else:
            with pytest.raises(EvidenceBroken, match=f"entry {index}: "):
                ring.open(index, kind, envelope)

    good = {key_id(raw(n)) for n, is_ in state.items() if is_ == "good"}
    assert set(ring.good) == good | {key_id(raw(DESK))}
    assert set(ring.withdrawn) == {key_id(raw(n)) for n, is_ in state.items() if is_ == "gone"}
