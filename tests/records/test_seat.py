"""Seats: one strict form, and acts that follow one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evidence.statement import SEATED
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.seat import Seat, SeatAct, check_follows, read_seat, seat_predicate

VKEY = "north.example/w1+8fa7b7b1+BNyz5vZ7Wl3WtLSZYnHyjTLnlfDXyHZCgxGWsz2Xy3Bh"
GOLDEN = (
    b'{"act":"accepted","by":"D. Delegate","party":"NORTH","reason":"letter of 2 September",'
    b'"witness":"' + VKEY.encode() + b'"}'
)
text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30)


def seat(act: SeatAct, *, entry: int = 9, party: str = "NORTH") -> Seat:
    witness = VKEY if act is SeatAct.ACCEPTED else None
    return Seat(party=party, act=act, witness=witness, by="A", reason="b", entry=entry)


def test_the_golden_seat_reads_and_writes_the_same() -> None:
    found = read_seat(parse_canonical(GOLDEN, where="golden"), entry=12)

    assert SEATED == "seated/v1"
    assert (found.party, found.act, found.witness) == ("NORTH", SeatAct.ACCEPTED, VKEY)
    assert found.entry == 12
    assert canonical(seat_predicate(found)) == GOLDEN


@given(act=st.sampled_from(SeatAct), by=text, reason=text, entry=st.integers(0, 2**40))
def test_what_is_written_reads_the_same(act: SeatAct, by: str, reason: str, entry: int) -> None:
    witness = VKEY if act is SeatAct.ACCEPTED else None
    said = Seat(party="P-1", act=act, witness=witness, by=by, reason=reason, entry=entry)

    assert read_seat(seat_predicate(said), entry=entry) == said


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"act": "taken"}, "act is 'taken', expected one of offered"),
        ({"act": "offered"}, "act is offered and witness"),
        ({"witness": None}, "act is accepted and witness 'None'"),
        ({"witness": "north.example"}, "expected NAME[+]KEYID[+]BASE64"),
        ({"witness": VKEY + "\n"}, "witness is .* expected text on one line"),
        ({"party": "NORTH SIDE"}, "party is 'NORTH SIDE', expected its id"),
        ({"by": " "}, "by is ' ', expected text"),
        ({"reason": 3}, "reason is '3', expected text"),
        ({"more": "x"}, "says act, by, more, party"),
    ],
)
def test_another_form_is_refused_by_member(change: dict[str, object], problem: str) -> None:
    said = parse_canonical(GOLDEN, where="golden") | change

    with pytest.raises(BadInput, match=f"^entry 12: .*{problem}"):
        read_seat(said, entry=12)


@pytest.mark.parametrize("missing", ["act", "by", "party", "reason", "witness"])
def test_a_missing_member_is_refused(missing: str) -> None:
    said = parse_canonical(GOLDEN, where="golden")
    del said[missing]

    with pytest.raises(BadInput, match="expected act, by, party, reason, witness"):
        read_seat(said, entry=1)


ALLOWED = {
    (None, "offered"),
    ("declined", "offered"),
    ("withdrawn", "offered"),
    ("offered", "accepted"),
    ("offered", "declined"),
    ("offered", "withdrawn"),
    ("accepted", "withdrawn"),
}


@pytest.mark.parametrize("new", SeatAct)
@pytest.mark.parametrize("last", [None, *SeatAct])
def test_only_what_makes_sense_follows(last: SeatAct | None, new: SeatAct) -> None:
    before = None if last is None else seat(last, entry=4)
    if (last, new) in ALLOWED:
        check_follows(before, seat(new), where="seat")
        return
    found = "was never offered" if last is None else f"was {last} by entry 4"

    with pytest.raises(BadInput, match=f"seat of NORTH {found} and cannot be {new}"):
        check_follows(before, seat(new), where="seat")
