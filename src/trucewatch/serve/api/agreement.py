"""The agreement as the software reads it: versions, parties, zones, lines and rules."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import NotFound
from trucewatch.mission.register_json import as_json
from trucewatch.serve.api._asked import instant_word, resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._agreed_texts import IN_FORCE, reading

if TYPE_CHECKING:
    from trucewatch.agreement.line import Line as AgreedLine
    from trucewatch.agreement.rule import Rule as AgreedRule
    from trucewatch.agreement.zone import Zone as AgreedZone
    from trucewatch.serve.pages._agreed_texts import Reading, Text

_WORDS = (
    word("version", "Which version, by number.", type=OpenAPIType.INTEGER, minimum=1),
    instant_word("asof", "The version in force at this instant; not together with version."),
)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version as it was sealed.

    Attributes:
        version: Its number.
        sealed: Entry that seals it.
        sealed_at: When the log acknowledged it.
        since: First instant at which it is in force; null where it never is.
        until: First instant at which it no longer is, or null.
        in_force: Whether it is in force at the moment that is asked for.
    """

    version: int
    sealed: int
    sealed_at: datetime
    since: datetime | None
    until: datetime | None
    in_force: bool


class AgreedParty(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is bound, or has a part in it."""

    id: str
    role: str
    text: str
    accession: str


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A zone; place and words are null where these are not for who asks.

    Attributes:
        id: Its id.
        kind: Class of zone.
        restricted: Whether its place is for the mission alone.
        since: First instant, or null.
        until: First instant after it, or null.
        polygon: (lon, lat) of its corners, WGS 84; empty where it is drawn by lines or discs.
        text: Its words.
        shape: Belts, discs and heights, as the text has them.
    """

    id: str
    kind: str
    restricted: bool
    since: datetime | None
    until: datetime | None
    polygon: list[tuple[float, float]] | None
    text: str | None
    shape: dict[str, Any] | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A reference line.

    Attributes:
        id: Its id.
        status: What it is.
        accuracy_m: One standard deviation across, or null.
        since: First instant, or null.
        until: First instant after it, or null.
        points: (lon, lat), WGS 84.
        text: Its words.
    """

    id: str
    status: str
    accuracy_m: float | None
    since: datetime | None
    until: datetime | None
    points: list[tuple[float, float]]
    text: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule.

    Attributes:
        id: Its id.
        kind: Which question it asks.
        clause: The words of the text.
        source: Where they stand.
        modality: Whether it forbids, orders or allows.
        acts: Kinds of happening that it is about.
        zone: Where it holds, by id, or "" for everywhere.
        who: Whom it binds, by id.
        counting_rule: How it counts.
        exemptions: By id.
        severity: How it is told.
        reading: Everything that the software reads in it, by name.
    """

    id: str
    kind: str
    clause: str
    source: str
    modality: str
    acts: list[str]
    zone: str
    who: list[str]
    counting_rule: str
    exemptions: list[str]
    severity: str
    reading: dict[str, Any]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the agreement.

    Attributes:
        id: Of the agreement.
        version: Number of this version.
        title: Its title.
        exercise: Whether it is made up.
        status: What the text says of itself.
        effective: When it says that it begins, or null.
        expires: When it says that it ends, or null.
        object: SHA-256 of the sealed text; null where it tells a place that is not for who asks.
        versions: Every version.
        parties: Who has a part in it.
        zones: Where it holds.
        lines: What distances are measured from.
        rules: What it says.
    """

    id: str
    version: int
    title: str
    exercise: bool
    status: str
    effective: datetime | None
    expires: datetime | None
    object: str | None
    versions: list[Version]
    parties: list[AgreedParty]
    zones: list[Zone]
    lines: list[Line]
    rules: list[Rule]


@resource("/agreement", *_WORDS)
def agreement_json(ask: Ask) -> Agreement:
    """Return the version in force now, or the one that is asked for."""
    ask.expect(What.AGREEMENT)
    read = reading(ask)
    text = read.agreement
    ours = ask.viewer.role is Role.MISSION
    return Agreement(
        id=text.id,
        version=text.version,
        title=text.title,
        exercise=text.exercise,
        status=str(text.status),
        effective=text.effective,
        expires=text.expires,
        object=read.text.object if read.may_open else None,
        versions=[_version(read, each) for each in read.texts],
        parties=[msgspec.convert(as_json(each), AgreedParty) for each in text.parties],
        zones=[_zone(each, shown=ours or not each.restricted) for each in text.zones],
        lines=[_line(each) for each in text.lines],
        rules=[_rule(each) for each in text.rules],
    )


@resource("/agreement/rules/{name:str}", *_WORDS)
def rule_json(ask: Ask, name: FromPath[str]) -> Rule:
    """Return one rule of a version.

    Raises:
        NotFound: The version has none of that id.
    """
    ask.expect(What.AGREEMENT)
    read = reading(ask)
    for each in read.agreement.rules:
        if each.id == name:
            return _rule(each)
    raise NotFound(name[:60], f"is no rule of version {read.text.number}")


def _version(read: Reading, text: Text) -> Version:
    return Version(
        version=text.number,
        sealed=text.sealed,
        sealed_at=text.sealed_at,
        since=text.since,
        until=text.until,
        in_force=text.stand(read.moment) is IN_FORCE,
    )


def _zone(zone: AgreedZone, *, shown: bool) -> Zone:
    told = as_json({"belts": zone.belts, "discs": zone.discs, "altitude": zone.altitude})
    return Zone(
        id=zone.id,
        kind=zone.kind,
        restricted=zone.restricted,
        since=zone.since,
        until=zone.until,
        polygon=list(zone.polygon) if shown else None,
        text=zone.text if shown else None,
        shape=msgspec.convert(told, dict[str, Any]) if shown else None,
    )


def _line(line: AgreedLine) -> Line:
    return Line(
        id=line.id,
        status=str(line.status),
        accuracy_m=line.accuracy_m,
        since=line.since,
        until=line.until,
        points=list(line.points),
        text=line.text,
    )


def _rule(rule: AgreedRule) -> Rule:
    told = msgspec.convert(as_json(rule), dict[str, Any])
    return msgspec.convert({**told, "reading": told}, Rule)


ROUTES = (agreement_json, rule_json)
