"""Participants, and what the words of the agreement mean."""

from __future__ import annotations

from trucewatch.agreement.definition import Clarity, Definition
from trucewatch.agreement.party import Accession, Party, Role
from trucewatch.agreement.reading.form import ID, Choice, Reference, Text, Word
from trucewatch.agreement.reading.record import ByKey, Filled, Maybe, Record, plain

PARTY = Record(
    noun="party",
    build=plain(Party),
    keys={
        "id": Word(ID),
        "role": Choice(Role),
        "text": Maybe(Text()),
        "accession": Maybe(Choice(Accession), Accession.ACCEDED),
    },
)


def _definition(filled: Filled) -> Definition:
    readings = tuple(filled.values.pop("readings").items())
    return Definition(term=filled.part.key, readings=readings, **filled.values)


DEFINITION = Record(
    build=_definition,
    keys={
        "state": Choice(Clarity),
        "text": Text(),
        "readings": Maybe(ByKey(Reference("parties"), Text()), {}),
    },
)
