"""The difference of two texts names every clause that changed, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.difference import ADDED, ALL, REMOVED, Change, difference
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped, shipped_bytes

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

WHOLE = (Path(__file__).parent / "corpus" / "whole.yaml").read_text()
R07 = WHOLE[WHOLE.index("  - id: R07\n") : WHOLE.index("  - id: R08\n")]
R08 = WHOLE[WHOLE.index("  - id: R08\n") : WHOLE.index("  - id: R09\n")]


@cache
def read(name: str) -> Agreement:
    return parse(shipped_bytes(name), name=name)


def changes(old: str, new: str) -> tuple[Change, ...]:
    return difference(parse(old.encode(), name="old.yaml"), parse(new.encode(), name="new.yaml"))


def changed(old: str, new: str) -> list[tuple[str, str, str]]:
    assert WHOLE.count(old) == 1, old
    found = changes(WHOLE, WHOLE.replace(old, new))
    return [(change.element, change.id, change.what) for change in found]


@pytest.mark.parametrize("name", shipped())
def test_a_text_does_not_differ_from_itself(name: str) -> None:
    assert difference(read(name), read(name)) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("version: 1", "version: 2", ("agreement", "whole", "version: 1 -> 2")),
        (
            "expires: 2030-11-01T00:00:00+00:00",
            "expires: null",
            ("agreement", "whole", "expires: 2030-11-01 00:00:00+00:00 -> nothing"),
        ),
        (
            "effective: 2030-05-01T00:00:00+00:00",
            "effective: 2030-05-01T03:00:00+03:00",
            (
                *("agreement", "whole"),
                "effective: 2030-05-01 00:00:00+00:00 -> 2030-05-01 03:00:00+03:00",
            ),
        ),
        (
            "role: party, text: Fictional party in the north, accession: acceded",
            "role: party, text: Fictional party in the north, accession: initialled",
            ("party", "ALPHA", "accession: acceded -> initialled"),
        ),
        (
            "    text: Any explosion, burst or shot.",
            "    text: Any shot.",
            ("term", "fire", "text: Any explosion, burst or shot. -> Any shot."),
        ),
        ("accuracy_m: 100", "accuracy_m: 250", ("line", "LINE_A", "accuracy (metres): 100 -> 250")),
        (
            "      - [-30.0, 44.99]",
            "      - [-30.0, 44.98]",
            ("line", "LINE_B", "points: without [-30, 44.99]; now with [-30, 44.98]"),
        ),
        (
            "{distance_km: 25}",
            "{distance_km: 30}",
            (
                *("weapon", "GUNS"),
                "withdrawal: without (distance (metres) 25000, who ALPHA, BRAVO, phase 1);"
                " now with (distance (metres) 30000, who ALPHA, BRAVO, phase 1)",
            ),
        ),
        (
            "exemptions: [E_RETURN, E_BLAST, E_TEST]",
            "exemptions: [E_RETURN, E_TEST]",
            ("rule", "R01", "exemptions: without E_BLAST"),
        ),
        (
            "exemptions: [E_RETURN, E_BLAST, E_TEST]",
            "exemptions: [E_TEST, E_BLAST, E_RETURN]",
            ("rule", "R01", "exemptions: E_RETURN, E_BLAST, E_TEST -> E_TEST, E_BLAST, E_RETURN"),
        ),
        (
            "    zone: Z_RANGE\n",
            "    zone: Z_RANGE\n    thresholds: {independent_min: 3}\n",
            ("rule", "R06", "thresholds, independent min: 2 -> 3"),
        ),
        (
            "{asks: lead, value: 24}",
            "{asks: lead, value: 12}",
            (
                *("exemption", "E_BLAST"),
                "conditions: without (asks lead, value 24); now with (asks lead, value 12)",
            ),
        ),
        (
            "breach: balance_of_probabilities",
            "breach: clear_and_convincing",
            ("standard of proof", "breach", "balance_of_probabilities -> clear_and_convincing"),
        ),
        ("unilateral: false", "unilateral: true", "termination, unilateral: no -> yes"),
        (
            "self_defence:\n  exemption: E_RETURN\n"
            "  text: Return fire after a call without success.\n  source: exercise\n",
            "",
            "self defence: (exemption E_RETURN, text Return fire after a call without success.,"
            " source exercise) -> nothing",
        ),
        (R08, "", ("rule", "R08", REMOVED)),
        (R07 + R08, R08 + R07, "order"),
    ],
)
def test_names_what_changed_and_only_that(
    old: str, new: str, expected: tuple[str, str, str] | str
) -> None:
    found = changed(old, new)

    if expected == "order":
        expected = (
            *("rule", ALL),
            "order: R01, R02, R03, R04, R05, R06, R07, R08, R09, R10, R11"
            " -> R01, R02, R03, R04, R05, R06, R08, R07, R09, R10, R11",
        )
    if isinstance(expected, str):
        expected = ("agreement", "whole", expected)
    assert found == [expected]


def test_what_is_removed_one_way_is_added_the_other() -> None:
    shorter = WHOLE.replace(R08, "")

    (gone,), (come,) = changes(WHOLE, shorter), changes(shorter, WHOLE)

    assert (gone.element, gone.id, gone.what) == ("rule", "R08", REMOVED)
    assert (come.element, come.id, come.what) == ("rule", "R08", ADDED)


def test_says_old_and_new_apart_for_software() -> None:
    (change,) = changes(WHOLE, WHOLE.replace("delay_max_min: 15", "delay_max_min: 30"))

    assert (change.field, change.old, change.new) == ("delay_max_min", "15", "30")


def test_does_not_show_where_a_restricted_zone_lies() -> None:
    hidden = WHOLE.replace("class: training_ground", "class: training_ground\n    restricted: true")
    moved = hidden.replace("[-29.7, 44.6]", "[-29.71, 44.6]")

    (change,) = changes(hidden, moved)

    assert (change.id, change.old, change.new) == ("Z_RANGE", "", "")
    assert change.what == "polygon: changed; the place is restricted and not shown"


@given(st.sampled_from(shipped()), st.sampled_from(shipped()))
def test_the_other_way_round_swaps_old_and_new(one: str, other: str) -> None:
    first, second = read(one), read(other)

    there = {(c.element, c.field, c.old, c.new) for c in difference(first, second) if c.field}
    back = {(c.element, c.field, c.new, c.old) for c in difference(second, first) if c.field}

    assert there == back
