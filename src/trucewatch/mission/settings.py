"""Configuration: `mission.toml`, read once into frozen sections. Unknown keys are errors."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfoNotFoundError

from trucewatch.errors import BadInput, BadMission
from trucewatch.fuse.settings import FusionSettings
from trucewatch.mission.reporting import reporting
from trucewatch.mission.sections import (
    AgreementSection,
    CoverageSection,
    HoldingSection,
    IntakeSection,
    LogSection,
    MissionSection,
    ReleaseSection,
    TimestampSection,
    WitnessSection,
)
from trucewatch.observe import sensor, sensors
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.instant import parse_instant
from trucewatch.records.level import Level
from trucewatch.records.source import Source
from trucewatch.records.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole `mission.toml`.

    Attributes:
        mission: What is printed on every product.
        log: The identity of the evidence log.
        agreement: The text that incidents are assessed against.
        fusion: How reports become incidents.
        release: When the public may see what.
        witness: Who outside the mission signs the log's heads.
        timestamp: For each outside authority by name, where it answers.
        intake: For each sensor with such a section, how its files come in.
        coverage: For each asset that watches, by name, how well it sees.
        holding: What is tolerated.
        sensors: For each sensor, its settings with defaults filled in.
    """

    mission: MissionSection
    log: LogSection
    agreement: AgreementSection
    fusion: FusionSettings
    release: ReleaseSection
    witness: WitnessSection = field(default_factory=WitnessSection)
    timestamp: Mapping[str, TimestampSection] = field(default_factory=dict)
    intake: Mapping[str, IntakeSection] = field(default_factory=dict)
    coverage: Mapping[str, CoverageSection] = field(default_factory=dict)
    holding: HoldingSection = field(default_factory=HoldingSection)
    sensors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def intake_of(self, sensor_name: str) -> IntakeSection:
        """Return how files of a sensor come in."""
        return self.intake.get(sensor_name, IntakeSection())


_HOURS_MAX = 24 * 366
_EVERY_MIN_H = 1 / 60  # a schedule finer than a minute is a slip
_TOLERATED_MAX = 1e6  # a thousand an hour; more is a slip
_ALPHA_MAX_P = 0.5  # as likely false as not
_CELL_MIN_KM, _CELL_MAX_KM = 0.1, 100.0
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_SECTIONS: dict[str, type[Any]] = {
    "mission": MissionSection,
    "log": LogSection,
    "agreement": AgreementSection,
    "fusion": FusionSettings,
    "release": ReleaseSection,
    "witness": WitnessSection,
    "holding": HoldingSection,
}
_NAMED: dict[str, type[Any]] = {
    "timestamp": TimestampSection,
    "intake": IntakeSection,
    "coverage": CoverageSection,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "float": (int, float),
    "float | None": (int, float),
    "int": (int,),
    "tuple[str, ...]": (list,),
    "Mapping[str, float]": (dict,),
    "Mapping[str, tuple[float, float]]": (dict,),
}


def sections() -> Mapping[str, type[Any]]:
    """Return each section's name and the dataclass that documents its keys."""
    return _SECTIONS


def named_sections() -> Mapping[str, type[Any]]:
    """Return each kind of section that comes once per name, and the dataclass of its keys."""
    return {
        "timestamp.NAME": TimestampSection,
        "intake.SENSOR": IntakeSection,
        "coverage.ASSET": CoverageSection,
    }


def parse_settings(raw: bytes, *, name: str) -> Settings:
    """Return the settings in the bytes of a `mission.toml`.

    Raises:
        BadMission: Not TOML, an unknown section or key, a missing key or a value that cannot be.
    """
    try:
        table = parse_toml(raw, where=name)
    except BadInput as error:
        raise BadMission(name, f"{error.problem}, expected a mission.toml") from error
    allowed = [*_SECTIONS, *_NAMED, "sensors"]
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        expected = ", ".join(allowed)
        raise BadMission(name, f"unknown section [{unknown[0]}], expected one of {expected}")
    parts: dict[str, Any] = {
        section: _section(kind, table.get(section, {}), where=f"{name}: [{section}]")
        for section, kind in _SECTIONS.items()
    }
    for section, kind in _NAMED.items():
        parts[section] = _named(kind, table.get(section, {}), where=f"{name}: [{section}")
    settings = Settings(**parts, sensors=_sensors(table.get("sensors", {}), name))
    _check(settings, name)
    strange = sorted(set(settings.fusion.sigma_scale) - set(sensors()))
    if strange:
        problem = f"sigma_scale has {strange[0]!r}, expected one of {', '.join(sensors())}"
        where = f"{name}: [fusion]"
        raise BadMission(where, problem)
    return settings


