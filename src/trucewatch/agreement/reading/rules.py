"""Rules: which keys each kind takes, and what must agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.kinds import ALWAYS, ANY_KIND, KINDS, SEEN, KindForm
from trucewatch.agreement.reading.form import (
    ID,
    Choice,
    Many,
    Number,
    OrNull,
    Reference,
    Text,
    Truth,
    Whole,
    Word,
)
from trucewatch.agreement.reading.places import WIDTH_MAX_M
from trucewatch.agreement.reading.record import Filled, Keys, Maybe, Record, fill, object_schema
from trucewatch.agreement.reading.weapons import PHASE_MAX
from trucewatch.agreement.rule import (
    COUNTING_RULES,
    After,
    Conduct,
    Deadline,
    Modality,
    Rule,
    Severity,
    Thresholds,
)
from trucewatch.errors import BadAgreement
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.logbook.restriction import HINDRANCES

if TYPE_CHECKING:
    from trucewatch.agreement.part import Part
    from trucewatch.agreement.reading.form import Names, Schema

H_PER_D = 24
HOURS_MAX = 1_000_000  # 114 years
_DAYS_MAX = 40_000
_MINUTES_MAX = 100_000
_SPEED_MAX_M_S = 100  # of a vessel
_INDEPENDENT_MAX = 4_294_967_295
_ACTS = tuple(name for name, kind in HAPPENINGS.items() if kind.act)
_PROBABILITIES = (
    *("inside_p_min", "outside_p_max"),
    *("act_p_potential", "act_p_on_its_face", "real_p_on_its_face"),
)
_ORDERED = (
    ("outside_p_max", "inside_p_min", True),
    ("act_p_potential", "act_p_on_its_face", False),
)
_PRESET = Thresholds()


def _thresholds(filled: Filled) -> Thresholds:
    for low, high, strict in _ORDERED:
        low_p, high_p = filled.values[low], filled.values[high]
        if low_p > high_p or (strict and low_p == high_p):
            bound = "below" if strict else "at most"
            raise BadAgreement(
                filled.where(), f"{low} is {low_p}, must be {bound} {high}, which is {high_p}"
            )
    return Thresholds(**filled.values)


THRESHOLDS = Record(
    build=_thresholds,
    keys={
        **{key: Maybe(Number(0, 1), getattr(_PRESET, key)) for key in _PROBABILITIES},
        "independent_min": Maybe(Whole(1, _INDEPENDENT_MAX), _PRESET.independent_min),
    },
)


def _deadline(filled: Filled) -> Deadline:
    given = [key for key in ("within_h", "within_days") if key in filled.parts]
    if len(given) != 1:
        shown = f"{' and '.join(given)} are" if given else "none of them is"
        problem = f"{shown} given, must be exactly one of: within_h, within_days"
        raise BadAgreement(filled.where(given[-1] if given else ""), problem)
    return Deadline(within_h=filled.values[given[0]], after=filled.values["after"])


DEADLINE = Record(
    build=_deadline,
    keys={
        "within_h": Maybe(Number(0, HOURS_MAX, above=True), None),
        "within_days": Maybe(Number(0, _DAYS_MAX, above=True, times=H_PER_D), None),
        "after": Choice(After),
    },
    also={"oneOf": [{"required": ["within_h"]}, {"required": ["within_days"]}]},
)


def _conduct(filled: Filled) -> Conduct:
    conduct = Conduct(**filled.values)
    least_m_s, most_m_s = conduct.speed_min_m_s, conduct.speed_max_m_s
    if least_m_s is not None and most_m_s is not None and most_m_s <= least_m_s:
        problem = f"speed_max_m_s is {most_m_s:g}, must be above {least_m_s:g}"
        raise BadAgreement(filled.where("speed_max_m_s"), problem)
    if least_m_s is None and most_m_s is None and not conduct.stay:
        raise BadAgreement(filled.where(), "it asks for nothing, must ask for a speed or to stay")
    return conduct


CONDUCT = Record(
    build=_conduct,
    keys={
        "speed_min_m_s": Maybe(OrNull(Number(0, _SPEED_MAX_M_S, above=True)), None),
        "speed_max_m_s": Maybe(OrNull(Number(0, _SPEED_MAX_M_S, above=True)), None),
        "stay": Truth(),
        "dark_max_min": Maybe(OrNull(Number(0, _MINUTES_MAX, above=True)), None),
    },
)

RULE_KEYS: Keys = {
    "id": Word(ID),
    "kind": Choice(tuple(KINDS)),
    "clause": Text(),
    "source": Text(),
    "modality": Choice(Modality),
    "acts": Maybe(Many(Choice(_ACTS), least=1), ()),
    "zone": Maybe(Reference("zones")),
    "who": Maybe(Many(Reference("parties"), least=1), None),
    "terms": Maybe(Many(Reference("terms"), least=1), ()),
    "counting_rule": Maybe(Choice(COUNTING_RULES)),
    "thresholds": Maybe(THRESHOLDS, _PRESET),
    "exemptions": Maybe(Many(Reference("exemptions"), least=1), ()),
    "severity": Maybe(Choice(Severity), Severity.ROUTINE),
    "matters": Maybe(Many(Choice(tuple(SEEN)), least=1), ()),
    "weapons": Maybe(Many(Reference("weapons"), least=1), ()),
    "phase": Maybe(Whole(1, PHASE_MAX), None),
    "object_list": Maybe(Reference("lists")),
    "radius_m": Maybe(Number(0, WIDTH_MAX_M, above=True), None),
    "notice": Maybe(Reference("notices")),
    "deadline": Maybe(DEADLINE, None),
    "visit_every_d": Maybe(Number(0, _DAYS_MAX, above=True), None),
    "sequence": Maybe(Reference("sequences")),
    "window": Maybe(Reference("windows")),
    "hindrances": Maybe(Many(Choice(tuple(HINDRANCES)), least=1), ()),
    "delay_max_min": Maybe(Number(0, _MINUTES_MAX), None),
    "conduct": Maybe(CONDUCT, None),
}
"""What each key of a rule holds; which of them a kind takes is said in `agreement.kinds`."""

_ALSO: dict[str, Schema] = {
    "obligation": {"oneOf": [{"required": ["deadline"]}, {"required": ["notice"]}]},
    "protected_object": {
        "anyOf": [{"required": ["zone"]}, {"required": ["object_list"]}],
        "dependentRequired": {"object_list": ["radius_m"], "radius_m": ["object_list"]},
    },
}
"""What the schema says of a kind besides its keys."""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule, whose kind says which keys it takes."""

    def read(self, part: Part, names: Names) -> Rule:
        """Return the rule.

        Raises:
            BadAgreement: A key is unknown to the kind, missing, or holds what it may not.
        """
        parts = part.entries()
        for key in ("id", "kind"):
            if key not in parts:
                raise BadAgreement(part.where, f"key {key!r} is missing, must be given")
        part = part.named(f"rule {parts['id'].word(ID)}")
        parts = {key: each.named(part.of) for key, each in parts.items()}
        kind = parts["kind"].one_of(KINDS)
        keys = _keys(kind)
        _refuse_keys(parts, part, kind)
        return _rule(fill(keys, parts, part, names), kind)

    def schema(self) -> Schema:
        """Return the JSON Schema of it: what each key holds, then which keys each kind takes."""
        return object_schema(RULE_KEYS) | {"allOf": [_kind_schema(kind) for kind in KINDS]}


