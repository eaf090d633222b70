from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.batch_claim import SeenHead, read_batch_claim
from trucewatch.records.canonical import Json, canonical, parse_canonical

SECOND: dict[str, Json] = {
    "device": "cam-1",
    "made_at": "2026-06-27T16:30:00.000000Z",
    "previous": "ab" * 32,
    "seen": {"origin": "demo.invalid/evidence", "root": "cd" * 32, "size": 7},
    "sensor": "firms",
    "sequence": 2,
}
FIRST = SECOND | {"previous": None, "sequence": 1, "seen": None}


def test_the_form_of_a_batch_never_changes() -> None:
    assert canonical(SECOND) == (
        b'{"device":"cam-1","made_at":"2026-06-27T16:30:00.000000Z","previous":"'
        + b"ab" * 32
        + b'","seen":{"origin":"demo.invalid/evidence","root":"'
        + b"cd" * 32
        + b'","size":7},"sensor":"firms","sequence":2}'
    )


def test_reads_what_the_device_said() -> None:
    claim = read_batch_claim(SECOND, entry=9)

    assert (claim.device, claim.sensor, claim.sequence, claim.entry) == ("cam-1", "firms", 2, 9)
    assert claim.previous == "ab" * 32
    assert claim.made_at == datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
    assert claim.seen == SeenHead(origin="demo.invalid/evidence", size=7, root="cd" * 32)


def test_the_first_file_has_none_before_it() -> None:
    claim = read_batch_claim(FIRST, entry=9)

    assert (claim.sequence, claim.previous, claim.seen) == (1, None, None)


REFUSED = [
    ({"sequence": 0, "previous": None}, "sequence is 0 after None, expected 1 after none"),
    ({"sequence": 1}, "sequence is 1 after abab"),
    ({"previous": None}, "sequence is 2 after None"),
    ({"previous": "AB" * 32}, "previous is 'ABAB.*', expected 64 lowercase hex digits"),
    ({"sequence": 2.5}, "sequence is '2.5', expected an integer from 0"),
    ({"sequence": True}, "sequence is 'True', expected an integer from 0"),
    ({"device": "Cam 1"}, "device is 'Cam 1', must be small letters"),
    ({"sensor": "firms/v1"}, "sensor is 'firms/v1', must be small letters"),
    ({"sensor": ""}, "sensor is '', expected text on one line"),
    ({"made_at": "2026-06-27T16:30:00Z"}, "made_at is '2026-06-27T16:30:00Z', expected a time"),
    ({"seen": {"size": 7}}, "seen is .*size.*7.*, expected origin, size and root"),
    ({"more": 1}, "says device, made_at, more, .*, expected device, made_at, previous"),
]


@pytest.mark.parametrize(("change", "problem"), REFUSED)
def test_refuses_a_claim_by_name_of_the_member(change: dict[str, Json], problem: str) -> None:
    with pytest.raises(BadInput, match=f"entry 9: {problem}"):
        read_batch_claim(SECOND | change, entry=9)


@given(st.integers(2, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_a_claim_that_was_written_reads_the_same(sequence: int, previous: bytes) -> None:
    said = SECOND | {"sequence": sequence, "previous": previous.hex()}

    claim = read_batch_claim(parse_canonical(canonical(said), where="t"), entry=9)

    assert (claim.sequence, claim.previous) == (sequence, previous.hex())
