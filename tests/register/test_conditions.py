"""Conditions are yes, no or not known, and never guessed."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.claims.condition import All, Any, Atom, ConditionKind
from trucewatch.register.conditions import Met, expect_atoms, is_met, named_in, worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.claims.condition import Condition

ATOMS = {name: Atom(id=name, kind=ConditionKind.OTHER, text=f"{name} holds") for name in "abcd"}
ONE_EACH = st.permutations("abcd").map(
    lambda names: All(of=(names[0], Any(of=(names[1], All(of=(names[2], names[3])))))),
)
CONDITIONS = st.one_of(
    ONE_EACH,
    st.recursive(
        st.sampled_from("abcd"),
        lambda inner: st.builds(
            lambda of, both: All(of=of) if both else Any(of=of),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
            st.booleans(),
        ),
        max_leaves=6,
    ),
)
KNOWN = st.dictionaries(st.sampled_from("abcd"), st.booleans())


def holds(condition: Condition, world: Mapping[str, bool]) -> bool:
    """Tell whether it holds where everything is known."""
    if isinstance(condition, str):
        return world[condition]
    parts = [holds(each, world) for each in condition.of]
    return all(parts) if isinstance(condition, All) else any(parts)


def worlds(met: Mapping[str, bool]) -> list[dict[str, bool]]:
    every = (dict(zip("abcd", each, strict=True)) for each in product((True, False), repeat=4))
    return [each for each in every if all(each[name] is yes for name, yes in met.items())]


@given(condition=CONDITIONS, met=KNOWN)
def test_yes_and_no_hold_in_every_world_that_is_possible(
    condition: Condition, met: dict[str, bool]
) -> None:
    said = is_met(condition, met)

    possible = {holds(condition, each) for each in worlds(met)}
    if said is Met.NOT_KNOWN:
        assert named_in(condition) - set(met)
    else:
        assert possible == {said is Met.YES}


@given(condition=ONE_EACH, met=KNOWN)
def test_is_not_known_only_where_worlds_differ_when_each_atom_comes_once(
    condition: Condition, met: dict[str, bool]
) -> None:
    possible = {holds(condition, each) for each in worlds(met)}

    assert (is_met(condition, met) is Met.NOT_KNOWN) == (len(possible) == 2)


def test_tells_no_condition_from_one_that_is_met() -> None:
    assert is_met(None, {}) is Met.NONE_STATED
    assert named_in(None) == frozenset()


def test_reads_aloud() -> None:
    condition = All(of=("a", Any(of=("b", "c"))))

    assert worded(condition, ATOMS) == "a holds and (b holds or c holds)"


def test_refuses_a_condition_that_the_register_does_not_declare() -> None:
    with pytest.raises(BadInput, match="condition is 'x', must be one of: a, b, c, d"):
        expect_atoms(["a", "x"], ATOMS)
