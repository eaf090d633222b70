"""A piece of fictional ground: its size, its settlements, and metres to degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_AXIS_M = 6_378_137.0  # semi-major axis of WGS 84
_ECCENTRICITY_2 = 0.006_694_379_990_14  # first eccentricity squared of WGS 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A named place that the press reports from.

    Attributes:
        name: Fictional name.
        x_m: Metres east of the centre of the ground.
        y_m: Metres north of it.
    """

    name: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A box of ground around a centre; `x_m` is east and `y_m` north of it.

    Attributes:
        centre_lat_deg: WGS 84 latitude of the centre.
        centre_lon_deg: WGS 84 longitude of the centre.
        width_km: East-west size.
        height_km: North-south size.
        settlements: Named places on it.
    """

    centre_lat_deg: float
    centre_lon_deg: float
    width_km: float
    height_km: float
    settlements: tuple[Settlement, ...]

    @property
    def half_m(self) -> tuple[float, float]:
        """Half the size in metres, east-west and north-south."""
        return self.width_km * 500.0, self.height_km * 500.0

    @property
    def area_km2(self) -> float:
        """Area in square kilometres."""
        return self.width_km * self.height_km

    def inside(self, x_m: Floats, y_m: Floats) -> Flags:
        """Return which points lie on the ground, edges included."""
        half_x_m, half_y_m = self.half_m
        return (np.abs(x_m) <= half_x_m) & (np.abs(y_m) <= half_y_m)

    def degrees(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Return latitude and longitude of points on the ground.

        Sinusoidal about the centre, on the radii of curvature of WGS 84: exact along the parallels
        and the central meridian. Distances elsewhere on a ground of 120 x 80 km are off by up to
        1 %. Nothing hangs on that, because the truth is stated in the degrees returned here. No
        map projection library takes part, so its version does not change a world.
        """
        meridian_m, _ = _degree_m(np.asarray(self.centre_lat_deg))
        lat_deg = self.centre_lat_deg + y_m / meridian_m
        _, parallel_m = _degree_m(lat_deg)
        return lat_deg, self.centre_lon_deg + x_m / parallel_m


def fold(value: Floats, half: tuple[float, float]) -> Floats:
    """Return values reflected at the ends of an interval until they lie inside it.

    Example:
        >>> fold(np.array([1.0, 3.5, -0.5]), (0.0, 3.0)).tolist()
        [1.0, 2.5, 0.5]
    """
    low, high = half
    width = high - low
    turned = np.mod(value - low, 2 * width)
    return low + np.where(turned > width, 2 * width - turned, turned)


def _degree_m(lat_deg: Floats) -> tuple[Floats, Floats]:
    """Return the length of one degree of latitude and of longitude."""
    lat_rad = np.deg2rad(lat_deg)
    root = 1 - _ECCENTRICITY_2 * np.sin(lat_rad) ** 2
    meridian_m = np.deg2rad(_AXIS_M * (1 - _ECCENTRICITY_2) / root**1.5)
    parallel_m = np.deg2rad(_AXIS_M * np.cos(lat_rad) / np.sqrt(root))
    return meridian_m, parallel_m
