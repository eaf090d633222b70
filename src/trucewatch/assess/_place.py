"""How likely each incident lies inside a zone."""

from __future__ import annotations

import numpy as np
import polars as pl

from trucewatch.agreement.zone import Edges, Zone
from trucewatch.assess._trace import DECIMALS
from trucewatch.geo.inside import inside_p
from trucewatch.geo.outline import centre_deg, outline_m
from trucewatch.geo.plane import Covariances, Plane

_PLACE = ("lon_deg", "lat_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2")


def zone_inside_p(incidents: pl.DataFrame, zone: Zone) -> pl.Series:
    """Return P(inside the zone) of each incident, given its position error.

    The error is taken as Gaussian on a local plane centred at the zone. That plane stretches
    lengths across its radius by 0.02 % at 200 km and 0.7 % at 1300 km, far less than any position
    error is known.

    Args:
        incidents: `records.table.INCIDENT`.
        zone: The zone; its validity in time is not looked at.

    Returns:
        Float64, in the order of the incidents, rounded to `DECIMALS`; null where an incident has
        no position.
    """
    rows = incidents.select(_PLACE).with_row_index("place")
    known = rows.drop_nulls()
    chance = np.full(len(rows), np.nan)
    if len(known):
        lon_deg, lat_deg, ee, en, nn = known.select(_PLACE).to_numpy().T
        centre_lon_deg, centre_lat_deg = centre_deg(zone.polygon)
        plane = Plane(centre_lat_deg=centre_lat_deg, centre_lon_deg=centre_lon_deg)
        x_m, y_m = plane.project(lon_deg, lat_deg)
        turned = plane.to_plane(lon_deg, lat_deg, Covariances(xx_m2=ee, xy_m2=en, yy_m2=nn))
        covariance_m2 = np.column_stack([turned.xx_m2, turned.xy_m2, turned.yy_m2])
        geodesic = zone.edges is Edges.GEODESIC
        polygon_m = outline_m(zone.polygon, plane=plane, geodesic=geodesic)
        chance[known["place"].to_numpy()] = inside_p(x_m, y_m, covariance_m2, polygon_m)
    return pl.Series("inside_p", chance.round(DECIMALS), dtype=pl.Float64).fill_nan(None)
