"""What is seen or heard of a kind of fire: one act under two names."""

from __future__ import annotations

SIGNS: dict[str, tuple[str, ...]] = {
    "explosion_impact": ("artillery_fire", "airstrike", "uav_activity", "mine_or_ied"),
    "explosion_outgoing": ("artillery_fire", "air_defence_fire"),
    "explosion_airburst": ("artillery_fire", "air_defence_fire", "uav_activity"),
    "projectile_in_flight": ("artillery_fire", "airstrike", "small_arms_fire", "air_defence_fire"),
    "muzzle_flash": ("artillery_fire", "small_arms_fire", "air_defence_fire"),
    "burst": ("small_arms_fire", "air_defence_fire"),
    "shot": ("small_arms_fire", "air_defence_fire"),
}
"""What was seen or heard, and the kinds of fire that it may be the sign of."""


def may_be(kind: str, act: str) -> bool:
    """Return whether a kind of happening may be the same act as another, under another name."""
    return kind == act or kind in SIGNS.get(act, ()) or act in SIGNS.get(kind, ())
