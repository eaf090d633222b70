"""The top of an agreement file: its keys, and the ids that its parts may refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.mechanism import Mechanism
from trucewatch.agreement.party import Role
from trucewatch.agreement.reading.form import (
    NAME,
    Choice,
    Instant,
    Names,
    OrNull,
    Text,
    Truth,
    Whole,
    Word,
)
from trucewatch.agreement.reading.mechanism import MECHANISM
from trucewatch.agreement.reading.people import DEFINITION, PARTY
from trucewatch.agreement.reading.places import LINE, ZONE
from trucewatch.agreement.reading.provisions import PROVISIONS
from trucewatch.agreement.reading.record import ByKey, Each, Keys, Maybe
from trucewatch.agreement.reading.rules import RuleForm
from trucewatch.agreement.reading.weapons import EXEMPTION, WEAPON

if TYPE_CHECKING:
    from trucewatch.agreement.part import Part
    from trucewatch.agreement.party import Party

SCHEMA = "trucewatch/agreement/v1"
_VERSION_MAX = 4_294_967_295  # it enters an unsigned 32-bit column

WHOLE: Keys = {
    "schema": Choice((SCHEMA,)),
    "id": Word(NAME),
    "version": Whole(1, _VERSION_MAX),
    "title": Text(),
    "exercise": Truth(),
    "status": Choice(Status),
    "effective": OrNull(Instant()),
    "expires": OrNull(Instant()),
    "parties": Each(PARTY),
    "definitions": Maybe(ByKey(Text(), DEFINITION, "term"), {}),
    "lines": Maybe(Each(LINE), ()),
    "zones": Each(ZONE),
    "weapons": Maybe(Each(WEAPON), ()),
    "rules": Each(RuleForm()),
    "exemptions": Maybe(Each(EXEMPTION), ()),
    **PROVISIONS,
    "mechanism": Maybe(MECHANISM, Mechanism()),
    "note": Maybe(Text()),
}
"""What each key at the top holds, in the order in which they are read."""

_LISTS = {
    "zones": "zones",
    "lines": "lines",
    "weapons": "weapons",
    "exemptions": "exemptions",
    "notices": "notices",
    "sequences": "sequences",
    "windows": "windows",
    "object_lists": "lists",
}
"""Lists whose things are referred to, and what `Reference` calls each."""


def names_of(parts: dict[str, Part]) -> Names:
    """Return what the parts of a file may refer to, before they are read for themselves.

    A participant that is not well formed, or a list that is none, is a `BadAgreement`.
    """
    participants: tuple[Party, ...] = Each(PARTY).read(parts["parties"], Names())
    people = tuple(participant.id for participant in participants)
    known = {name: _ids(parts.get(key)) for key, name in _LISTS.items()}
    bodies: tuple[str, ...] = ()
    if "mechanism" in parts:
        bodies = _ids(parts["mechanism"].entries().get("bodies"))
    terms = tuple(parts["definitions"].entries()) if "definitions" in parts else ()
    known |= {"people": people, "bodies": bodies, "terms": terms, "addressees": people + bodies}
    parties = tuple(each.id for each in participants if each.role is Role.PARTY)
    return Names(parties=parties, known=known)


def _ids(part: Part | None) -> tuple[str, ...]:
    """Return the ids in a list; a thing without one is refused when it is read itself."""
    entries = [] if part is None else [item.entries() for item in part.items()]
    return tuple(entry["id"].text() for entry in entries if "id" in entry)
