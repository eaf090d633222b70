"""Whose key it is: devices, people and desks that may sign statements, from when, until when."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form
from trucewatch.records.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
"""Names of devices and people: pseudonyms rather than names of persons, as they are sealed."""

EVERYTHING = "*"
"""In `may`, stands for every statement type but those of devices."""

_TYPE = re.compile(r"[a-z][a-z0-9_]*/v[1-9][0-9]*")
_OF_DESKS = frozenset({"configured/v1", "enrolled/v1"})  # who could would be a desk
_OF_DEVICES = "batch/v1"
_SIGN_BIT = 0x80  # of the last byte: the sign of x, which changes no order
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
"""Every encoding of a point of Ed25519 of order 1, 2, 4 or 8, sign bit aside: under such a "key"
anybody can sign, and who signed could always be denied. Source: libsodium, the same list."""

_FORM = {
    "act": "text",
    "by": "text",
    "ed25519": "hex",
    "keyid": "hex",
    "kind": "text",
    "may": "texts",
    "name": "text",
    "reason": "text",
    "sensor": "text?",
    "since": "instant?",
}


class Holder(StrEnum):
    """What holds a key: a desk of the mission, a device, or a person or body outside the desk."""

    DESK = "desk"
    DEVICE = "device"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """That a key may sign from this entry on, or that it may no longer.

    Attributes:
        revoked: Whether it is withdrawn by this; otherwise it is admitted.
        kind: What holds it.
        name: How that is called; one name may have several keys after each other.
        public: Raw Ed25519 public key, 32 bytes.
        may: Statement types that it may sign, such as `batch/v1`; `EVERYTHING` for a desk.
        sensor: Of a device, the sensor whose format it sends; else "".
        since: Of a withdrawal, the time from which it is not trusted, if known: statements logged
            after it are flagged, and stay.
        entry: Index of its entry.
    """

    revoked: bool
    kind: Holder
    name: str
    public: bytes
    may: tuple[str, ...]
    sensor: str
    since: datetime | None
    entry: int

    @property
    def keyid(self) -> str:
        """SHA-256 of the raw public key, lowercase hex."""
        return hashlib.sha256(self.public).hexdigest()


def read_enrolment(predicate: Mapping[str, Json], *, entry: int) -> Enrolment:
    """Return the enrolment that the predicate of an `enrolled/v1` statement makes.

    Args:
        predicate: `act` (`enrolled` or `revoked`), `by`, `ed25519`, `keyid`, `kind`, `may`,
            `name`, `reason`, `sensor` and `since`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    act, kind, name = (str(predicate[key]) for key in ("act", "kind", "name"))
    if act not in {"enrolled", "revoked"}:
        raise BadInput(where, f"act is {act!r}, expected enrolled or revoked")
    if kind not in list(Holder):
        raise BadInput(where, f"kind is {kind!r}, expected one of {', '.join(Holder)}")
    if not NAME.fullmatch(name):
        problem = f"name is {name!r}, must be small letters, digits, dots and dashes, at most 64"
        raise BadInput(where, problem)
    sensor, since, may = predicate["sensor"], predicate["since"], predicate["may"]
    if (kind == Holder.DEVICE) != (sensor is not None) or (since is not None and act != "revoked"):
        problem = f"{act} {kind} with sensor {sensor!r} since {since!r}"
        raise BadInput(where, f"{problem}, expected a sensor of a device, since of a withdrawal")
    found = Enrolment(
        revoked=act == "revoked",
        kind=Holder(kind),
        name=name,
        public=bytes.fromhex(str(predicate["ed25519"])),
        may=tuple(str(each) for each in may) if isinstance(may, list) else (),
        sensor=str(sensor or ""),
        since=None if since is None else parse_instant(str(since), where=where),
        entry=entry,
    )
    if predicate["keyid"] != found.keyid:
        raise BadInput(where, f"keyid is {predicate['keyid']}, expected {found.keyid}")
    if found.public[:-1] + bytes([found.public[-1] & ~_SIGN_BIT]) in _SMALL_ORDER:
        problem = f"key {found.public.hex()} has small order: anybody could sign with it"
        raise BadInput(where, f"{problem}, expected one that was made at random")
    _check_rights(found, where)
    return found


def _check_rights(found: Enrolment, where: str) -> None:
    reserved = _OF_DESKS | {_OF_DEVICES}
    some = all(_TYPE.fullmatch(each) and each not in reserved for each in found.may)
    right = {
        Holder.DESK: found.may == (EVERYTHING,),
        Holder.DEVICE: found.may == (_OF_DEVICES,),
        Holder.PERSON: bool(found.may) and some,
    }
    if not right[found.kind]:
        problem = f"{found.kind} may sign {', '.join(found.may) or 'nothing'}"
        expected = "a desk *, a device batch/v1, a person types by name that are not reserved"
        raise BadInput(where, f"{problem}, expected {expected}")
