"""What a mission configures about fusion; light, so that the configuration can be read alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

RANGES: dict[str, tuple[float, float]] = {
    "centre_lat_deg": (-90.0, 90.0),
    "centre_lon_deg": (-180.0, 180.0),
    "incidents_per_km2_day": (1e-12, 1e3),
    "theta": (0.0, 100.0),  # below 0 an edge could not be a merge
    "gate": (0.1, 10.0),
    "component_members_max": (2, 1024),  # memory grows with the square
    "precise_sigma_m_max": (1.0, 1e5),
    "precise_sigma_s_max": (1.0, 1e7),
}
"""Least and greatest value of each number, both allowed."""
SCALE_RANGE = (0.1, 10.0)
"""The same for each ratio in `sigma_scale`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionSettings:
    """The fusion section of a mission's configuration.

    Attributes:
        centre_lat_deg: Latitude of the centre of the local plane in which distances are measured.
        centre_lon_deg: Longitude of that centre.
        incidents_per_km2_day: Mean density of incidents over the mission's ground and time. It
            stands for what is not known locally, so it is configured and never taken from a batch.
        theta: Least evidence, in natural-log units, for an edge between two reports. At 1, chains
            of chance edges did not run away in simulated worlds up to 0.1 incidents per km2 and
            day; lower values join more and run away sooner.
        gate: Largest distance between two reports that may share an edge, in standard deviations
            of their difference, in space and in time alike.
        component_members_max: A connected group of more reports than this is cut at its weakest
            evidence, so that one busy night stays computable.
        precise_sigma_m_max: A report with a larger one-sigma position error (its own and its
            sensor's spread together, per axis) is imprecise: it joins no precise reports together.
        precise_sigma_s_max: The same for its time error.
        imprecise_sensors: Sensors whose every report is imprecise, whatever error it states.
            Their silence says nothing: they count neither as non-detections nor in the local
            density of incidents.
        sigma_scale: By what the one-sigma errors of a sensor's reports, its spread included, are
            multiplied: in space, in time. A sensor that is not named keeps 1, 1. Estimated by
            `fuse.scale`, and changed by people only.
        kind_p: How often each kind of happening is expected; with "undetermined", how often none
            of them. They need not sum to 1. Empty: all kinds that the sensors can mean alike.

    Source: theta, gate and component size were chosen on simulated worlds with known truth; the
    bounds of precision keep settlement and day reports out.
    """

    centre_lat_deg: float
    centre_lon_deg: float
    incidents_per_km2_day: float
    theta: float = 1.0
    gate: float = 3.5
    component_members_max: int = 256
    precise_sigma_m_max: float = 2000.0
    precise_sigma_s_max: float = 21600.0
    imprecise_sensors: tuple[str, ...] = ("news",)
    sigma_scale: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    kind_p: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a value out of its range.

        Raises:
            BadMission: A number is outside `RANGES`, or not a number; a scale is no pair of
                ratios inside `SCALE_RANGE`; a kind is unknown or its frequency not above 0.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadMission("fusion", f"{name} is {value}, must be {low:g} to {high:g}")
        least, greatest = SCALE_RANGE
        for sensor, pair in self.sigma_scale.items():
            if [least <= ratio <= greatest for ratio in pair] != [True, True]:
                problem = (
                    f"sigma_scale of {sensor} is {pair}, must be two of {least:g} to {greatest:g}"
                )
                raise BadMission("fusion", problem)
        for kind, frequency_p in self.kind_p.items():
            if kind not in HAPPENINGS:
                raise BadMission("fusion", f"kind_p has {kind!r}, expected a known kind")
            if not 0 < frequency_p < (1 if kind == "undetermined" else float("inf")):
                problem = (
                    f"kind_p of {kind} is {frequency_p}, must be above 0 (undetermined below 1)"
                )
                raise BadMission("fusion", problem)
