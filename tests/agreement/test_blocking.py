"""Who can stop a body: small bodies reckoned by hand, and every small one by a plain count."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.blocking import blocking, decided
from trucewatch.agreement.mechanism import Body, Member, Voting

PARTIES = ("ALPHA", "BRAVO")


def body(voting: Voting, quorum: int | None, *, chair: str = "", **seats: int) -> Body:
    members = tuple(Member(who=who, seats=count, vote=True) for who, count in seats.items())
    return Body(
        id="x", title="X", functions=(), members=members, quorum=quorum, voting=voting,
        chair=chair, publishes="", next="", within_h=None, text="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "absent", "opposed", "accused"),
    [
        (  # a joint committee of two: each can stop it either way
            body(Voting.CONSENSUS, 2, ALPHA=1, BRAVO=1),
            (("ALPHA",), ("BRAVO",)),
            (("ALPHA",), ("BRAVO",)),
            ("ALPHA", "BRAVO"),
        ),
        (  # the same with a third: one may stay away, and a single no still ends it
            body(Voting.CONSENSUS, 2, ALPHA=1, BRAVO=1, MISSION=1),
            (("ALPHA", "BRAVO"), ("ALPHA", "MISSION"), ("BRAVO", "MISSION")),
            (("ALPHA",), ("BRAVO",), ("MISSION",)),
            ("ALPHA", "BRAVO"),
        ),
        (  # the accused has no vote, and a quorum that needs no one of them
            body(Voting.UNANIMITY_LESS_ACCUSED, 2, ALPHA=1, BRAVO=1, MISSION=1),
            (("ALPHA", "BRAVO"), ("ALPHA", "MISSION"), ("BRAVO", "MISSION")),
            (("ALPHA",), ("BRAVO",), ("MISSION",)),
            (),
        ),
        (  # the accused has no vote, and stops it by an empty chair
            body(Voting.UNANIMITY_LESS_ACCUSED, 3, ALPHA=1, BRAVO=1, MISSION=1),
            (("ALPHA",), ("BRAVO",), ("MISSION",)),
            (("ALPHA",), ("BRAVO",), ("MISSION",)),
            ("ALPHA", "BRAVO"),
        ),
        (
            body(Voting.MAJORITY, 2, ALPHA=1, BRAVO=1, MISSION=1),
            (("ALPHA", "BRAVO"), ("ALPHA", "MISSION"), ("BRAVO", "MISSION")),
            (("ALPHA", "BRAVO"), ("ALPHA", "MISSION"), ("BRAVO", "MISSION")),
            (),
        ),
        (  # a tie is no majority
            body(Voting.MAJORITY, 1, ALPHA=1, BRAVO=1),
            (("ALPHA", "BRAVO"),),
            (("ALPHA",), ("BRAVO",)),
            ("ALPHA", "BRAVO"),
        ),
        (  # two of three seats are two thirds
            body(Voting.TWO_THIRDS, 1, LEAD=1, COALITION=2),
            (("LEAD", "COALITION"),),
            (("COALITION",),),
            (),
        ),
        (  # 3 of 5 seats are less than two thirds
            body(Voting.TWO_THIRDS, 5, LEAD=2, COALITION=3),
            (("LEAD",), ("COALITION",)),
            (("LEAD",), ("COALITION",)),
            (),
        ),
        (
            body(Voting.CHAIR, 1, chair="HEAD", ALPHA=1, BRAVO=1),
            (("HEAD",), ("ALPHA", "BRAVO")),
            (("HEAD",),),
            (),
        ),
    ],
)
def test_says_who_can_stop_a_body(
    made: Body, absent: object, opposed: object, accused: object
) -> None:
    found = blocking(made, parties=PARTIES)

    assert (found.known, found.decides) == (True, True)
    assert set(found.absent) == set(absent)  # type: ignore[call-overload]
    assert set(found.opposed) == set(opposed)  # type: ignore[call-overload]
    assert found.accused == accused


def test_says_that_nothing_is_known_of_undefined_votes() -> None:
    assert not blocking(body(Voting.UNDEFINED, 2, ALPHA=1), parties=PARTIES).known
    assert not blocking(body(Voting.CONSENSUS, None), parties=PARTIES).known


def test_says_of_a_quorum_beyond_its_seats_that_it_can_never_decide() -> None:
    found = blocking(body(Voting.MAJORITY, 3, ALPHA=1, BRAVO=1), parties=PARTIES)

    assert (found.known, found.decides, found.absent) == (True, False, ())


BODIES = st.builds(
    lambda voting, quorum, seats: body(voting, quorum, **dict(zip("ABCD", seats, strict=False))),
    st.sampled_from(
        [Voting.CONSENSUS, Voting.UNANIMITY_LESS_ACCUSED, Voting.MAJORITY, Voting.TWO_THIRDS]
    ),
    st.integers(1, 6),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
)


@given(BODIES)
def test_agrees_with_a_count_of_every_way_to_vote(made: Body) -> None:
    who = [member.who for member in made.members]
    passed = {
        ways: decided(
            made,
            yes=[w for w, way in zip(who, ways, strict=True) if way == "yes"],
            no=[w for w, way in zip(who, ways, strict=True) if way == "no"],
        )
        for ways in product(("yes", "no", "absent"), repeat=len(who))
    }

    found = blocking(made, parties=())

    assert found.decides is passed[("yes",) * len(who)]
    for place, member in enumerate(who):
        for way, sets in (("no", found.opposed), ("absent", found.absent)):
            ways = tuple(way if at == place else "yes" for at in range(len(who)))
            if found.decides:
                assert ((member,) in sets) is not passed[ways]


@given(BODIES)
def test_a_body_stays_the_same_when_its_members_change_names(made: Body) -> None:
    swap = {"A": "B", "B": "A"}
    renamed = body(
        made.voting,
        made.quorum,
        **{swap.get(member.who, member.who): member.seats for member in made.members},
    )

    one, other = blocking(made, parties=("A", "B")), blocking(renamed, parties=("A", "B"))

    assert {frozenset(swap.get(w, w) for w in each) for each in one.opposed} == {
        frozenset(each) for each in other.opposed
    }
    assert {swap.get(party, party) for party in one.accused} == set(other.accused)
