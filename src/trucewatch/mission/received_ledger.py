"""`tw ledger`: what was expected against what was received.

Everything is read from the log: schedules and devices as it holds them, files by their entries. No
clock is asked, so anybody with the same log finds the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.chain import chain_flags, head_flags
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.expected import Slot, files_of, judge, unsigned_files
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.schedule import SettingsInForce, intakes
from trucewatch.evidence.statement import ABSENT
from trucewatch.evidence.vault.vault import Closed, Vault
from trucewatch.mission.batches import BATCH_TYPE, REFUSED_TYPE, verified
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import CONFIGURED_TYPE, ENROLLED_TYPE
from trucewatch.mission.opened import reading
from trucewatch.records.absence import read_absence
from trucewatch.records.enrolment import Holder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.evidence.chain import Flag, Sent
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.expected import Expectation, Expected
    from trucewatch.evidence.log import Log
    from trucewatch.mission.home import Home
    from trucewatch.records.absence import Absence

ABSENT_TYPE = STATEMENT_PREFIX + ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """The files of one device.

    Attributes:
        device: Its name.
        sensor: Its sensor.
        keys: How many keys the name has that are good now.
        files: Distinct files that it signed.
        highest: The greatest number among them; 0 when it sent none.
        flags: What is odd about them.
    """

    device: str
    sensor: str
    keys: int
    files: int
    highest: int
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorLine:
    """The files of one sensor against its schedule.

    Attributes:
        sensor: Its name.
        files: Everything that came, whether it could be read or not.
        terms: Entries that changed what is expected of it.
        slots: How many slots are in each state; empty without a schedule.
        not_judged: Slots that are too old to be judged one by one.
        unsigned: Entries of files that no device signed while signed ones were expected.
    """

    sensor: str
    files: int
    terms: tuple[int, ...]
    slots: Mapping[str, int]
    not_judged: int
    unsigned: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEnvelope:
    """An envelope that did not verify, so that its file counts as unsigned.

    Attributes:
        entry: Its entry.
        name: What it was called.
        problem: Why it did not, as far as that can be said without its file.
    """

    entry: int
    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLedger:
    """Expected against received.

    Attributes:
        origin: Name of the log.
        size: Number of its entries.
        until: Its newest time: slots whose grace ends later are not judged yet.
        sensors: Sensors that sent something or are expected to, by name.
        slots: Every slot that was judged, by sensor and time.
        devices: Devices that were ever enrolled, by name.
        refused: Envelopes that did not verify.
    """

    origin: str
    size: int
    until: datetime | None
    sensors: tuple[SensorLine, ...]
    slots: tuple[Expected, ...]
    devices: tuple[DeviceLine, ...]
    refused: tuple[RefusedEnvelope, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, forked or broken that nobody has explained."""
        missing = any(slot.state is Slot.MISSING for slot in self.slots)
        return not missing and not any(flag.open for each in self.devices for flag in each.flags)


@dataclass(slots=True, kw_only=True)
class Held:
    """What a log holds about devices, schedules and absences.

    Attributes:
        entries: Every entry.
        keyring: Who may sign at the end.
        settings: Each configuration.
        absences: What was said of slots.
        sent: Every signed file.
        refused: Envelopes that did not verify.
        devices: Sensor of each device that was ever enrolled, by name.
    """

    entries: list[Entry] = field(default_factory=list)
    keyring: Keyring = field(default_factory=Keyring)
    settings: list[SettingsInForce] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    refused: list[RefusedEnvelope] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)


def held(log: Log, size: int | None = None) -> Held:
    """Return what a log holds about devices, schedules and absences, each statement verified.

    Args:
        log: The log.
        size: Its first entries that count; None for all.
    """
    found, plaintexts = Held(), Plaintexts(log)
    for index, entry in log.entries(0, size):
        found.entries.append(entry)
        if entry.type in _READ:
            _take(found, log, plaintexts, (index, entry))
    return found


