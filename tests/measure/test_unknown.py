"""What is not known, in nats; and days in trouble, by a declared bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.measure.tasking.unknown import (
    YES_OR_NO_NATS,
    binary_nats,
    ground_nats,
    incident_nats,
)
from trucewatch.measure.warning.days import trouble


@given(st.floats(0, 1))
def test_entropy_is_nothing_when_known_and_most_at_a_half(chance_p: float) -> None:
    found = float(binary_nats(chance_p))

    assert 0 <= found <= YES_OR_NO_NATS + 1e-12
    assert float(binary_nats(0.0)) == float(binary_nats(1.0)) == 0.0
    assert float(binary_nats(0.5)) == pytest.approx(math.log(2))


def test_an_incident_is_whether_and_what() -> None:
    sure = incident_nats(1.0, {"airstrike": 1.0})
    unsure = incident_nats(0.5, {"airstrike": 0.5, "artillery_fire": 0.5})

    assert sure == 0.0
    assert unsure == pytest.approx(1.5 * math.log(2))


def test_covered_ground_is_worth_nothing_and_unseen_ground_more_where_it_is_worse() -> None:
    calm = ground_nats(np.array([0.0, 10.0, 100.0]), acts=1, covered_km2_h=10_000.0)
    bad = ground_nats(np.array([0.0, 10.0, 100.0]), acts=20, covered_km2_h=10_000.0)

    assert calm[0] == bad[0] == 0.0
    assert calm[1] < calm[2] < bad[2]
    p = 1 - math.exp(-100 * 1.5 / 10_000)
    assert calm[2] == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p))


@pytest.mark.parametrize("covered_km2_h", [0.0, math.nan])
def test_refuses_a_rate_without_ground(covered_km2_h: float) -> None:
    with pytest.raises(BadInput, match="must have some ground covered"):
        ground_nats(np.ones(2), acts=1, covered_km2_h=covered_km2_h)


def test_refuses_what_is_no_probability() -> None:
    with pytest.raises(BadInput, match="outside 0 to 1"):
        binary_nats(1.1)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from([0.0, 6.0, 24.0])), min_size=1, max_size=40
    )
)
def test_a_dark_day_is_as_the_day_before_it(days: list[tuple[int, float]]) -> None:
    counts, hours = (np.array(each, np.float64) for each in zip(*days, strict=True))

    found = trouble(counts, hours, most_per_h=0.25)

    now = False
    for day, (count, covered) in enumerate(days):
        if covered:
            now = count > 0.25 * covered
        assert found[day] == now


def test_refuses_a_bound_that_is_none() -> None:
    with pytest.raises(BadInput, match="must be above 0"):
        trouble(np.ones(2), np.ones(2), most_per_h=0.0)
