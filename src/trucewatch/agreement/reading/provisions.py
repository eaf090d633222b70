"""What an agreement provides besides its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.provision import (
    Access,
    Instrument,
    Notice,
    ObjectList,
    Provisions,
    SelfDefence,
    Sequence,
    Termination,
    Window,
)
from trucewatch.agreement.reading.form import (
    ID,
    KIND,
    SHA256,
    Choice,
    Instant,
    Many,
    Number,
    OrNull,
    Reference,
    Text,
    Truth,
    Whole,
    Word,
)
from trucewatch.agreement.reading.record import Each, Filled, Keys, Maybe, Record, plain
from trucewatch.agreement.reading.rules import HOURS_MAX
from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from typing import Any

_DAYS_MAX = 10_000
_LANGUAGE = r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}"  # BCP 47
_TIME_ZONE = r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,31}){0,3}"  # IANA
_TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_INSTRUMENTS = ("main", "addendum", "annex", "map", "side_letter", "decision")
_DAILY = "daily_silence"
_WINDOWS = ("window_of_silence", "humanitarian_pause", _DAILY)

INSTRUMENT = Record(
    noun="instrument",
    build=plain(Instrument),
    keys={
        "id": Word(ID),
        "kind": Choice(_INSTRUMENTS),
        "title": Text(),
        "published": Truth(),
        "language": Maybe(Word(_LANGUAGE)),
        "sha256": Maybe(Word(SHA256)),
    },
)


def _window(filled: Filled) -> Window:
    window = Window(**filled.values)
    if bool(window.daily_from) != bool(window.daily_until):
        raise BadAgreement(
            filled.where(), "one of daily_from and daily_until is missing, must give both"
        )
    if window.kind == _DAILY and not window.daily_from:
        raise BadAgreement(
            filled.where(), f"{_DAILY} has no daily_from, must give daily_from and daily_until"
        )
    if window.daily_from and window.daily_from == window.daily_until:
        problem = f"daily_until is {window.daily_until}, must differ from daily_from"
        raise BadAgreement(filled.where("daily_until"), problem)
    if window.time_zone and not window.daily_from:
        problem = "time_zone is given without daily_from, must come with it"
        raise BadAgreement(filled.where("time_zone"), problem)
    return window


WINDOW = Record(
    noun="window",
    build=_window,
    keys={
        "id": Word(ID),
        "kind": Choice(_WINDOWS),
        "zone": Reference("zones"),
        "guarantees_from": Many(Reference("parties")),
        "daily_from": Maybe(Word(_TIME_OF_DAY)),
        "daily_until": Maybe(Word(_TIME_OF_DAY)),
        "time_zone": Maybe(Word(_TIME_ZONE)),
        "text": Text(),
        "source": Text(),
    },
    also={
        "dependentRequired": {
            "daily_from": ["daily_until"],
            "daily_until": ["daily_from"],
            "time_zone": ["daily_from"],
        },
        "if": {"properties": {"kind": {"const": _DAILY}}},
        "then": {"required": ["daily_from"]},
    },
)

SEQUENCE = Record(
    noun="sequence",
    build=plain(Sequence),
    keys={
        "id": Word(ID),
        "zone": Reference("zones"),
        "silence_days": Whole(0, _DAYS_MAX),
        "execution_max_days": Maybe(OrNull(Whole(1, _DAYS_MAX)), None),
        "total_max_days": Maybe(OrNull(Whole(1, _DAYS_MAX)), None),
        "synchronous": Truth(),
        "reciprocal": Truth(),
        "restart_on_breach": Truth(),
        "text": Text(),
        "source": Text(),
    },
)

NOTICE = Record(
    noun="notice",
    build=plain(Notice),
    keys={
        "id": Word(ID),
        "activity": Word(KIND),
        "to": Many(Reference("addressees")),
        "lead_h": Number(0, HOURS_MAX),
        "consent": Truth(),
        "confidential": Truth(),
        "text": Text(),
        "source": Text(),
    },
)

ACCESS = Record(
    noun="access",
    build=plain(Access),
    keys={
        "id": Word(ID),
        "zone": Maybe(Reference("zones")),
        "means": Maybe(Many(Word(KIND), least=1), ()),
        "notice_h": Number(0, HOURS_MAX),
        "escort": Truth(),
        "night": Truth(),
        "text": Text(),
        "source": Text(),
    },
)

OBJECT_LIST = Record(
    noun="object list",
    build=plain(ObjectList),
    keys={
        "id": Word(ID),
        "criteria": Text(),
        "commitment": Maybe(Word(SHA256)),
        "held_by": Maybe(Text()),
    },
)

SELF_DEFENCE = Record(
    build=plain(SelfDefence),
    keys={"exemption": Maybe(Reference("exemptions")), "text": Text(), "source": Text()},
)

TERMINATION = Record(
    build=plain(Termination),
    keys={
        "unilateral": OrNull(Truth()),
        "notice_h": Maybe(OrNull(Number(0, HOURS_MAX)), None),
        "text": Text(),
    },
)

PROVISIONS: Keys = {
    "signed": Maybe(OrNull(Instant()), None),
    "review": Maybe(OrNull(Instant()), None),
    "pax_id": Maybe(Text()),
    "instruments": Maybe(Each(INSTRUMENT), ()),
    "windows": Maybe(Each(WINDOW), ()),
    "sequences": Maybe(Each(SEQUENCE), ()),
    "notices": Maybe(Each(NOTICE), ()),
    "access": Maybe(Each(ACCESS), ()),
    "object_lists": Maybe(Each(OBJECT_LIST), ()),
    "self_defence": Maybe(SELF_DEFENCE, None),
    "termination": Maybe(TERMINATION, None),
}
"""What the top of the file may hold of them."""


def provisions(values: dict[str, Any]) -> Provisions:
    """Return the provisions out of the values at the top of the file."""
    return Provisions(**{key: values[key] for key in PROVISIONS})
