"""What a trial of `reports_other` is drawn from, and the random numbers of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.simulate.trials.reports import SENSORS

STREAMS = (
    "front", "first", "hawkes", "salvos", "sky", "ordinary", "posts", "seen", "repeats", "false",
    "errors", "passes", "strays", "declared", "times", "clocks", "said", "keys",
)  # fmt: skip
"""Every part that draws; the place in this list is a sub-seed, so new ones go at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What to draw.

    Attributes:
        reports: About how many, all sensors.
        seed: Of the random numbers.
        incidents_per_km2_day: Mean over the front, about; also what is declared.
        width_km: Width of the front; its length follows from the density.
        span_day: How long.
        excited_p: Share of the incidents that others set off (salvos apart), below 1.
        salvo_p: Share of the incidents that are the first of several impacts, each its own.
        quiet_p: Share of quiet days.
        tail_freedom: Degrees of freedom of the Student errors, at least 3; their variance stays.
        stray_p: Share of the reports that are put in a wrong place altogether.
        pass_shared_p: Share of the error variance that is common to one look of one post.
        declared_spread_db: One-sigma error of the declared error, 20 log10.
        clock_offset_s: Each post's clock is wrong by a normal error of this sigma.
        dark: Sensors that send nothing of what happens in the middle of the span.
        dark_p: How much of the span that is; 1 is all.
    """

    reports: int
    seed: int
    incidents_per_km2_day: float = 4e-3
    width_km: float = 60.0
    span_day: float = 30.0
    excited_p: float = 0.6
    salvo_p: float = 0.08
    quiet_p: float = 0.2
    tail_freedom: int = 4
    stray_p: float = 0.02
    pass_shared_p: float = 0.3
    declared_spread_db: float = 2.5
    clock_offset_s: float = 0.0
    dark: tuple[str, ...] = ()
    dark_p: float = 0.3

    def __post_init__(self) -> None:
        """Refuse what no world can be made of.

        Raises:
            BadInput: Incidents that set off at least as many, tails without a variance, or a
                sensor that nobody knows.
        """
        if not 0 <= self.excited_p < 1:
            raise BadInput("trial", f"excited_p is {self.excited_p}, must be 0 to below 1")
        if self.tail_freedom <= 2:  # noqa: PLR2004 - the variance is infinite from there
            raise BadInput("trial", f"tail_freedom is {self.tail_freedom}, must be 3 or more")
        if unknown := set(self.dark) - set(SENSORS):
            raise BadInput("trial", f"dark sensors {sorted(unknown)} are not among the sensors")


def stream(setting: Setting, part: str, sensor: int = 0) -> np.random.Generator:
    """Return the generator of one part of a trial, so that one option leaves the others alone."""
    return np.random.default_rng([setting.seed, STREAMS.index(part), sensor])
