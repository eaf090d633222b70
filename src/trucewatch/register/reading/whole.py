"""The top of a register file: its keys, and the ids that its parts may refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.reading.form import ID, NAME, Choice, Names, Text, Truth, Word
from trucewatch.agreement.reading.record import ByKey, Each, Keys, Maybe
from trucewatch.register.reading.claims import CLAIM
from trucewatch.register.reading.form import Day
from trucewatch.register.reading.plans import MEASURE, REQUIREMENT, STEP, TIER
from trucewatch.register.reading.things import ACTOR, ATOM, ATTRIBUTE, INSTRUMENT, SOURCE

if TYPE_CHECKING:
    from trucewatch.agreement.part import Part
    from trucewatch.records.claims.register import Register

SCHEMA = "trucewatch/register/v1"

LISTS: Keys = {
    "sources": Maybe(Each(SOURCE), ()),
    "actors": Maybe(Each(ACTOR), ()),
    "atoms": Maybe(Each(ATOM), ()),
    "attributes": Maybe(Each(ATTRIBUTE), ()),
    "domains": Maybe(ByKey(Word(ID), Text()), {}),
    "topics": Maybe(ByKey(Word(ID), Text()), {}),
    "instruments": Maybe(Each(INSTRUMENT), ()),
    "claims": Maybe(Each(CLAIM), ()),
    "requirements": Maybe(Each(REQUIREMENT), ()),
    "steps": Maybe(Each(STEP), ()),
    "tiers": Maybe(Each(TIER), ()),
    "measures": Maybe(Each(MEASURE), ()),
}
"""What both kinds of file may hold, in the order in which it is read."""

WHOLE: Keys = {
    "schema": Choice((SCHEMA,)),
    "id": Word(NAME),
    "title": Text(),
    "invented": Truth(),
    "as_of": Day(),
    "host": Word(ID),
    **LISTS,
    "note": Maybe(Text()),
}
"""A register of its own."""

ADDED: Keys = {
    "schema": Choice((SCHEMA,)),
    "extends": Word(NAME),
    "as_of": Day(),
    **LISTS,
    "note": Maybe(Text()),
}
"""More of a register that was loaded before: new claims, some of which supersede others."""


def names_of(parts: dict[str, Part], before: Register | None) -> Names:
    """Return what the parts of a file may refer to: in it, and in the register that it extends.

    A list that is none is a `BadAgreement`.
    """
    known: dict[str, tuple[str, ...]] = {}
    for key in ("sources", "actors", "atoms", "attributes", "instruments", "claims", "tiers"):
        earlier = () if before is None else tuple(each.id for each in getattr(before, key))
        known[key] = earlier + _ids(parts.get(key))
    for key in ("domains", "topics"):
        earlier = () if before is None else tuple(getattr(before, key))
        known[key] = earlier + (tuple(parts[key].entries()) if key in parts else ())
    provisions = (
        () if before is None else tuple(p.id for i in before.instruments for p in i.provisions)
    )
    provisions += _inner(parts.get("instruments"), "provisions")
    known["things"] = known["instruments"] + provisions + known["topics"]
    known["objects"] = known["actors"] + known["things"]
    for attribute in () if before is None else before.attributes:
        known[f"answers to {attribute.id}"] = tuple(attribute.values)
    for item in parts["attributes"].items() if "attributes" in parts else ():
        entry = item.entries()
        if "id" in entry and "values" in entry:
            known[f"answers to {entry['id'].text()}"] = tuple(entry["values"].entries())
    return Names(known=known)


def _ids(part: Part | None) -> tuple[str, ...]:
    """Return the ids in a list; a thing without one is refused when it is read itself."""
    entries = [] if part is None else [item.entries() for item in part.items()]
    return tuple(entry["id"].text() for entry in entries if "id" in entry)


def _inner(part: Part | None, key: str) -> tuple[str, ...]:
    entries = [] if part is None else [item.entries() for item in part.items()]
    return tuple(each for entry in entries if key in entry for each in _ids(entry[key]))
