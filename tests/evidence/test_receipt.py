from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken, TruceWatchError
from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.entry import Entry, entry_bytes
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.note import Signer
from trucewatch.evidence.proof import LogProof, parse_proof
from trucewatch.evidence.receipt import (
    Receipt,
    against_log,
    check_receipt,
    format_receipt,
    parse_receipt,
)
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.receipts import receipt_of
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trucewatch.evidence.log import Log

SIGNER = Signer("demo.invalid/evidence", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TIME = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)


def entry(number: int) -> bytes:
    return entry_bytes(
        Entry(
            type="received/firms/v1",
            object=f"{number:064x}",
            size=7,
            level=Level.CLEAR,
            logged_at=TIME,
        )
    )


ENTRIES = [entry(n) for n in range(2)]


def root_at(entries: Sequence[bytes], size: int) -> bytes:
    return root_of([leaf_hash(each) for each in entries[:size]])


def receipt(index: int = 0) -> bytes:
    note = sign_checkpoint(
        Checkpoint(origin="demo.invalid/evidence", size=2, root=root_at(ENTRIES, 2)), SIGNER
    )
    proof = LogProof(index=index, hashes=(leaf_hash(ENTRIES[1 - index]),), checkpoint_note=note)
    return format_receipt(ENTRIES[index], proof)


DATA = receipt()


def opened(data: bytes = DATA) -> Receipt:
    return check_receipt(data, SIGNER.verifier, where="t")


def test_the_bytes_of_a_receipt_never_change() -> None:
    head, _, note = DATA.rpartition(b"\n\n")

    assert head.decode() == (
        "trucewatch receipt 1\n"
        '{"level":"CLEAR","logged_at":"2026-06-27T16:30:00.000000Z",'
        '"object":"0000000000000000000000000000000000000000000000000000000000000000",'
        '"size":7,"type":"received/firms/v1","v":1}\n'
        "\n"
        "c2sp.org/tlog-proof@v1\n"
        "index 0\n"
        "RzjFfpK/BP7RWE0trEZ8cincqYEF2iZiFEiJAuNLOPw=\n"
        "\n"
        "demo.invalid/evidence\n"
        "2\n"
        "iO0h5/DQ+zpa+NMdTwWQUZ7FfGpBtWtyIX+rBHAcfv0="
    )
    assert note.startswith("— demo.invalid/evidence ".encode())


def test_a_receipt_opens_and_names_what_was_received() -> None:
    found = opened()

    assert (found.index, found.entry, found.checkpoint.size) == (0, ENTRIES[0], 2)
    assert (found.sealed.type, found.sealed.object) == ("received/firms/v1", "0" * 64)


def test_its_lower_part_is_a_proof_for_stock_tools() -> None:
    _, _, _, rest = DATA.split(b"\n", 3)

    assert parse_proof(rest, where="t") == parse_receipt(DATA, where="t")[1]


REFUSED = [
    (b"", "first line is b''"),
    (
        DATA.replace(b"receipt 1", b"receipt 2"),
        "first line is .*, expected b'trucewatch",
    ),
    (b"\n" + DATA, "first line is b''"),
    (DATA.split(b"\n\n")[0], "no empty line after its entry"),
    (DATA.replace(b"\n\nc2sp", b"\nc2sp", 1), "no empty line after its entry"),
    (DATA.replace(b'"v":1', b'"v":2'), "v is 2, expected 1"),
    (DATA.replace(b'{"level"', b'{ "level"'), "JSON is not in canonical form"),
    (DATA.replace(b"c2sp.org/tlog-proof@v1", b"c2sp.org/tlog-proof@v2"), "first line is"),
    (DATA.replace(b"index 0", b"index 00"), "second line is"),
]


@pytest.mark.parametrize(("data", "problem"), REFUSED)
def test_refuses_a_receipt_that_is_not_in_its_one_form(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=f"t: {problem}|t: receipt has {problem}"):
        parse_receipt(data, where="t")


@settings(deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 7))
def test_a_receipt_fails_on_any_flipped_bit(at: int, bit: int) -> None:
    flipped = bytearray(DATA)
    flipped[at] ^= 1 << bit

    with pytest.raises(TruceWatchError, match="t: "):
        opened(bytes(flipped))


def test_a_receipt_of_another_key_is_refused() -> None:
    other = Signer("demo.invalid/evidence", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))

    with pytest.raises(EvidenceBroken, match=r"t: signed by .*, expected demo\.invalid"):
        check_receipt(DATA, other.verifier, where="t")


def test_a_log_that_grew_agrees_with_a_receipt() -> None:
    grown = [*ENTRIES, entry(2), entry(3)]
    receipts = [opened(receipt(index)) for index in (0, 1)]

    for each in receipts:
        against_log(each, grown, lambda size: root_at(grown, size))

    assert [each.index for each in receipts] == [0, 1]


def check(entries: Sequence[bytes]) -> None:
    against_log(opened(receipt(1)), entries, lambda size: root_at(entries, size))


def test_names_the_entry_that_was_acknowledged_and_is_gone() -> None:
    said = f"entry 1 was acknowledged to its submitter as received/firms/v1, object {1:064x}"

    with pytest.raises(EvidenceBroken, match=f"{said} and is not .*: there it is .*{9:064x}"):
        check([ENTRIES[0], entry(9), entry(1)])
    with pytest.raises(EvidenceBroken, match=f"{said} and is not in this log, which ends before"):
        check(ENTRIES[:1])


def test_names_the_entry_that_was_back_dated() -> None:
    later = ENTRIES[1].replace(b"16:30:00", b"16:29:00")

    with pytest.raises(EvidenceBroken, match=r"entry 1 .* in other words: .*16:30.* says .*16:29"):
        check([ENTRIES[0], later])


def test_names_a_log_that_was_rewritten_before_the_entry() -> None:
    with pytest.raises(EvidenceBroken, match=r"at size 2 the log had root .*: it was rewritten"):
        check([entry(9), ENTRIES[1]])


def test_names_a_log_that_ends_before_the_head_of_the_receipt() -> None:
    with pytest.raises(EvidenceBroken, match="head is of 2 entries, this log has 1: it was cut"):
        against_log(opened(), ENTRIES[:1], lambda size: root_at(ENTRIES, size))


def test_every_entry_of_a_log_has_a_receipt_that_the_log_agrees_with(
    log: Log, now: datetime, tmp_path: Path
) -> None:
    log.append([NewObject(type="t/v1", data=b"%d" % n) for n in range(20)], now=now)
    receipts = [receipt_of(log, index) for index in range(20)]
    log.append([NewObject(type="t/v1", data=b"more")], now=now)

    entries = [log.entry_bytes(index) for index in range(log.size)]
    for index, data in enumerate(receipts):
        found = check_receipt(data, log.verifier, where=f"{tmp_path}/{index}")
        assert found.index == index
        against_log(found, entries, log.root)
