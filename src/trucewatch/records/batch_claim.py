"""What a device says of a file that it sends: which one of its files this is, and after which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.enrolment import NAME
from trucewatch.records.form import check_form
from trucewatch.records.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

SENSOR = re.compile(r"[a-z0-9_]{1,64}")
"""Names of sensors, as an entry type holds them."""

BESIDE = ".batch"
"""What is added to the name of a file for that of its envelope, which lies beside it."""

_FORM = {
    "device": "text",
    "made_at": "instant",
    "previous": "hex?",
    "seen": "seen?",
    "sensor": "text",
    "sequence": "count",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHead:
    """A head of a log that a device was shown before it signed.

    Attributes:
        origin: Name of that log.
        size: Number of entries that it had.
        root: Merkle root over them, lowercase hex.
    """

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClaim:
    """One link of a device's chain, as the device signed it.

    Attributes:
        device: Name under which the key was enrolled.
        sensor: Sensor whose format the file has.
        sequence: Number of this file, from 1, one more each time.
        previous: SHA-256 of the envelope with the number before, hex; None of number 1 alone.
        made_at: When the device says that it signed; claimed, not proven.
        seen: Head of the mission's log that the device was shown: it signed after that. None when
            it was shown none.
        entry: Index of its entry.
    """

    device: str
    sensor: str
    sequence: int
    previous: str | None
    made_at: datetime
    seen: SeenHead | None
    entry: int


def read_batch_claim(predicate: Mapping[str, Json], *, entry: int) -> BatchClaim:
    """Return the claim that the predicate of a `batch/v1` statement makes.

    Args:
        predicate: `device`, `made_at`, `previous`, `seen`, `sensor` and `sequence`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    device, sensor = str(predicate["device"]), str(predicate["sensor"])
    if not NAME.fullmatch(device):
        problem = f"device is {device!r}, must be small letters, digits, dots and dashes"
        raise BadInput(where, f"{problem}, at most 64")
    if not SENSOR.fullmatch(sensor):
        problem = f"sensor is {sensor!r}, must be small letters, digits and underscores"
        raise BadInput(where, f"{problem}, at most 64")
    sequence, previous = int(str(predicate["sequence"])), predicate["previous"]
    if sequence < 1 or (sequence == 1) != (previous is None):
        problem = f"sequence is {sequence} after {previous}"
        raise BadInput(where, f"{problem}, expected 1 after none or more after a hash")
    return BatchClaim(
        device=device,
        sensor=sensor,
        sequence=sequence,
        previous=None if previous is None else str(previous),
        made_at=parse_instant(str(predicate["made_at"]), where=where),
        seen=_head(predicate["seen"]),
        entry=entry,
    )


def _head(value: Json) -> SeenHead | None:
    if not isinstance(value, dict):
        return None
    return SeenHead(
        origin=str(value["origin"]), size=int(str(value["size"])), root=str(value["root"])
    )
