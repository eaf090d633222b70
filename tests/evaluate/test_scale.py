"""What wrong declared errors cost in F1, and that estimated scales win it back."""

from __future__ import annotations

import polars as pl
import pytest

from trucewatch.evaluate.scale import costs, scaled

SEEDS = (451, 452)


@pytest.mark.parametrize(("ratio", "lost"), [(0.5, 0.05), (2.0, 0.01)])
def test_estimated_scales_win_back_what_wrong_errors_cost(ratio: float, lost: float) -> None:
    found = costs(seeds=SEEDS, reports=3000, ratio=ratio)

    assert ((found.right - found.misdeclared) > lost).all()
    assert (found.right - found.mended).mean() <= 0.01


def test_estimated_scales_cost_next_to_nothing_when_errors_are_right() -> None:
    found = costs(seeds=SEEDS, reports=3000, ratio=1.0)

    assert (found.right == found.misdeclared).all()
    assert (found.right - found.mended).mean() < 0.002


def test_a_scale_acts_on_variances_by_its_square() -> None:
    table = pl.DataFrame({"sensor": ["a", "b"], "s2_m2": [9.0, 9.0], "u2_s2": [4.0, 4.0]})

    found = scaled(table, {"a": (2.0, 0.5)})

    assert found["s2_m2"].to_list() == [36.0, 9.0]
    assert found["u2_s2"].to_list() == [1.0, 4.0]
