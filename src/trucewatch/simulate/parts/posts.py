"""What watches a simulated month, how well, and the mission's settings that declare it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.simulate.parts.ground import Ground
    from trucewatch.simulate.parts.sectors import Sector


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One asset; see `[coverage.ASSET]` in the settings of a mission.

    Attributes:
        name: Its name in watch reports.
        sensor: Module that reads what it sees.
        detect_p: P(detected) of any act, at close range, by day and in clear sky. It is one for
            all classes, so that exposure has no ends and intervals can be judged exactly.
        always: Whether it watches whenever nobody says otherwise.
        x_km: East of the ground's centre; None for everywhere.
        y_km: North of it.
        radius_km: Of its footprint; 0 for everywhere.
        half_km: Range at which P has halved; 0 when it does not fall with range.
        night_ratio: What P is multiplied by when the sun is down.
        cloud_ratio: What P is multiplied by under a sky full of cloud.
    """

    name: str
    sensor: str
    detect_p: float
    always: bool
    x_km: float | None = None
    y_km: float | None = None
    radius_km: float = 0.0
    half_km: float = 0.0
    night_ratio: float = 1.0
    cloud_ratio: float = 1.0

    def place_deg(self, ground: Ground) -> tuple[float, float] | None:
        """Return latitude and longitude of the footprint's middle, as settings give them."""
        if self.x_km is None or self.y_km is None:
            return None
        lat_deg, lon_deg = ground.degrees(
            np.array([self.x_km * 1000]), np.array([self.y_km * 1000])
        )
        return round(float(lat_deg[0]), 6), round(float(lon_deg[0]), 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the mission declares as holding.

    Attributes:
        sectors: With what is tolerated in each.
        whole_per_1000h: Tolerated on the whole ground.
        coverage_min_share: Covered share below which nothing is said.
        counts: Classes that count.
        since: Recommitments.
        cell_km: Side of the cells of coverage.
    """

    sectors: tuple[Sector, ...]
    whole_per_1000h: float
    coverage_min_share: float
    counts: tuple[str, ...]
    since: tuple[str, ...]
    cell_km: float


def settings_text(posts: Iterable[Post], ground: Ground, declared: Declared) -> str:
    """Return the sections of `mission.toml` that declare the posts and what is tolerated."""
    return "".join(post_text(post, ground) for post in posts) + _holding_text(declared)


def post_text(post: Post, ground: Ground) -> str:
    """Return the section that declares one post."""
    lines = [
        f"[coverage.{post.name}]",
        f'sensor = "{post.sensor}"',
        f'detects = {{ "*" = {post.detect_p} }}',
        'source = "an exercise: the world that makes its files detects with exactly these figures"',
        f"always = {str(post.always).lower()}",
    ]
    place = post.place_deg(ground)
    if place is not None:
        lines += [f"lat_deg = {place[0]}", f"lon_deg = {place[1]}", f"radius_km = {post.radius_km}"]
    lines += [
        f"half_km = {post.half_km}",
        f"night_ratio = {post.night_ratio}",
        f"cloud_ratio = {post.cloud_ratio}",
    ]
    return "\n".join(lines) + "\n\n"


def _holding_text(declared: Declared) -> str:
    rates = [f"{each.id} = {each.tolerated_per_1000h}" for each in declared.sectors]
    tolerated = ", ".join([*rates, f'"*" = {declared.whole_per_1000h}'])
    counts = ", ".join(f'"{kind}"' for kind in declared.counts)
    since = ", ".join(f'"{time}"' for time in declared.since)
    return (
        "[holding]\n"
        f"tolerated_per_1000h = {{ {tolerated} }}\n"
        f"coverage_min_share = {declared.coverage_min_share}\n"
        f"counts = [{counts}]\n"
        f"since = [{since}]\n"
        f"cell_km = {declared.cell_km}\n"
    )
