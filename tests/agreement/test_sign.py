"""One act under two names: what is seen of a weapon, and the weapon."""

from __future__ import annotations

from itertools import product

from trucewatch.agreement.sign import SIGNS, may_be
from trucewatch.records.happening import HAPPENINGS


def test_every_sign_and_every_weapon_is_a_kind_of_happening() -> None:
    assert set(SIGNS) <= set(HAPPENINGS)
    assert {weapon for weapons in SIGNS.values() for weapon in weapons} <= set(HAPPENINGS)


def test_it_does_not_matter_which_of_the_two_is_named_first() -> None:
    for one, other in product(HAPPENINGS, repeat=2):
        assert may_be(one, other) is may_be(other, one)


def test_two_weapons_are_not_one_act_because_they_share_a_sign() -> None:
    assert may_be("explosion_impact", "airstrike")
    assert may_be("explosion_impact", "artillery_fire")
    assert not may_be("airstrike", "artillery_fire")
    assert not may_be("explosion_undetermined", "artillery_fire")
