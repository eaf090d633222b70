"""The sections of `mission.toml`: what each key means, and what it is when nobody says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from trucewatch.errors import BadInput
from trucewatch.measure.coverage.asset import ANY_OTHER, Asset, Detection, Disc
from trucewatch.records.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionSection:
    """`[mission]`: what is printed on every product.

    Attributes:
        name: Name of the mission.
        exercise: Whether this is an exercise; then every page and file says EXERCISE.
        time_zone: IANA zone in which report days are counted and times printed.
        report_cutoff: Local time at which a report day ends, HH:MM.
    """

    name: str
    exercise: bool = True
    time_zone: str = "UTC"
    report_cutoff: str = "19:30"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def cutoff(self) -> time:
        """The local time at which a report day ends."""
        return time.fromisoformat(self.report_cutoff)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """`[log]`: the identity of the evidence log.

    Attributes:
        origin: Name of the log in its checkpoints, such as `log.mission.example/evidence`. It is
            fixed when the mission is made and cannot change.
    """

    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSection:
    """`[agreement]`: the text that incidents are assessed against.

    Attributes:
        file: Name of the agreement's YAML file inside the mission folder.
    """

    file: str = "agreement.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSection:
    """`[release]`: when the public may see what.

    Attributes:
        delay_h: Hours between the end of a report day and its release to the public.
    """

    delay_h: float = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSection:
    """`[witness]`: who outside the mission signs the log's heads.

    Attributes:
        policy: Name of the policy file inside the mission folder (C2SP tlog-policy); empty when
            there are no witnesses.
    """

    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSection:
    """`[timestamp.NAME]`: an outside authority that says when (RFC 3161).

    Attributes:
        url: Where it answers, http or https.
        roots: Name of the PEM file inside the mission folder with the certificates to trust.
    """

    url: str
    roots: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSection:
    """`[intake.SENSOR]`: how files of a sensor come in.

    Attributes:
        level: Who may see its files: CLEAR, GREEN, AMBER, AMBER+STRICT or RED. Above CLEAR each is
            encrypted with a key of its own.
        compartment: Who holds those keys; required above CLEAR.
        signed: Whether only files that an enrolled device signed are expected.
        every_h: Hours between two files that are expected; 0 when no schedule was declared.
        start: Beginning of the first slot of the schedule, as `2030-09-01T00:00:00.000000Z`.
        grace_h: Hours after the end of a slot within which its file may still come in.
    """

    level: str = "CLEAR"
    compartment: str = ""
    signed: bool = False
    every_h: float = 0.0
    start: str = ""
    grace_h: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSection:
    """`[coverage.ASSET]`: one asset that watches, and how well it sees.

    Attributes:
        sensor: Module that reads what it sees, such as `spotrep`; rows of `watch` and `positions`
            report no happening.
        detects: P(detected) by class of happening, at close range, by day and in clear sky; the
            class `*` stands for any other, and a class that is missing is never detected.
        source: Where the figures come from.
        always: Whether it watches whenever nobody says otherwise; if not, only when a watch report
            says so.
        lat_deg: Latitude of the middle of its footprint, WGS 84; with a radius alone.
        lon_deg: Longitude of the same.
        radius_km: Radius of its footprint; 0 for everywhere.
        half_km: Range at which P has halved; 0 when it does not fall with range.
        night_ratio: What P is multiplied by when the sun is down, 0 to 1.
        cloud_ratio: What P is multiplied by under a sky full of cloud, 0 to 1.
    """

    sensor: str
    detects: Mapping[str, float]
    source: str
    always: bool = False
    lat_deg: float | None = None
    lon_deg: float | None = None
    radius_km: float = 0.0
    half_km: float = 0.0
    night_ratio: float = 1.0
    cloud_ratio: float = 1.0

    def asset(self, name: str) -> Asset:
        """Return the asset.

        Args:
            name: As in the heading of the section.

        Raises:
            BadInput: A value cannot be; the message begins with the key.
        """
        placed = self.lat_deg is not None, self.lon_deg is not None
        if placed != (self.radius_km != 0,) * 2:
            problem = (
                f"is {self.radius_km:g} with lat_deg {self.lat_deg} and lon_deg {self.lon_deg}"
            )
            raise BadInput("radius_km", f"{problem}, expected all three or none")
        footprint = None
        if self.lat_deg is not None and self.lon_deg is not None:
            footprint = Disc(lat_deg=self.lat_deg, lon_deg=self.lon_deg, radius_km=self.radius_km)
        detection = Detection(
            detects=self.detects,
            half_km=self.half_km,
            night_ratio=self.night_ratio,
            cloud_ratio=self.cloud_ratio,
            source=self.source,
        )
        return Asset(
            name=name,
            sensor=self.sensor,
            footprint=footprint,
            always=self.always,
            detection=detection,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingSection:
    """`[holding]`: what is tolerated, declared beforehand; without it the answer is "cannot tell".

    Attributes:
        tolerated_per_1000h: Incidents per 1,000 covered hours that are tolerated: one number, or a
            table of numbers by sector in which `*` stands for any other.
        coverage_min_share: Covered share of the hours below which the answer is "cannot tell".
        alpha_p: Chance of a false answer, of each of the two kinds.
        counts: Classes of happening that count; empty for every act, as rules may prohibit.
        since: Recommitments, as `2030-09-01T00:00:00.000000Z`, ascending; the test begins anew at
            each.
        cell_km: Side of the cells on which coverage is worked out.
    """

    tolerated_per_1000h: Mapping[str, float] = field(
        default_factory=dict, metadata={"one": ANY_OTHER}
    )
    coverage_min_share: float = 0.3
    alpha_p: float = 0.05
    counts: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    cell_km: float = 5.0

    def tolerated_in(self, sector: str) -> float | None:
        """Return what is tolerated in a sector, per 1,000 covered hours; None if undeclared."""
        return self.tolerated_per_1000h.get(sector, self.tolerated_per_1000h.get(ANY_OTHER))

    def recommitments(self) -> tuple[datetime, ...]:
        """Return the instants at which the test begins anew."""
        return tuple(parse_instant(each, where="since") for each in self.since)
