"""The kinds of happening that a report or an incident may be of, and how each is counted.

The names enter tables and statements and never change; new ones are added.
Explosion kinds and countable units follow the daily reports of a past monitoring mission
(explosion, projectile in flight, muzzle flash, illumination flare, burst, shot: each is one unit).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One kind.

    Attributes:
        name: Stable identifier, such as `explosion_impact`.
        text: How a bulletin words it.
        osce_unit: The countable phenomenon under the `osce_unit` rule, or "" when that rule does
            not count this kind.
        forms_incident: Whether a report of this kind says that something happened on the ground;
            a report that does not stays unlinked and is listed apart.
        act: Whether somebody did it (fire, strike, move), so that a rule may prohibit it.
        report: Whether it is a report at all; where a craft was, or when an asset watched, is none:
            it is no sign of what happened, and no bulletin counts it.
    """

    name: str
    text: str
    osce_unit: str = ""
    forms_incident: bool = True
    act: bool = True
    report: bool = True


def _kinds(*rows: Happening) -> dict[str, Happening]:
    return {row.name: row for row in rows}


HAPPENINGS: dict[str, Happening] = _kinds(
    Happening(name="undetermined", text="undetermined", act=False),
    Happening(name="thermal_anomaly", text="thermal anomaly, cause undetermined", act=False),
    Happening(name="explosion_undetermined", text="explosion, undetermined", osce_unit="explosion"),
    Happening(name="explosion_impact", text="explosion, impact", osce_unit="explosion"),
    Happening(name="explosion_outgoing", text="explosion, outgoing", osce_unit="explosion"),
    Happening(name="explosion_airburst", text="explosion, airburst", osce_unit="explosion"),
    Happening(
        name="projectile_in_flight", text="projectile in flight", osce_unit="projectile in flight"
    ),
    Happening(name="muzzle_flash", text="muzzle flash", osce_unit="muzzle flash"),
    Happening(name="flare", text="illumination flare", osce_unit="flare"),
    Happening(name="burst", text="burst of fire", osce_unit="burst"),
    Happening(name="shot", text="shot", osce_unit="shot"),
    Happening(name="artillery_fire", text="artillery fire", osce_unit="explosion"),
    Happening(name="airstrike", text="air strike", osce_unit="explosion"),
    Happening(name="uav_activity", text="unmanned aircraft, strike or flight"),
    Happening(name="small_arms_fire", text="exchange of fire", osce_unit="burst"),
    Happening(name="air_defence_fire", text="air defence fire"),
    Happening(name="mine_or_ied", text="mine or improvised explosive", osce_unit="explosion"),
    Happening(name="armour", text="armoured vehicles"),
    Happening(name="raid", text="raid or detention operation"),
    Happening(name="position_change", text="position taken, held or left"),
    Happening(name="crossing_air", text="crossing of a line in the air"),
    Happening(name="crossing_ground", text="crossing of a line on the ground"),
    Happening(name="vessel_attack", text="attack on a vessel or a port"),
    Happening(name="sea_mine", text="mine at sea"),
    Happening(name="casualties_civilian", text="civilian casualties reported", act=False),
    Happening(name="casualties_military", text="military casualties reported", act=False),
    Happening(name="damage", text="damage to property reported", act=False),
    Happening(name="alert", text="air raid alert", forms_incident=False, act=False),
    Happening(name="arrival", text="arrival at a station", forms_incident=False, act=False),
    Happening(
        name="position",
        text="position of a craft",
        forms_incident=False,
        act=False,
        report=False,
    ),
    Happening(
        name="watch", text="watch kept by an asset", forms_incident=False, act=False, report=False
    ),
    Happening(name="other", text="report of another kind", forms_incident=False, act=False),
)
"""Every kind by name, in the order in which a bulletin lists them."""

NO_REPORTS = tuple(name for name, kind in HAPPENINGS.items() if not kind.report)
"""Classes of rows that are no report."""
