"""Categories of weapons, and when an act is exempt."""

from __future__ import annotations

from trucewatch.agreement.exemption import Asks, Condition, Exemption
from trucewatch.agreement.reading.form import (
    ID,
    KIND,
    Choice,
    Many,
    Number,
    OrNull,
    Reference,
    Text,
    Whole,
    Word,
)
from trucewatch.agreement.reading.places import WIDTH_MAX_M
from trucewatch.agreement.reading.record import Filled, Maybe, Record
from trucewatch.agreement.weapon import Weapon, Withdrawal
from trucewatch.errors import BadAgreement

M_PER_KM = 1_000
PHASE_MAX = 99
_CALIBRE_MAX_MM = 10_000
_BOUND_MAX = 100_000  # hours or minutes; more is a mistake
"""Wide bounds: they catch a slip of the pen, not an unusual text."""


def _withdrawal(filled: Filled) -> Withdrawal:
    return Withdrawal(
        distance_m=filled.values["distance_km"],
        who=filled.values["who"] or filled.names.parties,
        phase=filled.values["phase"],
    )


WITHDRAWAL = Record(
    build=_withdrawal,
    keys={
        "distance_km": Number(0, WIDTH_MAX_M // M_PER_KM, above=True, times=M_PER_KM),
        "who": Maybe(Many(Reference("parties"), least=1), ()),
        "phase": Maybe(Whole(1, PHASE_MAX), 1),
    },
)


def _calibre(filled: Filled) -> tuple[float | None, float | None]:
    least_mm, first_mm = filled.values["from"], filled.values["below"]
    if least_mm is None and first_mm is None:
        raise BadAgreement(
            filled.where("below"), "from and below are null, one of them must not be"
        )
    if least_mm is not None and first_mm is not None and first_mm <= least_mm:
        raise BadAgreement(
            filled.where("below"), f"below is {first_mm:g}, must be above {least_mm:g}"
        )
    return least_mm, first_mm


CALIBRE = Record(
    build=_calibre,
    keys={
        "from": OrNull(Number(0, _CALIBRE_MAX_MM, above=True)),
        "below": OrNull(Number(0, _CALIBRE_MAX_MM, above=True)),
    },
)


def _weapon(filled: Filled) -> Weapon:
    least_mm, first_mm = filled.values.pop("calibre_mm")
    return Weapon(calibre_from_mm=least_mm, calibre_below_mm=first_mm, **filled.values)


WEAPON = Record(
    noun="weapon",
    build=_weapon,
    keys={
        "id": Word(ID),
        "text": Text(),
        "types": Maybe(Many(Text()), ()),
        "calibre_mm": Maybe(CALIBRE, (None, None)),
        "unit": Word(KIND),
        "withdrawal": Maybe(Many(WITHDRAWAL), ()),
    },
)

_BOUNDED = {Asks.LEAD: "hours", Asks.INCOMING_FIRE: "minutes"}


def _condition(filled: Filled) -> Condition:
    asks, value = filled.values["asks"], filled.values["value"]
    if asks in _BOUNDED and value is None:
        raise BadAgreement(filled.where(), f"{asks} has no value, must name its {_BOUNDED[asks]}")
    if asks not in _BOUNDED and value is not None:
        raise BadAgreement(filled.where("value"), f"{asks} has the value {value}, must have none")
    return Condition(asks=asks, value=value)


CONDITION = Record(
    build=_condition,
    keys={"asks": Choice(Asks), "value": Maybe(Whole(0, _BOUND_MAX), None)},
    also={
        "if": {"properties": {"asks": {"enum": [str(asks) for asks in _BOUNDED]}}},
        "then": {"required": ["value"]},
        "else": {"properties": {"value": False}},
    },
)


def _exemption(filled: Filled) -> Exemption:
    asked = [condition.asks for condition in filled.values["conditions"]]
    for place, asks in enumerate(asked):
        if asks in asked[:place]:
            raise BadAgreement(
                filled.where("conditions"), f"{asks} is asked twice, must be asked once"
            )
    return Exemption(**filled.values)


EXEMPTION = Record(
    noun="exemption",
    build=_exemption,
    keys={
        "id": Word(ID),
        "activity": Maybe(Word(KIND)),
        "conditions": Many(CONDITION, least=1, once=False),
        "text": Text(),
        "source": Text(),
    },
)
