"""What is needed and what was agreed to follow: requirements, checklists, tiers, measures."""

from __future__ import annotations

from trucewatch.agreement.reading.form import (
    ID,
    Choice,
    Many,
    OrNull,
    Reference,
    Text,
    Truth,
    Whole,
    Word,
)
from trucewatch.agreement.reading.record import Maybe, Record, plain
from trucewatch.records.claims.protocol import Measure, MeasureKind, Tier
from trucewatch.records.claims.requirement import Requirement, Step
from trucewatch.register.reading.claims import QUANTITY
from trucewatch.register.reading.form import Read

_TIERS_MAX = 99
_HOURS_MAX = 24 * 366
_DAYS_MAX = 366 * 20

REQUIREMENT = Record(
    noun="requirement",
    build=plain(Requirement),
    keys={
        "id": Word(ID),
        "text": Text(),
        "domain": Reference("domains"),
        "lead": Maybe(Reference("actors")),
        "needed": Maybe(OrNull(QUANTITY), None),
        "claims": Maybe(Many(Read("claims")), ()),
    },
)

STEP = Record(
    noun="step",
    build=plain(Step),
    keys={
        "id": Word(ID),
        "list": Word(ID),
        "text": Text(),
        "of": Maybe(Reference("actors")),
        "atom": Maybe(Reference("atoms")),
    },
)

TIER = Record(
    noun="tier",
    build=plain(Tier),
    keys={
        "id": Word(ID),
        "number": Whole(1, _TIERS_MAX),
        "due_h": Whole(1, _HOURS_MAX),
        "text": Text(),
        "who": Many(Reference("actors")),
        "claims": Many(Read("claims")),
        "press_only": Truth(),
    },
)

MEASURE = Record(
    noun="measure",
    build=plain(Measure),
    keys={
        "id": Word(ID),
        "kind": Choice(MeasureKind),
        "text": Text(),
        "tiers": Many(Reference("tiers"), least=1),
        "adopters": Maybe(Many(Reference("actors")), ()),
        "threshold": Maybe(Text()),
        "lasts_d": Maybe(OrNull(Whole(1, _DAYS_MAX)), None),
        "domain": Maybe(Reference("domains")),
        "claims": Maybe(Many(Read("claims")), ()),
    },
)
