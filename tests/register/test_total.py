"""Quantities are summed only where a sum means something."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.quantity import Qualifier, Quantity
from trucewatch.register.parse import parse
from trucewatch.register.total import added, total, worded

if TYPE_CHECKING:
    from trucewatch.records.claims.claim import Claim

REGISTER = parse((Path(__file__).parent / "sample.yaml").read_bytes(), name="sample.yaml")
CLAIMS = {each.id: each for each in REGISTER.claims}
USK, ULA, RING = CLAIMS["c14"], CLAIMS["c15"], CLAIMS["c16"]
INTERVALS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=5)


def much(low: int, high: int | None, qualifier: str = "range") -> Quantity:
    return Quantity(
        low=Decimal(low),
        high=None if high is None else Decimal(high),
        qualifier=Qualifier(qualifier),
        unit="ships",
        scope="patrol",
    )


def other(claim: Claim, **changed: Any) -> Claim:
    assert claim.quantity is not None
    inner = {k: changed.pop(k) for k in ("unit", "scope") if k in changed}
    return replace(claim, quantity=replace(claim.quantity, **inner), **changed)


def test_sums_what_two_states_promised_of_one_thing() -> None:
    assert total(REGISTER, [USK, ULA]) == much(4, 5)
    assert total(REGISTER, [USK]) == much(3, 3, "exact")


def test_refuses_to_sum_amounts_of_a_group_told_of_its_members() -> None:
    pair = [other(USK, scope="ring"), other(ULA, scope="ring")]

    with pytest.raises(BadInput, match="scope ring is of several together"):
        total(REGISTER, pair)


def test_an_open_end_stays_open() -> None:
    assert added([much(1, 2), much(4, None, "at_least")]) == much(5, None, "at_least")


def test_exact_numbers_have_an_exact_sum() -> None:
    assert added([much(1, 1, "exact"), much(2, 2, "exact")]) == much(3, 3, "exact")


@given(intervals=INTERVALS)
def test_holds_every_sum_of_what_its_parts_hold(intervals: list[tuple[int, int]]) -> None:
    parts = [much(min(each), max(each)) for each in intervals]

    whole = added(parts)

    assert whole.low == sum(map(min, intervals))
    assert whole.high == sum(map(max, intervals))
    assert added(parts[::-1]) == whole


REFUSED: list[tuple[str, Claim, Claim]] = [
    ("scope is patrol and fleet", USK, other(ULA, scope="fleet")),
    ("unit is ships and boats", USK, other(ULA, unit="boats")),
    ("relation is offered and delivered", USK, other(ULA, relation=Relation.DELIVERED)),
    ("object is QA-4 and QA-3", USK, other(ULA, object="QA-3")),
    ("domain is sea and not said", USK, other(ULA, domain="")),
    ("subjects USK and USK overlap", USK, other(USK, id="again")),
    ("subjects USK and RING overlap", USK, RING),
    ("subjects RING and USK overlap", RING, USK),
    ("subjects MERLE and DOR overlap", other(USK, subject="MERLE"), other(ULA, subject="DOR")),
    ("subjects RING and MERLE overlap", RING, other(USK, subject="MERLE")),
    ("has no quantity", USK, CLAIMS["c7"]),
    ("is superseded by c14", ULA, CLAIMS["c13"]),
]


@pytest.mark.parametrize(("problem", "one", "another"), REFUSED, ids=[e[0] for e in REFUSED])
def test_refuses_to_sum(problem: str, one: Claim, another: Claim) -> None:
    with pytest.raises(BadInput, match=problem):
        total(REGISTER, [one, another])


def test_refuses_a_part_that_overlaps_in_the_middle_of_many() -> None:
    with pytest.raises(BadInput, match="subjects USK and RING overlap"):
        total(REGISTER, [USK, ULA, RING])


def test_refuses_a_group_of_groups() -> None:
    actors = tuple(
        replace(each, member_of=("ULA",)) if each.id == "RING" else each for each in REGISTER.actors
    )

    with pytest.raises(BadInput, match="subjects USK and ULA overlap"):
        total(replace(REGISTER, actors=actors), [USK, ULA])


@pytest.mark.parametrize(
    ("key", "third"),
    [("unit", replace(much(3, 4), unit="boats")), ("scope", replace(much(3, 4), scope="fleet"))],
)
def test_a_bare_sum_refuses_too(key: str, third: Quantity) -> None:
    with pytest.raises(BadInput, match=f"must be one {key} to be summed"):
        added([much(1, 2), much(1, 2), third])


def test_the_sum_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="none is given, must be at least one"):
        total(REGISTER, [])


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (much(3, 3, "exact"), "3 ships"),
        (much(3, 3, "about"), "about 3 ships"),
        (much(3, 5, "about"), "about 3 to 5 ships"),
        (much(3, None, "at_least"), "at least 3 ships"),
        (much(2, None, "about"), "about 2 or more ships"),
        (much(0, 5, "up_to"), "up to 5 ships"),
        (much(2, None, "up_to"), "2 or more ships"),
        (much(2, 5), "2 to 5 ships"),
        (much(2, None), "2 or more ships"),
        (much(2, 9, "several"), "several (2 to 9) ships"),
    ],
)
def test_reads_aloud(quantity: Quantity, words: str) -> None:
    assert worded(quantity) == words