def _section(kind: type[Any], table: object, *, where: str) -> object:
    if not isinstance(table, dict):
        raise BadMission(where, f"is {type(table).__name__}, expected a table")
    known = {f.name: f for f in fields(kind)}
    table = {key: _spread(value, known.get(key)) for key, value in table.items()}
    for key, value in table.items():
        if key not in known:
            raise BadMission(where, f"unknown key {key!r}, expected one of {', '.join(known)}")
        expected = str(known[key].type)
        if not isinstance(value, _TYPES[expected]) or (
            isinstance(value, bool) and expected != "bool"
        ):
            raise BadMission(where, f"{key} is {value!r}, expected {expected}")
        if isinstance(value, list) and not all(isinstance(each, str) for each in value):
            raise BadMission(where, f"{key} is {value!r}, expected a list of text")
    missing = [
        n
        for n, f in known.items()
        if f.default is MISSING and f.default_factory is MISSING and n not in table
    ]
    if missing:
        raise BadMission(where, f"{missing[0]} is missing, expected a value")
    return kind(**{k: _value(v, str(known[k].type), f"{where}: {k}") for k, v in table.items()})


def _spread(value: object, one: Field[Any] | None) -> object:
    """Return one number in place of a table as the table that it stands for, where it may."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if one is not None and number and "one" in one.metadata:
        return {one.metadata["one"]: value}
    return value


def _named(kind: type[Any], tables: object, *, where: str) -> dict[str, object]:
    if not isinstance(tables, dict):
        where += "]"
        raise BadMission(where, f"is {type(tables).__name__}, expected a table of tables")
    return {key: _section(kind, own, where=f"{where}.{key}]") for key, own in tables.items()}


def _value(value: object, expected: str, where: str) -> object:
    if expected in {"float", "float | None"} and isinstance(value, int):
        return float(value)
    if isinstance(value, dict):
        return _numbers(value, expected, where)
    return tuple(value) if isinstance(value, list) else value


def _numbers(table: dict[str, object], expected: str, where: str) -> dict[str, object]:
    found: dict[str, object] = {}
    listed = "tuple" in expected
    for key, value in table.items():
        numbers = value if isinstance(value, list) else [value]
        kept = [float(n) for n in numbers if isinstance(n, int | float) and not isinstance(n, bool)]
        if isinstance(value, list) != listed or len(kept) < len(numbers):
            raise BadMission(where, f"{key} is {value!r}, expected {expected}")
        found[key] = tuple(kept) if listed else kept[0]
    return found


def _sensors(table: object, name: str) -> dict[str, dict[str, str]]:
    given: dict[str, object] = table if isinstance(table, dict) else {"sensors": table}
    unknown = sorted(set(given) - set(sensors()))
    if unknown:
        expected = ", ".join(sensors())
        where = f"{name}: [sensors.{unknown[0]}]"
        raise BadMission(where, f"no such sensor, expected {expected}")
    found = {}
    for each in sensors():
        allowed, own = sensor(each).SETTINGS, given.get(each, {})
        where = f"{name}: [sensors.{each}]"
        if not isinstance(own, dict) or not all(isinstance(v, str) for v in own.values()):
            raise BadMission(where, f"is {own!r}, expected a table of text")
        if extra := sorted(set(own) - set(allowed)):
            problem = f"unknown key {extra[0]!r}, expected one of {', '.join(allowed) or 'none'}"
            raise BadMission(where, problem)
        found[each] = {**allowed, **own}
        if own:
            _try(each, found[each], where)
    return found


def _try(name: str, settings: Mapping[str, str], where: str) -> None:
    """Let a sensor read nothing with its settings: only it knows which values it can use.

    Raises:
        BadMission: It cannot use one of them.
    """
    source = Source(name=name, object="0" * 64, logged_at=_ANY_TIME, settings=settings)
    try:
        sensor(name).read(b"", source=source)
    except BadInput as error:
        raise BadMission(where, error.problem) from error


def _check(settings: Settings, name: str) -> None:
    mission = settings.mission
    try:
        _ = mission.zone
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"time_zone is {mission.time_zone!r}, expected an IANA zone such as Europe/Kyiv"
        raise BadMission(name + ": [mission]", problem) from error
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", mission.report_cutoff):
        problem = f"report_cutoff is {mission.report_cutoff!r}, expected HH:MM"
        raise BadMission(name + ": [mission]", problem)
    if not 0 <= settings.release.delay_h <= 24 * 365:
        problem = f"delay_h is {settings.release.delay_h}, expected 0 to 8760"
        raise BadMission(name + ": [release]", problem)
    _check_file(settings.agreement.file, "file", f"{name}: [agreement]")
    _check_file(settings.witness.policy or "none", "policy", f"{name}: [witness]")
    for authority, each in settings.timestamp.items():
        where = f"{name}: [timestamp.{authority}]"
        _check_file(each.roots, "roots", where)
        if not re.fullmatch(r"https?://\S+", each.url):
            raise BadMission(where, f"url is {each.url!r}, expected one that begins with http")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", authority):
            raise BadMission(where, "name must be of small letters, digits and dashes, at most 32")
    for sensor_name, own in settings.intake.items():
        _check_intake(own, sensor_name, f"{name}: [intake.{sensor_name}]")
    for asset, watching in settings.coverage.items():
        _check_coverage(watching, asset, f"{name}: [coverage.{asset}]")
    _check_holding(settings.holding, f"{name}: [holding]")


def _check_file(file: str, key: str, where: str) -> None:
    if not file or "/" in file or file.startswith("."):
        problem = f"{key} is {file!r}, expected a plain name inside the folder"
        raise BadMission(where, problem)


def _check_intake(own: IntakeSection, sensor_name: str, where: str) -> None:
    if sensor_name not in sensors():
        raise BadMission(where, f"no such sensor, expected {', '.join(sensors())}")
    if own.level not in list(Level):
        raise BadMission(where, f"level is {own.level!r}, expected one of {', '.join(Level)}")
    if (own.level != Level.CLEAR) != bool(own.compartment):
        problem = f"level is {own.level} and compartment {own.compartment!r}"
        raise BadMission(where, f"{problem}, expected a compartment above CLEAR and none at CLEAR")
    if own.compartment and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", own.compartment):
        problem = f"compartment is {own.compartment!r}"
        raise BadMission(where, f"{problem}, must be small letters, digits and dashes, at most 32")
    if not 0 <= own.every_h <= _HOURS_MAX or not 0 <= own.grace_h <= _HOURS_MAX:
        problem = f"every_h is {own.every_h} and grace_h {own.grace_h}"
        raise BadMission(where, f"{problem}, must be 0 to {_HOURS_MAX}")
    if 0 < own.every_h < _EVERY_MIN_H:
        raise BadMission(where, f"every_h is {own.every_h}, must be 0 or at least a minute")
    if bool(own.every_h) != bool(own.start):
        problem = f"every_h is {own.every_h} and start {own.start!r}"
        raise BadMission(where, f"{problem}, expected both for a schedule or neither")
    if own.start:
        try:
            parse_instant(own.start, where=where)
        except BadInput as error:
            raise BadMission(where, f"start: {error.problem}") from error


def _check_coverage(own: CoverageSection, asset: str, where: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", asset):
        raise BadMission(where, "name must be of letters, digits, dots and dashes, at most 32")
    if own.sensor not in sensors():
        raise BadMission(where, f"sensor is {own.sensor!r}, expected {', '.join(sensors())}")
    if not reporting(own.sensor):
        problem = f"sensor is {own.sensor!r}, which reports no happening"
        expected = 'the module that reads what the asset saw, such as sensor = "spotrep"'
        raise BadMission(where, f"{problem}, expected {expected}")
    try:
        own.asset(asset)
    except BadInput as error:
        raise BadMission(where, f"{error.where} {error.problem}") from error


def _check_holding(own: HoldingSection, where: str) -> None:
    for sector, rate in own.tolerated_per_1000h.items():
        if not 0 < rate <= _TOLERATED_MAX:
            problem = f"tolerated_per_1000h of {sector} is {rate}, must be above 0, up to 1e6"
            raise BadMission(where, problem)
    if not 0 <= own.coverage_min_share <= 1:
        problem = f"coverage_min_share is {own.coverage_min_share}, must be 0 to 1"
        raise BadMission(where, problem)
    if not 0 < own.alpha_p <= _ALPHA_MAX_P:
        problem = f"alpha_p is {own.alpha_p}, must be above 0, up to {_ALPHA_MAX_P}"
        raise BadMission(where, problem)
    if not _CELL_MIN_KM <= own.cell_km <= _CELL_MAX_KM:
        problem = f"cell_km is {own.cell_km}, must be {_CELL_MIN_KM} to {_CELL_MAX_KM}"
        raise BadMission(where, problem)
    known = [kind.name for kind in HAPPENINGS.values() if kind.forms_incident]
    strange = next((kind for kind in own.counts if kind not in known), None)
    if strange is not None:
        raise BadMission(where, f"counts has {strange!r}, expected {', '.join(known)}")
    if len(set(own.counts)) < len(own.counts):
        raise BadMission(where, "counts names a class twice, expected once")
    _check_since(own, where)


def _check_since(own: HoldingSection, where: str) -> None:
    try:
        begun = own.recommitments()
    except BadInput as error:
        raise BadMission(where, f"since: {error.problem}") from error
    for before, after in pairwise(begun):
        if after <= before:
            raise BadMission(where, f"since has {after} after {before}, must ascend")
