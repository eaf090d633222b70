"""Who watches and who decides."""

from __future__ import annotations

from trucewatch.agreement.kinds import MATTERS
from trucewatch.agreement.mechanism import (
    Act,
    Body,
    Means,
    Mechanism,
    Member,
    Remedy,
    Standard,
    Topic,
    Voting,
)
from trucewatch.agreement.reading.form import (
    ID,
    KIND,
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
from trucewatch.agreement.reading.record import ByKey, Each, Filled, Maybe, Record, plain
from trucewatch.agreement.reading.rules import HOURS_MAX
from trucewatch.errors import BadAgreement
from trucewatch.records.happening import HAPPENINGS

_SEATS_MAX = 10_000
_BINDING = ("yes", "no", "undefined")

MEMBER = Record(
    build=plain(Member),
    keys={"who": Text(), "seats": Whole(1, _SEATS_MAX), "vote": Truth()},
)


def _body(filled: Filled) -> Body:
    body = Body(**filled.values)
    if body.id in filled.names.known["people"]:
        problem = f"id {body.id} is also that of a participant, must be another one"
        raise BadAgreement(filled.where("id"), problem)
    if body.next == body.id:
        raise BadAgreement(filled.where("next"), f"next is {body.id} itself, must be another body")
    names = [member.who for member in body.members]
    for place, who in enumerate(names):
        if who in names[:place]:
            problem = f"{who} is listed twice in members, must be listed once"
            raise BadAgreement(filled.where("members"), problem)
    return body


BODY = Record(
    noun="body",
    build=_body,
    keys={
        "id": Word(ID),
        "title": Text(),
        "functions": Maybe(Many(Text()), ()),
        "members": Maybe(Many(MEMBER, once=False), ()),
        "quorum": Maybe(OrNull(Whole(1, _SEATS_MAX)), None),
        "voting": Choice(Voting),
        "chair": Maybe(Text()),
        "publishes": Maybe(Text()),
        "next": Maybe(Reference("bodies")),
        "within_h": Maybe(OrNull(Number(0, HOURS_MAX, above=True)), None),
        "text": Maybe(Text()),
    },
)

MEANS = Record(
    noun="means",
    build=plain(Means),
    keys={
        "id": Word(ID),
        "kind": Word(KIND),
        "observes": Many(Choice((*HAPPENINGS, *MATTERS)), least=1),
        "delay_h": Number(0, HOURS_MAX),
        "zones": Maybe(Many(Reference("zones"), least=1), ()),
        "cover_share": Number(0, 1),
        "operator": Text(),
        "accepted_by": Many(Reference("parties")),
        "text": Maybe(Text()),
    },
)

REMEDY = Record(
    noun="remedy",
    build=plain(Remedy),
    keys={
        "id": Word(ID),
        "does": Choice(Act),
        "text": Text(),
        "by": Reference("addressees"),
        "within_h": Maybe(OrNull(Number(0, HOURS_MAX, above=True)), None),
        "standard": Choice(Standard),
        "binding": Choice(_BINDING),
    },
)


def _mechanism(filled: Filled) -> Mechanism:
    chosen = {Topic(topic): kept for topic, kept in filled.values["standards"].items()}
    standards = tuple((topic, chosen[topic]) for topic in Topic if topic in chosen)
    return Mechanism(**(filled.values | {"standards": standards}))


MECHANISM = Record(
    build=_mechanism,
    keys={
        "bodies": Maybe(Each(BODY), ()),
        "means": Maybe(Each(MEANS), ()),
        "standards": Maybe(ByKey(Choice(Topic), Choice(Standard)), {}),
        "remedies": Maybe(Each(REMEDY), ()),
    },
)
