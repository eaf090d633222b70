"""What claims are about: sources, actors, instruments, questions."""

from __future__ import annotations

from trucewatch.agreement.reading.form import (
    ID,
    SHA256,
    Choice,
    Many,
    OrNull,
    Reference,
    Text,
    Whole,
    Word,
)
from trucewatch.agreement.reading.record import ByKey, Each, Filled, Maybe, Record, plain
from trucewatch.errors import BadAgreement
from trucewatch.records.claims.actor import Actor, ActorKind
from trucewatch.records.claims.attribute import Answers, Attribute
from trucewatch.records.claims.condition import Atom, ConditionKind
from trucewatch.records.claims.instrument import (
    Clause,
    Instrument,
    InstrumentKind,
    Provision,
    TextState,
    TextVersion,
)
from trucewatch.records.claims.source import Paragraph, Source, SourceKind
from trucewatch.register.reading.form import SOURCE_ID, ConditionForm, Day, LinesForm, Read

_LINES_MAX = 99_999


def _paragraph(filled: Filled) -> Paragraph:
    first, last = filled.values["lines"]
    return Paragraph(first=first, last=last, reason=filled.values["reason"])


PARAGRAPH = Record(build=_paragraph, keys={"lines": LinesForm(), "reason": Text()})


def _source(filled: Filled) -> Source:
    source = Source(**filled.values)
    for each in source.silent:
        if each.last > source.lines:
            problem = f"silent line {each.last} is not there, must be at most {source.lines}"
            raise BadAgreement(filled.where("silent"), problem)
    return source


SOURCE = Record(
    build=_source,
    keys={
        "id": Word(SOURCE_ID),
        "outlet": Text(),
        "title": Text(),
        "kind": Choice(SourceKind),
        "published": OrNull(Day()),
        "sha256": Maybe(Word(SHA256)),
        "lines": Maybe(Whole(0, _LINES_MAX), 0),
        "silent": Maybe(Many(PARAGRAPH, once=False), ()),
        "note": Maybe(Text()),
    },
)

ACTOR = Record(
    noun="actor",
    build=plain(Actor),
    keys={
        "id": Word(ID),
        "name": Text(),
        "kind": Choice(ActorKind),
        "member_of": Maybe(Many(Reference("actors")), ()),
        "also": Maybe(Many(Text()), ()),
        "speaks_for": Maybe(Reference("actors")),
    },
)

ATOM = Record(
    noun="condition",
    build=plain(Atom),
    keys={
        "id": Word(ID),
        "kind": Choice(ConditionKind),
        "text": Text(),
        "of": Maybe(Reference("actors")),
    },
)


def _attribute(filled: Filled) -> Attribute:
    attribute = Attribute(**filled.values)
    for value, wider in attribute.within.items():
        for each in (value, *wider):
            if each not in attribute.values:
                known = ", ".join(attribute.values)
                problem = f"{each} is not among the values, must be one of: {known}"
                raise BadAgreement(filled.where("within"), problem)
    return attribute


ATTRIBUTE = Record(
    noun="attribute",
    build=_attribute,
    keys={
        "id": Word(ID),
        "text": Text(),
        "answers": Choice(Answers),
        "values": ByKey(Word(ID), Text()),
        "within": Maybe(ByKey(Word(ID), Many(Word(ID), least=1)), {}),
    },
)

TEXT_VERSION = Record(
    noun="text",
    build=plain(TextVersion),
    keys={
        "id": Word(ID),
        "state": Choice(TextState),
        "day": OrNull(Day()),
        "source": Read("sources"),
        "seen": Maybe(Text()),
    },
)

CLAUSE = Record(
    noun="clause",
    build=plain(Clause),
    keys={
        "id": Word(ID),
        "text": Text(),
        "stands_in": Many(Word(ID)),
        "missing_in": Many(Word(ID)),
        "source": Read("sources"),
        "of": Maybe(Many(Reference("actors")), ()),
        "claims": Maybe(Many(Read("claims")), ()),
    },
)

PROVISION = Record(
    noun="provision",
    build=plain(Provision),
    keys={
        "id": Word(ID),
        "number": Maybe(Text()),
        "topic": Word(ID),
        "text": Text(),
        "condition": Maybe(OrNull(ConditionForm()), None),
    },
)


def _instrument(filled: Filled) -> Instrument:
    instrument = Instrument(**filled.values)
    versions = [each.id for each in instrument.texts]
    for clause in instrument.clauses:
        for version in (*clause.stands_in, *clause.missing_in):
            if version not in versions:
                known = ", ".join(versions) or "none is declared"
                problem = f"clause {clause.id} names text {version}, must be one of: {known}"
                raise BadAgreement(filled.where("clauses"), problem)
    return instrument


INSTRUMENT = Record(
    noun="instrument",
    build=_instrument,
    keys={
        "id": Word(ID),
        "name": Text(),
        "kind": Choice(InstrumentKind),
        "day": OrNull(Day()),
        "parties": Maybe(Many(Reference("actors")), ()),
        "also": Maybe(Many(Text()), ()),
        "texts": Maybe(Each(TEXT_VERSION), ()),
        "clauses": Maybe(Each(CLAUSE), ()),
        "provisions": Maybe(Each(PROVISION), ()),
        "note": Maybe(Text()),
    },
)
