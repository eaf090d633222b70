"""Read an agreement file: strict, every refusal with its line.

The format is `trucewatch/agreement/v1`. Keys may be added to it, never changed or taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.definition import Clarity, Definition
from trucewatch.agreement.outline import polygon_of
from trucewatch.agreement.part import read_part
from trucewatch.agreement.party import Party, Role
from trucewatch.agreement.rule import COUNTING_RULES, Modality, Rule, Thresholds
from trucewatch.agreement.zone import Edges, Zone
from trucewatch.errors import BadAgreement
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trucewatch.agreement.part import Part

SCHEMA = "trucewatch/agreement/v1"

_REQUIRED = (
    *("schema", "id", "version", "title", "exercise", "status", "effective", "expires"),
    *("parties", "zones", "rules"),
)
_OPTIONAL = ("definitions", "exemptions", "note")
_RULE_REQUIRED = ("id", "kind", "clause", "source", "modality", "acts", "zone")
_RULE_OPTIONAL = ("who", "terms", "counting_rule", "thresholds")
_PROBABILITIES = (
    *("inside_p_min", "outside_p_max"),
    *("act_p_potential", "act_p_on_its_face", "real_p_on_its_face"),
)
_ORDERED = (
    ("outside_p_max", "inside_p_min", True),
    ("act_p_potential", "act_p_on_its_face", False),
)
_NAME = r"[a-z0-9][a-z0-9-]{0,63}"  # of an agreement: it enters file names
_ID = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
_KIND = r"[a-z][a-z0-9_]{0,63}"


def parse(raw: bytes, *, name: str) -> Agreement:
    """Return the agreement in a file.

    Args:
        raw: The bytes of the file, UTF-8 YAML.
        name: How to name the file in an error message, such as `exercise-box.yaml`.

    Raises:
        BadAgreement: The file is not in the format or contradicts itself; the message names the
            line, what was found and what was expected.
    """
    top = read_part(raw, name=name)
    fields = top.fields(_REQUIRED, _OPTIONAL)
    fields["schema"].one_of([SCHEMA])
    effective, expires = _span(fields["effective"], fields["expires"])
    status = Status(fields["status"].one_of(Status))
    if status is Status.IN_FORCE and effective is None:
        problem = "status is in_force and effective is null, must have a date of effect"
        raise BadAgreement(fields["status"].where, problem)
    if "exemptions" in fields and fields["exemptions"].items():
        raise BadAgreement(
            fields["exemptions"].where, "exemptions are not supported yet, must be empty"
        )
    parties = _each(fields["parties"], _party)
    definitions = _definitions(fields.get("definitions"))
    zones = _each(fields["zones"], _zone)
    names = _Names(
        parties=tuple(party.id for party in parties if party.role is Role.PARTY),
        zones=tuple(zone.id for zone in zones),
        terms=tuple(definitions),
    )
    rules = _each(fields["rules"], lambda part: _rule(part, names))
    return Agreement(
        id=fields["id"].word(_NAME),
        version=fields["version"].integer(least=1),
        title=fields["title"].text(),
        exercise=fields["exercise"].truth(),
        status=status,
        effective=effective,
        expires=expires,
        parties=parties,
        definitions=definitions,
        zones=zones,
        rules=rules,
        exemptions=(),
        note=_text_or_empty(fields.get("note")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What a rule may refer to."""

    parties: tuple[str, ...]
    zones: tuple[str, ...]
    terms: tuple[str, ...]


_Noun = TypeVar("_Noun", Party, Zone, Rule)


def _each(part: Part, build: Callable[[Part], _Noun]) -> tuple[_Noun, ...]:
    """Return what `build` makes of each item of a list.

    Raises:
        BadAgreement: Two items have the same id.
    """
    found: dict[str, _Noun] = {}
    for item in part.items():
        noun = build(item)
        if noun.id in found:
            raise BadAgreement(
                item.where, f"id {noun.id} is given twice in {part.key}, must be given once"
            )
        found[noun.id] = noun
    return tuple(found.values())


