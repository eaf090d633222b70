"""How a kind of sensor behaves: what fusion must know and no single report says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorModel:
    """Detection model of one sensor module.

    Attributes:
        detection_p: Chance that it reports a happening that it covers.
        repeats_mean: Mean number of further reports of one happening by one channel; 0 means at
            most one, so that two of its reports never join.
        false_alarms_per_km2_day: Density of reports with nothing behind them.
        spread_m: One-sigma distance between the happening and what is sensed of it, beyond the
            position error that each report states.
        spread_s: One-sigma time between them, beyond the time error that each report states.
        channel_gap_s: Reports of one channel closer than this are one look, not independent.
        meaning_p: For each class that the sensor reports, probabilities of what it was; each sums
            to 1.
        source: Where the figures come from.
    """

    detection_p: float
    repeats_mean: float
    false_alarms_per_km2_day: float
    spread_m: float
    spread_s: float
    channel_gap_s: float
    meaning_p: Mapping[str, Mapping[str, float]]
    source: str
