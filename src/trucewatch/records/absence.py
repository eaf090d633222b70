"""Why an expected file did not come, as the desk says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.batch_claim import SENSOR
from trucewatch.records.form import check_form
from trucewatch.records.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

_FORM = {
    "by": "text",
    "reason": "text",
    "sensor": "text",
    "slot_end": "instant",
    "slot_start": "instant",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An explanation of every slot of a sensor that lies within a time.

    Attributes:
        sensor: Which one sent nothing.
        slot_start: Beginning of the first slot that is explained.
        slot_end: End of the last one; the same as the end of the first when it is one.
        reason: Why nothing came, in words.
        by: Who says so.
        entry: Index of its entry.
    """

    sensor: str
    slot_start: datetime
    slot_end: datetime
    reason: str
    by: str
    entry: int


def read_absence(predicate: Mapping[str, Json], *, entry: int) -> Absence:
    """Return the explanation that the predicate of an `absent/v1` statement makes.

    Args:
        predicate: `by`, `reason`, `sensor`, `slot_end` and `slot_start`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    sensor = str(predicate["sensor"])
    if not SENSOR.fullmatch(sensor):
        problem = f"sensor is {sensor!r}, must be small letters, digits and underscores"
        raise BadInput(where, f"{problem}, at most 64")
    start, end = (str(predicate[name]) for name in ("slot_start", "slot_end"))
    if not start < end:  # one form of instants, so text is in the order of time
        raise BadInput(where, f"slot is {start} to {end}, must end after it starts")
    return Absence(
        sensor=sensor,
        slot_start=parse_instant(start, where=where),
        slot_end=parse_instant(end, where=where),
        reason=str(predicate["reason"]),
        by=str(predicate["by"]),
        entry=entry,
    )
