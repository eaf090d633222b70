"""How a kind of sensor behaves: what fusion must know and no single report says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureModel:
    """How one numeric feature of a sensor's reports is spread, by kind of happening.

    Attributes:
        normal: Mean and standard deviation for each kind that the feature tells apart; of any other
            kind it tells nothing.
        broad: Mean and standard deviation of a feature that tells nothing; wide enough to hold
            what no kind explains.
        broad_p: Share of the reports whose feature tells nothing, whatever happened; above 0, so
            that no reading excludes a kind.
        log10: Whether the figures are of the feature's decimal logarithm; a feature that is not
            above 0 then counts as not measured.
    """

    normal: Mapping[str, tuple[float, float]]
    broad: tuple[float, float]
    broad_p: float
    log10: bool = False


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
            to 1. They hold where kinds are as frequent as the mission says; "undetermined" is the
            share that the report tells nothing about.
        source: Where the figures come from.
        feature_p: Numeric features that tell kinds apart, by name. A feature from which the
            sensor already made its class must not stand here: it would count twice.
        once_per_channel: Whether one channel reports one happening at most once, while other
            channels of the sensor may report it too; then `repeats_mean` counts channels.
    """

    detection_p: float
    repeats_mean: float
    false_alarms_per_km2_day: float
    spread_m: float
    spread_s: float
    channel_gap_s: float
    meaning_p: Mapping[str, Mapping[str, float]]
    source: str
    feature_p: Mapping[str, FeatureModel] = field(default_factory=dict)
    once_per_channel: bool = False