def _party(part: Part) -> Party:
    fields = part.fields(("id", "role"), ("text",))
    party_id = fields["id"].word(_ID)
    return Party(
        id=party_id,
        role=Role(fields["role"].named(f"party {party_id}").one_of(Role)),
        text=_text_or_empty(fields.get("text")),
    )


def _definitions(part: Part | None) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for term, entry in ({} if part is None else part.entries()).items():
        fields = entry.named(f"term {term}").fields(("state", "text"))
        found[term] = Definition(
            term=term,
            state=Clarity(fields["state"].one_of(Clarity)),
            text=fields["text"].text(),
        )
    return found


def _zone(part: Part) -> Zone:
    zone_id = part.fields(("id", "class", "polygon"), ("edges", "valid", "text"))["id"].word(_ID)
    fields = part.named(f"zone {zone_id}").entries()
    since, until = None, None
    if "valid" in fields:
        valid = fields["valid"].fields(("since", "until"))
        since, until = _span(valid["since"], valid["until"])
    return Zone(
        id=zone_id,
        kind=fields["class"].word(_KIND),
        polygon=polygon_of(fields["polygon"]),
        edges=Edges(fields["edges"].one_of(Edges)) if "edges" in fields else Edges.STRAIGHT,
        since=since,
        until=until,
        text=_text_or_empty(fields.get("text")),
    )


def _rule(part: Part, names: _Names) -> Rule:
    rule_id = part.fields(_RULE_REQUIRED, _RULE_OPTIONAL)["id"].word(_ID)
    fields = part.named(f"rule {rule_id}").entries()
    acts = tuple(name for name, kind in HAPPENINGS.items() if kind.act)
    count = fields.get("counting_rule")
    return Rule(
        id=rule_id,
        kind=fields["kind"].word(_KIND),
        clause=fields["clause"].text(),
        source=fields["source"].text(),
        modality=Modality(fields["modality"].one_of(Modality)),
        acts=_choices(fields["acts"], acts),
        zone=fields["zone"].one_of(names.zones),
        who=_choices(fields["who"], names.parties) if "who" in fields else names.parties,
        terms=_choices(fields["terms"], names.terms) if "terms" in fields else (),
        counting_rule="" if count is None else count.one_of(COUNTING_RULES),
        thresholds=_thresholds(fields.get("thresholds")),
    )


def _choices(part: Part, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return a list of names out of those allowed.

    Raises:
        BadAgreement: The list is empty or names one twice.
    """
    found: list[str] = []
    for item in part.items():
        choice = item.one_of(allowed)
        if choice in found:
            raise BadAgreement(
                item.where, f"{choice} is listed twice in {part.key}, must be listed once"
            )
        found.append(choice)
    if not found:
        raise BadAgreement(part.where, f"{part.key} is empty, must name at least one")
    return tuple(found)


def _thresholds(part: Part | None) -> Thresholds:
    if part is None:
        return Thresholds()
    preset = Thresholds()
    fields = part.fields((), (*_PROBABILITIES, "independent_min"))
    chosen_p = {
        key: fields[key].number(0, 1) if key in fields else getattr(preset, key)
        for key in _PROBABILITIES
    }
    least = fields.get("independent_min")
    independent_min = preset.independent_min if least is None else least.integer(least=1)
    chosen = Thresholds(**chosen_p, independent_min=independent_min)
    for low, high, strict in _ORDERED:
        low_p, high_p = chosen_p[low], chosen_p[high]
        if low_p > high_p or (strict and low_p == high_p):
            bound = "below" if strict else "at most"
            raise BadAgreement(
                part.where, f"{low} is {low_p}, must be {bound} {high}, which is {high_p}"
            )
    return chosen


def _span(start: Part, end: Part) -> tuple[datetime | None, datetime | None]:
    """Return two instants, either of which may be null.

    Raises:
        BadAgreement: The second is not after the first.
    """
    since = None if start.is_null() else start.instant()
    until = None if end.is_null() else end.instant()
    if until is not None and since is not None and until <= since:
        problem = f"{end.key} is {until.isoformat()}, must be after {since.isoformat()}"
        raise BadAgreement(end.where, problem)
    return since, until


def _text_or_empty(part: Part | None) -> str:
    return "" if part is None else part.text()
