"""The sections of `mission.toml`: what each key means, and what it is when nobody says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo


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
