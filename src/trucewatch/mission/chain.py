"""The chain of an object as the log holds it: what was done with it, and what was said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.custodian import custody_acts
from trucewatch.evidence.custody import check_custody
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import ASSERTED, CUSTODY, EXCULPATORY
from trucewatch.mission.configuration import opened_statements
from trucewatch.records.assertion import read_assertion
from trucewatch.records.exculpatory import read_exculpatory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.custodian import Acted
    from trucewatch.evidence.custody import Step
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.home import Home
    from trucewatch.records.assertion import Assertion
    from trucewatch.records.canonical import Json
    from trucewatch.records.exculpatory import Exculpatory

CUSTODY_TYPE = STATEMENT_PREFIX + CUSTODY
ASSERTED_TYPE = STATEMENT_PREFIX + ASSERTED
EXCULPATORY_TYPE = STATEMENT_PREFIX + EXCULPATORY

_NEITHER = "is neither an entry nor 12 hex digits of an object, expected one of them"
_ENTRY = re.compile(r"0|[1-9][0-9]{0,8}")
_OBJECT = re.compile(r"[0-9a-f]{12,64}")  # fewer digits are an entry, or a slip of the key
_WHOLE = 64
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """An object with all that was done with it and said of it.

    Attributes:
        object: SHA-256 of its bytes as stored.
        sealed: Every entry that seals it, by index.
        custodian: Who has it: the desk, or a person's name.
        offer: The open offer, if there is one.
        erased: Entry of the statement that erased it, if one did.
        steps: Its chain, in the order of the log.
        assertions: That it holds a conclusion without its data.
        marks: For whom it speaks.
    """

    object: str
    sealed: dict[int, Entry]
    custodian: str
    offer: Acted | None
    erased: int | None
    steps: list[Step]
    assertions: list[Assertion]
    marks: list[Exculpatory]


def chain(home: Home, asked: str) -> Chain:
    """Return the chain of an object, every signature in it verified.

    Args:
        home: The mission.
        asked: The object, as `resolved` takes it.
    """
    with Log.open(home.expect().path) as log:
        object_ = resolved(log, asked)
        kinds = {CUSTODY_TYPE, ASSERTED_TYPE, EXCULPATORY_TYPE}
        keyring, found = opened_statements(log, log.size, kinds)
        acts = custody_acts(found, keyring)
        chains = check_custody(acts, log.entries(), also={object_})
        return Chain(
            object=object_,
            sealed={index: log.entry(index) for index in log.indices_of(object_)},
            custodian=chains.custodian_of(object_),
            offer=chains.open_offer(object_),
            erased=chains.erased(object_),
            steps=chains.chain_of(object_),
            assertions=_said(found, ASSERTED, object_, read_assertion),
            marks=_said(found, EXCULPATORY, object_, read_exculpatory),
        )


def assertions(log: Log, size: int) -> dict[str, Assertion]:
    """Return the conclusions without data in the first `size` entries, by the object they are of.

    Of several about one object the newest is returned.
    """
    found = opened_statements(log, size, {ASSERTED_TYPE})[1]
    return {
        subject.sha256: _read(statement, index, read_assertion)
        for index, statement in found
        for subject in statement.subjects
    }


def resolved(log: Log, asked: str) -> str:
    """Return the SHA-256 (hex) of the object that a person means.

    Args:
        log: The mission's log.
        asked: The number of an entry, or the hash or its beginning, at least 12 digits.

    Raises:
        NotFound: There is none, or more than one.
    """
    if _ENTRY.fullmatch(asked):
        return log.entry(int(asked)).object
    if not _OBJECT.fullmatch(asked):
        raise NotFound(asked[:80], _NEITHER)
    if len(asked) == _WHOLE:
        found = {asked} if log.indices_of(asked) else set()
    else:
        found = {entry.object for _, entry in log.entries() if entry.object.startswith(asked)}
    return _only(found, asked)


def resolved_among(objects: Sequence[str], asked: str) -> str:
    """Return the SHA-256 (hex) that a person means, where there are objects and no log.

    Args:
        objects: The object of each entry.
        asked: As `resolved` takes it.

    Raises:
        NotFound: There is none, or more than one.
    """
    if _ENTRY.fullmatch(asked):
        if int(asked) >= len(objects):
            problem = f"entry {asked} does not exist, must be 0 to {len(objects) - 1}"
            raise NotFound("log", problem)
        return objects[int(asked)]
    if not _OBJECT.fullmatch(asked):
        raise NotFound(asked[:80], _NEITHER)
    return _only({each for each in objects if each.startswith(asked)}, asked)


def _only(found: set[str], asked: str) -> str:
    if len(found) != 1:
        raise NotFound(asked, f"begins {len(found)} objects of the log, expected one")
    return next(iter(found))


class _Reader(Protocol[T_co]):
    def __call__(self, predicate: Mapping[str, Json], *, entry: int) -> T_co: ...


def _said(
    found: Sequence[tuple[int, Statement]], kind: str, object_: str, read: _Reader[T]
) -> list[T]:
    return [
        _read(statement, index, read)
        for index, statement in found
        if statement.type == kind and object_ in {s.sha256 for s in statement.subjects}
    ]


def _read(statement: Statement, index: int, read: _Reader[T]) -> T:
    try:
        return read(statement.predicate, entry=index)
    except BadInput as error:  # it was readable when it was sealed
        raise EvidenceBroken(error.where, error.problem) from error