def ledger(home: Home, *, sensor: str = "") -> ReceivedLedger:
    """Return what was expected against what was received.

    Args:
        home: The mission.
        sensor: Only this one; by default every one.

    Raises:
        NotFound: The log knows no such sensor.
    """
    with reading(home) as (log, _):
        found = held(log)
        expectation = judge(found.entries, found.settings, found.absences, found.sent)
        sensors = _sensors(found, expectation)
        if sensor and sensor not in {each.sensor for each in sensors}:
            known = ", ".join(each.sensor for each in sensors) or "none"
            raise NotFound(sensor, f"nothing came or was expected of it, expected one of {known}")
        return ReceivedLedger(
            origin=log.origin,
            size=len(found.entries),
            until=expectation.until,
            sensors=tuple(each for each in sensors if sensor in {"", each.sensor}),
            slots=tuple(each for each in expectation.slots if sensor in {"", each.sensor}),
            devices=tuple(each for each in _devices(log, found) if sensor in {"", each.sensor}),
            refused=tuple(found.refused),
        )


_READ = frozenset({CONFIGURED_TYPE, ENROLLED_TYPE, ABSENT_TYPE, BATCH_TYPE, REFUSED_TYPE})


def _take(found: Held, log: Log, plaintexts: Plaintexts, at: tuple[int, Entry]) -> None:
    index, entry = at
    content = plaintexts.read(index, entry)
    if isinstance(content, Closed):  # what a device signed of a file that nobody here can read
        return
    if entry.type == REFUSED_TYPE:
        problem = _problem(found.keyring, content, index, entry)
        name = plaintexts.name(entry)
        found.refused.append(RefusedEnvelope(entry=index, name=name, problem=problem))
        return
    if entry.type == BATCH_TYPE:
        sent = verified(found.keyring, content, index=index, logged_at=entry.logged_at)
        kind = f"received/{sent.claim.sensor}/v1"
        sealed = Vault(log.home).recognise(kind, bytes.fromhex(sent.content))
        found.sent.append(replace(sent, content=sealed or sent.content))
        return
    statement = found.keyring.open(index, entry.type, content)
    if entry.type == ABSENT_TYPE:
        found.absences.append(read_absence(statement.predicate, entry=index))
    elif entry.type == CONFIGURED_TYPE:
        mission = statement.subjects[0].sha256
        found.settings.append(
            SettingsInForce(
                entry=index, since=entry.logged_at, object=mission, raw=log.object(mission)
            )
        )
    elif statement.predicate["kind"] == Holder.DEVICE:
        found.devices[str(statement.predicate["name"])] = str(statement.predicate["sensor"])


def _problem(keyring: Keyring, content: bytes, index: int, entry: Entry) -> str:
    try:
        sent = verified(keyring, content, index=index, logged_at=entry.logged_at)
    except (BadInput, EvidenceBroken) as error:
        return error.problem
    problem = f"signs a file with SHA-256 {sent.content} for sensor {sent.claim.sensor}"
    return f"{problem}, which is not what it came with"


def _sensors(found: Held, expectation: Expectation) -> list[SensorLine]:
    terms = intakes(found.settings)
    signed = {each.content for each in found.sent}
    unsigned = unsigned_files(found.entries, found.settings, signed)
    received = {e.type.split("/")[1] for e in found.entries if e.type.startswith("received/")}
    names = received | {each.sensor for each in terms}
    lines = []
    for name in sorted(names):
        files = files_of(found.entries, name)
        states = Counter(str(s.state) for s in expectation.slots if s.sensor == name)
        ours = set(files)
        lines.append(
            SensorLine(
                sensor=name,
                files=len(files),
                terms=tuple(each.entry for each in terms if each.sensor == name),
                slots={str(state): states[state] for state in Slot} if states else {},
                not_judged=expectation.not_judged.get(name, 0),
                unsigned=tuple(index for index in unsigned if index in ours),
            )
        )
    return lines


def _devices(log: Log, found: Held) -> list[DeviceLine]:
    flags = chain_flags(found.sent, found.keyring.withdrawn)
    flags += head_flags(found.sent, origin=log.origin, root_at=log.root)
    good = Counter(each.name for each in found.keyring.good.values())
    sent_by: defaultdict[str, list[Sent]] = defaultdict(list)
    for each in found.sent:
        sent_by[each.claim.device].append(each)
    lines = []
    for name, sensor in sorted(found.devices.items()):
        sent = sent_by[name]
        lines.append(
            DeviceLine(
                device=name,
                sensor=sensor,
                keys=good[name],
                files=len({each.content for each in sent}),
                highest=max((each.claim.sequence for each in sent), default=0),
                flags=tuple(flag for flag in flags if flag.device == name),
            )
        )
    return lines
