"""The configuration of fusion: its ranges, and that reading it is light."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import pytest

from trucewatch.errors import BadMission
from trucewatch.fuse.settings import RANGES, FusionSettings

GOOD = {"centre_lat_deg": 45.0, "centre_lon_deg": -30.0, "incidents_per_km2_day": 4e-3}


@pytest.mark.parametrize("name", sorted(RANGES))
def test_refuses_a_number_out_of_its_range(name: str) -> None:
    low, high = RANGES[name]

    for value in (low - 1, high + 1, float("nan")):
        with pytest.raises(BadMission, match=f"fusion: {name} is .*, must be {low:g} to"):
            FusionSettings(**{**GOOD, name: value})


@pytest.mark.parametrize("name", sorted(RANGES))
def test_accepts_both_ends_of_a_range(name: str) -> None:
    for value in RANGES[name]:
        assert getattr(FusionSettings(**{**GOOD, name: value}), name) == value


def test_every_field_is_documented() -> None:
    assert all(
        f"        {f.name}: " in (FusionSettings.__doc__ or "") for f in fields(FusionSettings)
    )


def test_reading_settings_loads_no_numerical_library() -> None:
    program = (
        "import sys; import trucewatch.fuse.settings;"
        "print([m for m in ('numpy', 'numba', 'polars', 'pyproj') if m in sys.modules])"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter, a fixed program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
