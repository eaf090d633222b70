"""What a device's chain shows: omission, copies of its key, and clocks that cannot be right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.chain import (
    Flag,
    Oddity,
    Sent,
    chain_flags,
    check_sender,
    head_flags,
    sent_file,
)
from trucewatch.evidence.statement import BATCH, Statement, Subject
from trucewatch.records.batch_claim import BatchClaim, SeenHead
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.enrolment import Enrolment, Holder

NOW = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
ORIGIN = "demo.invalid/evidence"
KEY = bytes(range(32))


def enrolment(*, revoked: bool = False, since: datetime | None = None, entry: int = 1) -> Enrolment:
    return Enrolment(
        revoked=revoked,
        kind=Holder.DEVICE,
        name="cam-1",
        public=KEY,
        may=(BATCH,),
        sensor="firms",
        since=since,
        entry=entry,
    )


KEYID = enrolment().keyid


def chained(
    most: int, *, tag: str = "", device: str = "cam-1", after: str | None = None
) -> list[Sent]:
    """Files 1 to `most` of a device, as it signed them; each came at the entry of its number."""
    files: list[Sent] = []
    for _ in range(most):
        files.append(following(files[-1] if files else None, tag=tag, device=device))
    return files


def following(before: Sent | None, *, tag: str = "", device: str = "cam-1") -> Sent:
    number = 1 if before is None else before.claim.sequence + 1
    claim = BatchClaim(
        device=device,
        sensor="firms",
        sequence=number,
        previous=None if before is None else before.envelope,
        made_at=NOW - timedelta(minutes=1),
        seen=None,
        entry=number,
    )
    return Sent(
        claim=claim,
        envelope=sha256_hex(f"envelope {device} {tag} {number}".encode()),
        content=sha256_hex(f"content {device} {tag} {number}".encode()),
        keyid=KEYID,
        logged_at=NOW,
    )


def logged(files: list[Sent]) -> list[Sent]:
    """The same files, as they stand in the log in this order."""
    return [replace(each, claim=replace(each.claim, entry=n)) for n, each in enumerate(files, 1)]


def flags(files: list[Sent], withdrawn: Enrolment | None = None) -> list[Flag]:
    return chain_flags(logged(files), {} if withdrawn is None else {KEYID: withdrawn})


def brief(found: list[Flag]) -> list[tuple[str, int, int, tuple[int, ...]]]:
    return [(str(flag.oddity), flag.first, flag.last, flag.entries) for flag in found]


def test_a_whole_chain_has_no_flags() -> None:
    assert flags(chained(5)) == []


def test_names_the_numbers_that_never_came() -> None:
    files = chained(9)

    found = flags([files[2], files[5], files[6], files[8]])

    assert brief(found) == [
        ("gap", 1, 2, (1,)),
        ("gap", 4, 5, (1, 2)),
        ("gap", 8, 8, (3, 4)),
    ]
    assert [flag.said for flag in found] == [
        "numbers 1 to 2 never came",
        "numbers 4 to 5 never came",
        "number 8 never came",
    ]
    assert all(flag.open for flag in found)


def test_a_file_that_fills_a_gap_is_out_of_order_and_no_gap_remains() -> None:
    one, two, three = chained(3)

    found = flags([one, three, two])

    assert brief(found) == [("out_of_order", 2, 2, (3,))]
    assert not found[0].open


def test_a_copied_key_shows_as_forks_of_two_devices() -> None:
    one, two, three = chained(3)
    clone_two = following(one, tag="clone")
    clone_three = following(clone_two, tag="clone")

    found = flags([one, two, clone_two, three, clone_three])

    assert brief(found) == [("fork", 2, 2, (2, 3)), ("fork", 3, 3, (4, 5))]
    assert found[0].said == "number 2 came with two different files"


def test_a_device_that_lost_its_chain_and_began_again_shows_as_a_fork() -> None:
    found = flags([*chained(2), *chained(1, tag="after reset")])

    assert brief(found) == [("fork", 1, 1, (1, 3))]


def test_two_files_after_the_same_one_are_a_fork_whatever_their_numbers() -> None:
    one, two = chained(2)
    other = following(one, tag="clone")
    other = replace(other, claim=replace(other.claim, sequence=3))

    found = flags([one, two, other])

    assert brief(found) == [("fork", 2, 3, (2, 3)), ("broken", 2, 3, (2, 3))]
    assert found[0].said == "numbers 2 and 3 name the same file before them"


def test_the_same_file_signed_again_under_its_number_is_a_replay() -> None:
    one, two = chained(2)
    again = replace(two, envelope="cd" * 32)

    found = flags([one, two, again])

    assert brief(found) == [("replay", 2, 2, (2, 3))]
    assert not found[0].open


def test_a_file_that_names_another_before_it_is_broken() -> None:
    one, two = chained(2)
    broken = replace(two, claim=replace(two.claim, previous="cd" * 32))

    assert brief(flags([one, broken])) == [("broken", 1, 2, (1, 2))]


@pytest.mark.parametrize(
    ("made_at", "late"),
    [
        (NOW, False),
        (NOW - timedelta(days=1), False),
        (NOW + timedelta(microseconds=1), True),
        (NOW - timedelta(days=1, microseconds=1), True),
    ],
)
def test_a_clock_that_cannot_be_right_is_flagged(made_at: datetime, *, late: bool) -> None:
    [one] = chained(1)

    found = flags([replace(one, claim=replace(one.claim, made_at=made_at))])

    assert brief(found) == ([("late_clock", 1, 1, (1,))] if late else [])


def test_what_came_after_the_time_of_a_withdrawal_is_flagged() -> None:
    one, two = chained(2)
    withdrawal = enrolment(revoked=True, since=NOW, entry=9)

    found = flags([replace(one, logged_at=NOW - timedelta(seconds=1)), two], withdrawal)

    assert brief(found) == [("after_withdrawal", 2, 2, (2,))]
    assert "(entry 9)" in found[0].said


def test_a_withdrawal_without_a_time_flags_nothing_by_itself() -> None:
    assert flags(chained(2), enrolment(revoked=True, entry=9)) == []


def test_a_gap_is_explained_by_the_withdrawal_of_the_key() -> None:
    one, _, three = chained(3)

    [flag] = flags([one, three], enrolment(revoked=True, entry=9))

    assert (flag.oddity, flag.explained_by, flag.open) == (Oddity.GAP, 9, False)


def test_a_fork_of_two_keys_is_explained_only_when_both_are_withdrawn() -> None:
    one, two = chained(2)
    other = replace(following(one, tag="clone"), keyid="ef" * 32)

    [flag] = flags([one, two, other], enrolment(revoked=True, entry=9))

    assert (flag.oddity, flag.explained_by, flag.open) == (Oddity.FORK, None, True)


def test_devices_are_looked_at_one_by_one() -> None:
    ones, twos = chained(3), chained(3, device="cam-2")

    found = flags([ones[0], twos[0], ones[2], twos[1], twos[2]])

    assert [(flag.device, str(flag.oddity)) for flag in found] == [("cam-1", "gap")]


def test_a_gap_of_any_width_costs_one_flag() -> None:
    [one] = chained(1)
    far = replace(one, claim=replace(one.claim, sequence=2**53 - 1, previous="cd" * 32))

    assert brief(flags([far])) == [("gap", 1, 2**53 - 2, (1,))]


def with_head(size: int, root: str, *, origin: str = ORIGIN, entry: int = 7) -> Sent:
    [one] = chained(1)
    seen = SeenHead(origin=origin, size=size, root=root)
    return replace(one, claim=replace(one.claim, seen=seen, entry=entry))


def test_a_head_that_the_log_never_had_is_flagged() -> None:
    files = [
        with_head(5, "05" * 32),
        with_head(5, "ff" * 32),
        with_head(8, "08" * 32),
        with_head(5, "ff" * 32, origin="other.invalid/evidence"),
    ]

    found = head_flags(files, origin=ORIGIN, root_at=lambda size: bytes([size]) * 32)

    assert [flag.said for flag in found] == [
        f"was shown a head of 5 entries with root {'ff' * 32}, this log had root {'05' * 32} then",
        f"was shown a head of 8 entries with root {'08' * 32}, this log had at most 7",
    ]
    assert all(flag.open for flag in found)


def statement(**change: object) -> Statement:
    predicate = {
        "device": "cam-1",
        "made_at": "2026-06-27T16:29:00.000000Z",
        "previous": None,
        "seen": None,
        "sensor": "firms",
        "sequence": 1,
    }
    return Statement(
        type=BATCH,
        subjects=(Subject(name="a.csv", sha256="ab" * 32),),
        predicate=predicate | change,  # type: ignore[arg-type]
        keyid=KEYID,
    )


def test_a_statement_leads_to_the_file_that_was_sent() -> None:
    sent = sent_file(statement(), index=7, envelope="cd" * 32, logged_at=NOW)

    assert (sent.content, sent.envelope, sent.keyid) == ("ab" * 32, "cd" * 32, KEYID)
    assert (sent.claim.sequence, sent.claim.entry, sent.logged_at) == (1, 7, NOW)


def test_a_batch_is_of_one_file() -> None:
    two = replace(statement(), subjects=statement().subjects * 2)

    with pytest.raises(BadInput, match=r"entry 7: batch/v1 of 2 subjects, expected batch/v1"):
        sent_file(two, index=7, envelope="cd" * 32, logged_at=NOW)
    with pytest.raises(BadInput, match=r"entry 7: published/v1 of 1 subjects, expected batch/v1"):
        sent_file(replace(statement(), type="published/v1"), index=7, envelope="", logged_at=NOW)


@pytest.mark.parametrize("change", [{"device": "cam-2"}, {"sensor": "news"}])
def test_a_file_of_one_device_under_the_key_of_another_is_refused(change: dict[str, str]) -> None:
    good = sent_file(statement(), index=7, envelope="cd" * 32, logged_at=NOW)
    other = sent_file(statement(**change), index=7, envelope="cd" * 32, logged_at=NOW)
    check_sender(good, enrolment())

    with pytest.raises(EvidenceBroken, match=r"entry 7: .* signed by the key of device cam-1"):
        check_sender(other, enrolment())


def test_a_person_is_no_device() -> None:
    good = sent_file(statement(), index=7, envelope="cd" * 32, logged_at=NOW)

    with pytest.raises(EvidenceBroken, match="signed by the key of person cam-1"):
        check_sender(good, replace(enrolment(), kind=Holder.PERSON))


def gaps_slow(numbers: set[int]) -> set[int]:
    return set(range(1, max(numbers, default=0))) - numbers


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), unique=True))
def test_gaps_are_what_is_missing_in_whatever_order_files_came(order: list[int]) -> None:
    whole = chained(30)

    found = flags([whole[number - 1] for number in order])

    gaps = [flag for flag in found if flag.oddity is Oddity.GAP]
    assert {n for gap in gaps for n in range(gap.first, gap.last + 1)} == gaps_slow(set(order))
    assert {flag.oddity for flag in found} <= {Oddity.GAP, Oddity.OUT_OF_ORDER}
    late = [n for at, n in enumerate(order) if n < max(order[:at], default=0)]
    assert [f.first for f in found if f.oddity is Oddity.OUT_OF_ORDER] == late


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 8))
def test_a_clone_is_flagged_wherever_it_was_made(at: int, more: int) -> None:
    whole = chained(8)
    clone: Sent | None = whole[at - 1]
    copied = []
    for _ in range(more):
        clone = following(clone, tag="clone")
        copied.append(clone)

    found = flags([*whole, *copied])

    doubled = min(8 - at, more)
    assert [flag.oddity for flag in found] == [Oddity.FORK] * doubled
