"""What the location of shots takes and gives: arrival times in, places with their regions out."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ZERO_ALLOWED = {"wind_sigma_m_s", "speed_sigma_m_s", "outlier_p"}
_OUTLIER_P_MAX = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """How the sound travelled and how well the arrivals were timed.

    Attributes:
        speed_m_s: Speed of sound without wind; see `travel.sound_speed`. For one seismic phase,
            its constant velocity.
        time_sigma_s: One-sigma error of an arrival time that is no outlier.
        wind_sigma_m_s: One-sigma of each component of the unknown wind; 0 when there is none.
        speed_sigma_m_s: One-sigma error of `speed_m_s`, of which temperature is the usual cause.
        bearing_sigma_rad: One-sigma error of a bearing that is no outlier.
        outlier_p: Share of arrivals that belong to something else, 0 to 0.5.
        outlier_window_s: Width of the window in which such an arrival may lie.
        beyond_m: How far outside the stations' bounding square a source may lie; None is a tenth
            of the side of that square.
    """

    speed_m_s: float = 340.0
    time_sigma_s: float = 0.05
    wind_sigma_m_s: float = 0.0
    speed_sigma_m_s: float = 0.0
    bearing_sigma_rad: float = 0.05
    outlier_p: float = 0.0
    outlier_window_s: float = 20.0
    beyond_m: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no number or out of range.

        Raises:
            BadInput: A value is not finite, negative, or zero where it may not be.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "beyond_m" and value is None:
                continue
            zero = field.name in _ZERO_ALLOWED or field.name == "beyond_m"
            if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
                least = "at least 0" if zero else "above 0"
                raise BadInput("location", f"{field.name} is {value}, must be {least}")
        if self.outlier_p > _OUTLIER_P_MAX:
            raise BadInput("location", f"outlier_p is {self.outlier_p}, must be 0 to 0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots:
    """Arrivals, already sorted into shots; one row a shot, one column an arrival, any order.

    Attributes:
        station: [shot, arrival] row of the station, -1 where there is no arrival.
        time_s: [shot, arrival] arrival time since any one origin; not read where there is none.
        bearing_rad: [shot, arrival] bearing from the station to the source, clockwise from the
            second axis (north), NaN where none was measured; None when there are none at all.
    """

    station: NDArray[np.int64]
    time_s: NDArray[np.float64]
    bearing_rad: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """Where the shots were: one row a shot, and the posterior as a mixture of normals.

    Attributes:
        place_m: [shot, 2] most probable place, in the frame of the stations; NaN when fewer than
            three arrivals and bearings were given.
        time_s: [shot] time of the shot, in the origin of the arrivals.
        time_sigma_s: [shot] one-sigma error of that time at the most probable place.
        cov_m2: [shot, 3] covariance xx, xy, yy around the most probable place alone.
        objective: [shot] minus twice the log posterior there; chi squared without outliers.
        second_m: [shot, 2] next most probable place; NaN where there is none.
        second_rise: [shot] by how much the objective is greater there; infinite where none.
        gdop: [shot] position error over (speed times timing error), from the geometry alone.
        bimodal: [shot] two places stand close in probability; read the region, not the place.
        poor_geometry: [shot] the arrivals do not fix the place, or it lies on the edge of what
            was searched.
        start: [shot + 1] where the components of each shot begin.
        weight: [component] probability; they sum to 1 over a shot.
        mean_m: [component, 2] centre.
        component_cov_m2: [component, 3] covariance xx, xy, yy.
        box_m: Centre x, centre y and half side of the square that was searched.
    """

    place_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    time_sigma_s: NDArray[np.float64]
    cov_m2: NDArray[np.float64]
    objective: NDArray[np.float64]
    second_m: NDArray[np.float64]
    second_rise: NDArray[np.float64]
    gdop: NDArray[np.float64]
    bimodal: NDArray[np.bool_]
    poor_geometry: NDArray[np.bool_]
    start: NDArray[np.int64]
    weight: NDArray[np.float64]
    mean_m: NDArray[np.float64]
    component_cov_m2: NDArray[np.float64]
    box_m: tuple[float, float, float]