def _kind_schema(kind: str) -> Schema:
    form = KINDS[kind]
    then: Schema = {
        "description": form.text,
        "required": list(form.required),
        "propertyNames": {"enum": [*ALWAYS, *ANY_KIND, *_takes(form)]},
        "properties": {"modality": {"enum": list(form.modalities)}},
    }
    chosen = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": chosen, "then": then | _ALSO.get(kind, {})}


def _takes(form: KindForm) -> tuple[str, ...]:
    return (*form.required, *form.optional)


def _keys(kind: str) -> Keys:
    """Return what each key that a kind takes holds; what it needs is no `Maybe`."""
    form = KINDS[kind]
    keys: Keys = {}
    for key, value in RULE_KEYS.items():
        if key in form.required and isinstance(value, Maybe):
            keys[key] = value.form
        elif key in (*ALWAYS, *ANY_KIND, *_takes(form)):
            keys[key] = value
    return keys | {"modality": Choice(form.modalities)}


def _refuse_keys(parts: dict[str, Part], part: Part, kind: str) -> None:
    form = KINDS[kind]
    known = (*ALWAYS, *ANY_KIND, *_takes(form))
    for key, each in parts.items():
        if key not in known:
            own = f"; of its own {kind} takes: {', '.join(_takes(form))}"
            problem = f"key is {key!r}, must be one of: {', '.join(known)}{own}"
            raise BadAgreement(each.where, problem)
    for key in (*ALWAYS, *form.required):
        if key not in parts:
            needs = f"{kind} needs: {', '.join((*ALWAYS, *form.required))}"
            raise BadAgreement(part.where, f"key {key!r} is missing, {needs}")


def _rule(filled: Filled, kind: str) -> Rule:
    given = filled.parts
    if kind == "obligation" and ("deadline" in given) == ("notice" in given):
        problem = "obligation needs exactly one of: deadline, notice"
        raise BadAgreement(
            filled.where(), f"{'both are' if 'notice' in given else 'neither is'} given, {problem}"
        )
    if kind == "protected_object":
        _refuse_objects(filled)
    values: dict[str, Any] = filled.values | {"modality": Modality(filled.values["modality"])}
    values["who"] = filled.names.parties if values["who"] is None else values["who"]
    unused = {key: form.default for key, form in RULE_KEYS.items() if isinstance(form, Maybe)}
    return Rule(**(unused | values))


def _refuse_objects(filled: Filled) -> None:
    given = filled.parts
    if not ("zone" in given or "object_list" in given):
        raise BadAgreement(
            filled.where(), "neither is given, protected_object needs: zone or object_list"
        )
    if ("object_list" in given) != ("radius_m" in given):
        lone, lacks = "object_list", "radius_m"
        if "radius_m" in given:
            lone, lacks = lacks, lone
        raise BadAgreement(
            filled.where(lone), f"{lone} is given without {lacks}, must come with it"
        )
