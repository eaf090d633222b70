"""Who may have done it: intervals, weak bases, and nobody named by software."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.attribution import (
    THIRD_ACTOR,
    UNDETERMINED,
    WEAK,
    Attribution,
    Basis,
    BasisKind,
    Hypothesis,
    read_attribution,
)
from trucewatch.review.attribution import LIKELY_P, WEAK_RATIO_MAX, conclusion, weigh

FIX = Basis(
    kind=BasisKind.ORIGIN_FIX, low_ratio=20.0, high_ratio=40.0, object="1" * 64, text="radar"
)
GROUND = Basis(
    kind=BasisKind.TERRITORY, low_ratio=500.0, high_ratio=900.0, object="2" * 64, text="their side"
)
ratios = st.floats(0.01, 100.0)


def put(**basis: tuple[Basis, ...]) -> Attribution:
    names = sorted({*basis, THIRD_ACTOR, UNDETERMINED})
    return Attribution(
        subject="i-aaaaaaaaaaaaaaaa",
        hypotheses=tuple(
            Hypothesis(who=name, basis=basis.get(name, ()), rejected="") for name in names
        ),
        by="A. Analyst",
        note="",
        entry=7,
    )


def said(**change: object) -> dict[str, object]:
    basis = {"kind": "origin_fix", "object": "1" * 64, "ratio_high": 40, "ratio_low": 20.5}
    fix = {**basis, "text": "radar track"}
    predicate = {
        "by": "A. Analyst",
        "hypotheses": [
            {"basis": [fix], "rejected": None, "who": "ALPHA"},
            {"basis": [], "rejected": "no such group is known", "who": "third_actor"},
            {"basis": [], "rejected": None, "who": "undetermined"},
        ],
        "note": None,
        "subject": "i-aaaaaaaaaaaaaaaa",
    }
    return {**predicate, **change}


def test_without_any_basis_nobody_is_likelier_than_another() -> None:
    shares = weigh(put(ALPHA=(), BRAVO=()))

    assert [(one.who, one.low_p, one.high_p) for one in shares] == [
        ("ALPHA", 0.25, 0.25),
        ("BRAVO", 0.25, 0.25),
        (THIRD_ACTOR, 0.25, 0.25),
        (UNDETERMINED, 0.25, 0.25),
    ]
    assert conclusion(shares) == UNDETERMINED


def test_a_located_origin_gives_an_interval_and_a_candidate() -> None:
    [alpha, *others] = weigh(put(ALPHA=(FIX,), BRAVO=()))

    assert (alpha.low_p, alpha.high_p) == pytest.approx((20 / 23, 40 / 43))
    assert alpha.candidate
    assert not any(one.candidate for one in others)
    assert conclusion([alpha, *others]) == "candidate"


def test_ground_held_alone_is_weak_whatever_ratio_is_claimed_for_it() -> None:
    [alpha, *_] = weigh(put(ALPHA=(GROUND,), BRAVO=()))

    assert (alpha.low_p, alpha.high_p) == pytest.approx((0.5, 0.5))  # 3 beside 1, 1 and 1
    assert (alpha.weak, alpha.candidate) == (True, False)
    assert alpha.remarks == ("territory: weak basis, counted at most 3 to 1",)


def test_many_weak_bases_count_together_no_more_than_one() -> None:
    pattern = replace(GROUND, kind=BasisKind.PATTERN, object="3" * 64)

    one, both = (weigh(put(ALPHA=basis))[0] for basis in ((GROUND,), (GROUND, pattern)))

    assert (one.low_p, one.high_p) == (both.low_p, both.high_p)


def test_one_object_counts_once_as_what_it_says_least() -> None:
    stronger = replace(FIX, low_ratio=90.0, high_ratio=95.0)

    once, twice = (weigh(put(ALPHA=basis))[0] for basis in ((FIX,), (stronger, FIX)))

    assert (once.low_p, once.high_p) == (twice.low_p, twice.high_p)
    assert twice.remarks == ("one object was put forward more than once, and counted once",)


def test_a_rejected_hypothesis_is_kept_with_its_reason_and_has_no_share() -> None:
    asked = put(ALPHA=(FIX,), BRAVO=())
    gone = replace(asked.hypotheses[0], rejected="the radar was misread")

    [alpha, bravo, *_] = weigh(replace(asked, hypotheses=(gone, *asked.hypotheses[1:])))

    assert (alpha.low_p, alpha.high_p, alpha.rejected) == (0.0, 0.0, "the radar was misread")
    assert not alpha.candidate
    assert bravo.low_p == pytest.approx(1 / 3)


def test_a_word_of_rejection_makes_no_candidate_of_another() -> None:
    track = replace(FIX, kind=BasisKind.TRAJECTORY, low_ratio=8.1, high_ratio=9.0, object="3" * 64)
    radar = replace(FIX, low_ratio=1_000.0, high_ratio=2_000.0)
    given = put(ALPHA=(track,), BRAVO=(radar,))
    alpha, bravo, *rest = given.hypotheses
    rejecting = replace(given, hypotheses=(alpha, replace(bravo, rejected="implausible"), *rest))

    shares = {one.who: one for one in weigh(rejecting)}

    assert shares["ALPHA"].low_p >= LIKELY_P
    assert not any(one.candidate for one in shares.values())


def test_undetermined_is_never_a_candidate() -> None:
    against = replace(FIX, low_ratio=0.001, high_ratio=0.001)

    shares = weigh(put(ALPHA=(against,), third_actor=(replace(against, object="4" * 64),)))

    assert shares[-1].low_p > 0.99
    assert conclusion(shares) == UNDETERMINED


def test_an_admission_that_says_nothing_beside_ground_held_is_never_a_candidate() -> None:
    nothing = Basis(
        kind=BasisKind.ADMISSION, low_ratio=1.0, high_ratio=1.0, object="6" * 64, text="he said"
    )
    ground = replace(GROUND, low_ratio=1e6, high_ratio=1e6)
    asked = put(ALPHA=(ground, nothing), third_actor=(replace(ground, low_ratio=1e-6),))
    gone = replace(asked.hypotheses[1], rejected="no such group is known")

    [alpha, *_] = weigh(replace(asked, hypotheses=(asked.hypotheses[0], gone, asked.hypotheses[2])))

    assert (alpha.weak, alpha.candidate) == (True, False)


def test_what_only_passes_with_the_help_of_ground_held_is_no_candidate_and_says_so() -> None:
    five = replace(FIX, low_ratio=5.0, high_ratio=5.0)

    [alpha, *_] = weigh(put(ALPHA=(five, GROUND)))

    assert alpha.low_p == pytest.approx(15 / 17)
    assert (alpha.weak, alpha.candidate) == (False, False)
    assert (
        alpha.remarks[-1] == "without the help of what is weak it lies below 0.8 at the lower end"
    )


@given(st.floats(0.01, 0.99), st.sampled_from(sorted(BasisKind)), st.floats(1e-6, 1e6))
def test_a_trajectory_that_may_speak_against_carries_nobody(
    low: float, kind: BasisKind, other: float
) -> None:
    track = replace(FIX, kind=BasisKind.TRAJECTORY, low_ratio=low, high_ratio=1e6)
    weak = replace(GROUND, low_ratio=other, high_ratio=other)

    shares = weigh(put(ALPHA=(track, weak), BRAVO=(replace(weak, kind=kind, object="7" * 64),)))

    assert shares[0].weak
    assert not shares[0].candidate


@st.composite
def bases(draw: st.DrawFn, kinds: list[BasisKind]) -> Basis:
    ends = sorted(draw(st.tuples(*2 * [st.sampled_from([0.001, 0.3, 1.0, 4.0, 9.0, 1e4])])))
    return Basis(
        kind=draw(st.sampled_from(kinds)),
        low_ratio=ends[0],
        high_ratio=ends[1],
        object=draw(st.sampled_from("123")) * 64,
        text="said",
    )


ANY = st.lists(bases(sorted(BasisKind)), max_size=4).map(tuple)


@example(held=((replace(FIX, low_ratio=5.0),), (), ()), weak=GROUND, who=0)
@example(held=((FIX, replace(GROUND, low_ratio=0.3)), (), ()), weak=GROUND, who=0)
@given(held=st.tuples(ANY, ANY, ANY), weak=bases(sorted(WEAK)), who=st.integers(0, 2))
def test_adding_a_weak_basis_to_anybody_never_makes_a_candidate(
    held: tuple[tuple[Basis, ...], ...], weak: Basis, who: int
) -> None:
    names = ("ALPHA", "BRAVO", THIRD_ACTOR)
    more = dict(zip(names, held, strict=True))
    more[names[who]] += (weak,)

    before = {one.who: one.candidate for one in weigh(put(**dict(zip(names, held, strict=True))))}
    after = {one.who: one.candidate for one in weigh(put(**more))}

    assert all(before[name] for name, candidate in after.items() if candidate)


@given(ANY, ANY)
def test_a_candidate_has_the_share_that_it_is_said_to_have(
    alpha: tuple[Basis, ...], bravo: tuple[Basis, ...]
) -> None:
    shares = weigh(put(ALPHA=alpha, BRAVO=bravo))

    for one in shares:
        assert not one.candidate or (one.low_p >= LIKELY_P - 1e-9 and not one.weak)


@given(ratios, ratios, ratios)
def test_swapping_two_parties_swaps_their_lines(one: float, other: float, width: float) -> None:
    first = replace(FIX, low_ratio=one, high_ratio=one + width)
    second = replace(FIX, low_ratio=other, high_ratio=other + width, object="5" * 64)

    [alpha, bravo, *rest] = weigh(put(ALPHA=(first,), BRAVO=(second,)))
    [alpha_, bravo_, *rest_] = weigh(put(ALPHA=(second,), BRAVO=(first,)))

    assert (replace(alpha, who="BRAVO"), replace(bravo, who="ALPHA")) == (bravo_, alpha_)
    assert rest == rest_


@given(st.lists(st.tuples(ratios, ratios), min_size=1, max_size=4))
def test_every_mix_of_weights_within_the_intervals_lies_within_the_shares(
    pairs: list[tuple[float, float]],
) -> None:
    parties = {
        f"P{place}": (
            replace(FIX, low_ratio=min(pair), high_ratio=max(pair), object=f"{place:064x}"),
        )
        for place, pair in enumerate(pairs)
    }

    shares = {one.who: one for one in weigh(put(**parties))}

    for ends in ((0, 1), (1, 0)):
        weight = {
            who: (basis[0].low_ratio, basis[0].high_ratio)[ends[0]]
            for who, basis in parties.items()
        }
        total = sum(weight.values()) + 2
        for who, value in weight.items():
            assert shares[who].low_p - 1e-12 <= value / total <= shares[who].high_p + 1e-12


def test_the_bound_of_what_is_weak_carries_nothing_past_the_threshold() -> None:
    assert WEAK_RATIO_MAX / (WEAK_RATIO_MAX + 2) < 0.8  # beside third actor and undetermined


def test_reads_a_statement() -> None:
    found = read_attribution(said(), entry=7)

    assert [(each.who, each.rejected) for each in found.hypotheses] == [
        ("ALPHA", ""),
        ("third_actor", "no such group is known"),
        ("undetermined", ""),
    ]
    assert found.hypotheses[0].basis[0].low_ratio == 20.5
    assert (found.note, found.entry) == ("", 7)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"hypotheses": "none"}, "hypotheses is no list"),
        ({"hypotheses": []}, "hypothesis third_actor is missing"),
        ({"by": ""}, "by is ''"),
        ({"more": 1}, "says by, hypotheses, more, note, subject"),
    ],
)
def test_refuses_another_form(change: dict[str, object], problem: str) -> None:
    with pytest.raises(BadInput, match=f"entry 7.*{problem}"):
        read_attribution(said(**change), entry=7)


@pytest.mark.parametrize(
    ("place", "change", "problem"),
    [
        (0, {"who": "zulu"}, "not in the order"),
        (0, {"rejected": ""}, "rejected is ''"),
        (0, {"basis": [{}]}, "a basis does not say"),
        (2, {"basis": said()["hypotheses"][0]["basis"]}, "undetermined has a basis"),  # type: ignore[index]
        (2, {"rejected": "it was ALPHA"}, "undetermined is rejected, must never be"),
        (1, {"who": "undetermined"}, "not in the order"),
    ],
)
def test_refuses_hypotheses_of_another_form(
    place: int, change: dict[str, object], problem: str
) -> None:
    hypotheses = [dict(each) for each in said()["hypotheses"]]  # type: ignore[attr-defined]
    hypotheses[place] |= change

    with pytest.raises(BadInput, match=problem):
        read_attribution(said(hypotheses=hypotheses), entry=7)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "hunch"}, "basis is 'hunch'"),
        ({"ratio_low": 50}, "ratio is 50 to 40"),
        ({"ratio_low": 0}, "ratio is '0', must be 1e-06"),
        ({"ratio_high": True}, "ratio is 'True'"),
        ({"object": "12"}, "no object or no text"),
    ],
)
def test_refuses_a_basis_of_another_form(change: dict[str, object], problem: str) -> None:
    hypotheses = [dict(each) for each in said()["hypotheses"]]  # type: ignore[attr-defined]
    hypotheses[0]["basis"] = [{**hypotheses[0]["basis"][0], **change}]

    with pytest.raises(BadInput, match=problem):
        read_attribution(said(hypotheses=hypotheses), entry=7)
