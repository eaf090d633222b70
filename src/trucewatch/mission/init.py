"""`tw init`: make a mission's folder, its keys, its log and its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.errors import BadInput, BadMission
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import is_key_name
from trucewatch.mission.configuration import seal_if_changed
from trucewatch.mission.home import Home
from trucewatch.mission.naming import shown
from trucewatch.mission.settings import parse_settings
from trucewatch.store.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.mission.clock import Clock

AGREEMENT_FILE = "agreement.yaml"
POLICY_FILE = "witness.policy"
_TEMPLATE = """\
# The configuration of this mission. Every key is explained in docs/reference/settings.md.
# A change here or in the agreement is sealed in the log before the next write.

[mission]
name = "{name}"
exercise = {exercise}
time_zone = "{zone}"
report_cutoff = "19:30"

[log]
origin = "{origin}"

[agreement]
file = "{file}"

[fusion]
# Centre of the local plane, and how many incidents to expect where nothing else is known.
centre_lat_deg = {lat:.4f}
centre_lon_deg = {lon:.4f}
incidents_per_km2_day = 0.001

[release]
delay_h = 24
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a mission is to be.

    Attributes:
        name: Name of the mission; by default that of its folder.
        agreement: Name of a shipped agreement, or path of an agreement file.
        zone: IANA time zone of the mission.
        seed: 32 bytes that the keys are made from, for exercises only; None for real keys.
        origin: Name of the log; by default made from the folder's name.
        policy: Policy of witnesses (C2SP tlog-policy); empty when there are none.
        sensors: Settings of sensors that differ from their defaults.
        settings: Further sections of `mission.toml`, as they are to stand there.
    """

    name: str = ""
    agreement: str = "exercise-box"
    zone: str = "UTC"
    seed: bytes | None = None
    origin: str = ""
    policy: bytes = b""
    sensors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What `create` made.

    Attributes:
        home: The mission's folder.
        vkey: The log's verifier key, to be handed to whoever will check it.
        title: Title of the agreement.
        status: Whether it is in force, in its own words.
    """

    home: Path
    vkey: str
    title: str
    status: str


def create(path: Path, *, clock: Clock, plan: Plan | None = None) -> Created:
    """Make a mission in an empty or new folder.

    Nothing is written before everything in the plan was found to be usable.

    Raises:
        BadMission: The folder is not empty, or the agreement is not known.
        BadInput: The log cannot have that name.
    """
    plan = plan or Plan()
    home = Home(path).expect_path()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        problem = "is not empty, expected a new or empty folder"
        raise BadMission(str(path), problem, advice="A mission is never overwritten.")
    raw, file = _agreement_bytes(plan.agreement)
    agreement = parse(raw, name=file)
    name = plan.name or shown(path.resolve())
    origin = plan.origin or _origin(name)
    text = _settings_text(plan, agreement, name=name, origin=origin)
    parse_settings(text.encode(), name="mission.toml")
    if not is_key_name(origin):
        problem = f"is {origin!r}, must have no spaces, plus signs or control characters"
        raise BadInput("--origin", problem)

    path.mkdir(parents=True, exist_ok=True)
    (path / AGREEMENT_FILE).write_bytes(raw)
    if plan.policy:
        (path / POLICY_FILE).write_bytes(plan.policy)
    home.settings.write_text(text)
    keys = create_keys(path / "keys", origin=origin, seed=plan.seed)
    with Log.create(path, origin=origin, signer=keys.log) as log:
        seal_if_changed(home, log, keys.desk, clock.now())
        log.write_static()
    Desk.at(home.desk, write=True).close()
    return Created(
        home=path,
        vkey=keys.log.verifier.vkey,
        title=agreement.title,
        status=agreement.status.replace("_", " "),
    )


def _agreement_bytes(agreement: str) -> tuple[bytes, str]:
    if agreement in shipped():
        return shipped_bytes(agreement), f"{agreement}.yaml"
    path = Path(agreement)
    if not path.is_file():
        known = ", ".join(shipped())
        problem = f"is neither a file nor a shipped agreement, expected one of {known}"
        raise BadMission(agreement, problem)
    return path.read_bytes(), path.name


def _origin(name: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "-" for c in name.lower())
    return f"{plain.strip('-.') or 'mission'}.invalid/evidence"


def _settings_text(plan: Plan, agreement: Agreement, *, name: str, origin: str) -> str:
    corners = [corner for zone in agreement.zones for corner in zone.polygon] or [(0.0, 0.0)]
    lons, lats = [c[0] for c in corners], [c[1] for c in corners]
    text = _TEMPLATE.format(
        name=name.replace("\\", "").replace('"', ""),
        exercise=str(agreement.exercise).lower(),
        zone=plan.zone,
        origin=origin,
        file=AGREEMENT_FILE,
        lat=(min(lats) + max(lats)) / 2,
        lon=(min(lons) + max(lons)) / 2,
    )
    if plan.policy:
        text += f'\n[witness]\npolicy = "{POLICY_FILE}"\n'
    for sensor, own in plan.sensors.items():
        text += f"\n[sensors.{sensor}]\n" + "".join(f'{k} = "{v}"\n' for k, v in own.items())
    if plan.settings:
        text += f"\n{plan.settings}"
    return text
