"""How many craft several sensors saw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.assess._craft import fewest_and_most
from trucewatch.records.table import TRACK

NOON = datetime(2030, 9, 20, 12, tzinfo=UTC)
FIX_MIN = (0.0, 1.0, 2.0)


def seen(
    sensor: str, name: str, *, east_deg: float = 0.0, after_min: float = 0.0, speed_deg: float = 0.0
) -> list[dict[str, Any]]:
    return [
        {
            "object": "0" * 64, "row": number, "sensor": sensor, "track": name, "craft": "uav",
            "time": NOON + timedelta(minutes=after_min + at_min), "lat_deg": 45.0,
            "lon_deg": (180 + east_deg + speed_deg * (after_min + at_min) + 180) % 360 - 180,
            "sigma_m": 30.0,
        }
        for number, at_min in enumerate(FIX_MIN)
    ]  # fmt: skip


def counted(*tracks: list[dict[str, Any]]) -> tuple[int, int]:
    return fewest_and_most(pl.DataFrame([fix for each in tracks for fix in each], schema=TRACK))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (seen("B", "T"), (1, 1)),
        (seen("B", "T", east_deg=0.1), (2, 2)),
        (seen("B", "T", east_deg=-0.001), (1, 1)),  # 79 m, across the date line
        (seen("B", "T", after_min=30), (1, 2)),  # never at one time
        (seen("B", "U"), (1, 2)),
        (seen("B", "U", after_min=30), (1, 2)),
        (seen("B", "U", east_deg=0.1), (2, 2)),
        (seen("A", "U"), (2, 2)),
    ],
)
def test_a_second_track_is_the_same_craft_another_or_nobody_can_say(
    other: list[dict[str, Any]], expected: tuple[int, int]
) -> None:
    assert counted(seen("A", "T"), other) == expected


def test_two_sensors_that_look_in_turn_see_one_craft_on_its_way() -> None:
    one = seen("A", "T", speed_deg=0.02)
    other = seen("B", "T", speed_deg=0.02, after_min=0.5)
    behind = [fix | {"lon_deg": fix["lon_deg"] - 0.05} for fix in other]

    assert counted(one, other) == (1, 1)
    assert counted(one, behind) == (2, 2)


def test_no_track_is_no_craft() -> None:
    assert counted() == (0, 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.sampled_from("TUV"), st.sampled_from([0.0, 0.0005, 0.1])
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[:2],
    )
)
def test_the_range_holds_whatever_one_sensor_alone_tells_apart(
    tracks: list[tuple[str, str, float]],
) -> None:
    fixes = [seen(sensor, name, east_deg=east_deg) for sensor, name, east_deg in tracks]

    fewest, most = counted(*fixes)

    alone = [[name for sensor, name, _ in tracks if sensor == one] for one in "ABC"]
    assert max(map(len, alone)) <= fewest <= most <= len(tracks)
    assert counted(*reversed(fixes)) == (fewest, most)
